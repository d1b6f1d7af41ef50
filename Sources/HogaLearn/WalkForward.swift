public import HogaCore

/// Fits on each fold's training, forecasts its test, and judges all forecasts beside baselines.
///
///     let evaluation = try WalkForward(
///       learner: Pipeline(scaling: .standard, learner: ElasticNetCV.lasso()),
///       splitter: WalkForwardSplit(folds: 5)
///     ).run(samples, monitor: monitor)
///
/// Everything that is fitted (medians, scales, penalties, trees) sees the fold's training and
/// validation rows only.
public struct WalkForward: Sendable {
  public var learner: any Learner
  public var splitter: any Splitter
  /// How many folds are fitted at once. The result is the same; memory grows with it.
  public var workers: Int

  public init(learner: any Learner, splitter: any Splitter, workers: Int = 1) {
    self.learner = learner
    self.splitter = splitter
    self.workers = workers
  }

  /// - Parameter monitor: Counts folds.
  /// - Throws: What the splitter and the learner throw; `DataError` where no test row can be scored.
  public func run(_ samples: Samples, monitor: JobMonitor? = nil) throws -> Evaluation {
    guard workers > 0 else { throw UsageError("\(workers) workers are not one or more") }
    let folds = try splitter.folds(samples)
    monitor?.begin("fitting \(learner.name)", total: Int64(folds.count), unit: "folds")
    let lastKnown = Baselines.lastKnown(samples)
    let errors = samples.scoreErrors
    let parts = try inParallel(count: folds.count, workers: workers) { index in
      try monitor?.checkCancelled()
      let fold = folds[index]
      let training = samples.rows(fold.train).labelled()
      guard training.count > 0 else {
        throw DataError("no training row of fold \(index + 1) has a label")
      }
      let validation = fold.validation.isEmpty ? nil : samples.rows(fold.validation)
      let model = try learner.fit(training, validation: validation, monitor: monitor)
      let part = try FoldEvaluation(
        index: index, fold: fold, model: model, training: training, samples: samples,
        lastKnown: lastKnown, errors: errors)
      try monitor?.advance(by: 1)
      return part
    }
    return try Evaluation(
      name: learner.name, settings: learner.settings, folds: parts, samples: samples,
      errors: errors)
  }
}

/// One fold's model, forecasts and scores.
public struct FoldEvaluation: Sendable {
  /// From zero.
  public let index: Int
  public let fold: Fold
  public let model: any FittedModel
  /// From the first training row to the end of the last training label.
  public let trainingSpan: ClosedRange<Timestamp>
  /// From the first test row to the last.
  public let testSpan: ClosedRange<Timestamp>
  public let trainingRows: Int
  /// The forecast of every test row; NaN where there is none.
  public let outputs: Matrix
  /// Of every test row.
  public let baselines: [Forecast]
  public let trainingMean: Double
  /// Test rows without label, and with label but without forecast: neither is scored.
  public let withoutLabel: Int
  public let withoutForecast: Int
  /// Empty where no row of the fold can be scored.
  public let scores: [Score]

  init(
    index: Int, fold: Fold, model: any FittedModel, training: Samples, samples: Samples,
    lastKnown: [Double], errors: ScoreErrors
  ) throws {
    self.index = index
    self.fold = fold
    self.model = model
    let first = Timestamp(nanoseconds: training.time[0])
    trainingSpan = first...max(first, Timestamp(nanoseconds: training.labelEnd.max() ?? .min))
    testSpan =
      Timestamp(
        nanoseconds: samples.time[fold.test[0]])...Timestamp(
        nanoseconds: samples.time[fold.test[fold.test.count - 1]])
    trainingRows = training.count
    let test = samples.rows(fold.test)
    let outputs = try model.outputs(test.x)
    self.outputs = outputs
    let known = fold.test.map { lastKnown[$0] }
    trainingMean = samples.classes == nil ? mean(training.y[...]) : .nan
    baselines =
      if let classes = samples.classes {
        Baselines.ofClasses(
          training: training.y.map { Int($0) }, lastKnown: known, classes: classes)
      } else {
        Baselines.ofNumbers(trainingMean: trainingMean, lastKnown: known)
      }
    let complete = outputs.completeRows
    withoutLabel = test.y.count { $0.isNaN }
    withoutForecast = test.y.indices.count { !test.y[$0].isNaN && !complete[$0] }
    let scored = test.y.indices.filter { !test.y[$0].isNaN && complete[$0] }
    scores =
      scored.isEmpty
      ? []
      : Self.scores(
        rows: scored, truth: test.y, outputs: outputs, baselines: baselines,
        trainingMean: test.y.map { [trainingMean] _ in trainingMean },
        errors: ScoreErrors(lags: errors.lags, time: errors.time == nil ? nil : test.time))
  }

  /// Scores of the given rows.
  static func scores(
    rows: [Int], truth: [Double], outputs: Matrix, baselines: [Forecast], trainingMean: [Double],
    errors: ScoreErrors
  ) -> [Score] {
    let picked = baselines.map { forecast in
      Forecast(
        name: forecast.name, outputs: forecast.outputs.rows(rows),
        statesProbabilities: forecast.statesProbabilities)
    }
    let truth = rows.map { truth[$0] }
    let outputs = outputs.rows(rows)
    if outputs.names == ["prediction"] {
      return Score.ofNumbers(
        truth: truth, forecast: outputs.values, trainingMean: rows.map { trainingMean[$0] },
        baselines: picked, errors: errors.rows(rows))
    }
    return Score.ofClasses(
      truth: truth.map { Int($0) }, probabilities: outputs, baselines: picked,
      errors: errors.rows(rows))
  }

