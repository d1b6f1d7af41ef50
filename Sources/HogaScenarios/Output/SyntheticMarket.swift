public import HogaCore

/// A market that never was, with known truth: the same settings and seed make the same rows, bit by
/// bit, on every machine.
///
/// ```swift
/// let market = try SyntheticMarket(mood: .normal, seed: 7).frames(events: 10_000)
/// var replay = try OrderByOrderReplay(market.source(of: .orders))
/// ```
public struct SyntheticMarket: Hashable, Sendable {
  public let settings: ScenarioSettings
  public let seed: UInt64

  /// - Throws: `UsageError` that names the setting that makes no sense.
  public init(_ settings: ScenarioSettings, seed: UInt64) throws(UsageError) {
    try settings.validate()
    self.settings = settings
    self.seed = seed
  }

  /// A market in one of the moods.
  public init(mood: ScenarioMood, seed: UInt64) throws(UsageError) {
    try self.init(mood.settings(), seed: seed)
  }

  /// The market as a stream of chunks.
  ///
  /// - Parameter keepsEvents: whether chunks carry the truth about every event of the flow.
  /// - Throws: `UsageError` where the end makes no sense, or comes before the first phase.
  public func stream(
    until end: ScenarioStream.End, keepsEvents: Bool = false
  ) throws(UsageError) -> ScenarioStream {
    try ScenarioStream(settings, seed: seed, end: end, keepsEvents: keepsEvents)
  }

  /// The first events of the market, in memory.
  public func frames(events: Int, keepsEvents: Bool = false) throws(UsageError) -> ScenarioFrames {
    try ScenarioFrames(stream(until: .events(events), keepsEvents: keepsEvents))
  }

  /// The market up to a time in seconds, in memory.
  public func frames(seconds: Double, keepsEvents: Bool = false) throws(UsageError)
    -> ScenarioFrames
  {
    try ScenarioFrames(stream(until: .seconds(seconds), keepsEvents: keepsEvents))
  }
}

/// A small synthetic market in memory, all dates joined.
public struct ScenarioFrames: Hashable, Sendable {
  public let instrument: Instrument
  /// The days of `orders`, `trades`, `depth`, … one after another, each beginning with a snapshot.
  public private(set) var orders: Frame
  public private(set) var trades: Frame
  public private(set) var depth: Frame
  public private(set) var status: Frame
  public private(set) var events: Frame?
  public let truth: ScenarioTruth

  init(_ stream: ScenarioStream) {
    var stream = stream
    instrument = stream.settings.instrument
    let empty = ScenarioTables().chunk(
      CivilDate(daysSince1970: 0), instrument, hasEvents: stream.keepsEvents)
    orders = empty.orders
    trades = empty.trades
    depth = empty.depth
    status = empty.status
    events = empty.events
    while let chunk = stream.next() {
      orders.append(rowsOf: chunk.orders)
      trades.append(rowsOf: chunk.trades)
      depth.append(rowsOf: chunk.depth)
      status.append(rowsOf: chunk.status)
      if let rows = chunk.events { events?.append(rowsOf: rows) }
    }
    truth = stream.truth
  }

  /// The rows of a table as `Replay`, `OrderByOrderReplay` and the simulator take them; tables that
  /// scenarios do not have are empty.
  public func source(of table: MarketTable) -> Replay.Source {
    var frame: Frame? =
      switch table {
      case .orders: orders
      case .trades: trades
      case .depth: depth
      case .status: status
      case .book, .quotes: nil
      }
    return {
      defer { frame = nil }
      return frame
    }
  }
}
