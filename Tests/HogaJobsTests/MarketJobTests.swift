import HogaCore
import HogaJobs
import HogaLake
import HogaSim
import HogaStatistics
import HogaTestKit
import Testing

/// A lake in a folder of its own, removed with the value.
private struct ScratchLake {
  private let folder: TemporaryFolder
  let lake: Lake
  let market: Workflow.Market
  let instrument: Instrument
  let date = CivilDate(year: 2024, month: 1, day: 2)!

  init(venue: String = "test") throws {
    folder = try TemporaryFolder()
    lake = Lake(root: folder("lake"))
    market = Workflow.Market(venue: venue, symbol: "ABC", dates: date...date)
    instrument = Instrument(venue: venue, symbol: "ABC", priceDecimals: 2, sizeDecimals: 0)
  }

  /// Quotes of the given seconds of the day; the mid rises by a cent with each.
  func writeQuotes(seconds: [Int64], date: CivilDate? = nil) throws {
    let date = date ?? self.date
    let times = seconds.map { (date.start + .seconds($0)).nanoseconds }
    let rows = seconds.indices.map { Int64($0) }
    let frame = Frame([
      ("arrival", .timestamp(times)), ("time", .timestamp(times)), ("sequence", .int64(rows)),
      ("bid_price_1", .decimal(rows.map { 10_000 + $0 }, scale: 2)),
      ("bid_size_1", .decimal(rows.map { 5 + $0 % 3 }, scale: 0)),
      ("ask_price_1", .decimal(rows.map { 10_002 + $0 }, scale: 2)),
      ("ask_size_1", .decimal(rows.map { 4 + $0 % 2 }, scale: 0)),
    ])
    let transaction = lake.begin(producer: "test", sources: ["test"])
    try transaction.append(frame, to: .quotes, instrument: instrument, date: date)
    try transaction.commit()
  }
}

@Suite("Jobs on a market")
struct MarketJobTests {
  @Test("columns that need trades are null where none were recorded, not zero")
  func withoutTrades() throws {
    let scratch = try ScratchLake()
    try scratch.writeQuotes(seconds: Array(0...60))
    let options = Workflow.Features(windows: [.seconds(5)])
    let result = try FeatureJob(lake: scratch.lake, market: scratch.market, options: options).run()
    #expect(result.table.rowCount == 61)
    #expect(try result.table.doubles("volume_5s").allSatisfy(\.isNaN))
    #expect(try result.table.doubles("ofi_5s").dropFirst(5).allSatisfy { $0 > 0 })
    #expect(try !result.table.doubles("rv_5s")[10].isNaN)
    #expect(result.summary.notes.contains { $0.contains("no table of trades") })
  }

  @Test("a night starts the windows anew and makes no rows; an hour's grid finds none")
  func stretches() throws {
    let scratch = try ScratchLake()
    let next = scratch.date.adding(days: 1)
    try scratch.writeQuotes(seconds: Array(100...130))
    try scratch.writeQuotes(seconds: Array(50...70), date: next)
    let market = Workflow.Market(venue: "test", symbol: "ABC", dates: scratch.date...next)
    let options = Workflow.Features(windows: [.seconds(5)])
    let result = try FeatureJob(lake: scratch.lake, market: market, options: options).run()
    #expect(result.table.rowCount == 31 + 21)
    let ofi = try result.table.doubles("ofi_5s")
    #expect(ofi[31..<36].allSatisfy(\.isNaN) && !ofi[36].isNaN)
    let coarse = Workflow.Features(every: .seconds(3600), windows: [.seconds(3600)])
    let none = try FeatureJob(lake: scratch.lake, market: scratch.market, options: coarse).run()
    #expect(none.table.rowCount == 0)
    #expect(none.summary.notes.contains { $0.contains("no grid time") })
  }

  @Test("the grid counts from New York's midnight for LOBSTER, from UTC's elsewhere")
  func gridOrigin() throws {
    for (venue, midnight) in [("lobster", Int64(5 * 3600)), ("test", 0)] {
      let scratch = try ScratchLake(venue: venue)
      try scratch.writeQuotes(seconds: Array(52_200...52_260))
      let options = Workflow.Features(every: .seconds(7), windows: [.seconds(14)])
      let table = try FeatureJob(lake: scratch.lake, market: scratch.market, options: options).run()
        .table
      let start = (scratch.date.start + .seconds(midnight)).nanoseconds
      #expect(try table.int64s("time").allSatisfy { ($0 - start) % 7_000_000_000 == 0 })
    }
  }

