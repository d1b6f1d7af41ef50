/// An order book of single orders that is known only as far as a view of some levels reaches.
///
/// LOBSTER's samples are such a view: messages of the first levels alone, and the levels after each.
/// Orders that stood there before the first message are known by their quantity only, which stands
/// in their level's queue as one anonymous order at the front; messages of orders that nobody saw
/// come take from it. A level that comes into view brings what happened to it while it was out of
/// sight, so its quantity is taken over from the view: more is put behind as anonymous, less is taken
/// from the anonymous part and then from the back. A level that was in view before and after a
/// message has to follow from the message, and is a fault where it does not.
///
/// Source of such views: R. Huang, T. Polak, "LOBSTER: Limit Order Book Reconstruction System", 2011.
public struct PartialOrderBook: Sendable {
  /// How rows of levels agreed with the book.
  public struct Counts: Hashable, Sendable {
    public var rows = 0
    /// Rows whose every level followed from the messages.
    public var equalRows = 0
    /// Rows that differ at levels alone that came into view with that message.
    public var enteringRows = 0
    /// Rows that differ at a level that was in view before: faults.
    public var differingRows = 0
    /// Levels that came into view with nothing known of them, with more than was known, with less,
    /// and levels that were known and are gone.
    public var enteredUnknown = 0
    public var enteredWithMore = 0
    public var enteredWithLess = 0
    public var gone = 0
    /// Messages of orders that nobody saw come.
    public var unknownOrders = 0
    /// Messages that took from orders of other numbers, because theirs had changed out of sight.
    public var reassigned = 0
    /// Messages that take more than their level has: faults.
    public var impossible = 0

    public init() {}
  }

  public private(set) var book: OrderByOrderBook
  public private(set) var counts = Counts()
  /// How many levels the view has on each side.
  public let levels: Int
  /// What was in view before the last message.
  private var seen: [Side: [OrderByOrderBook.Level]] = [:]

  public init(levels: Int, window: Int = PriceLadder.standardWindow) {
    precondition(levels > 0, "a view of no levels")
    self.levels = levels
    book = OrderByOrderBook(window: window)
  }

  /// Begins with the levels after the first message: all anonymous, but for an order that this
  /// message brought.
  public mutating func begin(
    after event: OrderEvent, bids: [OrderByOrderBook.Level], asks: [OrderByOrderBook.Level]
  ) {
    book.removeAll()
    for (side, shown) in [(Side.buy, bids), (.sell, asks)] {
      for level in shown {
        let isNew =
          event.kind == .add && event.side == side && event.ticks == level.ticks
          && (1...level.lots).contains(event.lots)
        let old = level.lots - (isNew ? event.lots : 0)
        if old > 0 { book.add(OrderByOrderBook.anonymous, side, ticks: level.ticks, lots: old) }
        if isNew { book.add(event.id, side, ticks: level.ticks, lots: event.lots) }
      }
      seen[side] = shown
    }
  }

  /// Applies a message to what is known.
  public mutating func apply(_ event: OrderEvent) {
    guard let side = event.side, event.lots > 0 else { return }
    switch event.kind {
    case .add:
      if let old = book.slot(of: event.id) { book.makeAnonymous(old) }
      book.add(event.id, side, ticks: event.ticks, lots: event.lots)
    case .reduce, .delete, .execute: take(event, side)
    case .executeHidden, .cross, .halt, .snapshot, .change, .gap: break
    }
  }

  private mutating func take(_ event: OrderEvent, _ side: Side) {
    var left = event.lots
    if let slot = book.slot(of: event.id), book.order(at: slot).side == side,
      book.order(at: slot).ticks == event.ticks
    {
      let own = book.order(at: slot).lots
      if left < own {
        book.reduce(slot, by: left)
        if event.kind == .delete {
          // It was made smaller out of sight, and the view's quantity says that others came.
          book.makeAnonymous(slot)
          counts.reassigned += 1
        }
        return
      }
      book.remove(slot)
      left -= own
      guard left > 0 else { return }
      counts.reassigned += 1
    } else {
      counts.unknownOrders += 1
    }
    takeUnknown(side, event.ticks, left)
  }

  /// Takes from the anonymous part of a level, front first, and then from the back.
  private mutating func takeUnknown(_ side: Side, _ ticks: Int64, _ lots: Int64) {
    var left = lots
    var slot = book.front(side, at: ticks)
    while let place = slot, left > 0 {
      slot = book.next(behind: place)
      let order = book.order(at: place)
      guard order.id == OrderByOrderBook.anonymous else { continue }
      let part = min(left, order.lots)
      book.reduce(place, by: part)
      left -= part
    }
    guard left > 0 else { return }
    counts.reassigned += 1
    while left > 0, let place = book.back(side, at: ticks) {
      let part = min(left, book.order(at: place).lots)
      book.reduce(place, by: part)
      left -= part
    }
    if left > 0 { counts.impossible += 1 }
  }

  /// Compares the book with the levels shown after a message, and takes over those that came into
  /// view.
  ///
  /// - Returns: the first level that was in view before and does not follow, with what was expected.
  @discardableResult
  public mutating func compare(
    bids: [OrderByOrderBook.Level], asks: [OrderByOrderBook.Level]
  ) -> (side: Side, shown: OrderByOrderBook.Level, known: OrderByOrderBook.Level)? {
    counts.rows += 1
    var entered = false
    var fault: (side: Side, shown: OrderByOrderBook.Level, known: OrderByOrderBook.Level)?
    for (side, shown) in [(Side.buy, bids), (.sell, asks)] {
      let before = seen[side] ?? []
      seen[side] = shown
      let isCut = shown.count == levels
      // Beyond the view's last price nothing is shown; before it, all is.
      var known: [OrderByOrderBook.Level] = []
      var ticks = book.bestTicks(side)
      while let price = ticks, let level = book.level(side, at: price) {
        if isCut, let last = shown.last, side.sign * price < side.sign * last.ticks { break }
        known.append(level)
        ticks = book.nextTicks(side, behind: price)
      }
      guard known.map(\.ticks) != shown.map(\.ticks) || known.map(\.lots) != shown.map(\.lots)
      else { continue }
      for ticks in Set(known.map(\.ticks) + shown.map(\.ticks)).sorted() {
        let (there, here) = (
          shown.first { $0.ticks == ticks }?.lots ?? 0, book.level(side, at: ticks)?.lots ?? 0
        )
        guard there != here else { continue }
        if before.contains(where: { $0.ticks == ticks }) {
          fault = (
            side, .init(ticks: ticks, lots: there, orders: 0),
            .init(ticks: ticks, lots: here, orders: 0)
          )
        } else {
          entered = true
          if there == 0 {
            counts.gone += 1
          } else if here == 0 {
            counts.enteredUnknown += 1
          } else if there > here {
            counts.enteredWithMore += 1
          } else {
            counts.enteredWithLess += 1
          }
        }
        settle(side, ticks, from: here, to: there)
      }
    }
    if fault != nil {
      counts.differingRows += 1
    } else if entered {
      counts.enteringRows += 1
    } else {
      counts.equalRows += 1
    }
    return fault
  }

  private mutating func settle(_ side: Side, _ ticks: Int64, from here: Int64, to there: Int64) {
    if there > here {
      book.add(OrderByOrderBook.anonymous, side, ticks: ticks, lots: there - here)
    } else {
      let reassigned = counts.reassigned
      takeUnknown(side, ticks, here - there)
      counts.reassigned = reassigned  // these are counted as levels
    }
  }
}
