internal import Foundation
internal import HogaCore
internal import HogaCrossSection
internal import HogaLake

/// A folder of cross-sections as an audit reads it: features and labels by day.
struct AuditFolder {
  /// Where the features are: `x`, else `xy`, else the folder itself.
  let features: String
  /// Where the labels are; `nil` where there are none.
  let labels: String?
  let dates: [CivilDate]
  /// Whether features and labels share files.
  var isJoined: Bool { features == labels }

  /// - Throws: `MissingInputError` where there are no files of days.
  init(_ path: String) throws {
    func dates(_ folder: String) -> [CivilDate] {
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap { name in
        name.hasSuffix(".parquet") ? CivilDate(name.dropLast(".parquet".count)) : nil
      }.sorted()
    }
    let places = ["\(path)/x", "\(path)/xy", path]
    guard let features = places.first(where: { !dates($0).isEmpty }) else {
      throw MissingInputError("\(path): no cross-sections here, named like x/2025-05-25.parquet")
    }
    self.features = features
    self.dates = dates(features)
    labels =
      features.hasSuffix("/x")
      ? ["\(path)/y", "\(path)/xy"].first { !dates($0).isEmpty } : features
  }

  func path(_ date: CivilDate) -> String { "\(features)/\(date).parquet" }

  /// The labels' file of a day; `nil` where it is not there.
  func labelsPath(_ date: CivilDate) -> String? {
    labels.map { "\($0)/\(date).parquet" }.flatMap {
      FileManager.default.fileExists(atPath: $0) ? $0 : nil
    }
  }

  /// The settings of a footer, as `CrossSectionSettings.json` writes them.
  private static func settings(_ text: String) throws -> CrossSectionSettings {
    let json = try JSONReader.read(text)
    let windows: [Int] = json["windows"].list.compactMap {
      guard case .int(let window) = $0 else { return nil }
      return Int(exactly: window)
    }
    guard let label = CrossSectionLabel(rawValue: json.string("label")) else {
      throw DataError("its footer names no known label")
    }
    let settings = CrossSectionSettings(
      windows: windows, label: label,
      sets: json["sets"].texts.compactMap { FeatureSet(rawValue: $0) },
      transforms: json["transforms"].texts.compactMap { CrossSectionTransform(rawValue: $0) })
    try settings.validate()
    return settings
  }

  /// The settings that a file's footer tells, or where it is not ours, its columns.
  ///
  /// Sets of features are then taken in as its columns need them.
  ///
  /// - Throws: `DataError` where they make no sense.
  static func settings(of file: ParquetFile) throws -> CrossSectionSettings {
    if let text = file.metadata[CrossSectionJob.Key.settings] {
      do {
        return try settings(text)
      } catch let error as DataError {
        throw error.located(file: file.path)
      } catch let error as UsageError {
        throw DataError("\(CrossSectionJob.Key.settings): \(error)", file: file.path)
      }
    }
    let names = file.schema.map(\.name)
    var windows = Set<Int>()
    if let text = file.metadata["hoga.windows"] {
      windows = Set(text.split { !$0.isNumber }.compactMap { Int($0) })
    } else {
      for name in names where name.hasPrefix("x_") {
        let digits = name.dropFirst(2).prefix { $0.isASCII && $0.isNumber }
        if name.dropFirst(2 + digits.count).hasPrefix("m_"), let window = Int(digits) {
          windows.insert(window)
        }
      }
    }
    let label = file.metadata["hoga.label"].flatMap { CrossSectionLabel(rawValue: $0) }
    let transforms = CrossSectionTransform.allCases.filter { transform in
      names.contains { $0.hasSuffix("_\(transform.rawValue)") }
    }
    var settings = CrossSectionSettings(
      windows: windows.isEmpty ? CrossSectionSettings.defaultWindows : windows.sorted(),
      label: label ?? .return, transforms: transforms)
    do {
      let plain = Set(try CrossSectionCatalogue(settings: settings).names)
      guard names.contains(where: { $0.hasPrefix("x_") && !plain.contains($0) }) else {
        return settings
      }
      var wider = settings
      wider.sets = FeatureSet.allCases
      if let all = try? CrossSectionCatalogue(settings: wider),
        names.contains(where: { !plain.contains($0) && all.names.contains($0) })
      {
        settings = wider
      }
      return settings
    } catch {
      throw DataError("its windows make no sense: \(error)", file: file.path)
    }
  }
}

/// One day of cross-sections, laid out symbol by symbol over 1,440 minutes.
struct AuditDay {
  static let rowCount = 1440

  let date: CivilDate
  let symbols: [String]
  /// Minutes at which every symbol has a row.
  let completeMinutes: [Int]
  private let file: ParquetFile
  private let places: [Int]

