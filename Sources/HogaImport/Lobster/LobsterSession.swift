internal import Foundation
internal import HogaCore

/// Reads one LOBSTER day.
final class LobsterSession {
  private enum Kind: Int64, CaseIterable {
    case add = 1
    case reduce, delete, execute, executeHidden, cross, halt

    var text: String {
      switch self {
      case .executeHidden: "execute_hidden"
      default: "\(self)"
      }
    }
  }
  private static let statuses = ["halted", "quoting", "trading"]
  /// LOBSTER's price of a level that does not exist, negative for bids.
  private static let dummyPrice: Int64 = 9_999_999_999

  private struct Message {
    var time: Int64 = 0
    var kind = Kind.add
    var order: Int64 = 0
    var size: Int64 = 0
    var price: Int64 = 0
    var direction: Int64 = 0
  }

  private let pair: LobsterImporter.Pair
  private let sink: any ImportSink
  private let instrument: Instrument
  /// Midnight in New York, counted as the trading day's wall clock does.
  private let midnight: Int64
  private let orders: RowBuffer
  private let trades: RowBuffer
  private let status: RowBuffer
  private var book: RowBuffer?
  private var levels = 0
  private var cells: [Int64] = []
  private var kindCounts = [Int](repeating: 0, count: Kind.allCases.count + 1)
  private var bytes: Int64 = 0
  private var lines = 0
  private var noisyTimes = 0

  init(_ pair: LobsterImporter.Pair, sink: any ImportSink) {
    self.pair = pair
    self.sink = sink
    // Rule 612 of Regulation NMS: a cent, for prices from one dollar.
    let instrument = Instrument(
      venue: LobsterImporter.venue, symbol: pair.symbol, priceDecimals: 4, sizeDecimals: 0,
      tickIncrement: 100)
    self.instrument = instrument
    midnight = pair.date.start.nanoseconds - Self.offset(on: pair.date)
    func buffer(_ table: MarketTable, _ categories: [String] = []) -> RowBuffer {
      RowBuffer(table, instrument: instrument, date: pair.date, categories: categories)
    }
    orders = buffer(.orders, Kind.allCases.map(\.text))
    trades = buffer(.trades)
    status = buffer(.status, Self.statuses)
  }

  /// New York's distance from UTC at noon of a date, in nanoseconds. Clocks change at 2 o'clock on
  /// Sundays, so this holds for every hour of a trading day.
  static func offset(on date: CivilDate) -> Int64 {
    let zone = TimeZone(identifier: "America/New_York")
    // Noon in New York is 16 or 17 o'clock UTC.
    let noon = Date(timeIntervalSince1970: Double(date.daysSince1970) * 86_400 + 17 * 3600)
    return Int64(zone?.secondsFromGMT(for: noon) ?? 0) * 1_000_000_000
  }

  func run(log: inout RejectionLog, advance: @escaping (Int64) throws -> Void) throws {
    guard TimeZone(identifier: "America/New_York") != nil else {
      throw ResourceError("this machine has no time zone data for America/New_York (tzdata)")
    }
    var messages = LineReader(try pair.message.open(), advance: advance)
    var books = LineReader(try pair.orderbook.open(), advance: advance)
    var lastTime = Int64.min
    var message = Message()
    while true {
      let (hasMessage, hasBook) = (try messages.next(), try books.next())
      guard hasMessage, hasBook else {
        try end(hasMessage, hasBook, messages, books, &log)
        break
      }
      if books.lineNumber == 1 { try begin(books.line) }
      if try read(messages, &message, after: lastTime, &log), try readBook(books, &log) {
        lastTime = message.time
        try write(message, row: messages.lineNumber)
      }
    }
    bytes = messages.bytesRead + books.bytesRead
    lines = Int(messages.lineNumber + books.lineNumber)
    for buffer in [orders, trades, status, book].compactMap({ $0 }) { try buffer.flush(into: sink) }
  }

  private func end(
    _ hasMessage: Bool, _ hasBook: Bool, _ messages: borrowing LineReader,
    _ books: borrowing LineReader, _ log: inout RejectionLog
  ) throws {
    for (reason, line, file) in [
      (messages.truncation, messages.lineNumber, pair.message.name),
      (books.truncation, books.lineNumber, pair.orderbook.name),
    ] {
      guard let reason else { continue }
      try log.reject("compressed data ends early", found: reason, file: file, line: line)
    }
    guard messages.lineNumber > 0 || hasBook else {
      throw DataError("the file is empty", file: pair.message.name)
    }
    guard books.lineNumber > 0 else {
      throw DataError("the file is empty", file: pair.orderbook.name)
    }
    let isCut = messages.truncation != nil || books.truncation != nil
    guard hasMessage == hasBook || isCut else {
      let (longer, shorter) =
        hasMessage
        ? (pair.message.name, pair.orderbook.name) : (pair.orderbook.name, pair.message.name)
      let line = hasMessage ? messages.lineNumber : books.lineNumber
      throw DataError(
        "has more rows than \(shorter): the two do not belong together", file: longer,
        row: Int(line))
    }
  }

