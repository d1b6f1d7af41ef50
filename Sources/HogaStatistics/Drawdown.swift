public import HogaCore

/// One fall of equity below an earlier peak, until it is back.
public struct Drawdown: Hashable, Sendable {
  /// Of the peak; 0 where equity never fell, above 1 where it fell below zero.
  public var fraction = 0.0
  public var amount = 0.0
  /// The last sample at the peak.
  public var peakTime: Timestamp?
  /// The first sample at the bottom.
  public var troughTime: Timestamp?
  /// When equity was back at the peak; `nil` where it never was.
  public var recoveryTime: Timestamp?
  /// The recovery, or the last sample of an equity that is still below its peak.
  public var endTime: Timestamp?

  public init() {}

  /// From the peak to the recovery, or to the last sample.
  public var length: TimeSpan? {
    guard let peakTime, let endTime else { return nil }
    return endTime - peakTime
  }

  /// The deepest falls, deepest first, the earlier of equal ones first. They do not overlap: each lasts
  /// from a peak until equity is back there.
  ///
  /// Peaks at or below zero have no fraction and are left out.
  ///
  /// - Parameters:
  ///   - times: of the samples, in nanoseconds, ascending.
  public static func deepest(
    _ count: Int, times: [Int64], equity: [Double]
  ) -> [Drawdown] {
    precondition(times.count == equity.count, "an equity value for each time")
    var found: [Drawdown] = []
    func keep(_ drawdown: Drawdown) {
      let place = found.firstIndex { drawdown.fraction > $0.fraction } ?? found.count
      guard place < count else { return }
      found.insert(drawdown, at: place)
      if found.count > count { found.removeLast() }
    }
    guard var peak = equity.first else { return [] }
    var peakIndex = 0
    var current: Drawdown?
    for (index, value) in equity.enumerated() {
      if value >= peak {
        if var ended = current {
          ended.recoveryTime = Timestamp(nanoseconds: times[index])
          ended.endTime = ended.recoveryTime
          keep(ended)
          current = nil
        }
        peak = value
        peakIndex = index
      } else if peak > 0 {
        let fraction = (peak - value) / peak
        guard fraction > current?.fraction ?? 0 else { continue }
        var fall = Drawdown()
        fall.fraction = fraction
        fall.amount = peak - value
        fall.peakTime = Timestamp(nanoseconds: times[peakIndex])
        fall.troughTime = Timestamp(nanoseconds: times[index])
        current = fall
      }
    }
    if var open = current {
      open.endTime = Timestamp(nanoseconds: times[times.count - 1])
      keep(open)
    }
    return found
  }

  /// Equity over its highest value so far, less one: 0 at a peak, −0.1 where a tenth is lost. NaN
  /// before equity was above zero.
  public static func underwater(_ equity: [Double]) -> [Double] {
    var peak = -Double.infinity
    return equity.map { value in
      peak = max(peak, value)
      return peak > 0 ? (value - peak) / peak : .nan
    }
  }

  public var json: JSONValue {
    [
      "fraction": .double(fraction), "amount": .double(amount), "peak": .time(peakTime),
      "trough": .time(troughTime), "recovery": .time(recoveryTime),
      "length_s": .optional(length?.seconds),
    ]
  }
}

extension JSONValue {
  static func time(_ time: Timestamp?) -> JSONValue { time.map { .string("\($0)") } ?? .null }
}
