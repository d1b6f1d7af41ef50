import ArgumentParser
import HogaCore
import HogaJobs
import HogaLake
import HogaSim

struct BacktestBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Measure the simulator on a LOBSTER day with strategies that do nothing.",
    discussion: """
      What is left is what every backtest pays: reading Parquet, two books (the exchange's and the
      local one), latency queues, equity every second. Once with a strategy that asks for no market
      event, once with one that is called for each.
      """)

  @Argument(help: "A LOBSTER zip with message and order-book file.")
  var archive: String
  @OptionGroup var common: CommonOptions

  func run() throws {
    let machine = Machine()
    try Scratch.with(common) { scratch in
      let (lake, market) = try scratch.lobsterDay(archive)
      let reader = try MarketReader(
        lake, venue: market.venue, symbol: market.symbol, dates: market.dates)
      let settings = SimulationSettings(
        initialCapital: try Money(1_000_000), fees: .none,
        periodsPerYear: SimulationSettings.periodsPerYear(every: .seconds(1)))
      let backtest = try Backtest(instrument: reader.instrument, settings: settings)
      let measurements = try [(Subscription([]), "idle"), ([.book, .trades], "called for events")]
        .map { subscription, name in
          try Measurement(
            "backtest, \(name)", unit: "events",
            counted: "book rows and trades, read from Parquet, through the simulator",
            repeats: common.repeats
          ) {
            var strategy = Idle(subscription: subscription)
            let result = try backtest.run(
              &strategy, MarketTape(book: reader.bookSource()!, trades: reader.tradeSource()))
            return outcome(result, strategy)
          }
        }
      machine.report("backtest", measurements)
    }
  }

  private func outcome(_ result: BacktestResult, _ strategy: Idle) -> Measurement.Outcome {
    Measurement.Outcome(
      amount: Double(result.eventCount),
      digest: {
        var digest = FNV1a()
        digest.add(result.equity)
        digest.add(strategy.calls)
        return digest
      },
      facts: { [("calls", Double(strategy.calls)), ("orders", Double(result.orderLog.count))] })
  }
}

/// Looks, and does nothing.
private struct Idle: Strategy {
  let name = "idle"
  let subscription: Subscription
  var calls: Int64 = 0

  mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) { calls += 1 }
}
