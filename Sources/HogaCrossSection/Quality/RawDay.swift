public import HogaCore

/// One day's rows as the lake holds them, of all symbols of a venue.
public struct RawDay: Sendable {
  /// A table, and the file that errors name.
  public struct Table: Sendable {
    public var frame: Frame
    public var file: String

    public init(_ frame: Frame, file: String) {
      self.frame = frame
      self.file = file
    }
  }

  public var date: CivilDate
  /// `CandleTable.candles(.minute)`.
  public var candles: Table
  /// `CandleTable.premium(.minute)`; `nil` where the day has no such file.
  public var premium: Table?
  /// `CandleTable.metrics`; `nil` where the day has no such file.
  public var metrics: Table?
  /// The metrics of the day before, whose last readings hold at midnight.
  public var metricsBefore: Table?

  public init(
    date: CivilDate, candles: Table, premium: Table? = nil, metrics: Table? = nil,
    metricsBefore: Table? = nil
  ) {
    self.date = date
    self.candles = candles
    self.premium = premium
    self.metrics = metrics
    self.metricsBefore = metricsBefore
  }
}

/// A table whose rows are known to be of one day, sorted by (symbol, time), each pair once.
struct SymbolRows {
  static let minutesPerDay = 1440
  static let minute: Int64 = 60_000_000_000

  let date: CivilDate
  let times: [Int64]
  let columns: [MinuteField: [Double]]
  /// In ascending order of symbols.
  let runs: [(symbol: String, rows: Range<Int>)]

  /// - Parameters:
  ///   - fields: the fields to take, and the columns they are in.
  ///   - isGrid: whether times must be full minutes.
  /// - Throws: `DataError` with file, row and column for rows that are not of the day, not on the
  ///   grid, out of order or repeated, and for values that no market has.
  init(
    _ table: RawDay.Table, date: CivilDate, fields: [(MinuteField, String)],
    isGrid: Bool
  ) throws {
    self.date = date
    do {
      let frame = table.frame
      times = try frame.int64s("time")
      guard case .category(let symbols) = try frame.column("symbol") else {
        throw DataError("is not text", column: "symbol")
      }
      runs = try Self.runs(symbols, times, date: date, isGrid: isGrid)
      var columns: [MinuteField: [Double]] = [:]
      for (field, name) in fields {
        let values = try frame.doubles(name)
        if let row = values.firstIndex(where: { !field.admits($0) }) {
          throw DataError("\(values[row]) is no \(field.meaning)", row: row + 1, column: name)
        }
        columns[field] = values
      }
      self.columns = columns
    } catch let error as DataError {
      throw error.located(file: table.file)
    }
  }

  private static func runs(
    _ symbols: Categories, _ times: [Int64], date: CivilDate, isGrid: Bool
  ) throws -> [(symbol: String, rows: Range<Int>)] {
    let day = date.start.nanoseconds..<date.adding(days: 1).start.nanoseconds
    var runs: [(symbol: String, rows: Range<Int>)] = []
    var start = 0
    for row in times.indices {
      let code = symbols.codes[row]
      guard code >= 0 else { throw DataError("is missing", row: row + 1, column: "symbol") }
      let time = times[row]
      guard day.contains(time) else {
        let shown = time == Column.missing ? "a missing time" : "\(Timestamp(nanoseconds: time))"
        throw DataError("\(shown) is not of \(date)", row: row + 1, column: "time")
      }
      guard !isGrid || (time - day.lowerBound) % minute == 0 else {
        throw DataError(
          "\(Timestamp(nanoseconds: time)) is not a full minute", row: row + 1, column: "time")
      }
      let isLast = row + 1 == times.count
      if row > start, symbols.codes[row - 1] == code, time <= times[row - 1] {
        throw DataError(
          time == times[row - 1]
            ? "\(symbols.levels[Int(code)]) has \(Timestamp(nanoseconds: time)) twice"
            : "goes backward within \(symbols.levels[Int(code)])", row: row + 1, column: "time")
      }
      guard isLast || symbols.codes[row + 1] != code else { continue }
      let symbol = symbols.levels[Int(code)]
      if let last = runs.last, last.symbol >= symbol {
        throw DataError(
          "\(symbol) comes after \(last.symbol): rows are sorted by symbol and time",
          row: start + 1, column: "symbol")
      }
      runs.append((symbol, start..<row + 1))
      start = row + 1
    }
    return runs
  }

  /// The rows of a symbol; none where the table does not have it.
  func rows(of symbol: String) -> Range<Int> {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].symbol < symbol { low = middle + 1 } else { high = middle }
    }
    return low < runs.count && runs[low].symbol == symbol ? runs[low].rows : 0..<0
  }

  /// A column of some rows laid out over the day's minutes; NaN where there is no row.
  func minutes(_ field: MinuteField, _ rows: Range<Int>) -> [Double] {
    var minutes = [Double](repeating: .nan, count: Self.minutesPerDay)
    guard let values = columns[field] else { return minutes }
    let start = date.start.nanoseconds
    for row in rows { minutes[Int((times[row] - start) / Self.minute)] = values[row] }
    return minutes
  }
}

extension MinuteField {
  fileprivate var meaning: String {
    switch self {
    case .open, .high, .low, .close: "price"
    case .volume, .quote, .takerQuote: "volume"
    case .count: "number of trades"
    case .premium: "premium"
    case .openInterest: "open interest"
    case .topRatio, .globalRatio: "ratio"
    }
  }

  /// Whether a value may stand in a table; missing may.
  fileprivate func admits(_ value: Double) -> Bool {
    switch self {
    case .open, .high, .low, .close: value.isNaN || (value > 0 && value.isFinite)
    case .premium: !value.isInfinite
    default: value.isNaN || (value >= 0 && value.isFinite)
    }
  }
}
