public import HogaCore

/// What an equity curve on a regular grid says: risk, return and how sure one can be.
///
/// Returns are simple, `r_k = e_k / e_{k−1} − 1`. Ratios are per sample, without a risk-free rate,
/// and annualised only over spans that bear it: a year's figure from an hour is an absurdity.
public struct PerformanceStatistics: Hashable, Sendable {
  public typealias Drawdown = HogaStatistics.Drawdown

  /// Returns, one less than samples.
  public var returnCount: Int
  /// From the first sample to the last.
  public var span: TimeSpan
  public var periodsPerYear: Double
  /// Why nothing is annualised, or `nil` where it is.
  public var annualisationNote: String?
  /// Last equity over first, less one.
  public var totalReturn: Double
  /// Compounded to a year.
  public var annualReturn: Double?
  public var meanReturn: Double
  /// Sample standard deviation of returns (over n − 1).
  public var volatility: Double
  /// Mean over standard deviation, per sample; `nil` where returns do not vary.
  public var sharpe: Double?
  /// Standard error of `sharpe` for independent returns of any distribution with four moments; see
  /// `SharpeEstimate.standardError`.
  public var sharpeStandardError: Double?
  /// Standard error of `sharpe` for independent normal returns, `√((1 + SR²/2) / n)`: what the other
  /// one would be without skewness and fat tails.
  ///
  /// Source: A. W. Lo, "The statistics of Sharpe ratios", Financial Analysts Journal 58(4), 2002.
  public var normalSharpeStandardError: Double?
  /// `sharpe · √periodsPerYear`.
  public var annualSharpe: Double?
  public var annualSharpeStandardError: Double?
  /// Mean over downside deviation `√(Σ min(r, 0)² / n)`, per sample.
  public var sortino: Double?
  public var annualSortino: Double?
  /// `annualReturn` over the largest drawdown.
  public var calmar: Double?
  /// Third standardised moment of returns (population); 0 for a symmetric distribution.
  public var skewness: Double?
  /// Fourth standardised moment of returns (population); 3 for a normal distribution.
  public var kurtosis: Double?
  public var maximumDrawdown: Drawdown
  /// When equity was first at or below zero. Returns have no meaning from there on, so all ratios of
  /// a ruined account are `nil`.
  public var ruinTime: Timestamp?

  /// - Parameters:
  ///   - times: of the samples, in nanoseconds, ascending.
  ///   - equity: in units of currency.
  public init(
    times: [Int64], equity: [Double], periodsPerYear: Double, minimumSpanToAnnualise: TimeSpan
  ) {
    precondition(times.count == equity.count, "an equity value for each time")
    self.periodsPerYear = periodsPerYear
    let returns = zip(equity, equity.dropFirst()).map { $0 > 0 ? $1 / $0 - 1 : 0 }
    returnCount = returns.count
    let count = Double(returns.count)
    span = TimeSpan(nanoseconds: times.isEmpty ? 0 : times[times.count - 1] - times[0])
    let first = equity.first ?? 0
    totalReturn = first > 0 ? equity[equity.count - 1] / first - 1 : 0
    maximumDrawdown = Drawdown.deepest(1, times: times, equity: equity).first ?? Drawdown()

    ruinTime = equity.firstIndex { $0 <= 0 }.map { Timestamp(nanoseconds: times[$0]) }
    let moments = ReturnMoments(returns)
    meanReturn = moments.mean
    volatility = moments.deviation
    if let ruinTime {
      annualisationNote = "the capital was lost at \(ruinTime): ratios have no meaning"
      return
    }
    if let estimate = SharpeEstimate(moments) {
      sharpe = estimate.ratio
      sharpeStandardError = estimate.standardError
      normalSharpeStandardError = ((1 + estimate.ratio * estimate.ratio / 2) / count).squareRoot()
      skewness = estimate.skewness
      kurtosis = estimate.kurtosis
    }
    let downside = returns.reduce(0) { $0 + ($1 < 0 ? $1 * $1 : 0) }
    if downside > 0 { sortino = moments.mean / (downside / count).squareRoot() }

    guard span >= minimumSpanToAnnualise, returns.count >= Self.leastReturnsToAnnualise else {
      annualisationNote =
        "too short to annualise: \(Self.days(span)) days and \(returns.count) returns, "
        + "\(Self.days(minimumSpanToAnnualise)) days and \(Self.leastReturnsToAnnualise) returns are needed"
      return
    }
    let root = periodsPerYear.squareRoot()
    annualSharpe = sharpe.map { $0 * root }
    annualSharpeStandardError = sharpeStandardError.map { $0 * root }
    annualSortino = sortino.map { $0 * root }
    if totalReturn > -1 {
      let annual = exponential(logarithm(1 + totalReturn) * periodsPerYear / count) - 1
      annualReturn = annual
      if maximumDrawdown.fraction > 0 { calmar = annual / maximumDrawdown.fraction }
    }
  }

  static let leastReturnsToAnnualise = 30

  /// The Sharpe ratio with what is needed to judge it; `nil` where there is none.
  public var sharpeEstimate: SharpeEstimate? {
    guard let sharpe, let skewness, let kurtosis else { return nil }
    return SharpeEstimate(
      ratio: sharpe, returnCount: returnCount, skewness: skewness, kurtosis: kurtosis)
  }

  private static func days(_ span: TimeSpan) -> String {
    let thousandths = Int64((span.seconds / 86.4).rounded())
    return Decimal.text(thousandths, decimals: 3)
  }

  public var json: JSONValue {
    [
      "returns": .int(Int64(returnCount)), "span_s": .double(span.seconds),
      "periods_per_year": .double(periodsPerYear),
      "annualisation": .string(annualisationNote ?? "annualised"),
      "ruined": .time(ruinTime), "total_return": .double(totalReturn),
      "annual_return": .optional(annualReturn),
      "mean_return": .double(meanReturn), "volatility": .double(volatility),
      "sharpe_per_period": .optional(sharpe),
      "sharpe_per_period_se": .optional(sharpeStandardError),
      "sharpe_per_period_se_normal": .optional(normalSharpeStandardError),
      "sharpe_annual": .optional(annualSharpe),
      "sharpe_annual_se": .optional(annualSharpeStandardError),
      "sortino_per_period": .optional(sortino), "sortino_annual": .optional(annualSortino),
      "calmar": .optional(calmar), "skewness": .optional(skewness), "kurtosis": .optional(kurtosis),
      "max_drawdown": .double(maximumDrawdown.fraction),
      "max_drawdown_amount": .double(maximumDrawdown.amount),
      "max_drawdown_peak": .time(maximumDrawdown.peakTime),
      "max_drawdown_trough": .time(maximumDrawdown.troughTime),
      "max_drawdown_recovery": .time(maximumDrawdown.recoveryTime),
    ]
  }
}
