package import Foundation
internal import HogaCore

/// How a file writes times: as a count since 1970, or by a pattern of date and time.
///
/// `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, each with decimals if there are any; or text with
/// `%Y %m %d %H %M %S` (fixed digits), `%y` (two digits, 2000–2099), `%b` (Jan…Dec), `%f` (decimals
/// of a second, as many as there are), `%3f` (exactly three), `%z` (`+0900`, `+09:00`, `Z`), `%%`.
package struct TimeFormat: Hashable, Sendable {
  private enum Part: Hashable, Sendable {
    case literal(UInt8)
    case year, shortYear, month, monthName, day, hour, minute, second, zone
    /// One or two digits, as people and spreadsheets write them.
    case shortMonth, shortDay, shortHour
    case fraction(digits: Int?)
  }

  /// What a text says: a moment, or a time of day (a date has to come from elsewhere), in
  /// nanoseconds.
  package enum Reading: Hashable {
    /// Since 1970 UTC.
    case utc(Int64)
    /// Since 1970 on the zone's clock.
    case local(Int64)
    /// Since midnight on the zone's clock.
    case timeOfDay(Int64)
  }

  package enum Kind: Hashable, Sendable {
    /// Decimals of a unit that make nanoseconds: 9 for seconds.
    case epoch(decimals: Int)
    case pattern
  }

  package let kind: Kind
  private let parts: [Part]
  package let hasDate: Bool

  /// - Parameter needsHour: whether a date alone is refused; it stands for its midnight.
  package init(
    _ text: String, at node: @autoclosure () -> String, needsHour: Bool = true
  ) throws {
    switch Self.reading(text, needsHour: needsHour) {
    case .format(let format): self = format
    case .unknown:
      throw UsageError(
        "\(node()): '\(text)' is no time format; see epoch_us and %Y-%m-%d %H:%M:%S")
    case .incomplete:
      throw UsageError("\(node()): '\(text)' needs %H, and either a whole date or none")
    }
  }

  private enum Outcome {
    case format(TimeFormat)
    case unknown, incomplete
  }

  private init(_ kind: Kind, _ parts: [Part], hasDate: Bool) {
    self.kind = kind
    self.parts = parts
    self.hasDate = hasDate
  }

  private static func reading(_ text: String, needsHour: Bool) -> Outcome {
    let epochs = ["epoch_s": 9, "epoch_ms": 6, "epoch_us": 3, "epoch_ns": 0]
    if let decimals = epochs[text] {
      return .format(TimeFormat(.epoch(decimals: decimals), [], hasDate: true))
    }
    guard let parts = parts(of: text) else { return .unknown }
    let fields = fields(of: parts)
    let isUsable = fields.date == 0 ? fields.hasHour : fields.date == 3
    guard isUsable, fields.hasHour || !needsHour else { return .incomplete }
    return .format(TimeFormat(.pattern, parts, hasDate: fields.date > 0))
  }

  /// How many of year, month and day there are, and whether there is an hour.
  private static func fields(of parts: [Part]) -> (date: Int, hasHour: Bool) {
    var (year, month, day, hour) = (0, 0, 0, false)
    for part in parts {
      switch part {
      case .year, .shortYear: year = 1
      case .month, .monthName, .shortMonth: month = 1
      case .day, .shortDay: day = 1
      case .hour, .shortHour: hour = true
      default: break
      }
    }
    return (year + month + day, hour)
  }

  /// The parts of a pattern, or `nil` where one is unknown.
  private static func parts(of text: String) -> [Part]? {
    var parts: [Part] = []
    let bytes = Array(text.utf8)
    var index = 0
    func take() -> UInt8? {
      guard index < bytes.count else { return nil }
      index += 1
      return bytes[index - 1]
    }
    while var byte = take() {
      guard byte == UInt8(ascii: "%") else {
        parts.append(.literal(byte))
        continue
      }
      guard let next = take() else { return nil }
      byte = next
      var digits: Int?
      var isShort = false
      if byte == UInt8(ascii: "-") || (byte >= 0x31 && byte <= 0x39) {
        isShort = byte == UInt8(ascii: "-")
        digits = isShort ? nil : Int(byte - 0x30)
        guard let letter = take() else { return nil }
        byte = letter
      }
      guard let part = isShort ? shortPart(byte) : part(byte, digits) else { return nil }
      parts.append(part)
    }
    return parts
  }

  private static func shortPart(_ letter: UInt8?) -> Part? {
    switch letter {
    case UInt8(ascii: "m"): .shortMonth
    case UInt8(ascii: "d"): .shortDay
    case UInt8(ascii: "H"): .shortHour
    default: nil
    }
  }

  private static func part(_ letter: UInt8?, _ digits: Int?) -> Part? {
    guard let letter else { return nil }
    let letterText = Character(Unicode.Scalar(letter))
    if letterText == "f" { return .fraction(digits: digits) }
    guard digits == nil else { return nil }
    return switch letterText {
    case "Y": .year
    case "y": .shortYear
    case "m": .month
    case "b": .monthName
    case "d": .day
    case "H": .hour
    case "M": .minute
    case "S": .second
    case "z": .zone
    case "%": .literal(letter)
    default: nil
    }
  }

  /// Reads a whole cell; `nil` where it has another form or names no time.
  package func read(_ text: UnsafeBufferPointer<UInt8>) -> Reading? {
    if case .epoch(let decimals) = kind { return unsafe epoch(text, decimals).map { .utc($0) } }
    var index = 0
    var (year, month, day) = (1970, 1, 1)
    var nanoseconds: Int64 = 0
    var zone: Int64?

    func number(_ digits: Int) -> Int? {
      guard index + digits <= text.count else { return nil }
      var value = 0
      for _ in 0..<digits {
        let digit = unsafe text[index] &- 0x30
        guard digit <= 9 else { return nil }
        value = value * 10 + Int(digit)
        index += 1
      }
      return value
    }
    func shortNumber() -> Int? {
      unsafe number(index + 1 < text.count && text[index + 1] &- 0x30 <= 9 ? 2 : 1)
    }
    func clock(_ value: Int?, _ limit: Int, _ unit: Int64) -> Bool {
      guard let value, value < limit else { return false }
      nanoseconds += Int64(value) * unit
      return true
    }

    for part in parts {
      switch part {
      case .literal(let byte):
        guard index < text.count, unsafe text[index] == byte else { return nil }
        index += 1
      case .year:
        guard let value = number(4) else { return nil }
        year = value
      case .shortYear:
        guard let value = number(2) else { return nil }
        year = 2000 + value
      case .month:
        guard let value = number(2) else { return nil }
        month = value
      case .monthName:
        guard let value = unsafe Self.monthName(text, &index) else { return nil }
        month = value
      case .day:
        guard let value = number(2) else { return nil }
        day = value
      case .shortMonth:
        guard let value = shortNumber() else { return nil }
        month = value
      case .shortDay:
        guard let value = shortNumber() else { return nil }
        day = value
      case .shortHour: guard clock(shortNumber(), 24, 3_600_000_000_000) else { return nil }
      case .hour: guard clock(number(2), 24, 3_600_000_000_000) else { return nil }
      case .minute: guard clock(number(2), 60, 60_000_000_000) else { return nil }
      // Leap seconds do not exist in Hoga's time, nor in the clocks of exchanges.
      case .second: guard clock(number(2), 60, 1_000_000_000) else { return nil }
      case .fraction(let digits):
        guard let value = unsafe Self.fraction(text, &index, digits) else { return nil }
        nanoseconds += value
      case .zone:
        guard let value = unsafe Self.zone(text, &index) else { return nil }
        zone = value
      }
    }
    guard index == text.count else { return nil }
    guard hasDate else { return zone == nil ? .timeOfDay(nanoseconds) : nil }
    // Nanoseconds in 64 bits reach from 1677 to 2262.
    guard (1700...2200).contains(year),
      let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    let local = date.start.nanoseconds + nanoseconds
    return zone.map { .utc(local - $0) } ?? .local(local)
  }

  private func epoch(_ text: UnsafeBufferPointer<UInt8>, _ decimals: Int) -> Int64? {
    guard text.count > 0 else { return nil }
    let value = unsafe try? Decimal.parse(text, decimals: decimals)
    // 1700 to 2200, as for patterns.
    guard let value, abs(value) < 8_000_000_000_000_000_000 else { return nil }
    return value
  }

  private static func monthName(_ text: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Int? {
    guard index + 3 <= text.count else { return nil }
    let name = unsafe String(decoding: text[index..<(index + 3)], as: UTF8.self).lowercased()
    let names = [
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    index += 3
    return names.firstIndex(of: name).map { $0 + 1 }
  }

  /// Digits after the point as nanoseconds; beyond nine, only zeros.
  private static func fraction(
    _ text: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ digits: Int?
  ) -> Int64? {
    var value: Int64 = 0
    var count = 0
    while index < text.count, count < digits ?? Int.max {
      let digit = unsafe text[index] &- 0x30
      guard digit <= 9 else { break }
      if count < 9 {
        value = value * 10 + Int64(digit)
      } else if digit != 0 {
        return nil
      }
      count += 1
      index += 1
    }
    guard count > 0, digits == nil || count == digits else { return nil }
    return value * Decimal.power(max(0, 9 - count))
  }

  /// Nanoseconds east of UTC.
  private static func zone(_ text: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Int64? {
    guard index < text.count else { return nil }
    let sign = unsafe text[index]
    index += 1
    if sign == UInt8(ascii: "Z") { return 0 }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
    var digits: [Int64] = []
    while index < text.count, digits.count < 4 {
      let byte = unsafe text[index]
      if byte == UInt8(ascii: ":"), digits.count == 2 {
        index += 1
        continue
      }
      guard byte &- 0x30 <= 9 else { break }
      digits.append(Int64(byte &- 0x30))
      index += 1
    }
    guard digits.count == 4 else { return nil }
    let minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
    return (sign == UInt8(ascii: "-") ? -1 : 1) * minutes * 60_000_000_000
  }
}

/// Turns times on a zone's clocks into UTC.
package struct ZoneClock {
  package enum Failure: Error { case skipped, ambiguous }

  private let zone: TimeZone
  // The offset of a local day on which it does not change.
  private var knownDay = Int64.min
  private var knownOffset: Int64 = 0

  package init(_ zone: TimeZone) { self.zone = zone }

  private static let second: Int64 = 1_000_000_000
  private static let day: Int64 = 86_400

  /// - Parameter local: nanoseconds since 1970 as the zone's clocks show them.
  /// - Throws: where the clocks showed this time never, or twice.
  package mutating func utc(_ local: Int64) throws(Failure) -> Int64 {
    let seconds = local.floorDivided(by: Self.second)
    let localDay = seconds.floorDivided(by: Self.day)
    if localDay == knownDay { return local - knownOffset }
    let before = offset(atUTC: seconds - Self.day)
    let after = offset(atUTC: seconds + Self.day)
    // Offsets are below a day, so these two instants enclose the one that is looked for.
    if before == after {
      let start = offset(atUTC: (localDay - 1) * Self.day)
      if start == before, offset(atUTC: (localDay + 2) * Self.day) == before {
        knownDay = localDay
        knownOffset = before * Self.second
      }
      return local - before * Self.second
    }
    let valid = [before, after].filter { offset(atUTC: seconds - $0) == $0 }
    guard let offset = valid.first else { throw .skipped }
    guard valid.count == 1 else { throw .ambiguous }
    return local - offset * Self.second
  }

  /// The time that the zone's clocks show.
  package func local(_ utc: Int64) -> Int64 {
    utc + offset(atUTC: utc.floorDivided(by: Self.second)) * Self.second
  }

  private func offset(atUTC seconds: Int64) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
  }
}
