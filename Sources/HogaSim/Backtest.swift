public import HogaCore

/// Plays a strategy against recorded markets.
///
///     let backtest = try Backtest(instrument: instrument, settings: settings)
///     var strategy = BuyAndHold(lots: 1)
///     let result = try backtest.run(&strategy, MarketTape(book: book, trades: trades))
///
/// The market is not moved by our orders, save that shown liquidity taken once is not taken twice, and
/// that the settings' impact moves the prices that we pay.
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
  /// Memory: the tape, the orders and fills, and one sample per interval.
  /// - Parameters:
  ///   - signals: `time` and the strategy's columns; a row is known one feed and one compute
  ///     latency after its `time`.
  /// - Throws: `DataError` for tables that cannot be played, `MissingInputError` where the
  ///   strategy reads signals and there are none, `UsageError` where settings do not fit the market,
  ///   `JobMonitor.Cancelled`.
  public func run(
    _ strategy: inout some Strategy, _ tape: MarketTape, signals: Frame? = nil,
    monitor: JobMonitor? = nil
  ) throws -> BacktestResult {
    try run(&strategy, tape, signals: signals, monitor: monitor, audit: nil)
  }

  /// The same, and calls `audit` with account and mid (half ticks) after each event at the
  /// exchange: for tests of what must hold at every moment.
  package func run(
    _ strategy: inout some Strategy, _ tape: MarketTape, signals: Frame?,
    monitor: JobMonitor? = nil, audit: (@Sendable (Account, Int64) throws -> Void)?
  ) throws -> BacktestResult {
    var engine = try Engine(
      contract: contract, settings: settings, tape: tape, signals: signals,
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
