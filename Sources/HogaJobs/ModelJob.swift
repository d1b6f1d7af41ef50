internal import Foundation
internal import HogaConfig
public import HogaCore
internal import HogaLake
internal import HogaLearn

extension Workflow.Model {
  /// A model with settings as `key=value`.
  public init(kind: Kind, settings: [String]) throws {
    self.init(kind: kind, settings: try ConfigNode(assignments: settings))
  }
}

extension Workflow.Strategy {
  /// A strategy with settings as `key=value`.
  public init(kind: Kind, settings: [String]) throws {
    self.init(
      kind: kind, name: kind.rawValue, settings: try ConfigNode(assignments: settings))
  }
}

/// One model on a feature table in a file.
public struct ModelJob: Sendable {
  public var features: String
  public var horizon: TimeSpan
  public var target: Workflow.Target
  public var model: Workflow.Model
  public var inputs: [String]
  public var seed: UInt64
  public var threads: Int?
  public var validation: Workflow.Validation

  public init(
    features: String, horizon: TimeSpan, target: Workflow.Target, model: Workflow.Model,
    inputs: [String], seed: UInt64,
    threads: Int?, validation: Workflow.Validation
  ) {
    self.features = features
    self.horizon = horizon
    self.target = target
    self.model = model
    self.inputs = inputs
    self.seed = seed
    self.threads = threads
    self.validation = validation
  }

  /// What a job has to say, for programs and for people.
  public struct Outcome: Sendable {
    public var json: JSONValue
    public var text: String
  }

  /// Fits on the labelled rows and saves the model.
  public func train(to path: String, monitor: JobMonitor) throws -> Outcome {
    monitor.begin("training \(model.name)", unit: "models")
    let table = try TableFile.read(features)
    try model.check(target)
    let labels = try labels(table)
    var notes: [String] = []
    let columns = try EvaluationJob.usableFeatures(
      EvaluationJob.matching(inputs, in: table), in: table, rows: 0..<table.rowCount,
      "the training", &notes)
    let samples = try Samples(table, features: columns, labels: labels)
    let saved = try EvaluationJob.fit(
      model, samples, target: labels.name, seed: seed, monitor: monitor)
    try saved.save(to: path)
    let importance = try Importance.of(saved.model)?.json()
    return Outcome(
      json: [
        "model": .string(path), "target": .string(saved.target),
        "rows": .int(Int64(saved.rowCount)), "features": .int(Int64(columns.count)),
        "configuration": .string(saved.configurationDigest), "importance": importance ?? .null,
        "notes": .array(notes.map { .string($0) }),
      ],
      text: (notes.map { "note: \($0)" } + [""]).joined(separator: "\n")
        + "\(model.name) fitted on \(NumberText.count(saved.rowCount)) rows of "
        + "\(columns.count) features to foretell \(saved.target)")
  }

  /// Scores by purged walk-forward; writes the forecasts where a path is given.
  public func evaluate(to path: String?, producer: String, monitor: JobMonitor) throws -> Outcome {
    let table = try TableFile.read(features)
    let result = try EvaluationJob(
      horizons: [horizon], target: target, validation: validation, models: [model], inputs: inputs,
      seed: seed, threads: threads
    ).run(table, keepsModels: false, monitor: monitor)
    if let path {
      try TableFile.write(
        result.predictions, to: path, metadata: [LakeMetadata.producer: producer])
    }
    let trials = JSONValue.array(
      result.trials.map {
        [
          "model": .string($0.model), "horizon": .string("\($0.horizon)"),
          "evaluation": $0.evaluation.json,
        ]
      })
    let metrics: JSONValue = ["evaluation": ["trials": trials]]
    return Outcome(
      json: metrics,
      text: ([RunSummary(metrics).forecasts] + result.notes.map { "note: \($0)" })
        .joined(separator: "\n"))
  }

  /// Applies a saved model to a table.
  ///
  /// - Parameter contributions: where to write how much each feature moved each forecast; for trees
  ///   these are SHAP values.
  public static func predict(
    model path: String, features: String, to out: String, contributions: String? = nil,
    producer: String, monitor: JobMonitor
  ) throws -> Outcome {
    monitor.begin("predicting", unit: "rows")
    let saved = try SavedModel(path: path)
    let table = try TableFile.read(features)
    let outputs: Matrix
    var shares: Matrix?
    do {
      outputs = try saved.predict(table)
      if contributions != nil { shares = try saved.contributions(table) }
    } catch let error as DataError {
      throw error.located(file: features)
    }
    func write(_ matrix: Matrix, _ prefix: String, to path: String) throws {
      var frame = Frame()
      if let time = table["time"] { frame.append("time", time) }
      for (index, name) in matrix.names.enumerated() {
        frame.append(prefix + name, .double(Array(matrix.column(index))))
      }
      try TableFile.write(
        frame, to: path,
        metadata: [LakeMetadata.producer: producer, "hoga.target": saved.target])
    }
    if let contributions {
      guard let shares else {
        throw UsageError("\(path): this kind of model cannot tell contributions")
      }
      try write(shares, "", to: contributions)
    }
    try write(outputs, outputs.names == ["prediction"] ? "" : "p_", to: out)
    return Outcome(
      json: [
        "file": .string(out), "contributions": contributions.map { .string($0) } ?? .null,
        "rows": .int(Int64(table.rowCount)),
        "target": .string(saved.target), "configuration": .string(saved.configurationDigest),
      ],
      text: "\(NumberText.count(table.rowCount)) forecasts of \(saved.target): \(out)")
  }

  private func labels(_ table: Frame) throws -> Labels {
    do {
      return try EvaluationJob.labels(table, horizon: horizon, target: target)
    } catch let error as DataError {
      throw error.located(file: features)
    }
  }
}
