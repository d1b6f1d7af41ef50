public import HogaCore

/// Gradient-boosted trees by LightGBM.
///
/// A number is learned by squared error unless another loss is asked for, two classes by binary and
/// more by multiclass cross-entropy. Missing features are values among others. Equal data, settings
/// and thread count give equal bits. Source: G. Ke et al., "LightGBM: a highly efficient gradient
/// boosting decision tree", NeurIPS 2017.
public struct LightGBM: Learner {
  /// The loss for numbers; classes have cross-entropy.
  public enum Loss: Hashable, Sendable {
    case squaredError
    case absoluteError
    /// Squared within `delta`, absolute beyond.
    case huber(delta: Double)
    case quantile(Double)
  }

  public var loss: Loss
  /// The most rounds; each adds a tree, or one for each class beyond two.
  public var rounds: Int
  /// Stops after so many rounds without a better validation metric, and keeps the best round. Only
  /// where `fit` is given validation samples.
  public var earlyStopping: Int?
  public var learningRate: Double
  public var leaves: Int
  /// `nil` for no limit.
  public var maximumDepth: Int?
  public var minimumRowsPerLeaf: Int
  public var featureShare: Double
  /// The share of rows each tree is grown on, drawn anew each round where below one.
  public var rowShare: Double
  public var l1: Double
  public var l2: Double
  public var seed: UInt32
  /// One where `nil`: trees of a day's data are too small for more to help, LightGBM's threads spin
  /// while they wait, and folds run side by side better (`WalkForward.workers`).
  public var threads: Int?
  /// More parameters under LightGBM's own names; none that this type already sets.
  public var parameters: [String: String]

  public var name: String { "lightgbm" }
  public var acceptsMissing: Bool { true }

  public init(
    loss: Loss = .squaredError, rounds: Int = 200, earlyStopping: Int? = 20,
    learningRate: Double = 0.05, leaves: Int = 31, maximumDepth: Int? = nil,
    minimumRowsPerLeaf: Int = 20, featureShare: Double = 1, rowShare: Double = 1, l1: Double = 0,
    l2: Double = 0, seed: UInt32 = 1, threads: Int? = nil, parameters: [String: String] = [:]
  ) {
    self.loss = loss
    self.rounds = rounds
    self.earlyStopping = earlyStopping
    self.learningRate = learningRate
    self.leaves = leaves
    self.maximumDepth = maximumDepth
    self.minimumRowsPerLeaf = minimumRowsPerLeaf
    self.featureShare = featureShare
    self.rowShare = rowShare
    self.l1 = l1
    self.l2 = l2
    self.seed = seed
    self.threads = threads
    self.parameters = parameters
  }

