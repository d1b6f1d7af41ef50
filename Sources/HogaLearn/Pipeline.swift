public import HogaCore

/// Missing values, scale and learner as one: all three are fitted on the same training rows.
public struct Pipeline: Learner {
  public var missing: MissingPolicy
  public var scaling: Scaling
  /// Scaled features are held within ± this many scales; `nil` for no limit. See `Scaling.fit`.
  public var limit: Double?
  public var learner: any Learner

  public var name: String { learner.name }
  public var acceptsMissing: Bool { true }
  public var settings: JSONValue {
    [
      "missing": .string(missing.rawValue), "scaling": .string(scaling.rawValue),
      "limit": limit.map { .double($0) } ?? .null,
      "learner": .string(learner.name), "learner_settings": learner.settings,
    ]
  }

  public init(
    missing: MissingPolicy = .dropRows, scaling: Scaling, limit: Double? = nil,
    learner: any Learner
  ) {
    self.missing = missing
    self.scaling = scaling
    self.limit = limit
    self.learner = learner
  }

  /// - Throws: `UsageError` for `.keep` with a learner that takes no missing values.
  public func fit(
    _ training: Samples, validation: Samples?, monitor: JobMonitor?
  ) throws -> FittedPipeline {
    guard missing != .keep || learner.acceptsMissing else {
      throw UsageError("\(learner.name) takes no missing values; drop such rows or impute them")
    }
    try training.x.checkFinite(missingAllowed: true)
    try validation?.x.checkFinite(missingAllowed: true)
    var counts = FittedPipeline.Counts(rows: training.count)
    counts.missingValues = training.x.missingCounts
    var train = training.labelled()
    counts.withoutLabel = training.count - train.count
    var imputer: FittedImputer?
    switch missing {
    case .keep: break
    case .dropRows:
      let complete = train.complete()
      counts.dropped = train.count - complete.count
      train = complete
    case .imputeMedian:
      let fitted = try FittedImputer(train.x)
      counts.imputedValues = train.x.missingCounts.reduce(0, +)
      train = train.with(x: try fitted.transform(train.x))
      imputer = fitted
    }
    guard train.count > 0 else {
      throw DataError("no training row is left: \(counts)")
    }
    counts.used = train.count
    let scaling = scaling == .none ? nil : scaling.fit(train.x, limit: limit)
    if let scaling { train = train.with(x: try scaling.transform(train.x)) }

    var tail = try validation?.labelled().selecting(training.x.names)
    if let known = tail {
      tail = missing == .dropRows ? known.complete() : known
      if let imputer { tail = tail?.with(x: try imputer.transform(known.x)) }
      if let scaling, let filled = tail { tail = filled.with(x: try scaling.transform(filled.x)) }
      if tail?.count == 0 { throw DataError("no validation row has a label and all features") }
    }
    return FittedPipeline(
      missing: missing, imputer: imputer, scaling: scaling,
      model: try learner.fit(train, validation: tail, monitor: monitor), counts: counts)
  }
}

/// A fitted model with the treatment of features that it was fitted behind.
public struct FittedPipeline: FittedModel {
  public static let kind = "pipeline"

  /// What became of the training rows.
  public struct Counts: Hashable, Sendable, CustomStringConvertible {
    public var rows = 0
    public var withoutLabel = 0
    /// Rows left out because a feature was missing.
    public var dropped = 0
    public var imputedValues = 0
    public var used = 0
    /// By feature, before anything was dropped.
    public var missingValues: [Int] = []

    public var description: String {
      "\(rows) rows, \(withoutLabel) without label, \(dropped) dropped for missing features, "
        + "\(imputedValues) values imputed"
    }
    public var json: JSONValue {
      .object([
        ("rows", .int(Int64(rows))), ("without_label", .int(Int64(withoutLabel))),
        ("dropped", .int(Int64(dropped))), ("imputed_values", .int(Int64(imputedValues))),
        ("used", .int(Int64(used))),
      ])
    }
  }

  public let missing: MissingPolicy
  public let imputer: FittedImputer?
  public let scaling: FittedScaling?
  public let model: any FittedModel
  /// Of the fit; zeros after loading.
  public let counts: Counts

