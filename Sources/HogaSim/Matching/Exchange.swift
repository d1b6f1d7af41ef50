internal import HogaCore

/// What the exchange did with an order.
enum ExchangeReport: Sendable {
  case accepted(OrderID, lots: Int64)
  case rejected(OrderID, RejectReason)
  case filled(Fill, remaining: Int64)
  case cancelled(OrderID, CancelReason, QueueRecord?)
  case cancelRejected(OrderID)
  case amended(OrderID, price: Price, remaining: Int64)
  case amendRejected(OrderID, RejectReason)
}

/// The venue: its book as of the exchange's clock, our orders in it, and the rules that fill them.
///
/// It knows neither the strategy nor its latency: requests come in when they arrive, and `reports`
/// holds what they led to until the engine takes them away. Requests are answered in
/// `Exchange+Requests.swift`, arriving orders take in `Exchange+Aggressive.swift`, resting ones are
/// filled in `Exchange+Passive.swift`, and by single orders in `Exchange+TrueQueue.swift`.
struct Exchange: Sendable {
  /// One of our orders in the book.
  struct Resting: Sendable {
    var id: OrderID
    var side: Side
    var ticks: Int64
    var remaining: Int64
    var filled: Int64 = 0
    var isPostOnly: Bool
    var isReduceOnly: Bool
    var decision: Decision
    var arrival: Int64
    var arrivalHalfTicks: Int64
    var queue = QueuePosition(behind: nil)
  }

  /// Our orders of a side by priority: best price first, then earliest arrival.
  struct OwnSide: Sendable {
    var orders: [Resting] = []
    /// The best and worst own prices as keys (times the side's sign); beyond all where there is
    /// none, so that an event costs one comparison.
    private(set) var bestKey = Int64.min
    private(set) var worstKey = Int64.max
    let sign: Int64

    init(_ side: Side) { sign = side.sign }

    var isEmpty: Bool { orders.isEmpty }

    mutating func insert(_ order: Resting) {
      let key = order.ticks * sign
      orders.insert(order, at: orders.firstIndex { $0.ticks * sign < key } ?? orders.count)
      settle()
    }

    mutating func remove(at index: Int) {
      orders.remove(at: index)
      settle()
    }

    mutating func removeAll() {
      orders.removeAll(keepingCapacity: true)
      settle()
    }

    private mutating func settle() {
      bestKey = orders.first.map { $0.ticks * sign } ?? .min
      worstKey = orders.last.map { $0.ticks * sign } ?? .max
    }
  }

  let contract: Contract
  let rules: MatchingRules
  let queueModel: QueueModel
  private(set) var book = LadderBook()
  /// The market's single orders, where they are known and the true queue is asked for.
  var orders: OrderByOrderBook?
  /// Whether a side shows all of its levels; otherwise nothing is known of prices beyond.
  private var showsAllBids = true
  private var showsAllAsks = true
  var phase = MarketPhase.trading
  var buys = OwnSide(.buy)
  var sells = OwnSide(.sell)
  var consumed = ConsumedLiquidity()
  var fees: FeeMeter
  var impact: ImpactState
  /// Our account at the venue: the truth from which a result is taken.
  private(set) var account: Account
  private let margin: MarginRules?
  /// The account was liquidated: the venue takes no order any more, also of those under way.
  private(set) var isClosed = false
  /// Best bid plus best ask when the book was last two-sided, current and uncrossed.
  private(set) var halfTicks: Int64 = 0
  private(set) var bestBidTicks: Int64 = 0
  private(set) var bestAskTicks: Int64 = 0
  private(set) var hasMid = false
  /// Whether prices of the book may be believed and matched against.
  private(set) var isBookUsable = false
  /// The exchange's time and the sequence of the last book message.
  private(set) var bookTime = Int64.min
  private(set) var bookSequence: Int64 = 0
  var reports: [ExchangeReport] = []
  private var fillCount: Int64 = 0

  /// - Throws: `UsageError` where settings make no sense, or ask for queues that nobody knows.
  init(contract: Contract, settings: SimulationSettings, isOrderByOrder: Bool) throws(UsageError) {
    self.contract = contract
    rules = settings.matching
    margin = settings.margin
    account = Account(initialCapital: settings.initialCapital)
    fees = try FeeMeter(settings.fees)
    impact = try ImpactState(
      settings.impact, tickIncrement: contract.instrument.tickIncrement)
    queueModel = rules.queue ?? (isOrderByOrder ? .trueQueue : .riskAverse)
    guard queueModel == .trueQueue else { return }
    guard isOrderByOrder else {
      throw UsageError("the true queue needs a market of single orders (table 'orders')")
    }
    orders = OrderByOrderBook()
  }

  /// Own lots at the venue.
  var position: Int64 { account.position }

