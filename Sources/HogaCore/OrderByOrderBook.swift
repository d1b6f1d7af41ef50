/// An order book of single orders (L3): at each price a queue, first in, first out.
///
/// Orders live in one array and are chained to queues through it; queues are found by their price
/// in a `PriceLadder`. An event finds its order by number without hashing (see `OrderDirectory`) or
/// by its `Slot`, changes a handful of fields, and allocates nothing once the arrays have grown to
/// the most orders that ever lived at once.
///
/// An order keeps its place when its size goes down, and loses it when its size goes up or its price
/// changes.
public struct OrderByOrderBook: Sendable {
  /// Where a live order is kept. Another order takes the place once this one has left the book, so a
  /// slot is not to be kept for longer.
  public struct Slot: Hashable, Sendable {
    let index: Int32
  }

  /// One order as it stands in the book.
  public struct Order: Hashable, Sendable {
    /// `OrderByOrderBook.anonymous` where nobody knows.
    public var id: Int64
    public var side: Side
    public var ticks: Int64
    public var lots: Int64

    public init(id: Int64, side: Side, ticks: Int64, lots: Int64) {
      self.id = id
      self.side = side
      self.ticks = ticks
      self.lots = lots
    }
  }

  /// What stands at one price.
  public struct Level: Hashable, Sendable {
    public var ticks: Int64
    public var lots: Int64
    public var orders: Int

    public init(ticks: Int64, lots: Int64, orders: Int) {
      self.ticks = ticks
      self.lots = lots
      self.orders = orders
    }
  }

  /// A place at the back of a queue, taken without an order: how a simulated order stands in the
  /// true queue of a recorded market without changing it.
  public struct Place: Hashable, Sendable {
    public let side: Side
    public let ticks: Int64
    let rank: Int64
  }

  /// The number of orders that have none: quantity whose orders are not known.
  public static let anonymous = Column.missing

  /// True from a gap in the feed until the next snapshot: what the book shows may be wrong.
  public var isStale = false
  /// While orders are only collected, a crossed book is no fault.
  public var phase = MarketPhase.trading
  public private(set) var orderCount = 0

  private struct Node {
    var id: Int64
    /// Zero in slots that are free.
    var lots: Int64
    /// Ascending along every queue.
    var rank: Int64
    var queue: Int32
    var previous: Int32
    /// In free slots the next free one.
    var next: Int32
  }

  private struct Queue {
    var ticks: Int64
    var lots: Int64
    /// In free queues the next free one.
    var first: Int32
    var last: Int32
    var count: Int32
    var side: Side
  }

  private var nodes: [Node] = []
  private var queues: [Queue] = []
  private var freeNode: Int32 = -1
  private var freeQueue: Int32 = -1
  private var nextRank: Int64 = 0
  private var directory = OrderDirectory()
  /// The queue at each price, plus one.
  private var bids: PriceLadder
  private var asks: PriceLadder

  /// - Parameters:
  ///   - orders: how many orders fit before memory is asked for again.
  ///   - window: the prices around the best that are laid out, see `PriceLadder`.
  public init(orders: Int = 1024, window: Int = PriceLadder.standardWindow) {
    nodes.reserveCapacity(orders)
    queues.reserveCapacity(min(orders, 4096))
    bids = PriceLadder(window: window)
    asks = PriceLadder(window: window)
  }

  // MARK: Prices

  public var state: BookState {
    BookState(bid: bestTicks(.buy), ask: bestTicks(.sell), isStale: isStale)
  }

  /// The best price of a side, or `nil` where it is empty.
  public func bestTicks(_ side: Side) -> Int64? {
    let ladder = side == .buy ? bids : asks
    return ladder.isEmpty ? nil : side.sign &* ladder.best
  }

  /// The number of prices of a side at which orders stand.
  public func levelCount(_ side: Side) -> Int { side == .buy ? bids.count : asks.count }

  /// What stands at the best price of a side, or `nil` where it is empty.
  public func bestLevel(_ side: Side) -> Level? { bestTicks(side).flatMap { level(side, at: $0) } }

