public import HogaCore

/// How long a message takes on one leg: feed, order entry or response.
///
/// The settings of one leg; `LatencySource` names the latency of each message.
public enum LatencyModel: Hashable, Sendable {
  case constant(TimeSpan)
  /// What the newest market message took to arrive, scaled, plus a fixed part.
  ///
  /// A stand-in for what an order would have met at that moment: a venue under load answers orders
  /// as late as it publishes. Recorded latencies below zero (a local clock behind the exchange's)
  /// count as zero: shift the recording's clock first.
  case recorded(scale: Double = 1, plus: TimeSpan = .zero)
  /// Drawn for each message, independently.
  case sampled(LatencyDistribution)

  /// No model gives more than this; a connection that is later has failed.
  public static let maximum = TimeSpan.day

  /// - Throws: `UsageError` where a setting is negative, not finite, or beyond a day.
  public func validate() throws(UsageError) {
    switch self {
    case .constant(let span):
      guard span >= .zero, span <= Self.maximum else {
        throw UsageError("a latency of \(span) is not between 0 and a day")
      }
    case .recorded(let scale, let plus):
      guard scale >= 0, scale <= 1e6 else {
        throw UsageError("a latency's scale of \(scale) is not between 0 and 10⁶")
      }
      guard plus >= .zero, plus <= Self.maximum else {
        throw UsageError("a latency's fixed part of \(plus) is not between 0 and a day")
      }
    case .sampled: break  // checked when it was made
    }
  }
}

/// A distribution of latencies.
public struct LatencyDistribution: Hashable, Sendable {
  enum Shape: Hashable, Sendable {
    /// `floor + e^(location + scale·Z)` nanoseconds, Z standard normal.
    case logNormal(floor: Double, location: Double, scale: Double)
    /// Quantiles by rising probability, straight lines between them.
    case quantiles(probabilities: [Double], nanoseconds: [Double])
  }

  let shape: Shape

  /// The 99th percentile of the standard normal distribution.
  private static let normal99 = 2.326_347_874_040_841

  /// A shifted log-normal by its median and 99th percentile.
  ///
  /// - Parameter floor: below which no message gets, as set by distance; included in the other two.
  /// - Throws: `UsageError` unless `0 ≤ floor < median ≤ percentile99 ≤ 1 day`.
  public static func logNormal(
    median: TimeSpan, percentile99: TimeSpan, floor: TimeSpan = .zero
  ) throws(UsageError) -> LatencyDistribution {
    guard floor >= .zero, median > floor, percentile99 >= median,
      percentile99 <= LatencyModel.maximum
    else {
      throw UsageError(
        "latencies need 0 ≤ floor < median ≤ 99th percentile ≤ 1 day; got \(floor), \(median) and "
          + "\(percentile99)")
    }
    let location = PortableMath.log(Double((median.nanoseconds - floor.nanoseconds)))
    let tail = PortableMath.log(Double((percentile99.nanoseconds - floor.nanoseconds)))
    return LatencyDistribution(
      shape: .logNormal(
        floor: Double(floor.nanoseconds), location: location,
        scale: (tail - location) / normal99))
  }

  /// A table of quantiles, with straight lines between them.
  ///
  /// - Parameter table: probabilities that rise from 0 to 1, and latencies that do not fall.
  /// - Throws: `UsageError` for any other table.
  public static func quantiles(
    _ table: [(probability: Double, latency: TimeSpan)]
  ) throws(UsageError) -> LatencyDistribution {
    guard let first = table.first, let last = table.last, table.count >= 2,
      first.probability == 0, last.probability == 1
    else { throw UsageError("latency quantiles must run from probability 0 to 1") }
    for (index, row) in table.enumerated() {
      guard row.latency >= .zero, row.latency <= LatencyModel.maximum else {
        throw UsageError("a latency of \(row.latency) is not between 0 and a day")
      }
      guard index == 0 || row.probability > table[index - 1].probability,
        index == 0 || row.latency >= table[index - 1].latency
      else { throw UsageError("latency quantiles must rise") }
    }
    return LatencyDistribution(
      shape: .quantiles(
        probabilities: table.map(\.probability),
        nanoseconds: table.map { Double($0.latency.nanoseconds) }))
  }

  /// The distribution of measured latencies.
  ///
  /// - Parameter measured: nanoseconds, in any order, two at least.
  /// - Throws: `DataError` where one is below zero or above a day.
  public static func empirical(_ measured: [Int64]) throws -> LatencyDistribution {
    guard measured.count >= 2 else {
      throw DataError("a distribution of latencies needs two measurements at least")
    }
    let limit = LatencyModel.maximum.nanoseconds
    for (row, value) in measured.enumerated() where value < 0 || value > limit {
      throw DataError("a latency of \(value) ns is not between 0 and a day", row: row + 1)
    }
    let sorted = measured.sorted()
    // A table of a thousand steps tells as much as any drawing can use.
    let steps = min(sorted.count - 1, 1000)
    let places = (0...steps).map { Double($0) / Double(steps) }
    let values = places.map { place in
      let position = place * Double(sorted.count - 1)
      let index = min(Int(position), sorted.count - 2)
      let share = position - Double(index)
      return Double(sorted[index]) * (1 - share) + Double(sorted[index + 1]) * share
    }
    return LatencyDistribution(shape: .quantiles(probabilities: places, nanoseconds: values))
  }

  /// Draws a latency in nanoseconds.
  func draw(_ random: inout NormalRandom) -> Double {
    switch shape {
    case .logNormal(let floor, let location, let scale):
      return floor + PortableMath.exp(location + scale * random.normal())
    case .quantiles: return quantile(random.uniform())
    }
  }

  /// Half of the latencies are below it.
  public var median: TimeSpan {
    switch shape {
    case .logNormal(let floor, let location, _):
      return TimeSpan(nanoseconds: Int64((floor + PortableMath.exp(location)).rounded()))
    case .quantiles: return TimeSpan(nanoseconds: Int64(quantile(0.5).rounded()))
    }
  }

  /// - Precondition: the shape is one of quantiles.
  private func quantile(_ place: Double) -> Double {
    switch shape {
    case .logNormal: preconditionFailure("a log-normal distribution has no table of quantiles")
    case .quantiles(let probabilities, let nanoseconds):
      var low = 0
      var high = probabilities.count - 1
      while high - low > 1 {
        let middle = (low + high) / 2
        if probabilities[middle] <= place { low = middle } else { high = middle }
      }
      let share = (place - probabilities[low]) / (probabilities[high] - probabilities[low])
      return nanoseconds[low] + share * (nanoseconds[high] - nanoseconds[low])
    }
  }
}

extension LatencyModel: CustomStringConvertible {
  public var description: String {
    switch self {
    case .constant(let span): "\(span)"
    case .recorded(let scale, let plus):
      (scale == 1 ? "as recorded" : "\(scale) of the recorded")
        + (plus == .zero ? "" : " plus \(plus)")
    case .sampled(let distribution): "drawn, median \(distribution.median)"
    }
  }
}