  subscript(side: Side) -> OwnSide {
    get { side == .buy ? buys : sells }
    _modify { if side == .buy { yield &buys } else { yield &sells } }
  }

  // MARK: The market

  /// A message of the feed arrives: the book changes, and own orders with it.
  mutating func play(
    _ message: BookMessage, bids: Span<LevelChange>, asks: Span<LevelChange>,
    events: Span<OrderEvent>, at time: Int64
  ) throws(DataError) {
    bookTime = time
    bookSequence = message.sequence
    showsAllBids = message.showsAllBids
    showsAllAsks = message.showsAllAsks
    switch message.kind {
    case .update: break
    case .gap: book.isStale = true
    case .snapshot:
      restart(bids: bids, asks: asks)
    }
    if orders != nil, events.count > 0 { try play(events, at: time) }
    if message.kind != .snapshot {
      apply(bids, .buy)
      apply(asks, .sell)
    }
    if !consumed.isEmpty { consumed.bookChanged(book) }
    isBookUsable = false
    guard !book.bids.isEmpty, !book.asks.isEmpty, !book.isStale else { return }
    let (bid, ask) = (book.bids.bestTicks, book.asks.bestTicks)
    guard bid <= ask else { return }
    isBookUsable = true
    bestBidTicks = bid
    bestAskTicks = ask
    halfTicks = bid + ask
    hasMid = true
    if phase == .trading, ask <= buys.bestKey || -bid <= sells.bestKey {
      try fillCrossed(at: time)
    }
  }

  @inline(__always)
  private mutating func apply(_ changes: Span<LevelChange>, _ side: Side) {
    let (best, worst) =
      side == .buy ? (buys.bestKey, buys.worstKey) : (sells.bestKey, sells.worstKey)
    guard best >= worst, orders == nil else {
      if side == .buy { book.bids.apply(changes) } else { book.asks.apply(changes) }
      return
    }
    let sign = side.sign
    var first = 0
    for row in 0..<changes.count {
      let key = changes[row].ticks &* sign
      guard key <= best, key >= worst else { continue }
      // What was before, together; then this one by itself.
      book[side].apply(changes.extracting(first..<row))
      first = row + 1
      let change = changes[row]
      let old = book.set(side, ticks: change.ticks, lots: max(0, change.lots))
      levelChanged(side, ticks: change.ticks, from: old, to: change.lots)
    }
    book[side].apply(changes.extracting(first..<changes.count))
  }

  /// A whole book takes the place of what was known.
  private mutating func restart(bids: Span<LevelChange>, asks: Span<LevelChange>) {
    let before = (buys.orders + sells.orders).map { book[$0.side].lots(atTicks: $0.ticks) }
    book.removeAll()
    book.isStale = false
    book.bids.apply(bids)
    book.asks.apply(asks)
    guard orders == nil else { return }
    var index = 0
    for side in [Side.buy, .sell] {
      for own in self[side].orders.indices {
        let ticks = self[side].orders[own].ticks
        self[side].orders[own].queue.changed(
          from: before[index], to: shown(side, at: ticks) ?? LevelChange.outOfView, queueModel,
          scale: contract.instrument.sizeScale)
        index += 1
      }
    }
  }

  private mutating func levelChanged(_ side: Side, ticks: Int64, from old: Int64, to new: Int64) {
    for index in self[side].orders.indices where self[side].orders[index].ticks == ticks {
      self[side].orders[index].queue.changed(
        from: old, to: new, queueModel, scale: contract.instrument.sizeScale)
    }
  }

  /// The size that the feed shows at a price; `nil` where it does not show that price.
  func shown(_ side: Side, at ticks: Int64) -> Int64? {
    let levels = side == .buy ? book.bids : book.asks
    let lots = levels.lots(atTicks: ticks)
    if lots > 0 || (side == .buy ? showsAllBids : showsAllAsks) { return lots }
    // Between levels that are shown there is nothing.
    return levels.nextTicks(behind: ticks) == nil ? nil : 0
  }

  // MARK: Fills

  /// Books a fill of an order, to be delivered with the other reports.
  ///
  /// - Parameter concession: how many ticks of the price are own impact.
  mutating func report(
    _ order: Resting, ticks: Int64, lots: Int64, isMaker: Bool, reason: FillReason,
    concession: Int64 = 0, at time: Int64, sequence: Int64
  ) throws(DataError) {
    fillCount += 1
    let fill = Fill(
      id: fillCount, order: order.id, side: order.side, price: Price(ticks: ticks), lots: lots,
      fee: try fee(lots: lots, ticks: ticks, isMaker: isMaker, reason, at: time),
      isMaker: isMaker, reason: reason, exchangeTime: time, decisionTime: order.decision.time,
      exchangeArrival: order.arrival, responseTime: time, feedLatency: order.decision.feedLatency,
      sequence: sequence, decisionHalfTicks: order.decision.halfTicks,
      arrivalHalfTicks: order.arrivalHalfTicks, matchHalfTicks: halfTicks,
      bestBid: Price(ticks: bestBidTicks), bestAsk: Price(ticks: bestAskTicks),
      impactTicks: concession, queue: isMaker ? order.queue.summary : nil,
      book: BookPicture(book))
    try account.book(fill, contract: contract)
    reports.append(.filled(fill, remaining: order.remaining))
  }

