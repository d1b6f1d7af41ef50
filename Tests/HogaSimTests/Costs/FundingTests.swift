import HogaCore
import HogaSim
import Testing

@Suite("Funding")
struct FundingTests {
  @Test("is what the long pays and the short receives, up to a unit against each")
  func zeroSum() throws {
    var random = SeededRandom(1)
    for instrument in [TestMarket.instrument, TestMarket.inverse] {
      let contract = try Contract(instrument)
      for _ in 0..<2000 {
        let position = Int64.random(in: 1...100_000, using: &random)
        let rate = Int64.random(in: -5_000_000...5_000_000, using: &random)
        let ticks = Int64.random(in: 1...10_000_000, using: &random)
        func paid(_ position: Int64) throws -> Int128 {
          try FundingSchedule.payment(
            position: position, mark: 2 * ticks, rate: rate, contract: contract
          ).units
        }
        let long = try paid(position)
        let short = try paid(-position)
        #expect((-1...0).contains(long + short))
        if rate != 0 { #expect((long < 0) == (rate > 0) && (short < 0) == (rate < 0)) }
        // ⌊−worth · rate⌋ as a fraction.
        let (top, bottom) = worth(contract, lots: position, ticks: ticks)
        let exact = -top * Int128(rate)
        #expect(long * bottom * 1_000_000_000 <= exact)
        #expect((long + 1) * bottom * 1_000_000_000 > exact)
        // Whoever splits a position among accounts gains nothing.
        let part = Int64.random(in: 0...position, using: &random)
        #expect(try (long - 1...long).contains(paid(part) + paid(position - part)))
      }
    }
  }

  @Test("has the amounts of a linear and of an inverse contract, and fits the largest worth")
  func amounts() throws {
    // One unit at 60,000: 0.01 % is 6.
    let linear = try Contract(TestMarket.instrument)
    func paid(_ position: Int64, _ mark: Int64, _ rate: Int64, _ contract: Contract) throws
      -> String
    {
      "\(try FundingSchedule.payment(position: position, mark: mark, rate: rate, contract: contract))"
    }
    #expect(try paid(1000, 12_000_000, 100_000, linear) == "-6")
    #expect(try paid(-1000, 12_000_000, 100_000, linear) == "6")
    #expect(try paid(-1000, 12_000_000, -100_000, linear) == "-6")
    #expect(try paid(0, 12_000_000, 100_000, linear) == "0")
    // 600 contracts of 100 USD at 60,000 are 1 BTC.
    let inverse = try Contract(TestMarket.inverse)
    #expect(try paid(600, 1_200_000, 100_000, inverse) == "-0.0001")
    #expect(try paid(-600, 1_200_000, 100_000, inverse) == "0.0001")
    // 10¹⁵ at nearly 100 %: the product with the rate does not fit 128 bits.
    #expect(
      try paid(1_000_000_000, 200_000_000_000, 999_999_999, linear) == "-999999999000000")
    #expect(throws: DataError.self) { try paid(1, 0, 1, inverse) }
    #expect(throws: DataError.self) { try paid(1, 2, 1_000_000_000, linear) }
  }

  static func table(
    _ rows: [(symbol: String, time: Int64, rate: Double, mark: Double)]
  ) -> Frame {
    Frame([
      ("symbol", .category(Categories(rows.map(\.symbol)))),
      ("time", .timestamp(rows.map(\.time))), ("rate", .double(rows.map(\.rate))),
      ("mark_price", .double(rows.map(\.mark))),
    ])
  }

  @Test("comes from the lake's table: its symbol's rows, billionths and half ticks")
  func table() throws {
    let contract = try Contract(TestMarket.instrument)
    let schedule = try FundingSchedule(
      Self.table([
        ("OTHER", 5, 0.9, 1), ("TEST", 10, 0.0001, .nan), ("TEST", 15, .nan, 7),
        ("TEST", 20, -0.000_012_5, 100.004), ("TEST", 30, 0.000_012_345_678_9, 100),
      ]), contract: contract)
    #expect(schedule.markOnlyCount == 1 && schedule.roundedRateCount == 1)
    var cursor = FundingCursor(schedule, after: 9)
    #expect(cursor.nextTime == 10)
    #expect(cursor.pop() == .init(time: 10, rate: 100_000))
    #expect(cursor.pop() == .init(time: 20, rate: -12_500, markHalfTicks: 20_001))
    #expect(cursor.pop() == .init(time: 30, rate: 12_346, markHalfTicks: 20_000))
    #expect(cursor.nextTime == .max)
    #expect(FundingCursor(schedule, after: 10).nextTime == 20)
    #expect(FundingCursor(schedule, after: 30).nextTime == .max)
    #expect(FundingCursor(.none, after: 0).nextTime == .max)
  }

  @Test("refuses rows that make no sense, and names them")
  func refusals() throws {
    let contract = try Contract(TestMarket.instrument)
    for (rows, row, column) in [
      ([("TEST", 10, 0.1, 1), ("TEST", 10, 0.1, 1)], 2, "time"),
      ([("TEST", 10, 1, 1)], 1, "rate"), ([("TEST", 10, .nan, .nan)], 1, "rate"),
      ([("TEST", 10, -.infinity, 1)], 1, "rate"), ([("TEST", 10, 0, 0)], 1, "mark_price"),
      ([("TEST", 10, 0, .infinity)], 1, "mark_price"),
      ([("TEST", Column.missing, 0, 1)], 1, "time"),
    ] as [([(String, Int64, Double, Double)], Int, String)] {
      let error = #expect(throws: DataError.self) {
        try FundingSchedule(Self.table(rows.map { ($0.0, $0.1, $0.2, $0.3) }), contract: contract)
      }
      #expect(error?.row == row && error?.column == column)
    }
    #expect(throws: MissingInputError.self) {
      try FundingSchedule(Self.table([("OTHER", 1, 0.1, 1)]), contract: contract)
    }
    #expect(throws: DataError.self) {
      try FundingSchedule([.init(time: 1, rate: 1), .init(time: 0, rate: 1)])
    }
    #expect(throws: UsageError.self) { try FundingSchedule.constant(rate: 1_000_000_000) }
    #expect(throws: UsageError.self) { try FundingSchedule.constant(rate: 1, every: .zero) }
  }

  @Test("at a constant rate is paid at 00:00, 08:00 and 16:00 UTC")
  func constant() throws {
    let hour: Int64 = 3_600_000_000_000
    var cursor = FundingCursor(try .constant(rate: 100_000), after: 3 * hour)
    #expect((0..<3).map { _ in cursor.pop().time / hour } == [8, 16, 24])
    #expect(FundingCursor(try .constant(rate: 1), after: 8 * hour).nextTime == 16 * hour)
    #expect(FundingCursor(try .constant(rate: 1), after: -1).nextTime == 0)
    #expect(FundingCursor(try .constant(rate: 1), after: .max - 1).nextTime == .max)
  }
}