  /// All but the thread count, which changes no more than rounding.
  public var settings: JSONValue {
    var members: [(String, JSONValue)] = [
      ("loss", .string("\(loss)")), ("rounds", .int(Int64(rounds))),
      ("early_stopping", earlyStopping.map { .int(Int64($0)) } ?? .null),
    ]
    members += common.map { ($0.key, .string($0.value)) }
    members += parameters.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }
    return .object(members)
  }

  private var common: [(key: String, value: String)] {
    [
      ("learning_rate", "\(learningRate)"), ("num_leaves", "\(leaves)"),
      ("max_depth", "\(maximumDepth ?? -1)"), ("min_data_in_leaf", "\(minimumRowsPerLeaf)"),
      ("feature_fraction", "\(featureShare)"), ("bagging_fraction", "\(rowShare)"),
      ("bagging_freq", rowShare < 1 ? "1" : "0"), ("lambda_l1", "\(l1)"), ("lambda_l2", "\(l2)"),
      // A C int inside LightGBM.
      ("seed", "\(seed & 0x7FFF_FFFF)"),
    ]
  }

  /// LightGBM's parameter text for these classes.
  private func parameterText(classes: [String]?) throws -> String {
    var list = common
    switch (classes?.count, loss) {
    case (2, _): list += [("objective", "binary"), ("metric", "binary_logloss")]
    case (let count?, _):
      list += [
        ("objective", "multiclass"), ("metric", "multi_logloss"), ("num_class", "\(count)"),
      ]
    case (nil, .squaredError): list += [("objective", "regression"), ("metric", "l2")]
    case (nil, .absoluteError): list += [("objective", "regression_l1"), ("metric", "l1")]
    case (nil, .huber(let delta)):
      list += [("objective", "huber"), ("metric", "huber"), ("alpha", "\(delta)")]
    case (nil, .quantile(let share)):
      list += [("objective", "quantile"), ("metric", "quantile"), ("alpha", "\(share)")]
    }
    list += [
      ("deterministic", "true"), ("force_col_wise", "true"), ("verbosity", "-1"),
      ("num_threads", "\(threads ?? 1)"),
    ]
    let taken = Set(list.map(\.key))
    for (key, value) in parameters.sorted(by: { $0.key < $1.key }) {
      guard !taken.contains(key) else {
        throw UsageError("the LightGBM parameter \(key) is set by hoga itself")
      }
      guard !(key + value).contains(where: { $0.isWhitespace || $0 == "=" }), !key.isEmpty else {
        throw UsageError("\"\(key)\" = \"\(value)\" is no LightGBM parameter")
      }
      list.append((key, value))
    }
    return list.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  /// LightGBM's own most.
  static let leafLimits = 2...131_072
  static let roundLimits = 1...1_000_000

  private func checkSettings() throws {
    guard Self.roundLimits.contains(rounds) else {
      throw UsageError("\(rounds) rounds of boosting are not in 1…\(Self.roundLimits.upperBound)")
    }
    guard Self.leafLimits.contains(leaves) else {
      throw UsageError("\(leaves) leaves are not in 2…\(Self.leafLimits.upperBound)")
    }
    // These are C ints inside LightGBM.
    for (name, value) in [
      ("depth", maximumDepth ?? 1), ("rows per leaf", minimumRowsPerLeaf),
      ("threads", threads ?? 1),
    ] where value > Int(Int32.max) {
      throw UsageError("\(name): \(value) is more than \(Int32.max)")
    }
    guard earlyStopping ?? 1 > 0, learningRate > 0, learningRate.isFinite,
      maximumDepth ?? 1 > 0, minimumRowsPerLeaf >= 0, featureShare > 0, featureShare <= 1,
      rowShare > 0, rowShare <= 1, l1 >= 0, l2 >= 0, l1.isFinite, l2.isFinite, threads ?? 1 > 0
    else {
      throw UsageError(
        "LightGBM needs a learning rate, patience, depth and threads above zero, shares above zero "
          + "and up to one, and penalties of zero or above")
    }
    switch loss {
    case .huber(let delta) where !(delta > 0 && delta.isFinite):
      throw UsageError("a delta of \(delta) is not a number above 0")
    case .quantile(let share) where !(share > 0 && share < 1):
      throw UsageError("a quantile of \(share) is not between 0 and 1")
    default: break
    }
  }

  public func fit(
    _ training: Samples, validation: Samples?, monitor: JobMonitor?
  ) throws -> FittedLightGBM {
    try checkSettings()
    if training.classes == nil {
      try checkRegression(training)
    } else {
      _ = try checkClassification(training)
    }
    try training.x.checkFinite(missingAllowed: true)
    let text = try parameterText(classes: training.classes)
    let data = try BoosterDataset(training.x, labels: training.y, parameters: text)
    let booster = try BoosterTraining(data, parameters: text)
    var bestRound = 0
    var history: [Double] = []
    if let validation, let patience = earlyStopping {
      let known = try validation.labelled().selecting(training.x.names)
      guard known.count > 0 else { throw DataError("no validation row has a label") }
      let judge = try BoosterDataset(known.x, labels: known.y, parameters: text, reference: data)
      try booster.add(validation: judge)
      while history.count < rounds, history.count - bestRound < patience {
        let isFinished = try booster.grow()
        history.append(try booster.metric(on: 1))
        if bestRound == 0 || history[history.count - 1] < history[bestRound - 1] {
          bestRound = history.count
        }
        if isFinished { break }
        try monitor?.checkCancelled()
      }
      return try fitted(booster.text(rounds: bestRound), bestRound, history, training)
    }
    while bestRound < rounds {
      bestRound += 1
      if try booster.grow() { break }
      try monitor?.checkCancelled()
    }
    return try fitted(booster.text(rounds: bestRound), bestRound, history, training)
  }

  private func fitted(
    _ text: String, _ rounds: Int, _ history: [Double], _ training: Samples
  ) throws -> FittedLightGBM {
    // Read back from its text, so that a saved model predicts the same bits as this one.
    FittedLightGBM(
      featureNames: training.x.names, classes: training.classes, modelText: text,
      booster: try Booster(text: text), bestRound: rounds, validationMetrics: history)
  }
}

/// Trained trees.
public struct FittedLightGBM: FittedModel {
  public static let kind = "lightgbm"

  public let featureNames: [String]
  public let classes: [String]?
  /// LightGBM's own model file; its other programs read it.
  public let modelText: String
  private let booster: Booster
  /// How many rounds were kept.
  public let bestRound: Int
  /// The loss on the validation data after each round, where there was some; empty after loading.
  public let validationMetrics: [Double]

