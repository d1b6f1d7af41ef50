internal import HogaCore

extension CSVMapping {
  /// The part of a mapping that describes bars.
  ///
  /// ```yaml
  /// table: candles
  /// venue: upbit
  /// symbol: BTC-KRW          # or {column: symbol}
  /// interval: 1h             # 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d
  ///
  /// file:                    # besides the keys of every mapping:
  ///   thousands: true        # 1,203.93 is a number; absent: false
  ///   empty_rows: skip       # rows of empty cells are counted and passed over, or: reject
  ///
  /// time: {column: Date, format: "%Y-%m-%d %-H:%M", zone: UTC}    # a bar's open; a date alone is
  ///                          # its midnight
  /// open: opening_price      # columns; the same one may serve several
  /// high: high_price
  /// low: low_price
  /// close: trade_price
  /// volume: volume           # these may be absent: quote_volume, count (trades), taker_volume and
  ///                          # taker_quote_volume (bought by aggressors)
  /// ```
  struct Candles: Sendable {
    var interval: CandleInterval
    var hasThousands = false
    var skipsEmptyRows = false
    /// In the order of the table's values.
    var values: [Reference?] = []

    static let valueKeys = CandleTable.candles(.minute).schema.dropFirst(2).map(\.name)

    init(interval: CandleInterval) { self.interval = interval }
  }
}
