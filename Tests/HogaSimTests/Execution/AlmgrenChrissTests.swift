import HogaCore
import HogaSim
import Testing

@Suite("Almgren–Chriss")
struct AlmgrenChrissTests {
  /// The paper's example: a million shares in five days.
  static func paper(_ riskAversion: Double, intervals: Int = 5) throws -> AlmgrenChriss {
    try AlmgrenChriss(
      quantity: 1e6, horizon: 5, intervals: intervals,
      market: .init(
        volatility: 0.95, temporaryImpact: 2.5e-6, permanentImpact: 2.5e-7, fixedCost: 0.0625),
      riskAversion: riskAversion)
  }

  @Test("has the published cost and risk")
  func published() throws {
    let careful = try Self.paper(1e-6)
    #expect(abs(careful.expectedCost - 911_226.99) < 0.005)
    #expect(abs(careful.standardDeviation - 603_430.67) < 0.005)
    let cheap = try Self.paper(0)
    #expect(abs(cheap.expectedCost - 662_500.0) < 1e-6)
    #expect(abs(cheap.standardDeviation - 1_040_672.86) < 0.005)
    #expect(cheap.trades.allSatisfy { abs($0 - 200_000) < 1e-6 } && cheap.urgency == 0)
  }

  @Test("is the closed form in eighty digits, and what a numerical optimiser finds")
  func fixture() throws {
    let cases = try #require(try executionFixture()["almgren_chriss"]).elements
    #expect(cases.count == 10)
    for item in cases {
      let execution = try AlmgrenChriss(
        quantity: item.number("quantity"), horizon: item.number("horizon"),
        intervals: Int(item.number("intervals")),
        market: .init(
          volatility: item.number("volatility"), temporaryImpact: item.number("temporary"),
          permanentImpact: item.number("permanent"), fixedCost: item.number("fixed")),
        riskAversion: item.number("risk_aversion"))
      func agree(_ value: Double, _ expected: Double, _ tolerance: Double, _ size: Double = 0)
        -> Bool
      {
        abs(value - expected) <= tolerance * max(abs(expected), size)
      }
      let quantity = execution.quantity
      #expect(agree(execution.urgency, item.number("urgency"), 1e-13))
      #expect(agree(execution.expectedCost, item.number("expected_cost"), 1e-13))
      #expect(agree(execution.variance, item.number("variance"), 1e-12))
      for (held, expected) in zip(execution.holdings, item.numbers("holdings")) {
        #expect(agree(held, expected, 1e-12))
      }
      guard item["optimised_objective"] != nil else { continue }
      let least = execution.expectedCost + execution.riskAversion * execution.variance
      #expect(agree(least, item.number("optimised_objective"), 1e-12))
      // The minimum is flat, so the place is known to fewer digits than the value. Without risk the
      // case of zero volatility has the even split too.
      for (trade, expected) in zip(execution.trades, item.numbers("optimised_trades")) {
        #expect(agree(trade, expected, 1e-6, quantity))
      }
    }
  }

  @Test("has its limits: no risk aversion, one interval, and urgency beyond any exponent")
  func limits() throws {
    let straight = try Self.paper(0)
    for (almost, exact) in zip(try Self.paper(1e-30).holdings, straight.holdings) {
      #expect(abs(almost - exact) < 1e-6)
    }
    for riskAversion in [0, 1e-6, 1e300] {
      let once = try Self.paper(riskAversion, intervals: 1)
      #expect(once.trades == [1e6] && once.variance == 0)
    }
    // sinh κT would overflow: all of it goes at once.
    let urgent = try Self.paper(1e300, intervals: 1000)
    #expect(urgent.holdings[0] == 1e6 && urgent.trades[0] == 1e6)
    #expect(urgent.holdings.dropFirst().allSatisfy { $0 >= 0 && $0 < 1e-6 })
    #expect(urgent.expectedCost.isFinite && urgent.urgency.isFinite)
  }

  @Test("trades less risk for more cost along the frontier, all of it in falling pieces")
  func frontier() throws {
    let points = try Self.paper(0, intervals: 20).frontier([0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4])
    for (left, right) in zip(points, points.dropFirst()) {
      #expect(left.expectedCost < right.expectedCost && left.variance > right.variance)
      #expect(left.urgency < right.urgency)
    }
    for point in points {
      #expect(abs(point.trades.reduce(0, +) - 1e6) < 1e-6)
      for (first, next) in zip(point.trades, point.trades.dropFirst()) {
        #expect(next <= first * (1 + 1e-12) && next >= 0)
      }
    }
  }

  @Test("refuses markets without sense")
  func validation() {
    func make(_ temporary: Double, _ permanent: Double, quantity: Double = 1) throws {
      _ = try AlmgrenChriss(
        quantity: quantity, horizon: 1, intervals: 1,
        market: .init(
          volatility: 1, temporaryImpact: temporary, permanentImpact: permanent, fixedCost: 0),
        riskAversion: 0)
    }
    #expect(throws: UsageError.self) { try make(1, 2) }
    #expect(throws: UsageError.self) { try make(0, 0) }
    #expect(throws: UsageError.self) { try make(1, -1) }
    #expect(throws: UsageError.self) { try make(1, 0, quantity: .infinity) }
    #expect(throws: UsageError.self) { try Self.paper(-1) }
    #expect(throws: UsageError.self) { try Self.paper(.nan) }
    #expect(throws: UsageError.self) { try Self.paper(0, intervals: 0) }
  }
}
