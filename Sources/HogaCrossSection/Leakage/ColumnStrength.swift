public import HogaCore

/// How well a column of unknown making foretells, beside the best that is known to be of the past.
public struct ColumnStrength: Hashable, Sendable {
  public var column: String
  /// The mean rank information coefficient that is largest in size, and with what.
  public var coefficient: Double
  public var target: String
  public var minutes: Int
  /// The feature of the catalogue that foretells the same best on the same rows, and its size there.
  public var best: String?
  public var bestCoefficient: Double
  /// Why the column should be looked at though nothing is proven.
  public var warning: String?

  public var text: String {
    let known = best.map {
      "the best feature of the catalogue on the same rows, \($0), has "
        + FigureText.number(bestCoefficient)
    }
    return
      "\(column): highest |rank IC| \(FigureText.number(abs(coefficient))), with \(target) over "
      + "\(minutes) minutes; \(known ?? "no feature of the catalogue has one on the same rows")"
  }

  public var json: JSONValue {
    [
      "column": .string(column), "rank_ic": .double(coefficient), "target": .string(target),
      "minutes": .int(Int64(minutes)), "best_feature": best.map { .string($0) } ?? .null,
      "best_feature_rank_ic": best == nil ? .null : .double(bestCoefficient),
      "warning": warning.map { .string($0) } ?? .null,
    ]
  }
}
