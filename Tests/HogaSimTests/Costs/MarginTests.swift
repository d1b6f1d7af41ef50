import HogaCore
import HogaSim
import Testing

@Suite("Margin")
struct MarginTests {
  static func money(_ amount: Int64) -> Money { FeeTests.money(amount) }

  /// 0.4 % up to 50,000, 0.5 % above, 1 % above 250,000.
  static func rules() throws -> MarginRules {
    try MarginRules(
      tiers: [
        .init(initialPartsPerMillion: 8000, maintenancePartsPerMillion: 4000),
        .init(
          from: money(50_000), initialPartsPerMillion: 10_000, maintenancePartsPerMillion: 5000),
        .init(
          from: money(250_000), initialPartsPerMillion: 20_000, maintenancePartsPerMillion: 10_000),
      ], liquidationFeePartsPerMillion: 12_500)
  }

  @Test("is charged by the tier initially, and slice by slice for maintenance")
  func tiers() throws {
    let rules = try Self.rules()
    for (worth, initial, maintenance) in [
      (10_000, "80", "40"), (50_000, "500", "200"), (100_000, "1000", "450"),
      (250_000, "5000", "1200"), (300_000, "6000", "1700"),
    ] as [(Int64, String, String)] {
      #expect("\(rules.initialMargin(worth: Self.money(worth)))" == initial)
      // Rate times worth less the "maintenance amount": 0.5 % − 50, 1 % − 1300.
      #expect("\(rules.maintenanceMargin(worth: Self.money(worth)))" == maintenance)
    }
    #expect(rules.maintenanceMargin(worth: Money(units: 1)).units == 1)
    #expect(rules.initialMargin(worth: .zero) == .zero)
    let whole = try MarginRules(
      initialPartsPerMillion: 1_000_000, maintenancePartsPerMillion: 999_999)
    let largest = Self.money(1_000_000_000_000_000)
    #expect("\(whole.maintenanceMargin(worth: largest))" == "999999000000000")
  }

