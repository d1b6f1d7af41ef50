import HogaBars
import HogaCore
import HogaSim
import HogaStatistics
import Testing

@Suite("Rules of bars")
struct RuleTests {
  private static func close(_ row: Int) -> Int64 {
    start.nanoseconds + Int64(row + 1) * minute.nanoseconds
  }
  private static let flat: [(Double, Double)?] = (0..<6).map { _ in (100, 100) }

  @Test("rounds sizes toward zero to whole steps, and leaves small orders unsent")
  func sizes() throws {
    let script = Script(weights: [
      Self.close(0): [0.3333], Self.close(1): [-0.3333], Self.close(2): [-0.3331],
      Self.close(3): [0],
    ])
    let result = try BarBacktest(settings(maximumWeight: 1)).run(
      script, on: market(Self.flat, lotStep: 5000, minimumNotional: Money(100)))
    #expect(result.fills.map(\.lots) == [330_000, -660_000, 330_000])
    let small = try BarBacktest(settings()).run(
      Script(weights: [
        Self.close(0): [0.5], Self.close(1): [0.505], Self.close(2): [0.004], Self.close(3): [0],
      ]), on: market(Self.flat, minimumNotional: Money(60)))
    // 50 more are too few; closing the last 40 is allowed.
    #expect(small.fills.map(\.lots) == [500_000, -496_000, -4000])
    #expect(small.belowMinimum == 1)
  }

