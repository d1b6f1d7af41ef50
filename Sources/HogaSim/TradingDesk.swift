public import HogaCore

/// What a strategy knows, and where it leaves its orders.
///
/// Everything here is local knowledge: the book as of the arrived events, the position as of the
/// received fills. Orders placed are numbered at once and judged by the gateway afterwards; a
/// refusal comes back as an `OrderUpdate` like any other.
public struct TradingDesk: Sendable {
  /// An order that the gateway has sent and that is not known to be over.
  public struct OpenOrder: Hashable, Sendable {
    public var id: OrderID
    public var request: OrderRequest
    /// Lots known to be filled.
    public var filled: Int64 = 0
    /// Lots not known to be filled.
    public var remaining: Int64
    /// The exchange has confirmed it.
    public var isAccepted: Bool
    /// An amendment is under way: until it is answered, the larger size counts.
    public var isAmending = false
  }

  /// What a strategy wants done, in the order in which it said so.
  public enum Action: Hashable, Sendable {
    case place(OrderID, OrderRequest)
    case cancel(OrderID)
    case cancelAll
    /// Gives an open order another price, another whole size (filled lots included), or both.
    case amend(OrderID, price: Price?, lots: Int64?)
    case wake(at: Timestamp)
  }

  public let contract: Contract
  public let fees: FeeSchedule
  /// The local time.
  public package(set) var now = Timestamp(nanoseconds: 0)
  /// The book as of the events that have arrived.
  public package(set) var book = LadderBook()
  /// The market's phase, as the venue announced it.
  public package(set) var phase = MarketPhase.trading
  /// The latest row of signals, in the order of the strategy's `signalColumns`; NaN is null.
  public package(set) var signals: [Double]
  /// The grid time of that row; `nil` before the first.
  public package(set) var signalTime: Timestamp?
  /// In lots, from the fills received; negative when short.
  public package(set) var position: Int64 = 0
  public package(set) var openOrders: [OpenOrder] = []
  public package(set) var actions: [Action] = []
  /// Lots of all open orders by side, for the limits.
  private(set) var openBuyLots: Int64 = 0
  private(set) var openSellLots: Int64 = 0
  private var lastNumber: Int64 = 0
  /// The exchange's time of the newest market event that has arrived.
  package var marketTime: Int64 = 0

  package init(contract: Contract, fees: FeeSchedule, signalCount: Int = 0) {
    self.contract = contract
    self.fees = fees
    signals = [Double](repeating: .nan, count: signalCount)
  }

  public var instrument: Instrument { contract.instrument }

  /// The local book has both sides, without gap, and its bid is not above its ask.
  public var isQuoted: Bool {
    !book.bids.isEmpty && !book.asks.isEmpty && !book.isStale
      && book.bids.bestTicks <= book.asks.bestTicks
  }

  /// Best bid plus best ask in ticks: twice the mid, kept whole so that it stays exact.
  ///
  /// - Precondition: the book is quoted.
  public var doubledMidTicks: Int64 { book.bids.bestTicks + book.asks.bestTicks }

  /// The local mid in quote currency, or `nil` where the book has none.
  public var mid: Double? { isQuoted ? contract.price(halfTicks: doubledMidTicks) : nil }

  /// The local spread in basis points of the mid, or `nil` where there is none.
  public var spreadBasisPoints: Double? {
    guard isQuoted, doubledMidTicks > 0 else { return nil }
    let spread = Double(book.asks.bestTicks - book.bids.bestTicks)
    return spread / (Double(doubledMidTicks) / 2) * 10_000
  }

  /// Asks for an order, and returns its number.
  @discardableResult
  public mutating func place(_ request: OrderRequest) -> OrderID {
    lastNumber += 1
    let id = OrderID(lastNumber)
    actions.append(.place(id, request))
    return id
  }

  @discardableResult
  public mutating func buy(_ lots: Int64, _ kind: OrderRequest.Kind = .market) -> OrderID {
    place(OrderRequest(side: .buy, kind: kind, lots: lots))
  }

