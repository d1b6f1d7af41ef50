import HogaCore
import HogaSim
import Testing

@Suite("Impact")
struct ImpactTests {
  static let second: Int64 = 1_000_000_000

  static let models: [ImpactModel] = [
    .almgrenChriss(
      AlmgrenChrissImpact(
        permanent: 0.01, temporary: 0.3, fixed: 0.25, interval: .milliseconds(300))),
    .propagator(
      Propagator(ticks: 3, referenceLots: 50, kernel: .exponential(.milliseconds(700)))),
    .propagator(
      Propagator(
        ticks: 2, referenceLots: 10, power: 0.4,
        kernel: .powerLaw(offset: .milliseconds(50), exponent: 0.6, horizon: .seconds(60)))),
  ]

  @Test("costs a schedule what Almgren and Chriss expect of it", arguments: UInt64(0)..<20)
  func expectedCost(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let impact = AlmgrenChrissImpact(permanent: 1, temporary: 6, fixed: 2, interval: .seconds(2))
    var state = try ImpactState(.almgrenChriss(impact))
    var cost: Int64 = 0
    var lots: Int64 = 0
    var squares: Int64 = 0
    let side: Side = seed % 2 == 0 ? .buy : .sell
    for slice in 0..<10 {
      let trade = Int64.random(in: 0...50, using: &random) * 2
      let time = Int64(slice) * 2 * Self.second
      if trade > 0 {
        cost += try state.concession(side: side, lots: trade, at: time) * trade
        state.executed(side: side, lots: trade, at: time)
      }
      lots += trade
      squares += trade * trade
    }
    // ½γX² + εX + (η − γτ/2)/τ · Σn², with τ = 2.
    #expect(2 * cost == lots * lots + 4 * lots + (2 * 6 - 2) * squares / 2)
    #expect(state.displacement(at: 100 * Self.second) == Double(side.sign * lots))
  }

  @Test("of an interval's rate is the same however orders share the interval")
  func sharing() throws {
    let impact = AlmgrenChrissImpact(permanent: 0, temporary: 1, interval: .seconds(1))
    var costs: [Int64] = []
    for parts in [[60], [10, 20, 30], [30, 29, 1]] as [[Int64]] {
      var state = try ImpactState(.almgrenChriss(impact))
      var cost: Int64 = 0
      for (index, lots) in parts.enumerated() {
        let time = 5 * Self.second + Int64(index) * 300_000_000
        cost += try state.concession(side: .buy, lots: lots, at: time) * lots
        state.executed(side: .buy, lots: lots, at: time)
        #expect(try state.concession(side: .sell, lots: 1, at: time) == 1)
      }
      costs.append(cost)
      #expect(try state.concession(side: .buy, lots: 1, at: 6 * Self.second) == 1)
    }
    #expect(costs == [3600, 3600, 3600])
  }

  @Test("never lowers the cost of an order, whatever went before", arguments: models.indices)
  func neverHelps(index: Int) throws {
    for seed in UInt64(0)..<20 {
      var random = SeededRandom(seed)
      var state = try ImpactState(Self.models[index], tickIncrement: 5)
      let untouched = state
      var time: Int64 = 0
      var felt = 0
      for _ in 0..<300 {
        time += Int64(random.next() % 4) * Int64(random.next() % 500_000_000)
        let side: Side = random.next() % 3 == 0 ? .sell : .buy
        let lots = Int64.random(in: 1...100, using: &random)
        let displacement = Double(side.sign) * state.displacement(at: time)
        let concession = try state.concession(side: side, lots: lots, at: time)
        #expect(concession >= 0 && concession % 5 == 0)
        #expect(try concession >= untouched.concession(side: side, lots: lots, at: time))
        #expect(Double(concession) >= displacement - 1e-8)
        if displacement < 0, index > 0 { #expect(concession == 0) }
        felt += concession > 0 ? 1 : 0
        state.executed(side: side, lots: lots, at: time)
      }
      #expect(felt > 50)
    }
  }

  @Test("of a propagator is the sum of its executions, within the kernel's stated error")
  func direct() throws {
    for model in Self.models.dropFirst() {
      guard case .propagator(let propagator) = model else { continue }
      let sum = try ExponentialSum(propagator.kernel)
      var random = SeededRandom(3)
      var state = try ImpactState(model)
      var executions: [(time: Int64, signed: Double)] = []
      var time: Int64 = 0
      for _ in 0..<200 {
        time += Int64(random.next() % 400_000_000) + 1
        let side: Side = random.next() % 3 == 0 ? .sell : .buy
        let lots = Int64.random(in: 1...100, using: &random)
        state.executed(side: side, lots: lots, at: time)
        // Levels of one order, at one instant, are one execution.
        state.executed(side: side, lots: 7, at: time)
        executions.append(
          (time, Double(side.sign) * propagator.displacement(afterLots: lots + 7)))
        let now = time + Int64(random.next() % 1_000_000_000)
        var expected = 0.0
        var size = 0.0
        for execution in executions where execution.time < now {
          let share = propagator.kernel.value(
            afterSeconds: Double(now - execution.time) / 1e9)
          expected += execution.signed * share
          size += abs(execution.signed) * share
        }
        let error = abs(state.displacement(at: now) - expected)
        #expect(error <= sum.maximumRelativeError * 1.05 * size + 1e-10)
      }
    }
  }

  @Test("is not felt by orders of the same instant, and mirrors when sides are swapped")
  func instant() throws {
    for model in Self.models {
      var state = try ImpactState(model)
      var mirror = try ImpactState(model)
      state.executed(side: .buy, lots: 40, at: Self.second)
      mirror.executed(side: .sell, lots: 40, at: Self.second)
      #expect(state.displacement(at: Self.second) == 0)
      #expect(state.displacement(at: Self.second - 1) == 0)
      let later = state.displacement(at: Self.second + 1)
      #expect(later > 0.3 && mirror.displacement(at: Self.second + 1) == -later)
      #expect(
        try state.concession(side: .buy, lots: 3, at: Self.second + 9)
          == mirror.concession(side: .sell, lots: 3, at: Self.second + 9))
    }
    var none = try ImpactState(.none)
    none.executed(side: .buy, lots: .max, at: 0)
    #expect(none.displacement(at: 1) == 0)
    #expect(try none.concession(side: .buy, lots: .max, at: 1) == 0)
  }