  @Test("coverage names silences and their ends")
  func coverage() throws {
    let scratch = try ScratchLake()
    try scratch.writeQuotes(seconds: Array(0...9) + Array(40...49))
    let json = try CoverageJob(lake: scratch.lake, market: scratch.market).run(
      monitor: JobMonitor())
    guard case .array(let tables) = json, case .array(let spans)? = tables.first?["spans"] else {
      Issue.record("no spans")
      return
    }
    let start = scratch.date.start.nanoseconds
    #expect(tables.count == 1 && tables[0]["table"] == "quotes")
    #expect(spans.map { $0["state"] } == ["present", "gap", "present"])
    #expect(spans[1]["from"] == .int(start + 9_000_000_000))
    #expect(spans[1]["to"] == .int(start + 40_000_000_000))
    #expect(tables[0]["longest_silence_s"] == .double(31))
  }

  @Test("what comes before the first snapshot is stale, but no loss; a later gap is one")
  func losses() throws {
    let scratch = try ScratchLake()
    let start = scratch.date.start.nanoseconds
    let kinds = ["gap", "snapshot", "snapshot", "update", "gap", "snapshot", "snapshot"]
    let arrivals = [0, 1, 1, 2, 3, 5, 5].map { start + $0 * 1_000_000_000 }
    let frame = Frame([
      ("arrival", .timestamp(arrivals)), ("time", .timestamp(arrivals)),
      ("sequence", .int64([0, 1, 1, 2, 3, 4, 4])), ("update_id", .int64([0, 1, 1, 2, 3, 4, 4])),
      ("kind", .category(Categories(kinds))), ("side", .int32([0, 1, -1, 1, 0, 1, -1])),
      ("price", .decimal([0, 99, 101, 99, 0, 99, 101], scale: 2)),
      ("size", .decimal([0, 5, 5, 6, 0, 5, 5], scale: 0)),
      ("last", .bool([true, false, true, true, true, false, true])),
    ])
    let transaction = scratch.lake.begin(producer: "test", sources: ["test"])
    try transaction.append(frame, to: .depth, instrument: scratch.instrument, date: scratch.date)
    try transaction.commit()
    let json = try CoverageJob(lake: scratch.lake, market: scratch.market).run(
      monitor: JobMonitor())
    guard case .array(let tables) = json, case .array(let spans)? = tables.first?["spans"] else {
      Issue.record("no spans")
      return
    }
    #expect(tables[0]["feed_gaps"] == 1)
    #expect(spans.map { $0["state"] } == ["stale", "present", "stale"])
    #expect(try scratch.lake.coverage().partitions.map(\.feedGaps) == [1])
  }

  @Test("mid changes that are a multiple of order flow are explained whole")
  func regression() throws {
    let scratch = try ScratchLake()
    try scratch.writeQuotes(seconds: Array(0...600))
    let features = FeatureJob(lake: scratch.lake, market: scratch.market, options: .init())
    let result = try RegressionJob(.init(interval: .seconds(10), block: .seconds(300))).run(
      features, monitor: JobMonitor())
    // Ten cents up in every interval, whatever the flow: nothing varies that could be explained.
    #expect(result.points.rowCount == 60)
    #expect(try result.points.doubles("mid_change").allSatisfy { abs($0 - 10) < 1e-9 })
    #expect(result.blocks.allSatisfy { abs($0.slope) < 1e-9 })
  }

  @Test("a signal that is null throughout is refused, and ruin is told")
  func backtests() throws {
    let scratch = try ScratchLake()
    try scratch.writeQuotes(seconds: Array(0...60))
    func job(_ kind: Workflow.Strategy.Kind, capital: Double) throws -> BacktestJob {
      BacktestJob(
        lake: scratch.lake, market: scratch.market,
        options: try Workflow.Backtest(
          venue: try Workflow.Venue(settings: [
            "maker_fee=0", "taker_fee=0.1", "entry_latency=0", "response_latency=0",
          ]), computeDelay: .zero, orderSize: 1, maximumPosition: 1, capital: capital,
          strategies: [try Workflow.Strategy(kind: kind, settings: ["horizon=1s", "column=x"])]),
        seed: 1)
    }
    let signals = Frame([
      ("time", .timestamp([scratch.date.start.nanoseconds])), ("x", .double([.nan])),
    ])
    let error = #expect(throws: DataError.self) {
      try job(.modelSignal, capital: 100).run(signals: signals, monitor: JobMonitor())
    }
    #expect(error?.column == "x")
    var ruined = try job(.modelSignal, capital: 5)
    ruined.options.strategies = [try Workflow.Strategy(kind: .buyAndHold, settings: [])]
    let result = try ruined.run(signals: nil, monitor: JobMonitor())[0].result
    #expect(result.statistics.ruinTime != nil && result.statistics.sharpe == nil)
    #expect(result.isStopped)
  }
}
