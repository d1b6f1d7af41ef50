import HogaCore
import HogaSim
import Testing

@Suite("Bad tables")
struct BadTableTests {
  struct Idle: Strategy {
    var name: String { "idle" }
    mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {}
  }

  static func run(_ book: @escaping Replay.Source, _ trades: Replay.Source? = nil) throws {
    var idle = Idle()
    let backtest = try Backtest(instrument: TestMarket.instrument, settings: .test())
    _ = try backtest.run(&idle, MarketTape(book: book, trades: trades))
  }

  @Test("are refused with the row and column at fault")
  func refusals() throws {
    func damaged(_ damage: (inout TestMarket) -> Void) -> TestMarket {
      var market = FillRuleTests.market()
      market.update(100, bids: [(9990, 1)])
      market.trade(150, 9999, 3, .buy)
      damage(&market)
      return market
    }
    let cases: [(TestMarket, String)] = [
      (damaged { $0.depth[1].lots = -1 }, "size"),
      (damaged { $0.depth[1].lots = .max }, "size"),
      (damaged { $0.depth[2].ticks = .min }, "price"),
      (damaged { $0.depth[2].side = 7 }, "side"),
      (damaged { $0.depth[4].arrival = 5 }, "arrival"),
      (damaged { $0.depth[4].arrival = .max }, "arrival"),
      (damaged { $0.depth[4].time = .max }, "time"),
      (damaged { $0.depth[4].last = false }, "last"),
      (damaged { $0.trades[0].ticks = .min }, "price"),
      (damaged { $0.trades[0].lots = -5 }, "size"),
    ]
    for (market, column) in cases {
      do {
        try Self.run(market.bookSource(), market.tradeSource())
        Issue.record("a bad \(column) went through")
      } catch let error as DataError {
        #expect(error.column == column)
      }
    }
  }

  @Test("without columns or rows give an error or an empty result")
  func empty() throws {
    #expect(throws: DataError.self) { try Self.run(chunks(Frame([("x", .int64([1]))]), of: 1)) }
    try Self.run({ nil })
    try Self.run(TestMarket().bookSource(), TestMarket().tradeSource())
  }

  @Test("with a time decades off are refused instead of filling the memory")
  func farTime() throws {
    var market = FillRuleTests.market()
    market.update(100_000_000_000, bids: [(9000, 1)])
    #expect(throws: DataError.self) { try Self.run(market.bookSource()) }
  }

  @Test("settings without sense are refused", arguments: 0..<7)
  func settings(index: Int) {
    var settings = SimulationSettings.test()
    switch index {
    case 0: settings.latency.entry = .constant(.milliseconds(-1))
    case 1: settings.fees.takerPartsPerMillion = 200_000
    case 2: settings.initialCapital = .zero
    case 3: settings.sampleInterval = .zero
    case 4: settings.periodsPerYear = .infinity
    case 5: settings.limits.maximumPosition = 0
    default:
      settings.start = Timestamp(nanoseconds: 5)
      settings.end = settings.start
    }
    #expect(throws: UsageError.self) {
      try Backtest(instrument: TestMarket.instrument, settings: settings)
    }
  }

  @Test("start and end bound what the strategy and the equity curve see")
  func window() throws {
    let market = TestMarket.random(seed: 1, events: 3000)
    var settings = SimulationSettings.test()
    settings.start = Timestamp(nanoseconds: TestMarket.time(2500))
    settings.end = Timestamp(nanoseconds: TestMarket.time(6500))
    var trader = RandomTrader(seed: 1)
    let result = try Backtest(instrument: TestMarket.instrument, settings: settings).run(
      &trader, market.tape())
    #expect(result.orderLog.count > 100)
    #expect(result.orderLog.allSatisfy { $0.decisionTime >= TestMarket.time(2500) })
    #expect(result.fillLog.allSatisfy { $0.exchangeTime <= TestMarket.time(6500) })
    #expect(
      try result.equity.int64s("time") == [2000, 3000, 4000, 5000, 6000, 7000].map(TestMarket.time))
  }
}
