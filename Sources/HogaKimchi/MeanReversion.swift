public import HogaCore
public import HogaLearn

/// The baseline that knows one thing: how far the premium is from its mean.
///
/// The classes' shares in training, by bucket of a z-score, shrunk toward the shares of all rows as
/// if each bucket had seen ten rows more of them. A model that does not beat it has learned nothing
/// but mean reversion.
public struct MeanReversion: Learner {
  /// The z-score's column.
  public var column: String
  public var name: String { "mean-reversion" }
  public var acceptsMissing: Bool { true }
  public var settings: JSONValue {
    ["column": .string(column), "edges": .array(Self.edges.map { .double($0) })]
  }

  /// Buckets lie between these, and beyond.
  static let edges = [-2, -1, -0.5, 0.5, 1, 2]
  static let prior = 10.0

  public init(column: String) { self.column = column }

  public func fit(
    _ training: Samples, validation: Samples?, monitor: JobMonitor?
  ) throws -> FittedMeanReversion {
    guard let classes = training.classes else {
      throw UsageError("\(name) foretells classes, not numbers")
    }
    // Boosting sets a part of its training aside; this needs none, and learns from both.
    let z = try training.x.selecting([column]).values
    let all = shares(
      training.y, classes.count, prior: classes.map { _ in 1 / Double(classes.count) })
    var rows = [[Double]](repeating: [], count: Self.edges.count + 1)
    for (value, label) in zip(z, training.y) where !value.isNaN {
      rows[Self.bucket(value)].append(label)
    }
    return FittedMeanReversion(
      column: column, classNames: classes, overall: all,
      buckets: rows.map { shares($0, classes.count, prior: all) })
  }

  private func shares(_ labels: [Double], _ count: Int, prior: [Double]) -> [Double] {
    var found = prior.map { $0 * Self.prior }
    for label in labels { found[Int(label)] += 1 }
    return found.map { $0 / (Double(labels.count) + Self.prior) }
  }

  static func bucket(_ z: Double) -> Int { edges.count { z >= $0 } }
}

/// Class shares by bucket of a z-score.
public struct FittedMeanReversion: FittedModel {
  public static let kind = "mean-reversion"

  let column: String
  let classNames: [String]
  /// Where the z-score is not known.
  let overall: [Double]
  let buckets: [[Double]]

  public var featureNames: [String] { [column] }
  public var classes: [String]? { classNames }

  init(column: String, classNames: [String], overall: [Double], buckets: [[Double]]) {
    self.column = column
    self.classNames = classNames
    self.overall = overall
    self.buckets = buckets
  }

  public func outputs(_ x: Matrix) throws -> Matrix {
    let z = try x.selecting([column]).values
    let rows = z.map { $0.isNaN ? overall : buckets[MeanReversion.bucket($0)] }
    return Matrix(
      names: classNames, rowCount: z.count,
      values: classNames.indices.flatMap { index in rows.map { $0[index] } })
  }

  public func encoded() -> JSONValue {
    func list(_ values: [Double]) -> JSONValue { .array(values.map { .double($0) }) }
    return [
      "column": .string(column), "classes": .array(classNames.map { .string($0) }),
      "overall": list(overall), "buckets": .array(buckets.map(list)),
    ]
  }

  public init(decoding json: JSONValue, kinds: ModelKinds) throws {
    func numbers(_ value: JSONValue?) throws -> [Double] {
      guard case .array(let items)? = value else { throw Self.damaged }
      return try items.map {
        switch $0 {
        case .double(let number): return number
        case .int(let number): return Double(number)
        default: throw Self.damaged
        }
      }
    }
    guard case .string(let column)? = json["column"], case .array(let names)? = json["classes"],
      case .array(let rows)? = json["buckets"]
    else { throw Self.damaged }
    let classes = names.compactMap { if case .string(let text) = $0 { text } else { nil } }
    let overall = try numbers(json["overall"])
    let buckets = try rows.map(numbers)
    guard classes.count == names.count, buckets.count == MeanReversion.edges.count + 1,
      (buckets + [overall]).allSatisfy({ $0.count == classes.count })
    else { throw Self.damaged }
    self.init(column: column, classNames: classes, overall: overall, buckets: buckets)
  }

  private static let damaged = DataError("a mean-reversion model is incomplete")
}
