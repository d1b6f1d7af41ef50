import HogaCore
import HogaSim
import Testing

/// One order on one market, and what must become of it.
struct FillScenario: Sendable, CustomTestStringConvertible {
  var name: String
  var order: OrderRequest
  /// What the market does after the order at 100 ms; the book before is 99.98–100.02.
  var market: @Sendable (inout TestMarket) -> Void
  /// `price × lots reason`, in order.
  var fills: [String]
  var status: OrderRecord.Status
  var testDescription: String { name }
}

private func limit(_ side: Side, _ ticks: Int64, _ lots: Int64) -> OrderRequest {
  OrderRequest(side: side, kind: .limit(Price(ticks: ticks)), lots: lots)
}

private let scenarios: [FillScenario] = [
  FillScenario(
    name: "a print at the limit that the queue in front takes does not fill a buy",
    order: limit(.buy, 9998, 10), market: { $0.trade(200, 9998, 20, .sell) }, fills: [],
    status: .open),
  FillScenario(
    name: "a print at the limit fills a buy with what goes beyond the queue",
    order: limit(.buy, 9998, 10), market: { $0.trade(200, 9998, 26, .sell) },
    fills: ["9998 × 6 queue reached"], status: .open),
  FillScenario(
    name: "a print below the limit fills a buy at the limit", order: limit(.buy, 9998, 10),
    market: { $0.trade(200, 9997, 50, .sell) }, fills: ["9998 × 10 traded through"],
    status: .filled),
  FillScenario(
    name: "a print above the limit fills a sell at the limit", order: limit(.sell, 10002, 10),
    market: { $0.trade(200, 10003, 50, .buy) }, fills: ["10002 × 10 traded through"],
    status: .filled),
  FillScenario(
    name: "prints at the limit fill a sell once they have used up the queue",
    order: limit(.sell, 10002, 10),
    market: {
      $0.trade(200, 10002, 15, .buy)
      $0.trade(201, 10002, 50, .buy)
    }, fills: ["10002 × 10 queue reached"], status: .filled),
  FillScenario(
    name: "a print of unknown aggressor below the limit fills", order: limit(.buy, 9998, 10),
    market: { $0.trade(200, 9997, 50, nil) }, fills: ["9998 × 10 traded through"],
    status: .filled),
  FillScenario(
    name: "a buyer's print below a buy took the asks and does not fill it",
    order: limit(.buy, 9998, 10), market: { $0.trade(200, 9997, 50, .buy) }, fills: [],
    status: .open),
  FillScenario(
    name: "small prints fill in part, and never more than printed", order: limit(.buy, 9998, 10),
    market: {
      $0.trade(200, 9997, 3, .sell)
      $0.trade(201, 9996, 4, .sell)
      $0.trade(202, 9998, 9, .sell)
    }, fills: ["9998 × 3 traded through", "9998 × 4 traded through"], status: .open),
  FillScenario(
    name: "an ask at the limit would have met a buy, and fills it for what it shows",
    order: limit(.buy, 9998, 10),
    market: {
      $0.update(200, bids: [(9998, 0), (9997, 0), (9996, 1)])
      $0.update(201, asks: [(9998, 5)])
    }, fills: ["9998 × 5 quote crossed"], status: .open),
  FillScenario(
    name: "an ask below the limit fills a buy at the limit for what it shows",
    order: limit(.buy, 9998, 10),
    market: {
      $0.update(200, bids: [(9998, 0), (9997, 0), (9996, 1)], asks: [(9997, 6)])
      $0.update(201, asks: [(10003, 7)])
    }, fills: ["9998 × 6 quote crossed"], status: .open),
  FillScenario(
    name: "bids above the limit fill a sell together",
    order: limit(.sell, 10002, 10),
    market: {
      $0.update(
        200, bids: [(10004, 4), (10003, 9)], asks: [(10002, 0), (10003, 0), (10005, 1)])
    }, fills: ["10002 × 10 quote crossed"],
    status: .filled),
  FillScenario(
    name: "a market order walks the book and cancels what is beyond it",
    order: OrderRequest(side: .buy, kind: .market, lots: 1000), market: { _ in },
    fills: ["10002 × 20 walked book level 1", "10003 × 30 walked book level 2"],
    status: .cancelled),
  FillScenario(
    name: "a limit order that crosses takes up to its price and rests with the remainder",
    order: limit(.buy, 10002, 25), market: { $0.trade(300, 10001, 100, .sell) },
    fills: ["10002 × 20 walked book level 1", "10002 × 5 traded through"], status: .filled),
  FillScenario(
    name: "immediate or cancel takes up to its price and ends",
    order: OrderRequest(
      side: .sell, kind: .immediateOrCancel(Price(ticks: 9998)), lots: 25),
    market: { $0.trade(300, 9999, 100, .buy) }, fills: ["9998 × 20 walked book level 1"],
    status: .cancelled),
  FillScenario(
    name: "post-only at the opposite quote is rejected",
    order: OrderRequest(side: .buy, kind: .postOnly(Price(ticks: 10002)), lots: 5),
    market: { _ in }, fills: [], status: .rejected),
  FillScenario(
    name: "post-only inside the spread rests",
    order: OrderRequest(
      side: .buy, kind: .postOnly(Price(ticks: 10001)), lots: 5),
    market: { $0.trade(300, 10000, 2, .sell) }, fills: ["10001 × 2 traded through"],
    status: .open),
  FillScenario(
    name: "a stale book proves nothing, a print still does", order: limit(.buy, 9998, 10),
    market: {
      $0.gap(200)
      $0.update(210, bids: [(9998, 0), (9997, 0)], asks: [(9990, 50)])
      $0.trade(220, 9995, 2, .sell)
    }, fills: ["9998 × 2 traded through"], status: .open),
  FillScenario(
    name: "a crossed book proves nothing", order: limit(.buy, 9998, 10),
    market: { $0.update(200, asks: [(9990, 50)]) }, fills: [], status: .open),
]

