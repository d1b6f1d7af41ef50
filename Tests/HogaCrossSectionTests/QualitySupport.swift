import HogaCore
import HogaCrossSection

/// Raw rows of one day, made from a formula, with cells and rows taken out as a test needs.
struct RawMarket {
  static let date = CivilDate(year: 2024, month: 3, day: 5)!
  static let minute: Int64 = 60_000_000_000
  static let fields = CleaningSettings.candleFields

  var symbols: [String]
  var date = RawMarket.date
  /// Whole rows that are not there, by symbol.
  var absentRows: [String: Set<Int>] = [:]
  /// Single cells that are null, by symbol and field.
  var absentCells: [String: [MinuteField: Set<Int>]] = [:]
  /// Symbols nobody trades.
  var idle: Set<String> = []

  init(_ symbols: [String]) { self.symbols = symbols }

  /// Exact in binary, different for neighbours: so a copy of the wrong cell shows.
  static func value(symbol: Int, field: Int, minute: Int) -> Double {
    100 + Double((symbol * 31 + field * 17 + minute * 7) % 97) / 8
  }

  var candles: Frame {
    var names: [String] = []
    var times: [Int64] = []
    var columns = [[Double]](repeating: [], count: Self.fields.count)
    for (index, symbol) in symbols.enumerated() {
      for minute in 0..<1440 where absentRows[symbol]?.contains(minute) != true {
        names.append(symbol)
        times.append(date.start.nanoseconds + Int64(minute) * Self.minute)
        for (place, field) in Self.fields.enumerated() {
          let isAbsent = absentCells[symbol]?[field]?.contains(minute) == true
          let isIdle = idle.contains(symbol) && place >= 4
          let value = Self.value(symbol: index, field: place, minute: minute)
          columns[place].append(isAbsent ? .nan : isIdle ? 0 : value)
        }
      }
    }
    var frame = Frame([("symbol", .category(Categories(names))), ("time", .timestamp(times))])
    for (place, field) in Self.fields.enumerated() {
      frame.append(field.candleColumn, .double(columns[place]))
    }
    return frame
  }

  var day: RawDay { RawDay(date: date, candles: .init(candles, file: "candles.parquet")) }

  /// A table of readings: each a symbol, a time in minutes of the day, and the three values.
  static func metrics(
    _ readings: [(symbol: String, minute: Double, values: [Double])], on date: CivilDate = date
  ) -> RawDay.Table {
    var frame = Frame([
      ("symbol", .category(Categories(readings.map(\.symbol)))),
      (
        "time",
        .timestamp(readings.map { date.start.nanoseconds + Int64($0.minute * Double(minute)) })
      ),
    ])
    let names = ["open_interest", "top_positions_ratio", "accounts_ratio"]
    for (index, name) in names.enumerated() {
      frame.append(name, .double(readings.map { $0.values[index] }))
    }
    return RawDay.Table(frame, file: "metrics.parquet")
  }

  /// Premium at the given minutes of each symbol.
  static func premium(
    _ rows: [(symbol: String, minutes: [Int])], on date: CivilDate = date
  ) -> RawDay.Table {
    let names = rows.flatMap { row in row.minutes.map { _ in row.symbol } }
    let minutes = rows.flatMap(\.minutes)
    return RawDay.Table(
      Frame([
        ("symbol", .category(Categories(names))),
        ("time", .timestamp(minutes.map { date.start.nanoseconds + Int64($0) * minute })),
        ("close", .double(minutes.map { Double($0) / 1024 })),
      ]), file: "premium.parquet")
  }
}

extension CleanedDay {
  func finding(_ symbol: String) -> SymbolFindings {
    symbols.first { $0.symbol == symbol }
      ?? SymbolFindings(
        symbol: "absent", rows: -1, firstMinute: 0, lastMinute: 0)
  }

  /// The 1,440 values of a kept symbol.
  func values(_ field: MinuteField, of symbol: String) throws -> [Double] {
    guard case .category(let names) = try minutes.column("symbol") else { return [] }
    let all = try minutes.doubles(field.rawValue)
    return all.indices.filter { names[$0] == symbol }.map { all[$0] }
  }
}
