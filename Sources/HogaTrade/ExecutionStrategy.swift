public import HogaCore
public import HogaSim

/// Works a parent order by a schedule, and measures what that cost against the price at the start.
///
/// A slice's lots are taken at its time by a market order, or passively first: a post-only order at
/// the near touch, and what is left of it at the slice's end is taken. Lots that a slice did not get
/// stay due. The parent is never overfilled: an order that might still fill counts as filled until
/// the exchange has said otherwise.
public struct ExecutionStrategy: Strategy {
  public enum Style: String, Hashable, Sendable, CaseIterable {
    /// Each slice is taken at its time.
    case aggressive
    /// Each slice rests at the near touch until its end, and what is left is taken then.
    case passiveFirst = "passive-first"
  }

  /// An own fill.
  public struct Execution: Hashable, Sendable {
    /// By the exchange's clock.
    public var time: Int64
    public var price: Price
    public var lots: Int64
    public var fee: Money
    public var isMaker: Bool
  }

  public let side: Side
  public let schedule: ExecutionSchedule
  public let style: Style
  /// After a rejection, or a fill that the shown depth cut short, the next try comes this much later.
  public let retryInterval: TimeSpan
  public let name: String

  /// Best bid plus best ask, in the local book, when the execution began; `nil` before.
  public private(set) var arrivalHalfTicks: Int64?
  /// The same when the strategy was last told something.
  public private(set) var lastHalfTicks: Int64?
  public private(set) var executions: [Execution] = []
  public private(set) var filledLots: Int64 = 0

  private struct Working: Hashable, Sendable {
    var id: OrderID
    var remaining: Int64
    /// The slice that a resting order belongs to; `nil` for an order that takes.
    var slice: Int?
    var isCancelling = false
  }

  private var working: [Working] = []
  /// The first slice that has not begun, and the lots of those before it.
  private var next = 0
  private var begunLots: Int64 = 0
  /// The first slice that has not ended, and the lots of those before it.
  private var nextEnd = 0
  private var endedLots: Int64 = 0
  private var retryTime: Timestamp?
  private var wakeTime: Timestamp?
  private var isOver = false

  /// - Throws: `UsageError` where the retry interval is not above zero.
  public init(
    side: Side, schedule: ExecutionSchedule, style: Style = .aggressive,
    retryInterval: TimeSpan = .milliseconds(100), name: String = "execution"
  ) throws {
    guard retryInterval > .zero else { throw UsageError("the retry interval must be above zero") }
    self.side = side
    self.schedule = schedule
    self.style = style
    self.retryInterval = retryInterval
    self.name = name
  }

  /// All lots are filled.
  public var isComplete: Bool { filledLots == schedule.totalLots }

  public mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    if desk.isQuoted { lastHalfTicks = desk.doubledMidTicks }
    switch event {
    case .start, .timer:
      work(&desk)
    case .order(let update):
      guard received(update, desk) else { return }
      work(&desk)
    case .stopped:
      isOver = true
    case .signal, .bookChanged, .trade:
      break
    }
  }

  /// Takes in news of an own order; true where there may be something to do at once.
  private mutating func received(_ update: OrderUpdate, _ desk: TradingDesk) -> Bool {
    guard let index = working.firstIndex(where: { $0.id == update.id }) else { return false }
    if case .filled(let price, let lots, let fee, let isMaker) = update.kind {
      executions.append(
        Execution(
          time: update.exchangeTime, price: price, lots: lots, fee: fee, isMaker: isMaker))
      filledLots += lots
      working[index].remaining -= lots
    }
    guard update.isFinal else { return false }
    let order = working.remove(at: index)
    // Trying again at once could spin; an order that was called off or is done cannot.
    if order.remaining > 0, !order.isCancelling { retryTime = desk.now + retryInterval }
    return true
  }

  private mutating func work(_ desk: inout TradingDesk) {
    guard !isOver, !isComplete else { return }
    let slices = schedule.slices
    while next < slices.count, slices[next].time <= desk.now {
      begunLots += slices[next].lots
      next += 1
    }
    while nextEnd < slices.count,
      (style == .aggressive ? slices[nextEnd].time : slices[nextEnd].end) <= desk.now
    {
      endedLots += slices[nextEnd].lots
      nextEnd += 1
    }
    if next > 0, arrivalHalfTicks == nil { arrivalHalfTicks = lastHalfTicks }
    if let time = retryTime, time <= desk.now { retryTime = nil }
    if retryTime == nil, next > 0 { placeOrders(&desk) }
    wake(&desk)
  }

  private mutating func placeOrders(_ desk: inout TradingDesk) {
    guard desk.isQuoted else {
      retryTime = desk.now + retryInterval
      return
    }
    // A resting order whose slice is over is called off; its lots are taken once that is certain.
    for index in working.indices {
      guard let slice = working[index].slice, slice < nextEnd, !working[index].isCancelling else {
        continue
      }
      desk.cancel(working[index].id)
      working[index].isCancelling = true
    }
    // Fills count for ended slices first. Open lots of these never exceed what the others leave, so
    // filled and open lots together stay within what has begun.
    let open = working.reduce(0) { $0 + $1.remaining }
    let openOfEnded = working.reduce(0) {
      $0 + ($1.slice.map { slice in slice < nextEnd } ?? true ? $1.remaining : 0)
    }
    let missing = max(0, endedLots - filledLots - openOfEnded)
    if missing > 0 { place(.market, lots: missing, slice: nil, &desk) }
    let resting = begunLots - filledLots - open - missing
    if resting > 0, next > nextEnd {
      let touch = side == .buy ? desk.book.bids.bestTicks : desk.book.asks.bestTicks
      place(.postOnly(Price(ticks: touch)), lots: resting, slice: next - 1, &desk)
    }
  }

  private mutating func place(
    _ kind: OrderRequest.Kind, lots: Int64, slice: Int?, _ desk: inout TradingDesk
  ) {
    let id = desk.place(OrderRequest(side: side, kind: kind, lots: lots))
    working.append(Working(id: id, remaining: lots, slice: slice))
  }

  /// Asks to be called at the next time at which something is due.
  private mutating func wake(_ desk: inout TradingDesk) {
    var times: [Timestamp] = []
    if let retryTime { times.append(retryTime) }
    if next < schedule.slices.count { times.append(schedule.slices[next].time) }
    if style == .passiveFirst, nextEnd < schedule.slices.count {
      times.append(schedule.slices[nextEnd].end)
    }
    // Each time is asked for once; a timer that comes early finds nothing to do.
    guard let time = times.min(), wakeTime != time else { return }
    wakeTime = time
    desk.wake(at: time)
  }
}