@Suite("Fill rules")
struct FillRuleTests {
  static func market() -> TestMarket {
    var market = TestMarket()
    market.snapshot(0, bids: [(9998, 20), (9997, 30)], asks: [(10002, 20), (10003, 30)])
    return market
  }

  @Test("decide every scenario of the table", arguments: scenarios)
  func table(scenario: FillScenario) throws {
    var market = Self.market()
    scenario.market(&market)
    market.update(1000, bids: [(9000, 1)])
    let order = scenario.order
    var script = Script([(100, { $0.place(order) })])
    let result = try play(&script, on: market)
    let fills = result.fillLog.map { "\($0.price.ticks) × \($0.lots) \($0.reason)" }
    #expect(fills == scenario.fills)
    #expect(result.orderLog[0].status == scenario.status)
    #expect(result.orderLog[0].filledLots == result.fillLog.reduce(0) { $0 + $1.lots })
    for fill in result.fillLog {
      if case .walkedBook = fill.reason {
        #expect(!fill.isMaker)
      } else {
        #expect(fill.isMaker)
      }
    }
  }

  @Test("share one print among own orders by price, then time")
  func sharing() throws {
    var market = Self.market()
    market.trade(200, 9995, 12, .sell)
    market.update(1000, bids: [(9000, 1)])
    var script = Script([
      (
        100,
        {
          $0.place(limit(.buy, 9996, 5))
          $0.place(limit(.buy, 9997, 5))
          $0.place(limit(.buy, 9997, 5))
        }
      )
    ])
    let result = try play(&script, on: market)
    #expect(result.fillLog.map(\.order.number) == [2, 3, 1])
    #expect(result.fillLog.map(\.lots) == [5, 5, 2])
  }

