import HogaCore
import HogaStatistics
import Testing

@Suite("Probability of backtest overfitting")
struct OverfittingTests {
  /// Trials without skill but for the given means, seeded.
  static func trials(
    _ means: [Double], periods: Int, seed: UInt64
  ) -> [[Double]] {
    var random = SeededRandom(seed)
    return means.map { mean in (0..<periods).map { _ in mean + 0.01 * random.normal() } }
  }

  @Test("agrees half by half with a reading in Python to 1e-9")
  func fixtures() throws {
    let cases = try fixture("overfitting.json").list
    #expect(cases.count == 3)
    for expected in cases {
      let result = try BacktestOverfitting(
        returns: try #require(expected["returns"]).list.map(\.numbers),
        blockCount: Int(expected.number("blocks")))
      #expect(agree(result.probability, expected.number("probability")))
      #expect(agree(try #require(result.degradationSlope), expected.number("slope")))
      #expect(agree(try #require(result.degradationIntercept), expected.number("intercept")))
      #expect(agree(result.lossProbability, expected.number("loss")))
      for (name, values) in [
        ("logits", result.splits.map(\.logit)), ("inside", result.splits.map(\.inSample)),
        ("outside", result.splits.map(\.outOfSample)),
      ] {
        let wanted = expected.numbers(name)
        #expect(values.count == wanted.count)
        for (own, value) in zip(values.sorted(), wanted) { #expect(agree(own, value), "\(name)") }
      }
    }
  }

  @Test("is near one half without skill, and near zero where one trial is better throughout")
  func meaning() throws {
    var none = 0.0
    for seed in 0..<20 as Range<UInt64> {
      none +=
        try BacktestOverfitting(
          returns: Self.trials([Double](repeating: 0, count: 20), periods: 200, seed: seed),
          blockCount: 8
        ).probability / 20
    }
    // Halves of one sample are opposed: what was good in the past is missing in the future.
    #expect(none > 0.4 && none < 0.75, "\(none)")
    let skill = try BacktestOverfitting(
      returns: Self.trials([0, 0, 0, 0.01, 0], periods: 400, seed: 1), blockCount: 8)
    #expect(skill.probability < 0.02 && skill.lossProbability < 0.02)
    #expect(skill.splits.allSatisfy { $0.chosen == 3 })
  }

  @Test("is the same for any number of workers, and covers every half once")
  func workers() throws {
    let returns = Self.trials([0, 0.001, 0.002, 0, 0], periods: 150, seed: 4)
    let one = try BacktestOverfitting(returns: returns, blockCount: 12)
    let four = try BacktestOverfitting(returns: returns, blockCount: 12, workers: 4)
    #expect(one == four)
    #expect(one.splits.count == 924)
    #expect(one.periodCount == 150 && one.trialCount == 5)
  }

  @Test("trials that never trade take part with a ratio of zero")
  func flat() throws {
    let flat = [Double](repeating: 0, count: 40)
    let result = try BacktestOverfitting(returns: [flat, flat, flat], blockCount: 4)
    #expect(result.splits.allSatisfy { $0.logit == 0 && $0.outOfSample == 0 })
    #expect(result.probability == 1 && result.degradationSlope == nil)
    #expect(result.lossProbability == 0)
    // One that earns the same in every period is best everywhere, with a finite ratio.
    let sure = [Double](repeating: 0.01, count: 40)
    let chosen = try BacktestOverfitting(returns: [flat, sure], blockCount: 4)
    #expect(chosen.probability == 0 && chosen.splits.allSatisfy { $0.outOfSample.isFinite })
  }

  @Test("refuses what it cannot split, and returns that are not finite")
  func refusals() {
    let two = Self.trials([0, 0], periods: 40, seed: 1)
    #expect(throws: UsageError.self) { try BacktestOverfitting(returns: [two[0]]) }
    for blocks in [0, 3, 22, 26] {
      #expect(throws: UsageError.self) { try BacktestOverfitting(returns: two, blockCount: blocks) }
    }
    #expect(throws: UsageError.self) {
      try BacktestOverfitting(returns: [two[0], Array(two[1].dropLast())], blockCount: 4)
    }
    var bad = two
    bad[1][6] = .nan
    #expect(throws: DataError("not a finite return", row: 7, column: "trial 2")) {
      try BacktestOverfitting(returns: bad, blockCount: 4)
    }
    let stopped = JobMonitor()
    stopped.cancel()
    #expect(throws: JobMonitor.Cancelled.self) {
      try BacktestOverfitting(returns: two, blockCount: 4, monitor: stopped)
    }
  }
}
