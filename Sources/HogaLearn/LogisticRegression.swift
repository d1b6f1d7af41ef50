internal import Glibc
public import HogaCore

/// Probabilities of two or more classes from a weighted sum of features.
///
/// Minimises `Σ −log p(y_i) + penalty · ‖w‖² / 2` over the coefficients, with free intercepts: the
/// definition of scikit-learn's `LogisticRegression` with `C = 1 / penalty`. Two classes share one
/// row of coefficients; with more, each class has its own and the intercepts sum to zero. Newton's
/// method with a line search: few passes, each of cost `rows · (classes · features)²`.
///
/// A class that has no training row gets probability zero.
public struct LogisticRegression: Learner {
  public var penalty: Double
  /// Iteration ends with the step that could lower the objective by less than this share of it.
  public var tolerance: Double
  public var maximumIterations: Int

  public var name: String { "logistic" }
  public var settings: JSONValue {
    [
      "penalty": .double(penalty), "tolerance": .double(tolerance),
      "maximum_iterations": .int(Int64(maximumIterations)),
    ]
  }

  public init(penalty: Double = 1, tolerance: Double = 1e-10, maximumIterations: Int = 100) {
    self.penalty = penalty
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  public func fit(
    _ training: Samples, validation: Samples?, monitor: JobMonitor?
  ) throws -> FittedLogistic {
    guard penalty >= 0, penalty.isFinite, tolerance > 0, maximumIterations > 0 else {
      throw UsageError("logistic regression needs a penalty of zero or above, and a tolerance")
    }
    let (classes, truth) = try checkClassification(training)
    try training.x.checkFinite()
    let present = classes.indices.filter { truth.contains($0) }
    guard present.count >= 2 else {
      throw DataError("all training rows are of one class, \(classes[present[0]])")
    }
    var placeOf = [Int](repeating: 0, count: classes.count)
    for (place, index) in present.enumerated() { placeOf[index] = place }
    let rowsOfWeights = present.count == 2 ? 1 : present.count
    guard rowsOfWeights * (training.x.columnCount + 1) <= 4096 else {
      throw UsageError(
        "\(present.count) classes of \(training.x.columnCount) features are more coefficients "
          + "than Newton's method can take")
    }
    var problem = LogisticProblem(
      training.x, truth: truth.map { placeOf[$0] }, classCount: present.count, penalty: penalty)
    var iterations = 0
    var isConverged = false
    while !isConverged, iterations < maximumIterations {
      try monitor?.checkCancelled()
      isConverged = try problem.step(tolerance: tolerance, names: training.x.names)
      iterations += 1
    }
    let solution = problem.solution()
    return FittedLogistic(
      featureNames: training.x.names, classNames: classes, present: present,
      coefficients: solution.weights, intercepts: solution.intercepts, iterations: iterations,
      isConverged: isConverged)
  }
}

/// Checks what every classifier needs of its samples, and returns classes and their indices.
func checkClassification(_ samples: Samples) throws -> (classes: [String], truth: [Int]) {
  guard let classes = samples.classes, classes.count >= 2 else {
    throw UsageError("a classifier needs two classes or more; make classes of the returns first")
  }
  guard samples.x.columnCount > 0 else { throw DataError("there are no features to learn from") }
  guard samples.count >= 2 else {
    throw DataError("\(samples.count) rows are too few to learn from")
  }
  if let row = samples.y.firstIndex(where: \.isNaN) {
    throw DataError("the label is missing; leave such rows out", row: row + 1)
  }
  return (classes, samples.y.map { Int($0) })
}

/// A fitted logistic regression.
public struct FittedLogistic: FittedModel, Hashable {
  public static let kind = "logistic"

  public let featureNames: [String]
  private let classNames: [String]
  /// The indices of the classes that had training rows.
  public let present: [Int]
  /// A row for each present class; with two, a single row that speaks for the second.
  public let coefficients: [[Double]]
  public let intercepts: [Double]
  public let iterations: Int
  public let isConverged: Bool

  public var classes: [String]? { classNames }

  init(
    featureNames: [String], classNames: [String], present: [Int], coefficients: [[Double]],
    intercepts: [Double], iterations: Int, isConverged: Bool
  ) {
    self.featureNames = featureNames
    self.classNames = classNames
    self.present = present
    self.coefficients = coefficients
    self.intercepts = intercepts
    self.iterations = iterations
    self.isConverged = isConverged
  }

