import HogaCore
import HogaStatistics
import Testing

@Suite("Sharpe ratios")
struct SharpeTests {
  @Test("give the published example: 0.900397 of 100 trials, 0.950502 of 46")
  func published() throws {
    let estimate = SharpeEstimate(
      ratio: 2.5 / 250.0.squareRoot(), returnCount: 1250, skewness: -3, kurtosis: 10)
    for (trials, expected) in [(100, 0.900397), (46, 0.950502)] {
      // ½ for annual ratios is ½/250 for daily ones.
      let deflated = try #require(
        estimate.deflated(by: TrialSummary(count: trials, sharpeVariance: 0.5 / 250)))
      #expect(abs(deflated.probability - expected) < 1e-6)
    }
  }

  @Test("agree with scipy in error, probability, track record and deflation to 1e-12")
  func fixtures() throws {
    let cases = try #require(try fixture("sharpe.json")["cases"]).list
    #expect(cases.count == 6)
    for expected in cases {
      let estimate = SharpeEstimate(
        ratio: expected.number("sharpe"), returnCount: Int(expected.number("returns")),
        skewness: expected.number("skewness"), kurtosis: expected.number("kurtosis"))
      let trials = TrialSummary(
        count: Int(expected.number("trials")), sharpeVariance: expected.number("variance"))
      let deflated = estimate.deflated(by: trials)
      let ours: [String: Double?] = [
        "standard_error": estimate.standardError,
        "probability_above_zero": estimate.probability(),
        "probability_above_0.01": estimate.probability(above: 0.01),
        "min_track_record": estimate.minimumTrackRecord(),
        "expected_maximum": deflated?.benchmark, "deflated": deflated?.probability,
      ]
      for (name, value) in ours {
        let wanted = expected.number(name)
        #expect(wanted.isNaN ? value == nil : agree(value ?? .nan, wanted, 1e-12), "\(name)")
      }
    }
  }

  @Test("a track record of the minimum length has just the probability asked for")
  func trackRecord() throws {
    var random = SeededRandom(3)
    for _ in 0..<200 {
      let skewness = random.normal()
      var estimate = SharpeEstimate(
        ratio: 0.05 + 0.2 * random.uniform(), returnCount: 0, skewness: skewness,
        kurtosis: skewness * skewness + 1.5 + 8 * random.uniform())
      let needed = try #require(estimate.minimumTrackRecord(above: 0.02, confidence: 0.9))
      estimate.returnCount = Int(needed.rounded(.down))
      #expect(try #require(estimate.probability(above: 0.02)) <= 0.9)
      estimate.returnCount += 1
      #expect(try #require(estimate.probability(above: 0.02)) >= 0.9)
    }
  }

  @Test("a single trial is not deflated, more trials deflate more")
  func trialCounts() throws {
    let estimate = SharpeEstimate(ratio: 0.1, returnCount: 500, skewness: 0, kurtosis: 3)
    let one = TrialSummary(count: 1, sharpeVariance: nil)
    #expect(estimate.deflated(by: one)?.probability == estimate.probability())
    #expect(estimate.deflated(by: TrialSummary(count: 2, sharpeVariance: nil)) == nil)
    var before = 1.0
    for count in [1, 2, 3, 10, 100, 10_000] {
      let summary = TrialSummary(count: count, sharpeVariance: 0.002)
      let probability = try #require(estimate.deflated(by: summary)).probability
      #expect(probability < before)
      before = probability
    }
    var clustered = TrialSummary(count: 100, sharpeVariance: 0.002, effectiveCount: 5)
    let effective = try #require(estimate.deflated(by: clustered))
    clustered.effectiveCount = nil
    #expect(effective.trialCount == 5)
    #expect(effective.probability > estimate.deflated(by: clustered)!.probability)
  }

  @Test("the expected maximum is what the best of so many trials without skill shows")
  func expectedMaximum() {
    var random = SeededRandom(8)
    // Within 3 %, as far as the approximation goes, and three standard errors of the simulation.
    for count in [5, 20, 100] {
      let runs = 4000
      var moments = Moments()
      for _ in 0..<runs {
        var best = -Double.infinity
        for _ in 0..<count { best = max(best, random.normal()) }
        moments.push(best)
      }
      let expected = DeflatedSharpe.expectedMaximum(trialCount: Double(count), variance: 1)
      let error = moments.standardDeviation / Double(runs).squareRoot()
      #expect(abs(expected - moments.mean) < 0.03 * moments.mean + 3 * error, "\(count)")
    }
    #expect(DeflatedSharpe.expectedMaximum(trialCount: 1, variance: 4) == 0)
    #expect(DeflatedSharpe.expectedMaximum(trialCount: 1.1, variance: 4) == 0)
  }

  @Test("have no error where moments or counts allow none")
  func degenerate() {
    let two = SharpeEstimate(ratio: 1, returnCount: 1, skewness: 0, kurtosis: 3)
    #expect(two.standardError == nil && two.probability() == nil)
    // Two values with skewness 2 and kurtosis 5 at a ratio of 1: the variance is zero.
    let edge = SharpeEstimate(ratio: 1, returnCount: 9, skewness: 2, kurtosis: 5)
    #expect(edge.standardError == nil && edge.minimumTrackRecord() == nil)
    let loss = SharpeEstimate(ratio: -0.1, returnCount: 9, skewness: 0, kurtosis: 3)
    #expect(loss.minimumTrackRecord() == nil && loss.probability()! < 0.5)
  }

  @Test(
    "independent trials by average correlation agree with numpy, and with equal and unlike trials")
  func independentTrials() throws {
    let expected = try #require(try fixture("sharpe.json")["independent"])
    let returns = try #require(expected["returns"]).list.map(\.numbers)
    let count = try #require(IndependentTrials.byAverageCorrelation(returns))
    #expect(agree(count, expected.number("count"), 1e-12))
    let series = returns[0]
    let equal = IndependentTrials.byAverageCorrelation([series, series, series])!
    #expect(abs(equal - 1) < 1e-12)
    let flat = [Double](repeating: 0, count: series.count)
    #expect(IndependentTrials.byAverageCorrelation([series, flat, flat]) == 3)
    #expect(IndependentTrials.byAverageCorrelation([series, series.map { -$0 }]) == 2)
    #expect(IndependentTrials.byAverageCorrelation([]) == nil)
  }
}
