internal import Foundation
internal import HogaCore

/// Reads the archive's text of one table: with a header or without, in milliseconds or microseconds.
struct KlinesTextFile {
  private static let textTime: TimeFormat = {
    guard let format = try? TimeFormat("%Y-%m-%d %H:%M:%S", at: "") else {
      preconditionFailure("the format is a constant")
    }
    return format
  }()

  /// Nanoseconds of an epoch's unit.
  private enum Unit: Int64 {
    case milliseconds = 1_000_000
    case microseconds = 1_000

    /// Between 1973 and 2223, the two have no number in common.
    init?(_ number: Int64) {
      switch number {
      case 100_000_000_000..<8_000_000_000_000: self = .milliseconds
      case 100_000_000_000_000..<8_000_000_000_000_000: self = .microseconds
      default: return nil
      }
    }
  }

  let content: KlinesContent
  let interval: CandleInterval?
  /// `nil` takes it from the column `symbol`.
  let symbol: String?
  let name: String
  /// Whether a checksum vouches for the last line.
  let isChecked: Bool
  /// How much later than its stamp a row is known, by the stamp.
  let delay: @Sendable (Int64) -> Int64

  private var columns: KlinesColumns?
  private var width = 0
  private var unit: Unit?
  private var hasTextTimes = false
  private var hasRow = false
  private var lastSymbol: (bytes: [UInt8], text: String)?

  init(
    content: KlinesContent, interval: CandleInterval?, symbol: String?, name: String,
    isChecked: Bool, delay: @escaping @Sendable (Int64) -> Int64 = { _ in 0 }
  ) {
    self.content = content
    self.interval = interval
    self.symbol = symbol
    self.name = name
    self.isChecked = isChecked
    self.delay = delay
  }

