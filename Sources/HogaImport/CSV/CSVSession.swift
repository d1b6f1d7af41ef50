internal import HogaCore

/// Turns the rows of text files into rows of the lake.
final class CSVSession {
  /// What is known of one symbol.
  struct SymbolState {
    var instrument: Instrument
    var buffer: RowBuffer?
    var interest: RowBuffer?
    /// The arrivals that belong to the open partition's date.
    var range: Range<Int64> = 0..<0
    var lastArrival = Int64.min
    var lastID = Column.missing
    var cumulative = Column.missing
    var cumulativeDay = Int64.min
  }

  /// Open interest comes with trades, but has its own table: most feeds have none.
  static let interestTable = "open_interest"
  static let interestSchema = [
    ColumnSchema("arrival", .timestamp), ColumnSchema("time", .timestamp),
    ColumnSchema("sequence", .int64), ColumnSchema("open_interest", .int64),
  ]

  /// Rows that wait in buffers take at most about this much memory.
  private static let pendingLimit = 256 << 20

  let importer: CSVImporter
  let mapping: CSVMapping
  let priceDecimals: Int
  let sizeDecimals: Int
  private let sink: any ImportSink
  var log: RejectionLog
  private var counter = Counter()
  private var report = ImportReport()
  private var states: [SymbolState] = []
  private var stateOf: [String: Int] = [:]
  private var lastSymbol: (bytes: [UInt8], index: Int)?
  private var pending = 0
  var arrivalClock: ZoneClock?
  var timeClock: ZoneClock?
  private var reorder: ReorderBuffer?
  private var fileNames: [String] = []
  private var ordinal: Int64 = 0
  private var emitted: Int64 = 0
  private var early = 0
  private var repeated = 0

  // A row in flight: time, state, line, file, and then the table's values.
  static let values = 4
  let width: Int
  let levels: Int
  var row: [Int64]
  var arrival: Int64 = 0

  init(
    _ importer: CSVImporter, priceDecimals: Int, sizeDecimals: Int, sink: any ImportSink
  ) {
    self.importer = importer
    mapping = importer.mapping
    self.priceDecimals = priceDecimals
    self.sizeDecimals = sizeDecimals
    self.sink = sink
    log = RejectionLog(importer.onError)
    levels = mapping.bids?.count ?? 0
    width = Self.values + (mapping.table == .trades ? 5 : 4 * levels)
    row = [Int64](repeating: Column.missing, count: width)
    arrivalClock = mapping.arrival.map { ZoneClock($0.zone) }
    timeClock = mapping.time.map { ZoneClock($0.zone) }
    if mapping.reorder > .zero { reorder = ReorderBuffer(window: mapping.reorder, width: width) }
  }

  func read(_ input: InputFile, advance: @escaping (Int64) throws -> Void) throws {
    fileNames.append(input.name)
    var rows = CSVRows(mapping, input, LineReader(try input.open(), advance: advance))
    while try rows.next() {
      ordinal += 1
      if let problem = rows.problem {
        try reject(
          problem.reason, found: problem.found ?? rows.excerptOfRow(), line: rows.reader.lineNumber)
        continue
      }
      guard try readRow(rows) else { continue }
      row[2] = rows.reader.lineNumber
      row[3] = Int64(fileNames.count - 1)
      if reorder == nil {
        try emit(ordinal)
      } else {
        try reorder?.insert(arrival: arrival, ordinal: ordinal, row)
        try drain(isEnd: false)
      }
    }
    try drain(isEnd: true)
    report.lines += Int(rows.reader.lineNumber)
    report.bytes += rows.reader.bytesRead
    counter.add("empty lines passed over", rows.emptyLines)
    if let truncation = rows.reader.truncation {
      try reject(
        "compressed data ends early", found: truncation, line: rows.reader.lineNumber)
    } else if rows.reader.lineNumber == 0 {
      throw DataError("the file is empty", file: input.name)
    }
  }

