import Foundation
import HogaCore
import HogaTestKit
import Testing

@Suite("Output for programs")
struct JSONOutputTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test("--json prints one JSON document and nothing else, and no progress is shown off terminals")
  func everyCommand() throws {
    try folder.makeFeatures()
    let learn = ["--features", "features.parquet", "--horizon", "500ms", "--model", "ridge"]
    let commands: [[String]] = [
      [
        "import", "binance-raw", Repository.capture("spot.gz"), "--market", "spot", "--symbol",
        "BTCUSDT", "--lake", "lake",
      ],
      [
        "import", "csv", Repository.file("Tests/HogaImportTests/Fixtures/es.csv.gz"), "--mapping",
        Repository.file("Examples/mappings/es-trades.yaml"), "--lake", "lake",
      ],
      [
        "import", "lobster", Repository.file("Tests/HogaImportTests/Fixtures/lobster.zip"),
        "--symbol", "TEST", "--date", "2012-06-21", "--lake", "lake",
      ],
      ["features"] + TemporaryFolder.market,
      ["features"] + TemporaryFolder.market + ["--out", "f.parquet"],
      ["features", "list"],
      ["evaluate", "--folds", "2"] + learn,
      ["train", "--out", "m.json"] + learn,
      ["predict", "--model", "m.json", "--features", "features.parquet", "--out", "p.parquet"],
      ["backtest", "--strategy", "random", "--size", "0.01", "--taker-fee", "0"]
        + TemporaryFolder.market,
      ["lake", "ls", "--lake", "lake"],
      ["lake", "check", "--lake", "lake", "--venue", "binance-usdm"],
      ["doctor"],
    ]
    for command in commands {
      let run = try CommandLineRun(command + ["--json"], in: folder.path)
      _ = try run.json()
      #expect(run.errors.isEmpty, "\(run)")
      #expect(run.output.hasSuffix("\n") && !run.output.hasSuffix("\n\n"), "\(run)")
      let text = try CommandLineRun(command, in: folder.path).expect(exitCode: 0)
      #expect(text.errors.isEmpty, "\(text)")
      #expect(!text.output.isEmpty && !text.output.contains("\u{1B}"), "\(text)")
      #expect(text.output.hasSuffix("\n") && !text.output.hasSuffix("\n\n"), "\(text)")
    }
  }

  @Test("an error with --json goes to standard error alone")
  func errors() throws {
    try folder.hoga("report", "no-run", "--json").expectFailure(66, saying: "no-run")
  }
}
