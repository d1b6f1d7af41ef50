import HogaCore
import HogaLedger
import HogaStatistics
import Testing

@Suite("Returns of trials")
struct TrialReturnsTests {
  static let second: Int64 = 1_000_000_000

  @Test("fall into bins by the time at which they were complete")
  func bins() throws {
    // Ten o'clock; samples on both sides of second marks, and none in the fourth second.
    let start = 36_000 * Self.second
    let times = [0, 500, 1000, 1001, 2999, 3000, 4001].map { start + $0 * 1_000_000 }
    let equity = [100.0, 110, 121, 121, 242, 121, 60.5]
    let returns = try #require(TrialReturns(times: times, equity: equity))
    #expect(returns.start == start && returns.period == .seconds(1))
    #expect(returns.values.count == 5)
    for (own, wanted) in zip(returns.values, [0.21, 0, 0, 0, -0.5]) {
      #expect(abs(own - wanted) < 1e-12)
    }
    #expect(returns.end == start + 5 * Self.second)
  }

  @Test("take the shortest bins that are few enough, and compound to the whole in any")
  func periods() throws {
    var random = SeededRandom(3)
    for (count, step, expected) in [
      (4000, 1, "1s"), (6000, 1, "5s"), (86_400, 1, "30s"), (500, 60, "1m"), (40, 1000, "10s"),
    ] as [(Int, Int64, String)] {
      var equity = [1.0]
      for row in 0..<count { equity.append(equity[row] * (0.99 + 0.02 * random.uniform())) }
      let times = equity.indices.map { (7_000_000 + Int64($0) * step) * Self.second }
      var returns = try #require(TrialReturns(times: times, equity: equity))
      if count != 500 { #expect(returns.period == TimeSpan(expected), "\(count)") }
      #expect(returns.values.count <= 5000)
      for longer in TrialReturns.periods where longer >= returns.period {
        returns = returns.coarsened(to: longer)
        let growth = returns.values.reduce(1) { $0 * (1 + $1) }
        #expect(abs(growth / equity[count] - 1) < 1e-9)
        #expect(returns.start % longer.nanoseconds == 0)
      }
    }
    let day = TimeSpan.day.nanoseconds
    #expect(TrialReturns(times: [0, day * 6000], equity: [1, 2]) != nil)
    #expect(TrialReturns(times: [0, 1, day * 6000], equity: [1, 1, 2]) == nil)
    #expect(TrialReturns(times: [0, 1], equity: [1, 0]) == nil)
    #expect(TrialReturns(times: [0], equity: [1]) == nil)
  }

  @Test("every period divides the next")
  func ladder() {
    for (one, next) in zip(TrialReturns.periods, TrialReturns.periods.dropFirst()) {
      #expect(next.nanoseconds % one.nanoseconds == 0 && next > one)
    }
  }

  @Test("are laid side by side over the time that all have")
  func alignment() throws {
    let first = TrialReturns(
      start: 0, period: .seconds(1), values: (0..<40).map { Double($0) / 1000 })
    let second = TrialReturns(
      start: 10 * Self.second, period: .seconds(5), values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    let set = TrialSet(
      try [first, nil, second].enumerated().map { try Sample.trial($0.offset, returns: $0.element) }
    )
    let aligned = try #require(set.alignedReturns)
    #expect(aligned.map(\.values.count) == [6, 6] && aligned[0].period == .seconds(5))
    #expect(aligned[1].values == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    let tenth = (10..<15).reduce(1) { $0 * (1 + Double($1) / 1000) } - 1
    #expect(abs(aligned[0].values[0] - tenth) < 1e-15)
    // One whose returns were not kept counts as one more.
    let pair = IndependentTrials.byAverageCorrelation(aligned.map(\.values))!
    #expect(set.effectiveCount == pair + 1)

    let later = TrialReturns(start: 90 * Self.second, period: .seconds(1), values: [0])
    let apart = TrialSet([
      try Sample.trial(1, returns: first), try Sample.trial(2, returns: later),
    ])
    #expect(apart.alignedReturns == nil && apart.effectiveCount == nil)
    #expect(try apart.overfitting() == nil)
    #expect(TrialSet([]).alignedReturns == nil && TrialSet([]).best == nil)
  }

  @Test("tell how probable overfitting is, in as many blocks as they bear")
  func overfitting() throws {
    var random = SeededRandom(9)
    func set(_ count: Int) throws -> TrialSet {
      TrialSet(
        try (0..<5).map { number in
          let values = (0..<count).map { _ in random.uniform() - (number == 2 ? 0.1 : 0.5) }
          return try Sample.trial(
            number,
            returns: TrialReturns(
              start: 0, period: .seconds(1), values: values.map { $0 / 100 }))
        })
    }
    let long = try #require(try set(400).overfitting(workers: 2))
    #expect(long.blockCount == 16 && long.probability < 0.01)
    #expect(try set(85).overfitting()?.blockCount == 8)
    #expect(try set(39).overfitting() == nil)
  }

  @Test("the best trial is the one with the highest ratio for the same length of time")
  func best() throws {
    var hourly = try Sample.trial(1, sharpe: 0.5)
    hourly.period = TimeSpan("1h")!
    let second = try Sample.trial(2, sharpe: 0.01)
    var none = try Sample.trial(3)
    none.sharpe = nil
    let set = TrialSet([none, hourly, second])
    #expect(set.best == second && set.count == 3)
    #expect(abs(hourly.sharpe(per: .seconds(1))! - 0.5 / 60) < 1e-15)
  }
}