  /// What stands at a price, or `nil` where nothing does.
  public func level(_ side: Side, at ticks: Int64) -> Level? {
    let index = queueIndex(side, ticks)
    guard index >= 0 else { return nil }
    let queue = queues[Int(index)]
    return Level(ticks: ticks, lots: queue.lots, orders: Int(queue.count))
  }

  /// The next worse price at which orders stand, or `nil`.
  public func nextTicks(_ side: Side, behind ticks: Int64) -> Int64? {
    (side == .buy ? bids : asks).next(below: side.sign &* ticks).map { side.sign &* $0 }
  }

  /// The first levels of a side, best first.
  public func levels(_ side: Side, limit: Int = .max) -> [Level] {
    var levels: [Level] = []
    var ticks = bestTicks(side)
    while let price = ticks, levels.count < limit, let level = level(side, at: price) {
      levels.append(level)
      ticks = nextTicks(side, behind: price)
    }
    return levels
  }

  // MARK: Orders

  /// Where an order is, or `nil` where it is not in the book.
  public func slot(of id: Int64) -> Slot? {
    let index = directory.place(of: id)
    return index < 0 ? nil : Slot(index: index)
  }

  /// - Precondition: the order is still in the book; as for all that take a slot.
  public func order(at slot: Slot) -> Order {
    let node = node(slot)
    let queue = queues[Int(node.queue)]
    return Order(id: node.id, side: queue.side, ticks: queue.ticks, lots: node.lots)
  }

  /// The first order of the queue at a price, or `nil`.
  public func front(_ side: Side, at ticks: Int64) -> Slot? {
    let index = queueIndex(side, ticks)
    return index < 0 ? nil : Slot(index: queues[Int(index)].first)
  }

  /// The last order of the queue at a price, or `nil`.
  public func back(_ side: Side, at ticks: Int64) -> Slot? {
    let index = queueIndex(side, ticks)
    return index < 0 ? nil : Slot(index: queues[Int(index)].last)
  }

  /// The order that stands right behind another, or `nil`.
  public func next(behind slot: Slot) -> Slot? {
    let next = node(slot).next
    return next < 0 ? nil : Slot(index: next)
  }

  /// The order that stands right before another, or `nil`.
  public func previous(before slot: Slot) -> Slot? {
    let previous = node(slot).previous
    return previous < 0 ? nil : Slot(index: previous)
  }

  /// Calls `body` with every order of a side, best price first, front to back.
  public func forEachOrder(_ side: Side, _ body: (Order) throws -> Void) rethrows {
    var ticks = bestTicks(side)
    while let price = ticks {
      var slot = front(side, at: price)
      while let place = slot {
        try body(order(at: place))
        slot = next(behind: place)
      }
      ticks = nextTicks(side, behind: price)
    }
  }

  // MARK: Queues

  /// How many orders stand before this one, and how much they hold. Walks the queue.
  public func ahead(of slot: Slot) -> (orders: Int, lots: Int64) {
    var (orders, lots): (Int, Int64) = (0, 0)
    var index = node(slot).previous
    while index >= 0 {
      let node = nodes[Int(index)]
      orders += 1
      lots += node.lots
      index = node.previous
    }
    return (orders, lots)
  }

  /// Takes the place behind everything that stands at a price now.
  public mutating func takePlace(_ side: Side, at ticks: Int64) -> Place {
    nextRank += 1
    return Place(side: side, ticks: ticks, rank: nextRank - 1)
  }

  /// How many orders stand before a place, and how much they hold. Walks what is before it.
  public func ahead(of place: Place) -> (orders: Int, lots: Int64) {
    var (orders, lots): (Int, Int64) = (0, 0)
    var slot = front(place.side, at: place.ticks)
    while let there = slot, nodes[Int(there.index)].rank < place.rank {
      orders += 1
      lots += nodes[Int(there.index)].lots
      slot = next(behind: there)
    }
    return (orders, lots)
  }