  /// Learns the number of levels from the first row.
  private func begin(_ line: UnsafeBufferPointer<UInt8>) throws {
    let columns = unsafe line.count { $0 == 0x2c } + 1
    guard columns % 4 == 0, (1...LobsterImporter.maximumLevels).contains(columns / 4) else {
      throw DataError(
        "\(columns) columns, which is not four for each of 1 to "
          + "\(LobsterImporter.maximumLevels) levels", file: pair.orderbook.name, row: 1)
    }
    levels = columns / 4
    if let said = pair.levels, said != levels {
      throw DataError(
        "has \(levels) levels, but its name says \(said)", file: pair.orderbook.name, row: 1)
    }
    cells = [Int64](repeating: 0, count: columns)
    book = RowBuffer(
      MarketTable.book.rawValue, instrument: instrument, date: pair.date,
      schema: MarketTable.book.schema(priceDecimals: 4, sizeDecimals: 0, levels: levels))
  }

  // MARK: Reading

  private func read(
    _ reader: borrowing LineReader, _ message: inout Message, after lastTime: Int64,
    _ log: inout RejectionLog
  ) throws -> Bool {
    let line = unsafe reader.line
    func reject(_ reason: String, _ found: String? = nil) throws -> Bool {
      try log.reject(
        reason, found: unsafe found ?? excerpt(line), file: pair.message.name,
        line: reader.lineNumber)
      return false
    }
    if reader.ending == .tooLong { return try reject("line is longer than 16 MiB") }
    if reader.ending == .endOfFile { return try reject("torn last line") }
    let columns = unsafe line.count { $0 == 0x2c } + 1
    guard columns == 6 else { return try reject("a message has 6 columns", "\(columns)") }
    var cursor = unsafe ByteCursor(line)
    var isNoisy = false
    guard let time = cursor.secondsInNanoseconds(isNoisy: &isNoisy), cursor.take(0x2c) else {
      return try reject("time is no number of seconds, exact to the nanosecond")
    }
    guard let type = cursor.signed(), cursor.take(0x2c), let order = cursor.signed(),
      cursor.take(0x2c), let size = cursor.signed(), cursor.take(0x2c),
      let price = cursor.signed(), cursor.take(0x2c), let direction = cursor.signed(),
      cursor.byte < 0x20
    else { return try reject("a field is not a whole number") }
    guard time < TimeSpan.day.nanoseconds else {
      return try reject("time is past the end of the day")
    }
    guard let kind = Kind(rawValue: type) else {
      return try reject("message type is none of 1 to 7", "\(type)")
    }
    guard direction == 1 || direction == -1 else {
      return try reject("direction is neither 1 nor -1", "\(direction)")
    }
    if kind == .halt {
      guard (-1...1).contains(price) else {
        return try reject("a halt's price is none of -1, 0 and 1", "\(price)")
      }
    } else {
      guard size > 0 || (kind == .cross && size == 0), size <= BinanceScanner.maximumCount else {
        return try reject("size is not above zero, or too large", "\(size)")
      }
      guard price > 0, price < Self.dummyPrice else {
        return try reject("price is not above zero, or too large", "\(price)")
      }
    }
    guard midnight + time >= lastTime else {
      return try reject("time goes backward")
    }
    if isNoisy { noisyTimes += 1 }
    message = Message(
      time: midnight + time, kind: kind, order: order, size: size, price: price,
      direction: direction)
    return true
  }

