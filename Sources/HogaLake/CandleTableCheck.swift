internal import HogaCore

/// Checks the rows of one table of bars or readings, chunk by chunk.
struct CandleTableCheck {
  let table: CandleTable
  let partition: Lake.Partition
  let file: ParquetFile
  /// Rows after this cannot be true.
  let now: Timestamp
  var tally: FindingTally
  private(set) var first: Int64?
  private(set) var last: Int64?
  private(set) var symbols = 0

  init(
    _ table: CandleTable, _ partition: Lake.Partition, _ file: ParquetFile, now: Timestamp,
    tally: FindingTally
  ) {
    self.table = table
    self.partition = partition
    self.file = file
    self.now = now
    self.tally = tally
  }

  mutating func run(_ monitor: JobMonitor) throws {
    if let name = file.metadata[LakeMetadata.table], name != partition.table {
      tally.add(.metadata, "was written as table \(name)")
    }
    if partition.symbol != nil { tally.add(.metadata, "the table holds all symbols of a day") }
    guard checkSchema() else { return }
    var order = CandleOrder(partition.date)
    var row = 0
    let next = file.chunks(columns: table.schema.map(\.name))
    while let chunk = try next() {
      try monitor.checkCancelled()
      guard case .category(let symbols) = try chunk.column("symbol") else { continue }
      let times = try chunk.int64s("time")
      order.check(symbols: symbols, times: times) { fault, place in
        tally.add(fault.kind, row: place, "\(symbols[place - row] ?? "no symbol")")
      }
      checkTimes(times, row)
      try checkValues(chunk, row)
      row += chunk.rowCount
    }
    let runs = try file.symbolRuns()
    symbols = runs.count
    if let expected = table.rowsPerDay {
      for (symbol, rows) in runs where rows != expected {
        tally.add(.dayRows, "\(symbol) has \(rows), not \(expected)")
      }
    }
  }

  /// Returns whether the rows can be checked.
  private mutating func checkSchema() -> Bool {
    let expected = table.schema
    let types = Dictionary(
      file.schema.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    var isUsable = true
    for field in expected where types[field.name] != field.type {
      let found = types[field.name].map { "is \($0)" } ?? "is absent or of another type"
      tally.add(.schemaMismatch, "column \(field.name) \(found)")
      isUsable = false
    }
    let known = Set(expected.map(\.name))
    for field in file.schema where !known.contains(field.name) {
      tally.add(.schemaMismatch, "column \(field.name) is none of the table")
    }
    return isUsable
  }

  private mutating func checkTimes(_ times: [Int64], _ firstRow: Int) {
    let step = table.interval?.span.nanoseconds
    for (index, time) in times.enumerated() where time != Column.missing {
      first = min(first ?? time, time)
      last = max(last ?? time, time)
      if let step, time.floorDivided(by: step) * step != time {
        tally.add(.offGrid, row: firstRow + index, Coverage.time(time))
      }
      if time > now.nanoseconds { tally.add(.future, row: firstRow + index, Coverage.time(time)) }
    }
  }

  private mutating func checkValues(_ chunk: Frame, _ firstRow: Int) throws {
    for field in table.schema where field.type == .double {
      for (index, value) in try chunk.doubles(field.name).enumerated() where value.isInfinite {
        tally.add(.notFinite, row: firstRow + index, "column \(field.name)")
      }
    }
    guard chunk.contains("open") else { return }
    let (open, high) = (try chunk.doubles("open"), try chunk.doubles("high"))
    let (low, close) = (try chunk.doubles("low"), try chunk.doubles("close"))
    var isPremium = false
    if case .premium = table { isPremium = true }
    // A cleaned day's neighbours fill what was missing, so only there may a price be null.
    let mayBeNull = table == .minutes
    for row in open.indices {
      let prices = [open[row], high[row], low[row], close[row]]
      if !mayBeNull, prices.contains(where: \.isNaN) { tally.add(.null, row: firstRow + row) }
      let isPrice = prices.contains { $0 <= 0 }
      // A premium is a fraction: of 100 % and beyond there are only prices in the wrong table.
      if isPremium ? prices.contains(where: { abs($0) >= 1 }) : isPrice {
        tally.add(.price, row: firstRow + row)
      }
      if high[row] < low[row] || open[row] > high[row] || open[row] < low[row]
        || close[row] > high[row] || close[row] < low[row]
      {
        tally.add(
          .barShape, row: firstRow + row,
          "open, high, low, close: "
            + prices.map { "\($0)" }.joined(separator: ", "))
      }
    }
    for (name, limit) in [
      ("volume", nil), ("quote_volume", nil), ("quote", nil), ("count", nil),
      ("taker_volume", "volume"), ("taker_quote_volume", "quote_volume"), ("taker_quote", "quote"),
    ] as [(String, String?)] where chunk.contains(name) {
      let values = try chunk.doubles(name)
      let limits = try limit.map { try chunk.doubles($0) }
      for row in values.indices {
        if values[row] < 0 {
          tally.add(.size, row: firstRow + row, "\(name) is \(values[row])")
        } else if let limits, values[row] > limits[row] {
          tally.add(.size, row: firstRow + row, "\(name) is above \(limit ?? "")")
        }
      }
    }
  }
}

extension CandleOrder.Fault {
  fileprivate var kind: CheckFinding.Kind {
    switch self {
    case .noKey: .null
    case .otherDate: .wrongDate
    case .symbolBackward, .timeBackward: .rowOrder
    case .repeated: .duplicateRow
    }
  }
}
