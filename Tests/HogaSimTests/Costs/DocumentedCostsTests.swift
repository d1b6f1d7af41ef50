import HogaCore
import HogaSim
import HogaTestKit
import Testing

// Begin of the code in Docs/costs.md.
func costs() throws -> [String] {
  let instrument = Instrument(venue: "v", symbol: "PERP", priceDecimals: 1, sizeDecimals: 3)
  let contract = try Contract(instrument)
  // 0.02 % and 0.05 %; a rebate for makers once ten million were traded in thirty days.
  var meter = try FeeMeter(
    FeeSchedule(tiers: [
      .init(from: .zero, makerPartsPerMillion: 200, takerPartsPerMillion: 500),
      .init(from: try Money(1e7), makerPartsPerMillion: -50, takerPartsPerMillion: 300),
    ]))
  let fee = try meter.fee(
    lots: 1000, ticks: 600_000, isMaker: false, at: 0, contract: contract)
  // Long one unit, marked at 60,000.0, at 0.01 %: the long pays.
  let funding = try FundingSchedule.payment(
    position: 1000, mark: 1_200_000, rate: 100_000, contract: contract)
  // Bought with a capital of 6000, kept down to 0.5 % of worth.
  let rules = try MarginRules(initialPartsPerMillion: 100_000, maintenancePartsPerMillion: 5000)
  let liquidation = try rules.liquidationHalfTicks(
    cash: try Money(-54_000), position: 1000, contract: contract)
  // Fifty ticks for the first unit, twice that for four, fading over a minute.
  var impact = try ImpactState(
    .propagator(Propagator(ticks: 50, referenceLots: 1000, kernel: .exponential(.seconds(60)))))
  impact.executed(side: .buy, lots: 4000, at: 0)
  let later = try impact.concession(side: .buy, lots: 1, at: 60_000_000_000)
  return ["\(fee)", "\(funding)", "\(liquidation ?? 0)", "\(later)"]
}
// End of the code in Docs/costs.md.

@Suite("The guide to costs")
struct DocumentedCostsTests {
  @Test("shows figures that come out")
  func figures() throws {
    #expect(try costs() == ["30", "-6", "1085427", "37"])
  }

  @Test("shows the code that is compiled here")
  func matches() throws {
    let code = try Repository.code(in: #filePath, of: "Docs/costs.md")
    #expect(!code.isEmpty)
    #expect(try Repository.text("Docs/costs.md").contains(code))
  }
}
