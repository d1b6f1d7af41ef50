public import HogaCore
public import HogaLake
internal import HogaLedger
public import HogaSim
public import HogaStatistics
public import HogaTrade

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
    /// What a parent order cost against the mid at its start; `nil` for other strategies.
    public var shortfall: ImplementationShortfall?

    public var json: JSONValue {
      [
        "name": .string(name),
        "result": result.json, "cancellations": cancellations, "mark_outs": aftermath.json,
        "shortfall": shortfall.map { json(of: $0) } ?? .null,
        "performance": [
          "is_counted": .bool(performance.sharpe == nil || performance.sharpe?.trials != nil),
          "sharpe": performance.sharpe?.json ?? .null,
          "bootstrap": performance.intervals?.json ?? .null,
          "monthly": performance.monthly?.json ?? .null,
          "drawdowns": .array(performance.drawdowns.map(\.json)),
        ],
      ]
    }

    private func json(of shortfall: ImplementationShortfall) -> JSONValue {
      let scale = result.contract.instrument.sizeScale
      return [
        "filled": .double(Double(shortfall.filledLots) / scale),
        "unfilled": .double(Double(shortfall.unfilledLots) / scale),
        "price": .double(shortfall.priceCost.value), "fees": .double(shortfall.fees.value),
        "opportunity": .double(shortfall.opportunityCost.value),
        "total": .double(shortfall.total.value), "bps": .optional(shortfall.basisPoints),
      ]
    }

    /// How many orders ended before they were filled, by reason.
    private var cancellations: JSONValue {
      var counts: [String: Int64] = [:]
      for order in result.orderLog where order.status == .cancelled {
        if let reason = order.reason { counts[reason, default: 0] += 1 }
      }
      return .object(
        CancelReason.allCases.compactMap { reason in
          counts[reason.rawValue].map { (reason.rawValue, .int($0)) }
        })
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
      throw try noBook()
    }
    let backtest = try Backtest(
      instrument: reader.instrument,
      settings: options.simulation(
        reader.instrument,
        funding: options.venue.funding(lake, market, Contract(reader.instrument)), seed: seed,
        start: start))
    let played = try options.strategies.map { strategy in
      try play(strategy, backtest, reader, signals, monitor)
    }
    let results = played.map(\.result)
    let aftermaths = try FillAftermath.all(of: results, tape(reader), monitor: monitor)
    let judge = BacktestJudge(seed: seed, trials: try count(results, table, signals))
    let performances = try judge.judge(results, monitor: monitor)
    return options.strategies.indices.map {
      Outcome(
        name: options.strategies[$0].name, result: results[$0], aftermath: aftermaths[$0],
        performance: performances[$0], shortfall: played[$0].shortfall)
    }
  }

  /// The same with signals from a file; writes the tables of the result where `out` is given.
  public func run(
    signalFile: String?, out: String?, producer: String, monitor: JobMonitor
  ) throws -> ModelJob.Outcome {
    let signals = try signalFile.map { try TableFile.read($0) }
    let outcomes = try run(signals: signals, monitor: monitor)
    let metrics: JSONValue = [
      "hoga": .string(HogaVersion.text), "kind": .string(BacktestWorkflow.kind),
      "name": .string("backtest"), "command": .string(producer), "seed": .int(Int64(seed)),
      "market": try describe(outcomes), "backtests": .array(outcomes.map(\.json)),
    ]
    if let out {
      try RunFolder(out).staging(replacing: []) { files in
        try files.write(outcomes, producer: producer)
        try files.write(metrics.text(), to: "metrics.json")
      }
    }
    var text = BacktestSummary(metrics).text
    if let out {
      text +=
        "\n\nTables: \(out)/backtests. The life of its orders: hoga backtest explain \(out); "
        + "a page: hoga report \(out)"
    }
    return ModelJob.Outcome(json: metrics, text: text)
  }

  /// The market that was played, and over which time, for a run's metrics.
  ///
  /// - Throws: `DataError` where there never was a price.
  func describe(_ outcomes: [Outcome]) throws -> JSONValue {
    let times = try outcomes.map { try $0.result.equity.int64s("time") }
    guard let first = times.compactMap(\.first).min(), let last = times.compactMap(\.last).max()
    else {
      throw DataError("the market has no two-sided book: there is nothing to trade on")
    }
    return [
      "venue": .string(market.venue), "symbol": .string(market.symbol),
      "from": .string("\(Timestamp(nanoseconds: first))"),
      "to": .string("\(Timestamp(nanoseconds: last))"),
      "events": .int(outcomes[0].result.eventCount), "rows": .int(outcomes[0].result.clocks.rows),
    ]
  }

  /// Says what the market lacks, and what there is of it.
  private func noBook() throws -> MissingInputError {
    let found = try lake.partitions(
      venue: market.venue, symbol: market.symbol, dates: market.dates)
    let tables = MarketTable.allCases.map(\.rawValue).filter { name in
      found.contains { $0.table == name }
    }.joined(separator: ", ")
    let place = "\(lake.root): \(market.venue) \(market.symbol)"
    return options.venue.queue == .trueQueue
      ? MissingInputError("\(place): the true queue needs the table 'orders'; there is \(tables)")
      : MissingInputError("\(place): no order book; there is \(tables)")
  }

  /// How many backtests were tried on the data of each, these included; `nil` where the lake cannot be
  /// written to, so that nobody counts.
  private func count(
    _ results: [BacktestResult], _ table: MarketTable, _ signals: Frame?
  ) throws -> [TrialSummary]? {
    do {
      return try record(results, table: table.rawValue, signals: signals, at: .systemTime)
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
  ) throws -> (result: BacktestResult, shortfall: ImplementationShortfall?) {
    func run(
      _ strategy: some Strategy
    ) throws -> (result: BacktestResult, shortfall: ImplementationShortfall?) {
      for column in strategy.signalColumns {
        guard let values = try signals?.doubles(column) else { break }
        guard values.contains(where: { !$0.isNaN }) else {
          throw DataError(
            "is null in every row: \(strategy.name) could never trade", column: column)
        }
      }
      var strategy = strategy
      let result = try backtest.run(
        &strategy, tape(reader), signals: signals, monitor: monitor)
      let execution = (strategy as? ParentOrder)?.execution
      return (
        result,
        try execution?.shortfall(
          contract: result.contract, closingHalfTicks: result.closingHalfTicks)
      )
    }
    return try run(
      strategy.make(options, seed: seed) { try Self.lots($0, reader.instrument) })
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

extension Workflow.Backtest {
  /// The settings of a simulation on this venue.
  ///
  /// - Throws: `UsageError` where sizes or prices do not fit the instrument.
  func simulation(
    _ instrument: Instrument, funding: FundingSchedule?, seed: UInt64, start: Timestamp? = nil
  ) throws -> SimulationSettings {
    SimulationSettings(
      initialCapital: try Money(capital), fees: venue.fees,
      periodsPerYear: SimulationSettings.periodsPerYear(
        every: .seconds(1), days: daysPerYear, hours: hoursPerDay),
      latency: Latency(
        feed: venue.feed, entry: venue.entry, response: venue.response, compute: computeDelay),
      limits: RiskLimits(
        maximumPosition: try BacktestJob.lots(maximumPosition, instrument),
        // Who has lost everything cannot go on.
        maximumLoss: try Money(min(maximumLoss ?? .infinity, capital))),
      matching: try venue.matching(instrument), margin: venue.margin, funding: funding,
      impact: venue.impact(instrument), seed: seed, start: start)
  }
}
