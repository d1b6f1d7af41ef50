internal import HogaCore

/// The best levels of a book at one instant.
///
/// A pipeline reads the book once per event into one of these and hands it to all operators, so
/// that none of them walks the book's arrays or keeps a copy of its own.
public struct BookTop: Sendable {
  /// How many levels are kept.
  public static let levelCount = 10
  /// Prices beyond this many counts are rejected: products of prices and sizes then stay exact.
  static let priceLimit: Int64 = 1 << 56

  /// One side's levels, 0 being best.
  public struct Levels: Sendable {
    /// How many levels there are, at most `levelCount`.
    public fileprivate(set) var count = 0
    /// The size of all levels that the feed carries, also beyond those kept here.
    public fileprivate(set) var totalLots: Int64 = 0
    /// Price and size of each level in turn; leftovers from `count` on. An array, although of fixed
    /// size: inline storage would be copied with each hand-over and, today, each dynamic access.
    @usableFromInline var cells = [Int64](repeating: 0, count: 2 * levelCount)

    /// - Precondition: `level` is below `count`.
    @inlinable public func ticks(_ level: Int) -> Int64 {
      precondition(level < count, "no level \(level)")
      return cells[2 * level]
    }
    /// - Precondition: `level` is below `count`.
    @inlinable public func lots(_ level: Int) -> Int64 {
      precondition(level < count, "no level \(level)")
      return cells[2 * level + 1]
    }

    fileprivate mutating func read(_ side: BookSide) -> Bool {
      let count = min(levelCount, side.count)
      self.count = count
      totalLots = side.totalLots
      var cells = cells.mutableSpan
      for level in 0..<count {
        cells[2 * level] = side.ticks(at: level)
        cells[2 * level + 1] = side.lots(at: level)
      }
      // Sides are sorted, so the ends bound what lies between.
      return count == 0
        || max(cells[0].magnitude, cells[2 * count - 2].magnitude) <= priceLimit.magnitude
    }
  }

  public private(set) var bids = Levels()
  public private(set) var asks = Levels()
  /// A gap in the feed: what the book showed may be wrong.
  public private(set) var isStale = false

  public init() {}

  /// Both sides have a level and the feed vouches for them.
  @inlinable public var isTwoSided: Bool { bids.count > 0 && asks.count > 0 && !isStale }

  /// Best bid plus best ask, twice the mid; `nil` where the book is not two-sided.
  @inlinable public var doubledMid: Int64? { isTwoSided ? bids.ticks(0) + asks.ticks(0) : nil }

  /// Takes over the state of a book.
  ///
  /// - Returns: false where a price is beyond what can be counted exactly.
  mutating func read(_ book: OrderBook) -> Bool {
    isStale = book.isStale
    let bidsFit = bids.read(book.bids)
    let asksFit = asks.read(book.asks)
    return bidsFit && asksFit
  }
}
