/// What a row of the table `orders` says. The raw values are the column's texts, in the order of
/// their category codes when Hoga writes them.
public enum OrderEventKind: String, CaseIterable, Sendable {
  /// A new order; `size` is its size.
  case add
  /// A part of an order is cancelled; `size` is the part. The order keeps its place.
  case reduce
  /// An order is cancelled; `size` is what was left of it.
  case delete
  /// An order is executed; `size` is how much of it.
  case execute
  /// A hidden order is executed: the book does not change.
  case executeHidden = "execute_hidden"
  /// An auction's trade: the book does not change by it.
  case cross
  /// The market's phase changes; the table `status` says to which.
  case halt
  /// One order of a whole book, as it stands: the rows of one snapshot share their sequence, follow
  /// each other, and each queue's orders come front to back. The first row empties the old book.
  case snapshot
  /// An order gets the price and the whole `size` of the row. It keeps its place where the price
  /// stays and the size does not grow.
  case change
  /// Messages are missing: the book is stale until the next snapshot.
  case gap
}

extension OrderEventKind {
  /// The code of the text where Hoga writes the column: the kind's place among `allCases`.
  package var code: Int32 {
    switch self {
    case .add: 0
    case .reduce: 1
    case .delete: 2
    case .execute: 3
    case .executeHidden: 4
    case .cross: 5
    case .halt: 6
    case .snapshot: 7
    case .change: 8
    case .gap: 9
    }
  }
}

/// A row of the table `orders`.
public struct OrderEvent: Hashable, Sendable {
  public var kind: OrderEventKind
  public var id: Int64
  /// Of the resting order; `nil` where the row has none.
  public var side: Side?
  public var ticks: Int64
  public var lots: Int64
  /// The message's place in the feed, which tells one snapshot from the next.
  public var sequence: Int64

  public init(
    _ kind: OrderEventKind, id: Int64, side: Side?, ticks: Int64, lots: Int64, sequence: Int64
  ) {
    self.kind = kind
    self.id = id
    self.side = side
    self.ticks = ticks
    self.lots = lots
    self.sequence = sequence
  }
}

/// Why an event does not fit the book: events were lost, or come from another book.
public enum OrderFault: String, Error, Hashable, Sendable, CaseIterable {
  case noSide = "neither 1 nor -1"
  case noPrice = "price is null or too large"
  case size = "size is not above zero, or too large"
  case unknown = "the order is not in the book"
  case known = "the order is in the book already"
  case otherPrice = "the order stands on another side or at another price"
  case tooLarge = "more than is left of the order"
  case otherSize = "not what is left of the order"
}

extension OrderByOrderBook {
  /// Applies one event.
  ///
  /// While the book is stale, everything but a snapshot passes by.
  /// - Parameter isFirst: whether a snapshot's row begins it, which empties the book.
  /// - Throws: where the event does not fit; the book is then as it was before.
  public mutating func apply(
    _ event: OrderEvent, beginsSnapshot isFirst: Bool = false
  ) throws(OrderFault) {
    switch event.kind {
    case .gap:
      isStale = true
    case .snapshot:
      if isFirst {
        removeAll()
        isStale = false
      }
      if !isStale { try insert(event) }
    case _ where isStale: break
    case .add: try insert(event)
    case .reduce, .execute: reduce(try find(event, isWhole: false), by: event.lots)
    case .delete: remove(try find(event, isWhole: true))
    case .change:
      let slot = try find(event.id)
      guard let side = event.side, order(at: slot).side == side else { throw .otherPrice }
      try Self.check(event)
      change(slot, ticks: event.ticks, lots: event.lots)
    case .executeHidden, .cross, .halt: break
    }
  }

  private static func check(_ event: OrderEvent) throws(OrderFault) {
    guard event.ticks != Column.missing, abs(event.ticks) <= PriceLadder.largestKey else {
      throw .noPrice
    }
    guard event.lots > 0, event.lots <= BookSide.largestLots else { throw .size }
  }

  private mutating func insert(_ event: OrderEvent) throws(OrderFault) {
    guard let side = event.side else { throw .noSide }
    try Self.check(event)
    guard event.id == Self.anonymous || slot(of: event.id) == nil else { throw .known }
    add(event.id, side, ticks: event.ticks, lots: event.lots)
  }

  private func find(_ id: Int64) throws(OrderFault) -> Slot {
    guard id != Self.anonymous, let slot = slot(of: id) else { throw .unknown }
    return slot
  }

  private func find(_ event: OrderEvent, isWhole: Bool) throws(OrderFault) -> Slot {
    let slot = try find(event.id)
    let order = order(at: slot)
    guard order.side == event.side, order.ticks == event.ticks else { throw .otherPrice }
    guard event.lots > 0 else { throw .size }
    guard event.lots <= order.lots else { throw isWhole ? .otherSize : .tooLarge }
    guard !isWhole || event.lots == order.lots else { throw .otherSize }
    return slot
  }
}
