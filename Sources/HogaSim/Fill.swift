public import HogaCore

/// The rule that filled an order.
public enum FillReason: Hashable, Sendable {
  /// A trade printed at a price strictly worse than the resting limit.
  case tradedThrough
  /// The opposite best quote moved strictly past the resting limit.
  case quoteCrossed
  /// The order took what the book showed at this level, 1 being the best.
  case walkedBook(level: Int)
}

extension FillReason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tradedThrough: "traded through"
    case .quoteCrossed: "opposite quote crossed"
    case .walkedBook(let level): "walked book level \(level)"
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
  /// When the order reached the exchange.
  public var exchangeArrival: Int64
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
}

/// Where the money of one fill went, up to a closing mid.
///
/// `net = gross − latency − spread − walk − fees`, exactly: the parts telescope over the worths at
/// decision mid, mid at the match, best opposite price, fill price and closing mid.
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
  public var fees = Money.zero

  public init() {}

  public var net: Money { gross - latency - spread - walk - fees }

  public static func + (left: CostParts, right: CostParts) -> CostParts {
    var sum = left
    sum.gross += right.gross
    sum.latency += right.latency
    sum.spread += right.spread
    sum.walk += right.walk
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
    let atPrice = try contract.value(lots: signed, halfTicks: 2 * price.ticks)
    let opposite = side == .buy ? bestAsk : bestBid
    let atBest =
      isMaker ? atPrice : try contract.value(lots: signed, halfTicks: 2 * opposite.ticks)
    var parts = CostParts()
    parts.gross = try contract.value(lots: signed, halfTicks: closingHalfTicks) - atDecision
    parts.latency = atMatch - atDecision
    parts.spread = atBest - atMatch
    parts.walk = atPrice - atBest
    parts.fees = fee
    return parts
  }
}
