import HogaCore
import HogaSim
import Testing

@Suite("Risk limits")
struct LimitTests {
  @Test("refuse orders that are too large, off the grid, empty, or could break the position limit")
  func refusals() throws {
    var market = FillRuleTests.market()
    market.update(1000, bids: [(9000, 1)])
    var script = Script([
      (
        100,
        {
          $0.buy(11)
          $0.buy(0)
          $0.buy(-3)
          $0.buy(1, .limit(Price(ticks: 9995)))
          $0.buy(1, .limit(Price(ticks: .min)))
          $0.buy(10)
          $0.buy(6, .limit(Price(ticks: 9990)))
          $0.buy(5, .limit(Price(ticks: 9990)))
          $0.sell(10, .limit(Price(ticks: 10010)))
          $0.sell(6, .limit(Price(ticks: 10010)))
        }
      )
    ])
    var instrument = TestMarket.instrument
    instrument.tickIncrement = 2
    let limits = RiskLimits(maximumPosition: 15, maximumOrder: 10)
    let result = try play(&script, on: market, .test(limits: limits), instrument: instrument)
    #expect(
      result.orderLog.map(\.reason)
        == [
          RejectReason.orderLimit, .sizeNotPositive, .sizeNotPositive, .priceOffTick, .priceOffTick,
          nil, .positionLimit, nil, nil, .positionLimit,
        ].map { $0?.rawValue })
    #expect(result.rejections.map(\.count) == [2, 2, 1, 2])
  }

  @Test("stop trading at the loss limit: cancel, flatten, and call the strategy no more")
  func lossLimit() throws {
    var market = FillRuleTests.market()
    // 20 lots of 0.001 at 100.02; the bid falls to 90: a loss of 0.2 by far.
    market.snapshot(300, bids: [(9000, 15), (8990, 1)], asks: [(9002, 50)])
    market.update(400, bids: [(9000, 14)])
    market.update(500, bids: [(9000, 13)])
    market.update(600, bids: [(9000, 12)])
    market.update(700, bids: [(9000, 50)])
    for time in stride(from: Int64(800), to: 2000, by: 100) {
      market.update(time, bids: [(9000, 50 + time)])
    }
    var script = Script([
      (100, { $0.buy(20) }), (200, { $0.sell(5, .limit(Price(ticks: 10050))) }),
      (650, { $0.buy(1) }),
    ])
    let limits = RiskLimits(maximumOrder: 20, maximumLoss: Money(units: 100_000_000_000_000_000))
    let latency = Latency(
      feed: .recorded(scale: 1, plus: .zero), entry: .constant(.milliseconds(5)),
      response: .constant(.milliseconds(5)), compute: .zero)
    let result = try play(&script, on: market, .test(latency: latency, limits: limits))
    #expect(result.isStopped)
    #expect(result.account.position == 0)
    #expect(result.orderLog.allSatisfy { $0.status != .open && $0.status != .inFlight })
    #expect(script.told.last?.event == .stopped)
    // Each try takes what was shown anew; the resting sell was cancelled first.
    #expect(result.orderLog[1].status == .cancelled)
    #expect(result.fillLog.filter { $0.side == .sell }.reduce(0) { $0 + $1.lots } == 20)
  }

  @Test("stop on a realised loss as well")
  func realisedLoss() throws {
    var market = FillRuleTests.market()
    market.snapshot(300, bids: [(9000, 50)], asks: [(9002, 50)])
    market.update(400, bids: [(9000, 51)])
    market.update(500, bids: [(9000, 52)])
    var script = Script([(100, { $0.buy(20) }), (100, { $0.sell(20) }), (450, { $0.buy(1) })])
    // Nothing moves, but spread and fees of the round trip are 0.0028.
    let limits = RiskLimits(maximumLoss: Money(units: 1_000_000_000_000_000))
    let result = try play(&script, on: market, .test(limits: limits))
    #expect(result.isStopped && result.orderLog.count == 2)
  }

  @Test("end a run whose strategy acts forever at one instant")
  func spinning() throws {
    struct Spinner: Strategy {
      var name: String { "spinner" }
      mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) { desk.buy(0) }
    }
    var market = FillRuleTests.market()
    market.update(1000, bids: [(9000, 1)])
    var spinner = Spinner()
    let backtest = try Backtest(instrument: TestMarket.instrument, settings: .test())
    #expect(throws: UsageError.self) {
      _ = try backtest.run(&spinner, MarketTape(book: market.bookSource()))
    }
  }
}
