import Foundation
import HogaBars
import HogaConfig
import HogaCore
import HogaJobs
import HogaLake
import HogaTestKit
import Testing

@Suite("Workflow on bars")
struct BarWorkflowTests {
  private static let settings = """
    kind: bars
    name: small
    seed: 3
    market: {venue: test, from: 2025-05-26, to: 2025-05-28, lot: 0.001}
    account: {capital: 10_000}
    costs: {taker_fee: 0.0005, half_spread: 1}
    execution: {rebalance: 30m}
    strategies:
      - {kind: reversal, window: 30m, quantile: 0.34}
      - {kind: scores, file: preds, quantile: 0.34, maximum_age: 1h}
    random_runs: 5
    """

  private static func workflow(_ text: String, in folder: String = "/nowhere") throws
    -> BarWorkflow
  {
    try BarWorkflow(.parse(text, file: "bars.yaml"), relativeTo: folder)
  }

  private static let names = ["AAA", "BBB", "CCC"]

  /// Two days of minutes of three symbols (the third day is missing), and funding.
  private static func fill(_ lake: Lake) throws {
    var random = SeededRandom(8)
    let first = try #require(CivilDate("2025-05-26"))
    let transaction = lake.begin(producer: "test", sources: ["test.csv"])
    for day in 0..<2 {
      let date = first.adding(days: day)
      var symbols: [String] = []
      var time: [Int64] = []
      var open: [Double] = []
      var close: [Double] = []
      for name in names {
        var price = 100.0
        for minute in 0..<1440 where !(name == "BBB" && (300..<400).contains(minute)) {
          symbols.append(name)
          time.append(date.start.nanoseconds + Int64(minute) * 60_000_000_000)
          open.append(price)
          price = ((price * (1 + 0.002 * (random.uniform() - 0.5))) * 100).rounded() / 100
          close.append(price)
        }
      }
      let absent = Column.double(time.map { _ in .nan })
      let frame = Frame([
        ("symbol", .category(Categories(symbols))), ("time", .timestamp(time)),
        ("open", .double(open)), ("high", .double(zip(open, close).map { max($0, $1) })),
        ("low", .double(zip(open, close).map { min($0, $1) })), ("close", .double(close)),
        ("volume", .double(time.map { _ in 1000 })), ("quote_volume", absent),
        ("count", .int64(time.map { _ in 10 })), ("taker_volume", absent),
        ("taker_quote_volume", absent),
      ])
      try transaction.append(frame, to: .candles(.minute), venue: "test", date: date)
      let hours = [8, 16].flatMap { hour in names.map { ($0, Int64(hour) * 3_600_000_000_000) } }
        .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
      try transaction.append(
        Frame([
          ("symbol", .category(Categories(hours.map(\.0)))),
          ("time", .timestamp(hours.map { date.start.nanoseconds + $0.1 })),
          ("rate", .double(hours.map { _ in 0.0001 })),
          ("mark_price", .double(hours.map { _ in .nan })),
        ]), to: .funding, venue: "test", date: date)
    }
    try transaction.commit()
  }

  /// Forecasts by day, as `hoga xsection` leaves them: a score for each symbol and minute.
  private static func predict(in folder: TemporaryFolder, opposite: Bool) throws {
    let first = try #require(CivilDate("2025-05-26"))
    try FileManager.default.createDirectory(
      atPath: folder("preds"), withIntermediateDirectories: true)
    for day in 0..<2 {
      let date = first.adding(days: day)
      let rows = (names + ["ZZZ"]).flatMap { name in (0..<1440).map { (name, $0) } }
      try TableFile.write(
        Frame([
          ("symbol", .category(Categories(rows.map(\.0)))),
          (
            "time",
            .timestamp(rows.map { date.start.nanoseconds + Int64($0.1) * 60_000_000_000 })
          ),
          (
            "prediction",
            .double(rows.map { ($0.0 == "AAA") == (($0.1 % 60 < 30) != opposite) ? 1 : 0 })
          ),
        ]), to: folder("preds/\(date).parquet"), metadata: [:])
    }
  }

