import HogaCore
import HogaSim
import Testing

@Suite("Latency")
struct LatencyTests {
  static let latency = Latency(
    feed: .recorded(scale: 1, plus: .milliseconds(3)), entry: .constant(.milliseconds(10)),
    response: .constant(.milliseconds(20)),
    compute: .milliseconds(7))

  @Test("carries an order to the book of its arrival, and the answer back")
  func journey() throws {
    var market = FillRuleTests.market()
    // Moves before the order decided at 100 ms arrives at 110 ms, and again right after.
    market.update(105, bids: [(9999, 4)], asks: [(10002, 0), (10003, 30)], delay: 2)
    market.update(111, asks: [(10003, 0), (10009, 30)], delay: 2)
    market.update(1000, bids: [(9000, 1)])
    var script = Script([(100, { $0.buy(10) })])
    let result = try play(&script, on: market, .test(latency: Self.latency))
    let fill = try #require(result.fillLog.first)
    #expect(fill.price.ticks == 10003)
    #expect(fill.decisionTime == TestMarket.time(100))
    #expect(fill.exchangeArrival == TestMarket.time(110))
    #expect(fill.exchangeTime == TestMarket.time(110))
    #expect(fill.decisionHalfTicks == 9998 + 10002)
    #expect(fill.matchHalfTicks == 9999 + 10003)
    #expect(fill.bestBid.ticks == 9999 && fill.bestAsk.ticks == 10003)
    let answers = script.told.filter { if case .order = $0.event { true } else { false } }
    #expect(answers.map(\.time) == [TestMarket.time(130), TestMarket.time(130)])
    #expect(script.updates.map(\.exchangeTime) == [TestMarket.time(110), TestMarket.time(110)])
  }

  @Test("shows a market event at its arrival plus the feed's delay, and orders meet the future")
  func feed() throws {
    var market = FillRuleTests.market()
    market.update(200, bids: [(9999, 4)], delay: 40)
    market.trade(201, 9999, 1, .sell, delay: 50)
    market.update(1000, bids: [(9000, 1)])
    var script = Script([], subscription: [.book, .trades])
    try play(&script, on: market, .test(latency: Self.latency))
    #expect(
      script.told.map(\.time) == [
        TestMarket.time(3), TestMarket.time(243), TestMarket.time(254), TestMarket.time(1003),
      ])
    #expect(script.told[0].event == .start)
    #expect(script.told[1].event == .bookChanged)
  }

  @Test("keeps the order of messages on a connection, and cancels cross fills in flight")
  func race() throws {
    var market = FillRuleTests.market()
    market.trade(195, 9990, 5, .sell)
    market.update(1000, bids: [(9000, 1)])
    var script = Script([
      (100, { $0.buy(5, .limit(Price(ticks: 9998))) }),
      // Sent at 190, there at 200: too late for the trade at 195, whose news come at 215.
      (190, { $0.cancel(OrderID(1)) }),
    ])
    let result = try play(&script, on: market, .test(latency: Self.latency))
    #expect(result.orderLog[0].status == .filled)
    #expect(
      script.updates.map(\.kind) == [
        .accepted,
        .filled(
          price: Price(ticks: 9998), lots: 5, fee: result.fillLog[0].fee, isMaker: true),
        .cancelRejected,
      ])
  }

  @Test("knows a signal one feed and one compute delay after its grid time")
  func signals() throws {
    struct Listener: Strategy {
      var seen: [(Int64, [Double])] = []
      var name: String { "listener" }
      var signalColumns: [String] { ["b", "a"] }
      mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
        if event == .signal { seen.append((desk.now.nanoseconds, desk.signals)) }
      }
    }
    var market = FillRuleTests.market()
    market.update(1000, bids: [(9000, 1)])
    let signals = Frame([
      ("time", .timestamp([100, 300].map(TestMarket.time))), ("a", .double([1, 2])),
      ("b", .double([3, .nan])),
    ])
    var listener = Listener()
    let backtest = try Backtest(
      instrument: TestMarket.instrument, settings: .test(latency: Self.latency))
    _ = try backtest.run(
      &listener, MarketTape(book: market.bookSource()), signals: signals)
    #expect(listener.seen.map(\.0) == [TestMarket.time(110), TestMarket.time(310)])
    #expect(listener.seen[0].1 == [3, 1])
    #expect(listener.seen[1].1[0].isNaN)
    #expect(throws: DataError.self) {
      let frame = try signals.selecting(["time", "a"])
      _ = try backtest.run(
        &listener, MarketTape(book: market.bookSource()), signals: frame)
    }
    #expect(throws: MissingInputError.self) {
      _ = try backtest.run(&listener, MarketTape(book: market.bookSource()))
    }
    #expect(throws: DataError.self) {
      let backward = signals.gathered([1, 0])
      _ = try backtest.run(
        &listener, MarketTape(book: market.bookSource()), signals: backward)
    }
  }

  @Test("holds back events that arrive before they happen, and counts what it corrects")
  func skewedClocks() throws {
    var market = FillRuleTests.market()
    market.update(200, bids: [(9999, 4)], delay: -50)
    market.update(190, bids: [(9999, 5)], delay: 20)
    market.update(1000, bids: [(9000, 1)])
    var script = Script([], subscription: [.book])
    let result = try play(&script, on: market)
    #expect(script.told.map(\.time) == [0, 200, 210, 1000].map(TestMarket.time))
    #expect(result.clocks.exchangeTimeBackward == 1)
    #expect(result.clocks.largestBackwardStep == 10_000_000)
    #expect(result.clocks.arrivalBeforeExchange == 1)
  }
}
