internal import HogaCore

/// The strategy's side of the wire: its desk, the limits on it, and the messages under way.
struct Gateway {
  var desk: TradingDesk
  var requests = TimedQueue<ExchangeRequest>()
  var responses = TimedQueue<OrderUpdate>()
  /// The loss limit was reached: the strategy is not called again, the position is flattened.
  private(set) var isStopped = false
  /// The venue has taken the position: there is nothing to wind down.
  private var isLiquidated = false
  private let contract: Contract
  private let limits: RiskLimits
  private var entryLatency: LatencySource
  /// What the newest market event took to arrive.
  var feedLatency: Int64 = 0
  /// What is known locally of cash and position.
  private var account: Account
  /// Times asked for, latest first.
  private var timers: [Int64] = []
  private var actions: [TradingDesk.Action] = []

  init(contract: Contract, settings: SimulationSettings, signalCount: Int) throws(UsageError) {
    self.contract = contract
    limits = settings.limits
    entryLatency = try LatencySource(settings.latency.entry, seed: settings.seed, leg: .entry)
    account = Account(initialCapital: settings.initialCapital)
    desk = TradingDesk(contract: contract, fees: settings.fees, signalCount: signalCount)
  }

  // MARK: - Requests

  /// Judges and sends what the strategy asked for.
  mutating func submit(at time: Int64, into log: inout RunLog) {
    desk.takeActions(into: &actions)
    for action in actions {
      switch action {
      case .place(let id, let request):
        place(id, request, at: time, into: &log)
      case .cancel(let id):
        send(ExchangeRequest(id: id, kind: .cancel), at: time)
      case .cancelAll:
        send(ExchangeRequest(id: OrderID(0), kind: .cancelAll), at: time)
      case .amend(let id, let price, let lots):
        amend(id, price, lots, at: time)
      case .wake(let wakeTime):
        let wake = max(wakeTime.nanoseconds, time)
        timers.insert(wake, at: timers.firstIndex { $0 <= wake } ?? timers.count)
      }
    }
    actions.removeAll(keepingCapacity: true)
  }

  private mutating func place(
    _ id: OrderID, _ request: OrderRequest, at time: Int64, into log: inout RunLog
  ) {
    let reason = isStopped && id != flattenID ? .stopped : refusal(of: request, id)
    log.open(id, request, at: time, rejection: reason)
    if let reason {
      // Comes back as soon as it can: behind messages that are already under way.
      responses.push(
        OrderUpdate(
          id: id, side: request.side, kind: .rejected(reason), remaining: 0, exchangeTime: time),
        at: time)
      return
    }
    desk.sent(id, request)
    send(ExchangeRequest(id: id, kind: .place(request, decision(at: time))), at: time)
  }

  private mutating func amend(_ id: OrderID, _ price: Price?, _ lots: Int64?, at time: Int64) {
    guard let order = desk.openOrders.first(where: { $0.id == id }) else {
      refuse(amendOf: id, .buy, .notOpen, at: time)
      return
    }
    var request = order.request
    request.lots = lots ?? request.lots
    if let price { request.kind = request.kind.moved(to: price) }
    let growth = max(0, request.lots - order.filled - order.remaining)
    let reason: RejectReason? =
      isStopped
      ? .stopped
      : order.isAmending ? .amendInFlight : refusal(of: request, id, growth: growth)
    if let reason {
      refuse(amendOf: id, order.request.side, reason, at: time)
      return
    }
    desk.amending(id, growth: growth)
    send(
      ExchangeRequest(id: id, kind: .amend(price: price, lots: lots, decision(at: time))), at: time)
  }

  private mutating func refuse(
    amendOf id: OrderID, _ side: Side, _ reason: RejectReason, at time: Int64
  ) {
    let remaining = desk.openOrders.first { $0.id == id }?.remaining ?? 0
    responses.push(
      OrderUpdate(
        id: id, side: side, kind: .amendRejected(reason), remaining: remaining,
        exchangeTime: time), at: time)
  }