  @Test("keeps what is not written, and trades within no band")
  func keeps() throws {
    let bars: [(Double, Double)?] = [(100, 100), (100, 100), (110, 110), (110, 110), (110, 110)]
    let once = try BarBacktest(settings()).run(
      Script(weights: [Self.close(0): [0.5]]), on: market(bars))
    #expect(once.fillCount == 1 && once.decisions == 5)
    let always: [Int64: [Double]] = Dictionary(
      uniqueKeysWithValues: (0..<5).map { (Self.close($0), [0.5]) })
    #expect(
      try BarBacktest(settings()).run(Script(weights: always), on: market(bars)).fillCount == 2)
    // After the rise the weight is 0.5238.
    let banded = try BarBacktest(settings(band: 0.03)).run(
      Script(weights: always), on: market(bars))
    #expect(banded.fillCount == 1)
  }

  @Test("scales weights down to the limit of gross exposure, cuts single ones, and counts both")
  func limits() throws {
    let bars = try RandomBars(seed: 2, symbols: 4, rows: 10, missing: 0).market
    let script = Script(weights: [Self.close(0): [0.9, -0.9, 3, .nan]])
    let result = try BarBacktest(settings(maximumGross: 1.4, maximumWeight: 1)).run(
      script, on: bars)
    #expect(result.scaledDecisions == 1 && result.cutWeights == 1)
    let weights = result.weightFrame.rows(2..<3)
    let expected = [0.9, -0.9, 1, 0].map { $0 * 1.4 / 2.8 }
    for (name, value) in zip(["S0", "S1", "S2", "S3"], expected) {
      #expect(abs(try weights.doubles(name)[0] - value) < 0.05)
    }
    for wrong in [Double.infinity, -.infinity] {
      #expect(throws: DataError.self) {
        try BarBacktest(settings()).run(
          Script(weights: [Self.close(0): [wrong, 0, 0, 0]]), on: bars)
      }
    }
  }

  @Test("closes everything at the next bar where equity is at most the maintenance margin")
  func liquidation() throws {
    let bars: [(Double, Double)?] = [
      (100, 100), (100, 100), (95, 88), nil, (82, 82), (120, 120), (120, 120),
    ]
    let costs = try BarCosts(takerPartsPerMillion: 0, liquidationPartsPerMillion: 5000)
    let always: [Int64: [Double]] = Dictionary(
      uniqueKeysWithValues: (0..<7).map { (Self.close($0), [5]) })
    func run(_ maintenance: Int64) throws -> BarResult {
      try BarBacktest(
        settings(costs: costs, maximumGross: 5, maximumWeight: 5, maintenance: maintenance)
      ).run(Script(weights: always), on: market(bars))
    }
    // 500 coins at 100 with 10,000; at 88 equity is 4,000 on a worth of 44,000: nine per cent.
    let result = try run(100_000)
    #expect(result.liquidation?.nanoseconds == Self.close(2))
    let forced = try #require(result.fills.last)
    // There is no next bar, so it is the one after.
    #expect(forced.isForced && forced.ticks == 820_000 && forced.lots == -5_000_000)
    #expect(forced.time == start.nanoseconds + 4 * minute.nanoseconds)
    #expect(try forced.fee == Money(205))
    #expect(try result.last.equity == Money(10_000 - 9000 - 205))
    #expect(result.fillCount == 2)  // and the strategy is not asked again
    #expect(try run(0).liquidation == nil)
    // A gap can lose more than there was; nobody is asked after that.
    let gap = try BarBacktest(settings(maximumGross: 5, maximumWeight: 5)).run(
      Script(weights: always),
      on: market([(100, 100), (100, 100), (70, 70), (70, 70), (200, 200)]))
    #expect(gap.liquidation != nil && gap.last.equity.value == -5000)
    #expect(gap.statistics.ruinTime != nil && gap.statistics.sharpe == nil)
  }

  @Test("fills no more than a share of a bar's volume, and tries the rest while it is patient")
  func participation() throws {
    let costs = try BarCosts(takerPartsPerMillion: 0, maximumParticipation: 0.1)
    func run(patience: Int) throws -> BarResult {
      try BarBacktest(settings(costs: costs, patience: patience, rebalance: .seconds(360))).run(
        Asked { _, targets in targets[0] = 0.9 },
        on: market(
          (0..<12).map { _ in (100, 100) },
          volume: [9, 9, 9, 9, 9, 9, 300, 0, 250, 400, 100, 100]))
    }
    let once = try run(patience: 1)
    #expect(once.fills.map(\.lots) == [300_000])
    #expect(once.unfilled.first { $0.reason == .participation }?.count == 1)
    #expect(once.unfilledWorth == 6000)
    let patient = try run(patience: 4)
    #expect(patient.fills.map(\.lots) == [300_000, 250_000, 350_000])
    #expect(patient.unfilledWorth == 0)
  }

  @Test("refuses bars that cannot be, and says where")
  func impossible() throws {
    func block(_ open: Double, _ high: Double, _ low: Double, _ close: Double, volume: Double = 1)
      throws -> BarMarket
    {
      try BarMarket(
        instruments: [BarInstrument(symbol: "AAA", priceDecimals: 2)],
        blocks: [
          BarBlock(
            start: start, interval: minute, rowCount: 2, symbolCount: 1, open: [100, open],
            high: [100, high], low: [100, low], close: [100, close], volume: [1, volume])
        ])
    }
    let wrong: [(BarMarket, String)] = try [
      (block(100, 99, 98, 98.5), "high"), (block(0, 1, 0, 1), "above zero"),
      (block(.nan, 1, 1, 1), "or none"), (block(1, .infinity, 1, 1), "below"),
      (block(1, 1, 1, 1, volume: -1), "volume"), (block(1, 2, 1, 1.001), "2 decimals"),
    ]
    for (market, part) in wrong {
      #expect {
        try BarBacktest(settings()).run(EqualWeight(), on: market)
      } throws: { error in
        let text = "\(error)"
        return error is DataError && text.contains("AAA at 2025-05-26T00:01:00Z")
          && text.contains(part)
      }
    }
    // No volume where it is needed.
    let costs = try BarCosts(maximumParticipation: 0.1)
    #expect(throws: DataError.self) {
      try BarBacktest(settings(costs: costs)).run(EqualWeight(), on: market(Self.flat))
    }
    #expect(throws: DataError.self) {
      try BarBacktest(settings(execution: .vwap)).run(EqualWeight(), on: market(Self.flat))
    }
    let huge = try BarMarket(
      instruments: [BarInstrument(symbol: "AAA", priceDecimals: 2, sizeDecimals: 2)],
      blocks: [
        BarBlock(
          start: start, interval: minute, rowCount: 4, symbolCount: 1,
          open: [0.01, 0.01, 9e8, 9e8],
          high: [0.01, 0.01, 9e8, 9e8], low: [0.01, 0.01, 9e8, 9e8], close: [0.01, 0.01, 9e8, 9e8])
      ])
    #expect(throws: DataError.self) {
      try BarBacktest(settings(1e11)).run(BuyAndHold(), on: huge)
    }
  }

  @Test("refuses settings and markets that make no sense")
  func senseless() throws {
    #expect(throws: UsageError.self) { try BarCosts(takerPartsPerMillion: 200_000) }
    #expect(throws: UsageError.self) { try BarCosts(halfSpreadBasisPoints: .nan) }
    #expect(throws: UsageError.self) {
      try BarCosts(impact: .squareRoot(coefficient: 1, window: 1))
    }
    #expect(throws: UsageError.self) { try BarCosts(maximumParticipation: 0) }
    #expect(throws: UsageError.self) { try settings(0) }
    #expect(throws: UsageError.self) { try settings(maximumGross: .infinity) }
    #expect(throws: UsageError.self) {
      try BarBacktest(settings(rebalance: .seconds(90))).run(EqualWeight(), on: market(Self.flat))
    }
    #expect(throws: UsageError.self) { try BarInstrument(symbol: "A", priceDecimals: 12) }
    #expect(throws: UsageError.self) { try BarInstrument(symbol: "A", lotStep: 0) }
    #expect(throws: UsageError.self) { try BarMarket(instruments: [], blocks: []) }
    let block = try market(Self.flat).blocks[0]
    #expect(throws: UsageError.self) {
      try BarMarket(instruments: [BarInstrument(symbol: "A")], blocks: [block, block])
    }
  }

  @Test("writes tables whose columns add up")
  func tables() throws {
    let bars = try RandomBars(seed: 5)
    let result = try BarBacktest(settings(costs: BarCosts(halfSpreadBasisPoints: 1))).run(
      EqualWeight(), on: bars.market)
    let equity = result.equityFrame
    #expect(equity.rowCount == 201)
    let (value, gross, fees) = (
      try equity.doubles("equity"), try equity.doubles("gross"), try equity.doubles("fees")
    )
    let (slippage, funding) = (try equity.doubles("slippage"), try equity.doubles("funding"))
    for row in value.indices {
      let sum = 10_000 + gross[row] - slippage[row] - fees[row] + funding[row]
      #expect(abs(sum - value[row]) < 1e-8)
    }
    #expect(result.fillFrame.rowCount == result.fillCount)
    #expect(result.symbolFrame.rowCount == 4)
    #expect(abs(try result.symbolFrame.doubles("net").reduce(0, +) - result.net.value) < 1e-8)
    #expect(result.json["fingerprint"] == .string(result.fingerprintText))
    #expect(result.turnover == result.last.traded.value / 10_000 && result.turnover > 0)
    let days = (result.end - result.start).seconds / 86_400
    #expect(abs(result.dailyTurnover * days - result.turnover) < 1e-9)
    #expect(result.meanExposure > 0.5)
    // Nothing that lost before costs can bear any.
    let earned = result.last.gross + result.last.funding
    #expect(
      result.breakEvenCost == (earned > .zero ? earned.value / result.last.traded.value : nil))
  }
}
