public import HogaCore

extension CandleTable {
  /// The table of a folder's name, `candles_1m`, `metrics`, …; `nil` for other tables.
  public init?(name: String) {
    for interval in CandleInterval.allCases {
      for table in [CandleTable.candles(interval), .premium(interval)] where table.name == name {
        self = table
        return
      }
    }
    let others = [CandleTable.metrics, .funding, .minutes]
    guard let table = others.first(where: { $0.name == name }) else { return nil }
    self = table
  }

  /// The length of its bars; `nil` for readings of an instant.
  public var interval: CandleInterval? {
    switch self {
    case .candles(let interval), .premium(let interval): interval
    case .minutes: .minute
    case .metrics, .funding: nil
    }
  }

  /// How many rows a symbol has on a day without gaps; `nil` where that is not fixed.
  public var rowsPerDay: Int? {
    interval.map { Int(TimeSpan.day.nanoseconds / $0.span.nanoseconds) }
  }

  /// The frame with the table's columns in their order, and null where the source has none.
  ///
  /// - Throws: `DataError` for a column of another name or type, and for one that cannot be null.
  public func conforming(_ frame: Frame) throws(DataError) -> Frame {
    var result = Frame()
    for field in schema {
      if let column = frame[field.name] {
        guard column.type == field.type else {
          throw DataError(
            "is \(column.type), the table \(name) has \(field.type)", column: field.name)
        }
        result.append(field.name, column)
        continue
      }
      switch field.type {
      case .double:
        result.append(field.name, .double(Array(repeating: .nan, count: frame.rowCount)))
      case .int64:
        result.append(
          field.name, .int64(Array(repeating: Column.missing, count: frame.rowCount)))
      default: _ = try frame.column(field.name)  // says which columns there are
      }
    }
    let known = Set(schema.map(\.name))
    if let extra = frame.names.first(where: { !known.contains($0) }) {
      throw DataError("is not a column of the table \(name)", column: extra)
    }
    return result
  }
}

/// Finds the first row that stands in the way of reading a table by symbol and time.
struct CandleOrder {
  private let dayStart: Int64
  private var last: (symbol: String, time: Int64)?
  /// Rows seen so far.
  private(set) var row = 0

  enum Fault: Hashable {
    case noKey
    case otherDate
    case symbolBackward
    case timeBackward
    case repeated
  }

  init(_ date: CivilDate) { dayStart = date.start.nanoseconds }

  /// Walks over the rows behind those of the last call.
  ///
  /// - Parameter found: is told each fault with its row, counted from zero over all calls.
  mutating func check(
    symbols: Categories, times: [Int64], found: (Fault, Int) throws -> Void
  ) rethrows {
    // Symbols are compared where they change; within a run only times are.
    var code: Int32 = -1
    for index in times.indices {
      defer { row += 1 }
      let time = times[index]
      guard symbols.codes[index] >= 0, time != Column.missing else {
        try found(.noKey, row)
        continue
      }
      // Far from the ends of the range, for dates are counted in days.
      if time < dayStart || time - dayStart >= TimeSpan.day.nanoseconds {
        try found(.otherDate, row)
      }
      let symbol = symbols.levels[Int(symbols.codes[index])]
      if let last, code == symbols.codes[index] || last.symbol == symbol {
        if time == last.time { try found(.repeated, row) }
        if time < last.time { try found(.timeBackward, row) }
      } else if let last, symbol < last.symbol {
        try found(.symbolBackward, row)
      }
      code = symbols.codes[index]
      last = (symbol, time)
    }
  }
}

extension CandleOrder.Fault {
  var meaning: String {
    switch self {
    case .noKey: "has no symbol or no time"
    case .otherDate: "is of another date (UTC) than the partition"
    case .symbolBackward: "has a symbol below that of the row above; rows are sorted by symbol"
    case .timeBackward: "has a time before the row above; rows are sorted by symbol and time"
    case .repeated: "repeats the symbol and time of the row above"
    }
  }
}
