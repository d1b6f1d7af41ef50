public import HogaCore

/// How the impact of an execution fades: 1 at once, toward 0 later.
public enum DecayKernel: Hashable, Sendable {
  /// `G(t) = e^(−t/τ)` (Obizhaeva, Wang, "Optimal trading strategy and supply/demand dynamics",
  /// 2013).
  case exponential(TimeSpan)
  /// `G(t) = (1 + t/t₀)^−β`, the slow decay that trades' impact shows (Bouchaud, Gefen, Potters,
  /// Wyart, "Fluctuations and response in financial markets: the subtle nature of 'random' price
  /// changes", 2004).
  ///
  /// Kept as a sum of exponentials that stays within `tolerance` of it, relatively, from zero to
  /// `horizon`; later it fades faster than the power.
  case powerLaw(offset: TimeSpan, exponent: Double, horizon: TimeSpan, tolerance: Double = 0.005)

  /// The kernel's value after a time in seconds, as defined.
  public func value(afterSeconds seconds: Double) -> Double {
    switch self {
    case .exponential(let span): PortableMath.exp(-seconds / span.seconds)
    case .powerLaw(let offset, let exponent, _, _):
      PortableMath.power(1 + seconds / offset.seconds, -exponent)
    }
  }

  /// - Throws: `UsageError` where a setting makes no sense.
  func validate() throws(UsageError) {
    switch self {
    case .exponential(let span):
      guard span > .zero else { throw UsageError("impact must decay over a time above zero") }
    case .powerLaw(let offset, let exponent, let horizon, let tolerance):
      guard offset > .zero, horizon > offset else {
        throw UsageError("a power law's horizon must be longer than its offset, both above zero")
      }
      guard exponent > 0, exponent <= 2 else {
        throw UsageError("a power law's exponent of \(exponent) is not within 0…2")
      }
      guard (1e-9...0.5).contains(tolerance) else {
        throw UsageError("a tolerance of \(tolerance) is not between 10⁻⁹ and 0.5")
      }
    }
  }
}

/// A decay as a sum of exponentials, so that its state is one number per term whatever has happened.
public struct ExponentialSum: Hashable, Sendable {
  /// Shares of the terms, which add up to one.
  public let weights: [Double]
  /// Time constants of the terms in seconds.
  public let seconds: [Double]
  /// The largest relative distance from the kernel within its horizon, measured on a fine grid.
  public let maximumRelativeError: Double

  /// The terms of a kernel.
  ///
  /// A power is an integral over exponentials,
  /// `(1 + x)^−β = 1/Γ(β) ∫ e^(βu − e^u) e^(−x·e^u) du`, and the trapezoidal rule on an even grid of
  /// `u`, which is a geometric grid of time constants, converges to it faster than any power of the
  /// step (Beylkin, Monzón, "Approximation by exponential sums revisited", 2010). Here the step is
  /// halved until the measured error is within the tolerance. What the grid leaves out at the slow
  /// end decays by less than the tolerance within the horizon and is given to the slowest term.
  /// - Throws: `UsageError` where the kernel's settings make no sense.
  public init(_ kernel: DecayKernel) throws(UsageError) {
    try kernel.validate()
    switch kernel {
    case .exponential(let span):
      weights = [1]
      seconds = [span.seconds]
      maximumRelativeError = 0
    case .powerLaw(let offset, let exponent, let horizon, let tolerance):
      var step = 2.0
      while true {
        let terms = Self.terms(
          step: step, offset: offset.seconds, exponent: exponent, horizon: horizon.seconds,
          tolerance: tolerance)
        let error = Self.error(
          of: terms.weights, terms.seconds, from: kernel, offset: offset.seconds,
          horizon: horizon.seconds)
        if error <= tolerance || step < 0.02 {
          guard error <= tolerance else {
            throw UsageError("no sum of exponentials is within \(tolerance) of the power law")
          }
          weights = terms.weights
          seconds = terms.seconds
          maximumRelativeError = error
          return
        }
        step *= 0.8
      }
    }
  }

  /// The sum's value after a time in seconds.
  public func value(afterSeconds time: Double) -> Double {
    var sum = 0.0
    for index in weights.indices {
      sum += weights[index] * PortableMath.exp(-time / seconds[index])
    }
    return sum
  }

  private static func terms(
    step: Double, offset: Double, exponent: Double, horizon: Double, tolerance: Double
  ) -> (weights: [Double], seconds: [Double]) {
    // Fast end: e^(βu − e^u) is negligible once e^u is above this.
    let fastest = 3 - PortableMath.log(tolerance)
    // Slow end: within the horizon e^(−x·e^u) stays within the tolerance of one.
    let slowest = tolerance / 4 / (horizon / offset)
    let count = ((PortableMath.log(fastest) - PortableMath.log(slowest)) / step).rounded(.up)
    let first = PortableMath.log(fastest)
    var weights: [Double] = []
    var seconds: [Double] = []
    for index in 0...Int(count) {
      let u = first - Double(index) * step
      let rate = PortableMath.exp(u)
      weights.append(PortableMath.exp(exponent * u - rate))
      seconds.append(offset / rate)
    }
    // The rest of the geometric series beyond the slowest term, where e^(−rate) is one.
    let ratio = PortableMath.exp(-exponent * step)
    weights[weights.count - 1] /= 1 - ratio
    let total = weights.reduce(0, +)
    return (weights.map { $0 / total }, seconds)
  }

  private static func error(
    of weights: [Double], _ seconds: [Double], from kernel: DecayKernel, offset: Double,
    horizon: Double
  ) -> Double {
    var largest = 0.0
    let points = 600
    let span = PortableMath.log(1 + horizon / offset)
    for point in 0...points {
      let time = offset * PortableMath.expm1(span * Double(point) / Double(points))
      var sum = 0.0
      for index in weights.indices {
        sum += weights[index] * PortableMath.exp(-time / seconds[index])
      }
      largest = max(largest, abs(sum / kernel.value(afterSeconds: time) - 1))
    }
    return largest
  }
}
