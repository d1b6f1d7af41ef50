public import HogaCore

/// Which of the archive's tables a file holds.
public enum KlinesContent: String, CaseIterable, Sendable {
  /// Bars of trades.
  case klines
  /// Bars of the premium index.
  case premium
  /// Open interest and ratios of long to short.
  case metrics
  case funding

  /// Whether rows are bars of an interval.
  public var hasInterval: Bool { self == .klines || self == .premium }

  /// The lake's table.
  ///
  /// - Precondition: bars have an interval.
  public func table(_ interval: CandleInterval?) -> CandleTable {
    switch self {
    case .klines: .candles(interval!)
    case .premium: .premium(interval!)
    case .metrics: .metrics
    case .funding: .funding
    }
  }

  /// The columns of a file without a header, in the archive's order, by the names of `slot`.
  var archiveColumns: [String] {
    switch self {
    case .klines, .premium:
      [
        "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume",
        "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore",
      ]
    case .metrics:
      [
        "create_time", "symbol", "sum_open_interest", "sum_open_interest_value",
        "count_toptrader_long_short_ratio", "sum_toptrader_long_short_ratio",
        "count_long_short_ratio", "sum_taker_long_short_vol_ratio",
      ]
    case .funding: ["calc_time", "funding_interval_hours", "last_funding_rate"]
    }
  }

  /// What a column is to the lake.
  enum Slot: Hashable, Sendable {
    case time
    /// The last instant of a bar.
    case closeTime
    case symbol
    /// The place among the table's columns behind `symbol` and `time`.
    case value(Int)
    case ignored
  }

  /// What a named column is, or `nil` where nobody knows.
  ///
  /// The names are those of the archive's headers over the years, of its interfaces, and of
  /// freqtrade's files.
  func slot(_ name: String) -> Slot? {
    switch name {
    case "open_time", "calc_time", "create_time", "date", "time": return .time
    case "symbol": return .symbol
    default: break
    }
    switch self {
    case .klines, .premium:
      let places = [
        "open": 0, "high": 1, "low": 2, "close": 3, "volume": 4, "quote_volume": 5,
        "quote_asset_volume": 5, "count": 6, "number_of_trades": 6, "trades": 6,
        "taker_buy_volume": 7, "taker_buy_base_asset_volume": 7, "taker_volume": 7,
        "taker_buy_quote_volume": 8, "taker_buy_quote_asset_volume": 8, "taker_quote_volume": 8,
      ]
      if name == "close_time" { return .closeTime }
      if name == "ignore" || name == "ignored" { return .ignored }
      // The premium index has no volume; its files have the columns and zeros in them.
      return places[name].map { self == .premium && $0 > 3 ? .ignored : .value($0) }
    case .metrics:
      let names = archiveColumns
      return names.firstIndex(of: name).map { .value($0 - 2) }
    case .funding:
      switch name {
      case "last_funding_rate", "funding_rate", "rate": return .value(0)
      case "mark_price": return .value(1)
      case "funding_interval_hours": return .ignored
      default: return nil
      }
    }
  }

  /// The columns behind `symbol` and `time`.
  var valueNames: [String] {
    table(hasInterval ? .minute : nil).schema.dropFirst(2).map(\.name)
  }

  /// How many of them, from the first, no row may lack.
  var nonNullValues: Int {
    switch self {
    case .klines: 5
    case .premium: 4
    // Readings come with holes, and mark prices without rates.
    case .metrics, .funding: 0
    }
  }

  /// How many of them, from the first, every source must have; `isText` for the archive's CSV.
  func requiredValues(isText: Bool) -> Int {
    switch self {
    case .klines: isText ? 9 : 5
    case .premium: 4
    case .metrics: 6
    case .funding: 1
    }
  }
}

/// Where the columns of one file are.
struct KlinesColumns: Sendable {
  var time: Int
  var closeTime: Int?
  var symbol: Int?
  /// By the place among the table's values; `nil` where the file has no such column.
  var values: [Int?]

  /// - Throws: `DataError` that names the unknown, repeated or missing column.
  init(_ content: KlinesContent, names: [String], isText: Bool, file: String, line: Int?) throws {
    var time: Int?
    values = Array(repeating: nil, count: content.valueNames.count)
    func take(_ place: inout Int?, _ index: Int) throws {
      guard place == nil else {
        throw DataError("is there twice", file: file, row: line, column: names[index])
      }
      place = index
    }
    for (index, name) in names.enumerated() {
      switch content.slot(name) {
      case .time: try take(&time, index)
      case .closeTime: try take(&closeTime, index)
      case .symbol: try take(&symbol, index)
      case .value(let value): try take(&values[value], index)
      case .ignored: break
      case nil:
        throw DataError(
          "no such column of \(content.rawValue) is known; there are "
            + content.archiveColumns.joined(separator: ", "), file: file, row: line, column: name)
      }
    }
    guard let time else {
      throw DataError(
        "is missing in the header", file: file, row: line, column: content.archiveColumns[0])
    }
    self.time = time
    let required = content.requiredValues(isText: isText)
    if let missing = values[..<required].firstIndex(of: nil) {
      let name =
        content.archiveColumns.first { content.slot($0) == .value(missing) }
        ?? content.valueNames[missing]
      throw DataError("is missing in the header", file: file, row: line, column: name)
    }
  }
}
