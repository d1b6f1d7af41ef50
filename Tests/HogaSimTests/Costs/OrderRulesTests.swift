import HogaCore
import HogaSim
import Testing

@Suite("Venue rules")
struct OrderRulesTests {
  typealias Refusal = RejectReason

  static func refusal(
    _ rules: OrderRules, _ side: Side = .buy, ticks: Int64? = 10_000, lots: Int64 = 10,
    mid: Int64? = 20_001, reducesOnly: Bool = false,
    instrument: Instrument = TestMarket.instrument
  ) throws -> Refusal? {
    try rules.refusal(
      of: side, ticks: ticks, lots: lots, midHalfTicks: mid, reducesOnly: reducesOnly,
      contract: Contract(instrument))
  }

  @Test("turn away sizes below, above and off the steps")
  func sizes() throws {
    let rules = OrderRules(minimumLots: 5, lotStep: 5, maximumLots: 50)
    for (lots, expected) in [
      (0, .belowMinimumSize), (4, .belowMinimumSize), (5, nil), (7, .offLotStep), (50, nil),
      (51, .aboveMaximumSize), (.max, .aboveMaximumSize), (-5, .belowMinimumSize),
    ] as [(Int64, Refusal?)] {
      #expect(try Self.refusal(rules, lots: lots) == expected)
    }
    #expect(try Self.refusal(.none, lots: 0) == .belowMinimumSize)
    #expect(try Self.refusal(.none, ticks: nil, lots: .max, mid: nil) == nil)
  }

  @Test("turn away small worths, but not of orders that only reduce")
  func worth() throws {
    // 10 lots at 100 are worth 1.
    let rules = OrderRules(minimumWorth: Money(units: 1_000_000_000_000_000_000))
    #expect(try Self.refusal(rules) == nil)
    #expect(try Self.refusal(rules, ticks: 9999) == .belowMinimumWorth)
    #expect(try Self.refusal(rules, ticks: 9999, reducesOnly: true) == nil)
    #expect(try Self.refusal(rules, ticks: nil, mid: 19_999) == .belowMinimumWorth)
    #expect(try Self.refusal(rules, ticks: nil, mid: 20_000) == nil)
    #expect(try Self.refusal(rules, ticks: nil, mid: nil) == nil)
    // 5 contracts of 100 USD at 1000 are half a coin.
    let inverse = OrderRules(minimumWorth: Money(units: 500_000_000_000_000_000))
    #expect(try Self.refusal(inverse, lots: 5, instrument: TestMarket.inverse) == nil)
    #expect(
      try Self.refusal(inverse, lots: 4, instrument: TestMarket.inverse) == .belowMinimumWorth)
    #expect(throws: DataError.self) {
      try Self.refusal(inverse, ticks: 0, instrument: TestMarket.inverse)
    }
  }

  @Test("turn away prices beyond the band of their side, exactly at its edge")
  func bands() throws {
    // 1 % around a mid of 10,000.5: 9900.495 … 10,100.505.
    let rules = OrderRules(
      buyBand: .init(above: 10_000), sellBand: .init(below: 10_000, above: 20_000))
    for (side, ticks, expected) in [
      (.buy, 10_100, nil), (.buy, 10_101, .beyondPriceBand), (.buy, 1, nil), (.sell, 9901, nil),
      (.sell, 9900, .beyondPriceBand), (.sell, 10_200, nil), (.sell, 10_201, .beyondPriceBand),
    ] as [(Side, Int64, Refusal?)] {
      #expect(try Self.refusal(rules, side, ticks: ticks) == expected)
      #expect(try Self.refusal(rules, side, ticks: ticks, mid: nil) == nil)
      #expect(try Self.refusal(rules, side, ticks: nil) == nil)
    }
    // 10,000 ± 1 %: the edge itself is within.
    #expect(try Self.refusal(rules, .sell, ticks: 9900, mid: 20_000) == nil)
    let limits = OrderRules(
      lowestPrice: Price(ticks: 7000), highestPrice: Price(ticks: 13_000))
    for (ticks, expected) in [
      (6999, .beyondPriceLimits), (7000, nil), (13_000, nil), (13_001, .beyondPriceLimits),
    ] as [(Int64, Refusal?)] {
      #expect(try Self.refusal(limits, ticks: ticks, mid: nil) == expected)
    }
  }

  @Test("refuse to be senseless")
  func validation() throws {
    try OrderRules.none.validate()
    for rules in [
      OrderRules(minimumLots: 0), OrderRules(lotStep: 0),
      OrderRules(minimumLots: 6, lotStep: 5, maximumLots: 9),
      OrderRules(minimumWorth: Money(units: -1)), OrderRules(buyBand: .init(below: -1)),
      OrderRules(lowestPrice: Price(ticks: 2), highestPrice: Price(ticks: 1)),
    ] {
      #expect(throws: UsageError.self) { try rules.validate() }
    }
  }
}
