import HogaCore
import Testing

/// The obvious book: an array per side in the order of arrival, searched for everything.
private struct SlowBook {
  struct Entry: Hashable {
    var id: Int64
    var ticks: Int64
    var lots: Int64
  }
  var sides: [Side: [Entry]] = [.buy: [], .sell: []]

  func side(of id: Int64) -> Side? {
    Side.allCases.first { sides[$0]!.contains { $0.id == id } }
  }
  func index(_ side: Side, _ id: Int64) -> Int { sides[side]!.firstIndex { $0.id == id }! }
  func best(_ side: Side) -> Int64? {
    sides[side]!.map(\.ticks).max { $0 * side.sign < $1 * side.sign }
  }
  func queue(_ side: Side, _ ticks: Int64) -> [Entry] { sides[side]!.filter { $0.ticks == ticks } }
  /// Best price first, front to back.
  func sorted(_ side: Side) -> [Entry] {
    let prices = Set(sides[side]!.map(\.ticks)).sorted { $0 * side.sign > $1 * side.sign }
    return prices.flatMap { queue(side, $0) }
  }
  mutating func reduce(_ side: Side, _ id: Int64, _ lots: Int64) {
    let index = index(side, id)
    sides[side]![index].lots -= lots
    if sides[side]![index].lots == 0 { sides[side]!.remove(at: index) }
  }
}

/// Random order flow that fits: what to do next is drawn from what there is.
private struct OrderFlow {
  var random: SeededRandom
  var slow = SlowBook()
  var nextID: Int64 = 1
  var sequence: Int64 = 0
  var centre: Int64 = 10_000
  let spread: Int64

  init(_ seed: UInt64) {
    random = SeededRandom(seed)
    spread = [Int64(2), 20, 2000][Int(seed % 3)]
  }

  mutating func next() -> OrderEvent {
    sequence += 1
    if Int.random(in: 0..<300, using: &random) == 0 {
      centre += Int64.random(in: -9000...9000, using: &random)
    }
    let all = Side.allCases.flatMap { side in slow.sides[side]!.map { (side, $0) } }
    let draw = all.count < 5 ? 0 : Int.random(in: 0..<(all.count > 150 ? 16 : 10), using: &random)
    if draw < 5 {
      let side: Side = Bool.random(using: &random) ? .buy : .sell
      let ticks = centre - side.sign * Int64.random(in: -1...spread, using: &random)
      // Now and then a number that no page holds.
      let id = nextID % 50 == 0 ? (nextID << 40) * (nextID % 100 == 0 ? 1 : -1) : nextID
      nextID += 1
      let lots = Int64.random(in: 1...9, using: &random)
      slow.sides[side]!.append(.init(id: id, ticks: ticks, lots: lots))
      return event(.add, id, side, ticks, lots)
    }
    let (side, entry) = all.randomElement(using: &random)!
    switch draw {
    case 5:
      let lots = Int64.random(in: 1...entry.lots, using: &random)
      slow.reduce(side, entry.id, lots)
      return event(.reduce, entry.id, side, entry.ticks, lots)
    case 6:
      // At the front of the best queue.
      let front = slow.sorted(side)[0]
      let lots = Int64.random(in: 1...front.lots, using: &random)
      slow.reduce(side, front.id, lots)
      return event(.execute, front.id, side, front.ticks, lots)
    case 7:
      let lots = Int64.random(in: 1...12, using: &random)
      let ticks = entry.ticks + Int64.random(in: -1...1, using: &random)
      let index = slow.index(side, entry.id)
      if ticks == entry.ticks, lots <= entry.lots {
        slow.sides[side]![index].lots = lots
      } else {
        slow.sides[side]!.remove(at: index)
        slow.sides[side]!.append(.init(id: entry.id, ticks: ticks, lots: lots))
      }
      return event(.change, entry.id, side, ticks, lots)
    default:
      slow.sides[side]!.remove(at: slow.index(side, entry.id))
      return event(.delete, entry.id, side, entry.ticks, entry.lots)
    }
  }

  func event(
    _ kind: OrderEventKind, _ id: Int64, _ side: Side, _ ticks: Int64, _ lots: Int64
  ) -> OrderEvent {
    OrderEvent(kind, id: id, side: side, ticks: ticks, lots: lots, sequence: sequence)
  }