  /// Reads all rows.
  ///
  /// - Throws: `DataError` for a header of other columns, and where the policy is to stop for the
  ///   first row that cannot be used.
  mutating func read(_ reader: inout LineReader, into intake: inout CandleIntake) throws {
    var splitter = RowSplitter(.byte(0x2c))
    let valueCount = content.valueNames.count
    let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: valueCount)
    defer { unsafe values.deallocate() }
    while try reader.next() {
      var line = unsafe reader.line
      if reader.lineNumber == 1, unsafe line.starts(with: [0xef, 0xbb, 0xbf]) {
        unsafe line = UnsafeBufferPointer(rebasing: line[3...])  // a byte order mark
      }
      let number = reader.lineNumber
      if unsafe line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      if reader.ending == .tooLong {
        try intake.reject("line is longer than 1 MiB", line: number)
        continue
      }
      do throws(RowSplitter.Failure) {
        try unsafe splitter.split(line)
      } catch {
        try intake.reject("quotes that do not fit", line: number)
        continue
      }
      if columns == nil {
        let first = unsafe splitter.cell(0, of: line)
        let isHeader = unsafe first.first.map { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a } ?? false
        try begin(
          header: isHeader
            ? (0..<splitter.count).map {
              unsafe String(decoding: splitter.cell($0, of: line), as: UTF8.self)
            } : nil, count: splitter.count, line: Int(number))
        if isHeader { continue }
      }
      if reader.ending == .endOfFile, !isChecked {
        try intake.reject("torn last line (no line end)", line: number)
        continue
      }
      guard splitter.count == width else {
        try intake.reject(
          "wrong number of columns", found: "\(splitter.count) instead of \(width)", line: number)
        continue
      }
      try unsafe row(splitter, line, number, values, &intake)
    }
    if let reason = reader.truncation {
      try intake.reject("the file is cut short", found: reason, line: reader.lineNumber)
    }
  }

  private mutating func begin(header: [String]?, count: Int, line: Int) throws {
    let names = header ?? content.archiveColumns
    guard names.count == count else {
      throw DataError(
        "has \(count) columns and no header; \(content.rawValue) have \(names.count): "
          + names.joined(separator: ", "), file: name, row: line)
    }
    columns = try KlinesColumns(content, names: names, isText: true, file: name, line: line)
    width = count
    guard symbol != nil || columns?.symbol != nil else {
      throw UsageError("\(name): the name does not say the symbol; give --symbol")
    }
  }

  private mutating func row(
    _ splitter: RowSplitter, _ line: UnsafeBufferPointer<UInt8>, _ number: Int64,
    _ values: UnsafeMutableBufferPointer<Double>, _ intake: inout CandleIntake
  ) throws {
    guard let columns else { preconditionFailure("the first row has set them") }
    let timeCell = unsafe splitter.cell(columns.time, of: line)
    guard let time = unsafe time(timeCell) else {
      return try intake.reject(
        unit == nil && !hasTextTimes
          ? "no time in milliseconds, microseconds or as yyyy-mm-dd hh:mm:ss"
          : "a time in another form or unit than the file's first one",
        found: unsafe excerpt(timeCell), line: number)
    }
    for (index, place) in columns.values.enumerated() {
      guard let place else {
        unsafe values[index] = .nan
        continue
      }
      let cell = unsafe splitter.cell(place, of: line)
      guard cell.count > 0 else {
        unsafe values[index] = .nan
        continue
      }
      guard let value = unsafe DoubleText.read(cell) else {
        return try intake.reject(
          "no finite number", found: unsafe excerpt(cell), line: number,
          column: content.valueNames[index])
      }
      unsafe values[index] = value
    }
    var symbol = symbol
    if let place = columns.symbol {
      let cell = unsafe splitter.cell(place, of: line)
      let text = unsafe text(cell)
      if let symbol, symbol != text {
        return try intake.reject(
          "a row of another symbol than \(symbol)", found: text, line: number)
      }
      symbol = text
    }
    if !hasRow, let place = columns.closeTime {
      try unsafe checkLength(from: time, to: splitter.cell(place, of: line), number)
    }
    hasRow = true
    try unsafe intake.add(
      symbol ?? "", time: time + delay(time), line: number, values: UnsafeBufferPointer(values))
  }

  private mutating func text(_ cell: UnsafeBufferPointer<UInt8>) -> String {
    if let lastSymbol, unsafe cell.elementsEqual(lastSymbol.bytes) { return lastSymbol.text }
    let text = unsafe String(decoding: cell, as: UTF8.self)
    lastSymbol = (Array(cell), text)
    return text
  }

  /// Refuses bars of another length than they are said to have: five minutes begin on minutes, too.
  private func checkLength(
    from open: Int64, to cell: UnsafeBufferPointer<UInt8>, _ line: Int64
  ) throws {
    guard let interval, let unit, let close = unsafe Self.integer(cell), Unit(close) == unit else {
      return
    }
    let length = (close + 1) * unit.rawValue - open
    guard length != interval.span.nanoseconds, length > 0 else { return }
    throw DataError(
      "the first bar is \(TimeSpan(nanoseconds: length)) long, \(interval) was expected",
      file: name, row: Int(line))
  }

  private mutating func time(_ cell: UnsafeBufferPointer<UInt8>) -> Int64? {
    if let number = unsafe Self.integer(cell) {
      guard let found = Unit(number), unit ?? found == found, !hasTextTimes else { return nil }
      unit = found
      return number * found.rawValue  // below 8·10¹⁸ in either unit
    }
    guard unit == nil, case .local(let time)? = unsafe Self.textTime.read(cell) else { return nil }
    hasTextTimes = true
    return time
  }

  private static func integer(_ cell: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard (1...17).contains(cell.count) else { return nil }
    var value: Int64 = 0
    for index in cell.indices {
      let digit = unsafe cell[index] &- 0x30
      guard digit <= 9 else { return nil }
      value = value * 10 + Int64(digit)
    }
    return value
  }
}
