public import HogaCore
internal import HogaReport
internal import HogaScenarios
internal import HogaSim

/// Plays strategies on synthetic markets of several moods, with the venue of a backtest.
///
/// Each market is made while it is played, and again for each strategy: memory holds a piece or two of
/// it, besides the orders, fills and seconds of one run at a time. Where nothing else is said the true
/// queue decides about fills, since every order of the market is known; a queue model is played on
/// depth by level, as it would be on a recording.
public struct StressJob: Sendable {
  public var options: Workflow.Backtest
  public var settings: StressSettings
  /// The first seed; markets have it and those that follow. The same seeds in all moods.
  public var seed: UInt64

  public init(options: Workflow.Backtest, settings: StressSettings, seed: UInt64) {
    self.options = options
    self.settings = settings
    self.seed = seed
  }

  /// Finds out before any work is done whether the strategies can be played on these markets.
  ///
  /// - Throws: `UsageError` for strategies that read signals, names that are not unique, and sizes and
  ///   prices that do not fit the synthetic instruments; `DataError` for a strategy's settings.
  public func check() throws {
    let strategies = options.strategies
    guard !strategies.isEmpty, Set(strategies.map(\.name)).count == strategies.count else {
      throw UsageError("strategies: one or more, each with a name of its own")
    }
    for strategy in strategies where strategy.kind.readsSignals {
      throw UsageError(
        "\(strategy.kind.rawValue) trades on features or forecasts, and a synthetic market comes "
          + "without; stress runs play quotes, buy-and-hold and random")
    }
    guard seed <= UInt64(Int64.max) - UInt64(settings.seeds) else {
      throw UsageError("seeds go up to \(Int64.max)")
    }
    for mood in settings.moods {
      let market = try settings.market(mood, seed: seed)
      _ = try simulation(market, seed: seed)
      for strategy in strategies { _ = try make(strategy, market, seed: seed) }
    }
  }

  /// - Throws: Besides what `check` throws, `DataError` where a run cannot be accounted for, and
  ///   `JobMonitor.Cancelled`.
  public func run(monitor: JobMonitor) throws -> StressResult {
    try check()
    let first = try settings.market(settings.moods[0], seed: seed).settings
    var result = StressResult(
      settings: settings, seed: seed, queue: "\(options.venue.queue ?? .trueQueue)",
      capital: options.capital, instrument: first.instrument, startPrice: first.startPrice,
      strategies: options.strategies.map(\.name), notes: try notes())
    let count = settings.moods.count * settings.seeds * options.strategies.count
    monitor.begin(
      "playing \(count) markets", total: Int64(count) * Int64(settings.duration.seconds),
      unit: "seconds")
    for mood in settings.moods {
      for number in 0..<UInt64(settings.seeds) {
        let market = try settings.market(mood, seed: seed + number)
        for (index, strategy) in options.strategies.enumerated() {
          monitor.describe(
            "\(strategy.name), \(StressSummary.name(mood.rawValue)), seed \(market.seed)")
          let (played, facts) = try play(strategy, market, monitor)
          result.runs.append(
            StressRun(mood, strategy: strategy.name, seed: market.seed, played))
          if index == 0 { result.facts[mood, default: []].append(facts) }
          if number == 0 {
            result.curves.append(
              .init(
                mood: mood, strategy: strategy.name, seed: market.seed, equity: played.equity))
          }
        }
      }
    }
    return result
  }

  /// Files that a stress run leaves in a folder.
  static let tables = ["stress.parquet", "stress_equity.parquet"]

  /// The same, and writes `stress.parquet` (see `StressResult.table`), `stress_equity.parquet`,
  /// `stress.json` and the page `report.html` where `out` is given.
  public func run(
    out: String?, producer: String, monitor: JobMonitor
  ) throws -> ModelJob.Outcome {
    let result = try run(monitor: monitor)
    let metrics: JSONValue = [
      "hoga": .string(HogaVersion.text), "command": .string(producer), "seed": .int(Int64(seed)),
      "stress": result.json,
    ]
    if let out {
      let results = Self.tables + ["stress.json", "report.html"]
      try RunFolder(out).staging(results, replacing: results) { files in
        try Self.write(result, to: files, producer: producer)
        try files.write(metrics.text(), to: "stress.json")
        try StressReport.page(folder: files.root).write(to: files.path("report.html"))
      }
    }
    return ModelJob.Outcome(json: metrics, text: StressSummary(metrics["stress"]).text)
  }

