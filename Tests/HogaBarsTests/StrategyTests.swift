import HogaBars
import HogaCore
import HogaSim
import Testing

@Suite("Strategies on bars")
struct StrategyTests {
  /// What a strategy asks for at its first decision after all symbols had these closes.
  private static func weights(
    _ strategy: any BarStrategy, closes: [[Double]], decision: Int? = nil
  ) throws -> [Double] {
    let count = closes[0].count
    let values = closes.flatMap { $0 }
    let market = try BarMarket(
      instruments: (0..<count).map { try BarInstrument(symbol: "S\($0)") },
      blocks: [
        BarBlock(
          start: start, interval: minute, rowCount: closes.count, symbolCount: count, open: values,
          high: values, low: values, close: values)
      ])
    // A capital large enough that lots do not round visibly.
    let result = try BarBacktest(settings(1_000_000, maximumGross: 5, maximumWeight: 5)).run(
      strategy, on: market)
    let row = (decision ?? closes.count - 2) + 2
    return try (0..<count).map { symbol in
      (try result.weightFrame.doubles("S\(symbol)")[row] * 1e6).rounded() / 1e6
    }
  }

  @Test("rank symbols by return, best against worst, equal scores in the order of symbols")
  func momentum() throws {
    let closes: [[Double]] = [
      [10, 10, 10, 10, 10], [11, 9, 10, 10, 12], [11, 9, 10, 10, 12],
    ]
    func weights(_ reversal: Bool, _ portfolio: ScorePortfolio) throws -> [Double] {
      try Self.weights(
        CrossSectionalMomentum(window: 1, isReversal: reversal, portfolio: portfolio),
        closes: closes)
    }
    #expect(try weights(false, ScorePortfolio(.quantile(0.2))) == [0, -0.5, 0, 0, 0.5])
    #expect(try weights(true, ScorePortfolio(.quantile(0.2))) == [0, 0.5, 0, 0, -0.5])
    #expect(
      try weights(false, ScorePortfolio(.quantile(0.4))) == [0.25, -0.25, -0.25, 0, 0.25])
    #expect(
      try weights(false, ScorePortfolio(.quantile(0.4), side: .long, gross: 0.8))
        == [0.4, 0, 0, 0, 0.4])
    #expect(
      try weights(false, ScorePortfolio(.ranks, gross: 1.2))
        == [0.2, -0.4, -0.2, 0, 0.4])
  }

  @Test("leave out the latest bars where they are told to skip them, and symbols without a bar")
  func skip() throws {
    let closes: [[Double]] = [[10, 10, 10], [12, 11, 10], [9, 11, 12], [9, .nan, 12]]
    let portfolio = try ScorePortfolio(.quantile(0.5))
    let skipping = try CrossSectionalMomentum(window: 1, skip: 1, portfolio: portfolio)
    #expect(skipping.lookback == 2)
    // Decided at the third bar, on the first and second.
    #expect(try Self.weights(skipping, closes: closes, decision: 2)[0] == 0.5)
    let last = try CrossSectionalMomentum(window: 1, portfolio: portfolio)
    #expect(try Self.weights(last, closes: closes, decision: 2)[0] == -0.5)
  }

  @Test("follow each symbol's own direction")
  func trend() throws {
    let closes: [[Double]] = [[10, 10, 10, 10], [11, 9, 10, 12], [11, 9, 10, 12]]
    #expect(
      try Self.weights(TimeSeriesMomentum(window: 1), closes: closes) == [0.25, -0.25, 0, 0.25])
    #expect(
      try Self.weights(TimeSeriesMomentum(window: 1, gross: 2, isLongOnly: true), closes: closes)
        == [0.5, 0, 0, 0.5])
  }

  @Test("hold equal parts, once or at each decision")
  func equal() throws {
    let closes: [[Double]] = [[10, 10], [10, 10], [20, 10], [20, 10]]
    #expect(try Self.weights(EqualWeight(), closes: closes) == [0.5, 0.5])
    let held = try Self.weights(BuyAndHold(), closes: closes)
    #expect(held == [0.666667, 0.333333])
  }

  @Test("buy again what was not filled, and nothing that is held")
  func retries() throws {
    let bars: [(Double, Double)?] = [(10, 10), nil, (10, 10), (10, 10), (20, 20), (20, 20)]
    let result = try BarBacktest(settings()).run(BuyAndHold(), on: market(bars))
    #expect(result.fills.map(\.lots) == [10_000_000])
    #expect(result.unfilled.first { $0.reason == .noBar }?.count == 1)
  }

  @Test("keep a share of the last weights where smoothing is asked for")
  func smoothing() throws {
    let closes: [[Double]] = [[10, 10], [11, 10], [11, 10], [11, 10], [12, 10], [12, 10]]
    let smooth = try CrossSectionalMomentum(
      window: 1, portfolio: ScorePortfolio(.quantile(0.5), smoothing: 0.5))
    #expect(try Self.weights(smooth, closes: closes, decision: 1)[0] == 0.25)
    // Equal scores put the first symbol lowest: half of 0.25 less half of 0.5.
    #expect(abs(try Self.weights(smooth, closes: closes, decision: 2)[0] + 0.125) < 1e-3)
  }

  @Test("draw the same by chance from the same seed")
  func random() throws {
    let closes = [[Double]](repeating: [10, 11, 12, 13, 14, 15], count: 4)
    let portfolio = try ScorePortfolio(.quantile(0.34))
    let first = try Self.weights(RandomScores(portfolio, seed: 1), closes: closes)
    #expect(try first == Self.weights(RandomScores(portfolio, seed: 1), closes: closes))
    #expect(first.reduce(0, +) == 0 && first.count { $0 > 0 } == 2)
  }

  @Test("use scores of a table once they are known, and no longer than they are young")
  func table() throws {
    let closes = [[Double]](repeating: [10, 10], count: 10)
    func close(_ row: Int64) -> Int64 { start.nanoseconds + (row + 1) * minute.nanoseconds }
    let table = try BarTable(
      known: [close(1), close(1), close(4) + 1, close(4) + 1], symbols: [0, 1, 0, 1],
      values: [2, 1, 1, 2], symbolCount: 2)
    let portfolio = try ScorePortfolio(.quantile(0.5))
    func weight(_ decision: Int, age: Int64) throws -> Double {
      try Self.weights(
        TableScores(
          table, maximumAge: TimeSpan(nanoseconds: age * minute.nanoseconds), portfolio: portfolio),
        closes: closes, decision: decision)[0]
    }
    #expect(try [0, 1, 2, 4, 5].map { try weight($0, age: 100) } == [0, 0.5, 0.5, 0.5, -0.5])
    #expect(try [1, 2, 3, 4, 5, 6].map { try weight($0, age: 1) } == [0.5, 0.5, 0, 0, -0.5, 0])
    #expect(throws: DataError.self) {
      try BarTable(known: [2, 1], symbols: [0, 0], values: [1, 1], symbolCount: 1)
    }
    #expect(throws: DataError.self) {
      try BarTable(known: [1], symbols: [1], values: [1], symbolCount: 1)
    }
  }

  @Test("refuse settings that make no sense")
  func senseless() throws {
    #expect(throws: UsageError.self) { try ScorePortfolio(.quantile(0.6)) }
    #expect(throws: UsageError.self) { try ScorePortfolio(smoothing: 1) }
    #expect(throws: UsageError.self) { try ScorePortfolio(gross: 0) }
    #expect(throws: UsageError.self) {
      try CrossSectionalMomentum(window: 0, portfolio: ScorePortfolio())
    }
    #expect(throws: UsageError.self) { try TimeSeriesMomentum(window: 1, gross: -1) }
  }
}
