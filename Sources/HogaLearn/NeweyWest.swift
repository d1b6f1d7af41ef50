/// `Γ₀ + Σ w_l (Γ_l + Γ_lᵀ)` with `Γ_l = Σ_t g_t g_{t−l}ᵀ` and Bartlett weights
/// `w_l = 1 − l / (lags + 1)`.
///
/// - Parameter scores: Column after column.
/// - Returns: Row-major, `columns × columns`.
func neweyWestSum(_ scores: [Double], columns: Int, rows: Int, lags: Int) -> [Double] {
  var sum = [Double](repeating: 0, count: columns * columns)
  scores.withUnsafeBufferPointer { scores in
    for lag in 0...max(0, min(lags, rows - 1)) {
      let weight = 1 - Double(lag) / Double(lags + 1)
      for i in 0..<columns {
        for j in 0..<columns {
          var product = 0.0
          for row in lag..<rows { product += scores[i * rows + row] * scores[j * rows + row - lag] }
          sum[i * columns + j] += weight * product
          if lag > 0 { sum[j * columns + i] += weight * product }
        }
      }
    }
  }
  return sum
}

/// A mean and its standard error.
public struct Estimate: Hashable, Sendable {
  public var value: Double
  public var standardError: Double

  public init(value: Double, standardError: Double) {
    self.value = value
    self.standardError = standardError
  }

  /// The mean of a series that may be correlated over up to `lags` rows (Newey and West 1987).
  ///
  /// With zero lags the error is `√(Σ(v − v̄)²) / n`, the binomial error where values are 0 and 1.
  /// NaN for an empty series.
  public init(meanOf values: [Double], lags: Int) {
    guard !values.isEmpty else {
      self.init(value: .nan, standardError: .nan)
      return
    }
    let center = mean(values[...])
    let sum = neweyWestSum(
      values.map { $0 - center }, columns: 1, rows: values.count, lags: max(0, lags))
    self.init(value: center, standardError: max(0, sum[0]).squareRoot() / Double(values.count))
  }
}

extension Samples {
  /// The lags that errors of scores on these samples should allow for: twice the overlap of labels,
  /// 0 without overlap.
  ///
  /// Labels over `k` rows are correlated over `k − 1` lags. Bartlett weights shrink those
  /// correlations, to two thirds of the variance with `k − 1` lags and five sixths with `2k`.
  public var scoreLags: Int { overlap > 1 ? 2 * overlap : 0 }
}
