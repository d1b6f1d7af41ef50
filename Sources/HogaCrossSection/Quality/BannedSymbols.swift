public import HogaCore

/// The file `banned_symbols.json`: which symbols are left out on which day.
public struct BannedSymbols: Hashable, Sendable {
  public static let fileName = "banned_symbols.json"

  /// In ascending order within a day; days without any may be left out.
  public var days: [CivilDate: [String]]

  public init(days: [CivilDate: [String]] = [:]) { self.days = days.mapValues { $0.sorted() } }

  public func contains(_ symbol: String, on date: CivilDate) -> Bool {
    days[date]?.contains(symbol) ?? false
  }

  /// - Throws: `MissingInputError` where there is no file, `DataError` where it is not
  ///   `{date: [symbol]}`.
  public static func read(_ path: String) throws -> BannedSymbols {
    try DateFile.located(path) { try BannedSymbols(text: TextFile.read(path)) }
  }

  /// - Throws: `DataError` for text that is not `{date: [symbol]}` in JSON.
  public init(text: String) throws {
    var days: [CivilDate: [String]] = [:]
    for member in try DateFile.members(of: JSONReader.read(text), "banned symbols") {
      let date = try DateFile.date(member.key)
      days[date] = try DateFile.names(member.value, "the symbols of \(member.key)")
    }
    self.init(days: days)
  }

  public var json: JSONValue { DateFile.json(days) }

  /// Writes the file whole or not at all, with sorted keys.
  public func write(to path: String) throws { try TextFile.write(json.text(), to: path) }
}

/// What the files that are keyed by dates share.
enum DateFile {
  static func located<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as DataError { throw error.located(file: path) }
  }

  static func members(of json: JSONValue, _ what: String) throws -> [JSONValue.Member] {
    guard case .object(let members) = json else {
      throw DataError("the \(what) are not an object of dates")
    }
    return members
  }

  static func date(_ text: String) throws -> CivilDate {
    guard let date = CivilDate(text) else {
      throw DataError("“\(text)” is not a date yyyy-mm-dd")
    }
    return date
  }

  /// A list of distinct texts.
  static func names(_ json: JSONValue, _ what: String) throws -> [String] {
    guard case .array(let values) = json else { throw DataError("\(what) are not a list") }
    var known = Set<String>()
    return try values.map {
      guard case .string(let name) = $0, !name.isEmpty else {
        throw DataError("\(what) are not a list of names")
      }
      guard known.insert(name).inserted else { throw DataError("\(what) hold \(name) twice") }
      return name
    }
  }

  static func json(_ days: [CivilDate: [String]]) -> JSONValue { .object(pairs(days)) }

  /// Days in order, each with its names.
  static func pairs(_ days: [CivilDate: [String]]) -> [(String, JSONValue)] {
    days.sorted { $0.key < $1.key }.map { date, names in
      ("\(date)", .array(names.map { .string($0) }))
    }
  }
}
