import HogaCore
import HogaStatistics
import Testing

@Suite("Stationary bootstrap")
struct BootstrapTests {
  static func autoregressive(
    _ phi: Double, mean: Double, count: Int, _ random: inout SeededRandom
  ) -> [Double] {
    var state = random.normal() / (1 - phi * phi).squareRoot()
    return (0..<count).map { _ in
      state = phi * state + random.normal()
      return mean + 0.01 * state
    }
  }

  @Test("block lengths agree with arch to 1e-9")
  func blockLengths() throws {
    let blocks = try #require(try fixture("bootstrap.json")["blocks"]).list
    #expect(blocks.count == 6)
    for expected in blocks {
      let own = try #require(BlockLength(expected.numbers("returns")))
      #expect(agree(own.stationary, expected.number("stationary")), "\(expected.number("phi"))")
      #expect(agree(own.circular, expected.number("circular")), "\(expected.number("phi"))")
    }
    #expect(BlockLength([Double](repeating: 1, count: 50)) == nil)
    #expect(BlockLength([1, 2, 3]) == nil)
  }

  @Test("the error of a mean is the one that theory gives the bootstrap, and intervals are arch's")
  func intervals() throws {
    let expected = try #require(try fixture("bootstrap.json")["intervals"])
    let result = try StationaryBootstrap(
      blockLength: expected.number("block_length"), sampleCount: 8000, seed: 9, workers: 2
    ).intervals(of: expected.numbers("returns"))
    // The error of a standard deviation from 8,000 draws is 0.8 %.
    let error = expected.number("mean_error")
    #expect(abs(result.mean.standardError - error) < 0.03 * error)
    let figures = try #require(expected["figures"])
    for (name, own) in [
      ("sharpe", try #require(result.sharpe)), ("mean", result.mean),
      ("total_return", result.totalReturn), ("max_drawdown", result.maximumDrawdown),
    ] {
      let theirs = try #require(figures[name])
      let width = theirs.number("upper") - theirs.number("lower")
      #expect(agree(own.estimate, theirs.number("estimate"), 1e-12), "\(name)")
      // 5 % of the width: quantiles of 2.5 % from 8,000 draws carry 1.5 % of error.
      #expect(abs(own.lower - theirs.number("lower")) < 0.05 * width, "\(name)")
      #expect(abs(own.upper - theirs.number("upper")) < 0.05 * width, "\(name)")
      #expect(
        abs(own.standardError - theirs.number("standard_error"))
          < 0.04 * theirs.number("standard_error"), "\(name)")
    }
  }

  @Test(
    "intervals of the mean and Sharpe ratio cover the truth of an AR(1) about as often as they say")
  func coverage() throws {
    // 95 % is asked for; 400 returns with φ = 0.5 are worth about 130, which the method knows only by
    // estimate, so some points are lost. Drawing single returns is far off, as it should be.
    let (phi, mean, runs) = (0.5, 0.001, 300)
    let truth = mean / (0.01 / (1 - phi * phi).squareRoot())
    var random = SeededRandom(31)
    var covered = (mean: 0, sharpe: 0, single: 0)
    for run in 0..<runs {
      let returns = Self.autoregressive(phi, mean: mean, count: 400, &random)
      var bootstrap = StationaryBootstrap(sampleCount: 300, seed: UInt64(run))
      let result = try bootstrap.intervals(of: returns)
      let sharpe = try #require(result.sharpe)
      if result.mean.lower <= mean, mean <= result.mean.upper { covered.mean += 1 }
      if sharpe.lower <= truth, truth <= sharpe.upper { covered.sharpe += 1 }
      bootstrap.blockLength = 1
      let single = try bootstrap.intervals(of: returns).mean
      if single.lower <= mean, mean <= single.upper { covered.single += 1 }
    }
    let share = { (count: Int) in Double(count) / Double(runs) }
    #expect(share(covered.mean) > 0.86 && share(covered.mean) < 0.98, "\(covered)")
    #expect(share(covered.sharpe) > 0.86 && share(covered.sharpe) < 0.98, "\(covered)")
    #expect(share(covered.single) < 0.82, "\(covered)")
  }

  @Test("equal seeds give equal intervals with any number of workers, others do not")
  func determinism() throws {
    var random = SeededRandom(2)
    let returns = Self.autoregressive(0.2, mean: 0, count: 120, &random)
    var bootstrap = StationaryBootstrap(sampleCount: 200, seed: 7)
    let one = try bootstrap.intervals(of: returns)
    bootstrap.workers = 5
    #expect(try bootstrap.intervals(of: returns) == one)
    bootstrap.seed = 8
    #expect(try bootstrap.intervals(of: returns) != one)
    #expect(one.isAutomatic && one.blockLength >= 1)
  }

  @Test("a track record that never varies has no interval for its ratio")
  func flat() throws {
    let result = try StationaryBootstrap(sampleCount: 50).intervals(
      of: [Double](repeating: 0, count: 40))
    #expect(result.sharpe == nil && result.blockLength == 1)
    #expect(result.mean.lower == 0 && result.maximumDrawdown.upper == 0)
    #expect(result.json["sharpe_per_period"] == .null)
  }

  @Test("refuses senseless settings and returns that lose everything")
  func refusals() {
    let returns = [Double](repeating: 0.01, count: 20)
    for bad in [
      StationaryBootstrap(blockLength: 0.5), StationaryBootstrap(sampleCount: 3),
      StationaryBootstrap(confidence: 1), StationaryBootstrap(blockLength: .nan),
    ] {
      #expect(throws: UsageError.self) { try bad.intervals(of: returns) }
    }
    #expect(throws: UsageError.self) { try StationaryBootstrap().intervals(of: [0.1]) }
    for value in [-1, .nan, .infinity] as [Double] {
      #expect(throws: DataError.self) {
        try StationaryBootstrap().intervals(of: returns + [value])
      }
    }
  }
}
