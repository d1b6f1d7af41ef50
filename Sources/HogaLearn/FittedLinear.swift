public import HogaCore

/// A forecast that is a weighted sum of features: what every linear regression ends in.
public struct FittedLinear: FittedModel, Hashable {
  public static let kind = "linear"

  public let featureNames: [String]
  public let coefficients: [Double]
  public let intercept: Double
  public var classes: [String]? { nil }

  public init(featureNames: [String], coefficients: [Double], intercept: Double) {
    precondition(featureNames.count == coefficients.count, "one coefficient for each feature")
    self.featureNames = featureNames
    self.coefficients = coefficients
    self.intercept = intercept
  }

  /// A feature with a coefficient of zero takes no part, so it may be missing.
  public func outputs(_ x: Matrix) throws -> Matrix {
    let x = try x.selecting(featureNames)
    var forecast = [Double](repeating: intercept, count: x.rowCount)
    unsafe forecast.withUnsafeMutableBufferPointer { forecast in
      unsafe x.values.withUnsafeBufferPointer { values in
        for (column, weight) in coefficients.enumerated() where weight != 0 {
          let start = column * x.rowCount
          for row in 0..<x.rowCount { unsafe forecast[row] += weight * values[start + row] }
        }
      }
    }
    return Matrix(names: ["prediction"], rowCount: x.rowCount, values: forecast)
  }

  /// Coefficient times value; the intercept is the bias.
  public func contributions(_ x: Matrix) throws -> Matrix? {
    let x = try x.selecting(featureNames)
    var values: [Double] = []
    values.reserveCapacity((x.columnCount + 1) * x.rowCount)
    for (column, weight) in coefficients.enumerated() {
      // A feature that takes no part may be missing, as in `outputs`.
      values += x.column(column).lazy.map { weight == 0 ? 0 : weight * $0 }
    }
    values += repeatElement(intercept, count: x.rowCount)
    return Matrix(names: featureNames + ["bias"], rowCount: x.rowCount, values: values)
  }

  public func encoded() -> JSONValue {
    .object([
      ("features", .list(featureNames)), ("intercept", .double(intercept)),
      ("coefficients", .list(coefficients)),
    ])
  }

  public init(decoding json: JSONValue, kinds: ModelKinds) throws {
    let fields = try JSONFields(json, "linear model")
    featureNames = try fields.strings("features")
    coefficients = try fields.doubles("coefficients")
    intercept = try fields.double("intercept")
    guard coefficients.count == featureNames.count else {
      throw DataError("\(featureNames.count) features have \(coefficients.count) coefficients")
    }
  }
}

/// A fit that forecasts by a weighted sum, with more to tell about it.
///
/// Only the forecast is saved, under the kind of `FittedLinear`.
public protocol LinearFit: FittedModel {
  var linear: FittedLinear { get }
}

extension LinearFit {
  public static var kind: String { FittedLinear.kind }
  public var featureNames: [String] { linear.featureNames }
  public var coefficients: [Double] { linear.coefficients }
  public var intercept: Double { linear.intercept }
  public var classes: [String]? { nil }
  public func outputs(_ x: Matrix) throws -> Matrix { try linear.outputs(x) }
  public func contributions(_ x: Matrix) throws -> Matrix? { try linear.contributions(x) }
  public func encoded() -> JSONValue { linear.encoded() }
}

/// Checks what every regression needs of its samples.
func checkRegression(_ samples: Samples, minimumRows: Int = 2) throws {
  guard samples.classes == nil else {
    throw UsageError("a regression cannot learn classes; take a classifier or the returns")
  }
  guard samples.x.columnCount > 0 else { throw DataError("there are no features to learn from") }
  guard samples.count >= minimumRows else {
    throw DataError("\(samples.count) rows are too few to learn from, \(minimumRows) are needed")
  }
  if let row = samples.y.firstIndex(where: \.isNaN) {
    throw DataError("the label is missing; leave such rows out", row: row + 1)
  }
}
