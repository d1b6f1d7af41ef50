import HogaCore
import HogaSim
import Testing

@Suite("Accounts")
struct AccountTests {
  @Test("lose exactly spread and fees in a round trip without a price move")
  func roundTrip() throws {
    var market = FillRuleTests.market()
    market.update(1000, bids: [(9000, 1)])
    var script = Script([(100, { $0.buy(10) }), (200, { $0.sell(10) })])
    let result = try play(&script, on: market)
    // 10 lots of 0.001: spread 0.04 · 0.01; fees 500 ppm of 1.0002 and 0.9998.
    #expect(result.waterfall.gross == .zero)
    #expect(result.waterfall.latency == .zero && result.waterfall.walk == .zero)
    #expect("\(result.waterfall.spread)" == "0.0004")
    #expect("\(result.waterfall.fees)" == "0.001")
    #expect("\(result.net)" == "-0.0014")
    #expect("\(result.account.cash)" == "99999.9986")
    #expect(result.tradeStatistics.roundTripCount == 1 && result.tradeStatistics.winCount == 0)
    #expect(result.tradeStatistics.averageHolding == .milliseconds(100))
  }

  @Test("split the cost of a fill into latency, spread, walk and fee")
  func waterfall() throws {
    var market = FillRuleTests.market()
    // While the order travels, the mid moves from 100.00 to 100.10.
    market.snapshot(105, bids: [(10008, 5)], asks: [(10012, 10), (10020, 10)])
    market.snapshot(500, bids: [(10098, 5)], asks: [(10102, 10)])
    var script = Script([(100, { $0.buy(20) })])
    var settings = SimulationSettings.test()
    settings.latency.entry = .constant(.milliseconds(10))
    let result = try play(&script, on: market, settings)
    #expect("\(result.waterfall.gross)" == "0.02")  // 20 lots · 1.00
    #expect("\(result.waterfall.latency)" == "0.002")  // 20 lots · 0.10
    #expect("\(result.waterfall.spread)" == "0.0004")  // 20 lots · 0.02
    #expect("\(result.waterfall.walk)" == "0.0008")  // 10 lots · 0.08
    #expect("\(result.waterfall.fees)" == "0.0010016")  // 500 ppm of 2.0032 in two fills
    #expect("\(result.net)" == "0.0157984")
  }

  @Test("earn the spread as a maker, and the fee is the maker's")
  func maker() throws {
    var market = FillRuleTests.market()
    market.trade(200, 9997, 10, .sell)
    market.update(1000, bids: [(9000, 1)])
    var script = Script([(100, { $0.buy(10, .postOnly(Price(ticks: 9998))) })])
    let result = try play(&script, on: market)
    #expect("\(result.waterfall.spread)" == "-0.0002")
    #expect("\(result.waterfall.fees)" == "0.00009998")
  }

  @Test("settle inverse contracts in the base currency")
  func inverse() throws {
    var market = TestMarket()
    market.snapshot(0, bids: [(499_990, 500)], asks: [(500_000, 500)])
    market.snapshot(500, bids: [(550_000, 500)], asks: [(550_010, 500)])
    market.update(1000, bids: [(9000, 1)])
    var script = Script([(100, { $0.buy(100) }), (600, { $0.sell(100) })])
    let settings = SimulationSettings.test(
      fees: FeeSchedule(makerPartsPerMillion: 0, takerPartsPerMillion: 500), capital: 1)
    let result = try play(&script, on: market, settings, instrument: TestMarket.inverse)
    // 100 contracts of 100 USD: 10⁴ · (1/50000 − 1/55000) BTC, fees on 0.2 and 0.1818… BTC.
    let expected = 10_000 * (1 / 50_000.0 - 1 / 55_000.0) - 0.0005 * (0.2 + 10_000 / 55_000.0)
    #expect(abs(result.net.value - expected) < 1e-15)
    let closing = (550_000.0 + 550_010) / 2 / 10
    #expect(abs(result.netInQuote - expected * closing) < 1e-9)
  }

  @Test("round fees up, also rebates, to the unit")
  func feeRounding() throws {
    let contract = try Contract(TestMarket.instrument)
    // One tick of one lot is 10¹³ units.
    #expect(try contract.value(lots: 1, halfTicks: 2).units == 10_000_000_000_000)
    #expect(try contract.fee(lots: 1, ticks: 1, partsPerMillion: 500).units == 5_000_000_000)
    let inverse = try Contract(TestMarket.inverse)
    // 100 USD at 30000.1: 100/30000.1 BTC · 500 ppm, not a whole number of units.
    let worth = Int128(100) * 10 * 1_000_000_000_000_000_000 / 300_001
    let fee = try inverse.fee(lots: 1, ticks: 300_001, partsPerMillion: 500).units
    #expect(fee * 1_000_000 >= worth * 500 && (fee - 1) * 1_000_000 < worth * 500)
    let rebate = try inverse.fee(lots: 1, ticks: 300_001, partsPerMillion: -500).units
    #expect(rebate * 1_000_000 >= worth * -500 && (rebate - 1) * 1_000_000 < worth * -500)
  }

  @Test("refuse units that do not fit, and amounts that are too large")
  func overflow() throws {
    var instrument = TestMarket.instrument
    instrument.sizeDecimals = 17
    #expect(throws: UsageError.self) { try Contract(instrument) }
    instrument = TestMarket.instrument
    instrument.multiplier = 1.0 / 3
    #expect(throws: UsageError.self) { try Contract(instrument) }
    let contract = try Contract(TestMarket.instrument)
    #expect(throws: DataError.self) { try contract.value(lots: .max, halfTicks: .max) }
    let inverse = try Contract(TestMarket.inverse)
    #expect(throws: DataError.self) { try inverse.value(lots: 1, halfTicks: 0) }
  }

  @Test("read figures as the decimals they were written as")
  func money() throws {
    #expect(try Money(0.1).units == 100_000_000_000_000_000)
    #expect(try "\(Money(-1234.5))" == "-1234.5")
    #expect(throws: UsageError.self) { try Money(.nan) }
    #expect(throws: UsageError.self) { try Money(1e16) }
  }

  @Test("split a fill that crosses zero between two round trips")
  func flip() throws {
    var market = FillRuleTests.market()
    market.update(1000, bids: [(9000, 1)])
    var script = Script([
      (100, { $0.buy(4) }), (200, { $0.sell(10) }), (300, { $0.buy(6) }), (400, { $0.buy(1) }),
    ])
    let result = try play(&script, on: market)
    #expect(result.roundTrips.map(\.side) == [.buy, .sell, .buy])
    #expect(result.roundTrips.map(\.lots) == [4, 6, 1])
    #expect(result.tradeStatistics.openCount == 1)
    let closed = result.roundTrips[0].net + result.roundTrips[1].net
    // Spread 0.04 on 10 lots, and the fees of the first three fills.
    let fees = result.fillLog.prefix(3).reduce(Money.zero) { $0 + $1.fee }
    #expect(-closed == Money(units: 400_000_000_000_000) + fees)
  }
}
