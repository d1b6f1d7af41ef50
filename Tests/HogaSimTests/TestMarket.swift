import HogaCore
import HogaSim

/// A market in memory, written event by event, as tables of the lake.
///
/// Times are in milliseconds after `TestMarket.epoch`, on the exchange's clock; `delay` is what
/// the event takes to arrive.
struct TestMarket {
  static let epoch: Int64 = 1_700_000_000_000_000_000
  static func time(_ milliseconds: Int64) -> Int64 { epoch + milliseconds * 1_000_000 }

  static let instrument = Instrument(
    venue: "test", symbol: "TEST", priceDecimals: 2, sizeDecimals: 3)
  static let inverse = Instrument(
    venue: "test", symbol: "TESTUSD_PERP", priceDecimals: 1, sizeDecimals: 0, multiplier: 100,
    settlement: .inverse)

  struct DepthRow {
    var time: Int64
    var arrival: Int64
    var sequence: Int64
    var kind: DepthKind
    var side: Int32
    var ticks: Int64
    var lots: Int64
    var last: Bool
  }
  struct TradeRow {
    var time: Int64
    var arrival: Int64
    var sequence: Int64
    var ticks: Int64
    var lots: Int64
    var aggressor: Int32
  }

  var depth: [DepthRow] = []
  var trades: [TradeRow] = []
  private var sequence: Int64 = 0

  /// A snapshot of the whole book, best levels first.
  mutating func snapshot(
    _ milliseconds: Int64, bids: [(Int64, Int64)], asks: [(Int64, Int64)], delay: Int64 = 0
  ) {
    message(milliseconds, .snapshot, bids, asks, delay)
  }

  /// New absolute sizes of some levels.
  mutating func update(
    _ milliseconds: Int64, bids: [(Int64, Int64)] = [], asks: [(Int64, Int64)] = [],
    delay: Int64 = 0
  ) {
    message(milliseconds, .update, bids, asks, delay)
  }

  mutating func gap(_ milliseconds: Int64) {
    message(milliseconds, .gap, [(0, 0)], [], 0)
  }

  mutating func trade(
    _ milliseconds: Int64, _ ticks: Int64, _ lots: Int64, _ aggressor: Side?, delay: Int64 = 0
  ) {
    sequence += 1
    trades.append(
      TradeRow(
        time: Self.time(milliseconds), arrival: Self.time(milliseconds + delay),
        sequence: sequence, ticks: ticks, lots: lots, aggressor: aggressor?.rawValue ?? .min))
  }

  private mutating func message(
    _ milliseconds: Int64, _ kind: DepthKind, _ bids: [(Int64, Int64)], _ asks: [(Int64, Int64)],
    _ delay: Int64
  ) {
    sequence += 1
    let rows = bids.map { (Int32(1), $0) } + asks.map { (Int32(-1), $0) }
    for (index, row) in rows.enumerated() {
      depth.append(
        DepthRow(
          time: Self.time(milliseconds), arrival: Self.time(milliseconds + delay),
          sequence: sequence, kind: kind, side: kind == .gap ? 0 : row.0, ticks: row.1.0,
          lots: row.1.1, last: index == rows.count - 1))
    }
  }

  func tape(chunk: Int = .max) throws -> MarketTape {
    try MarketTape(book: bookSource(chunk: chunk), trades: tradeSource(chunk: chunk))
  }

  func bookSource(chunk: Int = .max) -> Replay.Source {
    chunks(
      Frame([
        ("arrival", .timestamp(depth.map(\.arrival))), ("time", .timestamp(depth.map(\.time))),
        ("sequence", .int64(depth.map(\.sequence))),
        ("update_id", .int64(depth.map(\.sequence))),
        ("kind", .category(Categories(depth.map { $0.kind.rawValue }))),
        ("side", .int32(depth.map(\.side))), ("price", .decimal(depth.map(\.ticks), scale: 2)),
        ("size", .decimal(depth.map(\.lots), scale: 3)), ("last", .bool(depth.map(\.last))),
      ]), of: chunk)
  }

  func tradeSource(chunk: Int = .max) -> Replay.Source {
    chunks(
      Frame([
        ("arrival", .timestamp(trades.map(\.arrival))),
        ("time", .timestamp(trades.map(\.time))),
        ("sequence", .int64(trades.map(\.sequence))),
        ("id", .int64(trades.map(\.sequence))),
        ("price", .decimal(trades.map(\.ticks), scale: 2)),
        ("size", .decimal(trades.map(\.lots), scale: 3)),
        ("aggressor", .int32(trades.map(\.aggressor))),
      ]), of: chunk)
  }
}

/// Hands out a frame in chunks of so many rows.
func chunks(_ frame: Frame, of count: Int) -> Replay.Source {
  var row = 0
  return {
    guard row < frame.rowCount else { return nil }
    let end = count < frame.rowCount - row ? row + count : frame.rowCount
    defer { row = end }
    return frame.rows(row..<end)
  }
}

extension SimulationSettings {
  /// No latency; 0.01 % for makers and 0.05 % for takers.
  static func test(
    fees: FeeSchedule = FeeSchedule(makerPartsPerMillion: 100, takerPartsPerMillion: 500),
    latency: Latency = .none, limits: RiskLimits = RiskLimits(),
    matching: MatchingRules = MatchingRules(), capital: Int64 = 100_000
  ) -> SimulationSettings {
    SimulationSettings(
      initialCapital: Money(units: Int128(capital) * 1_000_000_000_000_000_000), fees: fees,
      periodsPerYear: SimulationSettings.periodsPerYear(every: .seconds(1)), latency: latency,
      limits: limits, matching: matching)
  }
}

/// Does what a list of times says, and keeps what it was told.
struct Script: Strategy {
  var steps: [(at: Int64, act: @Sendable (inout TradingDesk) -> Void)]
  var told: [(time: Int64, event: StrategyEvent)] = []
  var name: String { "script" }
  var subscription: Subscription

  init(
    _ steps: [(Int64, @Sendable (inout TradingDesk) -> Void)], subscription: Subscription = []
  ) {
    self.steps = steps.map { ($0.0, $0.1) }
    self.subscription = subscription
  }

  var updates: [OrderUpdate] {
    told.compactMap { if case .order(let update) = $0.event { update } else { nil } }
  }

  mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    told.append((desk.now.nanoseconds, event))
    switch event {
    case .start:
      for step in steps { desk.wake(at: Timestamp(nanoseconds: TestMarket.time(step.at))) }
    case .timer:
      while let step = steps.first, TestMarket.time(step.at) <= desk.now.nanoseconds {
        step.act(&desk)
        steps.removeFirst()
      }
    default:
      break
    }
  }
}

/// Runs a script on a market.
@discardableResult
func play(
  _ script: inout Script, on market: TestMarket, _ settings: SimulationSettings = .test(),
  instrument: Instrument = TestMarket.instrument, chunk: Int = .max,
  audit: (@Sendable (Account, Int64) throws -> Void)? = nil
) throws -> BacktestResult {
  try Backtest(instrument: instrument, settings: settings).run(
    &script, market.tape(chunk: chunk), signals: nil, audit: audit)
}
