/// The tables of bars and what comes with them: one file holds all symbols of a venue's day.
///
/// All have `symbol` (category) and `time` (a bar's open time; the instant of a reading), are sorted
/// by (symbol, time), and hold each pair once. Numbers are 64-bit floats: the ones nearest to the
/// decimals of their source. `Docs/lake.md` describes the columns.
public enum CandleTable: Hashable, Sendable {
  /// Bars of one interval: `open high low close`, `volume` (base), `quote_volume`, `count` (trades),
  /// `taker_volume` and `taker_quote_volume` (what aggressive buyers bought). What a source does not
  /// have is null. `candles_1m`, `candles_1h`, …
  case candles(CandleInterval)
  /// Bars of the premium index, a fraction: `open high low close`.
  case premium(CandleInterval)
  /// Positioning, every five minutes: `open_interest` (contracts or base), `open_interest_value`
  /// (quote), and ratios of long to short: `top_accounts_ratio`, `top_positions_ratio` (top traders by
  /// accounts and by positions), `accounts_ratio` (all accounts), `taker_ratio` (taker buy to sell
  /// volume).
  case metrics
  /// Funding: `rate` (a fraction, for the interval that ends at `time`), `mark_price`.
  case funding
  /// Cleaned minutes, what cross-sections are computed from: exactly 1,440 rows per symbol, the
  /// columns of `MinuteField`, and `filled` (a gap was filled with a neighbouring row).
  case minutes

  /// The table's folder in the lake.
  public var name: String {
    switch self {
    case .candles(let interval): "candles_\(interval)"
    case .premium(let interval): "premium_\(interval)"
    case .metrics: "metrics"
    case .funding: "funding"
    case .minutes: "minutes"
    }
  }

  public var schema: [ColumnSchema] {
    let key = [ColumnSchema("symbol", .category), ColumnSchema("time", .timestamp)]
    func doubles(_ names: [String]) -> [ColumnSchema] { names.map { ColumnSchema($0, .double) } }
    let prices = ["open", "high", "low", "close"]
    switch self {
    case .candles:
      return key + doubles(prices + ["volume", "quote_volume"]) + [ColumnSchema("count", .int64)]
        + doubles(["taker_volume", "taker_quote_volume"])
    case .premium: return key + doubles(prices)
    case .metrics:
      return key
        + doubles([
          "open_interest", "open_interest_value", "top_accounts_ratio", "top_positions_ratio",
          "accounts_ratio", "taker_ratio",
        ])
    case .funding: return key + doubles(["rate", "mark_price"])
    case .minutes:
      return key + doubles(MinuteField.allCases.map(\.rawValue)) + [ColumnSchema("filled", .bool)]
    }
  }
}

/// The length of a bar, as venues write it: `1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d`.
public enum CandleInterval: String, CaseIterable, Sendable, CustomStringConvertible {
  case minute = "1m"
  case threeMinutes = "3m"
  case fiveMinutes = "5m"
  case fifteenMinutes = "15m"
  case thirtyMinutes = "30m"
  case hour = "1h"
  case twoHours = "2h"
  case fourHours = "4h"
  case sixHours = "6h"
  case eightHours = "8h"
  case twelveHours = "12h"
  case day = "1d"

  public var span: TimeSpan {
    guard let span = TimeSpan(rawValue) else { preconditionFailure("every case is a time span") }
    return span
  }
  public var description: String { rawValue }
}

/// What a cross-section is told of each symbol and minute, by the names of the `minutes` table.
public enum MinuteField: String, CaseIterable, Sendable {
  case open, high, low, close
  /// In base units.
  case volume
  /// Quote volume.
  case quote
  /// Number of trades.
  case count
  /// Quote volume that aggressive buyers bought.
  case takerQuote = "taker_quote"
  /// The premium index at the minute's close.
  case premium
  /// In contracts or base units, carried forward from the last reading.
  case openInterest = "oi"
  /// Top traders' ratio of long to short positions, carried forward.
  case topRatio = "ls_top"
  /// All accounts' ratio of long to short, carried forward.
  case globalRatio = "ls_global"
}
