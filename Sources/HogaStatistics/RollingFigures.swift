public import HogaCore

/// Return, volatility and Sharpe ratio over a window that moves along an equity curve.
///
/// O(1) for each sample, whatever the window; sums are in double-double, so nothing drifts.
public struct RollingFigures: Hashable, Sendable {
  /// How many returns a window holds.
  public let window: Int
  /// Rows are so many samples apart.
  public let step: Int
  /// Of each window's last sample, in nanoseconds.
  public private(set) var times: [Int64] = []
  /// Compounded over the window.
  public private(set) var totalReturn: [Double] = []
  /// Sample standard deviation of the window's returns, per period.
  public private(set) var volatility: [Double] = []
  /// Mean over standard deviation, per period; NaN where the window's returns do not vary.
  public private(set) var sharpe: [Double] = []

  /// - Parameters:
  ///   - times: of the samples, in nanoseconds, ascending.
  ///   - equity: above zero.
  ///   - window: in returns.
  ///   - step: the last sample always has a row, and those a multiple of this before it.
  /// - Precondition: as many equity values as times, all above zero; a window of at least two returns.
  public init(times: [Int64], equity: [Double], window: Int, step: Int = 1) {
    precondition(times.count == equity.count, "an equity value for each time")
    precondition(window >= 2 && step >= 1, "a window of \(window) returns every \(step)")
    precondition(equity.allSatisfy { $0 > 0 }, "no return on an equity at or below zero")
    self.window = window
    self.step = step
    var moving = CountWindow<Moments>(window)
    for index in equity.indices.dropFirst() {
      moving.push(equity[index] / equity[index - 1] - 1)
      guard index >= window, (equity.count - 1 - index).isMultiple(of: step) else { continue }
      let moments = moving.aggregate
      let deviation = moments.standardDeviation
      self.times.append(times[index])
      totalReturn.append(equity[index] / equity[index - window] - 1)
      volatility.append(deviation)
      sharpe.append(
        deviation > ReturnMoments.leastDeviation ? moments.mean / deviation : .nan)
    }
  }

  /// By what a ratio per period is multiplied to be annual; `nil` where a window is too short for it,
  /// by the same rule as for the whole curve.
  public func annualFactor(
    periodsPerYear: Double, minimumSpanToAnnualise: TimeSpan, period: TimeSpan
  ) -> Double? {
    let span = Double(period.nanoseconds) * Double(window)
    guard window >= PerformanceStatistics.leastReturnsToAnnualise,
      span >= Double(minimumSpanToAnnualise.nanoseconds)
    else { return nil }
    return periodsPerYear.squareRoot()
  }

  public var json: JSONValue {
    [
      "window": .int(Int64(window)), "step": .int(Int64(step)),
      "time": .array(times.map { .string("\(Timestamp(nanoseconds: $0))") }),
      "return": .array(totalReturn.map { .double($0) }),
      "volatility": .array(volatility.map { .double($0) }),
      "sharpe_per_period": .array(sharpe.map { .double($0) }),
    ]
  }
}
