internal import HogaCore

/// The true book of single orders, and chance's way to find one of them.
struct ScenarioBook: Sendable {
  private(set) var book: OrderByOrderBook
  private var bids = LiveOrders()
  private var asks = LiveOrders()
  private var nextID: Int64 = 1

  init(orders: Int) {
    book = OrderByOrderBook(orders: orders)
  }

  func count(_ side: Side) -> Int { side == .buy ? bids.count : asks.count }

  mutating func add(_ side: Side, ticks: Int64, lots: Int64) -> OrderChange {
    let id = nextID
    nextID += 1
    book.add(id, side, ticks: ticks, lots: lots)
    if side == .buy { bids.insert(id, book) } else { asks.insert(id, book) }
    return OrderChange(.add, id, side, ticks, lots)
  }

  /// Cancels a random order of a side, each with the same chance, or a part of it.
  ///
  /// - Precondition: the side is not empty.
  mutating func cancel(
    _ side: Side, partialShare: Double, _ chance: inout Chance
  ) -> OrderChange {
    let (place, slot) =
      side == .buy ? bids.pick(book, &chance) : asks.pick(book, &chance)
    let order = book.order(at: slot)
    if partialShare > 0, chance.uniform() < partialShare, order.lots > 1 {
      let part = 1 + Int64(chance.index(below: Int(order.lots - 1)))
      book.reduce(slot, by: part)
      return OrderChange(.reduce, order.id, side, order.ticks, part)
    }
    book.remove(slot)
    if side == .buy { bids.remove(place) } else { asks.remove(place) }
    return OrderChange(.delete, order.id, side, order.ticks, order.lots)
  }

  /// Executes up to `lots` of the first order of a side's best queue.
  ///
  /// - Precondition: the side is not empty.
  mutating func execute(_ side: Side, lots: Int64) -> OrderChange {
    guard let (order, executed) = book.executeFront(side, lots: lots) else {
      preconditionFailure("nothing to execute")
    }
    if executed == order.lots {
      if side == .buy { bids.count -= 1 } else { asks.count -= 1 }
    }
    return OrderChange(.execute, order.id, side, order.ticks, executed)
  }
}

/// The numbers of a side's orders in no order, to draw one by chance in O(1).
private struct LiveOrders: Sendable {
  /// With some that have left the book since.
  private var ids: [Int64] = []
  /// Orders that are in the book.
  var count = 0

  mutating func insert(_ id: Int64, _ book: OrderByOrderBook) {
    // Executed orders leave their numbers behind; once they are the most, they are swept out.
    if ids.count > 2 * count + 64 { ids.removeAll { book.slot(of: $0) == nil } }
    ids.append(id)
    count += 1
  }

  mutating func pick(
    _ book: OrderByOrderBook, _ chance: inout Chance
  ) -> (place: Int, slot: OrderByOrderBook.Slot) {
    while true {
      let place = chance.index(below: ids.count)
      if let slot = book.slot(of: ids[place]) { return (place, slot) }
      forget(place)
    }
  }

  mutating func remove(_ place: Int) {
    forget(place)
    count -= 1
  }

  private mutating func forget(_ place: Int) {
    ids.swapAt(place, ids.count - 1)
    ids.removeLast()
  }
}

/// A change of one order, as the table `orders` tells it.
struct OrderChange: Sendable {
  var kind: OrderEventKind
  var id: Int64
  var side: Side
  var ticks: Int64
  var lots: Int64

  init(_ kind: OrderEventKind, _ id: Int64, _ side: Side, _ ticks: Int64, _ lots: Int64) {
    self.kind = kind
    self.id = id
    self.side = side
    self.ticks = ticks
    self.lots = lots
  }
}
