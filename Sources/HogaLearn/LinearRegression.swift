public import HogaCore

/// Ordinary least squares with standard errors.
///
/// Solved by Householder reflections on centred columns, which keeps twice the digits of the
/// normal equations.
public struct LinearRegression: Learner {
  /// How the errors of the coefficients are estimated.
  public enum Covariance: Hashable, Sendable {
    /// Errors of equal variance that know nothing of each other.
    case classical
    /// Errors of any variance, correlated over up to `lags` rows: Bartlett weights, without a
    /// correction for small samples. Zero lags are White's errors. Source: W. Newey, K. West, "A
    /// simple, positive semi-definite, heteroskedasticity and autocorrelation consistent
    /// covariance matrix", Econometrica 55(3), 1987.
    case neweyWest(lags: Int)
  }

  public var covariance: Covariance
  public var name: String { "ols" }
  public var settings: JSONValue {
    switch covariance {
    case .classical: ["covariance": "classical"]
    case .neweyWest(let lags): ["covariance": "newey-west", "lags": .int(Int64(lags))]
    }
  }

  public init(covariance: Covariance = .classical) { self.covariance = covariance }

  public func fit(
    _ training: Samples, validation: Samples?, monitor: JobMonitor?
  ) throws -> FittedLinearRegression {
    if case .neweyWest(let lags) = covariance, lags < 0 {
      throw UsageError("\(lags) lags are not zero or above")
    }
    let x = training.x
    try checkRegression(training, minimumRows: x.columnCount + 2)
    try x.checkFinite()
    let rows = x.rowCount
    let features = x.columnCount
    let centers = (0..<features).map { mean(x.column($0)) }
    let answerMean = mean(training.y[...])
    var centred = x.values
    for column in 0..<features {
      for row in 0..<rows { centred[column * rows + row] -= centers[column] }
    }
    let answer = training.y.map { $0 - answerMean }
    let solution = try QRSolution(centred, answer, names: x.names)
    try monitor?.checkCancelled()

    let weights = solution.weights
    var residuals = answer
    for column in 0..<features {
      for row in 0..<rows { residuals[row] -= weights[column] * centred[column * rows + row] }
    }
    let residualSum = residuals.reduce(0) { $0 + $1 * $1 }
    let totalSum = answer.reduce(0) { $0 + $1 * $1 }

    // In coordinates (1, x − x̄) the inverse of XᵀX is block diagonal.
    let size = features + 1
    var inverse = [Double](repeating: 0, count: size * size)
    inverse[0] = 1 / Double(rows)
    for i in 0..<features {
      for j in 0..<features {
        inverse[(i + 1) * size + j + 1] = solution.inverseNormal[i * features + j]
      }
    }
    var variances: [Double]
    switch covariance {
    case .classical:
      let noise = residualSum / Double(rows - size)
      variances = inverse.map { $0 * noise }
    case .neweyWest(let lags):
      var scores = residuals  // row by row u_t, then u_t (x_t − x̄), column after column
      scores.reserveCapacity(size * rows)
      for column in 0..<features {
        for row in 0..<rows { scores.append(residuals[row] * centred[column * rows + row]) }
      }
      let meat = neweyWestSum(scores, columns: size, rows: rows, lags: lags)
      variances = product(product(inverse, meat, size), inverse, size)
    }
    // Back from a = ȳ at the centre to the intercept at zero, b₀ = a − x̄ᵀw.
    var interceptVariance = 0.0
    let shift = [1] + centers.map { -$0 }
    for i in 0..<size {
      for j in 0..<size { interceptVariance += shift[i] * shift[j] * variances[i * size + j] }
    }
    let intercept = answerMean - zip(weights, centers).reduce(0) { $0 + $1.0 * $1.1 }
    return FittedLinearRegression(
      linear: FittedLinear(featureNames: x.names, coefficients: weights, intercept: intercept),
      standardErrors: (1..<size).map { variances[$0 * size + $0].squareRoot() },
      interceptError: max(0, interceptVariance).squareRoot(),
      rSquared: totalSum > 0 ? 1 - residualSum / totalSum : .nan,
      adjustedRSquared: totalSum > 0
        ? 1 - residualSum / totalSum * Double(rows - 1) / Double(rows - size) : .nan,
      residualVariance: residualSum / Double(rows - size), count: rows)
  }

  private func product(_ a: [Double], _ b: [Double], _ size: Int) -> [Double] {
    var result = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for k in 0..<size {
        for j in 0..<size { result[i * size + j] += a[i * size + k] * b[k * size + j] }
      }
    }
    return result
  }
}

