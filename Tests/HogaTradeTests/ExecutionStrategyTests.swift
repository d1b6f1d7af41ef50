import HogaCore
import HogaSim
import HogaTestKit
import HogaTrade
import Testing

// Begin of the code in Docs/execution.md.
func sell(_ lots: Int64, from start: Timestamp) throws -> ExecutionStrategy {
  // Per share and day, as in Almgren and Chriss (2000).
  let model = try AlmgrenChriss(
    quantity: 1e6, horizon: 5, intervals: 5,
    market: .init(
      volatility: 0.95, temporaryImpact: 2.5e-6, permanentImpact: 2.5e-7, fixedCost: 0.0625),
    riskAversion: 1e-6)
  let schedule = try ExecutionSchedule.optimal(
    lots: lots, from: start, to: start + .seconds(300), model: model)
  return try ExecutionStrategy(side: .sell, schedule: schedule, style: .passiveFirst)
}
// End of the code in Docs/execution.md.

/// A venue that answers orders at random, late, in parts, or not at all.
private struct RandomVenue {
  var desk: TradingDesk
  var random: SeededRandom
  /// What has yet to be told, by time.
  private var timers: [Int64] = []
  private var updates: [(time: Int64, update: OrderUpdate)] = []
  /// Orders at the venue: lots left, and whether they rest.
  private var orders: [(id: OrderID, side: Side, left: Int64, rests: Bool)] = []
  private(set) var placedLots: Int64 = 0
  private(set) var makerLots: Int64 = 0

  init(seed: UInt64) throws {
    random = SeededRandom(seed)
    desk = TradingDesk(contract: try Contract(Hand.instrument), fees: .none)
    desk.book.set(.buy, ticks: 9999, lots: 10)
    desk.book.set(.sell, ticks: 10001, lots: 10)
  }

  /// Plays until nothing is left to tell; `check` runs after every call of the strategy.
  mutating func play(
    _ strategy: inout ExecutionStrategy, check: (ExecutionStrategy, Int64) -> Void
  ) {
    tell(&strategy, .start)
    var steps = 0
    while steps < 20_000 {
      steps += 1
      let timer = timers.min() ?? .max
      let update = updates.map(\.time).min() ?? .max
      guard min(timer, update) < .max else { return }
      desk.now = max(desk.now, Timestamp(nanoseconds: min(timer, update)))
      if random.next() % 4 == 0 { fillResting() }
      if update <= timer {
        let index = updates.firstIndex { $0.time == update } ?? 0
        let message = updates.remove(at: index).update
        desk.apply(message)
        tell(&strategy, .order(message))
      } else {
        timers.removeAll { $0 == timer }
        tell(&strategy, .timer)
      }
      check(strategy, orders.reduce(0) { $0 + $1.left })
    }
    Issue.record("the strategy never ends")
  }

  private mutating func tell(_ strategy: inout ExecutionStrategy, _ event: StrategyEvent) {
    strategy.receive(event, &desk)
    var actions: [TradingDesk.Action] = []
    desk.takeActions(into: &actions)
    for action in actions {
      switch action {
      case .place(let id, let request): place(id, request)
      case .cancel(let id): cancel(id)
      case .wake(let time): timers.append(max(time.nanoseconds, desk.now.nanoseconds))
      default: Issue.record("nothing else is asked for")
      }
    }
  }

  private mutating func answer(_ id: OrderID, _ side: Side, _ kind: OrderUpdate.Kind, _ left: Int64)
  {
    // On one connection: never before what was sent earlier.
    let latest = updates.map(\.time).max() ?? .min
    let time = max(latest, desk.now.nanoseconds + Int64(random.next() % 50_000_000))
    updates.append(
      (
        time,
        OrderUpdate(id: id, side: side, kind: kind, remaining: left, exchangeTime: time)
      ))
  }

  private mutating func place(_ id: OrderID, _ request: OrderRequest) {
    desk.sent(id, request)
    if random.next() % 5 == 0 {
      answer(id, request.side, .rejected(request.kind == .market ? .quoteTooOld : .wouldTake), 0)
      return
    }
    answer(id, request.side, .accepted, request.lots)
    guard request.kind == .market else {
      #expect(request.kind == .postOnly(Price(ticks: request.side == .buy ? 9999 : 10001)))
      orders.append((id, request.side, request.lots, true))
      return
    }
    var left = request.lots
    while left > 0, random.next() % 4 != 0 {
      let lots = Int64.random(in: 1...left, using: &random)
      left -= lots
      placedLots += lots
      let price = Price(ticks: request.side == .buy ? 10001 : 9999)
      answer(
        id, request.side, .filled(price: price, lots: lots, fee: Money(units: 1), isMaker: false),
        left)
    }
    if left > 0 { answer(id, request.side, .cancelled(.beyondShownDepth), left) }
  }

