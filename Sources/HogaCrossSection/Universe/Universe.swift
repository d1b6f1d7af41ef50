public import HogaCore

/// Which symbols belong to each day's cross-section, most traded first: `top{N}_universe.json`.
public struct Universe: Hashable, Sendable {
  /// At most so many symbols a day.
  public let top: Int
  /// Whether the lists were made from the volume of their own day, which nobody knew on it.
  public let isSameDay: Bool
  public let days: [CivilDate: [String]]

  /// The key that marks a file whose lists look ahead.
  private static let mark = "look_ahead"
  private static let sameDay = "same-day"

  /// - Throws: `DataError` where a list is longer than `top` or holds a symbol twice.
  public init(top: Int, isSameDay: Bool = false, days: [CivilDate: [String]]) throws {
    for (date, symbols) in days.sorted(by: { $0.key < $1.key }) {
      guard symbols.count <= top else {
        throw DataError("\(date) has \(symbols.count) symbols, at most \(top) belong there")
      }
      guard Set(symbols).count == symbols.count else {
        throw DataError("\(date) holds a symbol twice")
      }
    }
    self.top = top
    self.isSameDay = isSameDay
    self.days = days
  }

  /// The symbols of a day, most traded first, or `nil` where the file does not have the day.
  public func symbols(on date: CivilDate) -> [String]? { days[date] }

  /// The rule in a word, as footers carry it: `day-before` or `same-day`.
  public var rule: String { isSameDay ? Self.sameDay : "day-before" }

  public static func fileName(top: Int) -> String { "top\(top)_universe.json" }

  /// Reads a file of ours or of another program.
  ///
  /// The number of symbols is taken from a name such as `top50_universe.json`, else from the longest
  /// list.
  ///
  /// - Throws: `MissingInputError` where there is no file, `DataError` where it has another shape.
  public static func read(_ path: String) throws -> Universe {
    try DateFile.located(path) {
      try Universe(text: TextFile.read(path), top: top(ofFile: path))
    }
  }

  /// - Parameter top: `nil` takes the length of the longest list.
  public init(text: String, top: Int? = nil) throws {
    var days: [CivilDate: [String]] = [:]
    var isSameDay = false
    for member in try DateFile.members(of: JSONReader.read(text), "universe's lists") {
      if member.key == Self.mark {
        guard member.value == .string(Self.sameDay) else {
          throw DataError("\(Self.mark) is not “\(Self.sameDay)”")
        }
        isSameDay = true
      } else {
        let date = try DateFile.date(member.key)
        days[date] = try DateFile.names(member.value, "the symbols of \(member.key)")
      }
    }
    try self.init(
      top: top ?? days.values.map(\.count).max() ?? 0, isSameDay: isSameDay, days: days)
  }

  private static func top(ofFile path: String) -> Int? {
    let name = path.split(separator: "/").last ?? ""
    guard name.hasPrefix("top"), name.hasSuffix("_universe.json") else { return nil }
    return Int(name.dropFirst(3).dropLast("_universe.json".count)).flatMap { $0 > 0 ? $0 : nil }
  }

  public var json: JSONValue {
    // Digits sort before letters, so the mark comes last.
    .object(DateFile.pairs(days) + (isSameDay ? [(Self.mark, .string(Self.sameDay))] : []))
  }

  /// Writes the file whole or not at all, with sorted keys.
  public func write(to path: String) throws { try TextFile.write(json.text(), to: path) }
}
