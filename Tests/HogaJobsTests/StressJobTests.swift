import Foundation
import HogaCore
import HogaJobs
import HogaLake
import HogaScenarios
import HogaSim
import HogaTestKit
import HogaTrade
import Testing

/// Stress runs of a market maker with fees of a maker for 0 and of a taker for 5 bps.
func stressJob(
  _ strategies: [(kind: Workflow.Strategy.Kind, settings: [String])] = [(.quotes, [])],
  size: Double = 0.05, position: Double = 0.5, seconds: Int64 = 60, seeds: Int = 2,
  moods: [ScenarioMood] = ScenarioMood.allCases, crash: Int64? = nil, seed: UInt64 = 7,
  venue: [String] = [], maximumLoss: Double? = nil
) throws -> StressJob {
  let options = try Workflow.Backtest(
    venue: Workflow.Venue(settings: ["maker_fee=0", "taker_fee=0.0005"] + venue), orderSize: size,
    maximumPosition: position, maximumLoss: maximumLoss,
    strategies: strategies.map { try Workflow.Strategy(kind: $0.kind, settings: $0.settings) })
  return StressJob(
    options: options,
    settings: try StressSettings(
      duration: .seconds(seconds), seeds: seeds, moods: moods,
      crash: crash.map { TimeSpan.seconds($0) }), seed: seed)
}

@Suite("Stress runs")
struct StressJobTests {
  // MARK: The same again

