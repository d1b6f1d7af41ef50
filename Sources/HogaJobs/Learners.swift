internal import Foundation
public import HogaConfig
public import HogaCore
public import HogaLearn

extension Workflow.Model {
  /// A model by its kind with the settings of a mapping (or none).
  public init(kind: Kind, settings: ConfigNode? = nil) {
    self.init(
      kind: kind, name: kind.rawValue,
      settings: settings ?? ConfigNode(.mapping([]), file: "defaults", line: 1, path: "model"))
  }

  /// The learner behind its treatment of missing values and scale.
  ///
  /// Settings by kind, with defaults:
  /// - all: `missing` (`impute-median`; `keep` for lightgbm), `scaling` (`standard`; `none` for
  ///   lightgbm), `limit` (5: scaled features are held within ± this; none for lightgbm).
  /// - `lasso`, `elastic-net`: `rule` (`least-error` or `one-standard-error`), `inner_folds` (5),
  ///   `penalties` (50), `l1_share` (0.5, elastic-net only).
  /// - `ridge`: `penalty` (1); `logistic`: `penalty` (100).
  /// - `lightgbm`: `rounds` (200), `early_stopping` (20), `learning_rate` (0.05), `leaves` (31),
  ///   `depth` (no limit), `minimum_leaf` (20), `feature_share` (1), `row_share` (1), `l1`, `l2` (0).
  public func learner(seed: UInt64) throws -> Pipeline {
    let own: [String]
    switch kind {
    case .lasso: own = ["rule", "inner_folds", "penalties"]
    case .elasticNet: own = ["rule", "inner_folds", "penalties", "l1_share"]
    case .ridge, .logistic: own = ["penalty"]
    case .linear: own = []
    case .lightgbm:
      own = [
        "rounds", "early_stopping", "learning_rate", "leaves", "depth", "minimum_leaf",
        "feature_share", "row_share", "l1", "l2",
      ]
    }
    try settings.rejectUnknown(keys: ["kind", "name", "missing", "scaling", "limit"] + own)
    let isTree = kind == .lightgbm
    let missing = try choice("missing", MissingPolicy.self) ?? (isTree ? .keep : .imputeMedian)
    let scaling = try choice("scaling", Scaling.self) ?? (isTree ? .none : .standard)
    return Pipeline(
      missing: missing, scaling: scaling, limit: try limit(isTree), learner: try inner(seed: seed))
  }

  private func limit(_ isTree: Bool) throws -> Double? {
    guard let node = settings["limit"] else { return isTree ? nil : 5 }
    let limit = try node.double()
    guard limit > 0 else { throw node.error("must be above zero") }
    return limit
  }

  /// Whether it foretells classes, returns or both.
  ///
  /// - Throws: `UsageError` where the target is of the other kind.
  func check(_ target: Workflow.Target) throws {
    switch kind {
    case .lightgbm: break
    case .logistic where !target.isClasses:
      throw UsageError("\(name) foretells classes: set labels.classes, or take another model")
    case .lasso, .elasticNet, .ridge, .linear:
      guard !target.isClasses else {
        throw UsageError("\(name) foretells returns, not classes: take logistic or lightgbm")
      }
    case .logistic: break
    }
  }

  /// The share of each training that is set aside for early stopping.
  public var validationShare: Double { kind == .lightgbm ? 0.2 : 0 }

