/// An instant: nanoseconds since 1970-01-01 00:00 UTC, without leap seconds.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
  public static func + (left: Timestamp, right: TimeSpan) -> Timestamp {
    Timestamp(nanoseconds: left.nanoseconds + right.nanoseconds)
  }
  public static func - (left: Timestamp, right: TimeSpan) -> Timestamp {
    Timestamp(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
  public static func - (left: Timestamp, right: Timestamp) -> TimeSpan {
    TimeSpan(nanoseconds: left.nanoseconds - right.nanoseconds)
  }

  /// The UTC date this instant falls on.
  public var date: CivilDate {
    CivilDate(daysSince1970: Int(nanoseconds.floorDivided(by: TimeSpan.day.nanoseconds)))
  }

  /// The first multiple of `step`, counted from 1970, at or after this instant.
  ///
  /// - Precondition: `step` is above zero.
  public func roundedUp(to step: TimeSpan) -> Timestamp {
    precondition(step.nanoseconds > 0, "a grid needs a step above zero")
    let quotient = nanoseconds.floorDivided(by: step.nanoseconds)
    let floor = quotient * step.nanoseconds
    return Timestamp(nanoseconds: floor == nanoseconds ? floor : floor + step.nanoseconds)
  }
}

extension Timestamp: CustomStringConvertible {
  /// ISO 8601 in UTC, with as many decimals of the second as are needed in steps of three.
  public var description: String {
    let withinDay = nanoseconds - Int64(date.daysSince1970) * TimeSpan.day.nanoseconds
    let (seconds, fraction) = withinDay.quotientAndRemainder(dividingBy: 1_000_000_000)
    var text =
      "\(date)T\(pad(seconds / 3600, 2)):\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2))"
    if fraction % 1_000_000 != 0 {
      text += fraction % 1000 != 0 ? ".\(pad(fraction, 9))" : ".\(pad(fraction / 1000, 6))"
    } else if fraction != 0 {
      text += ".\(pad(fraction / 1_000_000, 3))"
    }
    return text + "Z"
  }
}

/// A length of time in nanoseconds, written as people write it: `250ms`, `1s`, `5m`, `1h`, `1d`.
public struct TimeSpan: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static let zero = TimeSpan(nanoseconds: 0)
  public static let day = TimeSpan(nanoseconds: 86_400_000_000_000)
  public static func seconds(_ count: Int64) -> TimeSpan {
    TimeSpan(nanoseconds: count * 1_000_000_000)
  }
  public static func milliseconds(_ count: Int64) -> TimeSpan {
    TimeSpan(nanoseconds: count * 1_000_000)
  }

  public static func < (left: TimeSpan, right: TimeSpan) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// This length in seconds.
  public var seconds: Double { Double(nanoseconds) / 1e9 }

  private static let units: [(suffix: String, nanoseconds: Int64)] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
    ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
  ]

  /// Reads a whole number and a unit (`ns us ms s m h d`), or returns `nil`.
  ///
  /// A bare `0` needs no unit. A sign is allowed; a fraction is not: write `500ms`, not `0.5s`.
  public init?(_ text: some StringProtocol) {
    let digits = text.prefix { $0.isNumber || $0 == "-" || $0 == "+" }
    guard let count = Int64(digits) else { return nil }
    let suffix = text.dropFirst(digits.count)
    if suffix.isEmpty, count == 0 {
      self = .zero
      return
    }
    guard let unit = Self.units.first(where: { $0.suffix == suffix }) else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
    guard !overflow else { return nil }
    nanoseconds = product
  }
}

extension TimeSpan: CustomStringConvertible {
  /// The text the specification's column names carry: `20s`, `60s`, `300s`, `250ms`.
  ///
  /// Minutes and hours are written in seconds, so that one window has one name.
  public var description: String {
    for (suffix, size) in Self.units.dropFirst(3) where nanoseconds % size == 0 {
      return "\(nanoseconds / size)\(suffix)"
    }
    return "\(nanoseconds)ns"
  }
}

/// A date of the proleptic Gregorian calendar.
public struct CivilDate: Hashable, Comparable, Sendable {
  public let daysSince1970: Int

  public init(daysSince1970: Int) { self.daysSince1970 = daysSince1970 }

  /// - Returns: `nil` where the calendar has no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...12).contains(month), day >= 1, day <= 31, abs(year) < 100_000 else { return nil }
    // Days from civil: shift the year to begin in March, so that leap days come last.
    // Source: H. Hinnant, "chrono-compatible low-level date algorithms", 2013.
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear.floorDivided(by: 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.init(daysSince1970: era * 146_097 + dayOfEra - 719_468)
    guard components == (year, month, day) else { return nil }
  }

  /// Reads `yyyy-mm-dd`, or returns `nil`.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  public var components: (year: Int, month: Int, day: Int) {
    let shifted = daysSince1970 + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }

  /// Midnight UTC at the start of this date.
  public var start: Timestamp {
    Timestamp(nanoseconds: Int64(daysSince1970) * TimeSpan.day.nanoseconds)
  }
  public func adding(days: Int) -> CivilDate { CivilDate(daysSince1970: daysSince1970 + days) }

  public static func < (left: CivilDate, right: CivilDate) -> Bool {
    left.daysSince1970 < right.daysSince1970
  }
}

extension CivilDate: CustomStringConvertible {
  public var description: String {
    let (year, month, day) = components
    return "\(pad(Int64(year), 4))-\(pad(Int64(month), 2))-\(pad(Int64(day), 2))"
  }
}

extension FixedWidthInteger {
  /// The quotient rounded toward minus infinity, so that grids continue before 1970.
  package func floorDivided(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
  }
}

private func pad(_ value: Int64, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
