public import HogaCore

extension BacktestResult {
  /// Every fill with its reason and the parts of its cost, money in settlement currency.
  ///
  /// `id, order, side (+1, −1), price, size, fee, maker, reason, exchange_time, decision_time,
  /// exchange_arrival, response_time, sequence, mid_decision, mid_arrival, mid_match, best_bid,
  /// best_ask, gross, spread, latency, walk, impact, net` (gross and net are marked at the closing
  /// mid), `queue_ahead_entry, queue_ahead_fill, ahead_traded, ahead_cancelled` (null for takers),
  /// `feed_latency_ns, entry_latency_ns, response_latency_ns`, and the book that it met: `bid_price_1,
  /// bid_size_1, ask_price_1, ask_size_1`, … up to five levels. Order 0 is the venue's liquidation.
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
    func queue(_ value: (QueueRecord) -> Double?) -> Column {
      .double(fillLog.map { $0.queue.flatMap(value).map { $0 / instrument.sizeScale } ?? .nan })
    }
    var frame = Frame([
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
      ("response_time", .timestamp(fillLog.map(\.responseTime))),
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
      ("impact", .double(parts.map(\.impact.value))),
      ("net", .double(parts.map(\.net.value))),
      ("queue_ahead_entry", queue(\.entry)), ("queue_ahead_fill", queue(\.front)),
      ("ahead_traded", queue(\.traded)), ("ahead_cancelled", queue(\.cancelled)),
      ("feed_latency_ns", .int64(fillLog.map(\.feedLatency))),
      ("entry_latency_ns", .int64(fillLog.map { $0.exchangeArrival - $0.decisionTime })),
      ("response_latency_ns", .int64(fillLog.map { $0.responseTime - $0.exchangeTime })),
    ])
    for level in 0..<BookPicture.depth {
      for (name, side) in [("bid", \BookPicture.bids), ("ask", \BookPicture.asks)] {
        let levels = fillLog.map { fill in
          let levels = fill.book[keyPath: side]
          return level < levels.count ? levels[level] : nil
        }
        frame.append(
          "\(name)_price_\(level + 1)", prices(levels.map { $0?.price.ticks ?? Column.missing }))
        frame.append(
          "\(name)_size_\(level + 1)",
          .decimal(levels.map { $0?.lots ?? Column.missing }, scale: instrument.sizeDecimals))
      }
    }
    return frame
  }

  /// Every order: `id, side, kind, price (null for market orders), size, filled, status,
  /// decision_time, exchange_arrival, end_time, reason, reduce_only, amends`, and of those that
  /// rested `queue_ahead_entry, ahead_traded, ahead_cancelled, queue_ahead_end`. Price and size are
  /// those of the last amendment.
  public var orders: Frame {
    let instrument = contract.instrument
    func queue(_ value: (QueueRecord) -> Double?) -> Column {
      .double(orderLog.map { $0.queue.flatMap(value).map { $0 / instrument.sizeScale } ?? .nan })
    }
    return Frame([
      ("id", .int64(orderLog.map(\.id.number))),
      ("side", .int32(orderLog.map(\.request.side.rawValue))),
      ("kind", .category(Categories(orderLog.map { $0.request.kind.name }))),
      (
        "price",
        .decimal(
          orderLog.map { $0.limit?.ticks ?? Column.missing },
          scale: instrument.priceDecimals)
      ),
      ("size", .decimal(orderLog.map(\.lots), scale: instrument.sizeDecimals)),
      ("filled", .decimal(orderLog.map(\.filledLots), scale: instrument.sizeDecimals)),
      ("status", .category(Categories(orderLog.map { $0.status.rawValue }))),
      ("decision_time", .timestamp(orderLog.map(\.decisionTime))),
      ("exchange_arrival", .timestamp(orderLog.map(\.exchangeArrival))),
      ("end_time", .timestamp(orderLog.map(\.endTime))),
      ("reason", .category(Categories(orderLog.map(\.reason)))),
      ("reduce_only", .bool(orderLog.map(\.request.reduceOnly))),
      ("amends", .int64(orderLog.map { Int64($0.amendCount) })),
      ("queue_ahead_entry", queue(\.entry)), ("ahead_traded", queue(\.traded)),
      ("ahead_cancelled", queue(\.cancelled)), ("queue_ahead_end", queue(\.front)),
    ])
  }
}
