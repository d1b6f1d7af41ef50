import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Workflows")
struct WorkflowTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test("the demo, run twice from different folders, gives equal files and a report to make again")
  func demo() throws {
    let command = ["run", Repository.file("Examples/demo.yaml"), "--out", "out"]
    for name in ["first", "second"] {
      try FileManager.default.createDirectory(
        atPath: folder(name), withIntermediateDirectories: false)
    }
    // Side by side, so that what depends on scheduling has a chance to show.
    let second = try RunningCommand(command + ["--json"], in: folder("second"))
    let run = try CommandLineRun(command, in: folder("first"), timeLimit: 120).expect(exitCode: 0)
    let metrics = try second.finish(timeLimit: 120).json()
    #expect(run.output.contains("Report: out/report.html"), "\(run)")
    for text in [run.output, run.errors] {
      #expect(!text.contains("\u{1B}") && !text.contains("\r"), "\(run)")
    }

    let files = folder.snapshot("first/out")
    for name in ["config.json", "metrics.json", "report.html"] { #expect(files[name] != nil) }
    for name in ["features", "predictions", "ofi"] { #expect(files["\(name).parquet"] != nil) }
    #expect(files.keys.contains { $0.hasPrefix("models/lightgbm_") })
    #expect(files.keys.contains { $0.hasPrefix("backtests/") && $0.hasSuffix("/fills.parquet") })
    #expect(!files.keys.contains { $0.hasSuffix(".tmp") })
    // The ledger knows when each trial was recorded; nothing else holds a clock's time.
    func timeless(_ name: String) -> [String: Data?] {
      folder.snapshot(name).filter { !$0.key.hasSuffix("ledger.sqlite") }
    }
    expectEqual(timeless("first/out"), timeless("second/out"))
    #expect(files["metrics.json"] == Data(metrics.text().utf8))

    try expectPredictions("first/out/predictions.parquet")
    try expectReport("first/out/report.html")
    try expectSpecifiedFeatures("first/out/features.parquet", windows: ["5s", "20s", "60s"])

    for name in ["first/out", "first/out/"] {
      try FileManager.default.removeItem(atPath: folder("first/out/report.html"))
      let again = try folder.hoga("report", name).expect(exitCode: 0)
      #expect(again.output.contains("report.html"), "\(again)")
      expectEqual(folder.snapshot("first/out"), files)
    }
    #expect(try folder.hoga("report", "first/out", "--json").json()["report"]?.string != nil)
  }

  private func expectPredictions(_ name: String) throws {
    let table = try ParquetFile(folder(name)).read()
    var names = ["time", "mid", "fold"]
    for horizon in ["1s", "2s", "5s", "10s"] {
      names += ["ret_bps_\(horizon)", "lasso_ret_bps_\(horizon)", "lightgbm_ret_bps_\(horizon)"]
    }
    #expect(table.names == names)
    #expect(try Set(table.int32s("fold")) == Set(1...6))
    let times = try table.int64s("time")
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 > $0 })
    // Labels are what the mids of the table itself say, where both rows are tests.
    let mid = try table.doubles("mid")
    let label = try table.doubles("ret_bps_10s")
    let rowOf = Dictionary(uniqueKeysWithValues: zip(times, mid.indices))
    var compared = 0
    for row in times.indices {
      guard let later = rowOf[times[row] + 10_000_000_000] else { continue }
      #expect(abs(label[row] - 1e4 * (mid[later] / mid[row] - 1)) < 1e-9)
      compared += 1
    }
    #expect(compared > 300)
  }

  private func expectReport(_ name: String) throws {
    let page = try String(contentsOfFile: folder(name), encoding: .utf8)
    #expect(page.hasPrefix("<!DOCTYPE html>") || page.hasPrefix("<!doctype html>"))
    #expect(page.hasSuffix("</html>\n"))
    // Opens offline: nothing is fetched.
    for fetch in [" src=\"http", " href=\"http", "@import", "url(http", "<link "] {
      #expect(!page.contains(fetch))
    }
    for tag in ["svg", "table", "section"] {
      #expect(
        page.ranges(of: "<\(tag)").count == page.ranges(of: "</\(tag)>").count, "\(tag)")
    }
    for subject in ["lightgbm", "lasso", "ofi-vpin", "BTCUSDT", "<svg"] {
      #expect(page.contains(subject))
    }
    #expect(!page.contains("nan") || !page.contains(">nan<"))
  }

  private func expectSpecifiedFeatures(_ name: String, windows: [String]) throws {
    let schema = try ParquetFile(folder(name)).schema
    #expect(schema.map(\.name) == ["time"] + Specification.columns(windows: windows))
  }

  // MARK: A workflow that takes no time

  /// Sixteen seconds of futures, a linear model, one strategy.
  private static let small = """
    name: small
    seed: 3
    import:
      - source: binance-raw
        market: usdm
        symbol: BTCUSDT
        files: [\(Repository.capture("usdm.gz"))]
    market: {venue: binance-usdm, symbol: BTCUSDT, date: 2024-08-08}
    features: {every: 100ms, windows: [500ms, 2s], inputs: [imbalance_*, ofi_500ms]}
    labels: {horizons: [500ms]}
    validation: {folds: 2, embargo: 100ms}
    models:
      - kind: ridge
    backtest:
      order_size: 0.01
      taker_fee: 0.0005
      strategies:
        - {kind: random, probability: 0.3, hold: 500ms}
    regression: {interval: 1s, block: 10s}

    """

  private func run(_ arguments: String...) throws -> CommandLineRun {
    try folder.write(Self.small, to: "small.yaml")
    return try CommandLineRun(["run", "small.yaml"] + arguments, in: folder.path)
  }

  @Test("a setting on the command line has its way, by key and by place in a list")
  func overrides() throws {
    let metrics = try run(
      "--set", "features.every=250ms", "--set", "features.windows=[1s]", "--set", "seed=9",
      "--set", "models.0.kind=linear", "--set", "labels.horizons=[1s]", "--set",
      "features.inputs=[ofi_1s]", "--out", "changed", "--json"
    ).json()
    #expect(metrics["seed"]?.integer == 9)
    let trial = try #require(metrics["evaluation"]?["trials"]?.items?.first)
    #expect(trial["model"]?.string == "linear" && trial["horizon"]?.string == "1s")
    let times = try ParquetFile(folder("changed/features.parquet")).read(columns: ["time"])
      .int64s("time")
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 250_000_000 })
    let config = try JSONReader.read(
      String(contentsOfFile: folder("changed/config.json"), encoding: .utf8))
    #expect(config["features"]?["every"]?.string == "250ms")
    #expect(config["seed"]?.integer == 9)

    // An empty value unsets: without strategies and models there is nothing to play or to judge.
    let less = try run("--set", "backtest=", "--out", "less", "--json").json()
    #expect(less["backtests"] == nil)
    #expect(folder.files("less").contains("report.html"))
  }

  @Test("without --out, a run goes to runs/ under its own name")
  func defaultFolder() throws {
    try run().expect(exitCode: 0)
    #expect(folder.files("runs/small").contains("report.html"))
    #expect(
      folder.files().allSatisfy {
        $0.hasPrefix("runs/small/") || ["small.yaml", "runs/ledger.sqlite"].contains($0)
      })
  }

  @Test("where results go does not change them")
  func placeOfResults() throws {
    try run("--out", "here").expect(exitCode: 0)
    try run("--out", "there/and/deeper").expect(exitCode: 0)
    expectEqual(folder.snapshot("here"), folder.snapshot("there/and/deeper"))
  }

  @Test("another seed gives other random entries, and the same data")
  func seeds() throws {
    try run("--out", "one").expect(exitCode: 0)
    try run("--out", "two", "--set", "seed=4").expect(exitCode: 0)
    let orders = try ["one", "two"].map {
      try ParquetFile(folder("\($0)/backtests/random/orders.parquet")).read()
    }
    #expect(orders[0] != orders[1])
    let mids = try ["one", "two"].map {
      try ParquetFile(folder("\($0)/features.parquet")).read(columns: ["mid"]).doubles("mid")
    }
    #expect(mids[0] == mids[1])
  }

  @Test(
    "a setting that nobody knows stops the run with its place and the nearest one that exists",
    arguments: [
      ("features.evry=1s", "features.evry", "did you mean 'every'?"),
      ("fetures.every=1s", "fetures", "did you mean 'features'?"),
      ("models.0.penalti=1", "penalti", "did you mean 'penalty'?"),
      ("backtest.strategies.0.probabilty=1", "probabilty", "did you mean 'probability'?"),
      ("backtest.taker_fees=1", "taker_fees", "did you mean 'taker_fee'?"),
    ])
  func misspelt(setting: String, key: String, hint: String) throws {
    let result = try run("--set", setting, "--out", "out")
    #expect(result.exitCode == 64, "\(result)")
    #expect(result.errors.contains(key) && result.errors.contains(hint), "\(result)")
    // Known before the work begins, so no work is lost on it.
    #expect(folder.files() == ["small.yaml"])
  }

  @Test(
    "a misspelt key of the file itself is named with file and line",
    arguments: [("seed: 3", "sede: 3", 2), ("order_size", "ordersize", 15)])
  func misspeltInFile(old: String, new: String, line: Int) throws {
    try folder.write(Self.small.replacing(old, with: new), to: "typo.yaml")
    try folder.hoga("run", "typo.yaml").expectFailure(
      65, saying: "typo.yaml:\(line)", "did you mean '\(old.prefix { $0 != ":" })'?")
  }

  @Test(
    "values that make no sense are refused before any work is done",
    arguments: [
      ("features.every=0s", 64), ("backtest.strategies.0.hold=soon", 64),
      ("models.0.scaling=big", 64), ("models=[{kind: lasso, penalties: 100000000000}]", 64),
      ("models=[{kind: lightgbm, leaves: 1000000000}]", 64),
      ("backtest.strategies=[{kind: model-signal, model: nope, horizon: 500ms}]", 64),
      ("backtest.strategies=[{kind: model-signal, model: ridge, horizon: 7s}]", 64),
      ("labels.horizons=[150ms]", 64), ("validation.folds=0", 64),
      ("validation.minimum_train=1.5", 64), ("market.venue=", 65), ("name=../up", 64),
      ("backtest.order_size=-1", 64), ("backtest.strategies.0.kind=magic", 64),
      ("models.0.kind=forest", 64), ("features.every", 64), ("seed.more=1", 64),
      ("models.7.kind=lasso", 64), ("backtest.strategies.0.name=../../up", 64),
      ("models.0.name=a/b", 64),
      ("backtest.strategies=[{kind: random}, {kind: random}]", 65),
    ])
  func senseless(setting: String, exitCode: Int32) throws {
    let result = try run("--set", setting, "--out", "out")
    #expect(result.exitCode == exitCode, "\(result)")
    #expect(folder.files() == ["small.yaml"], "\(result)")
  }

  @Test("Ctrl-C stops a run with 130 and leaves no half-written file")
  func interrupted() throws {
    let running = try RunningCommand(
      ["run", Repository.file("Examples/demo.yaml"), "--out", "out"], in: folder.path)
    let isFar = running.freeze {
      FileManager.default.fileExists(atPath: folder("out/.partial/features.parquet"))
    }
    #expect(isFar)
    running.send(SIGINT)
    running.send(SIGCONT)
    let run = try running.finish(timeLimit: 20)
    #expect(run.exitCode == 130, "\(run)")
    #expect(!folder.files().contains { $0.hasSuffix(".tmp") })
    #expect(!folder.files().contains("out/report.html"))
    for file in folder.files() where file.hasSuffix(".parquet") {
      #expect(throws: Never.self) { try ParquetFile(folder(file)).read() }
    }
  }
}