  @Test(
    "fades as the power law, within the error that the sum of exponentials states",
    arguments: [
      (0.5, 3600, 0.005), (0.25, 86_400, 0.01), (0.9, 600, 1e-6), (1.5, 3600, 0.02),
      (0.05, 36_000, 0.001),
    ] as [(Double, Int64, Double)])
  func powerLaw(exponent: Double, horizon: Int64, tolerance: Double) throws {
    let kernel = DecayKernel.powerLaw(
      offset: .milliseconds(20), exponent: exponent, horizon: .seconds(horizon),
      tolerance: tolerance)
    let sum = try ExponentialSum(kernel)
    #expect(sum.maximumRelativeError <= tolerance && (10...100).contains(sum.weights.count))
    #expect(abs(sum.weights.reduce(0, +) - 1) < 1e-12)
    var random = SeededRandom(5)
    var largest = 0.0
    var last = (time: 0.0, value: 1.0)
    let times = (0..<2000).map { _ in
      0.02 * (PortableMath.power(Double(horizon) / 0.02, random.uniform()) - 1)
    }
    for time in times.sorted() {
      let value = sum.value(afterSeconds: time)
      largest = max(largest, abs(value / kernel.value(afterSeconds: time) - 1))
      #expect(value <= last.value * (1 + 1e-12) && value > 0)
      last = (time, value)
    }
    #expect(largest <= sum.maximumRelativeError * 1.02 + 1e-14)
  }

  @Test("rounds a concession against us, and forgives what binary fractions add")
  func rounding() throws {
    func concession(_ permanent: Double, _ lots: Int64) throws -> Int64 {
      var state = try ImpactState(
        .almgrenChriss(AlmgrenChrissImpact(permanent: permanent, temporary: 0)))
      for index in 0..<lots { state.executed(side: .buy, lots: 1, at: index) }
      return try state.concession(side: .buy, lots: 1, at: lots)
    }
    #expect(try concession(0.1, 30) == 3)  // thirty times 0.1 is a little above three in binary
    #expect(try concession(0.1, 31) == 4)
    #expect(throws: DataError.self) { try concession(1e12, 3) }
  }

  @Test("refuses settings without sense")
  func validation() {
    for model in [
      .almgrenChriss(AlmgrenChrissImpact(permanent: -1, temporary: 0)),
      .almgrenChriss(AlmgrenChrissImpact(permanent: 0, temporary: .nan)),
      .almgrenChriss(AlmgrenChrissImpact(permanent: 0, temporary: 0, interval: .zero)),
      .propagator(Propagator(ticks: 1, referenceLots: 0, kernel: .exponential(.seconds(1)))),
      .propagator(
        Propagator(ticks: 1, referenceLots: 1, power: 1.1, kernel: .exponential(.seconds(1)))),
      .propagator(Propagator(ticks: 1, referenceLots: 1, kernel: .exponential(.zero))),
      .propagator(
        Propagator(
          ticks: 1, referenceLots: 1,
          kernel: .powerLaw(offset: .seconds(1), exponent: 0, horizon: .seconds(9)))),
    ] as [ImpactModel] {
      #expect(throws: UsageError.self) { try ImpactState(model) }
    }
  }
}
