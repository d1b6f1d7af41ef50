internal import HogaCore

/// When the readings of Binance's `metrics` were taken, which their stamps do not always say.
///
/// USDⓈ-M files of days up to 2026-06-24 stamp a reading with the instant it was taken at; files of
/// later days, and those of COIN-M, with the start of the five minutes at whose end it was taken. As
/// they stand the latter would be known five minutes early, so they are moved to that end. Source:
/// issue 491 of `binance/binance-public-data` on GitHub, 2026; not told by Binance itself.
enum MetricsLabel {
  private static let period: TimeSpan = .seconds(300)
  private static let change = CivilDate(year: 2026, month: 6, day: 25)

  /// How much later than its stamp a reading was taken, in nanoseconds.
  ///
  /// - Parameter days: what the file's name says; the stamp decides where it says nothing.
  static func delay(
    venue: String, days: ClosedRange<CivilDate>?, stamp: Int64
  ) -> Int64 {
    switch venue {
    case "binance-coinm": return period.nanoseconds
    case "binance-usdm":
      guard let change else { preconditionFailure("the calendar has that day") }
      let isLater = days.map { $0.lowerBound >= change } ?? (stamp > change.start.nanoseconds)
      return isLater ? period.nanoseconds : 0
    default: return 0
    }
  }

  static let note =
    "metrics stamped with the start of their five minutes are told from the end on: +5m"
}
