internal import HogaCore

extension Exchange {
  /// Walks the opposite side from its best level, taking what own fills have left there.
  ///
  /// - Returns: false where the order is over because it met an own one.
  mutating func take(
    _ order: inout Resting, limit: Int64?, at time: Int64, isLiquidation: Bool = false
  ) throws(DataError) -> Bool {
    let sign = order.side.sign
    let opposite = order.side.opposite
    let concession = try impact.concession(side: order.side, lots: order.remaining, at: time)
    let asked = order.remaining
    var level = 0
    var next: Int64? = opposite == .buy ? bestBidTicks : bestAskTicks
    while order.remaining > 0, let ticks = next {
      level += 1
      let paid = ticks + sign * concession
      if let limit, sign * (paid - limit) > 0 { break }
      if meetsOwn(&order, reaching: ticks) {
        record(order.side, asked - order.remaining, at: time)
        return false
      }
      let shown = book[opposite].lots(atTicks: ticks)
      let lots = min(
        fillable(order), consumed.available(opposite, ticks: ticks, shown: shown))
      if lots > 0 {
        consumed.consume(opposite, ticks: ticks, lots: lots)
        order.remaining -= lots
        order.filled += lots
        try report(
          order, ticks: paid, lots: lots, isMaker: false,
          reason: isLiquidation ? .liquidation(level: level) : .walkedBook(level: level),
          concession: sign * concession, at: time, sequence: bookSequence)
        cancelSpentReduceOnly()
      }
      next = book[opposite].nextTicks(behind: ticks)
    }
    record(order.side, asked - order.remaining, at: time)
    return true
  }

  private mutating func record(_ side: Side, _ lots: Int64, at time: Int64) {
    guard lots > 0 else { return }
    impact.executed(side: side, lots: lots, at: time)
  }

  /// What an order could take within its limit, up to its size, before an own order would end it.
  func available(
    to order: Resting, limit: Int64, at time: Int64
  ) throws(DataError) -> Int64 {
    let sign = order.side.sign
    let opposite = order.side.opposite
    let concession = try impact.concession(side: order.side, lots: order.remaining, at: time)
    var sum: Int64 = 0
    var next: Int64? = opposite == .buy ? bestBidTicks : bestAskTicks
    while sum < order.remaining, let ticks = next {
      if sign * (ticks + sign * concession - limit) > 0 { break }
      if rules.selfTrade != .cancelResting, reachesOwn(opposite, ticks) { break }
      sum += consumed.available(
        opposite, ticks: ticks, shown: book[opposite].lots(atTicks: ticks))
      next = book[opposite].nextTicks(behind: ticks)
    }
    return sum
  }

  /// Prevents a trade with own resting orders that stand at a price or before it.
  ///
  /// - Returns: whether the arriving order is over.
  mutating func meetsOwn(_ order: inout Resting, reaching ticks: Int64) -> Bool {
    let side = order.side.opposite
    guard reachesOwn(side, ticks) else { return false }
    switch rules.selfTrade {
    case .cancelNewest:
      reports.append(.cancelled(order.id, .selfTrade, nil))
      return true
    case .cancelResting, .cancelBoth:
      while reachesOwn(side, ticks) { cancel(side, 0, .selfTrade) }
      guard rules.selfTrade == .cancelBoth else { return false }
      reports.append(.cancelled(order.id, .selfTrade, nil))
      return true
    }
  }

  /// Whether an own order of a side stands at a price or before it.
  private func reachesOwn(_ side: Side, _ ticks: Int64) -> Bool {
    (side == .buy ? buys.bestKey : sells.bestKey) >= ticks * side.sign
  }
}
