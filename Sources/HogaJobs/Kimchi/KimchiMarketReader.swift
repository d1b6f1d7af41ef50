internal import HogaCore
internal import HogaKimchi
internal import HogaLake

/// Reads a premium's legs from a lake's candles.
struct KimchiMarketReader {
  let lake: Lake
  let legs: KimchiLegs

  /// The legs over some dates, with a day more on both sides, and ten before for the rate: what was
  /// known at the first row is older than it, and what the last one decides is done later.
  ///
  /// - Throws: `MissingInputError` where a leg has no candle at all; `DataError` where one is wrong.
  func market(_ dates: ClosedRange<CivilDate>, monitor: JobMonitor) throws -> PremiumMarket {
    monitor.begin("reading candles", unit: "days")
    return PremiumMarket(
      korean: try quotes(.korean, dates, monitor), foreign: try quotes(.foreign, dates, monitor),
      fx: try quotes(.fx, dates, monitor))
  }

  private func quotes(
    _ leg: KimchiPremium.Leg, _ dates: ClosedRange<CivilDate>, _ monitor: JobMonitor
  ) throws -> Quotes {
    let source = legs[leg]
    let table = CandleTable.candles(source.interval)
    let lead = leg == .fx ? 10 : 1
    let range = dates.lowerBound.adding(days: -lead)...dates.upperBound.adding(days: 1)
    var quotes = Quotes()
    for date in try lake.candleDates(table, venue: source.venue, in: range) {
      try monitor.advance(by: 1)
      guard
        let frame = try lake.candles(
          table, venue: source.venue, date: date, symbols: [source.symbol],
          columns: ["time", "open", "close", "volume"])
      else { continue }
      let time = try frame.int64s("time")
      let open = try frame.doubles("open")
      let close = try frame.doubles("close")
      let volume = try frame.doubles("volume")
      for row in time.indices {
        do throws(DataError) {
          guard Timestamp(nanoseconds: time[row]).date == date else {
            throw DataError("is of another date (UTC) than its file", column: "time")
          }
          try quotes.append(
            opened: time[row],
            known: source.publication.known(opened: time[row], interval: source.interval.span),
            open: open[row], close: close[row], volume: volume[row])
        } catch {
          throw error.located(file: "\(table.name) \(source) \(date)", row: row + 1)
        }
      }
    }
    guard quotes.count > 0 else {
      throw MissingInputError(
        "\(lake.root): no \(table.name) of \(source) between \(range.lowerBound) and "
          + "\(range.upperBound)")
    }
    return quotes
  }
}
