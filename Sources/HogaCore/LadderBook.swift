/// An order book by price level (L2) for whoever needs the best prices after every change.
///
/// Sizes are absolute, as depth feeds send them. `OrderBook` holds the same book as sorted levels,
/// which is what features read by rank; here a level is found by its price, at a cost that does not
/// depend on what stands around it, which is what a simulator needs.
public struct LadderBook: Sendable {
  public var bids: LadderSide
  public var asks: LadderSide
  /// True from a gap in the feed until the next snapshot: what the book shows may be wrong.
  public var isStale = false

  /// - Parameter window: the prices around the best that are laid out, see `PriceLadder`.
  public init(window: Int = PriceLadder.standardWindow) {
    bids = LadderSide(.buy, window: window)
    asks = LadderSide(.sell, window: window)
  }

  public var state: BookState {
    BookState(
      bid: bids.isEmpty ? nil : bids.bestTicks, ask: asks.isEmpty ? nil : asks.bestTicks,
      isStale: isStale)
  }

  public subscript(side: Side) -> LadderSide {
    get { side == .buy ? bids : asks }
    _modify { if side == .buy { yield &bids } else { yield &asks } }
  }

  /// Sets the size shown at a price, zero to remove the level, and returns the size before.
  @discardableResult
  public mutating func set(_ side: Side, ticks: Int64, lots: Int64) -> Int64 {
    side == .buy ? bids.set(ticks: ticks, lots: lots) : asks.set(ticks: ticks, lots: lots)
  }

  /// Empties both sides, keeping their memory.
  public mutating func removeAll() {
    bids.removeAll()
    asks.removeAll()
  }
}

/// What is shown at a price from now on.
package struct LevelChange: Hashable, Sendable {
  package var ticks: Int64
  /// Zero removes the level; `outOfView` says that nobody knows any more.
  package var lots: Int64

  /// The level may still stand, beyond the levels that the source shows.
  package static let outOfView: Int64 = -1

  package init(ticks: Int64, lots: Int64) {
    self.ticks = ticks
    self.lots = lots
  }
}

/// The levels of one side, found by their price.
public struct LadderSide: Sendable {
  public let side: Side
  private var ladder: PriceLadder
  private let sign: Int64

  public init(_ side: Side, window: Int = PriceLadder.standardWindow) {
    self.side = side
    sign = side.sign
    ladder = PriceLadder(window: window)
  }

  /// The number of levels.
  public var count: Int { ladder.count }
  public var isEmpty: Bool { ladder.isEmpty }

  /// - Precondition: the side is not empty.
  public var bestTicks: Int64 {
    precondition(!isEmpty, "an empty side has no best price")
    return sign &* ladder.best
  }
  /// - Precondition: the side is not empty.
  public var bestLots: Int64 { lots(atTicks: bestTicks) }

  /// The size shown at a price, zero where there is no level.
  public func lots(atTicks ticks: Int64) -> Int64 { ladder.value(at: sign &* ticks) }

  /// The next worse price that has a level, or `nil`.
  public func nextTicks(behind ticks: Int64) -> Int64? {
    ladder.next(below: sign &* ticks).map { sign &* $0 }
  }

  /// Sets the size shown at a price, zero to remove the level, and returns the size before.
  ///
  /// - Precondition: `lots` is not negative; the price is within ±`PriceLadder.largestKey`.
  @discardableResult
  public mutating func set(ticks: Int64, lots: Int64) -> Int64 {
    ladder.set(lots, at: sign &* ticks)
  }

  /// Sets one size after another, see `PriceLadder.apply`.
  package mutating func apply(_ changes: Span<LevelChange>) { ladder.apply(changes, sign: sign) }

  /// Removes every level, keeping the memory.
  public mutating func removeAll() { ladder.removeAll() }
}