  /// The rows of a snapshot, sides and levels in any order, queues front to back.
  mutating func snapshot() -> [OrderEvent] {
    var prices = Side.allCases.flatMap { side in
      Set(slow.sides[side]!.map(\.ticks)).sorted().map { (side, $0) }
    }
    prices.shuffle(using: &random)
    return prices.flatMap { side, ticks in
      slow.queue(side, ticks).map { event(.snapshot, $0.id, side, ticks, $0.lots) }
    }
  }
}

@Suite("Order-by-order book")
struct OrderByOrderBookTests {
  private func orders(_ book: OrderByOrderBook, _ side: Side) -> [SlowBook.Entry] {
    var all: [SlowBook.Entry] = []
    book.forEachOrder(side) { all.append(.init(id: $0.id, ticks: $0.ticks, lots: $0.lots)) }
    return all
  }

  private func check(_ book: OrderByOrderBook, _ slow: SlowBook) {
    for side in Side.allCases {
      let expected = slow.sorted(side)
      #expect(orders(book, side) == expected)
      let levels = book.levels(side)
      #expect(levels.count == book.levelCount(side))
      for level in levels {
        let queue = slow.queue(side, level.ticks)
        #expect(level.orders == queue.count)
        #expect(level.lots == queue.reduce(0) { $0 + $1.lots })
        var (orders, lots): (Int, Int64) = (0, 0)
        for entry in queue {
          let slot = book.slot(of: entry.id)!
          let ahead = book.ahead(of: slot)
          #expect(ahead.orders == orders && ahead.lots == lots)
          orders += 1
          lots += entry.lots
        }
      }
    }
    #expect(book.orderCount == slow.sides.values.reduce(0) { $0 + $1.count })
  }

  @Test("equals plain arrays, order by order, after any flow", arguments: UInt64(0)..<30)
  func equalsReference(seed: UInt64) throws {
    var flow = OrderFlow(seed)
    var book = OrderByOrderBook(orders: 4, window: 4096)
    for step in 0..<1500 {
      try book.apply(flow.next())
      #expect(book.bestTicks(.buy) == flow.slow.best(.buy))
      #expect(book.bestTicks(.sell) == flow.slow.best(.sell))
      if step % 250 == 249 { check(book, flow.slow) }
    }
  }

  @Test(
    "a book begun from any snapshot in the stream becomes the same book", arguments: UInt64(0)..<20)
  func converges(seed: UInt64) throws {
    var flow = OrderFlow(seed)
    var whole = OrderByOrderBook(window: 4096)
    var late = OrderByOrderBook(window: 4096)
    late.isStale = true
    for _ in 0..<1200 {
      let event = flow.next()
      try whole.apply(event)
      // Stale books let everything pass, whatever they hold.
      try late.apply(event)
      switch Int.random(in: 0..<150, using: &flow.random) {
      case 0:
        try late.apply(OrderEvent(.gap, id: 0, side: nil, ticks: 0, lots: 0, sequence: 0))
        #expect(late.state == .stale)
      case 1, 2:
        for (index, row) in flow.snapshot().enumerated() {
          try late.apply(row, beginsSnapshot: index == 0)
        }
        check(late, flow.slow)
      default: break
      }
    }
    for (index, row) in flow.snapshot().enumerated() {
      try late.apply(row, beginsSnapshot: index == 0)
    }
    check(late, flow.slow)
    check(whole, flow.slow)
  }

  @Test("knows what is ahead of a place taken in a queue", arguments: UInt64(0)..<10)
  func places(seed: UInt64) throws {
    var flow = OrderFlow(seed)
    var book = OrderByOrderBook(window: 4096)
    for _ in 0..<200 { try book.apply(flow.next()) }
    // An order of ours at the best bid, and the numbers of those that stood there before.
    let ticks = book.bestTicks(.buy)!
    let place = book.takePlace(.buy, at: ticks)
    var before = Set(flow.slow.queue(.buy, ticks).map(\.id))
    var counted = book.ahead(of: place).lots
    for _ in 0..<400 {
      var event = flow.next()
      let slot = book.slot(of: event.id)
      let wasAhead = slot.map { book.isAhead($0, of: place) } ?? false
      let old = slot.map { book.order(at: $0).lots } ?? 0
      if event.kind == .change, event.ticks != ticks || event.lots > old {
        before.remove(event.id)
        event.lots = max(event.lots, 1)
      }
      try book.apply(event)
      if wasAhead {
        let now = book.slot(of: event.id)
        counted -=
          old - (now.map { book.isAhead($0, of: place) ? book.order(at: $0).lots : 0 } ?? 0)
      }
      let truth = flow.slow.queue(.buy, ticks).filter { before.contains($0.id) }
      let ahead = book.ahead(of: place)
      #expect(ahead.orders == truth.count)
      #expect(ahead.lots == truth.reduce(0) { $0 + $1.lots })
      #expect(counted == ahead.lots)
    }
  }

