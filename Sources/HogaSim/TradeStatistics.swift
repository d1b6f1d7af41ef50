public import HogaCore

/// From flat to flat: a position opened, perhaps changed, and closed.
///
/// A fill that crosses zero closes one round trip and opens the next; its fee is split by lots.
public struct RoundTrip: Hashable, Sendable {
  public var side: Side
  public var openTime: Timestamp
  /// `nil` while it is open.
  public var closeTime: Timestamp?
  /// The largest position in lots.
  public var lots: Int64
  /// What it earned after fees; meaningless while it is open.
  public var net = Money.zero
  public var fees = Money.zero

  /// The round trips of fills in the order of their matches.
  public static func all(of fills: [Fill], contract: Contract) throws(DataError) -> [RoundTrip] {
    var trips: [RoundTrip] = []
    var current: RoundTrip?
    var position: Int64 = 0
    for fill in fills {
      let time = Timestamp(nanoseconds: fill.exchangeTime)
      var left = fill.lots
      var fee = fill.fee
      if var trip = current, fill.side != trip.side {
        let closing = min(left, abs(position))
        let part =
          closing == left
          ? fee : Money(units: fee.units * Int128(closing) / Int128(fill.lots))
        try trip.add(fill, lots: closing, fee: part, contract: contract)
        position += fill.side.sign * closing
        left -= closing
        fee -= part
        if position == 0 {
          trip.closeTime = time
          trips.append(trip)
          current = nil
        } else {
          current = trip
        }
      }
      guard left > 0 else { continue }
      var trip = current ?? RoundTrip(side: fill.side, openTime: time, lots: 0)
      try trip.add(fill, lots: left, fee: fee, contract: contract)
      position += fill.side.sign * left
      trip.lots = max(trip.lots, abs(position))
      current = trip
    }
    if let current { trips.append(current) }
    return trips
  }

  private mutating func add(
    _ fill: Fill, lots: Int64, fee: Money, contract: Contract
  ) throws(DataError) {
    net -= try contract.value(lots: fill.side.sign * lots, halfTicks: 2 * fill.price.ticks)
    net -= fee
    fees += fee
  }
}

/// What the fills of a run say.
public struct TradeStatistics: Hashable, Sendable {
  public var fillCount: Int
  public var makerFillCount: Int
  /// Round trips that were closed; the following figures are about these.
  public var roundTripCount: Int
  public var winCount: Int
  /// Round trips still open at the end: 0 or 1.
  public var openCount: Int
  /// Share of closed round trips with a net above zero; `nil` without any.
  public var winRate: Double?
  /// Sum of net gains over sum of net losses; `nil` where nothing was lost.
  public var profitFactor: Double?
  public var averageNet: Double?
  /// Mean time from opening to closing.
  public var averageHolding: TimeSpan?
  /// Worth of all fills, in settlement currency.
  public var tradedValue: Double
  /// `tradedValue` over initial capital.
  public var turnover: Double
  /// Share of the run's time with a position.
  public var exposure: Double
  public var fees: Double

  init(
    fills: [Fill], roundTrips: [RoundTrip], contract: Contract, initialCapital: Money,
    start: Int64, end: Int64
  ) throws(DataError) {
    fillCount = fills.count
    makerFillCount = fills.count { $0.isMaker }
    let closed = roundTrips.filter { $0.closeTime != nil }
    roundTripCount = closed.count
    openCount = roundTrips.count - closed.count
    winCount = closed.count { $0.net > .zero }
    let gains = closed.reduce(Money.zero) { $0 + max($1.net, .zero) }
    let losses = closed.reduce(Money.zero) { $0 - min($1.net, .zero) }
    winRate = closed.isEmpty ? nil : Double(winCount) / Double(closed.count)
    profitFactor = losses > .zero ? gains.value / losses.value : nil
    averageNet = closed.isEmpty ? nil : (gains - losses).value / Double(closed.count)
    let holding = closed.reduce(0) { $0 + ($1.closeTime! - $1.openTime).seconds }
    averageHolding =
      closed.isEmpty
      ? nil
      : TimeSpan(nanoseconds: Int64((holding / Double(closed.count) * 1e9).rounded()))
    var worth = 0.0
    for fill in fills {
      worth += abs(try contract.value(lots: fill.lots, halfTicks: 2 * fill.price.ticks).value)
    }
    tradedValue = worth
    turnover = worth / initialCapital.value
    let held = roundTrips.reduce(0) {
      $0 + (($1.closeTime ?? Timestamp(nanoseconds: end)) - $1.openTime).seconds
    }
    let length = TimeSpan(nanoseconds: end - start).seconds
    exposure = length > 0 ? held / length : 0
    fees = fills.reduce(Money.zero) { $0 + $1.fee }.value
  }

  public var json: JSONValue {
    [
      "fills": .int(Int64(fillCount)), "maker_fills": .int(Int64(makerFillCount)),
      "round_trips": .int(Int64(roundTripCount)), "open_round_trips": .int(Int64(openCount)),
      "win_rate": .optional(winRate), "profit_factor": .optional(profitFactor),
      "average_net": .optional(averageNet), "average_holding_s": .optional(averageHolding?.seconds),
      "traded_value": .double(tradedValue), "turnover": .double(turnover),
      "exposure": .double(exposure), "fees": .double(fees),
    ]
  }
}