  public var featureNames: [String] { model.featureNames }
  public var classes: [String]? { model.classes }

  init(
    missing: MissingPolicy, imputer: FittedImputer?, scaling: FittedScaling?,
    model: any FittedModel, counts: Counts
  ) {
    self.missing = missing
    self.imputer = imputer
    self.scaling = scaling
    self.model = model
    self.counts = counts
  }

  /// Features as the model sees them: by name, imputed, scaled.
  public func prepared(_ x: Matrix) throws -> Matrix {
    var x = try x.selecting(featureNames)
    try x.checkFinite(missingAllowed: true)
    if let imputer { x = try imputer.transform(x) }
    if let scaling { x = try scaling.transform(x) }
    return x
  }

  /// Under `.dropRows` a row with a missing feature gets NaN, as it would not have been learned from.
  public func outputs(_ x: Matrix) throws -> Matrix {
    let x = try prepared(x)
    return withoutDropped(try model.outputs(x), of: x)
  }

  /// Of the features as the model sees them, under their original names: a linear model's are
  /// coefficient times scaled value. Rows without a forecast get NaN.
  public func contributions(_ x: Matrix) throws -> Matrix? {
    let x = try prepared(x)
    return try model.contributions(x).map { withoutDropped($0, of: x) }
  }

  private func withoutDropped(_ results: Matrix, of x: Matrix) -> Matrix {
    guard missing == .dropRows else { return results }
    let complete = x.completeRows
    guard complete.contains(false) else { return results }
    var values = results.values
    for column in 0..<results.columnCount {
      for row in 0..<x.rowCount where !complete[row] { values[column * x.rowCount + row] = .nan }
    }
    return Matrix(names: results.names, rowCount: x.rowCount, values: values)
  }

  public func encoded() -> JSONValue {
    .object([
      ("missing", .string(missing.rawValue)),
      (
        "imputer",
        imputer.map {
          .object([("features", .list($0.featureNames)), ("medians", .list($0.medians))])
        } ?? .null
      ),
      (
        "scaling",
        scaling.map {
          .object([
            ("features", .list($0.featureNames)), ("centers", .list($0.centers)),
            ("scales", .list($0.scales)), ("limit", $0.limit.map { .double($0) } ?? .null),
          ])
        } ?? .null
      ), ("model", ModelKinds.write(model)),
    ])
  }

  public init(decoding json: JSONValue, kinds: ModelKinds) throws {
    let fields = try JSONFields(json, "pipeline")
    guard let missing = MissingPolicy(rawValue: try fields.string("missing")) else {
      throw DataError("an unknown policy for missing values")
    }
    var imputer: FittedImputer?
    if try fields.value("imputer") != .null {
      let part = try fields.fields("imputer")
      imputer = FittedImputer(
        featureNames: try part.strings("features"), medians: try part.doubles("medians"))
    }
    var scaling: FittedScaling?
    if try fields.value("scaling") != .null {
      let part = try fields.fields("scaling")
      scaling = FittedScaling(
        featureNames: try part.strings("features"), centers: try part.doubles("centers"),
        scales: try part.doubles("scales"),
        limit: try part.value("limit") == .null ? nil : part.double("limit"))
    }
    let model = try kinds.read(fields.value("model"))
    let width = model.featureNames.count
    guard
      imputer.map({ $0.featureNames == model.featureNames && $0.medians.count == width })
        ?? true,
      scaling.map({
        $0.featureNames == model.featureNames && $0.centers.count == width
          && $0.scales.count == width && $0.scales.allSatisfy { $0 > 0 }
      }) ?? true
    else { throw DataError("imputer, scaling and model have different features") }
    self.init(
      missing: missing, imputer: imputer, scaling: scaling, model: model, counts: Counts())
  }
}

extension Samples {
  /// The samples that have every feature.
  public func complete() -> Samples {
    let complete = x.completeRows
    return complete.contains(false) ? rows(y.indices.filter { complete[$0] }) : self
  }

  /// The same samples with these features, in that order.
  public func selecting(_ features: [String]) throws -> Samples {
    with(x: try x.selecting(features))
  }
}
