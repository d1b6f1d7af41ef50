internal import HogaCore

extension Exchange {
  /// An order arrives: takes what its kind allows, then rests or ends.
  mutating func place(
    _ id: OrderID, _ request: OrderRequest, _ decision: Decision, at time: Int64
  ) throws(DataError) {
    if let reason = refusal(of: request, at: time) {
      reports.append(.rejected(id, reason))
      return
    }
    var order = Resting(
      id: id, side: request.side, ticks: request.limit?.ticks ?? 0, remaining: request.lots,
      decision: decision, arrival: time, arrivalHalfTicks: halfTicks)
    reports.append(.accepted(id))
    switch request.kind {
    case .market:
      try take(&order, limit: nil, at: time)
      end(order, .beyondShownDepth)
    case .immediateOrCancel(let price):
      try take(&order, limit: price.ticks, at: time)
      end(order, .immediateRemainder)
    case .limit(let price):
      try take(&order, limit: price.ticks, at: time)
      if order.remaining > 0 { rest(order) }
    case .postOnly:
      rest(order)
    }
  }

  /// Why the exchange turns an order away, or `nil`.
  private func refusal(of request: OrderRequest, at time: Int64) -> RejectReason? {
    if book.isStale { return .bookStale }
    guard book.isTwoSided else { return .bookOneSided }
    guard isBookUsable else { return .bookCrossed }
    if time - bookTime > maximumQuoteAge { return .quoteTooOld }
    if case .postOnly(let price) = request.kind,
      request.side == .buy ? price.ticks >= bestAskTicks : price.ticks <= bestBidTicks
    {
      return .wouldTake
    }
    return nil
  }

  /// Walks the opposite side from its best level, taking what own fills have left there.
  private mutating func take(
    _ order: inout Resting, limit: Int64?, at time: Int64
  ) throws(DataError) {
    let opposite = order.side.opposite
    let levels = order.side == .buy ? book.asks : book.bids
    for depth in 0..<levels.count where order.remaining > 0 {
      let ticks = levels.ticks(at: depth)
      if let limit, order.side == .buy ? ticks > limit : ticks < limit { return }
      let shown = levels.lots(at: depth)
      let lots = min(order.remaining, consumed.available(opposite, ticks: ticks, shown: shown))
      guard lots > 0 else { continue }
      consumed.consume(opposite, ticks: ticks, lots: lots, shown: shown)
      order.remaining -= lots
      try report(
        order, ticks: ticks, lots: lots, remaining: order.remaining, isMaker: false,
        reason: .walkedBook(level: depth + 1), at: time, sequence: bookSequence)
    }
  }

  private mutating func end(_ order: Resting, _ reason: CancelReason) {
    guard order.remaining > 0 else { return }
    reports.append(.cancelled(order.id, reason, remaining: order.remaining))
  }
}
