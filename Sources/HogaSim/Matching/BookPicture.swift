public import HogaCore

/// The first levels of a book at a moment: what stood there when an order was filled.
public struct BookPicture: Hashable, Sendable {
  public static let depth = 5
  /// Best first, at most `depth`.
  public var bids: [Level] = []
  public var asks: [Level] = []

  public struct Level: Hashable, Sendable {
    public var price: Price
    public var lots: Int64
  }

  init(_ book: LadderBook) {
    bids = Self.levels(book.bids)
    asks = Self.levels(book.asks)
  }

  private static func levels(_ side: LadderSide) -> [Level] {
    var levels: [Level] = []
    levels.reserveCapacity(depth)
    var next = side.isEmpty ? nil : side.bestTicks
    while let ticks = next, levels.count < depth {
      levels.append(Level(price: Price(ticks: ticks), lots: side.lots(atTicks: ticks)))
      next = side.nextTicks(behind: ticks)
    }
    return levels
  }
}
