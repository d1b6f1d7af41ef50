public import HogaCore

/// Consecutive bars of all symbols: what is read, checked and played at a time, such as a day.
///
/// Values lie bar by bar (`row · symbolCount + symbol`), so that everything an engine touches at one
/// time lies together. A bar that is not there is NaN in all four prices. Times are opens, on a
/// grid without holes: a missing bar is a row of NaN and not a missing row.
public final class BarBlock: Sendable {
  /// The open time of the first row.
  public let start: Timestamp
  public let interval: TimeSpan
  public let rowCount: Int
  public let symbolCount: Int
  public let open: [Double]
  public let high: [Double]
  public let low: [Double]
  public let close: [Double]
  /// In base units; NaN where it is not known, empty where nobody knows any.
  public let volume: [Double]
  /// In units of currency; NaN where it is not known, empty where nobody knows any.
  public let quoteVolume: [Double]

  /// - Precondition: all columns have `rowCount · symbolCount` values; the volumes may be empty.
  public init(
    start: Timestamp, interval: TimeSpan, rowCount: Int, symbolCount: Int, open: [Double],
    high: [Double], low: [Double], close: [Double], volume: [Double] = [],
    quoteVolume: [Double] = []
  ) {
    let count = rowCount * symbolCount
    precondition(
      [open, high, low, close].allSatisfy { $0.count == count }
        && [volume, quoteVolume].allSatisfy { $0.isEmpty || $0.count == count },
      "columns of \(rowCount) rows and \(symbolCount) symbols have \(count) values")
    precondition(interval > .zero, "bars have a length")
    self.start = start
    self.interval = interval
    self.rowCount = rowCount
    self.symbolCount = symbolCount
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
    self.quoteVolume = quoteVolume
  }

  /// The open time of a row, in nanoseconds.
  public func time(_ row: Int) -> Int64 {
    start.nanoseconds + Int64(row) * interval.nanoseconds
  }
  /// When the last row closes, and the next block begins.
  public var end: Timestamp { Timestamp(nanoseconds: time(rowCount)) }

  /// Refuses bars that cannot be: prices of zero or less, a low above the high, a price without
  /// the other three, volumes below zero.
  ///
  /// - Throws: `DataError` with the symbol and the time of the first such bar.
  func check(_ instruments: [BarInstrument]) throws(DataError) {
    for index in close.indices {
      let (o, h, l, c) = (open[index], high[index], low[index], close[index])
      let isWhole =
        l > 0 && l <= o && l <= c && o <= h && c <= h && h < BarInstrument.maximumPrice
      if !isWhole, !(o.isNaN && h.isNaN && l.isNaN && c.isNaN) {
        throw error(
          "open \(o), high \(h), low \(l), close \(c): a bar has four prices above zero and below "
            + "10⁹ between its low and its high, or none", index, instruments)
      }
    }
    for (name, values) in [("volume", volume), ("quote volume", quoteVolume)] {
      for index in values.indices where values[index] < 0 || values[index].isInfinite {
        throw error("a \(name) of \(values[index])", index, instruments)
      }
    }
  }

  func error(_ reason: String, _ index: Int, _ instruments: [BarInstrument]) -> DataError {
    let (row, symbol) = index.quotientAndRemainder(dividingBy: symbolCount)
    return DataError(
      "\(instruments[symbol].symbol) at \(Timestamp(nanoseconds: time(row))): \(reason)")
  }
}
