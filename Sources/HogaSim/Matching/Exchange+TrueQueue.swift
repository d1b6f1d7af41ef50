internal import HogaCore

/// When resting orders fill on a market of single orders.
///
/// An own order holds a place among the market's orders without being one of them. It fills when an
/// order behind that place, or at a worse price, is executed: that execution would have been its. Own
/// orders share an execution by price, then time. Executions of orders in front, and their cancels,
/// bring it forward, lot by lot and exactly. Hidden orders stand behind all that is shown at their
/// price. What an auction crosses proves nothing of the queue.
extension Exchange {
  mutating func play(_ events: Span<OrderEvent>, at time: Int64) throws(DataError) {
    var row = 0
    while row < events.count {
      let event = events[row]
      if event.kind == .snapshot {
        row = try restart(events, from: row)
        continue
      }
      if !buys.isEmpty || !sells.isEmpty { try meet(event, at: time) }
      try apply(event, beginsSnapshot: false)
      row += 1
    }
  }

  private mutating func apply(_ event: OrderEvent, beginsSnapshot: Bool) throws(DataError) {
    do {
      try orders!.apply(event, beginsSnapshot: beginsSnapshot)
    } catch {
      throw DataError("\(error.rawValue): \(event.kind.rawValue) of order \(event.id)")
    }
  }

  /// What an event does to own orders, before it does it to the book.
  private mutating func meet(_ event: OrderEvent, at time: Int64) throws(DataError) {
    guard let side = event.side, !self[side].isEmpty else { return }
    switch event.kind {
    case .execute where phase == .trading:
      try meetExecution(event, side, slot: orders!.slot(of: event.id), at: time)
    case .executeHidden where phase == .trading:
      try meetExecution(event, side, slot: nil, at: time)
    case .reduce, .delete:
      lose(event.lots, side, event.id)
    case .change:
      guard let slot = orders!.slot(of: event.id) else { return }
      let order = orders!.order(at: slot)
      let staysInPlace = order.ticks == event.ticks && event.lots <= order.lots
      lose(staysInPlace ? order.lots - event.lots : order.lots, side, event.id)
    case .execute, .executeHidden, .add, .cross, .halt, .snapshot, .gap: break
    }
  }

  private mutating func meetExecution(
    _ event: OrderEvent, _ side: Side, slot: OrderByOrderBook.Slot?, at time: Int64
  ) throws(DataError) {
    var left = event.lots
    var index = 0
    while left > 0, index < self[side].orders.count {
      let order = self[side].orders[index]
      let distance = (order.ticks - event.ticks) * side.sign
      guard distance >= 0 else { break }
      if distance == 0 {
        let isBehind =
          slot.map { !orders!.isAhead($0, of: order.queue.place!) }
          ?? (event.kind == .executeHidden && order.queue.front == 0)
        guard isBehind else {
          if slot != nil {
            self[side].orders[index].queue.lost(event.lots, traded: true)
          }
          index += 1
          continue
        }
      }
      let filled = try fill(
        side, index, upTo: left, distance == 0 ? .queueReached : .tradedThrough, at: time,
        sequence: event.sequence)
      left -= min(left, filled.lots)
      index = filled.next
    }
  }

  /// An order of the market gets smaller or leaves: whoever stands behind comes forward.
  private mutating func lose(_ lots: Int64, _ side: Side, _ id: Int64) {
    guard lots > 0, let slot = orders!.slot(of: id) else { return }
    for index in self[side].orders.indices
    where orders!.isAhead(slot, of: self[side].orders[index].queue.place!) {
      self[side].orders[index].queue.lost(lots, traded: false)
    }
  }

  /// The book comes anew. Own orders stand behind those that stood in front of them and still do.
  ///
  /// - Returns: the row behind the snapshot.
  private mutating func restart(
    _ events: Span<OrderEvent>, from first: Int
  ) throws(DataError) -> Int {
    var before: [[Int64]] = []
    for order in buys.orders + sells.orders {
      before.append(orders!.ids(ahead: order.queue.place!))
    }
    var row = first
    while row < events.count, events[row].kind == .snapshot,
      events[row].sequence == events[first].sequence
    {
      try apply(events[row], beginsSnapshot: row == first)
      row += 1
    }
    var own = 0
    for side in [Side.buy, .sell] {
      for index in self[side].orders.indices {
        let ticks = self[side].orders[index].ticks
        let place = orders!.place(side, at: ticks, behind: Set(before[own]))
        self[side].orders[index].queue.place = place
        self[side].orders[index].queue.rebuilt(ahead: orders!.ahead(of: place).lots)
        own += 1
      }
    }
    return row
  }
}
