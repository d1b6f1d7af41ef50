public import HogaCore

/// Ordinary least squares for many rows, from sums of products.
///
/// A feature that those before it determine takes no part: its coefficient is zero, and the forecast
/// is that of the features that are left. (`LinearRegression` keeps more digits, tells errors of the
/// coefficients, copies the data and refuses such features.) Solved by the Cholesky factor of the
/// centred normal equations.
public struct LeastSquares: Learner {
  public var name: String { "linear" }
  public var settings: JSONValue { ["dependent_features": "zero"] }

  public init() {}

  public func fit(
    _ training: Samples, validation: Samples?, monitor: JobMonitor?
  ) throws -> FittedLinear {
    try checkRegression(training)
    try training.x.checkFinite()
    let moments = Moments(training.x, training.y)
    try monitor?.checkCancelled()
    let size = moments.featureCount
    var weights = [Double](repeating: 0, count: size)
    var kept: [Int] = []
    // Rows of the factor that belong to `kept`, each as long as its own place among them.
    var factor: [[Double]] = []
    for column in 0..<size {
      var row: [Double] = []
      row.reserveCapacity(kept.count + 1)
      for (place, other) in kept.enumerated() {
        var sum = moments.gram[column * size + other]
        for k in 0..<place { sum -= row[k] * factor[place][k] }
        row.append(sum / factor[place][place])
      }
      let whole = moments.gram[column * size + column]
      let left = whole - row.reduce(0) { $0 + $1 * $1 }
      // What the columns before leave of this one, as a share: below this it is rounding.
      guard left > 1e-10 * whole, whole > 0, left.isFinite else { continue }
      row.append(left.squareRoot())
      kept.append(column)
      factor.append(row)
    }
    guard kept.count < moments.count else {
      throw DataError("\(moments.count) rows are too few for \(kept.count) features")
    }
    var solution = kept.map { moments.cross[$0] }
    for i in kept.indices {
      for k in 0..<i { solution[i] -= factor[i][k] * solution[k] }
      solution[i] /= factor[i][i]
    }
    for i in kept.indices.reversed() {
      for k in (i + 1)..<max(kept.count, i + 1) { solution[i] -= factor[k][i] * solution[k] }
      solution[i] /= factor[i][i]
    }
    for (place, column) in kept.enumerated() { weights[column] = solution[place] }
    let shift = zip(weights, moments.featureMeans).reduce(0) { $0 + $1.0 * $1.1 }
    return FittedLinear(
      featureNames: training.x.names, coefficients: weights, intercept: moments.answerMean - shift)
  }
}
