import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Exit codes and messages")
struct ExitCodeTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test("what is not there is named, with 66")
  func missing() throws {
    let market = ["--venue", "binance-usdm", "--symbol", "BTCUSDT", "--date", "2024-08-08"]
    let cases: [(arguments: [String], named: String)] = [
      (["features", "--lake", "nowhere"] + market + ["--out", "f.parquet"], "nowhere"),
      (["features", "--lake", "nowhere"] + market, "nowhere"),
      (
        ["backtest", "--lake", "nowhere"] + market + [
          "--strategy", "buy-and-hold", "--size", "1", "--taker-fee", "0",
        ],
        "nowhere"
      ),
      (["import", "binance-raw", "no.gz", "--market", "usdm", "--symbol", "BTCUSDT"], "no.gz"),
      (["import", "lobster", "no.zip", "--symbol", "A", "--date", "2012-06-21"], "no.zip"),
      (["import", "csv", "no.csv", "--mapping", "no.yaml"], "no.yaml"),
      (["lake", "ls", "--lake", "nowhere"], "nowhere"),
      (["lake", "check", "--lake", "nowhere"], "nowhere"),
      (["train", "--features", "no.parquet", "--out", "m.json"], "no.parquet"),
      (["evaluate", "--features", "no.parquet"], "no.parquet"),
      (["predict", "--model", "no.json", "--features", "f", "--out", "p"], "no.json"),
      (["run", "no.yaml"], "no.yaml"),
      (["report", "no-run"], "no-run"),
    ]
    for (arguments, named) in cases {
      try CommandLineRun(arguments, in: folder.path).expectFailure(66, saying: "hoga: ", named)
    }
    #expect(folder.files() == [])
  }

  @Test("a market or a day that the lake lacks is named beside what it has")
  func missingPartition() throws {
    try folder.importCapture()
    try folder.hoga(
      "features", "--lake", "lake", "--venue", "binance-usdm", "--symbol", "ETHUSDT", "--date",
      "2024-08-08", "--out", "f.parquet"
    ).expectFailure(66, saying: "ETHUSDT", "BTCUSDT")
    try folder.hoga(
      "features", "--lake", "lake", "--venue", "binance-usdm", "--symbol", "BTCUSDT", "--date",
      "2024-08-10", "--out", "f.parquet"
    ).expectFailure(66, saying: "2024-08-10")
    #expect(folder.files().allSatisfy { $0.hasPrefix("lake/") })
  }

  @Test("settings that make no sense are a matter of usage, with 64")
  func senseless() throws {
    try folder.makeFeatures()
    let before = folder.snapshot()
    let features = ["features"] + TemporaryFolder.market + ["--out", "x.parquet"]
    let train = ["train", "--features", "features.parquet", "--out", "m.json"]
    let backtest =
      ["backtest"] + TemporaryFolder.market + ["--strategy", "random", "--taker-fee", "0"]
    let cases: [(arguments: [String], word: String)] = [
      (features.map { $0 == "2024-08-08" ? "2024-13-08" : $0 }, "2024-13-08"),
      (features + ["--from", "2024-08-08"], "--from"),
      (features + ["--every", "3x"], "3x"),
      (features + ["--every", "0s"], "above zero"),
      (features + ["--windows", "1500ms"], "1500ms"),
      (features + ["--vpin-bucket=-2"], "-2"),
      (features + ["--vpin-bucket", "2 shares"], "2 shares"),
      (features + ["--vpin-buckets", "0"], "vpin"),
      (train + ["--horizon", "soon"], "soon"),
      (train + ["--inputs", "ofi_*,nonsense"], "nonsense"),
      (train + ["--horizon", "500ms", "--model", "lightgbm", "--set", "rounds=-3"], "rounds"),
      (train + ["--set", "rule"], "rule"),
      (["evaluate", "--features", "features.parquet", "--folds", "0"], "--folds"),
      (backtest + ["--size", "0.0001"], "lot"),
      (backtest + ["--size=-1"], "order of -1"),
      (backtest + ["--size", "1", "--entry-latency", "fast"], "fast"),
    ]
    for (arguments, word) in cases {
      try CommandLineRun(arguments, in: folder.path).expectFailure(64, saying: word)
    }
    expectEqual(folder.snapshot(), before)
  }

  @Test("a misspelt setting of a model or a strategy is refused with what there is")
  func misspelt() throws {
    try folder.makeFeatures()
    try folder.hoga(
      "train", "--features", "features.parquet", "--horizon", "500ms", "--model", "ridge", "--out",
      "m.json", "--set", "penatly=3"
    ).expectFailure(64, saying: "penatly", "did you mean 'penalty'?")
    try CommandLineRun(
      ["backtest"] + TemporaryFolder.market + [
        "--strategy", "ofi-vpin", "--signals", "features.parquet", "--size", "0.01", "--taker-fee",
        "0.0005", "--set",
        "tresh=1",
      ], in: folder.path
    ).expectFailure(64, saying: "tresh", "threshold")
    #expect(!folder.files().contains("m.json"))
  }

  @Test("an empty path, as of a shell variable that is not set, is refused")
  func emptyPaths() throws {
    try folder.hoga(
      "import", "binance-raw", Repository.capture("usdm.gz"), "--market", "usdm", "--symbol",
      "BTCUSDT", "--lake", ""
    ).expectFailure(64, saying: "--lake")
    try folder.hoga("lake", "ls", "--lake", "").expectFailure(64, saying: "--lake")
    try folder.hoga("run", Repository.file("Examples/demo.yaml"), "--out", "")
      .expectFailure(64, saying: "no name")
    for table in ["depth", "trades", "config.json"] {
      #expect(!FileManager.default.fileExists(atPath: "/" + table))
    }
  }

  @Test("damaged captures are refused with file and line, and nothing is left in the lake")
  func damagedCapture() throws {
    let text = try CaptureText(Repository.capture("usdm.gz"))
    func attempt(_ name: String, _ lines: [String], ending: String = "\n") throws -> CommandLineRun
    {
      try folder.write(lines.joined(separator: "\n") + ending, to: name)
      return try folder.hoga(
        "import", "binance-raw", name, "--market", "usdm", "--symbol", "BTCUSDT", "--lake", "lake")
    }
    var torn = Array(text.lines[0..<40])
    torn[30] = String(torn[30].dropLast(9))
    try attempt("torn.txt", torn).expectFailure(65, saying: "torn.txt:31")
    var negative = Array(text.lines[0..<40])
    negative[2] = negative[2].replacing("\"q\":\"", with: "\"q\":\"-")
    try attempt("negative.txt", negative).expectFailure(65, saying: "negative.txt:3")
    var nan = Array(text.lines[0..<40])
    nan[2] = nan[2].replacing(/"p":"[0-9.]+"/, with: "\"p\":\"NaN\"")
    try attempt("nan.txt", nan).expectFailure(65, saying: "nan.txt:3")
    try attempt("words.txt", ["what", "is", "this"]).expectFailure(65, saying: "words.txt:1")
    try attempt("empty.txt", [], ending: "").expectFailure(65, saying: "empty.txt")

    let packed = try Data(contentsOf: URL(fileURLWithPath: Repository.capture("usdm.gz")))
    try packed.prefix(60_000).write(to: URL(fileURLWithPath: folder("cut.gz")))
    try folder.hoga(
      "import", "binance-raw", "cut.gz", "--market", "usdm", "--symbol", "BTCUSDT", "--lake", "lake"
    ).expectFailure(65, saying: "cut.gz")
    #expect(folder.files("lake") == [])

    // Going on by choice counts what was left out.
    let report = try folder.hoga(
      "import", "binance-raw", "torn.txt", "--market", "usdm", "--symbol", "BTCUSDT", "--lake",
      "lake", "--on-error", "skip", "--json"
    ).json()
    #expect(report["rejected_rows"]?.integer == 1)
    #expect(
      report["rejections"]?.items?.first?["examples"]?.items?.first?.string?
        .hasPrefix("torn.txt:31") == true)
  }

  @Test("damaged tables, models and workflows are refused with their file")
  func damagedFiles() throws {
    try folder.makeFeatures()
    let train = [
      "train", "--features", "features.parquet", "--horizon", "500ms", "--model", "ridge",
    ]
    try CommandLineRun(train + ["--out", "m.json"], in: folder.path).expect(exitCode: 0)
    let table = try Data(contentsOf: URL(fileURLWithPath: folder("features.parquet")))
    try table.dropLast(100).write(to: URL(fileURLWithPath: folder("cut.parquet")))
    try folder.hoga("train", "--features", "cut.parquet", "--out", "m2.json")
      .expectFailure(65, saying: "cut.parquet")
    let model = try String(contentsOfFile: folder("m.json"), encoding: .utf8)
    try folder.write(String(model.prefix(model.count / 2)), to: "half.json")
    try folder.hoga(
      "predict", "--model", "half.json", "--features", "features.parquet", "--out", "p.parquet"
    ).expectFailure(65, saying: "half.json")
    try folder.write("market: [", to: "broken.yaml")
    try folder.hoga("run", "broken.yaml").expectFailure(65, saying: "broken.yaml:")
    try folder.write("name: a\nmarket: {venue: v, symbol: s, date: tomorrow}\n", to: "date.yaml")
    try folder.hoga("run", "date.yaml").expectFailure(65, saying: "date.yaml:2", "tomorrow")

    let partition = folder(
      "lake/depth/venue=binance-usdm/symbol=BTCUSDT/date=2024-08-08/part-0.parquet")
    try Data(contentsOf: URL(fileURLWithPath: partition)).dropFirst(500).write(
      to: URL(fileURLWithPath: partition))
    try CommandLineRun(
      ["features"] + TemporaryFolder.market + ["--out", "x.parquet"], in: folder.path
    ).expectFailure(65, saying: "part-0.parquet")
    #expect(!folder.files().contains { ["m2.json", "p.parquet", "x.parquet"].contains($0) })
  }

  @Test("a place that cannot be written is the machine's fault, with 74")
  func unwritable() throws {
    try folder.makeFeatures()
    try CommandLineRun(
      ["features"] + TemporaryFolder.market + ["--out", "no/such/folder/x.parquet"], in: folder.path
    ).expectFailure(74, saying: "no/such/folder", "No such file or directory")
    try folder.write("a file, no folder", to: "file")
    try folder.hoga(
      "import", "binance-raw", Repository.capture("usdm.gz"), "--market", "usdm", "--symbol",
      "BTCUSDT", "--lake", "file/lake"
    ).expectFailure(74, saying: "file")
    try CommandLineRun(
      ["backtest"] + TemporaryFolder.market + ["--taker-fee", "0"] + [
        "--strategy", "buy-and-hold", "--size", "1", "--out", "file/run",
      ], in: folder.path
    ).expectFailure(74, saying: "file/run")
  }
}