  @Test("is gone at the price that the closed form names, whatever the rules", arguments: 0..<40)
  func bruteForce(seed: Int) throws {
    var random = SeededRandom(UInt64(seed))
    var found = 0
    for instrument in [TestMarket.instrument, TestMarket.inverse] {
      let contract = try Contract(instrument)
      let isInverse = instrument.settlement == .inverse
      for _ in 0..<20 {
        // A worth at 1000 half ticks, and tiers around it.
        let lots = Int64.random(in: 1...1_000_000, using: &random)
        let size = abs(try contract.value(lots: lots, halfTicks: 1000).units)
        var tiers = [
          MarginRules.Tier(initialPartsPerMillion: 500_000, maintenancePartsPerMillion: 0)
        ]
        tiers[0].maintenancePartsPerMillion = .random(in: 0...100_000, using: &random)
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          var tier = tiers[tiers.count - 1]
          tier.from.units += Int128.random(in: 1...size, using: &random)
          tier.maintenancePartsPerMillion += .random(in: 0...100_000, using: &random)
          tiers.append(tier)
        }
        let rules = try MarginRules(tiers: tiers)
        let position = Bool.random(using: &random) ? lots : -lots
        let entry = Int64.random(in: 200...2000, using: &random)
        let capital = Int128.random(in: -size / 20...size, using: &random)
        let cash =
          Money(units: capital) - (try contract.value(lots: position, halfTicks: entry))
        let price = try rules.liquidationHalfTicks(
          cash: cash, position: position, contract: contract)
        if let price, price < 3000 {
          found += 1
          // The closed form itself, which a search around it could hide.
          let exact = try rules.closedForm(cash: cash, position: position, contract: contract)
          #expect(abs(exact - price) <= 1)
        }
        for mark in Int64(1)...3000 {
          let isOver = try rules.isLiquidated(
            cash: cash, position: position, markHalfTicks: mark, contract: contract)
          let expected = position > 0 ? mark <= price ?? 0 : mark >= price ?? .max
          guard isOver == expected else {
            Issue.record(
              "\(isInverse) \(position) \(cash) at \(mark): \(String(describing: price))")
            break
          }
        }
      }
    }
    #expect(found > 10)
  }

  @Test("names the textbook's liquidation prices")
  func textbook() throws {
    let rules = try MarginRules(initialPartsPerMillion: 100_000, maintenancePartsPerMillion: 4000)
    let linear = try Contract(TestMarket.instrument)
    // One unit bought at 10,000 with 1000: (10,000 − 1000)/(1 − 0.004) = 9036.14…
    let long = try rules.liquidationHalfTicks(
      cash: Self.money(-9000), position: 1000, contract: linear)
    #expect(long == 1_807_228)
    // Sold: 11,000/1.004 = 10,956.17…, first reached at the next half tick.
    let short = try rules.liquidationHalfTicks(
      cash: Self.money(11_000), position: -1000, contract: linear)
    #expect(short == 2_191_236)
    #expect(
      try rules.liquidationHalfTicks(cash: .zero, position: 1000, contract: linear) == nil)
    #expect(try rules.liquidationHalfTicks(cash: .zero, position: 0, contract: linear) == nil)
    // 100 contracts of 100 USD bought at 10,000, which are 1 BTC, with 0.1 BTC: the worth may rise
    // to (1 + 0.1)/1.004 BTC, so 10,000/(1.1/1.004) = 9127.27…
    let inverse = try Contract(TestMarket.inverse)
    let base = try rules.liquidationHalfTicks(
      cash: Money(units: 1_100_000_000_000_000_000), position: 100, contract: inverse)
    #expect(base == 182_545)
    // A short one without debt is never liquidated; a long one without cash always is.
    #expect(try rules.liquidationHalfTicks(cash: .zero, position: -1, contract: inverse) == nil)
    #expect(
      try rules.liquidationHalfTicks(cash: .zero, position: 1, contract: inverse)
        == 200_000_000_000_000_000)
    let fee = try Self.rules().liquidationFee(lots: 1000, ticks: 900_000, contract: linear)
    #expect("\(fee)" == "112.5")
  }

  @Test("lets an order be sent only if at its worst the initial margin is there")
  func affordable() throws {
    let rules = try MarginRules(initialPartsPerMillion: 100_000, maintenancePartsPerMillion: 50_000)
    let contract = try Contract(TestMarket.instrument)
    // Lots are worth 0.1 at 100; a capital of 100 carries 10,000 lots at 10 %.
    func affords(
      _ side: Side, _ lots: Int64, _ ticks: Int64 = 10_000, open: Int64 = 0, position: Int64 = 0,
      cash: Int64 = 100, fees: FeeSchedule = .none
    ) throws -> Bool {
      let value = try contract.value(lots: position, halfTicks: 20_000)
      return try rules.affords(
        side: side, lots: lots, ticks: ticks,
        .init(
          cash: Self.money(cash) - value, position: position, openLots: open,
          markHalfTicks: 20_000), fees: fees, contract: contract)
    }
    #expect(try affords(.buy, 10_000) && !affords(.buy, 10_001))
    #expect(try affords(.sell, 10_000) && !affords(.sell, 10_001))
    #expect(try affords(.buy, 4000, open: 6000) && !affords(.buy, 4001, open: 6000))
    #expect(try affords(.buy, 4000, position: 6000) && !affords(.buy, 4001, position: 6000))
    // A price beyond the mark loses at once; one on the near side is not a gain.
    #expect(try !affords(.buy, 10_000, 10_001) && affords(.buy, 9900, 10_005))
    #expect(try !affords(.buy, 10_001, 9000) && !affords(.sell, 10_001, 11_000))
    // Fees of 1 % count against it.
    let fees = FeeSchedule(makerPartsPerMillion: 0, takerPartsPerMillion: 10_000)
    #expect(try affords(.buy, 9090, fees: fees) && !affords(.buy, 9100, fees: fees))
    // A rebate does not help.
    let rebate = FeeSchedule(makerPartsPerMillion: 0, takerPartsPerMillion: -10_000)
    #expect(try !affords(.buy, 10_001, fees: rebate))
    // Reducing is always affordable; turning around has to be paid for.
    #expect(try affords(.sell, 50_000, position: 50_000))
    #expect(try !affords(.buy, 1, position: 50_000))
    #expect(try !affords(.sell, 100_000, position: 50_000))
    #expect(try affords(.sell, 60_000, position: 50_000))
    #expect(throws: DataError.self) { try affords(.buy, .max, open: 1) }
  }

  @Test("refuses rules without sense")
  func validation() {
    for tiers in [
      [], [.init(from: Money(units: 1), initialPartsPerMillion: 2, maintenancePartsPerMillion: 1)],
      [.init(initialPartsPerMillion: 1, maintenancePartsPerMillion: 2)],
      [.init(initialPartsPerMillion: 1_000_001, maintenancePartsPerMillion: 0)],
      [
        .init(initialPartsPerMillion: 3, maintenancePartsPerMillion: 2),
        .init(from: Money(units: 9), initialPartsPerMillion: 3, maintenancePartsPerMillion: 1),
      ],
    ] as [[MarginRules.Tier]] {
      #expect(throws: UsageError.self) { try MarginRules(tiers: tiers) }
    }
  }
}
