internal import Glibc
public import HogaCore

/// Least squares with a penalty on the size of the coefficients, which sets many of them to zero.
///
/// Minimises `‖y − b − Xw‖² / 2n + penalty · l1Share · ‖w‖₁ + penalty · (1 − l1Share) · ‖w‖² / 2`;
/// the intercept is free. The same definition as scikit-learn's `ElasticNet` (`alpha`, `l1_ratio`).
/// Features are taken as they are: scale them first, or the penalty weighs their units.
///
/// Coordinate descent on the matrix of covariances, which costs one pass over the data; after that
/// the cost knows nothing of the row count. Source: J. Friedman, T. Hastie, R. Tibshirani,
/// "Regularization paths for generalized linear models via coordinate descent", J. Stat. Soft.
/// 33(1), 2010. It stops by the duality gap: the objective is then within
/// `tolerance · Var(y)` of its minimum.
public struct ElasticNet: Learner {
  public var penalty: Double
  /// 1 is the LASSO; must be above 0 (take `Ridge` for 0).
  public var l1Share: Double
  public var tolerance: Double
  public var maximumSweeps: Int

  public var name: String { l1Share == 1 ? "lasso" : "elastic-net" }
  public var settings: JSONValue {
    [
      "penalty": .double(penalty), "l1_share": .double(l1Share), "tolerance": .double(tolerance),
      "maximum_sweeps": .int(Int64(maximumSweeps)),
    ]
  }

  public init(
    penalty: Double, l1Share: Double = 0.5, tolerance: Double = 1e-8, maximumSweeps: Int = 10_000
  ) {
    self.penalty = penalty
    self.l1Share = l1Share
    self.tolerance = tolerance
    self.maximumSweeps = maximumSweeps
  }

  /// The penalty on absolute values alone.
  public static func lasso(
    penalty: Double, tolerance: Double = 1e-8, maximumSweeps: Int = 10_000
  ) -> ElasticNet {
    ElasticNet(
      penalty: penalty, l1Share: 1, tolerance: tolerance, maximumSweeps: maximumSweeps)
  }

  public func fit(
    _ training: Samples, validation: Samples?, monitor: JobMonitor?
  ) throws -> FittedElasticNet {
    let path = try ElasticNetPath(
      penalties: .given([penalty]), l1Share: l1Share, standardizes: false, tolerance: tolerance,
      maximumSweeps: maximumSweeps
    ).fit(training, monitor: monitor)
    return path.model(at: 0)
  }

  /// How far coefficients are from the conditions of the minimum (Karush, Kuhn, Tucker), in the
  /// unit of the penalty: 0 at the exact minimum.
  ///
  /// With the gradient `g_j = −x_jᵀ(y − b − Xw)/n + penalty (1 − l1Share) w_j` of the smooth part,
  /// the minimum has `g_j = −penalty · l1Share · sign(w_j)` where `w_j ≠ 0`, and otherwise
  /// `|g_j| ≤ penalty · l1Share`. Returns the largest excess over all features, and that of the
  /// intercept, whose gradient is zero.
  public func optimalityViolation(
    of model: FittedLinear, on x: Matrix, _ y: [Double]
  ) throws -> Double {
    let x = try x.selecting(model.featureNames)
    let forecast = try model.predict(x)
    let residuals = zip(y, forecast).map { $0 - $1 }
    let scale = Double(y.count)
    var worst = abs(residuals.reduce(0, +) / scale)
    for column in 0..<x.columnCount {
      let product = zip(x.column(column), residuals).reduce(0) { $0 + $1.0 * $1.1 }
      let weight = model.coefficients[column]
      let gradient = -product / scale + penalty * (1 - l1Share) * weight
      let excess =
        weight == 0
        ? abs(gradient) - penalty * l1Share
        : abs(gradient + (weight > 0 ? 1 : -1) * penalty * l1Share)
      worst = max(worst, excess)
    }
    return worst
  }
}

/// A fitted elastic net and how near to the minimum it is.
public struct FittedElasticNet: LinearFit, Hashable {
  public let linear: FittedLinear
  public let penalty: Double
  public let l1Share: Double
  /// How far the objective is from its minimum at most, over the variance of the answer.
  public let relativeGap: Double
  public let sweeps: Int
  /// Whether the gap fell below the tolerance within the sweeps that were allowed.
  public let isConverged: Bool

  /// The features that take part.
  public var selected: [String] {
    zip(featureNames, coefficients).filter { $1 != 0 }.map(\.0)
  }

  init(
    linear: FittedLinear, penalty: Double, l1Share: Double, relativeGap: Double, sweeps: Int,
    isConverged: Bool
  ) {
    self.linear = linear
    self.penalty = penalty
    self.l1Share = l1Share
    self.relativeGap = relativeGap
    self.sweeps = sweeps
    self.isConverged = isConverged
  }

  /// A saved fit comes back as its forecast; its penalty and gap are NaN.
  public init(decoding json: JSONValue, kinds: ModelKinds) throws {
    self.init(
      linear: try FittedLinear(decoding: json, kinds: kinds), penalty: .nan, l1Share: .nan,
      relativeGap: .nan, sweeps: 0, isConverged: true)
  }
}

/// Elastic nets over a falling row of penalties, each started from the one before.
public struct ElasticNetPath: Sendable {
  public enum Penalties: Hashable, Sendable {
    case given([Double])
    /// `count` penalties, evenly spaced in logarithm, from the smallest that leaves no feature in
    /// down to `ratio` of it.
    case automatic(count: Int, ratio: Double)
  }

