internal import HogaCore

/// What the exchange did with an order.
enum ExchangeReport: Sendable {
  case accepted(OrderID)
  case rejected(OrderID, RejectReason)
  case filled(Fill, remaining: Int64)
  case cancelled(OrderID, CancelReason, remaining: Int64)
  case cancelRejected(OrderID)
}

/// The venue: its book as of the exchange's clock, our orders in it, and the rules that fill them.
///
/// It knows neither the strategy nor its latency: requests come in when they arrive, and `reports`
/// holds what they led to until the engine takes them away. Resting orders are filled in
/// `Exchange+Passive.swift`, arriving ones in `Exchange+Aggressive.swift`.
struct Exchange: Sendable {
  /// One of our orders in the book.
  struct Resting: Sendable {
    var id: OrderID
    var side: Side
    var ticks: Int64
    var remaining: Int64
    var decision: Decision
    var arrival: Int64
    var arrivalHalfTicks: Int64
  }

  let contract: Contract
  let fees: FeeSchedule
  let maximumQuoteAge: Int64
  var book = OrderBook()
  /// Own orders by priority: best price first, then earliest arrival.
  var buys: [Resting] = []
  var sells: [Resting] = []
  /// The best own prices, beyond all prices where there is none: one comparison per event.
  var bestBuyTicks = Int64.min
  var bestSellTicks = Int64.max
  var consumed = ConsumedLiquidity()
  /// Best bid plus best ask when the book was last two-sided, current and uncrossed.
  var halfTicks: Int64 = 0
  var bestBidTicks: Int64 = 0
  var bestAskTicks: Int64 = 0
  var hasMid = false
  /// The exchange's time and the sequence of the last book message.
  var bookTime = Int64.min
  var bookSequence: Int64 = 0
  var reports: [ExchangeReport] = []
  var fillCount: Int64 = 0

  init(contract: Contract, settings: SimulationSettings) {
    self.contract = contract
    fees = settings.fees
    maximumQuoteAge = settings.maximumQuoteAge.nanoseconds
  }

  /// Whether prices of the book may be believed and matched against.
  var isBookUsable: Bool { book.isTwoSided && book.bids.bestTicks <= book.asks.bestTicks }

  /// The book's content was replaced by the engine; looks for what it fills.
  mutating func bookChanged(at time: Int64, sequence: Int64) throws(DataError) {
    bookTime = time
    bookSequence = sequence
    if !consumed.isEmpty { consumed.bookChanged(book) }
    guard isBookUsable else { return }
    bestBidTicks = book.bids.bestTicks
    bestAskTicks = book.asks.bestTicks
    halfTicks = bestBidTicks + bestAskTicks
    hasMid = true
    if bestAskTicks < bestBuyTicks || bestBidTicks > bestSellTicks {
      try fillCrossed(at: time)
    }
  }

  /// A request of ours arrives.
  mutating func receive(_ request: ExchangeRequest, at time: Int64) throws(DataError) {
    switch request.kind {
    case .place(let order, let decision):
      try place(request.id, order, decision, at: time)
    case .cancel:
      guard let order = removeResting(request.id) else {
        reports.append(.cancelRejected(request.id))
        return
      }
      reports.append(.cancelled(order.id, .requested, remaining: order.remaining))
    case .cancelAll:
      for order in buys + sells {
        reports.append(.cancelled(order.id, .requested, remaining: order.remaining))
      }
      buys.removeAll()
      sells.removeAll()
      updateBest()
    }
  }

  /// Puts an order behind those of its price.
  mutating func rest(_ order: Resting) {
    if order.side == .buy {
      let index = buys.firstIndex { $0.ticks < order.ticks } ?? buys.count
      buys.insert(order, at: index)
    } else {
      let index = sells.firstIndex { $0.ticks > order.ticks } ?? sells.count
      sells.insert(order, at: index)
    }
    updateBest()
  }

  mutating func updateBest() {
    bestBuyTicks = buys.first?.ticks ?? .min
    bestSellTicks = sells.first?.ticks ?? .max
  }

  /// Books a fill of an order, to be delivered with the other reports.
  mutating func report(
    _ order: Resting, ticks: Int64, lots: Int64, remaining: Int64, isMaker: Bool,
    reason: FillReason, at time: Int64, sequence: Int64
  ) throws(DataError) {
    fillCount += 1
    let parts = isMaker ? fees.makerPartsPerMillion : fees.takerPartsPerMillion
    let fill = Fill(
      id: fillCount, order: order.id, side: order.side, price: Price(ticks: ticks), lots: lots,
      fee: try contract.fee(lots: lots, ticks: ticks, partsPerMillion: parts), isMaker: isMaker,
      reason: reason, exchangeTime: time, decisionTime: order.decision.time,
      exchangeArrival: order.arrival, sequence: sequence,
      decisionHalfTicks: order.decision.halfTicks, arrivalHalfTicks: order.arrivalHalfTicks,
      matchHalfTicks: halfTicks, bestBid: Price(ticks: bestBidTicks),
      bestAsk: Price(ticks: bestAskTicks))
    reports.append(.filled(fill, remaining: remaining))
  }

  private mutating func removeResting(_ id: OrderID) -> Resting? {
    defer { updateBest() }
    if let index = buys.firstIndex(where: { $0.id == id }) { return buys.remove(at: index) }
    if let index = sells.firstIndex(where: { $0.id == id }) { return sells.remove(at: index) }
    return nil
  }
}
