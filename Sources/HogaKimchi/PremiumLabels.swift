public import HogaCore

/// How the premium changes over a horizon, as a number and as a class.
public struct PremiumLabels: Sendable, Hashable {
  public let horizon: TimeSpan
  /// `10⁴ · (p_{t+h} − p_t)` in basis points; NaN where either is not known.
  public let changes: [Double]
  /// Down 0, flat 1, up 2; NaN where the change or the threshold is not known.
  public let classes: [Double]
  /// Where each label is decided, `t + h`.
  public let end: [Int64]

  public static let names = ["down", "flat", "up"]

  /// From which change on the premium counts as having moved.
  public enum Threshold: Sendable, Hashable {
    case basisPoints(Double)
    /// A multiple of a volatility of one-step changes that is known at `t` (`premium_vol_w`), scaled
    /// by the root of the horizon's steps.
    case volatility(multiple: Double, column: String)
  }

  /// The row at `t + h` is found by its time, so that a hole in the grid shifts nothing.
  ///
  /// - Parameters:
  ///   - features: a frame with `time`, `premium` and the volatility's column.
  ///   - every: the grid's step.
  public init(
    _ features: Frame, every: TimeSpan, horizon: TimeSpan, threshold: Threshold
  ) throws {
    guard horizon > .zero, horizon.nanoseconds % every.nanoseconds == 0 else {
      throw UsageError(
        "a horizon of \(horizon.hours) is no multiple of the grid's step, \(every.hours)")
    }
    let time = try features.int64s("time")
    let premium = try features.doubles("premium")
    let steps = Double(horizon.nanoseconds / every.nanoseconds)
    let limits: [Double]
    switch threshold {
    case .basisPoints(let limit):
      guard limit >= 0, limit.isFinite else {
        throw UsageError("a threshold of \(limit) bps is not zero or above")
      }
      limits = [Double](repeating: limit, count: time.count)
    case .volatility(let multiple, let column):
      guard multiple >= 0, multiple.isFinite else {
        throw UsageError("a threshold of \(multiple) volatilities is not zero or above")
      }
      limits = try features.doubles(column).map { multiple * $0 * steps.squareRoot() }
    }
    var changes = [Double](repeating: .nan, count: time.count)
    var ahead = 0
    for row in time.indices {
      guard row == 0 || time[row] > time[row - 1] else {
        throw DataError("does not ascend", row: row + 1, column: "time")
      }
      let (wanted, overflow) = time[row].addingReportingOverflow(horizon.nanoseconds)
      guard !overflow else { throw DataError("is out of range", row: row + 1, column: "time") }
      while ahead < time.count, time[ahead] < wanted { ahead += 1 }
      if ahead < time.count, time[ahead] == wanted {
        changes[row] = 10_000 * (premium[ahead] - premium[row])
      }
    }
    self.horizon = horizon
    self.changes = changes
    classes = zip(changes, limits).map { change, limit in
      if change.isNaN || limit.isNaN { return .nan }
      return change > limit ? 2 : change < -limit ? 0 : 1
    }
    end = time.map { $0 + horizon.nanoseconds }
  }

  /// `class_24h`.
  public var name: String { "class_\(horizon.hours)" }
}
