import Foundation
import HogaCore
import HogaScenarios
import HogaTestKit
import Testing

@Suite("Hawkes process")
struct HawkesTests {
  private static let settings = HawkesSettings(
    baseline: [0.6, 0.3], branching: [[0.4, 0.2], [0.1, 0.5]],
    timescales: [.init(decay: 8, weight: 0.6), .init(decay: 0.5, weight: 0.4)])

  private static func events(
    _ settings: HawkesSettings, seconds: Double, seed: UInt64
  ) throws -> [HawkesEvent] {
    var process = try HawkesProcess(settings)
    var random = SeededRandom(seed)
    var events: [HawkesEvent] = []
    while let event = process.next(before: seconds, using: &random) { events.append(event) }
    return events
  }

  // MARK: Against definitions

  private static func fixture() throws -> JSONValue {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/hawkes.json").path(percentEncoded: false)
    return try JSONReader.read(String(contentsOfFile: path, encoding: .utf8))
  }

  private static func numbers(_ value: JSONValue?) throws -> [Double] {
    guard case .array(let list) = value else { throw DataError("no list") }
    return try list.map {
      switch $0 {
      case .double(let number): number
      case .int(let number): Double(number)
      default: throw DataError("no number")
      }
    }
  }

  private static func rows(_ value: JSONValue?) throws -> [[Double]] {
    guard case .array(let list) = value else { throw DataError("no list") }
    return try list.map { try numbers($0) }
  }

