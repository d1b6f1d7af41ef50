internal import HogaCore

/// The strategy's side of the wire: its desk, the limits on it, and the messages under way.
struct Gateway {
  var desk: TradingDesk
  var requests = TimedQueue<ExchangeRequest>()
  var responses = TimedQueue<OrderUpdate>()
  /// The loss limit was reached: the strategy is not called again, the position is flattened.
  private(set) var isStopped = false
  private let contract: Contract
  private let limits: RiskLimits
  private let orderLatency: Int64
  /// What is known locally of cash and position.
  private var account: Account
  /// Times asked for, latest first.
  private var timers: [Int64] = []
  private var actions: [TradingDesk.Action] = []

  init(contract: Contract, settings: SimulationSettings, signalCount: Int) {
    self.contract = contract
    limits = settings.limits
    orderLatency = settings.latency.order.nanoseconds
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
        requests.push(ExchangeRequest(id: id, kind: .cancel), at: time + orderLatency)
      case .cancelAll:
        requests.push(ExchangeRequest(id: OrderID(0), kind: .cancelAll), at: time + orderLatency)
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
    let decision = Decision(time: time, halfTicks: desk.book.doubledMidTicks)
    requests.push(
      ExchangeRequest(id: id, kind: .place(request, decision)), at: time + orderLatency)
  }

  private func refusal(of request: OrderRequest, _ id: OrderID) -> RejectReason? {
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
      let worst =
        request.side == .buy
        ? desk.position + desk.openBuyLots + request.lots
        : -desk.position + desk.openSellLots + request.lots
      if worst > limit { return .positionLimit }
    }
    guard desk.openOrders.count < limits.maximumOpenOrders else { return .openOrderLimit }
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
    guard desk.isQuoted, let limit = limits.maximumLoss else { return false }
    if isStopped {
      windDown(at: time, into: &log)
      return false
    }
    let equity = try account.equity(contract, halfTicks: desk.book.doubledMidTicks)
    guard equity <= account.initialCapital - limit else { return false }
    isStopped = true
    timers.removeAll()
    requests.push(ExchangeRequest(id: OrderID(0), kind: .cancelAll), at: time + orderLatency)
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
