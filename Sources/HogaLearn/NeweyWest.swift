/// `Γ₀ + Σ w_l (Γ_l + Γ_lᵀ)` with `Γ_l = Σ_t g_t g_{t−l}ᵀ` and Bartlett weights
/// `w_l = 1 − l / (lags + 1)`.
///
/// - Parameter scores: Column after column.
/// - Returns: Row-major, `columns × columns`.
func neweyWestSum(_ scores: [Double], columns: Int, rows: Int, lags: Int) -> [Double] {
  var sum = [Double](repeating: 0, count: columns * columns)
  unsafe scores.withUnsafeBufferPointer { scores in
    for lag in 0...max(0, min(lags, rows - 1)) {
      let weight = 1 - Double(lag) / Double(lags + 1)
      for i in 0..<columns {
        for j in 0..<columns {
          var product = 0.0
          for row in lag..<rows {
            unsafe product += scores[i * rows + row] * scores[j * rows + row - lag]
          }
          sum[i * columns + j] += weight * product
          if lag > 0 { sum[j * columns + i] += weight * product }
        }
      }
    }
  }
  return sum
}

/// How rows of scores hang together, which decides how sure their mean is.
public struct ScoreErrors: Hashable, Sendable {
  /// Over how many distinct times rows may be correlated.
  public var lags: Int
  /// The time of each row, ascending, where several rows (symbols) share a time: their errors are
  /// summed first, so that a crowd at one time is not taken for many independent rows (Driscoll and
  /// Kraay 1998). `nil` where each row has a time of its own.
  public var time: [Int64]?

  public init(lags: Int = 0, time: [Int64]? = nil) {
    self.lags = lags
    self.time = time
  }

  /// The same for some of the rows.
  public func rows(_ rows: [Int]) -> ScoreErrors {
    ScoreErrors(lags: lags, time: time.map { time in rows.map { time[$0] } })
  }

  /// The standard error of a mean, given each row's deviation from it. NaN without rows.
  func ofMean(_ deviations: [Double]) -> Double {
    guard !deviations.isEmpty else { return .nan }
    var sums = deviations
    if let time {
      precondition(time.count == deviations.count, "one time for each row")
      sums = []
      for row in deviations.indices {
        if row > 0, time[row] == time[row - 1] {
          sums[sums.count - 1] += deviations[row]
        } else {
          sums.append(deviations[row])
        }
      }
    }
    let total = neweyWestSum(sums, columns: 1, rows: sums.count, lags: max(0, lags))
    return max(0, total[0]).squareRoot() / Double(deviations.count)
  }
}

/// A figure and its standard error.
public struct Estimate: Hashable, Sendable {
  public var value: Double
  public var standardError: Double

  public init(value: Double, standardError: Double) {
    self.value = value
    self.standardError = standardError
  }

  /// The mean of values that may be correlated over some rows (Newey and West 1987).
  ///
  /// With zero lags the error is `√(Σ(v − v̄)²) / n`, the binomial error where values are 0 and 1.
  /// NaN without values.
  public init(meanOf values: [Double], errors: ScoreErrors = ScoreErrors()) {
    let center = mean(values[...])
    self.init(value: center, standardError: errors.ofMean(values.map { $0 - center }))
  }
}

extension Samples {
  /// The lags that errors of scores on these samples should allow for: twice the overlap of labels,
  /// 0 without overlap.
  ///
  /// Labels over `k` rows are correlated over `k − 1` lags. Bartlett weights shrink those
  /// correlations, to two thirds of the variance with `k − 1` lags and five sixths with `2k`.
  public var scoreLags: Int { overlap > 1 ? 2 * overlap : 0 }

  /// What errors of scores on these samples should allow for: overlap of labels, and rows that share
  /// a time.
  public var scoreErrors: ScoreErrors {
    let isShared = zip(time, time.dropFirst()).contains { $0 == $1 }
    return ScoreErrors(lags: scoreLags, time: isShared ? time : nil)
  }
}
