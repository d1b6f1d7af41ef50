import ArgumentParser
import HogaCore
import HogaImport
import HogaLake
import HogaSim
import HogaTrade

struct TickBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ticks",
    abstract: "Measure the simulator on a Binance capture, with quotes re-sent every 100 ms.",
    discussion: """
      The same strategy on the same day as `Benchmarks/hftbacktest_quotes.py`: the first date of \
      the capture, two post-only quotes of one lot half a tick from the mid, 10 ms each way. The \
      market is decoded before the clock starts, as hftbacktest's is. The capture's lake is left in \
      the folder as ticks, where a peer finds it.

      Without a peer to be set beside, quotes that share what is printed and shown are measured as \
      well, and once with reading and decoding Parquet.
      """)

  @Argument(help: "A raw capture of Binance's USDⓈ-M stream of BTCUSDT.")
  var capture: String
  @Option(help: "The queue model, as settings spell it.")
  var queue: String = "risk-averse"
  @Option(help: "How far from the mid the quotes are, in ticks.")
  var halfSpread: Double = 0.5
  @Option(help: "How often they are sent anew, in milliseconds.")
  var interval: Int = 100
  @Option(help: "The peer that this is set beside, for the measurements' names.")
  var beside: String?
  @Option(help: "Write fills and orders as Parquet into this folder, to be compared.")
  var out: String?
  @OptionGroup var common: CommonOptions

  func run() throws {
    guard let model = QueueModel(queue) else { throw ValidationError("no queue model '\(queue)'") }
    let machine = Machine()
    try Scratch.with(common) { scratch in
      let lake = try scratch.emptyLake("ticks")
      _ = try BinanceRawImporter(market: .usdm, symbol: "BTCUSDT").run(
        files: [capture], into: lake)
      guard let depth = try lake.partitions(table: MarketTable.depth.rawValue).first else {
        throw DataError("holds no depth", file: capture)
      }
      let reader = try MarketReader(
        lake, venue: depth.venue, symbol: depth.symbol!, dates: depth.date...depth.date)
      let backtest = try Backtest(instrument: reader.instrument, settings: settings(model))
      func open() throws -> MarketTape {
        try MarketTape(book: reader.bookSource()!, trades: reader.tradeSource())
      }
      let tape = try open().loaded()
      let counted = "levels changed and trades, each played to the exchange and to the strategy"
      var whole = backtest.settings
      whole.matching.fillsWhole = true
      let wholeBacktest = try Backtest(instrument: reader.instrument, settings: whole)
      // With whole fills both sides have the same fills: that is what can be compared.
      let suffix = beside.map { " (\($0))" } ?? ""
      var measurements = [
        try measure("ticks, idle\(suffix)", counted, wholeBacktest, Idle()) { tape },
        try measure("ticks, quotes that fill whole\(suffix)", counted, wholeBacktest, quotes()) {
          tape
        },
      ]
      if beside == nil {
        measurements += [
          try measure("ticks, quotes", counted, backtest, quotes()) { tape },
          try measure(
            "ticks, quotes, from Parquet", counted + ", read from Parquet", backtest, quotes(),
            open),
        ]
      }
      machine.report("ticks", measurements)
      if let out {
        var strategy = try quotes()
        let result = try wholeBacktest.run(&strategy, tape)
        try TableFile.write(result.fills(), to: out + "/fills.parquet", metadata: [:])
        try TableFile.write(result.orders, to: out + "/orders.parquet", metadata: [:])
      }
    }
  }

  private func quotes() throws -> QuotingStrategy {
    var settings = QuotingStrategy.Settings(lots: 1, positionLimit: 1000)
    settings.halfSpread = .ticks(halfSpread)
    settings.interval = .milliseconds(Int64(interval))
    return try QuotingStrategy(settings)
  }

  private func settings(_ queue: QueueModel) throws -> SimulationSettings {
    SimulationSettings(
      initialCapital: try Money(1_000_000),
      fees: FeeSchedule(makerPartsPerMillion: 200, takerPartsPerMillion: 700),
      periodsPerYear: SimulationSettings.periodsPerYear(every: .seconds(1)),
      matching: MatchingRules(queue: queue))
  }

  private func measure(
    _ name: String, _ counted: String, _ backtest: Backtest, _ strategy: some Strategy,
    _ tape: () throws -> MarketTape
  ) throws -> Measurement {
    try Measurement(name, unit: "events", counted: counted, repeats: common.repeats) {
      var strategy = strategy
      let result = try backtest.run(&strategy, tape())
      return Measurement.Outcome(
        amount: Double(result.eventCount),
        digest: {
          var digest = FNV1a()
          digest.add(Int64(bitPattern: result.fingerprint))
          return digest
        },
        facts: {
          [
            ("fills", Double(result.fillLog.count)), ("orders", Double(result.orderLog.count)),
            ("position", Double(result.account.position)),
          ]
        })
    }
  }
}

/// Looks, and does nothing.
private struct Idle: Strategy {
  let name = "idle"
  mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {}
}
