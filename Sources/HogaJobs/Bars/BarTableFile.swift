internal import Foundation
public import HogaBars
public import HogaCore
internal import HogaLake

/// Reads scores or weights of symbols from a Parquet or CSV file, or from a folder with a file for each
/// day, such as the forecasts of `hoga xsection` (`preds/<date>.parquet`).
///
/// Columns: `symbol`, `time` and one of numbers. Rows of several decisions' time are thinned to the
/// last one before each, so that a year of minutes costs no more than what decisions need.
public struct BarTableFile: Sendable {
  public var path: String
  public var column: String
  /// How long after its `time` a value is known: a bar's length where times are opens.
  public var knownAfter: TimeSpan
  public var dates: ClosedRange<CivilDate>

  public init(
    path: String, column: String, knownAfter: TimeSpan, dates: ClosedRange<CivilDate>
  ) {
    self.path = path
    self.column = column
    self.knownAfter = knownAfter
    self.dates = dates
  }

  /// What was read.
  public struct Contents: Sendable {
    public var table: BarTable
    /// Rows in all files, and those of symbols that the market does not have.
    public var rows: Int
    public var foreignRows: Int
  }

  /// - Throws: `MissingInputError` where there is no file, `DataError` where one is wrong or says
  ///   nothing of the market's symbols.
  public func read(symbols: [String], every: TimeSpan) throws -> Contents {
    let placeOf = Dictionary(
      uniqueKeysWithValues: symbols.enumerated().map { ($0.element, Int32($0.offset)) })
    var rows: [(known: Int64, symbol: Int32, value: Double)] = []
    var (count, foreign) = (0, 0)
    for file in try files() {
      do {
        try append(TableFile.read(file), placeOf, every, to: &rows, &count, &foreign)
      } catch let error as DataError {
        throw error.located(file: file)
      }
    }
    guard !rows.isEmpty else {
      throw DataError(
        "has no row of the market's symbols, such as \(symbols.first ?? "")", file: path)
    }
    rows.sort { ($0.known, $0.symbol) < ($1.known, $1.symbol) }
    for (row, next) in zip(rows, rows.dropFirst())
    where row.known == next.known && row.symbol == next.symbol {
      throw DataError(
        "has \(symbols[Int(row.symbol)]) twice at "
          + "\(Timestamp(nanoseconds: row.known - knownAfter.nanoseconds))", file: path)
    }
    let table = try BarTable(
      known: rows.map(\.known), symbols: rows.map(\.symbol), values: rows.map(\.value),
      symbolCount: symbols.count)
    return Contents(table: table, rows: count, foreignRows: foreign)
  }

  private func append(
    _ frame: Frame, _ placeOf: [String: Int32], _ every: TimeSpan,
    to rows: inout [(known: Int64, symbol: Int32, value: Double)], _ count: inout Int,
    _ foreign: inout Int
  ) throws {
    guard case .category(let names) = try frame.column("symbol") else {
      throw DataError("is no text", column: "symbol")
    }
    guard case .timestamp(let time) = try frame.column("time") else {
      throw DataError("holds no times", column: "time")
    }
    let values = try frame.doubles(column)
    let places = names.levels.map { placeOf[$0] }
    count += time.count
    // The last row before each decision, by symbol and decision.
    var last: [Int64: [Int32: Int]] = [:]
    for row in time.indices {
      guard names.codes[row] >= 0, time[row] != Column.missing else {
        throw DataError("has no symbol or no time", row: row + 1)
      }
      guard !values[row].isInfinite else {
        throw DataError("is infinite", row: row + 1, column: column)
      }
      guard let place = places[Int(names.codes[row])] else {
        foreign += 1
        continue
      }
      let known = Timestamp(nanoseconds: time[row]) + knownAfter
      let decision = known.roundedUp(to: every).nanoseconds
      if let other = last[decision]?[place] {
        if time[other] == time[row] {
          throw DataError("a symbol comes twice at one time", row: row + 1, column: "symbol")
        }
        guard time[other] < time[row] else { continue }
      }
      last[decision, default: [:]][place] = row
    }
    for decision in last.keys.sorted() {
      for (place, row) in (last[decision] ?? [:]).sorted(by: { $0.key < $1.key }) {
        rows.append((time[row] + knownAfter.nanoseconds, place, values[row]))
      }
    }
  }

  private func files() throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw MissingInputError("\(path): no such file or folder")
    }
    guard isFolder.boolValue else { return [path] }
    for folder in [path + "/preds", path] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      // A value of the day before may still be young enough for the first decision.
      let days = names.compactMap { name in
        name.hasSuffix(".parquet") ? CivilDate(name.dropLast(8)) : nil
      }.filter { $0 >= dates.lowerBound.adding(days: -1) && $0 <= dates.upperBound }
      if !days.isEmpty { return days.sorted().map { "\(folder)/\($0).parquet" } }
    }
    throw MissingInputError(
      "\(path): no file named like 2025-05-25.parquet between \(dates.lowerBound) and "
        + "\(dates.upperBound)")
  }
}