  private mutating func fillResting() {
    guard !orders.isEmpty else { return }
    let order = orders[0]
    let lots = Int64.random(in: 1...order.left, using: &random)
    orders[0].left -= lots
    makerLots += lots
    let price = Price(ticks: order.side == .buy ? 9999 : 10001)
    answer(
      order.id, order.side, .filled(price: price, lots: lots, fee: .zero, isMaker: true),
      order.left - lots)
    if orders[0].left == 0 { orders.removeFirst() }
  }

  private mutating func cancel(_ id: OrderID) {
    guard let index = orders.firstIndex(where: { $0.id == id }) else {
      answer(id, .buy, .cancelRejected, 0)
      return
    }
    let order = orders.remove(at: index)
    answer(id, order.side, .cancelled(.requested), order.left)
  }
}

@Suite("Execution")
struct ExecutionStrategyTests {
  static let epoch = Timestamp(nanoseconds: WanderingMarket.epoch)

  @Test(
    "fills the parent exactly, never more than has begun, whatever the venue answers",
    arguments: UInt64(0)..<60)
  func robust(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let lots = Int64.random(in: 1...300, using: &random)
    let start = Timestamp(nanoseconds: Int64(random.next() % 2_000_000_000))
    let schedule = try ExecutionSchedule(
      lots: lots, from: start, to: start + .seconds(10),
      weights: (0..<Int.random(in: 1...12, using: &random)).map { _ in random.uniform() + 0.01 })
    for style in ExecutionStrategy.Style.allCases {
      let side: Side = seed % 2 == 0 ? .buy : .sell
      var strategy = try ExecutionStrategy(side: side, schedule: schedule, style: style)
      var venue = try RandomVenue(seed: seed)
      let slices = schedule.slices
      venue.desk.now = Timestamp(nanoseconds: 0)
      venue.play(&strategy) { strategy, resting in
        #expect(strategy.filledLots <= lots)
      }
      #expect(strategy.isComplete && venue.placedLots + venue.makerLots == lots)
      #expect(strategy.executions.reduce(0) { $0 + $1.lots } == lots)
      for execution in strategy.executions {
        let begun = slices.filter { $0.time.nanoseconds <= execution.time }
        let before = strategy.executions.filter { $0.time <= execution.time }
        #expect(before.reduce(0) { $0 + $1.lots } <= begun.reduce(0) { $0 + $1.lots })
      }
      if style == .aggressive { #expect(venue.makerLots == 0) }
      let sum = try #require(try strategy.shortfall(contract: Contract(Hand.instrument)))
      // A taker pays one tick of the mid, a maker earns it: 10¹³ units a lot.
      #expect(
        sum.priceCost.units
          == Int128(venue.placedLots - venue.makerLots) * 10_000_000_000_000)
      #expect(sum.unfilledLots == 0 && sum.opportunityCost == .zero)
    }
  }