  @Test("an order keeps its place when it shrinks, and loses it when it grows or moves")
  func priority() {
    var book = OrderByOrderBook(window: 4096)
    for id in 1...4 { book.add(Int64(id), .buy, ticks: 100, lots: 10) }
    func queue() -> [Int64] { orders(book, .buy).map(\.id) }
    book.reduce(book.slot(of: 1)!, by: 4)
    book.change(book.slot(of: 2)!, ticks: 100, lots: 9)
    #expect(queue() == [1, 2, 3, 4])
    book.change(book.slot(of: 2)!, ticks: 100, lots: 10)
    #expect(queue() == [1, 3, 4, 2])
    book.change(book.slot(of: 1)!, ticks: 101, lots: 6)
    #expect(queue() == [1, 3, 4, 2] && book.bestTicks(.buy) == 101)
    book.change(book.slot(of: 1)!, ticks: 100, lots: 6)
    #expect(queue() == [3, 4, 2, 1])
    book.reduce(book.slot(of: 4)!, by: 10)
    #expect(queue() == [3, 2, 1])
    let (order, lots) = book.executeFront(.buy, lots: 25)!
    #expect(order.id == 3 && lots == 10)
    #expect(book.level(.buy, at: 100) == .init(ticks: 100, lots: 16, orders: 2))
    #expect(book.executeFront(.sell, lots: 1) == nil)
  }

  @Test("quantity without a number counts, and no number finds it")
  func anonymous() {
    var book = OrderByOrderBook(window: 4096)
    book.add(OrderByOrderBook.anonymous, .sell, ticks: 7, lots: 5)
    book.add(OrderByOrderBook.anonymous, .sell, ticks: 7, lots: 6)
    let slot = book.add(9, .sell, ticks: 7, lots: 1)
    book.makeAnonymous(slot)
    #expect(book.slot(of: 9) == nil && book.slot(of: OrderByOrderBook.anonymous) == nil)
    #expect(book.level(.sell, at: 7) == .init(ticks: 7, lots: 12, orders: 3))
    #expect(book.state == .asksOnly)
  }

  @Test("refuses events that do not fit, and stays as it was")
  func faults() throws {
    var book = OrderByOrderBook(window: 4096)
    book.add(1, .buy, ticks: 100, lots: 10)
    let before = orders(book, .buy)
    func fault(
      _ kind: OrderEventKind, _ id: Int64, _ side: Side?, _ ticks: Int64, _ lots: Int64
    ) -> OrderFault? {
      let event = OrderEvent(kind, id: id, side: side, ticks: ticks, lots: lots, sequence: 1)
      do { try book.apply(event) } catch { return error }
      return nil
    }
    #expect(fault(.add, 1, .buy, 100, 1) == .known)
    #expect(fault(.add, 2, nil, 100, 1) == .noSide)
    #expect(fault(.add, 2, .sell, .min, 1) == .noPrice)
    #expect(fault(.add, 2, .sell, .max, 1) == .noPrice)
    #expect(fault(.add, 2, .sell, 100, 0) == .size)
    #expect(fault(.add, 2, .sell, 100, .max) == .size)
    #expect(fault(.reduce, 2, .buy, 100, 1) == .unknown)
    #expect(fault(.execute, .min, .buy, 100, 1) == .unknown)
    #expect(fault(.reduce, 1, .buy, 100, 11) == .tooLarge)
    #expect(fault(.reduce, 1, .buy, 100, .min) == .size)
    #expect(fault(.execute, 1, .buy, 101, 1) == .otherPrice)
    #expect(fault(.delete, 1, .sell, 100, 10) == .otherPrice)
    #expect(fault(.delete, 1, .buy, 100, 9) == .otherSize)
    #expect(fault(.change, 1, .sell, 100, 9) == .otherPrice)
    #expect(fault(.change, 1, .buy, .min, 9) == .noPrice)
    #expect(fault(.change, 1, .buy, 100, 0) == .size)
    #expect(orders(book, .buy) == before)
    #expect(fault(.executeHidden, 5, .buy, 100, 3) == nil && fault(.halt, 0, nil, 0, 0) == nil)
    #expect(orders(book, .buy) == before)
    book.phase = .quoting
    #expect(book.phase == .quoting)
  }

