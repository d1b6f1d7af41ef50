public import HogaCore

/// What is to be foretold at each row, and until when it unfolds.
public struct Labels: Sendable, Hashable {
  /// The column name of the specification: `ret_bps_10s`, `class_10s`.
  public let name: String
  /// A return in basis points or the index of a class; NaN where it is not known.
  public let values: [Double]
  /// Nanoseconds since 1970 UTC.
  public let time: [Int64]
  /// Where the label's interval `(time, end]` ends, in nanoseconds since 1970 UTC.
  public let end: [Int64]
  public let horizon: TimeSpan
  /// Down, flat and up for classes; `nil` for returns.
  public let classes: [String]?

  /// The names of the three classes, by index.
  public static let directions = ["down", "flat", "up"]

  /// Returns over the horizon: `ret_bps_h = 10⁴ · (mid_{t+h} / mid_t − 1)`.
  ///
  /// The row at `t + h` is found by its time. Where the grid has a hole there, past the last row,
  /// or where a mid is missing, the label is NaN: rows are never shifted into each other's place.
  ///
  /// - Parameters:
  ///   - time: Nanoseconds since 1970 UTC, ascending strictly within a group.
  ///   - mid: NaN where there is none.
  ///   - group: A number for each symbol where the rows hold several.
  /// - Throws: `DataError` where time does not ascend or a mid is zero or below;
  ///   `UsageError` for a horizon that is not above zero.
  public static func forwardReturns(
    time: [Int64], mid: [Double], horizon: TimeSpan, group: [Int32]? = nil
  ) throws -> Labels {
    let target = try rows(at: horizon, from: time, mid: mid, group: group)
    var values = [Double](repeating: .nan, count: time.count)
    for (row, later) in target.enumerated() {
      if let later { values[row] = 10_000 * (mid[later] / mid[row] - 1) }
    }
    return Labels(
      name: "ret_bps_\(horizon)", values: values, time: time,
      end: time.map { $0 + horizon.nanoseconds }, horizon: horizon, classes: nil)
  }

  /// From which move on a return counts as up or down.
  public enum Threshold: Sendable {
    case basisPoints(Double)
    /// A multiple of each row's realised volatility, given as `rv_w` of the specification (root of
    /// summed squared log returns, not in basis points).
    case volatility(multiple: Double, realised: [Double])
  }

  /// Down (0) below minus the threshold, up (2) above it, flat (1) between and at it.
  ///
  /// NaN where the return or the volatility is.
  public func classified(by threshold: Threshold) throws -> Labels {
    var indices = [Double](repeating: .nan, count: values.count)
    switch threshold {
    case .basisPoints(let limit):
      guard limit >= 0, limit.isFinite else {
        throw UsageError("a threshold of \(limit) bps is not zero or above")
      }
      for row in values.indices { indices[row] = Self.direction(values[row], limit) }
    case .volatility(let multiple, let realised):
      guard multiple >= 0, multiple.isFinite else {
        throw UsageError("a threshold of \(multiple) times volatility is not zero or above")
      }
      guard realised.count == values.count else {
        throw DataError("volatility and returns have different row counts")
      }
      for row in values.indices {
        indices[row] = Self.direction(values[row], 10_000 * multiple * realised[row])
      }
    }
    return Labels(
      name: "class_\(horizon)", values: indices, time: time, end: end, horizon: horizon,
      classes: Self.directions)
  }

  private static func direction(_ value: Double, _ limit: Double) -> Double {
    if value.isNaN || limit.isNaN { return .nan }
    return value > limit ? 2 : value < -limit ? 0 : 1
  }

  /// For each row the row `span` later in its group, where both have a mid.
  private static func rows(
    at span: TimeSpan, from time: [Int64], mid: [Double], group: [Int32]?
  ) throws -> [Int?] {
    guard span > .zero else { throw UsageError("a horizon of \(span) is not above zero") }
    guard mid.count == time.count, group == nil || group?.count == time.count else {
      throw DataError("times, mids and groups have different row counts")
    }
    var members: [Int32: [Int]] = [:]
    for row in time.indices {
      guard mid[row].isNaN || (mid[row] > 0 && mid[row].isFinite) else {
        throw DataError("a return has no meaning on \(mid[row])", row: row + 1, column: "mid")
      }
      guard !time[row].addingReportingOverflow(span.nanoseconds).overflow else {
        throw DataError("is out of range", row: row + 1, column: "time")
      }
      members[group?[row] ?? 0, default: []].append(row)
    }
    var found = [Int?](repeating: nil, count: time.count)
    for rows in members.values {  // each group fills its own rows, so their order is no matter
      var ahead = 0
      for (place, row) in rows.enumerated() {
        if place > 0, time[row] <= time[rows[place - 1]] {
          throw DataError("does not ascend", row: row + 1, column: "time")
        }
        let wanted = time[row] + span.nanoseconds
        while ahead < rows.count, time[rows[ahead]] < wanted { ahead += 1 }
        guard ahead < rows.count, time[rows[ahead]] == wanted else { continue }
        if !mid[row].isNaN, !mid[rows[ahead]].isNaN { found[row] = rows[ahead] }
      }
    }
    return found
  }
}
