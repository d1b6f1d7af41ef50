import HogaCore
import HogaSim
import HogaTrade
import Testing

@Suite("Parent orders")
struct ParentOrderTests {
  private static func settings(_ change: (inout ParentOrder.Settings) -> Void = { _ in })
    -> ParentOrder.Settings
  {
    var settings = ParentOrder.Settings(side: .sell, lots: 103, duration: .seconds(20))
    settings.after = .seconds(5)
    change(&settings)
    return settings
  }

  @Test(
    "sell all of it within their time, whatever the plan",
    arguments: [
      ParentOrder.Plan.timeWeighted,
      .optimal(
        try! AlmgrenChriss(
          quantity: 103, horizon: 20, intervals: 8,
          market: .init(
            volatility: 1, temporaryImpact: 0.5, permanentImpact: 0, fixedCost: 0),
          riskAversion: 0.1)),
    ])
  func sells(plan: ParentOrder.Plan) throws {
    var strategy = try ParentOrder(Self.settings { $0.plan = plan })
    let market = WanderingMarket(seed: 3)
    let result = try Backtest(instrument: Hand.instrument, settings: MarketTests.settings(.none))
      .run(&strategy, MarketTape(book: market.source))
    let execution = try #require(strategy.execution)
    #expect(execution.isComplete && result.account.position == -103)
    let first = try #require(result.orderLog.first)
    let last = try #require(result.orderLog.last)
    #expect(first.decisionTime >= execution.schedule.start.nanoseconds)
    #expect(last.decisionTime < execution.schedule.end.nanoseconds)
    let shortfall = try #require(
      try execution.shortfall(
        contract: result.contract, closingHalfTicks: result.closingHalfTicks))
    #expect(shortfall.filledLots == 103 && shortfall.unfilledLots == 0)
    #expect(shortfall.fees == result.waterfall.fees && shortfall.opportunityCost == .zero)
    if case .optimal = plan {
      // Who minds risk sells more at first than later.
      let lots = execution.schedule.slices.map(\.lots)
      #expect(lots.first! > lots.last! && lots.reduce(0, +) == 103)
    }
  }

  @Test("without time, lots or sense are refused")
  func refused() {
    for change in [
      { $0.duration = .zero }, { $0.lots = 0 }, { $0.slices = 0 }, { $0.after = .seconds(-1) },
    ] as [(inout ParentOrder.Settings) -> Void] {
      #expect(throws: UsageError.self) { try ParentOrder(Self.settings(change)) }
    }
  }
}
