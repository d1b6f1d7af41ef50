import Foundation
import HogaCore
import HogaJobs
import HogaLake
import HogaTestKit
import Testing

/// A run of the bundled example, in a folder of its own.
private struct ExampleRun {
  let folder: TemporaryFolder
  let path: String
  let metrics: JSONValue

  init(_ settings: [String] = [], in folder: TemporaryFolder? = nil) throws {
    self.folder = try folder ?? TemporaryFolder()
    path = self.folder("run")
    metrics = try Self.load(settings).run(
      folder: path, producer: "test", monitor: JobMonitor(), say: { _ in })
  }

  static func load(_ settings: [String]) throws -> BacktestWorkflow {
    try #require(
      WorkflowFile.load(
        path: Repository.file("Examples/tick-backtest.yaml"), settings: settings)
        as? BacktestWorkflow)
  }

  func frame(_ name: String) throws -> Frame {
    try ParquetFile("\(path)/backtests/quotes/\(name).parquet").read()
  }
}

@Suite("Workflow of a backtest")
struct BacktestWorkflowTests {
  @Test("the bundled example runs to its report, and again to the same files")
  func example() throws {
    let run = try ExampleRun()
    let backtests = run.metrics["backtests"].list
    #expect(backtests.map { $0.string("name") }.first == "quotes")
    #expect(backtests.count == 4)
    let result = try #require(backtests[0]["result"])
    #expect((result["trades"]).int("fills") > 100)
    #expect((result["trades"]).int("fills") == (result["trades"]).int("maker_fills"))
    let parts = result["waterfall"]
    let costs = ["spread", "latency", "walk", "impact", "fees"].reduce(-parts.double("funding")) {
      $0 + parts.double($1)
    }
    #expect(abs(parts.double("gross") - costs - parts.double("net")) < 1e-6)

    let page = try String(contentsOfFile: "\(run.path)/report.html", encoding: .utf8)
    for text in [
      "Own quotes over the price", "Inventory", "Mark-outs", "Why it was filled", "Latency",
      "From gross to net: random", "Strategy: quotes-wide", "Net of quotes", "Fingerprints",
      "Lost even before costs", "Mertens",
    ] {
      #expect(page.contains(text), "the report says nothing of \(text)")
    }
    // The page can be made again from the files, and says the same.
    let (path, summary) = try WorkflowFile.report(on: run.path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == page)
    #expect(summary.contains("quotes-wide") && summary.contains("Mark-outs"))

    let before = run.folder.snapshot("run/backtests")
    let again = try ExampleRun(in: run.folder)
    #expect(again.metrics.text() == run.metrics.text())
    #expect(run.folder.snapshot("run/backtests") == before)
  }

  @Test("mids after fills are those of the recorded book, found by a slow search")
  func aftermath() throws {
    let run = try ExampleRun(["backtest.strategies.0.half_spread_ticks=30"])
    let lake = Lake(root: run.path + "/lake")
    let day = try #require(CivilDate("2024-08-08"))
    let reader = try MarketReader(
      lake, venue: "binance-usdm", symbol: "BTCUSDT", dates: day...day)
    // Every state of the book by the exchange's clock.
    struct Recorder: MarketSink {
      var states: [(time: Int64, mid: Double)] = []
      mutating func bookChanged(_ book: OrderBook, at moment: Moment) {
        let time = max(moment.time, states.last?.time ?? .min)
        let mid = book.isTwoSided && !book.isCrossed ? Double(book.doubledMidTicks) / 2 : .nan
        states.append((time, mid))
      }
      mutating func traded(_ trade: Trade) {}
    }
    var recorder = Recorder()
    var replay = try Replay(book: reader.bookSource(), trades: nil)
    try replay.run(into: &recorder)
    let scale = reader.instrument.priceScale

    let fills = try run.frame("fills")
    #expect(fills.rowCount > 20)
    let times = try fills.int64s("exchange_time")
    for (name, span) in [
      ("mid_after_100ms", 100_000_000), ("mid_after_5s", 5_000_000_000),
      ("mid_after_60s", 60_000_000_000),
    ] as [(String, Int64)] {
      let mids = try fills.doubles(name)
      for (time, mid) in zip(times, mids) {
        let at = time + span
        guard at <= recorder.states[recorder.states.count - 1].time else {
          #expect(mid.isNaN, "the recording has ended")
          continue
        }
        let state = recorder.states.last { $0.time <= at }
        #expect(state.map { $0.mid / scale } == mid)
      }
      // Some are known.
      #expect(mids.contains { !$0.isNaN })
    }
    // The means of the metrics are those of the table.
    let prices = try fills.doubles("price")
    let sides = try fills.doubles("side")
    let moves = try zip(zip(prices, sides), fills.doubles("mid_after_5s")).map {
      $0.1 * ($1 - $0.0) / $0.0 * 10_000
    }.filter { !$0.isNaN }
    let marks = run.metrics["backtests"].list[0]["mark_outs"].list
    let mark = try #require(
      marks.first { $0.string("after") == "5s" && $0.string("side") == "maker" })
    #expect(mark.int("fills") == Int64(moves.count))
    let mean = moves.reduce(0, +) / Double(moves.count)
    #expect(abs(mark.double("mean_bps") - mean) < 1e-9)
  }

  @Test("every filled order of a run can be explained, and orders without fills too")
  func explains() throws {
    let run = try ExampleRun()
    let job = ExplainJob(run: run.path)
    let list = try job.list(limit: 3)
    let filled = list.json["filled"].list
    #expect(filled.count > 100)
    #expect(list.text.contains("and \(filled.count - 3) more"))
    #expect(list.text.contains("quotes-wide, buy-and-hold, random"))
    for entry in filled.prefix(40) {
      let life = try job.order(try #require(entry["order"]).int("id"))
      #expect(life.text.contains("decided to ") && life.text.contains("as maker: "))
      #expect(life.json["fills"].list.count == Int(entry.int("fills")))
      #expect(abs((life.json["costs"]).double("net") - entry.double("net")) < 1e-9)
    }
    let orders = try run.frame("orders")
    let statuses = try orders.column("status")
    guard case .category(let names) = statuses else { return }
    for status in names.levels {
      let row = try #require(names.codes.indices.first { names[$0] == status })
      let life = try job.order(try orders.int64s("id")[row])
      #expect(life.json.string("outcome").hasPrefix(status))
    }
    let random = try ExplainJob(run: run.path, strategy: "random").order(1)
    #expect(random.text.contains("as taker: walked book level 1"))
  }

  @Test(
    "senseless settings are refused before any work",
    arguments: [
      "backtest.strategies=[]", "backtest.strategies=", "backtest=", "features.every=1s",
      "backtest.strategies.0.kind=model-signal", "backtest.strategies.0.name=random",
      "backtest.strategies.0.interval=0s", "backtest.strategies.0.half_spread_bps=1",
      "backtest.strategies.0.position_limit=0.001", "backtest.strategies.0.skew=-1",
      "backtest.strategies.0.spread=1", "market.venue=", "backtest.order_size=1e300",
    ])
  func refuses(setting: String) {
    #expect(throws: (any Error).self) { try ExampleRun.load([setting]) }
  }
}
