public import HogaCore

/// A Sharpe ratio judged by how many were tried.
///
/// Source: D. H. Bailey, M. López de Prado, "The deflated Sharpe ratio: correcting for selection bias,
/// backtest overfitting and non-normality", Journal of Portfolio Management 40(5), 2014.
public struct DeflatedSharpe: Hashable, Sendable {
  /// That the true ratio exceeds `benchmark`.
  public var probability: Double
  /// The best ratio to be expected of so many trials without skill, per period.
  public var benchmark: Double
  public var trialCount: Double

  private static let eulerMascheroni = 0.577_215_664_901_532_9

  /// The largest Sharpe ratio to be expected of `trialCount` independent trials whose true ratios are
  /// zero and whose measured ones have this variance.
  ///
  /// `√V·((1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e)))`, γ the Euler–Mascheroni constant: an
  /// approximation for many trials (8 % low at two, 3 % high at five, 1 % at a hundred). For one trial
  /// it is zero.
  ///
  /// - Precondition: at least one trial and a variance not below zero.
  public static func expectedMaximum(trialCount: Double, variance: Double) -> Double {
    precondition(trialCount >= 1 && variance >= 0, "\(trialCount) trials, variance \(variance)")
    guard trialCount > 1 else { return 0 }
    let gamma = eulerMascheroni
    let size =
      (1 - gamma) * NormalDistribution.quantile(1 - 1 / trialCount)
      + gamma * NormalDistribution.quantile(1 - exponential(-1) / trialCount)
    // Below two trials the approximation dips under zero.
    return max(0, size) * variance.squareRoot()
  }

  public var json: JSONValue {
    [
      "probability": .double(probability), "expected_maximum": .double(benchmark),
      "trials": .double(trialCount),
    ]
  }
}

/// How many independent trials a set of correlated ones amounts to.
public enum IndependentTrials {
  /// `ρ̄ + (1 − ρ̄)·M`, ρ̄ the average correlation between the returns of `M` trials.
  ///
  /// Source: appendix of "The deflated Sharpe ratio" (see `DeflatedSharpe`). It is a rule of thumb
  /// between its ends: equal trials count as one, uncorrelated ones as `M`. Two clusters of equal
  /// trials are two trials, and come out as about half of `M`. A negative average counts as none.
  ///
  /// Trials whose returns never vary have no correlation and count as one each.
  ///
  /// - Parameter returns: one array per trial, all over the same periods.
  /// - Returns: `nil` without trials.
  public static func byAverageCorrelation(_ returns: [[Double]]) -> Double? {
    guard let length = returns.first?.count else { return nil }
    precondition(returns.allSatisfy { $0.count == length }, "trials over different periods")
    var sum = [Double](repeating: 0, count: length)
    var varying = 0
    for series in returns {
      let moments = ReturnMoments(series)
      guard moments.varies else { continue }
      varying += 1
      // Scaled to length one, so that products are correlations.
      let scale = 1 / (moments.deviation * Double(length - 1).squareRoot())
      for row in 0..<length { sum[row] += (series[row] - moments.mean) * scale }
    }
    let flat = Double(returns.count - varying)
    guard varying > 1 else { return flat + Double(varying) }
    // The square of a sum of unit vectors is their number and twice the sum of all correlations.
    let count = Double(varying)
    let correlation =
      (sum.reduce(0) { $0 + $1 * $1 } - count) / (count * (count - 1))
    let mean = min(1, max(0, correlation))
    return flat + mean + (1 - mean) * count
  }
}
