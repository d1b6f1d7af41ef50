public import HogaCore
public import HogaLake
internal import HogaLedger
public import HogaSim
public import HogaStatistics

/// Plays strategies on a market of the lake, with signals from a table.
public struct BacktestJob: Sendable {
  public var lake: Lake
  public var market: Workflow.Market
  public var options: Workflow.Backtest
  public var seed: UInt64
  /// The ledger that counts the trials; beside the lake unless set.
  public var ledger: String

  public init(
    lake: Lake, market: Workflow.Market, options: Workflow.Backtest, seed: UInt64
  ) {
    self.lake = lake
    ledger = TrialLedger.path(inLake: lake.root)
    self.market = market
    self.options = options
    self.seed = seed
  }

  /// One strategy's result under the name that the settings give it.
  public struct Outcome: Sendable {
    public var name: String
    public var result: BacktestResult
    /// What the market did after its fills.
    public var aftermath: FillAftermath
    /// What the account's course is worth, given how many were tried.
    public var performance: PerformanceAnalysis

    public var json: JSONValue {
      [
        "name": .string(name),
        "result": result.json, "mark_outs": aftermath.json,
        "performance": [
          "is_counted": .bool(performance.sharpe == nil || performance.sharpe?.trials != nil),
          "sharpe": performance.sharpe?.json ?? .null,
          "bootstrap": performance.intervals?.json ?? .null,
          "monthly": performance.monthly?.json ?? .null,
          "drawdowns": .array(performance.drawdowns.map(\.json)),
        ],
      ]
    }

    /// The result's fills, and the mid some time after each: `mid_after_100ms`, `mid_after_1s`, ….
    public func fills() throws(DataError) -> Frame {
      var frame = try result.fills()
      for (name, mids) in aftermath.columns { frame.append(name, .double(mids)) }
      return frame
    }
  }

  /// Plays each strategy over the same time.
  ///
  /// - Parameters:
  ///   - signals: `time` and the columns that strategies read; a row is known at its time.
  ///   - start: strategies trade from here on.
  public func run(
    signals: Frame?, start: Timestamp? = nil, monitor: JobMonitor
  ) throws -> [Outcome] {
    let reader = try MarketReader(
      lake, venue: market.venue, symbol: market.symbol, dates: market.dates, skipMissingDates: true,
      books: options.venue.queue == .trueQueue ? [.orders] : [.depth, .book, .quotes, .orders])
    guard let table = reader.bookTable else {
      throw MissingInputError("\(lake.root): no order book of \(market.venue) \(market.symbol)")
    }
    let backtest = try Backtest(
      instrument: reader.instrument, settings: settings(start: start, reader.instrument))
    let results = try options.strategies.map { strategy in
      try play(strategy, backtest, reader, signals, monitor)
    }
    let aftermaths = try FillAftermath.all(of: results, tape(reader), monitor: monitor)
    let judge = BacktestJudge(seed: seed, trials: try count(results, table, signals))
    let performances = try judge.judge(results, monitor: monitor)
    return options.strategies.indices.map {
      Outcome(
        name: options.strategies[$0].name, result: results[$0], aftermath: aftermaths[$0],
        performance: performances[$0])
    }
  }

  /// The same with signals from a file; writes the tables of the result where `out` is given.
  public func run(
    signalFile: String?, out: String?, producer: String, monitor: JobMonitor
  ) throws -> ModelJob.Outcome {
    let signals = try signalFile.map { try TableFile.read($0) }
    let outcomes = try run(signals: signals, monitor: monitor)
    let metrics: JSONValue = ["backtests": .array(outcomes.map(\.json))]
    if let out {
      try RunFolder(out).staging(replacing: []) { files in
        try files.write(outcomes, producer: producer)
        try files.write(metrics.text(), to: "metrics.json")
      }
    }
    return ModelJob.Outcome(
      json: metrics, text: RunSummary(metrics).strategies(over: "the same time"))
  }

  /// How many backtests were tried on the data of each, these included; `nil` where the lake cannot be
  /// written to, so that nobody counts.
  private func count(
    _ results: [BacktestResult], _ table: MarketTable, _ signals: Frame?
  ) throws -> [TrialSummary]? {
    do {
      return try record(results, table: table.rawValue, signals: signals, at: .now)
    } catch is ResourceError {
      return nil
    }
  }

  /// The market as it is played: read anew for each strategy, so that memory does not depend on days.
  func tape(_ reader: MarketReader) throws -> MarketTape {
    try MarketTape(
      book: reader.bookSource()!, trades: reader.tradeSource(), status: reader.status())
  }

  private func play(
    _ strategy: Workflow.Strategy, _ backtest: Backtest, _ reader: MarketReader, _ signals: Frame?,
    _ monitor: JobMonitor
  ) throws -> BacktestResult {
    func run(_ strategy: some Strategy) throws -> BacktestResult {
      for column in strategy.signalColumns {
        guard let values = try signals?.doubles(column) else { break }
        guard values.contains(where: { !$0.isNaN }) else {
          throw DataError(
            "is null in every row: \(strategy.name) could never trade", column: column)
        }
      }
      var strategy = strategy
      return try backtest.run(
        &strategy, tape(reader), signals: signals, monitor: monitor)
    }
    return try run(
      strategy.make(options, seed: seed) { try Self.lots($0, reader.instrument) })
  }

  private func settings(
    start: Timestamp?, _ instrument: Instrument
  ) throws -> SimulationSettings {
    let venue = options.venue
    let contract = try Contract(instrument)
    return SimulationSettings(
      initialCapital: try Money(options.capital),
      fees: venue.fees,
      periodsPerYear: SimulationSettings.periodsPerYear(
        every: .seconds(1), days: options.daysPerYear, hours: options.hoursPerDay),
      latency: Latency(
        feed: venue.feed, entry: venue.entry, response: venue.response,
        compute: options.computeDelay),
      limits: RiskLimits(
        maximumPosition: try Self.lots(options.maximumPosition, instrument),
        // Who has lost everything cannot go on.
        maximumLoss: try Money(min(options.maximumLoss ?? .infinity, options.capital))),
      matching: try venue.matching(instrument), margin: venue.margin,
      funding: try venue.funding(lake, market, contract), impact: venue.impact(instrument),
      seed: seed, start: start)
  }

  /// An amount in units as lots.
  ///
  /// - Throws: `UsageError` where it is no whole number of lots above zero.
  static func lots(_ amount: Double, _ instrument: Instrument) throws -> Int64 {
    let scaled = (amount * instrument.sizeScale).rounded()
    guard scaled >= 1, scaled < 1e15, abs(scaled / instrument.sizeScale - amount) <= 1e-9 * amount
    else {
      throw UsageError(
        "\(amount) is no multiple of \(instrument.symbol)'s lot, "
          + Decimal.text(1, decimals: instrument.sizeDecimals))
    }
    return Int64(scaled)
  }
}