  public var penalties: Penalties
  public var l1Share: Double
  /// Whether features are divided by their standard deviation for the fit. Coefficients are in the
  /// features' own units either way.
  public var standardizes: Bool
  public var tolerance: Double
  public var maximumSweeps: Int

  public init(
    penalties: Penalties = .automatic(count: 100, ratio: 1e-3), l1Share: Double = 1,
    standardizes: Bool = false, tolerance: Double = 1e-8, maximumSweeps: Int = 10_000
  ) {
    self.penalties = penalties
    self.l1Share = l1Share
    self.standardizes = standardizes
    self.tolerance = tolerance
    self.maximumSweeps = maximumSweeps
  }

  /// Fits the path; `fit(x, y)` is short for samples without time.
  public func fit(_ x: Matrix, _ y: [Double]) throws -> FittedElasticNetPath {
    try fit(Samples(x: x, y: y, classes: nil), monitor: nil)
  }

  public func fit(_ training: Samples, monitor: JobMonitor?) throws -> FittedElasticNetPath {
    try checkSettings()
    try checkRegression(training)
    try training.x.checkFinite()
    let problem = try problem(of: training)
    return try fit(problem, penalties: grid(of: problem), monitor: monitor)
  }

  /// The data reduced to what the descent needs.
  struct Problem {
    var moments: Moments
    /// What each feature was divided by.
    var scales: [Double]
    var names: [String]
  }

  /// Of an automatic path; more only repeat their neighbours.
  static let countLimits = 2...1000

  func checkSettings() throws {
    guard l1Share > 0, l1Share <= 1 else {
      throw UsageError("an l1 share of \(l1Share) is not above 0 and up to 1; take Ridge for 0")
    }
    guard tolerance >= 0, maximumSweeps > 0 else {
      throw UsageError("the tolerance is zero or above, and sweeps are one or more")
    }
    switch penalties {
    case .given(let list):
      guard !list.isEmpty, list.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw UsageError("penalties are one or more numbers of zero or above")
      }
    case .automatic(let count, let ratio):
      guard Self.countLimits.contains(count) else {
        throw UsageError("\(count) penalties are not in 2…\(Self.countLimits.upperBound)")
      }
      guard ratio > 0, ratio < 1 else {
        throw UsageError("a ratio of \(ratio) between the penalties is not between 0 and 1")
      }
    }
  }

  func problem(of training: Samples) throws -> Problem {
    let columns = training.x.columnCount
    guard columns <= 8192 else {
      throw UsageError("\(columns) features need a matrix of covariances beyond 0.5 GB")
    }
    var moments = Moments(training.x, training.y)
    var scales = [Double](repeating: 1, count: columns)
    if standardizes {
      for j in 0..<columns where !isConstant(moments, j) {
        scales[j] = moments.gram[j * columns + j].squareRoot()
      }
      for i in 0..<columns {
        moments.cross[i] /= scales[i]
        for j in 0..<columns { moments.gram[i * columns + j] /= scales[i] * scales[j] }
      }
    }
    // A column that does not vary beyond rounding must not get a coefficient from it.
    for j in 0..<columns where isConstant(moments, j) {
      moments.cross[j] = 0
      for i in 0..<columns {
        moments.gram[i * columns + j] = 0
        moments.gram[j * columns + i] = 0
      }
    }
    return Problem(moments: moments, scales: scales, names: training.x.names)
  }

  private func isConstant(_ moments: Moments, _ j: Int) -> Bool {
    let size = moments.featureCount
    let center = moments.featureMeans[j]
    let rounding = Double.ulpOfOne * center
    return moments.gram[j * size + j] <= 16 * rounding * rounding
  }

  func grid(of problem: Problem) -> [Double] {
    switch penalties {
    case .given(let list): return list.sorted(by: >)
    case .automatic(let count, let ratio):
      let largest = (problem.moments.cross.map(abs).max() ?? 0) / l1Share
      // Rounding must not let the first penalty admit a feature.
      guard largest > 0 else { return [0] }
      guard count > 1 else { return [largest] }
      return (0..<count).map { largest * pow(ratio, Double($0) / Double(count - 1)) }
    }
  }

  func fit(
    _ problem: Problem, penalties: [Double], monitor: JobMonitor?
  ) throws -> FittedElasticNetPath {
    var descent = CoordinateDescent(problem.moments)
    var models: [FittedElasticNet] = []
    for penalty in penalties {
      let outcome = try descent.solve(
        l1: penalty * l1Share, l2: penalty * (1 - l1Share), tolerance: tolerance,
        maximumSweeps: maximumSweeps, monitor: monitor)
      let weights = zip(descent.weights, problem.scales).map { $0 / $1 }
      let shift = zip(weights, problem.moments.featureMeans).reduce(0) { $0 + $1.0 * $1.1 }
      models.append(
        FittedElasticNet(
          linear: FittedLinear(
            featureNames: problem.names, coefficients: weights,
            intercept: problem.moments.answerMean - shift),
          penalty: penalty, l1Share: l1Share, relativeGap: outcome.relativeGap,
          sweeps: outcome.sweeps, isConverged: outcome.isConverged))
    }
    return FittedElasticNetPath(models: models)
  }
}

/// Elastic nets from the strongest penalty to the weakest.
public struct FittedElasticNetPath: Sendable {
  let models: [FittedElasticNet]

  public var count: Int { models.count }
  /// Falling.
  public var penalties: [Double] { models.map(\.penalty) }
  public func model(at index: Int) -> FittedElasticNet { models[index] }
}
