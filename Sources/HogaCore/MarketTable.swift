/// The tables that importers write and everything else reads.
///
/// All have `arrival` (local time), `time` (the exchange's, null where the feed has none) and
/// `sequence` (the event's place in the feed, ascending over all tables of a partition), and are
/// sorted by (arrival, sequence). `Docs/lake.md` describes the columns.
public enum MarketTable: String, CaseIterable, Sendable {
  /// Trades: `id`, `price`, `size`, `aggressor` (+1 buy, −1 sell, null unknown).
  case trades
  /// Changes of single levels: `update_id`, `kind` (`snapshot`, `update`, `gap`), `side` (+1 bid,
  /// −1 ask, 0 for a gap), `price`, `size` (absolute, 0 removes), `last` (ends the message).
  case depth
  /// The first levels after each event: `bid_price_1, bid_size_1, ask_price_1, ask_size_1, …`;
  /// levels that do not exist are null.
  case book
  /// Best bid and ask: `book` with one level.
  case quotes
  /// Single orders (L3): `order_id`, `kind` (see `OrderEventKind`), `side` (of the resting order),
  /// `price`, `size`.
  case orders
  /// Trading status: `status` (`halted`, `quoting`, `trading`).
  case status

  private static let stamps = [
    ColumnSchema("arrival", .timestamp), ColumnSchema("time", .timestamp),
    ColumnSchema("sequence", .int64),
  ]

  /// The columns of the table for an instrument's decimals; `levels` matters to `book` alone.
  public func schema(priceDecimals: Int, sizeDecimals: Int, levels: Int = 1) -> [ColumnSchema] {
    let price = ColumnSchema("price", .decimal(scale: priceDecimals))
    let size = ColumnSchema("size", .decimal(scale: sizeDecimals))
    switch self {
    case .trades:
      return Self.stamps + [
        ColumnSchema("id", .int64), price, size, ColumnSchema("aggressor", .int32),
      ]
    case .depth:
      return Self.stamps + [
        ColumnSchema("update_id", .int64), ColumnSchema("kind", .category),
        ColumnSchema("side", .int32), price, size, ColumnSchema("last", .bool),
      ]
    case .book, .quotes:
      return Self.stamps
        + (1...(self == .quotes ? 1 : levels)).flatMap { level in
          ["bid", "ask"].flatMap { side in
            [
              ColumnSchema("\(side)_price_\(level)", .decimal(scale: priceDecimals)),
              ColumnSchema("\(side)_size_\(level)", .decimal(scale: sizeDecimals)),
            ]
          }
        }
    case .orders:
      return Self.stamps + [
        ColumnSchema("order_id", .int64), ColumnSchema("kind", .category),
        ColumnSchema("side", .int32), price, size,
      ]
    case .status:
      return Self.stamps + [ColumnSchema("status", .category)]
    }
  }
}

/// The kinds of a `depth` row, in the order of their category codes when Hoga writes them.
public enum DepthKind: String, CaseIterable, Sendable {
  /// Begins a new book: the first snapshot row of a message empties the old one.
  case snapshot
  case update
  /// Messages are missing: the book is stale until the next snapshot.
  case gap
}