  private func decision(at time: Int64) -> Decision {
    Decision(
      time: time, feedLatency: max(0, time - desk.marketTime),
      halfTicks: desk.isQuoted ? desk.doubledMidTicks : 0)
  }

  private mutating func send(_ request: ExchangeRequest, at time: Int64) {
    requests.push(
      request, at: time + entryLatency.next(at: time, recordedFeedLatency: feedLatency))
  }

  /// - Parameter growth: what an amendment adds to an open order; `nil` for a new order.
  private func refusal(
    of request: OrderRequest, _ id: OrderID, growth: Int64? = nil
  ) -> RejectReason? {
    guard request.lots > 0 else { return .sizeNotPositive }
    if let limit = request.limit,
      !MarketRange.ticks.contains(limit.ticks)
        || limit.ticks % contract.instrument.tickIncrement != 0
    {
      return .priceOffTick
    }
    guard request.lots <= min(limits.maximumOrder ?? .max, MarketRange.maximumOrder) else {
      return .orderLimit
    }
    if let limit = limits.maximumPosition {
      let lots = growth ?? request.lots
      let worst =
        request.side == .buy
        ? desk.position + desk.openBuyLots + lots : -desk.position + desk.openSellLots + lots
      if worst > limit { return .positionLimit }
    }
    guard growth != nil || desk.openOrders.count < limits.maximumOpenOrders else {
      return .openOrderLimit
    }
    return desk.isQuoted ? nil : .noQuoteKnown
  }

  // MARK: - Responses and timers

  /// Takes in the next message; returns it where the strategy is to hear of it.
  mutating func receiveResponse() throws(DataError) -> StrategyEvent? {
    let update = responses.pop()
    desk.apply(update)
    if case .filled(let price, let lots, let fee, _) = update.kind {
      try account.book(side: update.side, lots: lots, price: price, fee: fee, contract: contract)
    }
    return isStopped ? nil : .order(update)
  }

  var nextTimer: Int64 { timers.last ?? .max }

  /// Takes the next timer away; false where the strategy is not to hear of it.
  mutating func popTimer() -> Bool {
    timers.removeLast()
    return !isStopped
  }

  mutating func book(funding payment: Money) { account.book(funding: payment) }

  /// The venue has closed the position: the strategy is not called again.
  mutating func liquidated() {
    isStopped = true
    isLiquidated = true
    timers.removeAll()
  }

  // MARK: - Loss limit

  /// The order that is flattening the position, if one is under way.
  private var flattenID: OrderID?

  /// Whether each local book has to be looked at for the loss limit.
  var watchesLoss: Bool { limits.maximumLoss != nil }

  /// Compares what is known locally with the loss limit and, once it is reached, winds down.
  ///
  /// Cancels everything first, and flattens when no order is open any more, so that the size is
  /// known; tries again at each book while something is left.
  /// - Returns: true at the moment at which trading stops.
  mutating func lossLimitReached(
    at time: Int64, into log: inout RunLog
  ) throws(DataError) -> Bool {
    guard desk.isQuoted, !isLiquidated, let limit = limits.maximumLoss else { return false }
    if isStopped {
      windDown(at: time, into: &log)
      return false
    }
    let equity = try account.equity(contract, halfTicks: desk.doubledMidTicks)
    guard equity <= account.initialCapital - limit else { return false }
    isStopped = true
    timers.removeAll()
    send(ExchangeRequest(id: OrderID(0), kind: .cancelAll), at: time)
    windDown(at: time, into: &log)
    return true
  }

  private mutating func windDown(at time: Int64, into log: inout RunLog) {
    guard desk.openOrders.isEmpty, desk.position != 0 else { return }
    let lots = min(
      abs(desk.position), limits.maximumOrder ?? .max, MarketRange.maximumOrder)
    flattenID = desk.place(
      OrderRequest(side: desk.position > 0 ? .sell : .buy, kind: .market, lots: lots))
    submit(at: time, into: &log)
  }
}