  /// The numbers of the orders before a place, front first.
  public func ids(ahead place: Place) -> [Int64] {
    var ids: [Int64] = []
    var slot = front(place.side, at: place.ticks)
    while let there = slot, nodes[Int(there.index)].rank < place.rank {
      ids.append(nodes[Int(there.index)].id)
      slot = next(behind: there)
    }
    return ids
  }

  /// The place right behind the last of some orders at a price; at its front where none is there.
  ///
  /// How a place is found again in a book that came anew.
  public func place(_ side: Side, at ticks: Int64, behind ids: Set<Int64>) -> Place {
    var rank = Int64.min
    var slot = front(side, at: ticks)
    while let there = slot {
      let node = nodes[Int(there.index)]
      if ids.contains(node.id) { rank = node.rank + 1 }
      slot = next(behind: there)
    }
    return Place(side: side, ticks: ticks, rank: rank)
  }

  /// Whether an order stands before a place in the same queue: in O(1), so that whoever counts
  /// what is ahead can keep the count up to date event by event.
  public func isAhead(_ slot: Slot, of place: Place) -> Bool {
    let node = node(slot)
    let queue = queues[Int(node.queue)]
    return queue.side == place.side && queue.ticks == place.ticks && node.rank < place.rank
  }

  // MARK: Changes

  /// Puts an order at the end of the queue at its price.
  ///
  /// - Precondition: no order of this number is in the book (`anonymous` may come often); its size
  ///   is above zero; its price is within ±`PriceLadder.largestKey`.
  @discardableResult
  public mutating func add(_ id: Int64, _ side: Side, ticks: Int64, lots: Int64) -> Slot {
    precondition(lots > 0, "an order of \(lots) lots")
    precondition(id == Self.anonymous || directory.place(of: id) < 0, "order \(id) comes twice")
    let index = takeNode()
    nodes[Int(index)].id = id
    nodes[Int(index)].lots = lots
    if id != Self.anonymous { directory.insert(id, index) }
    orderCount += 1
    append(index, side, ticks)
    return Slot(index: index)
  }

  /// Makes an order smaller, in its place, and returns what is left; at zero it leaves the book.
  ///
  /// Cancelling a part of an order and executing it are the same to a book, and any order may be
  /// executed: exchanges do not always start at the front.
  /// - Precondition: `lots` is above zero and not more than the order has.
  @discardableResult
  public mutating func reduce(_ slot: Slot, by lots: Int64) -> Int64 {
    let left = node(slot).lots - lots
    precondition(lots > 0 && left >= 0, "\(lots) lots of an order that has \(left + lots)")
    if left == 0 {
      remove(slot)
    } else {
      nodes[Int(slot.index)].lots = left
      queues[Int(nodes[Int(slot.index)].queue)].lots -= lots
    }
    return left
  }

  /// Takes an order out of the book.
  public mutating func remove(_ slot: Slot) {
    let node = node(slot)
    unlink(slot.index)
    if node.id != Self.anonymous { directory.remove(node.id) }
    nodes[Int(slot.index)].lots = 0
    nodes[Int(slot.index)].next = freeNode
    freeNode = slot.index
    orderCount -= 1
  }

  /// Gives an order another size and price. It keeps its place where the price stays and the size
  /// does not grow; otherwise it goes to the end of the queue at its price.
  ///
  /// - Precondition: as for `add`.
  public mutating func change(_ slot: Slot, ticks: Int64, lots: Int64) {
    let node = node(slot)
    precondition(lots > 0, "an order of \(lots) lots")
    let queue = queues[Int(node.queue)]
    if ticks == queue.ticks, lots <= node.lots {
      nodes[Int(slot.index)].lots = lots
      queues[Int(node.queue)].lots -= node.lots - lots
      return
    }
    unlink(slot.index)
    nodes[Int(slot.index)].lots = lots
    append(slot.index, queue.side, ticks)
  }

