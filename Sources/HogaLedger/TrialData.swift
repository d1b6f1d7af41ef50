public import HogaCore

/// The data that a backtest was tried on: markets, a table and days.
///
/// Two backtests were tried on the same data where they share a market and a day: who looked for a
/// strategy on a week has used up each of its days, whichever table the prices came from. Another
/// symbol, or the same one at another venue, counts as other data, though the two move together.
public struct TrialData: Hashable, Sendable {
  /// A symbol at a venue.
  public struct Market: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var venue: String
    public var symbol: String

    public init(venue: String, symbol: String) {
      self.venue = venue
      self.symbol = symbol
    }

    public static func < (left: Market, right: Market) -> Bool {
      (left.venue, left.symbol) < (right.venue, right.symbol)
    }
    public var description: String { "\(venue) \(symbol)" }
  }

  /// Sorted, each once.
  public let markets: [Market]
  /// What was played: `depth`, `book`, `orders`, `candles_1m`, …
  public let table: String
  public let dates: ClosedRange<CivilDate>

  /// - Throws: `UsageError` without a market, and for names with control characters.
  public init(
    markets: [Market], table: String, dates: ClosedRange<CivilDate>
  ) throws(UsageError) {
    guard !markets.isEmpty else { throw UsageError("a trial needs a market") }
    for name in markets.flatMap({ [$0.venue, $0.symbol] }) + [table]
    where name.isEmpty || name.unicodeScalars.contains(where: { $0.value < 0x20 }) {
      throw UsageError("“\(name)” is no name of a venue, symbol or table")
    }
    if let venue = markets.map(\.venue).first(where: { $0.contains("/") }) {
      throw UsageError("“\(venue)” is no name of a venue: a slash")
    }
    self.markets = Set(markets).sorted()
    self.table = table
    self.dates = dates
  }

  public init(
    venue: String, symbol: String, table: String, dates: ClosedRange<CivilDate>
  ) throws(UsageError) {
    try self.init(
      markets: [Market(venue: venue, symbol: symbol)], table: table, dates: dates)
  }

  /// Whether the two share a market and a day.
  public func overlaps(_ other: TrialData) -> Bool {
    dates.overlaps(other.dates) && !Set(markets).isDisjoint(with: other.markets)
  }

  public var json: JSONValue {
    [
      "markets": .array(
        markets.map { ["venue": .string($0.venue), "symbol": .string($0.symbol)] }),
      "table": .string(table), "from": .string("\(dates.lowerBound)"),
      "to": .string("\(dates.upperBound)"),
    ]
  }
}
