public import HogaCore

/// Days and features that are not to be used: `global_ban_dates.json`.
///
/// `{"missing_dates": [date], "nan_dates": {date: [feature]}}`. Missing dates are skipped whole. On a
/// date of `nan_dates` the features named there are null: trees take that as missing, linear models
/// impute it. A feature is named by its column (`x_5m_OI_Z_neut`), by a pattern (`x_*_OI_Z*`), or by
/// its name alone (`OI_Z`), which means it over every window and in every transform.
public struct BanDates: Hashable, Sendable {
  public var missing: Set<CivilDate>
  private var nulls: [CivilDate: [NamePattern]]

  /// Bans nothing.
  public init() {
    missing = []
    nulls = [:]
  }

  /// - Throws: `MissingInputError`, or `DataError` for a file of another shape.
  public init(path: String) throws {
    do {
      try self.init(text: TextFile.read(path))
    } catch let error as DataError {
      throw error.located(file: path)
    }
  }

  init(text: String) throws {
    self.init()
    let json = try JSONReader.read(text)
    guard case .object(let members) = json else {
      throw DataError("the banned dates are not an object")
    }
    for member in members {
      switch (member.key, member.value) {
      case ("missing_dates", .array(let dates)):
        missing = Set(try dates.map { try Self.date($0) })
      case ("nan_dates", .object(let dates)):
        for entry in dates {
          guard case .array(let names) = entry.value else {
            throw DataError("\"\(entry.key)\" of nan_dates is not a list of features")
          }
          nulls[try Self.date(.string(entry.key))] = try names.map {
            guard case .string(let name) = $0, !name.isEmpty else {
              throw DataError("\"\(entry.key)\" of nan_dates holds something that is no name")
            }
            return NamePattern(name)
          }
        }
      case ("missing_dates", _), ("nan_dates", _):
        throw DataError("\"\(member.key)\" has another shape than this program reads")
      default: throw DataError("\"\(member.key)\" is not known among banned dates")
      }
    }
  }

  private static func date(_ json: JSONValue) throws -> CivilDate {
    guard case .string(let text) = json, let date = CivilDate(text) else {
      throw DataError("a banned date is not written yyyy-mm-dd")
    }
    return date
  }

  /// Dates with banned features, ascending.
  public var datesWithNulls: [CivilDate] { nulls.keys.sorted() }

  /// Whether a feature is null on a date.
  public func bans(_ column: String, on date: CivilDate) -> Bool {
    guard let patterns = nulls[date] else { return false }
    let name = Self.plainName(column)
    return patterns.contains { $0.matches(column) || $0.text == name }
  }

  /// `OI_Z` of `x_5m_OI_Z_neut`.
  static func plainName(_ column: String) -> String {
    var name = column[...]
    if name.hasPrefix("x_") {
      let rest = name.dropFirst(2)
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      if !digits.isEmpty, rest.dropFirst(digits.count).hasPrefix("m_") {
        name = rest.dropFirst(digits.count + 2)
      }
    }
    for suffix in ["_neut", "_rank", "_wz"] where name.hasSuffix(suffix) {
      name = name.dropLast(suffix.count)
      break
    }
    return String(name)
  }
}