  static func write(_ result: StressResult, to files: RunFolder, producer: String) throws {
    try files.write(result.table, to: tables[0], producer: producer)
    try files.write(result.equityTable(), to: tables[1], producer: producer)
  }

  // MARK: One run

  private func play(
    _ strategy: Workflow.Strategy, _ market: SyntheticMarket, _ monitor: JobMonitor
  ) throws -> (BacktestResult, ScenarioFacts) {
    let backtest = try Backtest(
      instrument: market.settings.instrument, settings: simulation(market, seed: market.seed))
    let isTrueQueue = options.venue.queue == nil || options.venue.queue == .trueQueue
    let stream = try StressTape(
      market, seconds: settings.duration.seconds, bookTable: isTrueQueue ? .orders : .depth,
      monitor: monitor)
    func run(_ strategy: some Strategy) throws -> BacktestResult {
      var strategy = strategy
      // The market's seconds are what is counted, not the engine's events.
      return try backtest.run(&strategy, stream.tape())
    }
    let result = try run(make(strategy, market, seed: market.seed))
    return (result, stream.facts)
  }

  private func make(
    _ strategy: Workflow.Strategy, _ market: SyntheticMarket, seed: UInt64
  ) throws -> any Strategy {
    // Not the market's own seed: what the strategy draws has nothing to do with it.
    try strategy.make(options, seed: ~seed) { amount in
      try Self.fitting(market) { try BacktestJob.lots(amount, market.settings.instrument) }
    }
  }

  private func simulation(_ market: SyntheticMarket, seed: UInt64) throws -> SimulationSettings {
    var funding: FundingSchedule?
    if case .constant(let rate, let every) = options.venue.funding {
      funding = try .constant(rate: rate, every: every)
    }
    return try Self.fitting(market) {
      try options.simulation(market.settings.instrument, funding: funding, seed: seed)
    }
  }

  /// Says what the synthetic instrument's units are where a size or a price does not fit them.
  private static func fitting<Value>(
    _ market: SyntheticMarket, _ read: () throws -> Value
  ) throws -> Value {
    do { return try read() } catch let error as UsageError {
      let settings = market.settings
      let decimals = (price: settings.priceDecimals, size: settings.sizeDecimals)
      throw UsageError(
        "\(error.description). Sizes of stress runs are in units of the synthetic instrument: its lot "
          + "is \(Decimal.text(1, decimals: decimals.size)), its price begins at "
          + "\(Decimal.text(settings.startPrice, decimals: decimals.price)) in ticks of "
          + "\(Decimal.text(1, decimals: decimals.price)), and its limit orders have "
          + "\(NumberText.fixed(Self.meanSize(market), 2)) on average")
    }
  }

  /// Of the market's limit orders, in units.
  private static func meanSize(_ market: SyntheticMarket) -> Double {
    market.settings.limitSizes.mean / market.settings.instrument.sizeScale
  }

  // MARK: Notes

  /// What a reader has to know of these runs.
  private func notes() throws -> [String] {
    var notes: [String] = []
    for mood in settings.moods {
      let name = StressSummary.name(mood.rawValue)
      let mean = Self.meanSize(try settings.market(mood, seed: seed))
      if options.orderSize > 10 * mean {
        notes.append(
          "An order of \(options.orderSize) is \(NumberText.fixed(options.orderSize / mean, 0)) times "
            + "the mean order of \(name), \(NumberText.fixed(mean, 2)): the market does not "
            + "answer it, so results flatter.")
      }
      if settings.isCutShort(mood) {
        notes.append(
          "The \(name) is not over when its market ends: it begins after "
            + "\(NumberText.seconds(settings.crashSeconds)) and takes three minutes.")
      }
    }
    if case .table = options.venue.funding {
      notes.append("No funding is paid: a synthetic market has no table of it.")
    }
    if settings.seeds == 1 {
      notes.append("One seed says nothing about chance: no standard errors.")
    }
    return notes
  }
}
