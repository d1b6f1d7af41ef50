public import HogaCore

/// The rule that filled an order.
public enum FillReason: Hashable, Sendable {
  /// A trade printed at a price strictly worse than the resting limit.
  case tradedThrough
  /// A trade printed at the limit, and went further than the queue in front of the order.
  case queueReached
  /// The opposite best quote reached or passed the resting limit.
  case quoteCrossed
  /// The order took what the book showed at this level, 1 being the best.
  case walkedBook(level: Int)
  /// The venue closed the position because its margin was used up; the level as for `walkedBook`.
  case liquidation(level: Int)
}

extension FillReason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tradedThrough: "traded through"
    case .queueReached: "queue reached"
    case .quoteCrossed: "quote crossed"
    case .walkedBook(let level): "walked book level \(level)"
    case .liquidation(let level): "liquidation, book level \(level)"
    }
  }
}

/// An execution, with all that is needed to explain it and to split its cost.
public struct Fill: Hashable, Sendable {
  public var id: Int64
  public var order: OrderID
  public var side: Side
  public var price: Price
  public var lots: Int64
  public var fee: Money
  public var isMaker: Bool
  public var reason: FillReason
  /// When it matched, by the exchange's clock.
  public var exchangeTime: Int64
  /// When the strategy decided, by the local clock.
  public var decisionTime: Int64
  /// When the order reached the exchange, or its last amendment did.
  public var exchangeArrival: Int64
  /// When the strategy hears of it, by the local clock.
  public var responseTime: Int64
  /// How old the newest market event was that the strategy knew at its decision.
  public var feedLatency: Int64
  /// The `sequence` of the market event that filled it, or of the book that it met.
  public var sequence: Int64
  /// Twice the mid in ticks, in the local book, when the strategy decided.
  public var decisionHalfTicks: Int64
  /// Twice the mid in ticks, in the exchange's book, when the order arrived there.
  public var arrivalHalfTicks: Int64
  /// Twice the mid in ticks, in the exchange's book, at the match.
  public var matchHalfTicks: Int64
  /// The exchange's best prices at the match.
  public var bestBid: Price
  public var bestAsk: Price
  /// How many ticks of the price own impact moved it, against us: signed like the price.
  public var impactTicks: Int64
  /// What the order's queue did until then; `nil` for a taker.
  public var queue: QueueRecord?
  /// The exchange's book that it met: for prints the one before the print.
  public var book: BookPicture
}

/// Where the money of one fill went, up to a closing mid.
///
/// `net = gross − latency − spread − walk − impact − fees + funding`, exactly: the parts telescope
/// over the worths at decision mid, mid at the match, best opposite price, the level's price, fill
/// price and closing mid. Funding belongs to positions: single fills have none.
public struct CostParts: Hashable, Sendable {
  /// From the mid at the decision to the closing mid: what a costless fill would have made.
  public var gross = Money.zero
  /// The move of the mid between decision and match. Negative when it helped.
  public var latency = Money.zero
  /// From the mid at the match to the best opposite price (taker) or own limit (maker). Negative
  /// for a maker that earned it.
  public var spread = Money.zero
  /// From the best opposite price to the level that filled.
  public var walk = Money.zero
  /// From the level's price to the price paid, which own earlier and present orders moved.
  public var impact = Money.zero
  public var fees = Money.zero
  /// Received, less paid.
  public var funding = Money.zero

  public init() {}

  public var net: Money { gross - latency - spread - walk - impact - fees + funding }

  public static func + (left: CostParts, right: CostParts) -> CostParts {
    var sum = left
    sum.gross += right.gross
    sum.latency += right.latency
    sum.spread += right.spread
    sum.walk += right.walk
    sum.impact += right.impact
    sum.funding += right.funding
    sum.fees += right.fees
    return sum
  }
}

extension Fill {
  /// The parts of this fill's cost, marked at a closing mid in half ticks.
  public func costs(_ contract: Contract, closingHalfTicks: Int64) throws(DataError) -> CostParts {
    let signed = side.sign * lots
    let atDecision = try contract.value(lots: signed, halfTicks: decisionHalfTicks)
    let atMatch = try contract.value(lots: signed, halfTicks: matchHalfTicks)
    let paid = try contract.value(lots: signed, halfTicks: 2 * price.ticks)
    let atPrice =
      impactTicks == 0
      ? paid : try contract.value(lots: signed, halfTicks: 2 * (price.ticks - impactTicks))
    let opposite = side == .buy ? bestAsk : bestBid
    let atBest =
      isMaker ? atPrice : try contract.value(lots: signed, halfTicks: 2 * opposite.ticks)
    var parts = CostParts()
    parts.gross = try contract.value(lots: signed, halfTicks: closingHalfTicks) - atDecision
    parts.latency = atMatch - atDecision
    parts.spread = atBest - atMatch
    parts.walk = atPrice - atBest
    parts.impact = paid - atPrice
    parts.fees = fee
    return parts
  }
}