  func reject(
    _ reason: String, found: String? = nil, line: Int64, column: String? = nil,
    file: Int? = nil
  ) throws {
    try log.reject(
      reason, found: found, file: fileNames[file ?? fileNames.count - 1], line: line,
      column: column)
  }

  // MARK: Symbols

  /// The state of the row's symbol; `nil` where it is not wanted or was rejected.
  func state(of rows: borrowing CSVRows) throws -> Int? {
    if case (.fixed(let venue), .fixed(let symbol)) = (mapping.venue, mapping.symbol) {
      return states.isEmpty ? add(venue, symbol) : 0
    }
    if case .fixed = mapping.venue, let column = rows.columns.symbol, let lastSymbol,
      unsafe rows.cell(column).elementsEqual(lastSymbol.bytes)
    {
      return lastSymbol.index
    }
    guard let venue = try name(mapping.venue, rows.columns.venue, rows),
      let symbol = try name(mapping.symbol, rows.columns.symbol, rows)
    else { return nil }
    if let wanted = importer.symbols, !wanted.contains(symbol) {
      counter.add("rows of symbols that are not wanted")
      return nil
    }
    let index = stateOf["\(venue)/\(symbol)"] ?? add(venue, symbol)
    if let column = rows.columns.symbol {
      lastSymbol = unsafe (Array(rows.cell(column)), index)
    }
    return index
  }

  private func name(
    _ text: CSVMapping.Text, _ column: Int?, _ rows: borrowing CSVRows
  ) throws -> String? {
    guard case .column = text, let column else {
      guard case .fixed(let name) = text else { return nil }
      return name
    }
    let bytes = unsafe rows.cell(column)
    // The lake names folders by it.
    guard let name = unsafe String(validating: bytes, as: UTF8.self), !name.isEmpty,
      name.utf8.count <= 200, !name.hasPrefix("."),
      name.unicodeScalars.allSatisfy({
        $0 != "/" && $0 != "\\" && $0 != "=" && $0.value >= 0x20
          && !(0x7f...0x9f).contains($0.value)
      })
    else {
      try reject(
        "the name of a symbol or venue cannot be a folder's", found: unsafe excerpt(bytes),
        line: rows.reader.lineNumber, column: "\(column + 1)")
      return nil
    }
    return name
  }

  private func add(_ venue: String, _ symbol: String) -> Int {
    let tick = mapping.tick.flatMap { try? Decimal.parse($0, decimals: priceDecimals) }
    let instrument = Instrument(
      venue: venue, symbol: symbol, priceDecimals: priceDecimals, sizeDecimals: sizeDecimals,
      tickIncrement: tick ?? 1, multiplier: mapping.multiplier, settlement: mapping.settlement)
    states.append(SymbolState(instrument: instrument))
    stateOf["\(venue)/\(symbol)"] = states.count - 1
    return states.count - 1
  }

  // MARK: Writing

  private func drain(isEnd: Bool) throws {
    while let next = reorder?.next(into: &row, isEnd: isEnd) {
      arrival = next.arrival
      try emit(emitted + 1)
    }
  }

  /// Writes the row in flight.
  private func emit(_ sequence: Int64) throws {
    let index = Int(row[1])
    func reject(_ reason: String, _ found: String? = nil) throws {
      try self.reject(reason, found: found, line: row[2], file: Int(row[3]))
    }
    guard arrival >= states[index].lastArrival else {
      return try reject(
        reorder == nil
          ? "time goes backward; 'reorder' in the mapping sorts late rows"
          : "later than the reorder window",
        "\(Timestamp(nanoseconds: arrival)) after "
          + "\(Timestamp(nanoseconds: states[index].lastArrival))")
    }
    if mapping.table == .trades {
      let id = row[Self.values]
      guard id == Column.missing || id != states[index].lastID else {
        repeated += 1
        return
      }
      guard try takeSize(index, reject) else { return }
      states[index].lastID = id
    }
    states[index].lastArrival = arrival
    if row[0] != Column.missing, row[0] > arrival { early += 1 }
    if !states[index].range.contains(arrival) { try begin(index) }
    emitted += 1
    try write(index, sequence)
    if pending > Self.pendingLimit { try flushAll() }
  }