  @Test(
    "replays a table in chunks of any size, snapshots as one message", arguments: [1, 3, 7, 1000])
  func replay(chunk: Int) throws {
    var flow = OrderFlow(3)
    var events: [OrderEvent] = []
    for step in 0..<400 {
      events.append(flow.next())
      if step == 150 || step == 151 {
        flow.sequence += 1
        events += flow.snapshot()
      }
    }
    func frame(_ rows: ArraySlice<OrderEvent>) -> Frame {
      var frame = Frame()
      let stamps = rows.map(\.sequence)
      frame.append("arrival", .timestamp(stamps))
      frame.append("time", .timestamp(stamps))
      frame.append("sequence", .int64(stamps))
      frame.append("order_id", .int64(rows.map(\.id)))
      let levels = OrderEventKind.allCases
      frame.append(
        "kind",
        .category(
          Categories(
            codes: rows.map { Int32(levels.firstIndex(of: $0.kind)!) },
            levels: levels.map(\.rawValue))))
      frame.append("side", .int32(rows.map { $0.side?.rawValue ?? 0 }))
      frame.append("price", .decimal(rows.map(\.ticks), scale: 2))
      frame.append("size", .decimal(rows.map(\.lots), scale: 0))
      return frame
    }
    var left = events[...]
    var replay = try OrderByOrderReplay {
      guard !left.isEmpty else { return nil }
      defer { left = left.dropFirst(chunk) }
      return frame(left.prefix(chunk))
    }
    var messages = 0
    while try replay.step() != nil {
      messages += 1
      if messages == 152 { #expect(replay.book.orderCount > 5) }
    }
    #expect(messages == 402 && replay.rowCount == events.count)
    check(replay.book, flow.slow)
  }
}

@Suite("Partial order book")
struct PartialOrderBookTests {
  @Test(
    "a view of the first levels follows, and tells what came into view", arguments: UInt64(0)..<12)
  func view(seed: UInt64) throws {
    var flow = OrderFlow(seed)
    var truth = OrderByOrderBook(window: 4096)
    let levels = 3
    var view = PartialOrderBook(levels: levels, window: 4096)
    var began = false
    for _ in 0..<1500 {
      // The view's files have no changes: a changed order is deleted and added.
      let event = flow.next()
      var parts = [event]
      if event.kind == .change {
        let old = truth.order(at: truth.slot(of: event.id)!)
        parts = [
          OrderEvent(
            .delete, id: event.id, side: event.side, ticks: old.ticks, lots: old.lots, sequence: 0),
          OrderEvent(
            .add, id: event.id, side: event.side, ticks: event.ticks, lots: event.lots, sequence: 0),
        ]
      }
      for part in parts {
        let wasSeen = truth.levels(part.side!, limit: levels).contains { $0.ticks == part.ticks }
        try truth.apply(part)
        let (bids, asks) = (
          truth.levels(.buy, limit: levels), truth.levels(.sell, limit: levels)
        )
        let shown = part.side == .buy ? bids : asks
        guard wasSeen || shown.contains(where: { $0.ticks == part.ticks }) else { continue }
        guard began else {
          began = true
          view.begin(after: part, bids: bids, asks: asks)
          continue
        }
        view.apply(part)
        #expect(view.compare(bids: bids, asks: asks) == nil)
        #expect(view.book.levels(.buy, limit: levels).map(\.lots) == bids.map(\.lots))
        #expect(view.book.levels(.sell, limit: levels).map(\.ticks) == asks.map(\.ticks))
      }
    }
    #expect(view.counts.differingRows == 0 && view.counts.impossible == 0)
    #expect(view.counts.equalRows > 150)
  }

  @Test("a level that was in view and does not follow is a fault")
  func fault() {
    var view = PartialOrderBook(levels: 1, window: 4096)
    let first = OrderEvent(.add, id: 1, side: .buy, ticks: 100, lots: 4, sequence: 1)
    view.begin(
      after: first, bids: [.init(ticks: 100, lots: 10, orders: 0)],
      asks: [.init(ticks: 101, lots: 5, orders: 0)])
    #expect(view.book.levels(.buy) == [.init(ticks: 100, lots: 10, orders: 2)])
    let fault = view.compare(
      bids: [.init(ticks: 100, lots: 9, orders: 0)], asks: [.init(ticks: 101, lots: 5, orders: 0)])
    #expect(fault?.shown.lots == 9 && fault?.known.lots == 10)
    #expect(view.counts.differingRows == 1 && view.counts.rows == 1)
  }
}
