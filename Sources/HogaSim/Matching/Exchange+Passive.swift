internal import HogaCore

/// When resting orders fill on a market by level.
///
/// Three events count, and each gives no more than it had:
///
/// - a trade prints beyond the limit (below a buy, above a sell): the order stood before what traded;
/// - a trade prints at the limit, and goes further than the queue in front (see `QueuePosition`);
/// - the opposite best quote reaches the limit: it would have met the order. What is shown there is
///   taken from the same account as aggressive fills.
///
/// Prints whose aggressor is on the order's own side prove nothing: they took the other side. A
/// print is shared among own orders by price, then time. Fills are at the limit, at the maker's fee.
/// A stale, crossed or one-sided book proves nothing; a print stays a proof.
extension Exchange {
  /// Whether a trade can fill anything: the test that runs for every trade.
  func isTouched(by print: Print) -> Bool {
    (print.ticks <= buys.bestKey && print.aggressor != 1)
      || (-print.ticks <= sells.bestKey && print.aggressor != -1)
  }

  /// A trade printed at an own order's price or beyond.
  mutating func fillPrinted(_ print: Print, at time: Int64) throws(DataError) {
    guard phase == .trading, orders == nil else { return }
    var left = print.lots
    if print.aggressor != 1 { try fillPrinted(.buy, print, &left, at: time) }
    if print.aggressor != -1 { try fillPrinted(.sell, print, &left, at: time) }
  }

  private mutating func fillPrinted(
    _ side: Side, _ print: Print, _ left: inout Int64, at time: Int64
  ) throws(DataError) {
    var index = 0
    while left > 0, index < self[side].orders.count {
      let distance = (self[side].orders[index].ticks - print.ticks) * side.sign
      guard distance >= 0 else { break }
      var lots = left
      if distance == 0 {
        self[side].orders[index].queue.printed(left, of: print.lots)
        lots = min(lots, self[side].orders[index].queue.reached)
      }
      let filled = try fill(
        side, index, upTo: lots, distance == 0 ? .queueReached : .tradedThrough, at: time,
        sequence: print.sequence)
      left -= min(left, filled.lots)
      index = filled.next
    }
  }

  /// The opposite best quote has reached an own order: each takes what is shown up to its limit.
  mutating func fillCrossed(at time: Int64) throws(DataError) {
    for side in [Side.buy, .sell] {
      let opposite = side.opposite
      let best = side == .buy ? bestAskTicks : bestBidTicks
      var index = 0
      while index < self[side].orders.count,
        self[side].orders[index].ticks * side.sign >= best * side.sign
      {
        let order = self[side].orders[index]
        let taken = consume(opposite, upTo: fillable(order), limit: order.ticks)
        let filled = try fill(
          side, index, upTo: taken, .quoteCrossed, at: time, sequence: bookSequence)
        index = filled.next
      }
    }
  }

  /// Takes shown lots of a side, from its best level to a limit, and returns how many there were.
  private mutating func consume(_ side: Side, upTo wanted: Int64, limit: Int64) -> Int64 {
    var left = wanted
    var next: Int64? = side == .buy ? bestBidTicks : bestAskTicks
    while left > 0, let ticks = next, (ticks - limit) * side.sign >= 0 {
      let shown = book[side].lots(atTicks: ticks)
      let lots = min(left, consumed.available(side, ticks: ticks, shown: shown))
      if lots > 0 { consumed.consume(side, ticks: ticks, lots: lots) }
      left -= lots
      next = book[side].nextTicks(behind: ticks)
    }
    return wanted - left
  }

  /// Fills an own order with so many lots at most, or whole where orders fill whole.
  ///
  /// - Returns: the lots that it got, and the index of the side's next order.
  mutating func fill(
    _ side: Side, _ index: Int, upTo most: Int64, _ reason: FillReason, at time: Int64,
    sequence: Int64
  ) throws(DataError) -> (lots: Int64, next: Int) {
    var order = self[side].orders[index]
    let wanted = fillable(order)
    let lots = rules.fillsWhole && most > 0 ? wanted : min(wanted, most)
    guard lots > 0 else { return (0, index + 1) }
    order.remaining -= lots
    order.filled += lots
    order.queue.took(lots)
    if order.remaining == 0 {
      self[side].remove(at: index)
    } else {
      self[side].orders[index] = order
    }
    try report(
      order, ticks: order.ticks, lots: lots, isMaker: true, reason: reason, at: time,
      sequence: sequence)
    let next = order.remaining == 0 ? index : index + 1
    return (lots, next - cancelSpentReduceOnly(counting: side, below: next))
  }
}
