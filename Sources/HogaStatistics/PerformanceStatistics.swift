public import HogaCore

/// What an equity curve on a regular grid says: risk, return and how sure one can be.
///
/// Returns are simple, `r_k = e_k / e_{k−1} − 1`. Ratios are per sample, without a risk-free rate,
/// and annualised only over spans that bear it: a year's figure from an hour is an absurdity.
public struct PerformanceStatistics: Hashable, Sendable {
  /// The deepest fall below an earlier peak.
  public struct Drawdown: Hashable, Sendable {
    /// Of the peak; 0 where equity never fell.
    public var fraction = 0.0
    public var amount = 0.0
    public var peakTime: Timestamp?
    public var troughTime: Timestamp?
    /// When equity was back at the peak; `nil` where it never was.
    public var recoveryTime: Timestamp?
  }

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
  /// Standard error of `sharpe` for independent returns, `√((1 + SR²/2) / n)`.
  ///
  /// Source: A. W. Lo, "The statistics of Sharpe ratios", Financial Analysts Journal 58(4), 2002.
  public var sharpeStandardError: Double?
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
    maximumDrawdown = Self.drawdown(times, equity)

    ruinTime = equity.firstIndex { $0 <= 0 }.map { Timestamp(nanoseconds: times[$0]) }
    let mean = returns.isEmpty ? 0 : returns.reduce(0, +) / count
    let squares = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    meanReturn = mean
    volatility = returns.count > 1 ? (squares / (count - 1)).squareRoot() : 0
    if let ruinTime {
      annualisationNote = "the capital was lost at \(ruinTime): ratios have no meaning"
      return
    }
    if volatility > 0 {
      let ratio = mean / volatility
      sharpe = ratio
      sharpeStandardError = ((1 + ratio * ratio / 2) / count).squareRoot()
      let variance = squares / count
      skewness =
        returns.reduce(0) { $0 + power($1 - mean, 3) } / count / (variance * variance.squareRoot())
      kurtosis = returns.reduce(0) { $0 + power($1 - mean, 4) } / count / (variance * variance)
    }
    let downside = returns.reduce(0) { $0 + ($1 < 0 ? $1 * $1 : 0) }
    if downside > 0 { sortino = mean / (downside / count).squareRoot() }

    guard span >= minimumSpanToAnnualise, returns.count >= 30 else {
      annualisationNote =
        "too short to annualise: \(Self.days(span)) days and \(returns.count) returns, "
        + "\(Self.days(minimumSpanToAnnualise)) days and 30 returns are needed"
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

  private static func drawdown(_ times: [Int64], _ equity: [Double]) -> Drawdown {
    var worst = Drawdown()
    guard var peak = equity.first else { return worst }
    var peakIndex = 0
    var worstPeak = peak
    var recovered = true
    for (index, value) in equity.enumerated() {
      if !recovered, value >= worstPeak {
        recovered = true
        worst.recoveryTime = Timestamp(nanoseconds: times[index])
      }
      if value > peak {
        peak = value
        peakIndex = index
      }
      if peak > 0, (peak - value) / peak > worst.fraction {
        worst = Drawdown(
          fraction: (peak - value) / peak, amount: peak - value,
          peakTime: Timestamp(nanoseconds: times[peakIndex]),
          troughTime: Timestamp(nanoseconds: times[index]))
        worstPeak = peak
        recovered = false
      }
    }
    return worst
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
      "ruined": text(ruinTime), "total_return": .double(totalReturn),
      "annual_return": .optional(annualReturn),
      "mean_return": .double(meanReturn), "volatility": .double(volatility),
      "sharpe_per_period": .optional(sharpe),
      "sharpe_per_period_se": .optional(sharpeStandardError),
      "sharpe_annual": .optional(annualSharpe),
      "sharpe_annual_se": .optional(annualSharpeStandardError),
      "sortino_per_period": .optional(sortino), "sortino_annual": .optional(annualSortino),
      "calmar": .optional(calmar), "skewness": .optional(skewness), "kurtosis": .optional(kurtosis),
      "max_drawdown": .double(maximumDrawdown.fraction),
      "max_drawdown_amount": .double(maximumDrawdown.amount),
      "max_drawdown_peak": text(maximumDrawdown.peakTime),
      "max_drawdown_trough": text(maximumDrawdown.troughTime),
      "max_drawdown_recovery": text(maximumDrawdown.recoveryTime),
    ]
  }
}

private func power(_ base: Double, _ exponent: Int) -> Double {
  (0..<exponent).reduce(1) { product, _ in product * base }
}

private func text(_ time: Timestamp?) -> JSONValue { time.map { .string("\($0)") } ?? .null }