  @Test(
    "likelihood, compensators and intensities are those of the definition",
    arguments: [false, true])
  func likelihood(isStationary: Bool) throws {
    let fixture = try Self.fixture()
    let settings = HawkesSettings(
      baseline: try Self.numbers(fixture["case"]?["baseline"]),
      branching: try Self.rows(fixture["case"]?["branching"]),
      timescales: try Self.rows(fixture["case"]?["timescales"]).map {
        .init(decay: $0[0], weight: $0[1])
      })
    let events = try Self.rows(fixture["case"]?["events"]).map {
      HawkesEvent(time: $0[0], kind: Int($0[1]))
    }
    let expected = try #require(fixture[isStationary ? "stationary" : "from_nothing"])
    let found = try HawkesLikelihood(
      settings, events: events, to: 30, startsStationary: isStationary)
    func expectClose(_ values: [Double], _ key: String, tolerance: Double = 1e-9) throws {
      let wanted = try Self.numbers(expected[key])
      #expect(values.count == wanted.count)
      for (value, wanted) in zip(values, wanted) {
        #expect(abs(value - wanted) <= tolerance * max(1, abs(wanted)), "\(key)")
      }
    }
    try expectClose(found.compensators, "compensators")
    try expectClose(found.intensities, "intensities")
    try expectClose(settings.meanIntensities, "mean_intensities")
    for (found, wanted) in zip(found.residuals, try Self.rows(expected["residuals"])) {
      #expect(found.count == wanted.count)
      for (value, wanted) in zip(found, wanted) { #expect(abs(value - wanted) < 1e-9) }
    }
    for (found, wanted) in zip(
      settings.countCovariance, try Self.rows(expected["count_covariance"]))
    {
      for (value, wanted) in zip(found, wanted) { #expect(abs(value - wanted) < 1e-9) }
    }
    #expect(abs(found.logLikelihood - expected.number("log_likelihood")) < 1e-8)
    #expect(abs(settings.branchingRatio - expected.number("spectral_radius")) < 1e-12)
  }

  @Test(
    "residuals under its own compensator are exponential with mean one", arguments: UInt64(1)...5)
  func residuals(seed: UInt64) throws {
    let events = try Self.events(Self.settings, seconds: 2000, seed: seed)
    let likelihood = try HawkesLikelihood(Self.settings, events: events, to: 2000)
    for residuals in likelihood.residuals {
      #expect(residuals.count > 1500)
      #expect(distanceFromExponential(residuals) < kolmogorovLimit)
    }
    // The power of that: a process that forgets excitation fails by far.
    var wrong = Self.settings
    wrong.baseline = Self.settings.meanIntensities
    wrong.branching = [[0, 0], [0, 0]]
    let other = try HawkesLikelihood(wrong, events: events, to: 2000)
    #expect(other.residuals.allSatisfy { distanceFromExponential($0) > 2 * kolmogorovLimit })
    #expect(other.logLikelihood < likelihood.logLikelihood - 100)
  }

  @Test("counts lie within four standard errors of theory", arguments: UInt64(10)..<15)
  func means(seed: UInt64) throws {
    let seconds = 4000.0
    let events = try Self.events(Self.settings, seconds: seconds, seed: seed)
    let (means, covariance) = (Self.settings.meanIntensities, Self.settings.countCovariance)
    for kind in 0..<2 {
      let count = Double(events.count { $0.kind == kind })
      let error = (covariance[kind][kind] / seconds).squareRoot()
      #expect(abs(count / seconds - means[kind]) < 4 * error)
    }
    // Immigrants are the Poisson process of the baseline.
    let immigrants = Double(events.count(where: \.isImmigrant))
    #expect(abs(immigrants - 0.9 * seconds) < 4 * (0.9 * seconds).squareRoot())
  }

  @Test("the variance of counts is that of theory")
  func variance() throws {
    // 400 windows of 100 s: the long-run formula, but for the kernel's two seconds at the ends.
    var process = try HawkesProcess(Self.settings)
    var random = SeededRandom(3)
    var counts: [Double] = []
    for window in 1...400 {
      var count = 0.0
      while process.next(before: Double(window) * 100, using: &random) != nil { count += 1 }
      counts.append(count)
    }
    let mean = counts.reduce(0, +) / 400
    let variance = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399
    let expected = Self.settings.countCovariance.joined().reduce(0, +) * 100
    // Four standard errors of a variance, and 8 % for the windows' ends.
    #expect(abs(variance / expected - 1) < 4 * (2.0 / 399).squareRoot() + 0.08)
  }

  @Test("asking piece by piece changes nothing about the law")
  func pieces() throws {
    var process = try HawkesProcess(Self.settings)
    var random = SeededRandom(8)
    var events: [HawkesEvent] = []
    for piece in 1...20_000 {
      while let event = process.next(before: Double(piece) / 10, using: &random) {
        events.append(event)
      }
    }
    let likelihood = try HawkesLikelihood(Self.settings, events: events, to: 2000)
    for residuals in likelihood.residuals {
      #expect(distanceFromExponential(residuals) < kolmogorovLimit)
    }
  }

  @Test("intensities kept at events are those of the likelihood")
  func keptIntensities() throws {
    var process = try HawkesProcess(Self.settings)
    process.keepsIntensities = true
    var random = SeededRandom(4)
    var events: [HawkesEvent] = []
    var kept: [Double] = []
    while events.count < 2000, let event = process.next(before: .infinity, using: &random) {
      events.append(event)
      kept.append(process.intensitiesBefore[event.kind])
    }
    let likelihood = try HawkesLikelihood(
      Self.settings, events: events, to: try #require(events.last).time)
    for (kept, known) in zip(kept, likelihood.intensities) {
      #expect(abs(kept - known) < 1e-9 * known)
    }
  }

  @Test("settings follow from the mean intensities they are to have")
  func fromMeans() throws {
    let settings = try HawkesSettings(
      meanIntensities: [3, 1], branching: [[0.4, 0.2], [0.1, 0.5]],
      timescales: [.init(decay: 1, weight: 1)])
    for (value, wanted) in zip(settings.meanIntensities, [3.0, 1]) {
      #expect(abs(value - wanted) < 1e-12)
    }
    #expect(throws: UsageError.self) {
      try HawkesSettings(
        meanIntensities: [3, 0.1], branching: [[0.4, 0.2], [0.1, 0.5]],
        timescales: [.init(decay: 1, weight: 1)])
    }
  }

  @Test("a process that makes no sense or explodes is refused")
  func refusals() {
    func expectRefusal(_ change: (inout HawkesSettings) -> Void) {
      var settings = Self.settings
      change(&settings)
      #expect(throws: UsageError.self) { try settings.validate() }
      #expect(throws: UsageError.self) { try HawkesProcess(settings) }
    }
    expectRefusal { $0.baseline = [] }
    expectRefusal { $0.baseline = [0, 0] }
    expectRefusal { $0.baseline = [1, -1e-9] }
    expectRefusal { $0.baseline = [1, .nan] }
    expectRefusal { $0.baseline = [1, .infinity] }
    expectRefusal { $0.branching = [[0.4, 0.2]] }
    expectRefusal { $0.branching = [[0.4], [0.2]] }
    expectRefusal { $0.branching[0][1] = -0.1 }
    expectRefusal { $0.branching[0][1] = .nan }
    expectRefusal { $0.branching = [[1, 0], [0, 0]] }
    expectRefusal { $0.branching = [[0.4, 2], [2, 0.4]] }
    expectRefusal { $0.timescales = [] }
    expectRefusal { $0.timescales[0].weight = 0.7 }
    expectRefusal { $0.timescales = [.init(decay: 0, weight: 1)] }
    expectRefusal { $0.timescales = [.init(decay: .nan, weight: 1)] }
    expectRefusal { $0.timescales = [.init(decay: 1, weight: 2), .init(decay: 1, weight: -1)] }
  }

  @Test("events out of order, outside of the time or of no kind are named")
  func badEvents() {
    func expectFault(_ events: [HawkesEvent]) {
      #expect(throws: DataError.self) {
        try HawkesLikelihood(Self.settings, events: events, to: 10)
      }
    }
    expectFault([.init(time: 2, kind: 0), .init(time: 1, kind: 0)])
    expectFault([.init(time: 11, kind: 0)])
    expectFault([.init(time: -1, kind: 0)])
    expectFault([.init(time: .nan, kind: 0)])
    expectFault([.init(time: 1, kind: 2)])
  }

  // MARK: Arithmetic

  @Test("exponential and logarithm are within a few units of the last place")
  func arithmetic() {
    var random = SeededRandom(1)
    for _ in 0..<20_000 {
      let x = 700 * (2 * random.uniform() - 1)
      #expect(abs(PortableMath.exp(x) / Foundation.exp(x) - 1) < 1e-15)
      let small = 1e-3 * (2 * random.uniform() - 1)
      #expect(abs(PortableMath.exp(small) / Foundation.exp(small) - 1) < 5e-16)
      let y = Foundation.exp(x)
      let log = Foundation.log(y)
      #expect(abs(PortableMath.log(y) - log) <= 4e-16 * max(1, abs(log)))
      let near = 1 + small
      let nearLog = Foundation.log(near)
      #expect(abs(PortableMath.log(near) - nearLog) <= 4e-16 * abs(nearLog))
    }
    #expect(PortableMath.exp(0) == 1)
    #expect(PortableMath.log(1) == 0)
    #expect(PortableMath.log(0) == -.infinity)
    #expect(PortableMath.exp(-1000) == 0)
    #expect(PortableMath.exp(1000) == .infinity)
    #expect(PortableMath.log(-1).isNaN && PortableMath.exp(.nan).isNaN)
  }

  @Test("exponential and logarithm have these bits on every machine")
  func bits() throws {
    var digest = FNV1a()
    var random = SeededRandom(2)
    for _ in 0..<1000 {
      let x = 40 * (2 * random.uniform() - 1)
      digest.add(Int64(bitPattern: PortableMath.exp(x).bitPattern))
      digest.add(Int64(bitPattern: PortableMath.log(random.uniform() + 1e-9).bitPattern))
    }
    #expect(try Self.fixture()["arithmetic_digest"] == .string(digest.text))
  }
}

extension JSONValue {
  fileprivate func number(_ key: String) -> Double {
    if case .double(let value) = self[key] { return value }
    return .nan
  }
}