  private mutating func fee(
    lots: Int64, ticks: Int64, isMaker: Bool, _ reason: FillReason, at time: Int64
  ) throws(DataError) -> Money {
    let fee = try fees.fee(
      lots: lots, ticks: ticks, isMaker: isMaker, at: time, contract: contract)
    guard case .liquidation = reason, let margin else { return fee }
    return fee + (try margin.liquidationFee(lots: lots, ticks: ticks, contract: contract))
  }

  /// Lots that an order may still get: a reduce-only one no more than the position.
  func fillable(_ order: Resting) -> Int64 {
    guard order.isReduceOnly else { return order.remaining }
    return position.signum() == -order.side.sign ? min(order.remaining, abs(position)) : 0
  }

  // MARK: The account

  /// Why an order's margin is not there, or `nil`.
  ///
  /// - Parameter replaced: an open order that this one takes the place of.
  func marginRefusal(
    of request: OrderRequest, replacing replaced: OrderID?
  ) throws(DataError) -> RejectReason? {
    guard let margin, !request.reduceOnly else { return nil }
    let holdings = MarginRules.Holdings(
      cash: account.cash, position: position,
      openLots: self[request.side].orders.reduce(0) {
        $1.id == replaced ? $0 : $0 + $1.remaining
      },
      markHalfTicks: halfTicks)
    let affords = try margin.affords(
      side: request.side, lots: request.lots,
      ticks: request.limit?.ticks ?? ticksReached(by: request), holdings,
      fees: fees.schedule, contract: contract)
    return affords ? nil : .marginTooSmall
  }

  /// The worst level that a market order would walk to.
  private func ticksReached(by request: OrderRequest) -> Int64 {
    let side = request.side == .buy ? book.asks : book.bids
    var ticks = side.bestTicks
    var left = request.lots - side.lots(atTicks: ticks)
    while left > 0, let next = side.nextTicks(behind: ticks) {
      ticks = next
      left -= side.lots(atTicks: ticks)
    }
    return ticks
  }

  /// Whether what is left of the account no longer carries its position.
  func isLiquidated() throws(DataError) -> Bool {
    guard let margin, position != 0, isBookUsable, phase == .trading else { return false }
    return try margin.isLiquidated(
      cash: account.cash, position: position, markHalfTicks: halfTicks, contract: contract)
  }

  /// The venue cancels our orders and closes the position by the book, for its fee.
  ///
  /// What the shown depth does not take stays; the next message tries again.
  mutating func liquidate(_ id: OrderID, at time: Int64) throws(DataError) {
    isClosed = true
    cancelAll(.liquidated)
    let side: Side = position > 0 ? .sell : .buy
    var order = Resting(
      id: id, side: side, ticks: 0, remaining: abs(position),
      isPostOnly: false, isReduceOnly: true,
      decision: Decision(time: time, feedLatency: 0, halfTicks: halfTicks), arrival: time,
      arrivalHalfTicks: halfTicks)
    _ = try take(&order, limit: nil, at: time, isLiquidation: true)
  }

  /// Pays or receives funding for the position held now.
  ///
  /// - Returns: what was received; `nil` where there is no position, or no price for it yet.
  mutating func pay(_ row: FundingSchedule.Row) throws(DataError) -> Money? {
    guard position != 0, let mark = row.markHalfTicks ?? (hasMid ? halfTicks : nil) else {
      return nil
    }
    let payment = try FundingSchedule.payment(
      position: position, mark: mark, rate: row.rate, contract: contract)
    account.book(funding: payment)
    return payment
  }

  /// Cancels reduce-only orders that have nothing left to reduce, as each fill may bring about.
  ///
  /// - Returns: how many of them stood on a side below an index.
  @discardableResult
  mutating func cancelSpentReduceOnly(counting counted: Side = .buy, below limit: Int = 0) -> Int {
    var count = 0
    for side in [Side.buy, .sell] where position.signum() != -side.sign.signum() {
      var index = 0
      var place = 0
      while index < self[side].orders.count {
        if self[side].orders[index].isReduceOnly {
          cancel(side, index, .nothingToReduce)
          if side == counted, place < limit { count += 1 }
        } else {
          index += 1
        }
        place += 1
      }
    }
    return count
  }
}
