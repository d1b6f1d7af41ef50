public import HogaCore

extension Lake {
  /// The rows of a day, sorted by (symbol, time), or `nil` where the day has no file.
  ///
  /// Row groups without a wanted symbol are not decoded, so few symbols of a large day are cheap.
  ///
  /// - Parameters:
  ///   - symbols: those wanted, all where `nil`; one that the file lacks is left out.
  ///   - columns: those wanted, in that order; all of the table where `nil`. `symbol` and `time` come
  ///     only where they are asked for.
  /// - Throws: `DataError` where the file is damaged, or is not sorted as the table is.
  public func candles(
    _ table: CandleTable, venue: String, date: CivilDate, symbols: [String]? = nil,
    columns: [String]? = nil
  ) throws -> Frame? {
    guard let file = try candleFile(table, venue: venue, date: date) else { return nil }
    let wanted = symbols.map { Set($0) }
    let names = columns ?? table.schema.map(\.name)
    var result: Frame?
    var last: (symbol: String, time: Int64)?
    for group in file.rowGroupRows.indices {
      let key = try file.read(columns: ["symbol"], rowGroups: [group])
      guard case .category(let texts) = try key.column("symbol") else {
        throw DataError("is no text", file: file.path, column: "symbol")
      }
      let isWanted = texts.levels.map { wanted?.contains($0) ?? true }
      guard texts.codes.contains(where: { $0 >= 0 && isWanted[Int($0)] }) else { continue }
      let others = Set(names + ["time"]).subtracting(["symbol"]).sorted()
      var frame = try file.read(columns: others, rowGroups: [group])
      frame.append("symbol", .category(texts))
      if !isWanted.allSatisfy({ $0 }) {
        frame = frame.gathered(
          texts.codes.indices.filter { texts.codes[$0] >= 0 && isWanted[Int(texts.codes[$0])] })
      }
      try Self.checkSorted(frame, after: &last, file.path)
      let chunk = try frame.selecting(names)
      if result == nil { result = chunk } else { result!.append(rowsOf: chunk) }
    }
    if let result { return result }
    return try file.read(columns: names, rowGroups: [])
  }

  /// The days that have a file, in order.
  public func candleDates(
    _ table: CandleTable, venue: String, in range: ClosedRange<CivilDate>? = nil
  ) throws -> [CivilDate] {
    try partitions(table: table.name, venue: venue, dates: range)
      .filter { $0.symbol == nil }.map(\.date).sorted()
  }

  /// The symbols of a day with their rows, in the file's order; `nil` where the day has no file.
  public func candleSymbols(
    _ table: CandleTable, venue: String, date: CivilDate
  ) throws -> [(symbol: String, rows: Int)]? {
    guard let file = try candleFile(table, venue: venue, date: date) else { return nil }
    return try file.symbolRuns()
  }

  private func candleFile(
    _ table: CandleTable, venue: String, date: CivilDate
  ) throws -> ParquetFile? {
    let partition = try partition(table: table.name, venue: venue, symbol: nil, date: date)
    do {
      return try ParquetFile(partition.path)
    } catch is MissingInputError {
      return nil
    }
  }

  /// Everyone who reads by symbol and minute relies on it, and no file is above doubt.
  private static func checkSorted(
    _ frame: Frame, after last: inout (symbol: String, time: Int64)?, _ path: String
  ) throws {
    guard case .category(let symbols) = try frame.column("symbol") else { return }
    let times = try frame.int64s("time")
    var code: Int32 = -1
    for row in times.indices {
      guard symbols.codes[row] >= 0, times[row] != Column.missing else {
        throw DataError("holds a row without symbol or time", file: path)
      }
      if code == symbols.codes[row] {
        guard times[row] > times[row - 1] else {
          throw DataError(
            "is not sorted by symbol and time: \(symbols[row] ?? "") at "
              + "\(Timestamp(nanoseconds: times[row]))", file: path)
        }
        continue
      }
      let symbol = symbols.levels[Int(symbols.codes[row])]
      let before = row > 0 ? (symbols[row - 1] ?? "", times[row - 1]) : last ?? ("", Int64.min)
      guard before < (symbol, times[row]) else {
        throw DataError("is not sorted by symbol and time: \(symbol)", file: path)
      }
      code = symbols.codes[row]
    }
    if let end = times.indices.last { last = (symbols[end] ?? "", times[end]) }
  }
}

extension ParquetFile {
  /// The texts of the column `symbol` and how many rows each has, in the order of their first rows.
  package func symbolRuns() throws -> [(symbol: String, rows: Int)] {
    var runs: [(symbol: String, rows: Int)] = []
    var place: [String: Int] = [:]
    let next = chunks(columns: ["symbol"])
    while let chunk = try next() {
      guard case .category(let texts) = try chunk.column("symbol") else {
        throw DataError("is no text", file: path, column: "symbol")
      }
      var counts = [Int](repeating: 0, count: texts.levels.count)
      for code in texts.codes where code >= 0 { counts[Int(code)] += 1 }
      for (level, count) in zip(texts.levels, counts) where count > 0 {
        if let index = place[level] {
          runs[index].rows += count
        } else {
          place[level] = runs.count
          runs.append((level, count))
        }
      }
    }
    return runs
  }
}