/// A least-squares fit and how sure it is.
public struct FittedLinearRegression: LinearFit, Hashable {
  public let linear: FittedLinear
  /// By coefficient, in its unit.
  public let standardErrors: [Double]
  public let interceptError: Double
  /// Within the sample.
  public let rSquared: Double
  public let adjustedRSquared: Double
  public let residualVariance: Double
  public let count: Int

  /// Coefficient over standard error.
  public var tStatistics: [Double] { zip(coefficients, standardErrors).map { $0 / $1 } }
  public var interceptTStatistic: Double { intercept / interceptError }

  init(
    linear: FittedLinear, standardErrors: [Double], interceptError: Double, rSquared: Double,
    adjustedRSquared: Double, residualVariance: Double, count: Int
  ) {
    self.linear = linear
    self.standardErrors = standardErrors
    self.interceptError = interceptError
    self.rSquared = rSquared
    self.adjustedRSquared = adjustedRSquared
    self.residualVariance = residualVariance
    self.count = count
  }

  /// A saved fit comes back as its forecast, with NaN for the diagnostics it no longer has.
  public init(decoding json: JSONValue, kinds: ModelKinds) throws {
    let linear = try FittedLinear(decoding: json, kinds: kinds)
    self.init(
      linear: linear, standardErrors: linear.coefficients.map { _ in .nan }, interceptError: .nan,
      rSquared: .nan, adjustedRSquared: .nan, residualVariance: .nan, count: 0)
  }

  public var json: JSONValue {
    .object([
      ("features", .list(featureNames)), ("coefficients", .list(coefficients)),
      ("standard_errors", .list(standardErrors)), ("t_statistics", .list(tStatistics)),
      ("intercept", .double(intercept)), ("intercept_error", .double(interceptError)),
      ("r_squared", .double(rSquared)), ("adjusted_r_squared", .double(adjustedRSquared)),
      ("count", .int(Int64(count))),
    ])
  }
}

/// Least squares by Householder reflections.
private struct QRSolution {
  var weights: [Double]
  /// `(XᵀX)⁻¹`, row-major.
  var inverseNormal: [Double]

  /// - Throws: `DataError` at the first column that the ones before it determine.
  init(_ matrix: [Double], _ right: [Double], names: [String]) throws {
    let rows = right.count
    let columns = names.count
    var a = matrix
    var b = right
    var diagonal = [Double](repeating: 0, count: columns)
    for k in 0..<columns {
      let start = k * rows
      let whole = (0..<rows).reduce(0) { $0 + matrix[start + $1] * matrix[start + $1] }
      let left = (k..<rows).reduce(0) { $0 + a[start + $1] * a[start + $1] }
      guard left > 1e-22 * whole, whole > 0 else {
        throw DataError(
          whole > 0 ? "is a combination of the columns before it" : "is constant",
          column: names[k])
      }
      diagonal[k] = a[start + k] > 0 ? -left.squareRoot() : left.squareRoot()
      a[start + k] -= diagonal[k]
      let scale = 2 / (k..<rows).reduce(0) { $0 + a[start + $1] * a[start + $1] }
      for j in (k + 1)..<max(columns, k + 1) {
        var dot = 0.0
        for row in k..<rows { dot += a[start + row] * a[j * rows + row] }
        dot *= scale
        for row in k..<rows { a[j * rows + row] -= dot * a[start + row] }
      }
      var dot = 0.0
      for row in k..<rows { dot += a[start + row] * b[row] }
      dot *= scale
      for row in k..<rows { b[row] -= dot * a[start + row] }
    }
    func r(_ i: Int, _ j: Int) -> Double { i == j ? diagonal[i] : a[j * rows + i] }
    func backSolve(_ right: [Double]) -> [Double] {
      var x = right
      for i in (0..<columns).reversed() {
        for j in (i + 1)..<max(columns, i + 1) { x[i] -= r(i, j) * x[j] }
        x[i] /= diagonal[i]
      }
      return x
    }
    weights = backSolve(Array(b[..<columns]))
    // (XᵀX)⁻¹ = R⁻¹R⁻ᵀ
    let inverse = (0..<columns).map { unit in
      backSolve((0..<columns).map { $0 == unit ? 1 : 0 })
    }
    inverseNormal = [Double](repeating: 0, count: columns * columns)
    for i in 0..<columns {
      for j in 0..<columns {
        for k in 0..<columns { inverseNormal[i * columns + j] += inverse[k][i] * inverse[k][j] }
      }
    }
  }
}
