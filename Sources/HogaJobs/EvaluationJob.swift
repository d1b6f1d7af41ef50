internal import Foundation
public import HogaCore
public import HogaLearn

/// Judges models on a feature table by purged walk-forward, for several horizons.
public struct EvaluationJob: Sendable {
  public var horizons: [TimeSpan]
  public var target: Workflow.Target
  public var validation: Workflow.Validation
  public var models: [Workflow.Model]
  /// Which columns the models see; see `Workflow.Features.inputs`.
  public var inputs: [String]
  public var seed: UInt64
  /// `nil` for all cores: folds are fitted side by side.
  public var threads: Int?

  private var workers: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  public init(
    horizons: [TimeSpan], target: Workflow.Target = .returns, validation: Workflow.Validation,
    models: [Workflow.Model], inputs: [String] = [], seed: UInt64, threads: Int? = nil
  ) {
    self.horizons = horizons
    self.target = target
    self.validation = validation
    self.models = models
    self.inputs = inputs
    self.seed = seed
    self.threads = threads
  }

  /// One model on one horizon.
  public struct Trial: Sendable {
    public var model: String
    public var horizon: TimeSpan
    /// The label's column.
    public var target: String
    public var evaluation: Evaluation
    /// For use from here on, see `fit`; its worth is what `evaluation` says. `nil` unless asked for.
    public var final: SavedModel?
    /// Of the final model.
    public var importance: Importance?
  }

  public struct Result: Sendable {
    public var trials: [Trial]
    /// The features that the models saw.
    public var features: [String]
    /// Columns left out, and why.
    public var notes: [String]
    /// `time`, `mid`, `fold`, and by horizon the label and each model's out-of-sample forecast: the
    /// return, or for classes a column of probabilities for each.
    public var predictions: Frame
  }

  /// - Parameters:
  ///   - table: `time`, `mid` and features.
  ///   - keepsModels: whether each model is also fitted on the whole table, for use from here on.
  /// - Throws: `DataError` where there are too few rows, `UsageError` for senseless settings.
  public func run(
    _ table: Frame, keepsModels: Bool = true, monitor: JobMonitor
  ) throws -> Result {
    let time = try table.int64s("time")
    let mid = try table.doubles("mid")
    for model in models { try model.check(target) }
    var notes: [String] = []
    let features = try Self.usableFeatures(
      Self.matching(inputs, in: table), in: table,
      rows: 0..<Int(Double(table.rowCount) * validation.minimumTrain), "the first training", &notes)
    var trials: [Trial] = []
    var predictions = Predictions(time: time, mid: mid)
    for horizon in horizons {
      let labels = try Self.labels(table, horizon: horizon, target: target)
      let samples = try Samples(table, features: features, labels: labels)
      for model in models {
        let learner = try model.learner(seed: seed)
        let evaluation = try WalkForward(
          learner: learner, splitter: try splitter(samples, validationShare: model.validationShare),
          workers: workers
        ).run(samples, monitor: monitor)
        predictions.add(evaluation, model: model.name, labels: labels)
        var trial = Trial(
          model: model.name, horizon: horizon, target: labels.name, evaluation: evaluation)
        if keepsModels {
          let final = try Self.fit(
            model, samples, target: labels.name, seed: seed, monitor: monitor)
          trial.final = final
          trial.importance = try Importance.of(final.model)
        }
        trials.append(trial)
      }
    }
    return Result(
      trials: trials, features: features, notes: notes, predictions: predictions.frame)
  }

  /// The labels of a table with `time` and `mid`.
  static func labels(_ table: Frame, horizon: TimeSpan, target: Workflow.Target) throws -> Labels {
    let returns = try Labels.forwardReturns(
      time: table.int64s("time"), mid: table.doubles("mid"), horizon: horizon)
    switch target {
    case .returns: return returns
    case .classes(let threshold): return try returns.classified(by: .basisPoints(threshold))
    case .volatilityClasses(let multiple, let column):
      return try returns.classified(
        by: .volatility(multiple: multiple, realised: table.doubles(column)))
    }
  }

  /// Fits a model on the labelled rows of a table; boosting keeps the last fifth to know when to stop.
  public static func fit(
    _ model: Workflow.Model, _ samples: Samples, target: String, seed: UInt64,
    monitor: JobMonitor?
  ) throws -> SavedModel {
    let learner = try model.learner(seed: seed)
    let labelled = samples.labelled()
    guard labelled.count > 1 else { throw DataError("no row has a label", column: target) }
    // The last part decides when boosting stops, purged like any other validation.
    let share = model.validationShare
    let fold =
      try share > 0
      ? Holdout(train: 1 - share).folds(labelled).first : nil
    let training = fold.map { labelled.rows($0.train) } ?? labelled
    let fitted = try learner.fit(
      training, validation: fold.map { labelled.rows($0.test) }, monitor: monitor)
    return try SavedModel(
      model: fitted, target: target, training: training, seed: seed,
      configuration: learner.settings, versions: ["hoga": HogaVersion.text])
  }