  @Test("takes each slice at its time, and its shortfall is the account's")
  func aggressive() throws {
    let market = WanderingMarket(seed: 11)
    let schedule = try ExecutionSchedule.timeWeighted(
      lots: 100, from: Self.epoch + .seconds(60), to: Self.epoch + .seconds(160), slices: 10)
    var strategy = try ExecutionStrategy(side: .sell, schedule: schedule)
    let result = try Backtest(
      instrument: Hand.instrument, settings: MarketTests.settings(.none)
    ).run(&strategy, MarketTape(book: market.source))
    #expect(strategy.isComplete && result.account.position == -100)
    #expect(
      result.fillLog.map(\.exchangeTime)
        == (0..<10).map { (Self.epoch + .seconds(60 + 10 * $0)).nanoseconds })
    let row = 600  // sixty seconds in
    #expect(strategy.arrivalHalfTicks == 2 * market.bids[row] + 2)
    let shortfall = try #require(try strategy.shortfall(contract: result.contract))
    let proceeds = result.account.cash - result.account.initialCapital
    #expect(
      shortfall.arrivalWorth - proceeds == shortfall.priceCost + shortfall.fees)
    #expect(shortfall.total == shortfall.priceCost + shortfall.fees)
    let basisPoints = try #require(shortfall.basisPoints)
    #expect(abs(basisPoints - shortfall.total.value / shortfall.arrivalWorth.value * 1e4) < 1e-9)
  }

  @Test("rests within a slice, and takes what is left at its end")
  func passiveFirst() throws {
    var makers = 0
    var takers = 0
    for seed in UInt64(20)..<26 {
      let market = WanderingMarket(seed: seed)
      let schedule = try ExecutionSchedule.timeWeighted(
        lots: 200, from: Self.epoch + .seconds(60), to: Self.epoch + .seconds(660), slices: 60)
      for style in ExecutionStrategy.Style.allCases {
        var strategy = try ExecutionStrategy(side: .buy, schedule: schedule, style: style)
        let result = try MarketTests.run(strategy, market, latency: Latency())
        #expect(result.account.position == 200)
        // The same again, to look at the strategy itself.
        let again = try Backtest(
          instrument: Hand.instrument, settings: MarketTests.settings(Latency())
        ).run(&strategy, MarketTape(book: market.source))
        #expect(again.fingerprint == result.fingerprint && strategy.isComplete)
        guard style == .passiveFirst else { continue }
        for execution in strategy.executions {
          let offset = (execution.time - schedule.start.nanoseconds) % 10_000_000_000
          // Ten milliseconds to cancel, ten to hear of it, ten to take.
          if !execution.isMaker { #expect(offset < 400_000_000) }
          makers += execution.isMaker ? 1 : 0
          takers += execution.isMaker ? 0 : 1
        }
      }
    }
    #expect(makers > 100 && takers > 20)
  }

  @Test("counts what was not filled as missed, at the closing mid")
  func opportunity() throws {
    let schedule = try ExecutionSchedule.timeWeighted(
      lots: 10, from: Self.epoch, to: Self.epoch + .seconds(10), slices: 2)
    var strategy = try ExecutionStrategy(side: .buy, schedule: schedule)
    let contract = try Contract(Hand.instrument)
    #expect(try strategy.shortfall(contract: contract) == nil)
    var desk = TradingDesk(contract: contract, fees: .none)
    desk.book.set(.buy, ticks: 9999, lots: 10)
    desk.book.set(.sell, ticks: 10001, lots: 10)
    desk.now = Self.epoch + .seconds(1)
    strategy.receive(.start, &desk)
    var actions: [TradingDesk.Action] = []
    desk.takeActions(into: &actions)
    // The slice that is due is taken at once; the timer is the next slice's.
    #expect(
      actions == [
        .place(OrderID(1), OrderRequest(side: .buy, kind: .market, lots: 5)),
        .wake(at: Self.epoch + .seconds(5)),
      ])
    strategy.receive(
      .order(
        OrderUpdate(
          id: OrderID(1), side: .buy,
          kind: .filled(price: Price(ticks: 10001), lots: 5, fee: Money(units: 7), isMaker: false),
          remaining: 0, exchangeTime: 0)), &desk)
    let shortfall = try #require(
      try strategy.shortfall(contract: contract, closingHalfTicks: 20_100))
    // 5 lots one tick above the mid; 5 lots missed a move of fifty ticks.
    #expect(shortfall.priceCost.units == 5 * 10_000_000_000_000)
    #expect(shortfall.opportunityCost.units == 250 * 10_000_000_000_000)
    #expect(shortfall.fees.units == 7 && shortfall.unfilledLots == 5)
    #expect(throws: UsageError.self) {
      try ExecutionStrategy(side: .buy, schedule: schedule, retryInterval: .zero)
    }
  }

  @Test("shows the code that is compiled here, which sells all of it")
  func documented() throws {
    let code = try Repository.code(in: #filePath, of: "Docs/execution.md")
    #expect(!code.isEmpty)
    #expect(try Repository.text("Docs/execution.md").contains(code))
    var strategy = try sell(1000, from: Self.epoch + .seconds(60))
    #expect(strategy.schedule.slices.map(\.lots) == [458, 252, 142, 86, 62])
    _ = try Backtest(instrument: Hand.instrument, settings: MarketTests.settings()).run(
      &strategy, MarketTape(book: WanderingMarket(seed: 8).source))
    #expect(strategy.isComplete)
  }
}
