public import HogaCore

/// Plays strategies on bars of many symbols: weights in, an account out.
///
/// A weight decided when a bar has closed trades at a price of a later bar (the next one's open, unless
/// the settings say otherwise): no price that was known at the decision is ever traded at.
/// `Docs/bars.md` states every rule.
public struct BarBacktest: Sendable {
  public var settings: BarSettings

  public init(_ settings: BarSettings) { self.settings = settings }

  /// Plays several strategies over one reading of the bars, each with an account of its own.
  ///
  /// - Parameter detailed: only so many of the strategies, from the first on, keep their fills and the
  ///   positions of each sample: a hundred random portfolios need neither.
  /// - Returns: a result for each, in order.
  /// - Throws: `DataError` where bars or weights cannot be, `UsageError` where settings do not fit the
  ///   bars, `JobMonitor.Cancelled` when asked to stop.
  public func run(
    _ strategies: [any BarStrategy], on source: some BarSource, detailed: Int = .max,
    monitor: JobMonitor = JobMonitor()
  ) throws -> [BarResult] {
    var source = source
    let instruments = source.instruments
    try settings.check(interval: source.interval)
    let lookback = strategies.map(\.lookback).max() ?? 0
    guard lookback >= 0, lookback <= 10_000_000 else {
      throw UsageError("a strategy looks back \(lookback) bars: 0 to 10,000,000 are fine")
    }
    var history = BarHistory(symbols: instruments.map(\.symbol), lookback: lookback)
    var engines: [BarEngine] = []
    var start: Timestamp?
    var end: Timestamp?
    while let (bars, funding) = try source.next() {
      guard bars.symbolCount == instruments.count, bars.interval == source.interval,
        end ?? bars.start == bars.start
      else {
        throw DataError("the bars from \(bars.start) on do not continue those before")
      }
      if start == nil {
        start = bars.start
        engines = strategies.enumerated().map { index, strategy in
          BarEngine(
            instruments, settings, strategy, isDetailed: index < detailed,
            interval: bars.interval, start: bars.start)
        }
      }
      let block = try PreparedBlock(bars, funding, instruments, settings)
      history.append(bars)
      for index in engines.indices { try engines[index].play(block, history) }
      end = bars.end
      try monitor.advance(by: Int64(bars.rowCount))
    }
    guard let start, let end else { throw DataError("there is no bar to play") }
    let rows = (end - start).nanoseconds / source.interval.nanoseconds
    return try engines.indices.map { index in
      try engines[index].finish(end)
      return BarResult(engines[index], start: start, end: end, rows: Int(rows))
    }
  }

  /// Plays one strategy over a market in memory.
  public func run(_ strategy: any BarStrategy, on market: BarMarket) throws -> BarResult {
    try run([strategy], on: market.source())[0]
  }
}