  public func outputs(_ x: Matrix) throws -> Matrix {
    let x = try x.selecting(featureNames)
    let rows = x.rowCount
    var scores = [Double](repeating: 0, count: rows * intercepts.count)
    for place in intercepts.indices {
      let linear = FittedLinear(
        featureNames: featureNames, coefficients: coefficients[place],
        intercept: intercepts[place])
      scores.replaceSubrange(place * rows..<(place + 1) * rows, with: try linear.outputs(x).values)
    }
    let shares = probabilities(scores: scores, rows: rows, classCount: present.count)
    var values = [Double](repeating: 0, count: rows * classNames.count)
    for (place, index) in present.enumerated() {
      values.replaceSubrange(
        index * rows..<(index + 1) * rows, with: shares[place * rows..<(place + 1) * rows])
    }
    return Matrix(names: classNames, rowCount: rows, values: values)
  }

  public func encoded() -> JSONValue {
    .object([
      ("features", .list(featureNames)), ("classes", .list(classNames)),
      ("present", .array(present.map { .int(Int64($0)) })), ("intercepts", .list(intercepts)),
      ("coefficients", .array(coefficients.map { .list($0) })),
    ])
  }

  public init(decoding json: JSONValue, kinds: ModelKinds) throws {
    let fields = try JSONFields(json, "logistic model")
    featureNames = try fields.strings("features")
    classNames = try fields.strings("classes")
    present = try fields.doubles("present").map {
      guard let index = Int(exactly: $0) else { throw DataError("no class index \($0)") }
      return index
    }
    intercepts = try fields.doubles("intercepts")
    guard case .array(let rows) = try fields.value("coefficients") else {
      throw DataError("the coefficients of a logistic model are not a list")
    }
    coefficients = try rows.map { try JSONFields(["row": $0], "coefficients").doubles("row") }
    iterations = 0
    isConverged = true
    let count = classNames.count
    let needed = present.count == 2 ? 1 : present.count
    guard present.count >= 2, present.allSatisfy({ (0..<count).contains($0) }),
      zip(present, present.dropFirst()).allSatisfy(<), intercepts.count == needed,
      coefficients.count == needed, coefficients.allSatisfy({ $0.count == featureNames.count })
    else { throw DataError("the parts of a logistic model do not fit together") }
  }
}

/// Probabilities from scores, class after class; two classes have one column of scores.
private func probabilities(scores: [Double], rows: Int, classCount: Int) -> [Double] {
  var shares = [Double](repeating: 0, count: rows * classCount)
  if classCount == 2 {
    for row in 0..<rows {
      let score = scores[row]
      // Each side by its own formula, so that neither loses digits near zero.
      shares[row] = score > 0 ? exp(-score) / (1 + exp(-score)) : 1 / (1 + exp(score))
      shares[rows + row] = score > 0 ? 1 / (1 + exp(-score)) : exp(score) / (1 + exp(score))
    }
    return shares
  }
  for row in 0..<rows {
    var largest = -Double.infinity
    for k in 0..<classCount { largest = max(largest, scores[k * rows + row]) }
    var sum = 0.0
    for k in 0..<classCount {
      let share = exp(scores[k * rows + row] - largest)
      shares[k * rows + row] = share
      sum += share
    }
    for k in 0..<classCount { shares[k * rows + row] /= sum }
  }
  return shares
}

/// The objective and its Newton steps, on features that are centred and of unit deviation.
private struct LogisticProblem {
  let rows: Int
  let features: Int
  let classCount: Int
  let truth: [Int]
  let penalty: Double
  let scaling: FittedScaling
  /// Scaled features, column after column.
  let x: [Double]
  /// Blocks of (intercept, coefficients), one for each row of weights.
  var weights: [Double]

  var blocks: Int { classCount == 2 ? 1 : classCount }
  var width: Int { features + 1 }

  init(_ matrix: Matrix, truth: [Int], classCount: Int, penalty: Double) {
    rows = matrix.rowCount
    features = matrix.columnCount
    self.classCount = classCount
    self.truth = truth
    self.penalty = penalty
    let scaling = Scaling.standard.fit(matrix)
    self.scaling = scaling
    var values = matrix.values
    for column in 0..<matrix.columnCount {
      for place in column * matrix.rowCount..<(column + 1) * matrix.rowCount {
        values[place] = (values[place] - scaling.centers[column]) / scaling.scales[column]
      }
    }
    x = values
    weights = [Double](
      repeating: 0, count: (classCount == 2 ? 1 : classCount) * (matrix.columnCount + 1))
  }

  func scores(_ weights: [Double]) -> [Double] {
    var scores: [Double] = []
    scores.reserveCapacity(rows * blocks)
    for block in 0..<blocks {
      var column = [Double](repeating: weights[block * width], count: rows)
      for feature in 0..<features {
        let weight = weights[block * width + feature + 1]
        for row in 0..<rows { column[row] += weight * x[feature * rows + row] }
      }
      scores += column
    }
    return scores
  }

  /// Of a coefficient of a scaled feature: the penalty is on those in the features' own units.
  func penalty(_ feature: Int) -> Double {
    penalty / (scaling.scales[feature] * scaling.scales[feature])
  }

