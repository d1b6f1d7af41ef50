/// Scores of forecasts, as plain functions of truth and forecast.
///
/// All take rows where both are known. A score that is not defined (a correlation with a constant,
/// anything of no rows) is NaN.
public enum Metrics {
  // MARK: Numbers

  public static func rmse(_ truth: [Double], _ forecast: [Double]) -> Double {
    meanSquaredError(truth, forecast).squareRoot()
  }

  public static func meanSquaredError(_ truth: [Double], _ forecast: [Double]) -> Double {
    mean(zip(truth, forecast).map { ($0 - $1) * ($0 - $1) }[...])
  }

  public static func mae(_ truth: [Double], _ forecast: [Double]) -> Double {
    mean(zip(truth, forecast).map { abs($0 - $1) }[...])
  }

  /// `1 − Σ(y − f)² / Σ(y − r)²` against a reference forecast `r`.
  ///
  /// Out of sample the reference is the mean of the *training* answers of each row's fold, never
  /// that of the test (which nobody knew); a reference of zeros asks whether a forecast of returns
  /// beats none at all. NaN where the reference is perfect.
  public static func rSquared(
    _ truth: [Double], _ forecast: [Double], reference: [Double]
  ) -> Double {
    let base = meanSquaredError(truth, reference)
    return base > 0 ? 1 - meanSquaredError(truth, forecast) / base : .nan
  }

  /// Pearson's correlation; of a forecast with what it foretold, the information coefficient.
  public static func correlation(_ a: [Double], _ b: [Double]) -> Double {
    guard let (x, y) = standardized(a, b) else { return .nan }
    return min(1, max(-1, mean(zip(x, y).map(*)[...])))
  }

  /// Spearman's correlation: Pearson's of the ranks, equal values sharing their average rank.
  public static func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double {
    correlation(averageRanks(a), averageRanks(b))
  }

  /// Ranks from one; equal values share the average of theirs.
  public static func averageRanks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      let shared = Double(start + 1 + end) / 2
      for place in start..<end { ranks[order[place]] = shared }
      start = end
    }
    return ranks
  }

  /// Whether each forecast had the sign of the truth (1 or 0), for rows where neither is zero: a
  /// zero has no direction to be right about.
  public static func directionHits(_ truth: [Double], _ forecast: [Double]) -> [Double] {
    zip(truth, forecast).filter { $0 != 0 && $1 != 0 }.map { ($0 > 0) == ($1 > 0) ? 1 : 0 }
  }

  /// The information coefficient with its error, which allows for correlated rows.
  ///
  /// By the delta method on `ψ = x̃ỹ − ρ(x̃² + ỹ²)/2`, with x̃ and ỹ of mean 0 and deviation 1; for
  /// independent normal rows it is `(1 − ρ²)/√n`. Ranks are treated as data, which is exact where
  /// forecast and truth are independent and close for the small correlations of markets.
  public static func informationCoefficient(
    _ truth: [Double], _ forecast: [Double], ranked: Bool = false,
    errors: ScoreErrors = ScoreErrors()
  ) -> Estimate {
    let truth = ranked ? averageRanks(truth) : truth
    let forecast = ranked ? averageRanks(forecast) : forecast
    guard let (x, y) = standardized(truth, forecast) else {
      return Estimate(value: .nan, standardError: .nan)
    }
    let correlation = min(1, max(-1, mean(zip(x, y).map(*)[...])))
    let influence = zip(x, y).map { $0 * $1 - correlation * ($0 * $0 + $1 * $1) / 2 }
    return Estimate(value: correlation, standardError: errors.ofMean(influence))
  }

  /// Both series with mean 0 and deviation 1, or `nil` where one does not vary.
  private static func standardized(_ a: [Double], _ b: [Double]) -> ([Double], [Double])? {
    precondition(a.count == b.count, "truth and forecast have different row counts")
    func scaled(_ values: [Double]) -> [Double]? {
      guard let first = values.first, values.contains(where: { $0 != first }) else { return nil }
      let center = mean(values[...])
      let deviation = mean(values.map { ($0 - center) * ($0 - center) }[...]).squareRoot()
      return deviation > 0 ? values.map { ($0 - center) / deviation } : nil
    }
    guard let x = scaled(a), let y = scaled(b) else { return nil }
    return (x, y)
  }
}
