public import HogaCore

/// Least squares with a penalty on the squares of the coefficients.
///
/// Minimises `‖y − b − Xw‖² + penalty · ‖w‖²`; the intercept is free. The same definition as
/// scikit-learn's `Ridge`. Solved by the Cholesky factor of the centred normal equations.
public struct Ridge: Learner {
  public var penalty: Double
  public var name: String { "ridge" }
  public var settings: JSONValue { ["penalty": .double(penalty)] }

  public init(penalty: Double = 1) { self.penalty = penalty }

  public func fit(
    _ training: Samples, validation: Samples?, monitor: JobMonitor?
  ) throws -> FittedLinear {
    guard penalty >= 0, penalty.isFinite else {
      throw UsageError("a penalty of \(penalty) is not zero or above")
    }
    try checkRegression(training)
    try training.x.checkFinite()
    let moments = Moments(training.x, training.y)
    try monitor?.checkCancelled()
    let size = moments.featureCount
    var normal = moments.gram
    for j in 0..<size { normal[j * size + j] += penalty / Double(moments.count) }
    let weights: [Double]
    do {
      weights = try Cholesky(normal, size: size).solve(moments.cross)
    } catch {
      throw DataError(
        "is constant or a combination of the columns before it; a penalty above zero allows that",
        column: training.x.names[error.row])
    }
    let shift = zip(weights, moments.featureMeans).reduce(0) { $0 + $1.0 * $1.1 }
    return FittedLinear(
      featureNames: training.x.names, coefficients: weights,
      intercept: moments.answerMean - shift)
  }
}
