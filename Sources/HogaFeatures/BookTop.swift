internal import HogaCore

/// The best levels of a book at one instant, in fixed storage.
///
/// A pipeline reads the book once per event into one of these and hands it to all operators, so
/// that none of them walks the book's arrays or keeps a copy of its own.
public struct BookTop: Sendable {
  /// How many levels are kept.
  public static let levelCount = 10
  /// Prices beyond this many counts are rejected: products of prices and sizes then stay exact.
  static let priceLimit: Int64 = 1 << 56

  /// Levels at and beyond `bidCount` and `askCount` hold leftovers.
  @usableFromInline var bidTicks = InlineArray<10, Int64>(repeating: 0)
  @usableFromInline var bidLots = InlineArray<10, Int64>(repeating: 0)
  @usableFromInline var askTicks = InlineArray<10, Int64>(repeating: 0)
  @usableFromInline var askLots = InlineArray<10, Int64>(repeating: 0)
  /// How many levels each side has, at most `levelCount`.
  public private(set) var bidCount = 0
  public private(set) var askCount = 0
  /// The sizes of all levels that the feed carries, beyond those kept here, too.
  public private(set) var bidTotalLots: Int64 = 0
  public private(set) var askTotalLots: Int64 = 0
  /// A gap in the feed: what the book showed may be wrong.
  public private(set) var isStale = false

  public init() {}

  /// Both sides have a level and the feed vouches for them.
  @inlinable public var isTwoSided: Bool { bidCount > 0 && askCount > 0 && !isStale }

  /// Best bid plus best ask, twice the mid; `nil` where the book is not two-sided.
  @inlinable public var doubledMid: Int64? {
    isTwoSided ? bidTicks[0] + askTicks[0] : nil
  }

  /// A bid level, 0 being best.
  ///
  /// - Precondition: `level` is below `bidCount`.
  @inlinable public func bid(_ level: Int) -> (ticks: Int64, lots: Int64) {
    precondition(level < bidCount, "no bid level \(level)")
    return (bidTicks.span[level], bidLots.span[level])
  }

  /// An ask level, 0 being best.
  ///
  /// - Precondition: `level` is below `askCount`.
  @inlinable public func ask(_ level: Int) -> (ticks: Int64, lots: Int64) {
    precondition(level < askCount, "no ask level \(level)")
    return (askTicks.span[level], askLots.span[level])
  }

  /// Takes over the state of a book.
  ///
  /// - Returns: false where a price is beyond what can be counted exactly.
  mutating func read(_ book: OrderBook) -> Bool {
    isStale = book.isStale
    bidCount = min(Self.levelCount, book.bids.count)
    askCount = min(Self.levelCount, book.asks.count)
    bidTotalLots = book.bids.totalLots
    askTotalLots = book.asks.totalLots
    for level in 0..<bidCount {
      bidTicks[level] = book.bids.ticks(at: level)
      bidLots[level] = book.bids.lots(at: level)
    }
    for level in 0..<askCount {
      askTicks[level] = book.asks.ticks(at: level)
      askLots[level] = book.asks.lots(at: level)
    }
    // Sides are sorted, so the ends bound what lies between.
    let limit = Self.priceLimit
    if bidCount > 0, bidTicks[0] > limit || bidTicks[bidCount - 1] < -limit { return false }
    if askCount > 0, askTicks[0] < -limit || askTicks[askCount - 1] > limit { return false }
    return true
  }
}