  /// Makes a cumulative volume the trade's size; false where there is no trade.
  private func takeSize(_ index: Int, _ reject: (String, String?) throws -> Void) throws -> Bool {
    guard mapping.isCumulative else { return true }
    let total = row[Self.values + 2]
    let clock = arrivalClock ?? timeClock
    let day = (clock?.local(arrival) ?? arrival).floorDivided(by: TimeSpan.day.nanoseconds)
    let before = states[index].cumulative
    let isNewDay = states[index].cumulativeDay != day
    if before != Column.missing, !isNewDay, total < before {
      try reject("cumulative volume falls within a day", "\(total) after \(before)")
      return false
    }
    states[index].cumulative = total
    states[index].cumulativeDay = day
    guard before != Column.missing else {
      // Where the file begins, nobody knows what was traded since the last row.
      counter.add("first rows of cumulative volume, no trade")
      return false
    }
    let size = total - (isNewDay ? 0 : before)
    guard size > 0 else {
      counter.add("rows without new volume, no trade")
      return false
    }
    row[Self.values + 2] = size
    return true
  }

  /// Opens the partition of the arrival's date.
  private func begin(_ index: Int) throws {
    try close(index)
    let date = Timestamp(nanoseconds: arrival).date
    let start = date.start.nanoseconds
    let instrument = states[index].instrument
    states[index].range = start..<(start + TimeSpan.day.nanoseconds)
    states[index].buffer = RowBuffer(
      mapping.table.rawValue, instrument: instrument, date: date,
      schema: mapping.table.schema(
        priceDecimals: priceDecimals, sizeDecimals: sizeDecimals, levels: max(1, levels)),
      capacity: 256)
    guard mapping.openInterest != nil else { return }
    states[index].interest = RowBuffer(
      Self.interestTable, instrument: instrument, date: date, schema: Self.interestSchema,
      capacity: 256)
  }

  private func close(_ index: Int) throws {
    for buffer in [states[index].buffer, states[index].interest].compactMap({ $0 }) {
      pending -= buffer.bytes
      try buffer.flush(into: sink)
      report.add([buffer])
    }
    states[index].buffer = nil
    states[index].interest = nil
  }

  private func flushAll() throws {
    for state in states {
      try state.buffer?.flush(into: sink)
      try state.interest?.flush(into: sink)
    }
    pending = 0
  }

  private func write(_ index: Int, _ sequence: Int64) throws {
    guard let buffer = states[index].buffer else { return }
    let before = buffer.bytes
    let cell = try unsafe buffer.appendRow(flushInto: sink)
    pending += buffer.bytes - before
    let stride = buffer.capacity
    unsafe cell[0] = arrival
    unsafe cell[stride] = row[0]
    unsafe cell[2 * stride] = sequence
    // The values are in the order of the table's columns.
    for column in 3..<buffer.schema.count {
      unsafe cell[column * stride] = row[Self.values + column - 3]
    }
    guard let interest = states[index].interest, row[Self.values + 4] != Column.missing else {
      return
    }
    pending += interest.schema.count * MemoryLayout<Int64>.stride
    let place = try unsafe interest.appendRow(flushInto: sink)
    for (column, value) in [arrival, row[0], sequence, row[Self.values + 4]].enumerated() {
      unsafe place[column * interest.capacity] = value
    }
  }

  func finish() throws -> ImportReport {
    for index in states.indices { try close(index) }
    report.files = fileNames
    report.rejections = log.rejections
    guard emitted > 0 else {
      throw DataError(
        "no usable row" + (report.rejections.first.map { "; the first fault: \($0.reason)" } ?? ""),
        file: fileNames.first)
    }
    counter.add("trades dropped as their id is repeated", repeated)
    counter.add("rows that arrived before the exchange's time", early)
    counter.add("symbols", states.count)
    report.counts = counter.counts.filter { $0.count > 0 }
    return report
  }
}
