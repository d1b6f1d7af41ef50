internal import HogaCore

extension Exchange {
  /// A request of ours arrives.
  mutating func receive(_ request: ExchangeRequest, at time: Int64) throws(DataError) {
    switch request.kind {
    case .place(let order, let decision):
      try place(request.id, order, decision, at: time)
    case .amend(let price, let lots, let decision):
      try amend(request.id, price: price, lots: lots, decision, at: time)
    case .cancel:
      guard let (side, index) = find(request.id) else {
        reports.append(.cancelRejected(request.id))
        return
      }
      cancel(side, index, .requested)
    case .cancelAll:
      cancelAll(.requested)
    }
  }

  mutating func cancelAll(_ reason: CancelReason) {
    for side in [Side.buy, .sell] {
      for order in self[side].orders {
        reports.append(.cancelled(order.id, reason, order.queue.summary))
      }
      self[side].removeAll()
    }
  }

  mutating func cancel(_ side: Side, _ index: Int, _ reason: CancelReason) {
    let order = self[side].orders[index]
    self[side].remove(at: index)
    reports.append(.cancelled(order.id, reason, order.queue.summary))
  }

  private func find(_ id: OrderID) -> (side: Side, index: Int)? {
    if let index = buys.orders.firstIndex(where: { $0.id == id }) { return (.buy, index) }
    if let index = sells.orders.firstIndex(where: { $0.id == id }) { return (.sell, index) }
    return nil
  }

  // MARK: Placing

  /// An order arrives: takes what its kind allows, then rests or ends.
  private mutating func place(
    _ id: OrderID, _ request: OrderRequest, _ decision: Decision, at time: Int64
  ) throws(DataError) {
    if let reason = try refusal(of: request, at: time) {
      reports.append(.rejected(id, reason))
      return
    }
    let lots = request.reduceOnly ? min(request.lots, abs(position)) : request.lots
    let order = Resting(
      id: id, side: request.side, ticks: request.limit?.ticks ?? 0, remaining: lots,
      isPostOnly: request.kind.isPostOnly, isReduceOnly: request.reduceOnly, decision: decision,
      arrival: time, arrivalHalfTicks: halfTicks)
    reports.append(.accepted(id, lots: lots))
    try work(order, request.kind, at: time)
  }

  /// Takes, rests or ends an order that was accepted.
  private mutating func work(
    _ order: Resting, _ kind: OrderRequest.Kind, at time: Int64
  ) throws(DataError) {
    var order = order
    let remainder: CancelReason
    switch kind {
    case .market:
      guard try take(&order, limit: nil, at: time) else { return }
      remainder = .beyondShownDepth
    case .immediateOrCancel(let price):
      guard try take(&order, limit: price.ticks, at: time) else { return }
      remainder = .immediateRemainder
    case .fillOrKill(let price):
      guard try available(to: order, limit: price.ticks, at: time) >= order.remaining else {
        reports.append(.cancelled(order.id, .fillOrKill, nil))
        return
      }
      guard try take(&order, limit: price.ticks, at: time) else { return }
      remainder = .immediateRemainder
    case .limit(let price):
      guard try take(&order, limit: price.ticks, at: time) else { return }
      if order.remaining > 0 { rest(order) }
      return
    case .postOnly:
      rest(order)
      return
    }
    if order.remaining > 0 { reports.append(.cancelled(order.id, remainder, nil)) }
  }

  /// Why the exchange turns an order away, or `nil`.
  ///
  /// - Parameters:
  ///   - whole: the size that the venue's rules judge, where it is not what is left of an order.
  ///   - replaced: an open order that this one takes the place of.
  private func refusal(
    of request: OrderRequest, whole: Int64? = nil, replacing replaced: OrderID? = nil,
    at time: Int64
  ) throws(DataError) -> RejectReason? {
    if let reason = refusal(at: time) { return reason }
    if request.reduceOnly, position.signum() != -request.side.sign { return .notReducing }
    if let reason = try rules.order.refusal(
      of: request.side, ticks: request.limit?.ticks, lots: whole ?? request.lots,
      midHalfTicks: halfTicks,
      reducesOnly: request.reduceOnly, contract: contract)
    {
      return reason
    }
    if case .postOnly(let price) = request.kind, wouldTake(request.side, price.ticks) {
      return .wouldTake
    }
    return try marginRefusal(of: request, replacing: replaced)
  }

  /// Why the exchange takes no order now, or `nil`.
  private func refusal(at time: Int64) -> RejectReason? {
    if isClosed { return .accountClosed }
    switch phase {
    case .halted: return .halted
    case .quoting: return .inAuction
    case .trading: break
    }
    if book.isStale { return .bookStale }
    guard !book.bids.isEmpty, !book.asks.isEmpty else { return .bookOneSided }
    guard isBookUsable else { return .bookCrossed }
    if time - bookTime > rules.maximumQuoteAge.nanoseconds { return .quoteTooOld }
    return nil
  }

  private func wouldTake(_ side: Side, _ ticks: Int64) -> Bool {
    side == .buy ? ticks >= bestAskTicks : ticks <= bestBidTicks
  }

  /// Puts an order behind all that stands at its price.
  private mutating func rest(_ order: Resting) {
    var order = order
    guard !meetsOwn(&order, reaching: order.ticks) else { return }
    if orders != nil {
      order.queue = QueuePosition(behind: orders!.level(order.side, at: order.ticks)?.lots ?? 0)
      order.queue.place = orders!.takePlace(order.side, at: order.ticks)
    } else {
      order.queue = QueuePosition(behind: shown(order.side, at: order.ticks))
    }
    self[order.side].insert(order)
  }

  // MARK: Amending

  /// Changes an order's price, its whole size, or both. A smaller size at the same price keeps the
  /// place; anything else arrives anew.
  private mutating func amend(
    _ id: OrderID, price: Price?, lots: Int64?, _ decision: Decision, at time: Int64
  ) throws(DataError) {
    guard let (side, index) = find(id) else {
      reports.append(.amendRejected(id, .notOpen))
      return
    }
    var order = self[side].orders[index]
    let ticks = price?.ticks ?? order.ticks
    let remaining = lots.map { $0 - order.filled } ?? order.remaining
    guard remaining > 0 else {
      cancel(side, index, .amendedAway)
      return
    }
    if ticks == order.ticks, remaining <= order.remaining {
      self[side].orders[index].remaining = remaining
      reports.append(
        .amended(id, price: Price(ticks: ticks), remaining: remaining))
      return
    }
    let kind: OrderRequest.Kind =
      order.isPostOnly ? .postOnly(Price(ticks: ticks)) : .limit(Price(ticks: ticks))
    let request = OrderRequest(
      side: side, kind: kind, lots: remaining, reduceOnly: order.isReduceOnly)
    if let reason = try refusal(
      of: request, whole: order.filled + remaining, replacing: id, at: time)
    {
      reports.append(.amendRejected(id, reason))
      return
    }
    self[side].remove(at: index)
    order.ticks = ticks
    order.remaining = order.isReduceOnly ? min(remaining, abs(position)) : remaining
    order.decision = decision
    order.arrival = time
    order.arrivalHalfTicks = halfTicks
    reports.append(
      .amended(id, price: Price(ticks: ticks), remaining: order.remaining))
    try work(order, kind, at: time)
  }
}
