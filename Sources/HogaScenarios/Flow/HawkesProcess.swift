public import HogaCore

/// An event of a Hawkes process.
public struct HawkesEvent: Hashable, Sendable {
  /// Seconds.
  public var time: Double
  /// The row of the branching matrix.
  public var kind: Int
  /// Nothing caused it: it is no event's child. Known here, hidden in real markets.
  public var isImmigrant: Bool

  public init(time: Double, kind: Int, isImmigrant: Bool = false) {
    self.time = time
    self.kind = kind
    self.isImmigrant = isImmigrant
  }
}

/// Draws the events of a Hawkes process one after another, exactly.
///
/// The excitation of each timescale decays on its own, so the process is a sum of independent parts
/// until the next event: a Poisson process of the baseline, and one part per timescale whose waiting
/// time is drawn from its distribution function, inverted in closed form. The shortest wait wins.
/// Nothing is discretised and nothing rejected, and a step costs the same after 10⁸ events.
///
/// Source: A. Dassios, H. Zhao, "Exact simulation of Hawkes process with exponentially decaying
/// intensity", 2013, with the composition applied to every timescale.
public struct HawkesProcess: Sendable {
  public let settings: HawkesSettings
  /// Up to where events have been drawn, in seconds.
  public private(set) var time: Double
  /// Whether `intensitiesBefore` is kept.
  public var keepsIntensities = false
  /// The intensity of each kind right before the last event, per second.
  public private(set) var intensitiesBefore: [Double]

  private let kindCount: Int
  private var baseline: [Double]
  private var baselineSum: Double
  private let decays: [Double]
  /// Of each timescale and kind, at `time`: the timescale's kinds lie together.
  private var excitation: [Double]
  private var excitationSums: [Double]
  /// What an event adds to `excitation`: of each parent, laid out as that.
  private let steps: [[Double]]
  private var stepSums: [[Double]]

  /// - Parameters:
  ///   - time: where the clock begins, in seconds.
  ///   - startsStationary: begin with the excitation that the stationary process has on average, so
  ///     that expected intensities are Λ from the first moment on; else with none.
  /// - Throws: `UsageError` where the settings are not valid.
  public init(
    _ settings: HawkesSettings, time: Double = 0, startsStationary: Bool = true
  ) throws(UsageError) {
    try settings.validate()
    self.settings = settings
    self.time = time
    let kinds = settings.kindCount
    kindCount = kinds
    baseline = settings.baseline
    baselineSum = settings.baseline.reduce(0, +)
    decays = settings.timescales.map(\.decay)
    intensitiesBefore = [Double](repeating: 0, count: kinds)
    excitation = Self.stationaryExcitation(settings).map { startsStationary ? $0 : 0 }
    steps = (0..<kinds).map { parent in
      settings.timescales.flatMap { scale in
        (0..<kinds).map { settings.branching[$0][parent] * scale.weight * scale.decay }
      }
    }
    excitationSums = []
    stepSums = []
    excitationSums = sums(of: excitation)
    stepSums = steps.map { sums(of: $0) }
  }

  /// The mean excitation of each timescale and kind: wₖ Σⱼ Gᵢⱼ Λⱼ.
  static func stationaryExcitation(_ settings: HawkesSettings) -> [Double] {
    let means = settings.meanIntensities
    let children = settings.branching.map { row in
      zip(row, means).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return settings.timescales.flatMap { scale in children.map { $0 * scale.weight } }
  }

  private func sums(of values: [Double]) -> [Double] {
    stride(from: 0, to: values.count, by: kindCount).map { start in
      values[start..<start + kindCount].reduce(0, +)
    }
  }

  /// Sets other baseline intensities from `time` on.
  ///
  /// - Precondition: as many as there are kinds, none below zero.
  public mutating func setBaseline(_ values: [Double]) {
    precondition(values.count == kindCount && values.allSatisfy { $0 >= 0 }, "no such baseline")
    baseline = values
    baselineSum = values.reduce(0, +)
  }

  /// The intensity of each kind at `time`, after the event there, per second.
  public var intensities: [Double] {
    (0..<kindCount).map { kind in
      decays.indices.reduce(baseline[kind]) { $0 + excitation[$1 * kindCount + kind] }
    }
  }

  /// The next event before `end`, or `nil` where there is none; the clock then stands at `end`.
  ///
  /// Asking piece by piece gives the same process: what is left of a wait is distributed as a new
  /// one.
  public mutating func next(before end: Double, using random: inout SeededRandom) -> HawkesEvent? {
    var wait = Double.infinity
    var source = -1
    if baselineSum > 0 { wait = -PortableMath.log(1 - random.uniform()) / baselineSum }
    for scale in decays.indices {
      let sum = excitationSums[scale]
      let level = -PortableMath.log(1 - random.uniform())
      // P(wait > s) = exp(−E/β (1 − e^{−βs})): it may never come.
      guard sum > 0, level * decays[scale] < sum else { continue }
      let candidate = -PortableMath.log(1 - level * decays[scale] / sum) / decays[scale]
      if candidate < wait {
        wait = candidate
        source = scale
      }
    }
    guard time + wait < end else {
      if end > time {
        decay(by: end - time)
        time = end
      }
      return nil
    }
    decay(by: wait)
    time += wait
    let kind =
      source < 0
      ? Self.choose(baseline[...], random.uniform() * baselineSum)
      : Self.choose(
        excitation[source * kindCount..<(source + 1) * kindCount],
        random.uniform() * excitationSums[source])
    if keepsIntensities { intensitiesBefore = intensities }
    for index in excitation.indices { excitation[index] += steps[kind][index] }
    for scale in decays.indices { excitationSums[scale] += stepSums[kind][scale] }
    return HawkesEvent(time: time, kind: kind, isImmigrant: source < 0)
  }

  private mutating func decay(by span: Double) {
    for scale in decays.indices {
      let factor = PortableMath.exp(-decays[scale] * span)
      var sum = 0.0
      for index in scale * kindCount..<(scale + 1) * kindCount {
        excitation[index] *= factor
        sum += excitation[index]
      }
      excitationSums[scale] = sum
    }
  }

  /// The place of the weight that covers `target` when they are laid end to end.
  private static func choose(_ weights: ArraySlice<Double>, _ target: Double) -> Int {
    var left = target
    var last = 0
    for (place, weight) in weights.enumerated() where weight > 0 {
      if left < weight { return place }
      left -= weight
      last = place
    }
    return last  // the sum was rounded up
  }
}
