internal import HogaCore

/// Marks of a time axis in UTC, on full seconds, minutes, hours, days, months or years.
package enum TimeTicks {
  private enum Step {
    case nanoseconds(Int64)
    case months(Int)

    var length: Double {
      switch self {
      case .nanoseconds(let count): Double(count)
      case .months(let count): Double(count) * 30.44 * 86_400e9
      }
    }
  }

  private static let second: Int64 = 1_000_000_000
  private static let day: Int64 = 86_400 * second
  /// Times later than 2112 or earlier than 1827 are not drawn, so that differences always fit.
  package static let limit: Int64 = 4_500_000_000 * second
  private static let steps: [Step] = {
    var steps: [Step] = []
    var unit: Int64 = 1
    while unit < second {
      steps += [1, 2, 5].map { .nanoseconds($0 * unit) }
      unit *= 10
    }
    let seconds: [Int64] = [
      1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
    ]
    steps += seconds.map { .nanoseconds($0 * second) }
    steps += [1, 2, 7, 14].map { .nanoseconds($0 * day) }
    steps += [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200].map { .months($0) }
    return steps
  }()

  private static let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Finds marks from `start` to `end`, at most about `count` of them.
  ///
  /// - Returns: nanoseconds since 1970 with their labels, in order of time.
  package static func marks(
    from start: Int64, to end: Int64, count: Int
  ) -> [(nanoseconds: Int64, label: String, context: String?)] {
    guard start <= end, start > -limit, end < limit else { return [] }
    let raw = (Double(end) - Double(start)) / Double(max(count, 1))
    let step = steps.first { $0.length >= raw * 0.999 } ?? .months(2400)
    var marks: [(nanoseconds: Int64, label: String, context: String?)] = []
    var lastContext = ""
    var isFirst = true
    for mark in positions(step, from: start, to: end) {
      let (label, context) = text(Timestamp(nanoseconds: mark), step)
      // The first mark says the year and the zone as well; later ones only what has changed.
      let full = context + (isFirst ? yearAndZone(mark, step) : "")
      marks.append((mark, label, context == lastContext && !isFirst ? nil : full))
      lastContext = context
      isFirst = false
    }
    return marks
  }

  private static func positions(_ step: Step, from start: Int64, to end: Int64) -> [Int64] {
    var output: [Int64] = []
    switch step {
    case .nanoseconds(let size):
      // 1970 began on a Thursday; weeks begin on Monday, three days before.
      let origin = size % (7 * day) == 0 ? -3 * day : 0
      var mark = (start - origin).floorDivided(by: size) * size + origin
      while mark <= end, output.count < 1000 {
        if mark >= start { output.append(mark) }
        mark += size
      }
    case .months(let count):
      let first = Timestamp(nanoseconds: start).date.components
      let monthOfAll = first.year * 12 + first.month - 1
      var month = monthOfAll.floorDivided(by: count) * count
      while output.count < 1000 {
        let year = month.floorDivided(by: 12)
        guard let date = CivilDate(year: year, month: month - year * 12 + 1, day: 1),
          abs(date.daysSince1970) < 106_000, date.start.nanoseconds <= end
        else { break }
        if date.start.nanoseconds >= start { output.append(date.start.nanoseconds) }
        month += count
      }
    }
    return output
  }

  private static func text(_ time: Timestamp, _ step: Step) -> (label: String, context: String) {
    let (year, month, dayOfMonth) = time.date.components
    let name = monthNames[month - 1]
    switch step {
    case .months(let count) where count % 12 == 0: return (String(year), "")
    case .months: return (name, String(year))
    case .nanoseconds(let size) where size % day == 0: return ("\(dayOfMonth) \(name)", "\(year)")
    case .nanoseconds(let size):
      let withinDay = time.nanoseconds - Int64(time.date.daysSince1970) * day
      let seconds = withinDay / second
      var label = "\(pad(seconds / 3600)):\(pad(seconds / 60 % 60))"
      if size % (60 * second) != 0 { label += ":\(pad(seconds % 60))" }
      if size < second {
        let fraction = String(withinDay % second + second).dropFirst()
        let digits = String(size).count - String(size).reversed().prefix { $0 == "0" }.count
        let zeros = String(size).count - digits
        label += "." + fraction.prefix(max(1, 9 - zeros))
      }
      return (label, "\(dayOfMonth) \(name)")
    }
  }

  private static func yearAndZone(_ mark: Int64, _ step: Step) -> String {
    guard case .nanoseconds(let size) = step else { return "" }
    guard size % day != 0 else { return ", UTC" }
    return " \(Timestamp(nanoseconds: mark).date.components.year), UTC"
  }

  private static func pad(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
