import HogaCore
import HogaSim
import Testing

@Suite("Latency sources")
struct LatencySourceTests {
  static func draws(
    _ model: LatencyModel, seed: UInt64 = 1, leg: LatencySource.Leg = .entry, count: Int = 200_000
  ) throws -> [Int64] {
    var source = try LatencySource(model, seed: seed, leg: leg)
    return (0..<count).map { source.next(at: Int64($0), recordedFeedLatency: 0) }
  }

  /// Checks that a share of the draws is at or below a value, within four standard errors.
  static func check(_ draws: [Int64], share: Double, below value: Double) {
    let found = Double(draws.count { Double($0) <= value }) / Double(draws.count)
    let error = (share * (1 - share) / Double(draws.count)).squareRoot()
    #expect(abs(found - share) < 4 * error, "\(found) instead of \(share)")
  }

  @Test("draw log-normal latencies with the median and the 99th percentile that were asked for")
  func logNormal() throws {
    let distribution = try LatencyDistribution.logNormal(
      median: .milliseconds(12), percentile99: .milliseconds(80), floor: .milliseconds(4))
    let draws = try Self.draws(.sampled(distribution))
    #expect(draws.allSatisfy { $0 >= 4_000_000 })
    // Quantiles of 4 + 8·e^(σz) ms with σ = ln(76/8)/2.3263.
    for (share, z) in [
      (0.5, 0), (0.99, 2.326_347_874), (0.01, -2.326_347_874), (0.9, 1.281_551_566),
      (0.25, -0.674_489_750),
    ] {
      let sigma = 2.251_291_798_606_495 / 2.326_347_874
      let value = 4e6 + 8e6 * PortableMath.exp(sigma * z)
      Self.check(draws, share: share, below: value)
    }
    // Next to each other they do not go together.
    let mean = draws.reduce(0.0) { $0 + Double($1) } / Double(draws.count)
    var product = 0.0
    var square = 0.0
    for (left, right) in zip(draws, draws.dropFirst()) {
      product += (Double(left) - mean) * (Double(right) - mean)
      square += (Double(left) - mean) * (Double(left) - mean)
    }
    #expect(abs(product / square) < 4 / Double(draws.count).squareRoot())
    let flat = try LatencyDistribution.logNormal(
      median: .milliseconds(3), percentile99: .milliseconds(3))
    #expect(try Self.draws(.sampled(flat), count: 100).allSatisfy { $0 == 3_000_000 })
  }

  @Test("draw from a table of quantiles, and from what was measured")
  func quantiles() throws {
    let table = try LatencyDistribution.quantiles([
      (0, .milliseconds(1)), (0.5, .milliseconds(2)), (0.9, .milliseconds(10)),
      (1, .milliseconds(100)),
    ])
    let draws = try Self.draws(.sampled(table))
    #expect(draws.allSatisfy { $0 >= 1_000_000 && $0 <= 100_000_000 })
    for (share, value) in [(0.25, 1.5e6), (0.5, 2e6), (0.7, 6e6), (0.9, 1e7), (0.95, 5.5e7)] {
      Self.check(draws, share: share, below: value)
    }
    // 0 … 999 µs, measured in another order.
    let measured = (0..<1000).map { Int64(($0 * 7) % 1000) * 1000 }
    let empirical = try Self.draws(.sampled(.empirical(measured)))
    for share in [0.1, 0.5, 0.95] { Self.check(empirical, share: share, below: share * 999_000) }
  }

  @Test("are equal for equal seeds, and other for other seeds and legs")
  func seeds() throws {
    let model = LatencyModel.sampled(
      try .logNormal(median: .milliseconds(1), percentile99: .milliseconds(9)))
    let first = try Self.draws(model, count: 50)
    #expect(try first == Self.draws(model, count: 50))
    #expect(try first != Self.draws(model, seed: 2, count: 50))
    for leg in [LatencySource.Leg.feed, .response] {
      let other = try Self.draws(model, leg: leg, count: 50)
      #expect(Set(first).intersection(other).count < 3)
    }
    // Written out in Python from the definitions: equal on every machine, and never to change.
    let expected = try #require(try executionFixture()["latencies"]).elements.map(\.number)
    #expect(first.prefix(expected.count).map(Double.init) == expected && expected.count >= 40)
  }

  @Test("take the feed's latency as recorded, scaled, and never below zero")
  func recorded() throws {
    func next(_ scale: Double, _ plus: TimeSpan, _ recorded: Int64) throws -> Int64 {
      var source = try LatencySource(.recorded(scale: scale, plus: plus), seed: 0, leg: .entry)
      return source.next(at: 0, recordedFeedLatency: recorded)
    }
    #expect(try next(1, .zero, 7_000_001) == 7_000_001)
    #expect(try next(1, .milliseconds(2), 5) == 2_000_005)
    #expect(try next(0.5, .milliseconds(1), 3_000_000) == 2_500_000)
    #expect(try next(1, .zero, -1_300_000_000) == 0)
    #expect(try next(2, .milliseconds(1), .min) == 1_000_000)
    let day = TimeSpan.day.nanoseconds
    #expect(try next(1, .day, .max) == day && next(1e6, .day, .max) == day)
    var constant = try LatencySource(.constant(.milliseconds(10)), seed: 0, leg: .feed)
    #expect(constant.next(at: 0, recordedFeedLatency: 5) == 10_000_000)
  }

  @Test("refuse settings without sense")
  func validation() {
    for model in [
      .constant(TimeSpan(nanoseconds: -1)), .constant(TimeSpan(nanoseconds: .max)),
      .recorded(scale: -1, plus: .zero), .recorded(scale: .nan, plus: .zero),
      .recorded(scale: 1, plus: TimeSpan(nanoseconds: -1)),
    ] as [LatencyModel] {
      #expect(throws: UsageError.self) { try LatencySource(model, seed: 0, leg: .feed) }
    }
    #expect(throws: UsageError.self) {
      try LatencyDistribution.logNormal(median: .zero, percentile99: .seconds(1))
    }
    #expect(throws: UsageError.self) {
      try LatencyDistribution.logNormal(median: .seconds(2), percentile99: .seconds(1))
    }
    for table in [
      [], [(0, .zero)], [(0, .zero), (0.9, .zero)], [(0, .seconds(2)), (1, .seconds(1))],
      [(0, .zero), (0, .zero), (1, .zero)], [(0, .zero), (.nan, .zero), (1, .zero)],
    ] as [[(Double, TimeSpan)]] {
      #expect(throws: UsageError.self) {
        try LatencyDistribution.quantiles(table.map { (probability: $0.0, latency: $0.1) })
      }
    }
    #expect(throws: DataError.self) { try LatencyDistribution.empirical([1, -1]) }
    #expect(throws: DataError.self) { try LatencyDistribution.empirical([1]) }
  }
}