  public var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("fold", .int(Int64(index + 1))),
      ("training_from", .string("\(trainingSpan.lowerBound)")),
      ("training_to", .string("\(trainingSpan.upperBound)")),
      ("test_from", .string("\(testSpan.lowerBound)")),
      ("test_to", .string("\(testSpan.upperBound)")),
      ("training_rows", .int(Int64(trainingRows))),
      ("validation_rows", .int(Int64(fold.validation.count))),
      ("test_rows", .int(Int64(fold.test.count))), ("purged", .int(Int64(fold.purged))),
      ("embargoed", .int(Int64(fold.embargoed))), ("without_label", .int(Int64(withoutLabel))),
      ("without_forecast", .int(Int64(withoutForecast))), ("scores", .array(scores.map(\.json))),
    ]
    if let pipeline = model as? FittedPipeline { members.append(("fit", pipeline.counts.json)) }
    return .object(members)
  }
}

/// Out-of-sample forecasts of all folds, judged together.
public struct Evaluation: Sendable {
  /// Of the learner.
  public let name: String
  public let settings: JSONValue
  public let folds: [FoldEvaluation]
  /// Over all scored rows of all folds.
  public let scores: [Score]
  /// Of the scored rows; `nil` for numbers.
  public let confusion: ConfusionMatrix?
  /// Squared errors (log losses for classes) against each baseline that has them.
  public let comparisons: [DieboldMariano]
  /// The lags that the standard errors allow for.
  public let lags: Int
  /// One row for each test row: `time`, `fold`, `truth`, the model's outputs, and each baseline's
  /// forecast (`zero`, `mean`, `persistence`, or the class that is its choice).
  public let predictions: Frame

  init(
    name: String, settings: JSONValue, folds: [FoldEvaluation], samples: Samples,
    errors: ScoreErrors
  ) throws {
    self.name = name
    self.settings = settings
    self.folds = folds
    lags = errors.lags
    let rows = folds.flatMap(\.fold.test)
    let truth = rows.map { samples.y[$0] }
    let outputs = Self.stacked(folds.map(\.outputs))
    let baselines = folds[0].baselines.indices.map { index in
      Forecast(
        name: folds[0].baselines[index].name,
        outputs: Self.stacked(folds.map { $0.baselines[index].outputs }),
        statesProbabilities: folds[0].baselines[index].statesProbabilities)
    }
    let trainingMean = folds.flatMap { part in part.fold.test.map { _ in part.trainingMean } }
    let complete = outputs.completeRows
    let scored = truth.indices.filter { !truth[$0].isNaN && complete[$0] }
    guard !scored.isEmpty else { throw DataError("no test row has both a label and a forecast") }
    let time = rows.map { samples.time[$0] }
    let rowErrors = ScoreErrors(lags: errors.lags, time: errors.time == nil ? nil : time)
    scores = FoldEvaluation.scores(
      rows: scored, truth: truth, outputs: outputs, baselines: baselines,
      trainingMean: trainingMean, errors: rowErrors)

    let scoredTruth = scored.map { truth[$0] }
    func losses(_ outputs: Matrix) -> [Double] {
      let outputs = outputs.rows(scored)
      return samples.classes == nil
        ? zip(scoredTruth, outputs.values).map { ($0 - $1) * ($0 - $1) }
        : Metrics.logLosses(scoredTruth.map { Int($0) }, outputs)
    }
    let own = losses(outputs)
    let overlap = samples.overlap
    comparisons = baselines.filter(\.statesProbabilities).map {
      DieboldMariano(
        losses: own, baseline: losses($0.outputs), against: $0.name, horizon: overlap,
        errors: rowErrors.rows(scored))
    }
    confusion = samples.classes.map { classes in
      ConfusionMatrix(
        truth: scoredTruth.map { Int($0) },
        forecast: outputs.rows(scored).likeliestColumns.map { Int($0) }, classes: classes)
    }
    var frame = Frame([
      ("time", .timestamp(time)),
      (
        "fold",
        .int32(folds.flatMap { part in part.fold.test.map { _ in Int32(part.index + 1) } })
      ), ("truth", .double(truth)),
    ])
    for (column, name) in outputs.names.enumerated() {
      frame.append(name, .double(Array(outputs.column(column))))
    }
    for baseline in baselines {
      let values =
        samples.classes == nil ? baseline.outputs.values : baseline.outputs.likeliestColumns
      frame.append(baseline.name, .double(values))
    }
    predictions = frame
  }

  /// The score of a name over all folds.
  public func score(_ name: String) -> Score? { scores.first { $0.name == name } }

  private static func stacked(_ parts: [Matrix]) -> Matrix {
    let names = parts[0].names
    return Matrix(
      names: names, rowCount: parts.reduce(0) { $0 + $1.rowCount },
      values: names.indices.flatMap { index in parts.flatMap { $0.column(index) } })
  }

  public var json: JSONValue {
    .object([
      ("learner", .string(name)), ("settings", settings), ("lags", .int(Int64(lags))),
      ("scores", .array(scores.map(\.json))),
      ("diebold_mariano", .array(comparisons.map(\.json))),
      ("confusion", confusion?.json ?? .null), ("folds", .array(folds.map(\.json))),
    ])
  }
}
