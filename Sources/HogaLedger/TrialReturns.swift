public import HogaCore

/// The returns of a trial on a grid that other trials share, kept to compare trials with each other.
///
/// Bins are `period` long and begin at multiples of it since 1970, so returns of curves that were
/// sampled differently can be laid side by side. A return belongs to the bin in which it was complete.
public struct TrialReturns: Hashable, Sendable {
  /// When the first bin begins, in nanoseconds.
  public let start: Int64
  public let period: TimeSpan
  /// Compounded within each bin; 0 where nothing was sampled.
  public let values: [Double]

  /// Each divides the next, so that bins of one fill those of the next.
  public static let periods: [TimeSpan] = [
    "1s", "5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "4h", "1d",
  ]
  .map {
    guard let span = TimeSpan($0) else { preconditionFailure("\($0) is a length of time") }
    return span
  }

  package init(start: Int64, period: TimeSpan, values: [Double]) {
    self.start = start
    self.period = period
    self.values = values
  }

  /// The returns of an equity curve in the shortest bins that are no more than `maximumCount`.
  ///
  /// - Parameters:
  ///   - times: of the samples, in nanoseconds, ascending.
  /// - Returns: `nil` where equity was ever at or below zero, of fewer than two samples, and where
  ///   even days are too many.
  public init?(times: [Int64], equity: [Double], maximumCount: Int = 5000) {
    precondition(times.count == equity.count, "an equity value for each time")
    guard times.count > 1, equity.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    func bin(_ time: Int64, _ period: TimeSpan) -> Int64 {
      (time - 1).floorDivided(by: period.nanoseconds)
    }
    let last = times[times.count - 1]
    guard
      let period = Self.periods.first(where: {
        bin(last, $0) - bin(times[1], $0) < Int64(maximumCount)
      })
    else { return nil }
    let first = bin(times[1], period)
    var values = [Double](repeating: 0, count: Int(bin(last, period) - first) + 1)
    var base = equity[0]
    for row in times.indices.dropFirst() {
      let place = bin(times[row], period)
      guard row == times.count - 1 || bin(times[row + 1], period) != place else { continue }
      values[Int(place - first)] = equity[row] / base - 1
      base = equity[row]
    }
    self.init(start: first * period.nanoseconds, period: period, values: values)
  }

  /// Whether these are returns on the shared grid, as `init(times:equity:)` makes them: in years that
  /// nanoseconds can tell, not infinite, and none that loses everything.
  var isStorable: Bool {
    Self.periods.contains(period) && start.isMultiple(of: period.nanoseconds)
      && abs(start / 2) < Int64.max / 4 && values.count <= 10_000
      && values.allSatisfy { $0.isFinite && $0 > -1 }
  }

  /// When the last bin ends.
  public var end: Int64 { start + Int64(values.count) * period.nanoseconds }

  /// The same returns in longer bins; bins at the ends may be filled in part.
  ///
  /// - Precondition: `longer` is a multiple of `period`.
  public func coarsened(to longer: TimeSpan) -> TrialReturns {
    precondition(
      longer.nanoseconds.isMultiple(of: period.nanoseconds), "\(longer) is no multiple of \(period)"
    )
    guard longer != period, !values.isEmpty else { return self }
    let first = start.floorDivided(by: longer.nanoseconds)
    let last = (end - 1).floorDivided(by: longer.nanoseconds)
    var growth = [Double](repeating: 1, count: Int(last - first) + 1)
    for (index, value) in values.enumerated() {
      let time = start + Int64(index) * period.nanoseconds
      growth[Int(time.floorDivided(by: longer.nanoseconds) - first)] *= 1 + value
    }
    return TrialReturns(
      start: first * longer.nanoseconds, period: longer, values: growth.map { $0 - 1 })
  }

  /// The returns of several trials over the bins that all have, or `nil` where they share none.
  ///
  /// Bins are as long as the longest of any.
  package static func aligned(_ trials: [TrialReturns]) -> [TrialReturns]? {
    guard let longest = trials.map(\.period).max() else { return nil }
    guard
      trials.allSatisfy({ longest.nanoseconds.isMultiple(of: $0.period.nanoseconds) })
    else { return nil }
    let series = trials.map { $0.coarsened(to: longest) }
    guard let start = series.map(\.start).max(), let end = series.map(\.end).min(), start < end
    else { return nil }
    return series.map { one in
      let from = Int((start - one.start) / longest.nanoseconds)
      let count = Int((end - start) / longest.nanoseconds)
      return TrialReturns(
        start: start, period: longest, values: Array(one.values[from..<from + count]))
    }
  }
}
