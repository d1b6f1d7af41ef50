internal import HogaCore

/// Takes the rows of one input, judges them, and hands them to the spool by symbol and day.
struct CandleIntake {
  /// What became of the rows.
  struct Outcome: Sendable {
    var rejections: [ImportReport.Rejection] = []
    var rows = 0
    var emptyRows = 0
    var lines = 0
    var bytes: Int64 = 0
    /// Symbols whose rows ran backward as a whole, and were sorted.
    var descending = 0
  }

  private struct Pending {
    var times: [Int64] = []
    var lines: [Int64] = []
    /// One array per value.
    var values: [[Double]]
    /// `true` where the file goes back in time; known after the first rows.
    var isDescending: Bool?
    var last: Int64?
  }

  /// Rows of a symbol that are kept before the file's direction is judged and they go on.
  private static let chunkRows = 4096

  private let rules: CandleRules
  private let file: Int
  private let name: String
  private let days: ClosedRange<Int>?
  private let spool: CandleSpool
  private var pending: [String: Pending] = [:]
  private var place = 0
  private(set) var log: RejectionLog
  private(set) var outcome = Outcome()
  private let width: Int

  /// - Parameter period: days that the rows have to fall on, where the file's name says.
  init(
    _ rules: CandleRules, file: Int, name: String, period: ClosedRange<CivilDate>?,
    policy: ErrorPolicy, spool: CandleSpool
  ) {
    self.rules = rules
    self.file = file
    self.name = name
    // A day more at each end: a day's last reading is stamped with the midnight that follows.
    days = period.map { ($0.lowerBound.daysSince1970 - 1)...($0.upperBound.daysSince1970 + 1) }
    self.spool = spool
    log = RejectionLog(policy)
    width = rules.content.valueNames.count
  }

  mutating func reject(_ reason: String, found: String? = nil, line: Int64, column: String? = nil)
    throws
  {
    try log.reject(reason, found: found, file: name, line: line, column: column)
  }

  mutating func add(
    _ symbol: String, time: Int64, line: Int64, values: UnsafeBufferPointer<Double>
  ) throws {
    if let fault = unsafe rules.fault(time: time, values: values) {
      let found =
        unsafe "\(Timestamp(nanoseconds: time)): "
        + values.map { $0.isNaN ? "–" : "\($0)" }.joined(separator: ", ")
      return try reject(fault, found: found, line: line)
    }
    if let days, !days.contains(Int(time.floorDivided(by: TimeSpan.day.nanoseconds))) {
      return try reject(
        "a time outside of the days that the file's name says",
        found: "\(Timestamp(nanoseconds: time))", line: line)
    }
    if pending[symbol] == nil {
      do {
        try checkSymbol(symbol)
      } catch let error as UsageError {
        return try reject("a symbol that cannot be used", found: error.description, line: line)
      }
      pending[symbol] = Pending(values: Array(repeating: [], count: width))
    }
    let isFull = unsafe Self.append(time, line, values, to: &pending[symbol]!)
    if isFull { try flush(symbol) }
  }

  private static func append(
    _ time: Int64, _ line: Int64, _ values: UnsafeBufferPointer<Double>, to rows: inout Pending
  ) -> Bool {
    rows.times.append(time)
    rows.lines.append(line)
    for index in rows.values.indices { rows.values[index].append(unsafe values[index]) }
    return rows.times.count >= chunkRows
  }

  private func checkSymbol(_ symbol: String) throws {
    guard !symbol.isEmpty, symbol.utf8.count <= 64,
      symbol.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f })
    else { throw UsageError("'\(symbol)'") }
  }

  /// Hands over what is left.
  mutating func finish(lines: Int64, bytes: Int64) throws -> Outcome {
    for symbol in pending.keys.sorted() { try flush(symbol) }
    outcome.descending = pending.values.count { $0.isDescending == true }
    outcome.rejections = log.rejections
    outcome.lines = Int(lines)
    outcome.bytes = bytes
    return outcome
  }

  mutating func countEmptyRow() { outcome.emptyRows += 1 }

  private mutating func flush(_ symbol: String) throws {
    guard var rows = pending[symbol], !rows.times.isEmpty else { return }
    pending[symbol] = nil
    if rows.isDescending == nil { rows.isDescending = Self.isDescending(rows.times) }
    let day = TimeSpan.day.nanoseconds
    var kept: [Int] = []
    var keptDay = Int64.min
    func emit() throws {
      guard !kept.isEmpty else { return }
      var cells: [Int64] = []
      cells.reserveCapacity(kept.count * (width + 2))
      for row in kept { cells.append(rows.times[row]) }
      for row in kept { cells.append(rows.lines[row]) }
      for values in rows.values {
        for row in kept { cells.append(Int64(bitPattern: values[row].bitPattern)) }
      }
      try spool.add(
        CandleBlock(
          symbol: symbol, day: Int(keptDay), file: file, place: place, rowCount: kept.count,
          cells: cells))
      place += 1
      outcome.rows += kept.count
      kept.removeAll(keepingCapacity: true)
    }
    for row in rows.times.indices {
      let time = rows.times[row]
      // Metrics come in any order, and say nothing by it.
      if rules.content != .metrics, let last = rows.last,
        rows.isDescending == true ? time > last : time < last
      {
        try reject(
          "a time against the order of the rows before it",
          found: "\(Timestamp(nanoseconds: time)) after \(Timestamp(nanoseconds: last))",
          line: rows.lines[row])
        continue
      }
      rows.last = time
      let rowDay = time.floorDivided(by: day)
      if rowDay != keptDay {
        try emit()
        keptDay = rowDay
      }
      kept.append(row)
    }
    try emit()
    rows.times.removeAll(keepingCapacity: true)
    rows.lines.removeAll(keepingCapacity: true)
    for index in rows.values.indices { rows.values[index].removeAll(keepingCapacity: true) }
    pending[symbol] = rows
  }

  /// Whether most steps go back in time.
  private static func isDescending(_ times: [Int64]) -> Bool {
    var balance = 0
    for (before, after) in zip(times, times.dropFirst()) {
      balance += after > before ? 1 : after < before ? -1 : 0
    }
    return balance < 0
  }
}
