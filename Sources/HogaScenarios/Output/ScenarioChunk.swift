public import HogaCore

/// Rows of one date of a synthetic market, in the lake's tables. Any of them may have no rows.
public struct ScenarioChunk: Hashable, Sendable {
  /// By arrival, as in the lake.
  public var date: CivilDate
  /// Every order: a snapshot first on each date, then what changed. See `MarketTable.orders`.
  public var orders: Frame
  /// One row for each order that was hit; it shares `sequence` with its row of `orders`.
  public var trades: Frame
  /// One message for each event of the flow that changed the book; it carries the `sequence` of the
  /// event's last row of `orders`.
  public var depth: Frame
  /// One row at the start: trading.
  public var status: Frame
  /// The truth about every event of the flow, where it was asked for: `arrival`, `time`, `sequence`
  /// (of the last row written), `kind`, `immigrant` (no event caused it), `changes` (of orders; zero
  /// where it found nothing to do), `fundamental` and `reference` (prices), and the intensity of
  /// each kind right before it, per second: `intensity_market_buy`, ….
  public var events: Frame?

  /// The lake's tables with their rows, those without rows left out.
  public var tables: [(table: MarketTable, frame: Frame)] {
    [(.trades, trades), (.depth, depth), (.orders, orders), (.status, status)]
      .filter { $0.1.rowCount > 0 }
  }
}