  init(
    featureNames: [String], classes: [String]?, modelText: String, booster: Booster,
    bestRound: Int, validationMetrics: [Double]
  ) {
    self.featureNames = featureNames
    self.classes = classes
    self.modelText = modelText
    self.booster = booster
    self.bestRound = bestRound
    self.validationMetrics = validationMetrics
  }

  /// Reads a model file of LightGBM.
  ///
  /// - Throws: `DataError` where the text is no model or has another number of features or classes.
  public init(modelText: String, featureNames: [String], classes: [String]?) throws {
    let booster = try Booster(text: modelText)
    let expected = classes.map { $0.count == 2 ? 1 : $0.count } ?? 1
    guard booster.featureCount == featureNames.count, booster.outputCount == expected else {
      throw DataError(
        "the LightGBM model has \(booster.featureCount) features and \(booster.outputCount) "
          + "outputs, not \(featureNames.count) and \(expected)")
    }
    self.init(
      featureNames: featureNames, classes: classes, modelText: modelText, booster: booster,
      bestRound: booster.rounds, validationMetrics: [])
  }

  public func outputs(_ x: Matrix) throws -> Matrix {
    let x = try x.selecting(featureNames)
    let values = try booster.predict(x, .normal)
    guard let classes else {
      return Matrix(names: ["prediction"], rowCount: x.rowCount, values: values)
    }
    if classes.count == 2 {
      return Matrix(names: classes, rowCount: x.rowCount, values: values.map { 1 - $0 } + values)
    }
    return Matrix(
      names: classes, rowCount: x.rowCount, values: columnMajor(values, x.rowCount, classes.count))
  }

  /// The sums over trees before they become numbers or probabilities: one column, or one for each
  /// class beyond two.
  public func rawScores(_ x: Matrix) throws -> Matrix {
    let x = try x.selecting(featureNames)
    let names = outputNames
    let values = try booster.predict(x, .rawScore)
    return Matrix(
      names: names, rowCount: x.rowCount, values: columnMajor(values, x.rowCount, names.count))
  }

  /// How much each feature moved each forecast (SHAP values of trees), one matrix for each column of
  /// `rawScores`. The last column, `bias`, is the expected score; a row sums to its raw score.
  ///
  /// Source: S. Lundberg et al., "From local explanations to global understanding with explainable
  /// AI for trees", Nature Machine Intelligence 2, 2020.
  public func contributionsByOutput(_ x: Matrix) throws -> [Matrix] {
    let x = try x.selecting(featureNames)
    let width = featureNames.count + 1
    let all = try booster.predict(x, .contributions)
    let columns = columnMajor(all, x.rowCount, width * outputNames.count)
    let names = featureNames + ["bias"]
    return outputNames.indices.map { output in
      let start = output * width * x.rowCount
      return Matrix(
        names: names, rowCount: x.rowCount,
        values: Array(columns[start..<start + width * x.rowCount]))
    }
  }

  /// The matrices of `contributionsByOutput` as one.
  public func contributions(_ x: Matrix) throws -> Matrix? {
    let parts = try contributionsByOutput(x)
    guard parts.count > 1 else { return parts[0] }
    return Matrix(
      names: zip(outputNames, parts).flatMap { output, part in
        part.names.map { "\(output):\($0)" }
      }, rowCount: x.rowCount, values: parts.flatMap(\.values))
  }

  /// By feature, how many splits use it.
  public func splitImportance() throws -> [Double] { try booster.importance(.splits) }
  /// By feature, how much its splits lowered the training loss in sum.
  public func gainImportance() throws -> [Double] { try booster.importance(.gain) }

  private var outputNames: [String] {
    guard let classes else { return ["prediction"] }
    return classes.count == 2 ? [classes[1]] : classes
  }

  private func columnMajor(_ values: [Double], _ rows: Int, _ columns: Int) -> [Double] {
    guard columns > 1 else { return values }
    var turned = [Double](repeating: 0, count: values.count)
    for row in 0..<rows {
      for column in 0..<columns { turned[column * rows + row] = values[row * columns + column] }
    }
    return turned
  }

  public func encoded() -> JSONValue {
    .object([
      ("features", .list(featureNames)), ("classes", classes.map { .list($0) } ?? .null),
      ("booster", .string(modelText)),
    ])
  }

  public init(decoding json: JSONValue, kinds: ModelKinds) throws {
    let fields = try JSONFields(json, "LightGBM model")
    let classes = try fields.value("classes") == .null ? nil : fields.strings("classes")
    try self.init(
      modelText: fields.string("booster"), featureNames: fields.strings("features"),
      classes: classes)
  }
}
