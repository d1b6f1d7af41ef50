public import HogaCore

/// What an account earned in each month and year of UTC.
///
/// Returns compound: the months of a year multiply to the year, all years to the total return. A return
/// belongs to the month in which it was complete; a sample at midnight on the first closes the month
/// before.
public struct MonthlyReturns: Hashable, Sendable {
  public struct Month: Hashable, Sendable {
    public var year: Int
    /// 1 to 12.
    public var month: Int
    public var value: Double
    /// The samples do not cover all of the month.
    public var isPartial: Bool
  }

  public struct Year: Hashable, Sendable {
    public var year: Int
    public var value: Double
    public var isPartial: Bool
  }

  /// In order of time. A month without samples between others is there, with a return of zero.
  public private(set) var months: [Month] = []
  public private(set) var years: [Year] = []

  /// - Parameters:
  ///   - times: of the samples, in nanoseconds, ascending.
  ///   - equity: above zero.
  /// - Precondition: as many equity values as times, all above zero.
  public init(times: [Int64], equity: [Double]) {
    precondition(times.count == equity.count, "an equity value for each time")
    precondition(equity.allSatisfy { $0 > 0 }, "no return on an equity at or below zero")
    guard times.count > 1, let first = times.first, let last = times.last, last > first else {
      return
    }
    // Curves seldom end at midnight to the nanosecond: one step, at most a day, may be missing.
    let tolerance = min((last - first) / Int64(times.count - 1), TimeSpan.day.nanoseconds)
    func isPartial(from start: CivilDate, to end: CivilDate) -> Bool {
      first > start.start.nanoseconds + tolerance || last < end.start.nanoseconds - tolerance
    }
    var (year, month, _) = Timestamp(nanoseconds: first).date.components
    var base = equity[0]
    var yearBase = equity[0]
    var row = 1
    while row < times.count {
      let (nextYear, nextMonth) = month == 12 ? (year + 1, 1) : (year, month + 1)
      let start = Self.firstDay(year, month)
      let end = Self.firstDay(nextYear, nextMonth)
      while row < times.count, times[row] <= end.start.nanoseconds { row += 1 }
      let closing = equity[row - 1]
      months.append(
        Month(
          year: year, month: month, value: closing / base - 1,
          isPartial: isPartial(from: start, to: end)))
      base = closing
      if nextYear != year || row == times.count {
        years.append(
          Year(
            year: year, value: closing / yearBase - 1,
            isPartial: isPartial(from: Self.firstDay(year, 1), to: Self.firstDay(year + 1, 1))))
        yearBase = closing
      }
      (year, month) = (nextYear, nextMonth)
    }
  }

  private static func firstDay(_ year: Int, _ month: Int) -> CivilDate {
    guard let date = CivilDate(year: year, month: month, day: 1) else {
      preconditionFailure("every month of a time in nanoseconds has a first day")
    }
    return date
  }

  public var json: JSONValue {
    [
      "months": .array(
        months.map {
          [
            "year": .int(Int64($0.year)), "month": .int(Int64($0.month)),
            "return": .double($0.value), "partial": .bool($0.isPartial),
          ]
        }),
      "years": .array(
        years.map {
          [
            "year": .int(Int64($0.year)), "return": .double($0.value),
            "partial": .bool($0.isPartial),
          ]
        }),
    ]
  }
}
