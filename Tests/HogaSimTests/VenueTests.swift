import HogaCore
import HogaSim
import Testing

/// What the venue does beside matching: funding, margin, phases, impact, amendments.
@Suite("The venue")
struct VenueTests {
  private static func market(_ milliseconds: Int64 = 10_000) -> TestMarket {
    var market = FillRuleTests.market()
    market.update(milliseconds, bids: [(9000, 1)])
    return market
  }

  private static func buy(_ lots: Int64) -> @Sendable (inout TradingDesk) -> Void {
    { $0.buy(lots) }
  }

  @Test("charges funding on what is held at its times, and the waterfall accounts for it")
  func funding() throws {
    var settings = SimulationSettings.test(fees: .none)
    settings.funding = try FundingSchedule([
      .init(time: TestMarket.time(50), rate: 1_000_000),  // nothing is held yet
      .init(time: TestMarket.time(500), rate: 1_000_000, markHalfTicks: 20_000),
      .init(time: TestMarket.time(700), rate: -3_000_000),
    ])
    var script = Script([(100, Self.buy(10)), (800, { $0.sell(10) })])
    let result = try play(&script, on: Self.market(), settings)
    // 10 lots of 0.001 at 100.00 are worth 1; 0.1 % of it is paid, then 0.3 % received.
    #expect(result.account.funding == Money(units: -1_000_000_000_000_000 + 3_000_000_000_000_000))
    #expect(result.waterfall.funding == result.account.funding)
    #expect(
      result.net
        == (try result.account.equity(
          result.contract, halfTicks: result.closingHalfTicks)) - settings.initialCapital)
    #expect(try result.equity.doubles("funding").last == 0.002)
  }

  @Test("a constant funding rate begins with the market and costs no time before it")
  func constantFunding() throws {
    var settings = SimulationSettings.test(fees: .none)
    settings.funding = try .constant(rate: 100_000, every: .seconds(1))
    var script = Script([(100, Self.buy(20))])
    let result = try play(&script, on: Self.market(), settings)
    // Ten full seconds at 100.00: 20 lots are worth 2, and 0.01 % of it each time.
    #expect(result.account.funding == Money(units: -10 * 200_000_000_000_000))
  }

  @Test("liquidates an account whose margin is used up, for its fee, and stops it")
  func liquidation() throws {
    var market = FillRuleTests.market()
    // Falls until the position's loss has eaten the capital.
    for step in 1...40 {
      let bid = 9998 - Int64(step) * 50
      market.snapshot(
        1000 + Int64(step) * 10, bids: [(bid, 4000), (bid - 10, 4000)], asks: [(bid + 4, 9)])
    }
    var settings = SimulationSettings.test(fees: .none, capital: 50)
    settings.margin = try MarginRules(
      initialPartsPerMillion: 100_000, maintenancePartsPerMillion: 50_000,
      liquidationFeePartsPerMillion: 10_000)
    var script = Script([
      (100, { $0.sell(5000, .limit(Price(ticks: 20_000))) }),  // rests far away
      (150, Self.buy(50)), (1300, Self.buy(1)),
    ])
    // 50 lots of 0.001 at 100: worth 5, far below 50 · 10.
    var result = try play(&script, on: market, settings)
    #expect(!result.isLiquidated)

    var book = FillRuleTests.market()
    book.snapshot(50, bids: [(9998, 9000)], asks: [(10002, 9000)])
    for row in market.depth.dropFirst(4) where row.time > TestMarket.time(500) {
      book.depth.append(row)
      book.depth[book.depth.count - 1].sequence += 100
    }
    script = Script([(100, Self.buy(4000)), (1405, Self.buy(1))], subscription: [])
    result = try play(&script, on: book, settings)
    // 4,000 lots are worth 400, their initial margin 40; maintenance is 5 %: gone before zero.
    #expect(result.isLiquidated && result.isStopped)
    #expect(result.account.position == 0)
    #expect(script.told.contains { $0.event == .stopped })
    let closing = result.fillLog.filter {
      if case .liquidation = $0.reason { true } else { false }
    }
    // It is an order of the venue's, known to the log and to the strategy's account.
    #expect(result.orderLog[1].reason == CancelReason.liquidated.rawValue)
    #expect(result.orderLog[1].status == .filled && result.orderLog.count == 2)
    #expect(Set(closing.map(\.order.number)) == [2])
    #expect(!closing.isEmpty && closing.reduce(0) { $0 + $1.lots } == 4000)
    let worth = closing.reduce(Int128(0)) {
      $0 + Int128($1.price.ticks * $1.lots) * 10_000_000_000_000
    }
    #expect(closing.reduce(Money.zero) { $0 + $1.fee }.units == worth / 100)
    #expect(
      result.net
        == (try result.account.equity(result.contract, halfTicks: result.closingHalfTicks))
        - settings.initialCapital)
    // What is left of the capital is above zero: the venue acted in time.
    #expect(result.account.cash > .zero)

    // An order that is on its way when the account goes finds it closed.
    var slow = settings
    slow.latency.entry = .constant(.milliseconds(400))
    slow.limits.maximumLoss = Money(units: 40_000_000_000_000_000_000)
    var again = Script([
      (100, Self.buy(4000)), (1000, { $0.buy(3, .limit(Price(ticks: 9000))) }),
    ])
    result = try play(&again, on: book, slow)
    #expect(result.isLiquidated && result.account.position == 0)
    #expect(result.orderLog.count == 3)
    #expect(result.orderLog[1].reason == RejectReason.accountClosed.rawValue)

    script = Script([(100, Self.buy(6000)), (200, Self.buy(100))])
    result = try play(&script, on: book, settings)
    #expect(result.orderLog[0].reason == RejectReason.marginTooSmall.rawValue)
    #expect(result.orderLog[1].status == .filled)
  }

  @Test("takes no order while it is halted or in an auction, and fills none")
  func phases() throws {
    var market = FillRuleTests.market()
    market.trade(300, 9990, 50, .sell)
    market.trade(500, 9990, 3, .sell)
    market.update(1000, bids: [(9000, 1)])
    let times = [200, 400, 600].map { TestMarket.time($0) }
    let status = Frame([
      ("arrival", .timestamp(times)), ("time", .timestamp(times)), ("sequence", .int64([1, 2, 3])),
      ("status", .category(Categories(["halted", "trading", "quoting"]))),
    ])
    let order = OrderRequest(side: .buy, kind: .limit(Price(ticks: 9998)), lots: 5)
    var script = Script([
      (100, { $0.place(order) }), (250, { $0.place(order) }), (700, { $0.place(order) }),
    ])
    let result = try Backtest(instrument: TestMarket.instrument, settings: .test()).run(
      &script,
      MarketTape(
        book: market.bookSource(), trades: market.tradeSource(), status: status))
    #expect(
      result.orderLog.map(\.reason) == [
        nil, RejectReason.halted.rawValue, RejectReason.inAuction.rawValue,
      ])
    #expect(result.fillLog.map(\.lots) == [3])
  }

  @Test("own impact raises what later orders pay, is never credited, and has its own cost part")
  func impact() throws {
    var market = FillRuleTests.market()
    market.snapshot(50, bids: [(9998, 900)], asks: [(10002, 900)])
    market.update(10_000, bids: [(9000, 1)])
    var settings = SimulationSettings.test()
    settings.impact = .almgrenChriss(
      AlmgrenChrissImpact(permanent: 0.1, temporary: 0, fixed: 0))
    var script = Script([
      (100, Self.buy(50)), (2000, Self.buy(10)), (4000, { $0.sell(60) }),
      (6000, { $0.buy(1, .immediateOrCancel(Price(ticks: 10_002))) }),
    ])
    let result = try play(&script, on: market, settings)
    // 50 lots lift the price by 5 ticks for the second order; the sale is not paid for the lift.
    #expect(result.fillLog.map(\.price.ticks) == [10_002, 10_007, 9998, 10_002])
    #expect(result.fillLog.map(\.impactTicks) == [0, 5, 0, 0])
    #expect(result.waterfall.impact == Money(units: 5 * 10 * 10_000_000_000_000))
    #expect(
      result.net
        == (try result.account.equity(result.contract, halfTicks: result.closingHalfTicks))
        - result.settings.initialCapital)
  }

  @Test("an amended order keeps its place if it shrinks, and the desk knows its size and price")
  func amendments() throws {
    var market = FillRuleTests.market()
    market.update(250, bids: [(9998, 45)])
    market.trade(600, 9998, 27, .sell)
    market.update(1000, bids: [(9000, 1)])
    var script = Script([
      (100, { $0.buy(10, .limit(Price(ticks: 9998))) }),
      (200, { $0.buy(10, .limit(Price(ticks: 9998))) }),
      (300, { $0.amend(OrderID(1), lots: 4) }),
      (400, { $0.amend(OrderID(2), lots: 12) }),
      (500, { $0.amend(OrderID(7), lots: 12) }),
      (700, { $0.amend(OrderID(2), price: Price(ticks: 9000)) }),
      (
        800,
        {
          #expect($0.openOrders.map(\.id.number) == [2])
          #expect($0.openOrders[0].remaining == 12)
          #expect($0.openOrders[0].request.limit == Price(ticks: 9000))
        }
      ),
    ])
    let result = try play(&script, on: market)
    // 20 were in front of the first: 7 of the 27 reach it, and it wants 4. The second grew, so it
    // stands behind the 45 shown by then.
    #expect(result.fillLog.map(\.order.number) == [1])
    #expect(result.fillLog.map(\.lots) == [4])
    #expect(result.orderLog.map(\.amendCount) == [1, 2])
    #expect(result.orderLog.map(\.lots) == [4, 12])
    #expect(result.orderLog[0].queue?.entry == 20 && result.orderLog[1].queue == nil)
    #expect(
      script.updates.compactMap { update -> RejectReason? in
        if case .amendRejected(let reason) = update.kind { reason } else { nil }
      } == [.notOpen])
  }

  @Test("a position limit counts what an amended order may become, however it came there")
  func amendedLimit() throws {
    var settings = SimulationSettings.test()
    settings.limits.maximumPosition = 10
    var script = Script([
      (100, { $0.buy(10, .limit(Price(ticks: 9998))) }),
      (200, { $0.amend(OrderID(1), lots: 2) }),
      (300, { $0.buy(8, .limit(Price(ticks: 9998))) }),
      (400, { $0.amend(OrderID(1), lots: 10) }),
      (500, { $0.amend(OrderID(1), lots: 3) }),
    ])
    let result = try play(&script, on: Self.market(), settings)
    #expect(result.orderLog.map(\.lots) == [2, 8])
    #expect(
      script.updates.compactMap { update -> RejectReason? in
        if case .amendRejected(let reason) = update.kind { reason } else { nil }
      } == [.positionLimit, .positionLimit])
  }

  @Test("repricing an order asks for no margin that it holds already")
  func amendedMargin() throws {
    var market = FillRuleTests.market()
    market.snapshot(50, bids: [(9998, 9000)], asks: [(10002, 9000)])
    market.update(5000, bids: [(9000, 1)])
    var settings = SimulationSettings.test(fees: .none, capital: 50)
    settings.margin = try MarginRules(
      initialPartsPerMillion: 100_000, maintenancePartsPerMillion: 50_000)
    var script = Script([
      (100, { $0.buy(4000, .limit(Price(ticks: 9990))) }),
      (200, { $0.amend(OrderID(1), price: Price(ticks: 9991)) }),
      (300, { $0.amend(OrderID(1), lots: 6000) }),
    ])
    let result = try play(&script, on: market, settings)
    #expect(result.orderLog[0].limit == Price(ticks: 9991) && result.orderLog[0].lots == 4000)
    #expect(result.rejections.map(\.reason) == [.marginTooSmall])
  }

  @Test("a phase is heard of when it arrives, and not when it happens")
  func phaseArrival() throws {
    var market = FillRuleTests.market()
    market.update(1000, bids: [(9000, 1)])
    let status = Frame([
      ("arrival", .timestamp([TestMarket.time(300)])), ("time", .timestamp([TestMarket.time(200)])),
      ("sequence", .int64([1])), ("status", .category(Categories(["halted"]))),
    ])
    var script = Script([
      (250, { #expect($0.phase == .trading) }), (350, { #expect($0.phase == .halted) }),
    ])
    _ = try Backtest(instrument: TestMarket.instrument, settings: .test())
      .run(&script, MarketTape(book: market.bookSource(), status: status))
    #expect(script.steps.isEmpty)
  }

  @Test("reduce-only and fill-or-kill orders do what their names say", arguments: [5, 40])
  func kinds(lots: Int64) throws {
    var script = Script([
      (100, Self.buy(15)),
      (
        200,
        {
          $0.place(
            OrderRequest(
              side: .sell, kind: .limit(Price(ticks: 9998)), lots: lots, reduceOnly: true))
        }
      ),
      (300, { $0.buy(30, .fillOrKill(Price(ticks: 10_002))) }),
      (400, { $0.buy(5, .fillOrKill(Price(ticks: 10_002))) }),
    ])
    let result = try play(&script, on: Self.market())
    #expect(result.fillLog.map(\.lots) == [15, min(15, lots), 5])
    #expect(result.orderLog[2].reason == CancelReason.fillOrKill.rawValue)
    #expect(result.account.position == 15 - min(15, lots) + 5)
  }

  @Test("drawn latencies repeat with the seed, and follow the recorded feed where asked to")
  func latencies() throws {
    let market = TestMarket.random(seed: 2, events: 2000)
    func run(_ seed: UInt64, _ entry: LatencyModel) throws -> BacktestResult {
      var settings = SimulationSettings.test()
      settings.seed = seed
      settings.latency.entry = entry
      var trader = RandomTrader(seed: 4)
      return try Backtest(instrument: TestMarket.instrument, settings: settings)
        .run(&trader, market.tape())
    }
    let drawn = LatencyModel.sampled(
      try .logNormal(median: .milliseconds(3), percentile99: .milliseconds(20)))
    let first = try run(1, drawn)
    #expect(try run(1, drawn).fingerprint == first.fingerprint)
    #expect(try run(2, drawn).fingerprint != first.fingerprint)
    let delays = first.orderLog.filter { $0.exchangeArrival != Column.missing }
      .map { $0.exchangeArrival - $0.decisionTime }
    #expect(Set(delays).count > 100 && delays.allSatisfy { $0 >= 0 })
    let recorded = try run(1, .recorded(scale: 1, plus: .milliseconds(2)))
    let known = recorded.orderLog.filter { $0.exchangeArrival != Column.missing }
      .map { $0.exchangeArrival - $0.decisionTime }
    #expect(known.allSatisfy { $0 >= 2_000_000 } && Set(known).count > 3)
  }
}
