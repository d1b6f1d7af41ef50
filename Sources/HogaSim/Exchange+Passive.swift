internal import HogaCore

/// When resting orders fill.
///
/// The rule is the pessimistic one: never at the touch, only once the market has gone through.
/// Without knowing the queue, a fill at the touch would be a hope. Two events count as proof:
///
/// - a trade prints strictly beyond the limit (below a buy, above a sell). Prints whose aggressor
///   is on the order's own side do not: they took the other side's resting orders, which the next
///   rule counts. The print's size is shared among own orders by price, then time, so own fills
///   never exceed what was printed;
/// - the opposite best quote is strictly beyond the limit. Lots shown beyond the limit are taken
///   from the same account as aggressive fills, so own fills never exceed what was shown.
///
/// Fills are at the limit, at the maker's fee. A stale, crossed or one-sided book proves nothing;
/// a print stays a proof.
extension Exchange {
  /// Whether a trade can fill anything: the test that runs for every trade.
  func isTouched(by print: Print) -> Bool {
    (print.ticks < bestBuyTicks && print.aggressor != 1)
      || (print.ticks > bestSellTicks && print.aggressor != -1)
  }

  /// A trade printed beyond an own order.
  mutating func fillPrinted(_ print: Print, at time: Int64) throws(DataError) {
    var left = print.lots
    if print.aggressor != 1 {
      while left > 0, let order = buys.first, print.ticks < order.ticks {
        try fillFirst(.buy, upTo: &left, .tradedThrough, at: time, sequence: print.sequence)
      }
    }
    if print.aggressor != -1 {
      while left > 0, let order = sells.first, print.ticks > order.ticks {
        try fillFirst(.sell, upTo: &left, .tradedThrough, at: time, sequence: print.sequence)
      }
    }
  }

  /// The opposite best quote is beyond an own order.
  mutating func fillCrossed(at time: Int64) throws(DataError) {
    for depth in 0..<book.asks.count {
      let ticks = book.asks.ticks(at: depth)
      guard ticks < bestBuyTicks else { break }
      try fillAgainst(.sell, ticks: ticks, shown: book.asks.lots(at: depth), at: time)
    }
    for depth in 0..<book.bids.count {
      let ticks = book.bids.ticks(at: depth)
      guard ticks > bestSellTicks else { break }
      try fillAgainst(.buy, ticks: ticks, shown: book.bids.lots(at: depth), at: time)
    }
  }

  /// Fills own orders against one shown level of `side`.
  private mutating func fillAgainst(
    _ side: Side, ticks: Int64, shown: Int64, at time: Int64
  ) throws(DataError) {
    let available = consumed.available(side, ticks: ticks, shown: shown)
    var left = available
    while left > 0,
      side == .sell
        ? buys.first.map({ $0.ticks > ticks }) ?? false
        : sells.first.map({ $0.ticks < ticks }) ?? false
    {
      try fillFirst(
        side.opposite, upTo: &left, .quoteCrossed, at: time, sequence: bookSequence)
    }
    if left < available {
      consumed.consume(side, ticks: ticks, lots: available - left, shown: shown)
    }
  }

  /// Fills the own order with priority, for what is left at most.
  private mutating func fillFirst(
    _ side: Side, upTo left: inout Int64, _ reason: FillReason, at time: Int64, sequence: Int64
  ) throws(DataError) {
    var order = side == .buy ? buys[0] : sells[0]
    let lots = min(order.remaining, left)
    left -= lots
    order.remaining -= lots
    if side == .buy {
      if order.remaining == 0 { buys.removeFirst() } else { buys[0] = order }
    } else {
      if order.remaining == 0 { sells.removeFirst() } else { sells[0] = order }
    }
    updateBest()
    try report(
      order, ticks: order.ticks, lots: lots, remaining: order.remaining, isMaker: true,
      reason: reason, at: time, sequence: sequence)
  }
}