  private func readBook(
    _ reader: borrowing LineReader, _ log: inout RejectionLog
  ) throws -> Bool {
    let line = unsafe reader.line
    func reject(_ reason: String, column: Int? = nil) throws -> Bool {
      try log.reject(
        reason, found: unsafe excerpt(line), file: pair.orderbook.name, line: reader.lineNumber,
        column: column.map { "\($0 + 1)" })
      return false
    }
    if reader.ending == .tooLong { return try reject("line is longer than 16 MiB") }
    if reader.ending == .endOfFile { return try reject("torn last line") }
    guard !line.isEmpty else { return try reject("empty line") }
    var cursor = unsafe ByteCursor(line)
    for column in cells.indices {
      guard let value = cursor.signed() else {
        return try reject(
          cursor.byte < 0x20 ? "wrong number of columns" : "not a whole number", column: column)
      }
      cells[column] = value
      guard column == cells.count - 1 ? cursor.byte < 0x20 : cursor.take(0x2c) else {
        return try reject(
          cursor.byte == 0x2c || cursor.byte < 0x20
            ? "wrong number of columns" : "not a whole number", column: column)
      }
    }
    // Side by side: ask price, ask size, bid price, bid size, of each level.
    for (first, sign) in [(0, Int64(1)), (2, Int64(-1))] {
      var before = Int64.min
      for level in 0..<levels {
        let cell = 4 * level + first
        let (price, size) = (sign * cells[cell], cells[cell + 1])
        if price == Self.dummyPrice {
          guard size == 0 else { return try reject("a size at a dummy price", column: cell + 1) }
          cells[cell] = Column.missing
          cells[cell + 1] = Column.missing
        } else {
          guard cells[cell] > 0, cells[cell] < Self.dummyPrice else {
            return try reject("price is not above zero, or too large", column: cell)
          }
          guard size > 0, size <= BinanceScanner.maximumCount else {
            return try reject("size is not above zero, or too large", column: cell + 1)
          }
          guard price > before else {
            return try reject("levels are not in order of price", column: cell)
          }
        }
        before = price
      }
    }
    return true
  }

  // MARK: Writing

  private func write(_ message: Message, row: Int64) throws {
    kindCounts[Int(message.kind.rawValue)] += 1
    let isHalt = message.kind == .halt
    try append(
      to: orders, message.time, row,
      message.order, message.kind.rawValue - 1, isHalt ? Column.missing : message.direction,
      isHalt ? Column.missing : message.price, isHalt ? Column.missing : message.size)
    switch message.kind {
    case .execute, .executeHidden, .cross:
      guard message.size > 0 else { break }
      try append(
        to: trades, message.time, row, Column.missing, message.price, message.size,
        message.kind == .cross ? Column.missing : -message.direction)
    case .halt:
      try append(to: status, message.time, row, message.price + 1)
    case .add, .reduce, .delete: break
    }
    guard let book else { return }
    // In bounds: a row's cells are at 0, stride, … (columns − 1)·stride from its first. `begin` made
    // the buffer with 3 + 4·levels columns and `cells` with 4·levels values, and level < levels, so
    // `to + 3` is a column. The stride is read after `appendRow`, which may change it.
    let cell = try unsafe book.appendRow(flushInto: sink)
    let stride = book.capacity
    unsafe cell[0] = message.time
    unsafe cell[stride] = message.time
    unsafe cell[2 * stride] = row
    for level in 0..<levels {
      let (from, to) = (4 * level, 3 + 4 * level)
      // Hoga writes the bid first.
      unsafe cell[to * stride] = cells[from + 2]
      unsafe cell[(to + 1) * stride] = cells[from + 3]
      unsafe cell[(to + 2) * stride] = cells[from]
      unsafe cell[(to + 3) * stride] = cells[from + 1]
    }
  }

  private func append(
    to buffer: RowBuffer, _ time: Int64, _ row: Int64, _ values: Int64...
  ) throws {
    precondition(values.count + 3 == buffer.schema.count, "a value for each column")
    // In bounds by that: a row's cells are at 0, stride, … (columns − 1)·stride from its first. The
    // stride is read after `appendRow`, which may change it.
    let cell = try unsafe buffer.appendRow(flushInto: sink)
    let stride = buffer.capacity
    unsafe cell[0] = time
    unsafe cell[stride] = time
    unsafe cell[2 * stride] = row
    for (index, value) in values.enumerated() { unsafe cell[(3 + index) * stride] = value }
  }

  func add(to report: inout ImportReport, _ counter: inout Counter) {
    report.bytes += bytes
    report.lines += lines
    report.add([trades, book, orders, status].compactMap { $0 })
    counter.add("times with digits below a nanosecond, as binary floats print them", noisyTimes)
    for kind in Kind.allCases {
      counter.add("messages of kind \(kind.text)", kindCounts[Int(kind.rawValue)])
    }
  }
}

extension ImportReport {
  /// Adds what buffers wrote or still hold.
  mutating func add(_ buffers: [RowBuffer]) {
    for buffer in buffers {
      let count = buffer.writtenRows + buffer.rowCount
      guard count > 0 else { continue }
      partitions += 1
      if let index = rows.firstIndex(where: { $0.name == buffer.table }) {
        rows[index].count += count
      } else {
        rows.append(Count(name: buffer.table, count: count))
      }
    }
  }
}
