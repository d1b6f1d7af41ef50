/// An order book by price level (L2) on integer ticks.
///
/// It lives in the core because importers rebuild it, features read it and the simulator matches
/// against it: one implementation, so that all three see the same market. `LadderBook` holds the
/// same book for whoever asks for prices and not for ranks, `OrderByOrderBook` single orders.
public struct OrderBook: Sendable {
  public var bids = BookSide(.buy)
  public var asks = BookSide(.sell)
  /// True from a gap in the feed until the next snapshot: what the book shows may be wrong.
  public var isStale = false

  public init() {}

  /// What the best prices say together, and whether the feed vouches for them.
  public var state: BookState {
    BookState(
      bid: bids.isEmpty ? nil : bids.bestTicks, ask: asks.isEmpty ? nil : asks.bestTicks,
      isStale: isStale)
  }

  /// Both sides have a level and the feed vouches for them.
  public var isTwoSided: Bool { !bids.isEmpty && !asks.isEmpty && !isStale }
  /// Best bid above best ask. A locked book (equal) is not crossed.
  public var isCrossed: Bool { isTwoSided && bids.bestTicks > asks.bestTicks }
  public var isLocked: Bool { isTwoSided && bids.bestTicks == asks.bestTicks }

  /// Best bid plus best ask in ticks: twice the mid, kept whole so that it stays exact.
  ///
  /// - Precondition: both sides have a level.
  @inlinable public var doubledMidTicks: Int64 { bids.bestTicks &+ asks.bestTicks }

  public subscript(side: Side) -> BookSide {
    get { side == .buy ? bids : asks }
    _modify { if side == .buy { yield &bids } else { yield &asks } }
  }

  /// Sets the size shown at a price; zero removes the level.
  @inlinable
  public mutating func set(_ side: Side, ticks: Int64, lots: Int64) {
    if side == .buy {
      bids.set(ticks: ticks, lots: lots)
    } else {
      asks.set(ticks: ticks, lots: lots)
    }
  }

  /// Empties both sides, keeping their memory.
  public mutating func removeAll() {
    bids.removeAll()
    asks.removeAll()
  }
}
