internal import Foundation
public import HogaCore
internal import HogaCrossSection
internal import HogaLake
internal import HogaLearn

/// A folder of cross-sections, one Parquet file for each day, as `hoga xsection` writes it.
///
/// Columns `symbol` and `time`, then features (`x_…`) and labels (`y_…`), sorted by (symbol, time).
public struct CrossSectionFolder: Sendable {
  /// The folder with the files.
  public let path: String
  /// Ascending.
  public let dates: [CivilDate]
  /// Of the first file; another file that lacks one of them is an error when it is read.
  public let features: [String]
  public let labels: [String]
  /// The footer of the first file.
  public let metadata: [String: String]

  /// - Parameter path: The folder, or the one above it with the files in `xy`.
  /// - Throws: `MissingInputError` where there are no such files.
  public init(_ path: String) throws {
    guard !path.isEmpty else { throw UsageError("the folder of cross-sections has no name") }
    let joined = path + "/xy"
    var isFolder: ObjCBool = false
    let hasJoined = FileManager.default.fileExists(atPath: joined, isDirectory: &isFolder)
    self.path = hasJoined && isFolder.boolValue ? joined : path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: self.path)) ?? []
    dates = names.compactMap { name in
      name.hasSuffix(".parquet") ? CivilDate(name.dropLast(8)) : nil
    }.sorted()
    guard let first = dates.first else {
      throw Self.missing(self.path)
    }
    let file = try ParquetFile("\(self.path)/\(first).parquet")
    let numbers = file.schema.filter { $0.type != .category && $0.type != .timestamp }.map(\.name)
    features = numbers.filter { $0.hasPrefix("x_") }
    labels = numbers.filter { $0.hasPrefix("y_") }
    metadata = file.metadata
  }

  /// Why there are no files of days in a folder, and where they may be instead.
  static func missing(_ path: String) -> MissingInputError {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    let reason = "\(path): no files named like 2025-05-25.parquet"
    if names.contains(where: { $0.hasSuffix(".h5") }) {
      return MissingInputError(reason + "; it holds HDF5, Parquet is read (--format parquet)")
    }
    let inside = names.filter { name in
      ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)")) ?? [])
        .contains { $0.hasSuffix(".parquet") }
    }
    return MissingInputError(
      inside.isEmpty
        ? reason
        : reason + "; there are folders of them: "
          + inside.map { "\(path)/\($0)" }.joined(separator: ", "))
  }

  /// What is said wherever symbols were chosen with knowledge of the day itself.
  static let lookAhead =
    "LOOK-AHEAD: the universe was chosen by the same day's volume; no score here could have been had"
  /// The rule of such a universe, as footers carry it.
  static let sameDay = "same-day"

  /// The bounds of ranges that have none.
  public static let openStart = CivilDate(daysSince1970: 0)
  public static let openEnd = CivilDate(daysSince1970: 100_000)

  /// The rules of the universes of some days, as the footers of their files tell.
  func universes(on dates: [CivilDate]) throws -> Set<String> {
    Set(
      try dates.compactMap {
        try ParquetFile("\(path)/\($0).parquet").metadata[CrossSectionJob.Key.universe]
      })
  }

  /// The days of a range that are not banned; all without a range.
  ///
  /// - Throws: `MissingInputError` that says which days there are, where there is none.
  func days(_ range: ClosedRange<CivilDate>?, _ bans: GlobalBanDates) throws -> [CivilDate] {
    let present = try Self.days(dates, range, of: path)
    let days = present.filter { !bans.missingDates.contains($0) }
    guard !days.isEmpty else {
      throw MissingInputError(
        "\(path): all days\(range.map { " " + Self.text($0) } ?? "") that have a file are banned")
    }
    return days
  }

  /// The dates of a folder that lie in a range; all without a range.
  static func days(
    _ dates: [CivilDate], _ range: ClosedRange<CivilDate>?, of path: String
  ) throws -> [CivilDate] {
    guard let first = dates.first, let last = dates.last else { throw missing(path) }
    guard let range else { return dates }
    let days = dates.filter(range.contains)
    guard !days.isEmpty else {
      throw MissingInputError("\(path): no file \(text(range)); there are \(first) to \(last)")
    }
    return days
  }

  private static func text(_ range: ClosedRange<CivilDate>) -> String {
    if range.upperBound == openEnd { return "from \(range.lowerBound) on" }
    if range.lowerBound == openStart { return "up to \(range.upperBound)" }
    return "from \(range.lowerBound) to \(range.upperBound)"
  }

  /// The dates of a range that have a file and are not banned.
  func dates(in range: ClosedRange<CivilDate>, _ bans: GlobalBanDates) -> [CivilDate] {
    dates.filter { range.contains($0) && !bans.missingDates.contains($0) }
  }

  /// The features that match a name or pattern, in the file's order; all without patterns.
  ///
  /// - Throws: `UsageError` for a pattern that matches none.
  func features(matching patterns: [String]) throws -> [String] {
    guard !patterns.isEmpty else { return features }
    let patterns = patterns.map(NamePattern.init)
    for pattern in patterns where !features.contains(where: pattern.matches) {
      throw UsageError("\(path): no feature matches '\(pattern.text)'")
    }
    return features.filter { name in patterns.contains { $0.matches(name) } }
  }

  /// The number of minutes a label looks ahead: 15 of `y_15m`.
  static func horizon(ofLabel label: String) throws -> Int {
    guard label.hasPrefix("y_"), label.hasSuffix("m"),
      let minutes = Int(label.dropFirst(2).dropLast()), (1...1_000_000).contains(minutes)
    else { throw UsageError("'\(label)' is no label such as y_15m") }
    return minutes
  }

  func open(_ date: CivilDate) throws -> CrossSectionDay {
    try CrossSectionDay("\(path)/\(date).parquet", date: date)
  }
}

