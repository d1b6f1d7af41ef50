import Foundation
import HogaTestKit
import Testing

@Suite("Help")
struct HelpTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// The names below `SUBCOMMANDS:` of a help text.
  private static func subcommands(_ help: String) -> [String] {
    guard let heading = help.range(of: "SUBCOMMANDS:\n") else { return [] }
    return help[heading.upperBound...].split(separator: "\n")
      .prefix { $0.hasPrefix("  ") }
      .filter { !$0.hasPrefix("   ") && !$0.hasPrefix("  See ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  @Test("every command says what it does, shows an example and lists its options")
  func everyCommand() throws {
    var waiting: [[String]] = [[]]
    var seen: [String] = []
    while let command = waiting.popLast() {
      let run = try CommandLineRun(command + ["--help"], in: folder.path).expect(exitCode: 0)
      let name = (["hoga"] + command).joined(separator: " ")
      #expect(run.errors.isEmpty, "\(run)")
      let overview = run.output.split(separator: "\n").first ?? ""
      #expect(overview.hasPrefix("OVERVIEW: ") && overview.count > 25, "\(run)")
      #expect(run.output.contains("USAGE: \(name)"), "\(run)")
      let body = run.output.split(separator: "USAGE:").first ?? ""
      #expect(body.contains(command.isEmpty ? "./hoga demo" : "Example: hoga "), "\(run)")
      try expectExampleWorks(run)
      seen.append(name)
      waiting += Self.subcommands(run.output).map { command + [$0] }
    }
    // Some commands hide subcommands behind a default one, so this asks for them by name.
    let hidden = [
      "features list", "features build", "xsection list", "xsection build", "xsection train",
      "xsection predict", "xsection score",
    ]
    for command in hidden where !seen.contains("hoga \(command)") {
      let words = command.split(separator: " ").map(String.init)
      let run = try CommandLineRun(words + ["--help"], in: folder.path)
      #expect(run.expect(exitCode: 0).output.contains("Example: hoga \(words[0])"), "\(run)")
      try expectExampleWorks(run)
    }
    for command in [
      "demo", "run", "fetch binance", "import", "import binance-raw", "import lobster",
      "import csv", "import klines", "features", "lake", "lake ls", "lake check", "check leakage",
      "train", "evaluate", "predict", "clean", "universe", "xsection", "kimchi", "backtest",
      "report", "doctor",
    ] {
      #expect(seen.contains("hoga \(command)"))
    }
  }

  /// The example of a help text has to be whole lines that a shell takes as one command, and a
  /// command that only lacks its files in an empty folder.
  private func expectExampleWorks(_ help: CommandLineRun) throws {
    guard let begin = help.output.range(of: "Example: hoga ")?.upperBound else { return }
    let example = help.output[begin...]
      .split(separator: "\n\n", maxSplits: 1)[0]
    for line in example.split(separator: "\n").dropLast() {
      #expect(line.hasSuffix(" \\"), "the example is broken over lines: \(help)")
    }
    let words = example.split { " \\\n".contains($0) }.map(String.init)
    guard words.first != "demo" else { return }
    let run = try CommandLineRun(words, in: folder.path)
    #expect([0, 66].contains(run.exitCode), "\(run)")
    #expect(folder.files() == [])
  }

  @Test("features' help leads to the list of features")
  func featureList() throws {
    #expect(try folder.hoga("features", "--help").output.contains("hoga features list"))
  }

  @Test("a version is told")
  func version() throws {
    let run = try folder.hoga("--version").expect(exitCode: 0)
    #expect(run.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(run)")
  }

  @Test("commands and options that do not exist are a matter of usage")
  func unknown() throws {
    try folder.hoga("imprt").expectFailure(64, saying: "imprt")
    try folder.hoga("import", "binance").expectFailure(64, saying: "binance")
    try folder.hoga("demo", "--ot", "x").expectFailure(64, saying: "--ot")
    try folder.hoga("features", "--lake", "lake", "--symbol", "A").expectFailure(
      64, saying: "--venue")
    try folder.hoga("train", "--features", "f.parquet", "--model", "forest", "--out", "m.json")
      .expectFailure(64, saying: "forest", "lasso")
    #expect(folder.files() == [])
  }
}
