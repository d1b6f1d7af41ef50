public import HogaCore

/// The file `global_ban_dates.json`: days without candles, and features that a day cannot have.
public struct GlobalBanDates: Hashable, Sendable {
  public static let fileName = "global_ban_dates.json"

  /// Days that no candle or no usable symbol is known of.
  public var missingDates: Set<CivilDate>
  /// The features that are null all day: names of the specification (`Premium`, `OI_Z`), or whole
  /// columns (`x_5m_Premium_neut`).
  public var nullFeatures: [CivilDate: [String]]

  public init(missingDates: Set<CivilDate> = [], nullFeatures: [CivilDate: [String]] = [:]) {
    self.missingDates = missingDates
    self.nullFeatures = nullFeatures.mapValues { $0.sorted() }
  }

  /// Whether a column of a cross-section is to be dropped on a date.
  ///
  /// A name of the specification takes all windows and what is derived from them across symbols; a
  /// base column takes its own derivatives (`x_5m_Premium` takes `x_5m_Premium_neut`).
  public func drops(_ column: String, on date: CivilDate) -> Bool {
    guard let names = nullFeatures[date] else { return false }
    let base = Self.withoutTransform(column)
    let name = Self.name(ofBase: base)
    return names.contains { $0 == column || $0 == base || $0 == name }
  }

  private static func withoutTransform(_ column: String) -> String {
    for suffix in ["_neut", "_rank", "_wz"] where column.hasSuffix(suffix) {
      return String(column.dropLast(suffix.count))
    }
    return column
  }

  /// `Premium` of `x_5m_Premium`; `nil` where the column is named otherwise.
  private static func name(ofBase column: String) -> String? {
    guard column.hasPrefix("x_") else { return nil }
    let rest = column.dropFirst(2)
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, rest.dropFirst(digits.count).hasPrefix("m_") else { return nil }
    return String(rest.dropFirst(digits.count + 2))
  }

  /// - Throws: `MissingInputError` where there is no file, `DataError` where it has another shape.
  public static func read(_ path: String) throws -> GlobalBanDates {
    try DateFile.located(path) { try GlobalBanDates(text: TextFile.read(path)) }
  }

  /// - Throws: `DataError` for text of another shape. A key that is left out is empty.
  public init(text: String) throws {
    self.init()
    for member in try DateFile.members(of: JSONReader.read(text), "ban dates") {
      switch member.key {
      case "missing_dates":
        for name in try DateFile.names(member.value, "missing_dates") {
          missingDates.insert(try DateFile.date(name))
        }
      case "nan_dates":
        for day in try DateFile.members(of: member.value, "nan_dates") {
          let names = try DateFile.names(day.value, "the features of \(day.key)")
          nullFeatures[try DateFile.date(day.key)] = names.sorted()
        }
      default:
        throw DataError("“\(member.key)” is unknown; there are missing_dates and nan_dates")
      }
    }
  }

  public var json: JSONValue {
    [
      "missing_dates": .array(missingDates.sorted().map { .string("\($0)") }),
      "nan_dates": DateFile.json(nullFeatures),
    ]
  }

  /// Writes the file whole or not at all, with sorted keys.
  public func write(to path: String) throws { try TextFile.write(json.text(), to: path) }
}
