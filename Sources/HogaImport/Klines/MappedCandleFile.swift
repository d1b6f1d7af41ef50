internal import HogaCore

/// Reads bars from text that a mapping describes.
struct MappedCandleFile {
  let mapping: CSVMapping
  let candles: CSVMapping.Candles
  /// Import these alone.
  let symbols: Set<String>?
  private var clock: ZoneClock?

  init(_ mapping: CSVMapping, _ candles: CSVMapping.Candles, symbols: Set<String>?) {
    self.mapping = mapping
    self.candles = candles
    self.symbols = symbols
    clock = mapping.time.map { ZoneClock($0.zone) }
  }

  /// - Returns: lines and bytes of text.
  mutating func read(
    _ input: InputFile, into intake: inout CandleIntake, advance: @escaping (Int64) throws -> Void
  ) throws -> (lines: Int64, bytes: Int64) {
    var rows = CSVRows(mapping, input, LineReader(try input.open(), advance: advance))
    let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: candles.values.count)
    defer { unsafe values.deallocate() }
    while try rows.next() { try unsafe read(rows, values, &intake) }
    if let reason = rows.reader.truncation {
      try intake.reject("the file is cut short", found: reason, line: rows.reader.lineNumber)
    }
    for _ in 0..<rows.emptyLines { intake.countEmptyRow() }
    return (rows.reader.lineNumber, rows.reader.bytesRead)
  }

  private mutating func read(
    _ rows: borrowing CSVRows, _ values: UnsafeMutableBufferPointer<Double>,
    _ intake: inout CandleIntake
  ) throws {
    let line = rows.reader.lineNumber
    if let problem = rows.problem {
      return try intake.reject(problem.reason, found: problem.found, line: line)
    }
    if rows.isEmptyRow {
      guard !candles.skipsEmptyRows else { return intake.countEmptyRow() }
      return try intake.reject("an empty row ('empty_rows: skip' passes over such)", line: line)
    }
    let symbol: String
    switch mapping.symbol {
    case .fixed(let name): symbol = name
    case .column: symbol = unsafe String(decoding: rows.cell(rows.columns.symbol!), as: UTF8.self)
    }
    if let symbols, !symbols.contains(symbol) { return }
    guard let time = try time(rows, &intake) else { return }
    for (index, place) in rows.columns.candleValues.enumerated() {
      unsafe values[index] = .nan
      guard let place else { continue }
      let cell = unsafe rows.cell(place)
      guard cell.count > 0 else { continue }
      guard let value = unsafe DoubleText.read(cell, thousands: candles.hasThousands) else {
        return try intake.reject(
          "no finite number", found: unsafe excerpt(cell), line: line,
          column: CSVMapping.Candles.valueKeys[index])
      }
      unsafe values[index] = value
    }
    try unsafe intake.add(symbol, time: time, line: line, values: UnsafeBufferPointer(values))
  }

  private mutating func time(
    _ rows: borrowing CSVRows, _ intake: inout CandleIntake
  ) throws -> Int64? {
    let columns = rows.columns.time
    var text: [UInt8] = []
    for column in columns {
      if !text.isEmpty { text.append(0x20) }
      unsafe text.append(contentsOf: rows.cell(column))
    }
    let line = rows.reader.lineNumber
    let found = unsafe text.withUnsafeBufferPointer { unsafe excerpt($0) }
    switch unsafe text.withUnsafeBufferPointer({ unsafe mapping.time?.format.read($0) }) {
    case .utc(let time): return time
    case .local(let local):
      do throws(ZoneClock.Failure) {
        return try clock?.utc(local) ?? local
      } catch {
        try intake.reject(
          error == .skipped
            ? "a time that the zone's clocks skipped"
            : "a time that the zone's clocks showed twice",
          found: found, line: line)
        return nil
      }
    case .timeOfDay, nil:
      try intake.reject("not a time of the mapping's format", found: found, line: line)
      return nil
    }
  }
}