/// One day's file, with its rows in order of (time, symbol).
///
/// Not for several tasks at once.
final class CrossSectionDay {
  let date: CivilDate
  /// Symbols are numbered by their place in `symbols`.
  let rows: CrossSectionRows
  /// Ascending.
  let symbols: [String]
  let file: ParquetFile
  /// For each row its place in the file.
  private let places: [Int]

  /// - Throws: `DataError` where rows are not sorted by (symbol, time), come twice, or lie outside of
  ///   the date.
  init(_ path: String, date: CivilDate) throws {
    self.date = date
    file = try ParquetFile(path)
    let keys = try file.read(columns: ["symbol", "time"])
    guard case .category(let names)? = keys["symbol"] else {
      throw DataError("is not text", file: path, column: "symbol")
    }
    let time = try keys.int64s("time")
    let day = date.start.nanoseconds..<date.adding(days: 1).start.nanoseconds
    // Numbers in the order of names, whatever the order of codes in the file.
    let present = Set(names.codes)
    guard !present.contains(-1) else { throw DataError("is missing", file: path, column: "symbol") }
    symbols = present.map { names.levels[Int($0)] }.sorted()
    let placeOf = Dictionary(
      uniqueKeysWithValues: symbols.enumerated().map { ($0.element, Int32($0.offset)) })
    let codes = names.codes.map { placeOf[names.levels[Int($0)]] ?? 0 }
    for row in time.indices {
      guard day.contains(time[row]) else {
        throw DataError("is not on \(date)", file: path, row: row + 1, column: "time")
      }
      guard row == 0 || (codes[row - 1], time[row - 1]) < (codes[row], time[row]) else {
        throw DataError("rows are not sorted by symbol and time", file: path, row: row + 1)
      }
    }
    places = time.indices.sorted { (time[$0], $0) < (time[$1], $1) }
    rows = try CrossSectionRows(time: places.map { time[$0] }, symbol: places.map { codes[$0] })
  }

  /// Columns by row; missing is NaN.
  ///
  /// - Throws: `DataError` for a column that is not there, or an infinite value.
  func columns(_ names: [String]) throws -> [[Double]] {
    var columns: [[Double]] = []
    try forEachColumn(names) { _, values in columns.append(places.map { values[$0] }) }
    return columns
  }

  func column(_ name: String) throws -> [Double] { try columns([name])[0] }

  /// Features as a matrix, null where they are banned.
  func matrix(_ names: [String], _ bans: GlobalBanDates) throws -> Matrix {
    var values: [Double] = []
    values.reserveCapacity(names.count * rows.count)
    try forEachColumn(names) { name, stored in
      if bans.drops(name, on: date) {
        values += repeatElement(.nan, count: places.count)
      } else {
        for place in places { values.append(stored[place]) }
      }
    }
    return Matrix(names: names, rowCount: rows.count, values: values)
  }

  /// Hands out columns in the file's order of rows; a few are in memory at a time.
  private func forEachColumn(_ names: [String], _ body: (String, [Double]) throws -> Void) throws {
    for start in stride(from: 0, to: names.count, by: 16) {
      let batch = Array(names[start..<min(start + 16, names.count)])
      let frame = try file.read(columns: batch)
      for name in batch {
        let values = try frame.doubles(name)
        if let row = values.firstIndex(where: \.isInfinite) {
          throw DataError("is infinite", file: file.path, row: row + 1, column: name)
        }
        try body(name, values)
      }
    }
  }

  /// Copies some rows of features to a place in a larger matrix of `rowCount` rows, column by column.
  func copy(
    _ names: [String], rows picked: [Int], _ bans: GlobalBanDates,
    to values: UnsafeMutableBufferPointer<Double>, at first: Int, rowCount: Int
  ) throws {
    precondition(values.count == names.count * rowCount && first + picked.count <= rowCount)
    let picked = picked.map { places[$0] }
    var column = 0
    try forEachColumn(names) { name, stored in
      let start = column * rowCount + first
      let isBanned = bans.drops(name, on: date)
      // In bounds by the precondition: columns are `rowCount` long and the rows end before that.
      for (offset, place) in picked.enumerated() {
        unsafe values[start + offset] = isBanned ? .nan : stored[place]
      }
      column += 1
    }
  }

  /// Values in the order of the file's rows, as written by (symbol, time).
  func inFileOrder(_ values: [Double]) -> [Double] {
    var result = [Double](repeating: .nan, count: values.count)
    for (row, place) in places.enumerated() { result[place] = values[row] }
    return result
  }
}