  @Test("do not let two orders take the same shown lots, however the level flickers")
  func consumption() throws {
    var market = Self.market()
    market.update(250, bids: [(9000, 1)])
    market.update(350, asks: [(10002, 18)])
    market.update(450, asks: [(10002, 30)])
    market.update(550, asks: [(10002, 0)])
    market.update(650, asks: [(10002, 9)])
    market.update(1000, bids: [(9000, 2)])
    let take = OrderRequest(side: .buy, kind: .immediateOrCancel(Price(ticks: 10002)), lots: 15)
    var script = Script([
      (100, { $0.place(take) }), (200, { $0.place(take) }), (300, { $0.place(take) }),
      (400, { $0.place(take) }), (500, { $0.place(take) }), (700, { $0.place(take) }),
    ])
    let result = try play(&script, on: market)
    // 20 shown: 15 and 5. An update elsewhere and a smaller size give nothing back; 12 more lots are
    // 12 more; an empty level that comes again is a new one.
    #expect(result.fillLog.map(\.lots) == [15, 5, 12, 9])
    #expect(result.fillLog.map(\.order.number) == [1, 2, 5, 6])
  }

  @Test("count resting and arriving orders against the same shown lots")
  func sharedConsumption() throws {
    var market = Self.market()
    market.update(200, bids: [(9998, 0), (9997, 0), (9990, 9)], asks: [(9996, 6)])
    market.update(1000, bids: [(9000, 2)])
    let take = OrderRequest(side: .buy, kind: .immediateOrCancel(Price(ticks: 9996)), lots: 5)
    var script = Script([(100, { $0.place(limit(.buy, 9998, 4)) }), (300, { $0.place(take) })])
    let result = try play(&script, on: market)
    #expect(result.fillLog.map(\.lots) == [4, 2])
  }

  @Test("reject orders that meet a stale, crossed, one-sided or old book")
  func badBooks() throws {
    let order = limit(.buy, 9990, 1)
    var market = Self.market()
    market.gap(200)
    market.snapshot(500, bids: [(9998, 5)], asks: [(10002, 5)])
    market.update(20_000, bids: [(9000, 1)])
    // The order's way takes 50 ms: it leaves on a good book and meets a bad one.
    var script = Script([
      (190, { $0.place(order) }), (5000, { $0.place(order) }),
      (15_000, { $0.place(order) }),
    ])
    var settings = SimulationSettings.test(matching: MatchingRules(maximumQuoteAge: .seconds(8)))
    settings.latency.entry = .constant(.milliseconds(50))
    let result = try play(&script, on: market, settings)
    #expect(
      result.orderLog.map(\.reason) == [
        RejectReason.bookStale.rawValue, nil, RejectReason.quoteTooOld.rawValue,
      ])
    #expect(result.rejections.map(\.reason) == [.bookStale, .quoteTooOld])

    for (bids, asks, reason) in [
      ([(9998, 5)], [(9997, 5)], RejectReason.bookCrossed),
      ([(9998, 5)], [(10002, 0)], RejectReason.bookOneSided),
    ] as [([(Int64, Int64)], [(Int64, Int64)], RejectReason)] {
      var market = Self.market()
      market.snapshot(200, bids: bids, asks: asks)
      market.update(1000, bids: [(9000, 1)])
      var script = Script([(190, { $0.place(order) }), (300, { $0.place(order) })])
      let result = try play(&script, on: market, settings)
      #expect(
        result.orderLog.map(\.reason) == [reason.rawValue, RejectReason.noQuoteKnown.rawValue])
    }
  }

  @Test("cancel what rests, and say so where it is too late")
  func cancelling() throws {
    var market = Self.market()
    market.trade(300, 9990, 100, .sell)
    market.update(1000, bids: [(9000, 1)])
    var script = Script([
      (
        100,
        {
          $0.place(limit(.buy, 9998, 1))
          $0.place(limit(.buy, 9997, 1))
          $0.place(limit(.sell, 10005, 1))
        }
      ),
      (200, { $0.cancel(OrderID(1)) }), (400, { $0.cancel(OrderID(2)) }),
      (500, { $0.cancelAll() }), (600, { $0.cancel(OrderID(77)) }),
    ])
    let result = try play(&script, on: market)
    #expect(result.orderLog.map(\.status) == [.cancelled, .filled, .cancelled])
    #expect(script.updates.filter { $0.kind == .cancelRejected }.map(\.id.number) == [2, 77])
    #expect(script.updates.allSatisfy { $0.id.number != 3 || $0.kind != .cancelRejected })
  }
}
