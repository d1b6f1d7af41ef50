internal import HogaCore

/// What to do with missing features.
public enum MissingPolicy: String, Hashable, Sendable {
  /// Rows with a missing feature are not learned from, and get no forecast (NaN).
  case dropRows = "drop-rows"
  /// A missing feature becomes the feature's median over the training rows.
  case imputeMedian = "impute-median"
  /// Left to the learner, which must know what to do with it (LightGBM does).
  case keep
}

/// How features are brought to one scale.
public enum Scaling: String, Hashable, Sendable {
  case none
  /// To mean zero and standard deviation one (divisor n, as scikit-learn).
  case standard
  /// To median zero and interquartile range one, which outliers cannot move much.
  case robust

  /// Measures the features; NaN is left out.
  ///
  /// A feature that does not vary is centred and otherwise left as it is.
  ///
  /// - Parameter limit: scaled values are held within ± this, so that a feature that was quiet in
  ///   training and jumps later cannot carry a linear forecast away; `nil` for no limit.
  public func fit(_ x: Matrix, limit: Double? = nil) -> FittedScaling {
    var centers: [Double] = []
    var scales: [Double] = []
    for index in 0..<x.columnCount {
      let present = x.column(index).filter { !$0.isNaN }
      var center = 0.0
      var scale = 1.0
      switch self {
      case .none: break
      case .standard where !present.isEmpty:
        center = mean(present[...])
        let squares = present.reduce(0) { $0 + ($1 - center) * ($1 - center) }
        let variance = squares / Double(present.count)
        // Spread that is only the rounding of the mean is none.
        let rounding = Double(present.count) * Double.ulpOfOne * center
        scale = variance > rounding * rounding ? variance.squareRoot() : 0
      case .robust where !present.isEmpty:
        let sorted = present.sorted()
        center = quantile(ofSorted: sorted, 0.5)
        scale = quantile(ofSorted: sorted, 0.75) - quantile(ofSorted: sorted, 0.25)
      case .standard, .robust: break
      }
      centers.append(center)
      scales.append(scale > 0 ? scale : 1)
    }
    return FittedScaling(
      featureNames: x.names, centers: centers, scales: scales, limit: limit)
  }
}

/// Takes a centre from each feature and divides by a scale, both measured on training rows.
public struct FittedScaling: Hashable, Sendable {
  public let featureNames: [String]
  public let centers: [Double]
  public let scales: [Double]
  /// Scaled values are held within ± this; `nil` for no limit.
  public let limit: Double?

  init(featureNames: [String], centers: [Double], scales: [Double], limit: Double? = nil) {
    self.featureNames = featureNames
    self.centers = centers
    self.scales = scales
    self.limit = limit
  }

  /// Scaled features; columns are found by name.
  public func transform(_ x: Matrix) throws -> Matrix {
    let x = try x.selecting(featureNames)
    var values = x.values
    for column in 0..<x.columnCount {
      let center = centers[column]
      let scale = scales[column]
      for place in column * x.rowCount..<(column + 1) * x.rowCount {
        values[place] = (values[place] - center) / scale
      }
      guard let limit else { continue }
      // Written so that NaN stays NaN.
      for place in column * x.rowCount..<(column + 1) * x.rowCount {
        if values[place] > limit { values[place] = limit }
        if values[place] < -limit { values[place] = -limit }
      }
    }
    return Matrix(names: featureNames, rowCount: x.rowCount, values: values)
  }
}

/// Fills missing features with medians of the training rows.
public struct FittedImputer: Hashable, Sendable {
  public let featureNames: [String]
  public let medians: [Double]

  /// - Throws: `DataError` for a feature that no training row has.
  public init(_ x: Matrix) throws {
    featureNames = x.names
    medians = try (0..<x.columnCount).map { index in
      let present = x.column(index).filter { !$0.isNaN }.sorted()
      guard !present.isEmpty else {
        throw DataError("is missing in every training row", column: x.names[index])
      }
      return quantile(ofSorted: present, 0.5)
    }
  }

  init(featureNames: [String], medians: [Double]) {
    self.featureNames = featureNames
    self.medians = medians
  }

  public func transform(_ x: Matrix) throws -> Matrix {
    let x = try x.selecting(featureNames)
    var values = x.values
    for column in 0..<x.columnCount {
      for place in column * x.rowCount..<(column + 1) * x.rowCount where values[place].isNaN {
        values[place] = medians[column]
      }
    }
    return Matrix(names: featureNames, rowCount: x.rowCount, values: values)
  }
}

/// A quantile by linear interpolation between order statistics (NumPy's default, R's type 7).
///
/// - Precondition: `sorted` ascends and is not empty; `share` is in `0...1`.
public func quantile(ofSorted sorted: [Double], _ share: Double) -> Double {
  precondition(!sorted.isEmpty && share >= 0 && share <= 1, "no such quantile")
  let position = share * Double(sorted.count - 1)
  let below = Int(position)
  let above = min(below + 1, sorted.count - 1)
  let weight = position - Double(below)
  // Exact at both ends and where neighbours are equal.
  return weight == 0 || sorted[below] == sorted[above]
    ? sorted[below] : sorted[below] + (sorted[above] - sorted[below]) * weight
}
