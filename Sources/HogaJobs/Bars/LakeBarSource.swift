public import HogaBars
public import HogaCore
internal import HogaLake

/// Bars of a lake, a day at a time: the memory of a year is that of its largest day.
///
/// A day without a file, and a time without a row, are missing bars. Of cleaned minutes those that were
/// filled with a neighbour are missing too: nobody traded at their prices.
public struct LakeBarSource: BarSource {
  /// Which table bars are taken from.
  public enum Table: Hashable, Sendable {
    case candles(CandleInterval)
    /// The cleaned minutes that cross-sections are computed from.
    case minutes

    var table: CandleTable {
      switch self {
      case .candles(let interval): .candles(interval)
      case .minutes: .minutes
      }
    }
    var interval: TimeSpan {
      switch self {
      case .candles(let interval): interval.span
      case .minutes: .seconds(60)
      }
    }
    var quoteName: String { self == .minutes ? MinuteField.quote.rawValue : "quote_volume" }
  }

  public let instruments: [BarInstrument]
  public var interval: TimeSpan { table.interval }
  private let lake: String
  private let venue: String
  private let table: Table
  private let dates: ClosedRange<CivilDate>
  private let hasFunding: Bool
  private let placeOf: [String: Int]
  private var date: CivilDate

  /// - Throws: `MissingInputError` where no day of the range has a file, `UsageError` where a symbol
  ///   comes twice.
  public init(
    lake: String, venue: String, table: Table, dates: ClosedRange<CivilDate>,
    instruments: [BarInstrument], hasFunding: Bool
  ) throws {
    guard Set(instruments.map(\.symbol)).count == instruments.count, !instruments.isEmpty else {
      throw UsageError("symbols: one or more, each once")
    }
    guard try !Lake(root: lake).candleDates(table.table, venue: venue, in: dates).isEmpty else {
      throw MissingInputError(
        "\(lake): no \(table.table.name) of \(venue) between \(dates.lowerBound) and "
          + "\(dates.upperBound)")
    }
    self.lake = lake
    self.venue = venue
    self.table = table
    self.dates = dates
    self.instruments = instruments
    self.hasFunding = hasFunding
    placeOf = Dictionary(
      uniqueKeysWithValues: instruments.enumerated().map { ($0.element.symbol, $0.offset) })
    date = dates.lowerBound
  }

  /// All symbols that have a bar in a range of dates, in order.
  static func symbols(
    lake: String, venue: String, table: Table, dates: ClosedRange<CivilDate>
  ) throws -> [String] {
    let lake = Lake(root: lake)
    let days = try lake.candleDates(table.table, venue: venue, in: dates)
    let names = try days.flatMap {
      try lake.candleSymbols(table.table, venue: venue, date: $0)?.map(\.symbol) ?? []
    }
    return Set(names).sorted()
  }

  public mutating func next() throws -> (bars: BarBlock, funding: [BarFunding])? {
    guard date <= dates.upperBound else { return nil }
    defer { date = date.adding(days: 1) }
    return (try bars(), try funding())
  }

  private func bars() throws -> BarBlock {
    let rows = Int(TimeSpan.day.nanoseconds / interval.nanoseconds)
    let count = instruments.count
    let names = ["open", "high", "low", "close", "volume", table.quoteName]
    var columns = [[Double]](
      repeating: [Double](repeating: .nan, count: rows * count), count: names.count)
    let wanted = names + (table == .minutes ? ["filled"] : [])
    if let frame = try Lake(root: lake).candles(
      table.table, venue: venue, date: date, symbols: instruments.map(\.symbol),
      columns: ["symbol", "time"] + wanted)
    {
      guard case .category(let symbols) = try frame.column("symbol") else {
        throw DataError("is no text", column: "symbol")
      }
      let places = symbols.levels.map { placeOf[$0] }
      let time = try frame.int64s("time")
      let filled: [Bool] =
        if case .bool(let values)? = frame["filled"] { values } else { [] }
      var targets = [Int](repeating: -1, count: time.count)
      for row in time.indices {
        let (index, rest) = (time[row] - date.start.nanoseconds).quotientAndRemainder(
          dividingBy: interval.nanoseconds)
        guard rest == 0, index >= 0, index < rows else {
          throw DataError(
            "\(Timestamp(nanoseconds: time[row])) is no open of a bar of \(interval) on \(date)",
            file: "\(table.table.name) \(venue) \(date)", row: row + 1, column: "time")
        }
        guard let place = places[Int(symbols.codes[row])], filled.isEmpty || !filled[row] else {
          continue
        }
        targets[row] = Int(index) * count + place
      }
      for (column, name) in names.enumerated() {
        let values = try frame.doubles(name)
        for row in values.indices where targets[row] >= 0 {
          columns[column][targets[row]] = values[row]
        }
      }
    }
    return BarBlock(
      start: date.start, interval: interval, rowCount: rows, symbolCount: count, open: columns[0],
      high: columns[1], low: columns[2], close: columns[3], volume: columns[4],
      quoteVolume: columns[5])
  }

  private func funding() throws -> [BarFunding] {
    guard hasFunding,
      let frame = try Lake(root: lake).candles(
        .funding, venue: venue, date: date, symbols: instruments.map(\.symbol))
    else { return [] }
    guard case .category(let symbols) = try frame.column("symbol") else {
      throw DataError("is no text", column: "symbol")
    }
    let (time, rate) = (try frame.int64s("time"), try frame.doubles("rate"))
    let mark = try frame.doubles("mark_price")
    var payments: [BarFunding] = []
    for row in time.indices {
      guard let place = placeOf[symbols.levels[Int(symbols.codes[row])]] else { continue }
      payments.append(
        BarFunding(
          time: Timestamp(nanoseconds: time[row]), symbol: place, rate: rate[row], mark: mark[row]))
    }
    return payments.sorted { ($0.time, $0.symbol) < ($1.time, $1.symbol) }
  }
}