  func objective(_ weights: [Double], _ scores: [Double]) -> Double {
    var sum = 0.0
    for row in 0..<rows {
      if classCount == 2 {
        let margin = truth[row] == 1 ? scores[row] : -scores[row]
        sum += margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin
      } else {
        var largest = -Double.infinity
        for k in 0..<classCount { largest = max(largest, scores[k * rows + row]) }
        var total = 0.0
        for k in 0..<classCount { total += exp(scores[k * rows + row] - largest) }
        sum += log(total) + largest - scores[truth[row] * rows + row]
      }
    }
    for block in 0..<blocks {
      for feature in 0..<features {
        let weight = weights[block * width + feature + 1]
        sum += 0.5 * penalty(feature) * weight * weight
      }
    }
    return sum
  }

  /// Takes one step; returns whether it was the last that matters.
  mutating func step(tolerance: Double, names: [String]) throws -> Bool {
    let current = scores(weights)
    let shares = probabilities(scores: current, rows: rows, classCount: classCount)
    // With two classes the one row of weights speaks for the second.
    let firstClass = classCount == 2 ? 1 : 0
    let size = blocks * width
    var gradient = [Double](repeating: 0, count: size)
    for block in 0..<blocks {
      var excess = [Double](repeating: 0, count: rows)
      for row in 0..<rows {
        excess[row] =
          shares[(firstClass + block) * rows + row] - (truth[row] == firstClass + block ? 1 : 0)
      }
      gradient[block * width] = excess.reduce(0, +)
      for feature in 0..<features {
        var sum = 0.0
        for row in 0..<rows { sum += excess[row] * x[feature * rows + row] }
        let place = block * width + feature + 1
        gradient[place] = sum + penalty(feature) * weights[place]
      }
    }
    let direction: [Double]
    do {
      let factor = try Cholesky(curvature(shares, firstClass), size: size)
      direction = factor.solve(gradient.map { -$0 })
    } catch {
      let feature = error.row % width
      throw DataError(
        "is constant or a combination of the columns before it; a penalty above zero allows that",
        column: feature == 0 ? nil : names[feature - 1])
    }
    let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
    let start = objective(weights, current)
    var length = 1.0
    while true {
      let candidate = zip(weights, direction).map { $0 + length * $1 }
      if objective(candidate, scores(candidate)) <= start + 1e-4 * length * slope {
        weights = candidate
        break
      }
      length /= 2
      // Below this the objective no longer resolves the step: we are at its floor.
      if length < 1e-10 { return true }
    }
    return -slope <= tolerance * max(abs(start), 1)
  }

  /// The matrix of second derivatives, row-major.
  private func curvature(_ shares: [Double], _ firstClass: Int) -> [Double] {
    let size = blocks * width
    var curvature = [Double](repeating: 0, count: size * size)
    for a in 0..<blocks {
      for b in 0...a {
        let left = (firstClass + a) * rows
        let right = (firstClass + b) * rows
        // A Gram matrix needs weights above zero: off the diagonal the sign comes after.
        let roots = (0..<rows).map { row in
          let share = shares[left + row]
          return (share * (a == b ? 1 - share : shares[right + row])).squareRoot()
        }
        let gram = unsafe GramMatrix(columnCount: width, rowCount: rows) { range, block in
          for (offset, row) in range.enumerated() {
            unsafe block[offset] = roots[row]
            for feature in 0..<features {
              unsafe block[(feature + 1) * GramMatrix.blockRows + offset] =
                roots[row] * x[feature * rows + row]
            }
          }
        }
        for i in 0..<width {
          for j in 0..<width {
            let value = a == b ? gram[i, j] : -gram[i, j]
            curvature[(a * width + i) * size + b * width + j] = value
            curvature[(b * width + j) * size + a * width + i] = value
          }
        }
      }
    }
    for block in 0..<blocks {
      for feature in 0..<features {
        let place = block * width + feature + 1
        curvature[place * size + place] += penalty(feature)
      }
    }
    if blocks > 1 {
      // Adding one number to every class's weight changes no probability. The gradient has no part
      // in that direction, so any curvature there keeps the sum at zero, where it began.
      for i in 0..<(penalty > 0 ? 1 : width) {
        for a in 0..<blocks {
          for b in 0..<blocks { curvature[(a * width + i) * size + b * width + i] += 1 }
        }
      }
    }
    return curvature
  }

  /// The weights in the features' own units.
  func solution() -> (weights: [[Double]], intercepts: [Double]) {
    var rows: [[Double]] = []
    var intercepts: [Double] = []
    for block in 0..<blocks {
      let weights = (0..<features).map {
        self.weights[block * width + $0 + 1] / scaling.scales[$0]
      }
      rows.append(weights)
      intercepts.append(
        self.weights[block * width]
          - zip(weights, scaling.centers).reduce(0) { $0 + $1.0 * $1.1 })
    }
    return (rows, intercepts)
  }
}
