internal import Foundation
public import HogaCore

/// A folder of market data: one Parquet file per table, venue, symbol and day.
///
/// `<root>/<table>/venue=<venue>/symbol=<symbol>/date=<yyyy-mm-dd>/part-0.parquet`. Tables that
/// hold all symbols of a day leave `symbol=…` out. Other programs read the folders as a partitioned
/// data set. A partition is replaced whole, and hidden files are never part of the lake.
public struct Lake: Hashable, Sendable {
  public let root: String

  /// The lake at a folder, which a first commit creates.
  public init(root: String) {
    self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
  }

  /// The file of one table, venue, symbol and day.
  public struct Partition: Hashable, Comparable, Sendable {
    public let table: String
    public let venue: String
    /// `nil` where the table holds all symbols of a day.
    public let symbol: String?
    public let date: CivilDate
    public let path: String

    public static func < (left: Partition, right: Partition) -> Bool {
      (left.table, left.venue, left.symbol ?? "", left.date)
        < (right.table, right.venue, right.symbol ?? "", right.date)
    }

    /// `depth binance-usdm BTCUSDT 2024-08-08`.
    public var name: String { "\(table) \(venue) \(symbol.map { $0 + " " } ?? "")\(date)" }
  }

  static let fileName = "part-0.parquet"

  /// The place of a partition, whether it is there or not.
  ///
  /// - Throws: `UsageError` for names that cannot be folders.
  public func partition(
    table: String, venue: String, symbol: String?, date: CivilDate
  ) throws -> Partition {
    try Self.checkName(table, of: "table")
    try Self.checkName(venue, of: "venue")
    var folder = "\(root)/\(table)/venue=\(venue)"
    if let symbol {
      try Self.checkName(symbol, of: "symbol")
      folder += "/symbol=\(symbol)"
    }
    return Partition(
      table: table, venue: venue, symbol: symbol, date: date,
      path: "\(folder)/date=\(date)/\(Self.fileName)")
  }

  /// The partitions that are there, sorted by table, venue, symbol and date.
  ///
  /// - Parameters: each narrows the listing, and folders outside of it are not visited; `nil`
  ///   takes all.
  /// - Throws: `MissingInputError` where the lake itself is not there.
  public func partitions(
    table: String? = nil, venue: String? = nil, symbol: String? = nil,
    dates: ClosedRange<CivilDate>? = nil
  ) throws -> [Partition] {
    guard let tables = Self.entries(of: root) else {
      throw MissingInputError("\(root): no lake here")
    }
    var found: [Partition] = []
    for tableName in tables where table ?? tableName == tableName {
      for venueFolder in Self.entries(of: "\(root)/\(tableName)") ?? [] {
        guard let venueName = Self.value(of: "venue", in: venueFolder),
          venue ?? venueName == venueName
        else { continue }
        let venuePath = "\(root)/\(tableName)/\(venueFolder)"
        for entry in Self.entries(of: venuePath) ?? [] {
          if let symbolName = Self.value(of: "symbol", in: entry) {
            guard symbol ?? symbolName == symbolName else { continue }
            for dateFolder in Self.entries(of: "\(venuePath)/\(entry)") ?? [] {
              found += Self.partition(
                tableName, venueName, symbolName, dateFolder, in: "\(venuePath)/\(entry)", dates)
            }
          } else if symbol == nil {
            found += Self.partition(tableName, venueName, nil, entry, in: venuePath, dates)
          }
        }
      }
    }
    return found.sorted()
  }

  private static func partition(
    _ table: String, _ venue: String, _ symbol: String?, _ dateFolder: String, in folder: String,
    _ dates: ClosedRange<CivilDate>?
  ) -> [Partition] {
    guard let date = value(of: "date", in: dateFolder).flatMap({ CivilDate($0) }),
      dates?.contains(date) ?? true
    else { return [] }
    let path = "\(folder)/\(dateFolder)/\(fileName)"
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return [Partition(table: table, venue: venue, symbol: symbol, date: date, path: path)]
  }

  /// Names in a folder that are not hidden, or `nil` where it is no folder.
  static func entries(of folder: String) -> [String]? {
    (try? FileManager.default.contentsOfDirectory(atPath: folder))?
      .filter { !$0.hasPrefix(".") }
  }

  static func value(of key: String, in folder: String) -> String? {
    folder.hasPrefix(key + "=") ? String(folder.dropFirst(key.count + 1)) : nil
  }

  /// Refuses names that would leave their folder, hide, or read differently elsewhere.
  static func checkName(_ name: String, of what: String) throws {
    let isUsable =
      !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix(".")
      && name.unicodeScalars.allSatisfy {
        $0 != "/" && $0 != "\\" && $0 != "=" && $0.value >= 0x20
          && !(0x7F...0x9F).contains($0.value)
      }
    guard isUsable else {
      throw UsageError(
        "\(what) “\(name)” cannot be a folder's name: at most 200 bytes, no slash, “=” or control "
          + "character, and no dot in front")
    }
  }
}

/// Keys of the footers that Hoga writes.
public enum LakeMetadata {
  /// The version of the layout, "1".
  public static let schema = "hoga.schema"
  public static let table = "hoga.table"
  /// The instrument in JSON.
  public static let instrument = "hoga.instrument"
  /// The command line that made the file.
  public static let producer = "hoga.producer"
  /// The names of the files it was made from, a JSON list.
  public static let sources = "hoga.sources"

  public static let version = "1"

  /// The instrument of a partition.
  public static func instrument(of file: ParquetFile) throws -> Instrument {
    guard let text = file.metadata[instrument] else {
      throw DataError(
        "carries no \(instrument); it was not written by an importer", file: file.path)
    }
    do {
      let decoded = try JSONDecoder().decode(Instrument.self, from: Data(text.utf8))
      guard (0...Decimal.maximumDecimals).contains(decoded.priceDecimals),
        (0...Decimal.maximumDecimals).contains(decoded.sizeDecimals)
      else { throw DataError("has impossible decimals in \(instrument)", file: file.path) }
      return decoded
    } catch is DecodingError {
      throw DataError("cannot be understood in \(instrument): \(text)", file: file.path)
    }
  }

  /// The names of the files a partition was made from.
  public static func sources(of file: ParquetFile) throws -> [String] {
    guard let text = file.metadata[sources] else { return [] }
    do {
      return try JSONDecoder().decode([String].self, from: Data(text.utf8))
    } catch {
      throw DataError("cannot be understood in \(sources): \(text)", file: file.path)
    }
  }

  static func text(_ instrument: Instrument) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(instrument), as: UTF8.self)
  }

  package static func text(_ names: [String]) -> String {
    JSONValue.array(names.map { .string($0) }).text(indented: false)
  }
}