  private func inner(seed: UInt64) throws -> any Learner {
    switch kind {
    case .lasso, .elasticNet:
      return ElasticNetCV(
        l1Share: kind == .lasso ? 1 : try settings["l1_share"]?.double() ?? 0.5,
        penaltyCount: try count("penalties", in: 2...1000) ?? 50,
        splitter: WalkForwardSplit(folds: try count("inner_folds", in: 1...1000) ?? 5),
        rule: try choice("rule", ElasticNetCV.Rule.self) ?? .leastError,
        // The pipeline has scaled already; penalties need no more digits than scores have.
        standardizes: false, tolerance: 1e-4, maximumSweeps: 1000)
    case .ridge: return Ridge(penalty: try settings["penalty"]?.double() ?? 1)
    case .linear: return LinearRegression()
    case .logistic:
      return LogisticRegression(penalty: try settings["penalty"]?.double() ?? 100)
    case .lightgbm:
      return LightGBM(
        rounds: try count("rounds", in: 1...100_000) ?? 200,
        earlyStopping: try count("early_stopping", in: 1...100_000) ?? 20,
        learningRate: try settings["learning_rate"]?.double() ?? 0.05,
        leaves: try count("leaves", in: 2...131_072) ?? 31,
        maximumDepth: try count("depth", in: 1...1000),
        minimumRowsPerLeaf: try count("minimum_leaf", in: 1...1_000_000_000) ?? 20,
        featureShare: try settings["feature_share"]?.double() ?? 1,
        rowShare: try settings["row_share"]?.double() ?? 1, l1: try settings["l1"]?.double() ?? 0,
        l2: try settings["l2"]?.double() ?? 0, seed: UInt32(truncatingIfNeeded: seed))
    }
  }

  private func count(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let node = settings[key] else { return nil }
    let value = try node.int()
    guard range.contains(value) else {
      throw node.error("must be from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  private func choice<Value: RawRepresentable<String>>(
    _ key: String, _ type: Value.Type
  ) throws -> Value? {
    guard let node = settings[key] else { return nil }
    let text = try node.string()
    guard let value = Value(rawValue: text) else { throw node.error("'\(text)' is not known here") }
    return value
  }
}

/// What a fitted model makes of each feature.
public struct Importance: Sendable {
  public enum Measure: String, Sendable {
    /// The coefficient of the scaled feature: the forecast's change for one standard deviation.
    case coefficient
    /// For classes: how far the coefficients of two classes are apart at most, which is the change of
    /// their log-odds for one standard deviation.
    case logOdds = "log-odds"
    /// The loss that a tree model's splits on the feature took away, as a share of all.
    case gain

    /// For people.
    var meaning: String {
      switch self {
      case .coefficient: "change of the forecast in bps for one standard deviation"
      case .logOdds: "largest change of the log-odds of two classes for one standard deviation"
      case .gain: "share of the loss taken away by splits on the feature"
      }
    }
  }

  public var measure: Measure
  public var values: [(name: String, value: Double)]

  /// - Returns: `nil` for models that do not say.
  public static func of(_ model: any FittedModel) throws -> Importance? {
    switch model {
    case let pipeline as FittedPipeline: return try of(pipeline.model)
    case let trees as FittedLightGBM:
      let gains = try trees.gainImportance()
      let total = gains.reduce(0, +)
      return Importance(
        measure: .gain,
        values: zip(trees.featureNames, gains).map { ($0, total > 0 ? $1 / total : 0) })
    case let logistic as FittedLogistic:
      // Two classes have one set of coefficients, against zeros.
      let sets =
        logistic.coefficients.count > 1
        ? logistic.coefficients
        : logistic.coefficients + [
          logistic.featureNames.map { _ in 0 }
        ]
      return Importance(
        measure: .logOdds,
        values: logistic.featureNames.enumerated().map { index, name in
          let values = sets.map { $0[index] }
          return (name, values.max()! - values.min()!)
        })
    case let linear as FittedLinear: return coefficients(linear)
    case let chosen as FittedElasticNetCV: return coefficients(chosen.model.linear)
    case let net as FittedElasticNet: return coefficients(net.linear)
    case let regression as FittedLinearRegression: return coefficients(regression.linear)
    default: return nil
    }
  }

  private static func coefficients(_ linear: FittedLinear) -> Importance {
    Importance(
      measure: .coefficient, values: zip(linear.featureNames, linear.coefficients).map { ($0, $1) })
  }

  /// The largest ones, largest first; features without any are left out.
  public func json(limit: Int = 40) -> JSONValue {
    let largest = values.filter { $0.value != 0 }
      .sorted { (-abs($0.value), $0.name) < (-abs($1.value), $1.name) }.prefix(limit)
    return [
      "measure": .string(measure.rawValue),
      "used": .int(Int64(values.count { $0.value != 0 })), "of": .int(Int64(values.count)),
      "values": .array(
        largest.map { ["feature": .string($0.name), "value": .double($0.value)] }),
    ]
  }
}
