internal import HogaCore

/// Every order and fill of a run, in order.
struct RunLog {
  private(set) var orders: [OrderRecord] = []
  private(set) var fills: [Fill] = []
  /// Counted by reason, in the order of `RejectReason.allCases`.
  private(set) var rejections: [RejectReason: Int] = [:]

  mutating func open(
    _ id: OrderID, _ request: OrderRequest, at time: Int64, rejection: RejectReason?
  ) {
    assert(id.number == Int64(orders.count) + 1, "orders are numbered from one")
    orders.append(
      OrderRecord(
        id: id, request: request, lots: request.lots, limit: request.limit,
        status: rejection == nil ? .inFlight : .rejected, filledLots: 0,
        decisionTime: time, exchangeArrival: Column.missing,
        endTime: rejection == nil ? Column.missing : time, reason: rejection?.rawValue))
    if let rejection { rejections[rejection, default: 0] += 1 }
  }

  /// Opens the order by which the venue closes a position; returns its number.
  mutating func openLiquidation(_ request: OrderRequest, at time: Int64) -> OrderID {
    let id = OrderID(Int64(orders.count) + 1)
    open(id, request, at: time, rejection: nil)
    orders[orders.count - 1].status = .open
    orders[orders.count - 1].exchangeArrival = time
    orders[orders.count - 1].reason = CancelReason.liquidated.rawValue
    return id
  }

  /// Keeps what the exchange did, and returns the message that it sends.
  ///
  /// - Parameter delivery: when the message arrives.
  mutating func record(
    _ report: ExchangeReport, at time: Int64, delivery: Int64
  ) -> OrderUpdate {
    switch report {
    case .accepted(let id, let lots):
      let index = Int(id.number) - 1
      orders[index].status = .open
      orders[index].exchangeArrival = time
      orders[index].lots = lots
      return update(id, .accepted, remaining: lots, at: time)
    case .rejected(let id, let reason):
      let index = Int(id.number) - 1
      orders[index].exchangeArrival = time
      end(index, .rejected, reason.rawValue, at: time)
      rejections[reason, default: 0] += 1
      return update(id, .rejected(reason), remaining: 0, at: time)
    case .filled(var fill, let remaining):
      fill.responseTime = delivery
      fills.append(fill)
      let index = Int(fill.order.number) - 1
      orders[index].filledLots += fill.lots
      if let queue = fill.queue { orders[index].queue = queue }
      if remaining == 0 { end(index, .filled, orders[index].reason, at: time) }
      let kind = OrderUpdate.Kind.filled(
        price: fill.price, lots: fill.lots, fee: fill.fee, isMaker: fill.isMaker)
      return update(fill.order, kind, remaining: remaining, at: time)
    case .cancelled(let id, let reason, let queue):
      let index = Int(id.number) - 1
      if let queue { orders[index].queue = queue }
      end(index, .cancelled, reason.rawValue, at: time)
      return update(id, .cancelled(reason), remaining: 0, at: time)
    case .cancelRejected(let id):
      return OrderUpdate(
        id: id, side: side(of: id), kind: .cancelRejected, remaining: 0, exchangeTime: time)
    case .amended(let id, let price, let remaining):
      let index = Int(id.number) - 1
      orders[index].amendCount += 1
      orders[index].lots = orders[index].filledLots + remaining
      orders[index].limit = price
      return update(id, .amended(price: price), remaining: remaining, at: time)
    case .amendRejected(let id, let reason):
      rejections[reason, default: 0] += 1
      let index = Int(id.number) - 1
      let left = orders.indices.contains(index) ? open(orders[index]) : 0
      return update(id, .amendRejected(reason), remaining: left, at: time)
    }
  }

  private func open(_ order: OrderRecord) -> Int64 {
    order.status == .open ? order.lots - order.filledLots : 0
  }

  private func side(of id: OrderID) -> Side {
    let index = Int(id.number) - 1
    return orders.indices.contains(index) ? orders[index].request.side : .buy
  }

  private func update(
    _ id: OrderID, _ kind: OrderUpdate.Kind, remaining: Int64, at time: Int64
  ) -> OrderUpdate {
    OrderUpdate(
      id: id, side: side(of: id), kind: kind, remaining: remaining, exchangeTime: time)
  }

  private mutating func end(
    _ index: Int, _ status: OrderRecord.Status, _ reason: String?, at time: Int64
  ) {
    orders[index].status = status
    orders[index].endTime = time
    orders[index].reason = reason
  }
}
