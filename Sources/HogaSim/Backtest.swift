public import HogaCore

/// Plays a strategy against recorded markets.
///
///     let backtest = try Backtest(instrument: instrument, settings: settings)
///     var strategy = BuyAndHold(lots: 1)
///     let result = try backtest.run(&strategy, book: book, trades: trades)
///
/// The market is not moved by our orders, save that shown liquidity taken once is not taken twice.
public struct Backtest: Sendable {
  public let contract: Contract
  public let settings: SimulationSettings

  /// - Throws: `UsageError` where a setting or the instrument's units make no sense.
  public init(instrument: Instrument, settings: SimulationSettings) throws {
    try settings.validate()
    contract = try Contract(instrument)
    self.settings = settings
  }

  /// Plays everything from the first event to the last, or to the settings' end.
  ///
  /// Memory: two chunks of each table, the orders and fills, and one sample per interval.
  /// - Parameters:
  ///   - book: chunks of `depth`, `book` or `quotes`, sorted by (arrival, sequence).
  ///   - trades: chunks of `trades`; without them nothing fills by prints.
  ///   - signals: `time` and the strategy's columns; a row is known one feed and one compute
  ///     latency after its `time`.
  /// - Throws: `DataError` for tables that cannot be played, `MissingInputError` where the
  ///   strategy reads signals and there are none, `JobMonitor.Cancelled`.
  public func run(
    _ strategy: inout some Strategy, book: @escaping Replay.Source, trades: Replay.Source? = nil,
    signals: Frame? = nil, monitor: JobMonitor? = nil
  ) throws -> BacktestResult {
    try run(
      &strategy, book: book, trades: trades, signals: signals, monitor: monitor, audit: nil)
  }

  /// The same, and calls `audit` with account and mid (half ticks) after each event at the
  /// exchange: for tests of what must hold at every moment.
  package func run(
    _ strategy: inout some Strategy, book: @escaping Replay.Source, trades: Replay.Source?,
    signals: Frame?, monitor: JobMonitor? = nil,
    audit: (@Sendable (Account, Int64) throws -> Void)?
  ) throws -> BacktestResult {
    var engine = try Engine(
      contract: contract, settings: settings, book: book, trades: trades, signals: signals,
      signalColumns: strategy.signalColumns, subscription: strategy.subscription,
      monitor: monitor)
    engine.audit = audit
    monitor?.begin("backtesting \(contract.instrument.symbol)", unit: "events")
    while let event = try engine.next() {
      strategy.receive(event, &engine.gateway.desk)
      try engine.submit()
    }
    return try engine.finish(strategy: strategy.name)
  }
}
