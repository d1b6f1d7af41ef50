public import HogaCore

/// A way to learn, with its settings; data comes with `fit`, and `fit` returns the fitted value.
///
///     let model = try Ridge(penalty: 0.1).fit(x, y)
///     let forecast = try model.predict(newX)
///
/// A learner that needs more than one pass (early stopping, a choice of penalty) does it inside
/// `fit`, on what it is given there and nothing else. Learners of other modules join by this
/// protocol; composed ones (`Pipeline`) hold `any Learner`.
public protocol Learner: Sendable {
  associatedtype Fitted: FittedModel

  /// A short name for tables and files: `lasso`, `lightgbm`.
  var name: String { get }
  /// Every setting that changes the result.
  var settings: JSONValue { get }
  /// Whether `fit` and the fitted value take NaN as a value among others.
  var acceptsMissing: Bool { get }

  /// Learns from samples whose labels are all known.
  ///
  /// - Parameters:
  ///   - validation: For early stopping; learners without any ignore it.
  ///   - monitor: Asked between steps whether to stop. Learners do not count progress on it: whoever
  ///     runs several of them does.
  /// - Throws: `DataError` for what cannot be learned from, `UsageError` for senseless settings.
  func fit(_ training: Samples, validation: Samples?, monitor: JobMonitor?) throws -> Fitted
}

extension Learner {
  public var acceptsMissing: Bool { false }

  public func fit(_ training: Samples) throws -> Fitted {
    try fit(training, validation: nil, monitor: nil)
  }

  /// Learns a number from features.
  public func fit(_ x: Matrix, _ y: [Double]) throws -> Fitted {
    try fit(Samples(x: x, y: y, classes: nil))
  }

  /// Learns a class, given by its index, from features.
  public func fit(_ x: Matrix, classes y: [Int], of classes: [String]) throws -> Fitted {
    try fit(Samples(x: x, y: y.map(Double.init), classes: classes))
  }
}

/// What a learner has learned: it predicts, and it can be written and read.
public protocol FittedModel: Sendable {
  /// Names the type in saved files.
  static var kind: String { get }

  /// The features it was fitted on, in that order.
  var featureNames: [String] { get }
  /// The classes it tells apart, or `nil` where it foretells a number.
  var classes: [String]? { get }

  /// The forecast of each row: one column `prediction`, or a probability for each class.
  ///
  /// Columns are found by name; more than needed are fine. NaN where a row cannot be foretold.
  ///
  /// - Throws: `DataError` that names the columns that are missing.
  func outputs(_ x: Matrix) throws -> Matrix

  /// How much each feature moved the forecast of each row; `nil` for a model that cannot tell.
  ///
  /// The columns are `featureNames` and last `bias`, the forecast where no feature speaks. A row sums
  /// to its forecast, or for two classes to the log-odds of the second. With more classes there are
  /// such columns for each, named `class:feature`, which sum to the class's raw score. NaN where a
  /// row cannot be foretold.
  ///
  /// - Throws: `DataError` that names the columns that are missing.
  func contributions(_ x: Matrix) throws -> Matrix?

  /// Everything `init(decoding:kinds:)` needs to predict the same bits again.
  func encoded() -> JSONValue
  /// - Throws: `DataError` where something is missing or makes no sense.
  init(decoding json: JSONValue, kinds: ModelKinds) throws
}

extension FittedModel {
  public func contributions(_ x: Matrix) throws -> Matrix? { nil }

  /// The number foretold for each row, or the index of its likeliest class (the first of equals).
  public func predict(_ x: Matrix) throws -> [Double] {
    let outputs = try outputs(x)
    return classes == nil ? outputs.values : outputs.likeliestColumns
  }
}

extension Matrix {
  /// By row, the index of the column with the greatest value; NaN where a value is missing.
  public var likeliestColumns: [Double] {
    (0..<rowCount).map { row in
      var best = 0
      for column in 0..<columnCount {
        let value = values[column * rowCount + row]
        if value.isNaN { return .nan }
        if value > values[best * rowCount + row] { best = column }
      }
      return Double(best)
    }
  }
}

/// The types of fitted models that a saved file may hold.
public struct ModelKinds: Sendable {
  private var types: [any FittedModel.Type]

  public init(_ types: [any FittedModel.Type]) { self.types = types }

  /// The models of this module.
  public static let standard = ModelKinds([
    FittedLinear.self, FittedLogistic.self, FittedLightGBM.self, FittedPipeline.self,
  ])

  /// These kinds and one more, of another module.
  public func adding(_ type: any FittedModel.Type) -> ModelKinds { ModelKinds(types + [type]) }

  /// Reads a model that was written by `write`.
  public func read(_ json: JSONValue) throws -> any FittedModel {
    let fields = try JSONFields(json, "model")
    let kind = try fields.string("kind")
    guard let type = types.first(where: { $0.kind == kind }) else {
      throw DataError("a model of unknown kind \"\(kind)\"")
    }
    return try type.init(decoding: fields.value("content"), kinds: self)
  }

  static func write(_ model: any FittedModel) -> JSONValue {
    .object([("kind", .string(type(of: model).kind)), ("content", model.encoded())])
  }
}
