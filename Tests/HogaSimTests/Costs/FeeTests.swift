import HogaCore
import HogaSim
import Testing

/// The worth of lots of the tests' instruments in money units, as a fraction, from its definition.
func worth(_ contract: Contract, lots: Int64, ticks: Int64) -> (top: Int128, bottom: Int128) {
  // Linear: 0.001 units at 0.01. Inverse: 100 USD at 0.1, so 1000 over the ticks in base currency.
  contract.instrument.settlement == .linear
    ? (Int128(lots) * Int128(ticks) * 10_000_000_000_000, 1)
    : (Int128(lots) * 1000 * 1_000_000_000_000_000_000, Int128(ticks))
}

@Suite("Fees")
struct FeeTests {
  static let second: Int64 = 1_000_000_000
  static let day: Int64 = 86_400 * second

  static func money(_ amount: Int64) -> Money {
    Money(units: Int128(amount) * 1_000_000_000_000_000_000)
  }

  static func tiered(_ window: Int = 30, starting: Int64 = 0) throws -> FeeSchedule {
    try FeeSchedule(
      tiers: [
        .init(from: .zero, makerPartsPerMillion: 200, takerPartsPerMillion: 500),
        .init(from: money(1000), makerPartsPerMillion: 100, takerPartsPerMillion: 400),
        .init(from: money(5000), makerPartsPerMillion: -50, takerPartsPerMillion: 300),
      ], windowDays: window, startingVolume: money(starting))
  }

  @Test(
    "are never less than the exact share of the worth, nor a unit more", arguments: UInt64(0)..<20)
  func exactness(seed: UInt64) throws {
    var random = SeededRandom(seed)
    for instrument in [TestMarket.instrument, TestMarket.inverse] {
      let contract = try Contract(instrument)
      for _ in 0..<200 {
        let parts = Int64.random(in: -1000...1000, using: &random)
        let perLot = Int128.random(in: -1000...1_000_000, using: &random)
        var schedule = FeeSchedule(makerPartsPerMillion: parts, takerPartsPerMillion: -parts)
        schedule.makerPerLot = Money(units: perLot)
        let lots = Int64.random(in: 1...10_000, using: &random)
        let ticks = Int64.random(in: 1...10_000_000, using: &random)
        let (top, bottom) = worth(contract, lots: lots, ticks: ticks)
        for isMaker in [true, false] {
          var meter = try FeeMeter(schedule)
          let fee = try meter.fee(
            lots: lots, ticks: ticks, isMaker: isMaker, at: 0, contract: contract)
          let share = fee.units - (isMaker ? perLot * Int128(lots) : 0)
          let exact = top * Int128(isMaker ? parts : -parts)
          #expect(share * bottom * 1_000_000 >= exact)
          #expect((share - 1) * bottom * 1_000_000 < exact)
        }
      }
    }
  }

  @Test("follow the tier of the days before, as a list of all fills has it", arguments: 0..<10)
  func tiers(seed: Int) throws {
    var random = SeededRandom(UInt64(seed))
    let contract = try Contract(TestMarket.instrument)
    let window = [1, 2, 7, 30][seed % 4]
    let schedule = try Self.tiered(window)
    var meter = try FeeMeter(schedule)
    var fills: [(day: Int64, worth: Int128)] = []
    var time: Int64 = -40 * Self.day
    for _ in 0..<400 {
      let step = random.next() % 20
      time += Int64(random.next() % UInt64(step == 0 ? 45 * Self.day : Self.day / 2))
      let day = time.floorDivided(by: Self.day)
      let lots = Int64.random(in: 1...10_000, using: &random)
      let fee = try meter.fee(
        lots: lots, ticks: 10_000, isMaker: false, at: time, contract: contract)
      let volume = fills.reduce(Int128(0)) {
        $1.day < day && $1.day >= day - Int64(window) ? $0 + $1.worth : $0
      }
      #expect(meter.volume.units == volume)
      let parts: Int128 =
        volume >= Self.money(5000).units ? 300 : volume >= Self.money(1000).units ? 400 : 500
      let worth = Int128(lots) * 10_000 * 10_000_000_000_000
      #expect(fee.units == worth * parts / 1_000_000)
      fills.append((day, worth))
    }
  }

  @Test("do not change within a day, and change at midnight UTC")
  func midnight() throws {
    let contract = try Contract(TestMarket.instrument)
    var meter = try FeeMeter(Self.tiered())
    func fee(_ time: Int64, _ lots: Int64 = 1000) throws -> String {
      "\(try meter.fee(lots: lots, ticks: 10_000, isMaker: true, at: time, contract: contract))"
    }
    #expect(try fee(0, 60_000) == "1.2")  // 60 units at 100: 6000 at 0.02 %
    #expect(try fee(Self.day - 1) == "0.02")
    #expect(try fee(Self.day) == "-0.005")  // a rebate of 0.005 % from 5000 on
    #expect(try fee(Self.day - 5) == "-0.005")  // a clock that falls back stays on the later day
    #expect(meter.volumeToday == Self.money(200))
    #expect(try fee(30 * Self.day + 1) == "-0.005")  // day 0 is the oldest of the thirty
    #expect(try fee(31 * Self.day) == "0.02")
  }

  @Test("let a starting volume leave the window day by day")
  func startingVolume() throws {
    let contract = try Contract(TestMarket.instrument)
    let schedule = try Self.tiered(30, starting: 1500)
    #expect(schedule.takerRoundTripBasisPoints == 8)
    var meter = try FeeMeter(schedule)
    #expect(meter.tier.takerPartsPerMillion == 400)
    for day in 0..<40 {
      _ = try meter.fee(
        lots: 1, ticks: 1, isMaker: true, at: Int64(day) * Self.day, contract: contract)
      #expect(meter.tier.takerPartsPerMillion == (day <= 10 ? 400 : 500))
    }
  }

  @Test("refuse schedules without sense")
  func validation() throws {
    #expect(throws: UsageError.self) { try FeeSchedule(tiers: []) }
    #expect(throws: UsageError.self) {
      try FeeSchedule(tiers: [
        .init(from: Self.money(1), makerPartsPerMillion: 0, takerPartsPerMillion: 0)
      ])
    }
    var schedule = try Self.tiered()
    schedule.tiers.swapAt(0, 1)
    #expect(throws: UsageError.self) { try FeeMeter(schedule) }
    #expect(throws: UsageError.self) {
      try FeeMeter(FeeSchedule(makerPartsPerMillion: 0, takerPartsPerMillion: 100_001))
    }
    schedule = .none
    schedule.windowDays = 0
    #expect(throws: UsageError.self) { try FeeMeter(schedule) }
    let contract = try Contract(TestMarket.inverse)
    var meter = try FeeMeter(.none)
    #expect(throws: DataError.self) {
      try meter.fee(lots: 1, ticks: 0, isMaker: true, at: 0, contract: contract)
    }
    #expect(throws: DataError.self) {
      try meter.fee(lots: 1, ticks: .max, isMaker: true, at: 0, contract: contract)
    }
  }
}