  @Test("plays strategies beside baselines and chance, and leaves tables and a report")
  func runs() throws {
    let folder = try TemporaryFolder()
    try Self.fill(Lake(root: folder("run/lake")))
    try Self.predict(in: folder, opposite: false)
    let workflow = try Self.workflow(Self.settings, in: folder.path)
    let metrics = try workflow.run(
      folder: folder("run"), producer: "test", monitor: JobMonitor(), say: { _ in })
    let strategies = metrics["strategies"].list
    #expect(
      strategies.map { $0.string("name") }
        == ["reversal", "scores", "buy-and-hold", "equal-weight"])
    for strategy in strategies {
      let result = try #require(strategy["result"])
      let waterfall = result["waterfall"]
      let sum =
        waterfall.double("gross") - waterfall.double("slippage") - waterfall.double("fees")
        + waterfall.double("funding")
      #expect(abs(sum - result.double("net")) < 1e-9)
      #expect(result.int("fills") > 0 && result.int("funding_payments") > 0)
      #expect(result.double("turnover") == result.double("traded") / 10_000)
      // A hundred minutes of each day, and a day without a file.
      #expect(result.int("missing_bars") == 2 * 100 + 3 * 1440)
      let place = "run/strategies/\(strategy.string("name"))"
      let equity = try TableFile.read(folder("\(place)/equity.parquet"))
      #expect(equity.rowCount == 73)
      #expect(try abs(equity.doubles("equity")[72] - 10_000 - result.double("net")) < 1e-9)
      for name in ["weights", "fills", "symbols"] {
        #expect(try TableFile.read(folder("\(place)/\(name).parquet")).rowCount > 0)
      }
    }
    #expect(metrics["chance"].int("runs") == 5)
    #expect(metrics["notes"].texts[0].contains("symbols that are not traded here"))
    #expect(BarWorkflow.summary(metrics).contains("random portfolios"))
    let page = try TextFile.read(folder("run/report.html"))
    #expect(page.contains("From gross to net") && page.contains("reversal"))
    #expect(page.contains("Backtests on this data") && page.contains("orange is long"))
    // Made again from the run's files, and run again, it is the same.
    let again = try WorkflowFile.report(on: folder("run"))
    #expect(try TextFile.read(again.path) == page)
    let repeated = try workflow.run(
      folder: folder("run"), producer: "test", monitor: JobMonitor(), say: { _ in })
    #expect(repeated == metrics)
  }

  @Test("uses a score only once the bar that it belongs to has closed")
  func known() throws {
    let folder = try TemporaryFolder()
    try Self.predict(in: folder, opposite: false)
    let date = try #require(CivilDate("2025-05-26"))
    let file = BarTableFile(
      path: folder("preds"), column: "prediction", knownAfter: .seconds(60), dates: date...date)
    let contents = try file.read(symbols: Self.names, every: .seconds(1800))
    // Of each half hour the last minute is kept: known exactly at its end.
    #expect(contents.table.known.count == 48 * 3 && contents.rows == 4 * 1440)
    #expect(contents.table.known.allSatisfy { $0 % 1_800_000_000_000 == 0 })
    #expect(contents.foreignRows == 1440)
    #expect(throws: DataError.self) { try file.read(symbols: ["QQQ"], every: .seconds(60)) }
    var other = file
    other.path = folder("nothing")
    #expect(throws: MissingInputError.self) {
      try other.read(symbols: Self.names, every: .seconds(60))
    }
  }

  @Test("says which setting makes no sense")
  func senseless() throws {
    for (setting, wrong) in [
      ("half_spread: 1", "half_spred: 1"), ("rebalance: 30m", "rebalance: 90s"),
      ("window: 30m", "window: 90s"), ("quantile: 0.34", "quantile: 0.6"),
      ("taker_fee: 0.0005", "taker_fee: 0.00000001"), ("lot: 0.001", "lot: 0.0000000001"),
      ("kind: reversal", "kind: inversal"), ("to: 2025-05-28", "to: 2025-05-20"),
      ("capital: 10_000", "capital: 0"), ("kind: reversal", "kind: random, name: equal-weight"),
    ] {
      let text = Self.settings.replacing(setting, with: wrong)
      #expect(throws: DataError.self, "\(wrong)") { try Self.workflow(text) }
    }
    let folder = try TemporaryFolder()
    try Self.fill(Lake(root: folder("run/lake")))
    let unknown = Self.settings.replacing("lot: 0.001", with: "lot: 0.001, symbols: [AAA, FOO]")
    let error = #expect(throws: UsageError.self) {
      try Self.workflow(unknown, in: folder.path).run(
        folder: folder("run"), producer: "test", monitor: JobMonitor(), say: { _ in })
    }
    #expect(error?.description.contains("no bar of FOO") == true)
    #expect(error?.description.contains("AAA, BBB, CCC") == true)
    let later = Self.settings.replacing("2025-05-2", with: "2025-06-2")
    #expect(throws: MissingInputError.self) {
      try Self.workflow(later, in: folder.path).run(
        folder: folder("run"), producer: "test", monitor: JobMonitor(), say: { _ in })
    }
  }
}