  /// - Throws: `DataError` for rows that are not of the day's minutes, or repeated.
  init(_ path: String, date: CivilDate) throws {
    self.date = date
    file = try ParquetFile(path)
    let keys = try file.read(columns: ["symbol", "time"])
    guard case .category(let names) = try keys.column("symbol") else {
      throw DataError("is not text", file: path, column: "symbol")
    }
    let times = try keys.int64s("time")
    let present = Set(names.codes)
    guard !present.contains(-1) else { throw DataError("is missing", file: path, column: "symbol") }
    symbols = present.map { names.levels[Int($0)] }.sorted()
    var numberOf: [String: Int] = [:]
    for (number, symbol) in symbols.enumerated() { numberOf[symbol] = number }
    let start = date.start.nanoseconds
    var counts = [Int](repeating: 0, count: Self.rowCount)
    var seen = [Bool](repeating: false, count: symbols.count * Self.rowCount)
    places = try times.indices.map { row in
      let (passed, overflow) = times[row].subtractingReportingOverflow(start)
      guard !overflow, passed >= 0, passed < TimeSpan.day.nanoseconds,
        passed % 60_000_000_000 == 0
      else {
        throw DataError("is not a minute of \(date)", file: path, row: row + 1, column: "time")
      }
      let minute = Int(passed / 60_000_000_000)
      let place = (numberOf[names.levels[Int(names.codes[row])]] ?? 0) * Self.rowCount + minute
      guard !seen[place] else {
        throw DataError("repeats a symbol's minute", file: path, row: row + 1)
      }
      seen[place] = true
      counts[minute] += 1
      return place
    }
    let count = symbols.count
    completeMinutes = counts.indices.filter { counts[$0] == count }
  }

  var schema: [ColumnSchema] { file.schema }
  var metadata: [String: String] { file.metadata }

  /// A column over all symbols and minutes; NaN where the file has no row.
  func values(_ name: String) throws -> [Double] {
    let stored: [Double]
    do {
      stored = try file.read(columns: [name]).doubles(name)
    } catch let error as DataError {
      throw error.located(file: file.path)
    }
    var values = [Double](repeating: .nan, count: symbols.count * Self.rowCount)
    for (row, place) in places.enumerated() { values[place] = stored[row] }
    return values
  }

  /// The day's minutes in the lake, of this file's symbols and in their order, with what comes before.
  ///
  /// - Returns: `nil` where the lake does not have the day.
  /// - Throws: `DataError` where the file has a symbol that the minutes do not.
  func panel(_ lake: Lake, venue: String, lookBack: Int) throws -> MinutePanel? {
    guard let today = try Self.minutes(lake, venue, date, symbols) else { return nil }
    if let absent = symbols.first(where: { !today.symbols.contains($0) }) {
      throw DataError(
        "holds \(absent), which the lake's minutes of the day do not", file: file.path)
    }
    let before = try Self.minutes(lake, venue, date.adding(days: -1), symbols)
    let lead = before == nil ? 0 : min(Self.rowCount, lookBack)
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases {
      var values: [Double] = []
      for symbol in symbols.indices {
        let range = symbol * Self.rowCount..<(symbol + 1) * Self.rowCount
        if let before { values += (before.fields[field] ?? [])[range].suffix(lead) }
        values += (today.fields[field] ?? [])[range]
      }
      // As in the making of the files: what the day does not have at all is left out.
      if (today.fields[field] ?? []).contains(where: { !$0.isNaN }) { fields[field] = values }
    }
    return MinutePanel(
      symbols: symbols,
      start: Timestamp(nanoseconds: date.start.nanoseconds - Int64(lead) * 60_000_000_000),
      rowCount: lead + Self.rowCount, lead: lead, fields: fields)
  }

  private struct Minutes {
    var symbols: Set<String>
    var fields: [MinuteField: [Double]]
  }

  private static func minutes(
    _ lake: Lake, _ venue: String, _ date: CivilDate, _ symbols: [String]
  ) throws -> Minutes? {
    guard
      let frame = try lake.candles(
        .minutes, venue: venue, date: date, symbols: symbols,
        columns: ["symbol", "time"] + MinuteField.allCases.map(\.rawValue))
    else { return nil }
    guard case .category(let names) = try frame.column("symbol") else { return nil }
    let times = try frame.int64s("time")
    var numberOf: [String: Int] = [:]
    for (number, symbol) in symbols.enumerated() { numberOf[symbol] = number }
    let start = date.start.nanoseconds
    var places: [Int?] = []
    var found = Set<String>()
    for row in times.indices {
      guard let symbol = names[row], let number = numberOf[symbol],
        times[row] >= start, times[row] - start < TimeSpan.day.nanoseconds
      else {
        places.append(nil)
        continue
      }
      found.insert(symbol)
      places.append(number * rowCount + Int((times[row] - start) / 60_000_000_000))
    }
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases {
      let stored = try frame.doubles(field.rawValue)
      var values = [Double](repeating: .nan, count: symbols.count * rowCount)
      for (row, place) in places.enumerated() {
        if let place { values[place] = stored[row] }
      }
      fields[field] = values
    }
    return Minutes(symbols: found, fields: fields)
  }
}
