public import HogaCore

/// An elastic net whose penalty is chosen by walk-forward tests inside the training data.
///
/// For each inner fold a path is fitted on what came before the fold (purged, like any training)
/// and judged by squared error on the fold. The penalty with the least mean error is fitted on the
/// whole training data; with `.oneStandardError`, the strongest penalty whose mean error is within
/// one standard error (over the folds) of the least. Features are standardised inside each fit, so
/// no inner fold sees another's scale.
public struct ElasticNetCV: Learner {
  public enum Rule: String, Hashable, Sendable {
    case leastError = "least-error"
    case oneStandardError = "one-standard-error"
  }

  public var l1Share: Double
  public var penaltyCount: Int
  /// The weakest penalty tried, as a share of the strongest.
  public var penaltyRatio: Double
  public var splitter: any Splitter
  public var rule: Rule
  public var standardizes: Bool
  public var tolerance: Double
  public var maximumSweeps: Int

  public var name: String { l1Share == 1 ? "lasso" : "elastic-net" }
  public var settings: JSONValue {
    [
      "l1_share": .double(l1Share), "penalty_count": .int(Int64(penaltyCount)),
      "penalty_ratio": .double(penaltyRatio), "splitter": .string("\(splitter)"),
      "rule": .string(rule.rawValue), "standardizes": .bool(standardizes),
      "tolerance": .double(tolerance), "maximum_sweeps": .int(Int64(maximumSweeps)),
    ]
  }

  public init(
    l1Share: Double = 1, penaltyCount: Int = 50, penaltyRatio: Double = 1e-3,
    splitter: any Splitter = WalkForwardSplit(folds: 5), rule: Rule = .leastError,
    standardizes: Bool = true, tolerance: Double = 1e-6, maximumSweeps: Int = 10_000
  ) {
    self.l1Share = l1Share
    self.penaltyCount = penaltyCount
    self.penaltyRatio = penaltyRatio
    self.splitter = splitter
    self.rule = rule
    self.standardizes = standardizes
    self.tolerance = tolerance
    self.maximumSweeps = maximumSweeps
  }

  /// The penalty on absolute values alone.
  public static func lasso(rule: Rule = .leastError, folds: Int = 5) -> ElasticNetCV {
    ElasticNetCV(splitter: WalkForwardSplit(folds: folds), rule: rule)
  }

  public func fit(
    _ training: Samples, validation: Samples?, monitor: JobMonitor?
  ) throws -> FittedElasticNetCV {
    let path = ElasticNetPath(
      penalties: .automatic(count: penaltyCount, ratio: penaltyRatio), l1Share: l1Share,
      standardizes: standardizes, tolerance: tolerance, maximumSweeps: maximumSweeps)
    try path.checkSettings()
    try checkRegression(training)
    try training.x.checkFinite()
    let whole = try path.problem(of: training)
    let penalties = path.grid(of: whole)

    var errors: [[Double]] = []  // by fold, by penalty
    for fold in try splitter.folds(training) {
      let inner = try path.problem(of: training.rows(fold.train))
      let models = try path.fit(inner, penalties: penalties, monitor: monitor).models
      let test = training.rows(fold.test)
      let judge = Moments(test.x, test.y)
      errors.append(
        models.map {
          judge.meanSquaredError(coefficients: $0.coefficients, intercept: $0.intercept)
        })
    }
    let folds = Double(errors.count)
    let means = penalties.indices.map { index in errors.reduce(0) { $0 + $1[index] } / folds }
    let standardErrors = penalties.indices.map { index in
      guard folds > 1 else { return Double.nan }
      let squares = errors.reduce(0) { sum, fold in
        sum + (fold[index] - means[index]) * (fold[index] - means[index])
      }
      return (squares / (folds - 1) / folds).squareRoot()
    }
    // Of equal errors the strongest penalty, which comes first.
    let least = means.indices.reduce(0) { means[$1] < means[$0] ? $1 : $0 }
    var chosen = least
    if rule == .oneStandardError, folds > 1 {
      chosen = means.firstIndex { $0 <= means[least] + standardErrors[least] } ?? least
    }
    let models = try path.fit(
      whole, penalties: Array(penalties[...chosen]), monitor: monitor
    ).models
    return FittedElasticNetCV(
      model: models[chosen], penalties: penalties, meanErrors: means,
      standardErrors: standardErrors, leastErrorIndex: least, chosenIndex: chosen)
  }
}

/// An elastic net with the penalty that was chosen, and what the choice was made from.
public struct FittedElasticNetCV: LinearFit, Hashable {
  public let model: FittedElasticNet
  /// Falling.
  public let penalties: [Double]
  /// By penalty, the mean over inner folds of the mean squared error.
  public let meanErrors: [Double]
  /// By penalty, the standard error of that mean; NaN with a single fold.
  public let standardErrors: [Double]
  public let leastErrorIndex: Int
  public let chosenIndex: Int

  public var linear: FittedLinear { model.linear }
  public var penalty: Double { penalties[chosenIndex] }

  init(
    model: FittedElasticNet, penalties: [Double], meanErrors: [Double], standardErrors: [Double],
    leastErrorIndex: Int, chosenIndex: Int
  ) {
    self.model = model
    self.penalties = penalties
    self.meanErrors = meanErrors
    self.standardErrors = standardErrors
    self.leastErrorIndex = leastErrorIndex
    self.chosenIndex = chosenIndex
  }

  /// A saved fit comes back as its forecast, without the choice.
  public init(decoding json: JSONValue, kinds: ModelKinds) throws {
    let model = try FittedElasticNet(decoding: json, kinds: kinds)
    self.init(
      model: model, penalties: [model.penalty], meanErrors: [.nan], standardErrors: [.nan],
      leastErrorIndex: 0, chosenIndex: 0)
  }
}