  @discardableResult
  public mutating func sell(_ lots: Int64, _ kind: OrderRequest.Kind = .market) -> OrderID {
    place(OrderRequest(side: .sell, kind: kind, lots: lots))
  }

  /// Changes an open order on the exchange: a smaller size at the same price keeps its place in the
  /// queue, anything else loses it. `lots` is the whole size, filled lots included.
  public mutating func amend(_ id: OrderID, price: Price? = nil, lots: Int64? = nil) {
    actions.append(.amend(id, price: price, lots: lots))
  }

  public mutating func cancel(_ id: OrderID) { actions.append(.cancel(id)) }
  public mutating func cancelAll() { actions.append(.cancelAll) }

  /// Asks to be called with `.timer` at a local time; a time that has passed comes at once.
  public mutating func wake(at time: Timestamp) { actions.append(.wake(at: time)) }

  /// Sends a market order for what is missing to a target position, unless one is on its way.
  ///
  /// - Returns: whether an order was placed.
  @discardableResult
  public mutating func trade(toward target: Int64) -> Bool {
    let (missing, overflow) = target.subtractingReportingOverflow(position)
    guard openOrders.isEmpty, missing != 0, !overflow else { return false }
    place(
      OrderRequest(
        side: missing > 0 ? .buy : .sell, kind: .market,
        lots: missing == .min ? .max : abs(missing)))
    return true
  }
}

extension TradingDesk {
  /// Takes what the strategy asked for, leaving none.
  package mutating func takeActions(into list: inout [Action]) {
    swap(&actions, &list)
    actions.removeAll(keepingCapacity: true)
  }

  /// The gateway has sent an order.
  package mutating func sent(_ id: OrderID, _ request: OrderRequest) {
    openOrders.append(
      OpenOrder(id: id, request: request, remaining: request.lots, isAccepted: false))
    count(request.side, request.lots)
  }

  /// The gateway has sent an amendment that makes an order larger by so many lots.
  package mutating func amending(_ id: OrderID, growth: Int64) {
    guard let index = openOrders.firstIndex(where: { $0.id == id }) else { return }
    openOrders[index].isAmending = true
    openOrders[index].remaining += growth
    count(openOrders[index].request.side, growth)
  }

  /// A message on an own order has arrived.
  package mutating func apply(_ update: OrderUpdate) {
    if case .filled(_, let lots, _, _) = update.kind { position += update.side.sign * lots }
    guard let index = openOrders.firstIndex(where: { $0.id == update.id }) else { return }
    switch update.kind {
    case .accepted:
      openOrders[index].isAccepted = true
      // A reduce-only order may have been cut to the position.
      count(update.side, update.remaining - openOrders[index].remaining)
      openOrders[index].remaining = update.remaining
    case .amendRejected where openOrders[index].isAmending:
      openOrders[index].isAmending = false
      count(update.side, update.remaining - openOrders[index].remaining)
      openOrders[index].remaining = update.remaining
    case .amended(let price):
      openOrders[index].isAmending = false
      count(update.side, update.remaining - openOrders[index].remaining)
      openOrders[index].remaining = update.remaining
      openOrders[index].request.lots = openOrders[index].filled + update.remaining
      openOrders[index].request.kind = openOrders[index].request.kind.moved(to: price)
    case .filled(_, let lots, _, _):
      openOrders[index].remaining -= lots
      openOrders[index].filled += lots
      count(update.side, -lots)
    case .rejected, .cancelled:
      count(update.side, -openOrders[index].remaining)
      openOrders[index].remaining = 0
    case .cancelRejected, .amendRejected:
      break
    }
    if openOrders[index].remaining == 0 { openOrders.remove(at: index) }
  }

  private mutating func count(_ side: Side, _ lots: Int64) {
    if side == .buy { openBuyLots += lots } else { openSellLots += lots }
  }
}
