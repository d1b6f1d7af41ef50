public import HogaCore

/// An order's number within a run, from one, in the order of the decisions.
public struct OrderID: Hashable, Comparable, Sendable {
  public let number: Int64

  public init(_ number: Int64) { self.number = number }
  public static func < (left: OrderID, right: OrderID) -> Bool { left.number < right.number }
}

/// What an order asks for.
public struct OrderRequest: Hashable, Sendable {
  /// How it takes and rests.
  public enum Kind: Hashable, Sendable {
    /// Takes what the book shows, level by level; what is left over is cancelled.
    case market
    /// Takes up to the price on arrival; what is left over rests there.
    case limit(Price)
    /// Takes up to the price on arrival; what is left over is cancelled.
    case immediateOrCancel(Price)
    /// Takes all of it up to the price on arrival, or is cancelled as a whole.
    case fillOrKill(Price)
    /// Rests at the price, or is rejected where it would take on arrival.
    case postOnly(Price)
  }

  public var side: Side
  public var kind: Kind
  public var lots: Int64
  /// Only ever brings the position nearer to zero: rejected where it could not, cut to the position
  /// on arrival, and cancelled when the position is gone.
  public var reduceOnly: Bool

  public init(side: Side, kind: Kind, lots: Int64, reduceOnly: Bool = false) {
    self.side = side
    self.kind = kind
    self.lots = lots
    self.reduceOnly = reduceOnly
  }

  /// The worst price it accepts; `nil` for a market order.
  public var limit: Price? {
    switch kind {
    case .market: nil
    case .limit(let price), .immediateOrCancel(let price), .fillOrKill(let price),
      .postOnly(let price):
      price
    }
  }
}

extension OrderRequest.Kind {
  /// The name in tables: `market`, `limit`, `ioc`, `fok`, `post_only`.
  public var name: String {
    switch self {
    case .market: "market"
    case .limit: "limit"
    case .immediateOrCancel: "ioc"
    case .fillOrKill: "fok"
    case .postOnly: "post_only"
    }
  }
}

extension OrderRequest.Kind {
  var isPostOnly: Bool { if case .postOnly = self { true } else { false } }

  /// The same with another limit.
  func moved(to price: Price) -> OrderRequest.Kind {
    switch self {
    case .market: .market
    case .limit: .limit(price)
    case .immediateOrCancel: .immediateOrCancel(price)
    case .fillOrKill: .fillOrKill(price)
    case .postOnly: .postOnly(price)
    }
  }
}

/// Why an order was not accepted, by the gateway (local) or by the exchange.
public enum RejectReason: String, Hashable, Sendable, CaseIterable {
  case sizeNotPositive = "size not above zero"
  case priceOffTick = "price off the tick grid"
  case orderLimit = "order size above the limit"
  case positionLimit = "position limit"
  case openOrderLimit = "too many open orders"
  case noQuoteKnown = "no two-sided book known locally"
  case stopped = "trading was stopped by the loss limit"
  case bookStale = "book stale after a gap"
  case bookOneSided = "book empty on a side"
  case bookCrossed = "book crossed"
  case quoteTooOld = "quote too old"
  case halted = "the market is halted"
  case inAuction = "the market is in an auction"
  case wouldTake = "post-only order would take"
  case notReducing = "reduce-only order would not reduce the position"
  case belowMinimumSize = "size below the venue's minimum"
  case offLotStep = "size off the venue's lot step"
  case aboveMaximumSize = "size above the venue's maximum"
  case belowMinimumWorth = "worth below the venue's minimum"
  case beyondPriceBand = "price beyond the venue's band"
  case beyondPriceLimits = "price beyond the daily limits"
  case marginTooSmall = "not enough margin"
  case accountClosed = "the account was liquidated"
  case notOpen = "the order is not open"
  case amendInFlight = "an amendment of the order is under way"
}

/// Why an order ended before it was filled.
public enum CancelReason: String, Hashable, Sendable, CaseIterable {
  case requested = "cancelled on request"
  case beyondShownDepth = "beyond the shown depth"
  case immediateRemainder = "immediate or cancel: nothing more within the limit"
  case fillOrKill = "fill or kill: not enough within the limit"
  case selfTrade = "would have traded with an own order"
  case nothingToReduce = "reduce-only: the position is gone"
  case amendedAway = "amended to no more than was filled"
  case liquidated = "the account was liquidated"
}

/// What the exchange (or the gateway) tells the strategy of an order.
///
/// It holds nothing that a venue's message would not: in particular not the exchange's book.
public struct OrderUpdate: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case accepted
    case rejected(RejectReason)
    case filled(price: Price, lots: Int64, fee: Money, isMaker: Bool)
    case cancelled(CancelReason)
    /// A cancel request came too late, or named no open order.
    case cancelRejected
    /// The order now has this price, and `remaining` lots.
    case amended(price: Price)
    /// The order stands as it stood, if it stands.
    case amendRejected(RejectReason)
  }

  public var id: OrderID
  public var side: Side
  public var kind: Kind
  /// Lots still open after this.
  public var remaining: Int64
  /// When it happened, by the exchange's clock (the gateway's own rejections: the local clock).
  public var exchangeTime: Int64

  public init(id: OrderID, side: Side, kind: Kind, remaining: Int64, exchangeTime: Int64) {
    self.id = id
    self.side = side
    self.kind = kind
    self.remaining = remaining
    self.exchangeTime = exchangeTime
  }

  /// The order is over: rejected, cancelled, or filled to the last lot.
  public var isFinal: Bool {
    switch kind {
    case .rejected, .cancelled: true
    case .filled: remaining == 0
    case .accepted, .cancelRejected, .amended, .amendRejected: false
    }
  }
}

/// An order's life, as the log of a run keeps it.
public struct OrderRecord: Hashable, Sendable {
  public enum Status: String, Hashable, Sendable, CaseIterable {
    case inFlight = "in flight"
    case open
    case filled
    case cancelled
    case rejected
  }

  public var id: OrderID
  /// What was asked for; amendments changed `lots` and `limit`.
  public var request: OrderRequest
  /// The whole size as the venue has it: as amended, or cut to the position if it only reduces.
  public var lots: Int64
  /// The limit as the venue has it; `nil` for a market order.
  public var limit: Price?
  public var status: Status
  public var filledLots: Int64
  /// Local time of the decision.
  public var decisionTime: Int64
  /// Exchange time of its arrival there; `Column.missing` where it never got there.
  public var exchangeArrival: Int64
  /// When it ended, by the clock of whoever ended it; `Column.missing` while it is open.
  public var endTime: Int64
  /// Why it was rejected or cancelled.
  public var reason: String?
  /// How often its price or size was changed.
  public var amendCount = 0
  /// Its place in the queue; `nil` where it never rested.
  public var queue: QueueRecord?
}

/// Where a decision was made: what the costs of a fill are counted from.
struct Decision: Hashable, Sendable {
  var time: Int64
  /// How old the newest market event known there was.
  var feedLatency: Int64
  /// Best bid plus best ask of the local book.
  var halfTicks: Int64
}

/// A message on its way to the exchange.
struct ExchangeRequest: Sendable {
  enum Kind: Sendable {
    case place(OrderRequest, Decision)
    case cancel
    case cancelAll
    /// What is `nil` stays.
    case amend(price: Price?, lots: Int64?, Decision)
  }

  var id: OrderID
  var kind: Kind
}