  /// Executes up to `lots` of the order at the front of a side's best queue.
  ///
  /// - Returns: the order as it stood before, and how much of it was executed; `nil` where the side
  ///   is empty.
  /// - Precondition: `lots` is above zero.
  public mutating func executeFront(_ side: Side, lots: Int64) -> (order: Order, lots: Int64)? {
    guard let ticks = bestTicks(side), let slot = front(side, at: ticks) else { return nil }
    let order = order(at: slot)
    let executed = min(lots, order.lots)
    reduce(slot, by: executed)
    return (order, executed)
  }

  /// Forgets an order's number: its quantity stays, in its place.
  public mutating func makeAnonymous(_ slot: Slot) {
    let id = node(slot).id
    guard id != Self.anonymous else { return }
    directory.remove(id)
    nodes[Int(slot.index)].id = Self.anonymous
  }

  /// Removes all orders, keeping the memory. Places that were taken are void.
  public mutating func removeAll() {
    nodes.removeAll(keepingCapacity: true)
    queues.removeAll(keepingCapacity: true)
    freeNode = -1
    freeQueue = -1
    orderCount = 0
    directory.removeAll()
    bids.removeAll()
    asks.removeAll()
  }

  // MARK: Inside

  private func node(_ slot: Slot) -> Node {
    let node = nodes[Int(slot.index)]
    precondition(node.lots > 0, "the order has left the book")
    return node
  }

  private func queueIndex(_ side: Side, _ ticks: Int64) -> Int32 {
    Int32(truncatingIfNeeded: side == .buy ? bids.value(at: ticks) : asks.value(at: 0 &- ticks))
      &- 1
  }

  private mutating func takeNode() -> Int32 {
    if freeNode >= 0 {
      let index = freeNode
      freeNode = nodes[Int(index)].next
      return index
    }
    precondition(nodes.count < Int32.max, "more than 2^31 orders")
    nodes.append(Node(id: 0, lots: 0, rank: 0, queue: -1, previous: -1, next: -1))
    return Int32(nodes.count - 1)
  }

  private mutating func openQueue(_ side: Side, _ ticks: Int64) -> Int32 {
    let queue = Queue(ticks: ticks, lots: 0, first: -1, last: -1, count: 0, side: side)
    let index: Int32
    if freeQueue >= 0 {
      index = freeQueue
      freeQueue = queues[Int(index)].first
      queues[Int(index)] = queue
    } else {
      index = Int32(queues.count)
      queues.append(queue)
    }
    if side == .buy {
      bids.set(Int64(index) + 1, at: ticks)
    } else {
      asks.set(Int64(index) + 1, at: 0 &- ticks)
    }
    return index
  }

  private mutating func append(_ index: Int32, _ side: Side, _ ticks: Int64) {
    var place = queueIndex(side, ticks)
    if place < 0 { place = openQueue(side, ticks) }
    let last = queues[Int(place)].last
    let lots = nodes[Int(index)].lots
    nodes[Int(index)].queue = place
    nodes[Int(index)].previous = last
    nodes[Int(index)].next = -1
    nodes[Int(index)].rank = nextRank
    nextRank += 1
    if last >= 0 {
      nodes[Int(last)].next = index
    } else {
      queues[Int(place)].first = index
    }
    queues[Int(place)].last = index
    queues[Int(place)].count += 1
    // Sizes come bounded by `BookSide.largestLots`; a sum beyond 64 bits would take 8,000 of them.
    queues[Int(place)].lots &+= lots
  }

  private mutating func unlink(_ index: Int32) {
    let node = nodes[Int(index)]
    let place = Int(node.queue)
    if node.previous >= 0 {
      nodes[Int(node.previous)].next = node.next
    } else {
      queues[place].first = node.next
    }
    if node.next >= 0 {
      nodes[Int(node.next)].previous = node.previous
    } else {
      queues[place].last = node.previous
    }
    queues[place].count -= 1
    queues[place].lots &-= node.lots
    guard queues[place].count == 0 else { return }
    let queue = queues[place]
    if queue.side == .buy {
      bids.set(0, at: queue.ticks)
    } else {
      asks.set(0, at: 0 &- queue.ticks)
    }
    queues[place].first = freeQueue
    freeQueue = node.queue
  }
}