  @Test("the same seed gives the same numbers and fingerprints, another seed others")
  func determinism() throws {
    let job = try stressJob([(.quotes, []), (.random, [])])
    let first = try job.run(monitor: JobMonitor())
    let again = try job.run(monitor: JobMonitor())
    #expect(first.runs == again.runs)
    #expect(first.json.text() == again.json.text())  // as text: not-a-number is no number's equal
    #expect(first.runs.count == 4 * 2 * 2)

    var other = job
    other.seed = 9
    let others = try other.run(monitor: JobMonitor())
    let mood = ScenarioMood.highVolatility  // each seed fills something
    #expect(
      Set(first.runs(mood, "quotes").map(\.fingerprint))
        .isDisjoint(with: others.runs(mood, "quotes").map(\.fingerprint)))
  }

  @Test("what a strategy does depends neither on other strategies, moods nor the number of seeds")
  func independence() throws {
    let all = try stressJob([(.buyAndHold, []), (.quotes, [])]).run(monitor: JobMonitor())
    let one = try stressJob(seeds: 1, moods: [.highVolatility], seed: 8).run(monitor: JobMonitor())
    #expect(one.runs == [all.runs(.highVolatility, "quotes")[1]])
  }

  @Test(
    "a run is the backtest of the same market in memory, by single orders and by level",
    arguments: [nil, "true", "risk-averse", "power 3"] as [String?])
  func reference(queue: String?) throws {
    let job = try stressJob(
      seconds: 40, seeds: 1, moods: [.highVolatility], venue: queue.map { ["queue=\($0)"] } ?? [])
    let run = try #require(try job.run(monitor: JobMonitor()).runs.first)

    let market = try SyntheticMarket(mood: .highVolatility, seed: 7).frames(seconds: 40)
    let isTrue = queue == nil || queue == "true"
    var settings = SimulationSettings(
      initialCapital: try Money(10_000),
      fees: FeeSchedule(makerPartsPerMillion: 0, takerPartsPerMillion: 500),
      periodsPerYear: SimulationSettings.periodsPerYear(every: .seconds(1)), seed: 7)
    settings.limits.maximumPosition = 500
    settings.limits.maximumLoss = try Money(10_000)
    settings.matching.queue = queue.flatMap { QueueModel($0) }
    var strategy = try QuotingStrategy(QuotingStrategy.Settings(lots: 50, positionLimit: 500))
    let tape = try MarketTape(
      book: market.source(of: isTrue ? .orders : .depth), trades: market.source(of: .trades),
      status: market.status)
    let result = try Backtest(instrument: market.instrument, settings: settings).run(
      &strategy, tape)
    #expect(result.fillLog.count > 10)
    #expect(run.fingerprint == result.json.string("fingerprint"))
    #expect(run.costs == result.waterfall && run.orders == result.orderLog.count)
    #expect(run.makerFills == result.fillLog.count { $0.isMaker })
    // The largest position by another way: after each fill, from the trips' sizes.
    #expect(run.largestPosition == result.roundTrips.map(\.lots).max())
  }

  // MARK: Moods

  @Test("moods do to a market maker and to a holder what their names say, on every seed")
  func moods() throws {
    let result = try stressJob(
      [(.quotes, ["half_spread_ticks=1"]), (.buyAndHold, []), (.random, ["probability=1"])],
      seconds: 300, seeds: 5, crash: 60
    ).run(monitor: JobMonitor())
    func runs(_ mood: ScenarioMood, _ strategy: String) -> [StressRun] {
      result.runs(mood, strategy)
    }
    for strategy in ["quotes", "buy-and-hold"] {
      for (crash, normal) in zip(runs(.flashCrash, strategy), runs(.normal, strategy)) {
        #expect(crash.seed == normal.seed)
        #expect(
          crash.maximumDrawdown > 3 * normal.maximumDrawdown,
          "\(strategy), seed \(crash.seed): \(crash.maximumDrawdown) \(normal.maximumDrawdown)")
      }
      for (volatile, normal) in zip(runs(.highVolatility, strategy), runs(.normal, strategy)) {
        #expect(volatile.maximumDrawdown > normal.maximumDrawdown)
      }
    }
    // Crossing a wide spread and a thin book costs more of what is traded.
    func cost(_ run: StressRun) -> Double {
      (run.costs.spread + run.costs.walk).value / run.tradedValue
    }
    for (thin, normal) in zip(runs(.lowLiquidity, "random"), runs(.normal, "random")) {
      #expect(cost(thin) > 2 * cost(normal))
    }
    for (mood, facts) in result.facts {
      #expect(facts.count == 5, "\(mood)")
    }
    let normal = try #require(result.facts[.normal])
    for (thin, normal) in zip(try #require(result.facts[.lowLiquidity]), normal) {
      #expect(thin.meanSpread > normal.meanSpread && thin.tradesPerSecond < normal.tradesPerSecond)
    }
  }

  @Test("a strategy is stopped at its loss limit, and the share of such seeds is told")
  func stopping() throws {
    let result = try stressJob(
      [(.buyAndHold, [])], size: 0.5, seconds: 200, seeds: 2, moods: [.flashCrash], crash: 30,
      maximumLoss: 0.2
    ).run(monitor: JobMonitor())
    #expect(result.runs.allSatisfy { $0.isStopped && $0.finalPosition == 0 && !$0.isLiquidated })
    let entry = try #require(result.json["results"].list.first)
    #expect(entry.double("stopped_share") == 1 && entry.double("liquidated_share") == 0)
  }

  // MARK: Totals

  @Test("the table's parts add up, and the means and errors are those of its rows")
  func totals() throws {
    let result = try stressJob([(.quotes, []), (.random, ["probability=1"])], seeds: 3).run(
      monitor: JobMonitor())
    let table = result.table
    #expect(table.rowCount == 4 * 2 * 3)
    let parts = try ["gross", "spread", "latency", "walk", "impact", "fees", "funding", "net"]
      .map { try table.doubles($0) }
    let (fills, makers) = (try table.int64s("fills"), try table.int64s("maker_fills"))
    let ofCapital = try table.doubles("net_of_capital")
    for row in 0..<table.rowCount {
      let costs = parts[1...5].reduce(0) { $0 + $1[row] }
      #expect(abs(parts[0][row] - costs + parts[6][row] - parts[7][row]) < 1e-9)
      #expect(ofCapital[row] == parts[7][row] / 10_000)
      #expect((0...fills[row]).contains(makers[row]))
    }
    #expect(fills.reduce(0, +) > 100)

    let seeds = try table.int64s("seed")
    #expect(Set(seeds) == [7, 8, 9])
    for (index, entry) in result.json["results"].list.enumerated() {
      #expect(entry["runs"].list.map { $0.int("seed") } == [7, 8, 9])
      let runs = result.runs.filter {
        $0.mood.rawValue == entry.string("mood") && $0.strategy == entry.string("strategy")
      }
      #expect(runs.count == 3, "result \(index)")
      for (key, values) in [
        ("net", runs.map(\.net.value)), ("max_drawdown", runs.map(\.maximumDrawdown)),
        ("fees", runs.map(\.costs.fees.value)), ("fills", runs.map { Double($0.fills) }),
      ] {
        let mean = values.reduce(0, +) / 3
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2
        #expect(abs(entry[key].double("mean") - mean) <= 1e-12 * max(1, abs(mean)))
        #expect(abs(entry[key].double("se") - (variance / 3).squareRoot()) <= 1e-12 * max(1, mean))
      }
    }
    // The curve of the first seed ends at the net.
    for curve in result.curves {
      let net = try #require(result.runs(curve.mood, curve.strategy).first).net.value
      #expect(curve.seed == 7)
      #expect(abs(try #require(curve.equity.doubles("equity").last) - 10_000 - net) < 1e-9)
    }
  }

  @Test("means over nothing, one and two values")
  func estimates() {
    let none = StressEstimate([.nan])
    #expect(none.mean.isNaN && none.standardError.isNaN)
    let one = StressEstimate([3, .nan])
    #expect(one.mean == 3 && one.standardError.isNaN)
    let two = StressEstimate([1, 3])
    #expect(two.mean == 2 && two.standardError == 1)
  }

  // MARK: Refusals

  @Test(
    "strategies that wait for signals are refused by name",
    arguments: [
      (Workflow.Strategy.Kind.ofiVPIN, [String]()), (.modelSignal, ["horizon=10s", "column=x"]),
    ])
  func signals(kind: Workflow.Strategy.Kind, settings: [String]) throws {
    let job = try stressJob([(.quotes, []), (kind, settings)])
    let error = #expect(throws: UsageError.self) { try job.run(monitor: JobMonitor()) }
    #expect(error?.description.contains(kind.rawValue) ?? false)
  }

  @Test("sizes that do not fit are refused with the instrument's units")
  func sizes() throws {
    for job in [
      try stressJob(size: 0.0005), try stressJob(position: 0.5005),
      try stressJob([(.quotes, ["position_limit=0.2505"])]),
      try stressJob(venue: ["rules.minimum_size=0.0001"]),
      try stressJob(venue: ["rules.lowest_price=99.005"]),
    ] {
      let error = #expect(throws: UsageError.self) { try job.run(monitor: JobMonitor()) }
      let text = try #require(error).description
      #expect(text.contains("0.001") && text.contains("100.00") && text.contains("0.01"), "\(text)")
    }
    // What fits, but is far beyond what the market trades, is played and said.
    let large = try stressJob(size: 20, position: 20, seeds: 1, moods: [.lowLiquidity]).run(
      monitor: JobMonitor())
    #expect(large.notes.contains { $0.contains("low liquidity") && $0.contains("flatter") })
  }

  @Test("settings without sense are a matter of usage")
  func settings() throws {
    func refuses(_ make: () throws(UsageError) -> StressSettings) {
      #expect(throws: UsageError.self) { try make() }
    }
    refuses { () throws(UsageError) in try StressSettings(duration: .seconds(9)) }
    refuses { () throws(UsageError) in try StressSettings(seeds: 0) }
    refuses { () throws(UsageError) in try StressSettings(moods: []) }
    refuses { () throws(UsageError) in try StressSettings(moods: [.normal, .normal]) }
    refuses { () throws(UsageError) in try StressSettings(crash: .seconds(600)) }
    #expect(throws: UsageError.self) { try StressSettings.moods(named: ["stormy"]) }
    #expect(try StressSettings.moods(named: ["all"]) == ScenarioMood.allCases)
    #expect(throws: UsageError.self) { try stressJob([]).check() }
    #expect(throws: UsageError.self) { try stressJob([(.quotes, []), (.quotes, [])]).check() }
    #expect(throws: UsageError.self) { try stressJob(seed: .max).check() }
    #expect(throws: DataError.self) { try stressJob([(.quotes, ["speed=3"])]).check() }
  }

  // MARK: Files

  @Test("the folder has the tables and a page, and the same again")
  func files() throws {
    let folder = try TemporaryFolder()
    let job = try stressJob([(.quotes, []), (.buyAndHold, [])])
    let outcome = try job.run(out: folder("out"), producer: "test", monitor: JobMonitor())
    for text in ["flash crash", "low liquidity", "± ", "buy-and-hold", "2 seeds of 1 m 00 s"] {
      #expect(outcome.text.contains(text), "the text says nothing of \(text)")
    }
    let table = try ParquetFile(folder("out/stress.parquet")).read()
    #expect(table.rowCount == 4 * 2 * 2)
    let equity = try ParquetFile(folder("out/stress_equity.parquet")).read()
    #expect(equity.rowCount > 4 * 2 * 55)
    let page = try String(contentsOfFile: folder("out/report.html"), encoding: .utf8)
    for text in [
      "What it earned in every mood", "How it traded", "quotes, mood by mood",
      "What the markets were",
    ] {
      #expect(page.contains(text), "the page says nothing of \(text)")
    }
    let before = folder.snapshot("out")
    // The page can be made again from the files, and says the same.
    #expect(try WorkflowFile.report(on: folder("out")).summary == outcome.text)
    #expect(folder.snapshot("out") == before)
    _ = try job.run(out: folder("out"), producer: "test", monitor: JobMonitor())
    #expect(folder.snapshot("out") == before)
  }

  @Test("a stress run that is stopped leaves nothing behind")
  func cancelling() throws {
    let folder = try TemporaryFolder()
    let monitor = JobMonitor()
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) {
      try stressJob().run(out: folder("out"), producer: "test", monitor: monitor)
    }
    #expect(folder.snapshot().isEmpty)
  }
}
