public import HogaCore
internal import HogaCrossSection

extension CleanSummary {
  /// By symbol and day: `symbol`, `time` (the day's start), `present_share` (of 1,440 minutes),
  /// `filled_minutes`, `banned` (the reason; null where the symbol is kept).
  public var coverageTable: Frame {
    let rows = days.flatMap { day in day.symbols.map { (day.date, $0) } }
      .sorted { ($0.1.symbol, $0.0) < ($1.1.symbol, $1.0) }
    return Frame([
      ("symbol", .category(Categories(rows.map(\.1.symbol)))),
      ("time", .timestamp(rows.map { $0.0.start.nanoseconds })),
      ("present_share", .double(rows.map(\.1.presentShare))),
      ("filled_minutes", .int64(rows.map { Int64($0.1.filledMinutes) })),
      ("banned", .category(Categories(rows.map { $0.1.ban?.name }))),
    ])
  }
}
