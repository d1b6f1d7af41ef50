public import HogaCore

/// A Sharpe ratio that was measured, with what is needed to judge it.
///
/// All per period of the returns: nothing here is annual. Sources: J. Mertens, "Comments on variance
/// of the IID estimator in Lo (2002)", 2002, and D. H. Bailey, M. López de Prado, "The Sharpe ratio
/// efficient frontier", Journal of Risk 15(2), 2012. Returns are taken as independent of each other;
/// where they are not, `StationaryBootstrap` says how far off that is.
public struct SharpeEstimate: Hashable, Sendable {
  /// Mean over standard deviation, per period.
  public var ratio: Double
  public var returnCount: Int
  /// Third standardised moment of the returns.
  public var skewness: Double
  /// Fourth standardised moment; 3 for a normal distribution.
  public var kurtosis: Double

  public init(ratio: Double, returnCount: Int, skewness: Double, kurtosis: Double) {
    self.ratio = ratio
    self.returnCount = returnCount
    self.skewness = skewness
    self.kurtosis = kurtosis
  }

  /// - Returns: `nil` where the returns do not vary.
  public init?(_ moments: ReturnMoments) {
    guard let skewness = moments.skewness, let kurtosis = moments.kurtosis else { return nil }
    self.init(
      ratio: moments.mean / moments.deviation, returnCount: moments.count, skewness: skewness,
      kurtosis: kurtosis)
  }

  /// `1 − γ₃·SR + (γ₄ − 1)/4·SR²`: the variance of the estimate, times the number of returns less one.
  ///
  /// Moments of real data satisfy `γ₄ ≥ γ₃² + 1`, for which it is never negative.
  private var spread: Double { 1 - skewness * ratio + (kurtosis - 1) / 4 * ratio * ratio }

  /// `√((1 − γ₃·SR + (γ₄ − 1)/4·SR²) / (n − 1))`; `nil` where it is not defined.
  public var standardError: Double? {
    guard returnCount > 1, spread > 0 else { return nil }
    return (spread / Double(returnCount - 1)).squareRoot()
  }

  /// The probabilistic Sharpe ratio: how probable it is that the true ratio exceeds `benchmark`, given
  /// the length, skewness and kurtosis of the track record.
  ///
  /// `Φ((SR − SR*)·√(n − 1) / √(1 − γ₃·SR + (γ₄ − 1)/4·SR²))`.
  ///
  /// - Parameter benchmark: per period.
  public func probability(above benchmark: Double = 0) -> Double? {
    standardError.map { NormalDistribution.cumulative((ratio - benchmark) / $0) }
  }

  /// How many returns it takes until a ratio like this exceeds `benchmark` with the given confidence.
  ///
  /// `1 + (1 − γ₃·SR + (γ₄ − 1)/4·SR²)·(z/(SR − SR*))²` with `z` the quantile of `confidence`.
  ///
  /// - Returns: `nil` where the ratio is not above the benchmark: no length suffices.
  /// - Precondition: `confidence` is between one half and 1.
  public func minimumTrackRecord(
    above benchmark: Double = 0, confidence: Double = 0.95
  ) -> Double? {
    precondition(confidence >= 0.5 && confidence < 1, "no confidence of \(confidence)")
    guard ratio > benchmark, spread > 0 else { return nil }
    let distance = NormalDistribution.quantile(confidence) / (ratio - benchmark)
    return 1 + spread * distance * distance
  }

  /// The deflated Sharpe ratio: the probability that the true ratio exceeds what the best of so many
  /// trials without skill would show.
  ///
  /// - Returns: `nil` where several trials were made and their variance is not known, and of no trials:
  ///   this ratio is one itself, so nobody counted.
  public func deflated(by trials: TrialSummary) -> DeflatedSharpe? {
    let count = trials.effectiveCount ?? Double(trials.count)
    guard count >= 1, count == 1 || trials.sharpeVariance != nil else { return nil }
    let benchmark = DeflatedSharpe.expectedMaximum(
      trialCount: count, variance: trials.sharpeVariance ?? 0)
    return probability(above: benchmark).map {
      DeflatedSharpe(probability: $0, benchmark: benchmark, trialCount: count)
    }
  }

  public var json: JSONValue {
    [
      "per_period": .double(ratio), "standard_error": .optional(standardError),
      "returns": .int(Int64(returnCount)), "skewness": .double(skewness),
      "kurtosis": .double(kurtosis),
    ]
  }
}

/// How many backtests were tried on some data, and how far their Sharpe ratios lie apart.
public struct TrialSummary: Hashable, Sendable {
  /// All that were tried, those without a ratio too.
  public var count: Int
  /// Sample variance of the trials' Sharpe ratios, per period of the returns that are judged; `nil` of
  /// fewer than two ratios.
  public var sharpeVariance: Double?
  /// How many independent trials these amount to, where that was estimated; `count` otherwise.
  public var effectiveCount: Double?

  public init(count: Int, sharpeVariance: Double?, effectiveCount: Double? = nil) {
    self.count = count
    self.sharpeVariance = sharpeVariance
    self.effectiveCount = effectiveCount
  }

  public var json: JSONValue {
    [
      "count": .int(Int64(count)), "sharpe_variance": .optional(sharpeVariance),
      "effective_count": .optional(effectiveCount),
    ]
  }
}
