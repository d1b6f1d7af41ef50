internal import HogaCore

/// Equal stretches of time from a midnight on, some sixty at most, as columns of a map.
struct TimeGrid {
  /// In nanoseconds since 1970 UTC.
  private let origin: Int64
  private let stretch: Int64
  private let count: Int
  /// The stretch of each time that it was made from.
  private let places: [Int]

  /// What stretches and the distance of labels may be: parts of a day, then days.
  private static let spans: [Int64] = {
    let minute = 60_000_000_000 as Int64
    let parts: [Int64] = [1, 5, 15, 30, 60, 120, 180, 240, 360, 720].map { $0 * minute }
    return parts + (0..<12).map { TimeSpan.day.nanoseconds << $0 }
  }()

  private static func span(atLeast length: Int64, multipleOf part: Int64) -> Int64 {
    spans.first { $0 >= length && $0 % part == 0 } ?? max(part, spans[spans.count - 1])
  }

  /// - Parameter times: nanoseconds since 1970 UTC, ascending and about evenly spaced.
  init(_ times: [Int64]) {
    guard let first = times.first, let last = times.last else {
      (origin, stretch, count, places) = (0, 1, 0, [])
      return
    }
    let start = Timestamp(nanoseconds: first).date.start.nanoseconds
    let length = max(last - start, 1)
    // Finer than the times there would be gaps.
    let step = times.count > 1 ? times[1] - first : 0
    let stretch = Self.span(atLeast: max(length / 60, step), multipleOf: 1)
    let count = Int((length + stretch - 1) / stretch)
    origin = start
    self.stretch = stretch
    self.count = count
    // The last time is the end of a stretch, and not the only one of another.
    places = times.map { min(Int(($0 - start) / stretch), count - 1) }
  }

  /// The mean of the values in each stretch, without those that are not a number.
  func means(of values: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: count)
    var counts = [Int](repeating: 0, count: count)
    for (place, value) in zip(places, values) where !value.isNaN {
      sums[place] += value
      counts[place] += 1
    }
    return zip(sums, counts).map { $1 == 0 ? .nan : $0 / Double($1) }
  }

  /// A date, or an hour within it, at equal distances; the other columns have none.
  var labels: [String] {
    let distance = Self.span(atLeast: stretch * Int64(count) / 15, multipleOf: stretch)
    return (0..<count).map { index in
      let offset = stretch * Int64(index)
      guard offset % distance == 0 else { return "" }
      let time = Timestamp(nanoseconds: origin + offset)
      let minutes = (time.nanoseconds - time.date.start.nanoseconds) / 60_000_000_000
      guard minutes > 0 else { return String("\(time.date)".dropFirst(5)) }
      return [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        .joined(separator: ":")
    }
  }
}