  private func splitter(_ samples: Samples, validationShare: Double) throws -> WalkForwardSplit {
    var window = WalkForwardSplit.Window.expanding
    if validation.isRolling, let first = samples.time.first, let last = samples.time.last {
      window = .rolling(
        TimeSpan(nanoseconds: Int64(Double(last - first) * validation.minimumTrain)))
    }
    return WalkForwardSplit(
      folds: validation.folds, window: window, initialShare: validation.minimumTrain,
      validationShare: validationShare, gap: validation.embargo)
  }

  /// The columns asked for, without those that a training could not learn from.
  ///
  /// Evaluations judge by the rows before the first test alone, so that nothing is chosen with later
  /// knowledge.
  static func usableFeatures(
    _ wanted: [String], in table: Frame, rows: Range<Int>, _ training: String,
    _ notes: inout [String]
  ) throws -> [String] {
    guard rows.count > 1 else {
      throw DataError("\(table.rowCount) rows are too few to train on")
    }
    var empty: [String] = []
    var constant: [String] = []
    var copies: [String] = []
    var seen: Set<[UInt64]> = []
    let usable = try wanted.filter { name in
      let values = try table.doubles(name)[rows]
      let present = values.filter { !$0.isNaN }
      if present.count * 2 < rows.count {
        empty.append(name)
        return false
      }
      if present.allSatisfy({ $0 == present[0] }) {
        constant.append(name)
        return false
      }
      // On a book of five levels imbalance_10 is imbalance_5, and mlofi_1 is ofi by definition.
      guard seen.insert(values.map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }).inserted
      else {
        copies.append(name)
        return false
      }
      return true
    }
    if !empty.isEmpty {
      notes.append(
        "left out, null in more than half of \(training): \(empty.joined(separator: ", "))")
    }
    if !constant.isEmpty {
      notes.append(
        "left out, constant in \(training): \(constant.joined(separator: ", "))")
    }
    if !copies.isEmpty {
      notes.append(
        "left out, copies of another feature in \(training): "
          + copies.joined(separator: ", "))
    }
    guard !usable.isEmpty else { throw DataError("no feature is left to learn from") }
    return usable
  }

  /// Columns by name or by `beginning*`; without any, all numbers but `time` and `mid`, the latter
  /// being a price level that no model should learn by heart.
  static func matching(_ patterns: [String], in table: Frame) throws -> [String] {
    let numeric = table.schema.filter { $0.type != .category && $0.type != .timestamp }.map(\.name)
      .filter { !isLabel($0) }
    guard !patterns.isEmpty else {
      // A table of forecasts knows the answer; learning from it would look like a miracle.
      if let leak = table.names.first(where: { isLabel($0) || isForecast($0) }) {
        throw DataError(
          "is a label or a forecast, not a feature: name the inputs, or take the feature table",
          column: leak)
      }
      return numeric.filter { $0 != "mid" }
    }
    for pattern in patterns where !numeric.contains(where: { matches($0, pattern) }) {
      throw UsageError("features.inputs: no numeric column matches '\(pattern)'")
    }
    return numeric.filter { name in patterns.contains { matches(name, $0) } }
  }

  private static func isLabel(_ name: String) -> Bool {
    name.hasPrefix("ret_bps_") || name.hasPrefix("class_") || name == "truth" || name == "fold"
  }

  private static func isForecast(_ name: String) -> Bool {
    name.contains("_ret_bps_") || name.contains("_class_") || name == "prediction"
  }

  private static func matches(_ name: String, _ pattern: String) -> Bool {
    pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
  }
}

/// Forecasts of several trials, joined by time.
private struct Predictions {
  let time: [Int64]
  let mid: [Double]
  private var fold: [Int32]
  private var columns: [(name: String, values: [Double])] = []

  init(time: [Int64], mid: [Double]) {
    self.time = time
    self.mid = mid
    fold = [Int32](repeating: 0, count: time.count)
  }

  mutating func add(_ evaluation: Evaluation, model: String, labels: Labels) {
    if !columns.contains(where: { $0.name == labels.name }) {
      columns.append((labels.name, labels.values))
    }
    for (column, output) in evaluation.folds[0].outputs.names.enumerated() {
      var values = [Double](repeating: .nan, count: time.count)
      for part in evaluation.folds {
        for (place, row) in part.fold.test.enumerated() {
          values[row] = part.outputs[place, column]
          fold[row] = Int32(part.index + 1)
        }
      }
      let name = "\(model)_\(labels.name)"
      columns.append((labels.classes == nil ? name : "\(name)_\(output)", values))
    }
  }

  /// The rows of all tests.
  var frame: Frame {
    let rows = fold.indices.filter { fold[$0] > 0 }
    var frame = Frame([
      ("time", .timestamp(rows.map { time[$0] })), ("mid", .double(rows.map { mid[$0] })),
      ("fold", .int32(rows.map { fold[$0] })),
    ])
    for (name, values) in columns { frame.append(name, .double(rows.map { values[$0] })) }
    return frame
  }
}
