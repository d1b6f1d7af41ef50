public import HogaCore
public import HogaStatistics

/// Trials on some data, and what they say of the best of them.
public struct TrialSet: Hashable, Sendable {
  /// In the order in which they were first recorded.
  public let trials: [Trial]

  public init(_ trials: [Trial]) { self.trials = trials }

  /// All of them, those without a Sharpe ratio too: they were tried.
  public var count: Int { trials.count }

  /// The sample variance of the trials' Sharpe ratios, per `period`; `nil` of fewer than two ratios.
  ///
  /// A ratio over another period is scaled by the square root of time.
  public func sharpeVariance(per period: TimeSpan) -> Double? {
    let ratios = trials.compactMap { $0.sharpe(per: period) }
    guard ratios.count > 1 else { return nil }
    let deviation = ReturnMoments(ratios).deviation
    return deviation * deviation
  }

  public func summary(per period: TimeSpan) -> TrialSummary {
    TrialSummary(count: count, sharpeVariance: sharpeVariance(per: period))
  }

  /// The trial with the highest Sharpe ratio for the same length of time, the earlier of equal ones.
  public var best: Trial? {
    let second = TimeSpan.seconds(1)
    var best: (trial: Trial, ratio: Double)?
    for trial in trials {
      guard let ratio = trial.sharpe(per: second) else { continue }
      if best.map({ ratio > $0.ratio }) ?? true { best = (trial, ratio) }
    }
    return best?.trial
  }

  /// Returns of all trials that have some, over the bins that all of those share.
  public var alignedReturns: [TrialReturns]? {
    TrialReturns.aligned(trials.compactMap(\.returns))
  }

  /// How many independent trials these amount to by the average correlation of their returns; those
  /// whose returns are not kept count as one each. `nil` without common returns.
  public var effectiveCount: Double? {
    guard let series = alignedReturns else { return nil }
    return IndependentTrials.byAverageCorrelation(series.map(\.values))
      .map { $0 + Double(count - series.count) }
  }

  /// The probability of backtest overfitting over the trials whose returns are kept, in at most 16
  /// blocks of at least ten bins; `nil` where there are fewer than two or fewer than four blocks.
  public func overfitting(
    workers: Int = 1, monitor: JobMonitor? = nil
  ) throws -> BacktestOverfitting? {
    guard let series = alignedReturns, series.count >= 2 else { return nil }
    let blocks = min(16, series[0].values.count / 10 / 2 * 2)
    guard blocks >= 4 else { return nil }
    return try BacktestOverfitting(
      returns: series.map(\.values), blockCount: blocks, workers: workers, monitor: monitor)
  }
}

extension Trial {
  /// The Sharpe ratio over another period, scaled by the square root of time.
  public func sharpe(per other: TimeSpan) -> Double? {
    sharpe.map { ratio in
      period == other
        ? ratio
        : ratio * (Double(other.nanoseconds) / Double(period.nanoseconds)).squareRoot()
    }
  }

  /// The Sharpe ratio with what is needed to judge it; `nil` where there is none.
  public var sharpeEstimate: SharpeEstimate? {
    guard let sharpe, let skewness, let kurtosis else { return nil }
    return SharpeEstimate(
      ratio: sharpe, returnCount: returnCount, skewness: skewness, kurtosis: kurtosis)
  }
}
