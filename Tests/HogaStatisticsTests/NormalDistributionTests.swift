import HogaCore
import HogaStatistics
import Testing

@Suite("Normal distribution")
struct NormalDistributionTests {
  @Test("is exact to a few units in the last place, far into the tail")
  func fixtures() throws {
    let expected = try fixture("normal.json")
    let lower = try #require(expected["cumulative"]).list
    #expect(lower.count == 24)
    for pair in lower {
      let (z, value) = (pair.numbers[0], pair.numbers[1])
      let own = NormalDistribution.cumulative(z)
      #expect(abs(own - value) <= 1e-15 * value, "Φ(\(z)) = \(value), not \(own)")
    }
    let quantiles = try #require(expected["quantile"]).list
    #expect(quantiles.count == 23)
    for pair in quantiles {
      let (p, value) = (pair.numbers[0], pair.numbers[1])
      let own = NormalDistribution.quantile(p)
      #expect(abs(own - value) <= 2e-15 * abs(value), "Φ⁻¹(\(p)) = \(value), not \(own)")
    }
  }

  @Test("a quantile's probability is the one asked for")
  func inverse() {
    var random = SeededRandom(1)
    for _ in 0..<2000 {
      let p = random.uniform()
      let back = NormalDistribution.cumulative(NormalDistribution.quantile(p))
      #expect(abs(back - p) <= 1e-14 * p + 1e-16, "\(p)")
    }
  }

  @Test("ends at zero and one, and knows no other probabilities")
  func ends() {
    #expect(NormalDistribution.quantile(0) == -.infinity)
    #expect(NormalDistribution.quantile(1) == .infinity)
    #expect(NormalDistribution.quantile(0.5) == 0)
    for p in [-0.1, 1.1, .nan] { #expect(NormalDistribution.quantile(p).isNaN) }
    #expect(NormalDistribution.cumulative(-.infinity) == 0)
    #expect(NormalDistribution.cumulative(.infinity) == 1)
    #expect(NormalDistribution.cumulative(.nan).isNaN)
    #expect(abs(NormalDistribution.density(0) * (2 * Double.pi).squareRoot() - 1) < 1e-15)
  }
}
