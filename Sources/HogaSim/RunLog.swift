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
        id: id, request: request, status: rejection == nil ? .inFlight : .rejected, filledLots: 0,
        decisionTime: time, exchangeArrival: Column.missing,
        endTime: rejection == nil ? Column.missing : time, reason: rejection?.rawValue))
    if let rejection { rejections[rejection, default: 0] += 1 }
  }

  /// Keeps what the exchange did, and returns the message that it sends.
  mutating func record(_ report: ExchangeReport, at time: Int64) -> OrderUpdate {
    switch report {
    case .accepted(let id):
      let index = Int(id.number) - 1
      orders[index].status = .open
      orders[index].exchangeArrival = time
      return update(id, .accepted, remaining: orders[index].request.lots, at: time)
    case .rejected(let id, let reason):
      let index = Int(id.number) - 1
      orders[index].exchangeArrival = time
      end(index, .rejected, reason.rawValue, at: time)
      rejections[reason, default: 0] += 1
      return update(id, .rejected(reason), remaining: 0, at: time)
    case .filled(let fill, let remaining):
      fills.append(fill)
      let index = Int(fill.order.number) - 1
      orders[index].filledLots += fill.lots
      if remaining == 0 { end(index, .filled, nil, at: time) }
      let kind = OrderUpdate.Kind.filled(
        price: fill.price, lots: fill.lots, fee: fill.fee, isMaker: fill.isMaker)
      return update(fill.order, kind, remaining: remaining, at: time)
    case .cancelled(let id, let reason, _):
      end(Int(id.number) - 1, .cancelled, reason.rawValue, at: time)
      return update(id, .cancelled(reason), remaining: 0, at: time)
    case .cancelRejected(let id):
      return OrderUpdate(
        id: id, side: side(of: id), kind: .cancelRejected, remaining: 0, exchangeTime: time)
    }
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
