public import HogaCore

extension BacktestResult {
  /// Every fill with its reason and the parts of its cost, money in settlement currency.
  ///
  /// `id, order, side (+1, −1), price, size, fee, maker, reason, exchange_time, decision_time,
  /// exchange_arrival, sequence, mid_decision, mid_arrival, mid_match, best_bid, best_ask, gross,
  /// spread, latency, walk, net`; gross and net are marked at the closing mid.
  public func fills() throws(DataError) -> Frame {
    let instrument = contract.instrument
    var parts: [CostParts] = []
    parts.reserveCapacity(fillLog.count)
    for fill in fillLog {
      parts.append(try fill.costs(contract, closingHalfTicks: closingHalfTicks))
    }
    func prices(_ values: [Int64]) -> Column { .decimal(values, scale: instrument.priceDecimals) }
    func mids(_ path: KeyPath<Fill, Int64>) -> Column {
      .double(fillLog.map { contract.price(halfTicks: $0[keyPath: path]) })
    }
    return Frame([
      ("id", .int64(fillLog.map(\.id))),
      ("order", .int64(fillLog.map(\.order.number))),
      ("side", .int32(fillLog.map(\.side.rawValue))),
      ("price", prices(fillLog.map(\.price.ticks))),
      ("size", .decimal(fillLog.map(\.lots), scale: instrument.sizeDecimals)),
      ("fee", .double(fillLog.map(\.fee.value))),
      ("maker", .bool(fillLog.map(\.isMaker))),
      ("reason", .category(Categories(fillLog.map { $0.reason.description }))),
      ("exchange_time", .timestamp(fillLog.map(\.exchangeTime))),
      ("decision_time", .timestamp(fillLog.map(\.decisionTime))),
      ("exchange_arrival", .timestamp(fillLog.map(\.exchangeArrival))),
      ("sequence", .int64(fillLog.map(\.sequence))),
      ("mid_decision", mids(\.decisionHalfTicks)),
      ("mid_arrival", mids(\.arrivalHalfTicks)),
      ("mid_match", mids(\.matchHalfTicks)),
      ("best_bid", prices(fillLog.map(\.bestBid.ticks))),
      ("best_ask", prices(fillLog.map(\.bestAsk.ticks))),
      ("gross", .double(parts.map(\.gross.value))),
      ("spread", .double(parts.map(\.spread.value))),
      ("latency", .double(parts.map(\.latency.value))),
      ("walk", .double(parts.map(\.walk.value))),
      ("net", .double(parts.map(\.net.value))),
    ])
  }

  /// Every order: `id, side, kind, price (null for market orders), size, filled, status,
  /// decision_time, exchange_arrival, end_time, reason`.
  public var orders: Frame {
    let instrument = contract.instrument
    return Frame([
      ("id", .int64(orderLog.map(\.id.number))),
      ("side", .int32(orderLog.map(\.request.side.rawValue))),
      ("kind", .category(Categories(orderLog.map { $0.request.kind.name }))),
      (
        "price",
        .decimal(
          orderLog.map { $0.request.limit?.ticks ?? Column.missing },
          scale: instrument.priceDecimals)
      ),
      ("size", .decimal(orderLog.map(\.request.lots), scale: instrument.sizeDecimals)),
      ("filled", .decimal(orderLog.map(\.filledLots), scale: instrument.sizeDecimals)),
      ("status", .category(Categories(orderLog.map { $0.status.rawValue }))),
      ("decision_time", .timestamp(orderLog.map(\.decisionTime))),
      ("exchange_arrival", .timestamp(orderLog.map(\.exchangeArrival))),
      ("end_time", .timestamp(orderLog.map(\.endTime))),
      ("reason", .category(Categories(orderLog.map(\.reason)))),
    ])
  }
}
