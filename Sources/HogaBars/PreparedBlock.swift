internal import HogaCore

/// A block checked and counted in ticks once, for all strategies that are played on it.
struct PreparedBlock {
  let bars: BarBlock
  let funding: [Payment]
  /// Closes in ticks, 0 where there is no bar.
  let close: [Int64]
  /// What orders trade at, in ticks; 0 where there is no bar, or none with a trade.
  let execution: [Int64]

  /// A funding payment in whole numbers.
  struct Payment {
    let time: Int64
    let symbol: Int
    /// In `10^-12`.
    let rate: Int64
    /// In ticks; 0 takes the last close.
    let mark: Int64
  }

  /// - Throws: `DataError` where a bar or a payment cannot be, a price has more decimals than its
  ///   instrument, or the settings need a volume that is not there.
  init(
    _ bars: BarBlock, _ funding: [BarFunding], _ instruments: [BarInstrument],
    _ settings: BarSettings
  ) throws(DataError) {
    try bars.check(instruments)
    self.bars = bars
    guard !settings.costs.needsVolume || !bars.volume.isEmpty else {
      throw DataError("the bars from \(bars.start) on have no volume: impact and participation do")
    }
    close = try Self.ticks(bars.close, bars, instruments)
    switch settings.execution {
    case .open: execution = try Self.ticks(bars.open, bars, instruments)
    case .close: execution = close
    case .vwap: execution = try Self.averages(bars, instruments)
    }
    self.funding = try funding.map { (event) throws(DataError) in
      try Self.payment(event, bars, instruments)
    }
  }

  private static func ticks(
    _ values: [Double], _ bars: BarBlock, _ instruments: [BarInstrument]
  ) throws(DataError) -> [Int64] {
    let scales = instruments.map(\.priceScale)
    var ticks = [Int64](repeating: 0, count: values.count)
    var base = 0
    for _ in 0..<bars.rowCount {
      for symbol in scales.indices {
        let value = values[base + symbol]
        guard !value.isNaN else { continue }
        // Below 10¹⁸ by the check of prices. Truncation is an instruction, rounding a call.
        let count = Int64(value * scales[symbol] + 0.5)
        guard Double(count) / scales[symbol] == value else {
          throw bars.error(
            "a price of \(value) has more than \(instruments[symbol].priceDecimals) decimals",
            base + symbol, instruments)
        }
        ticks[base + symbol] = count
      }
      base += scales.count
    }
    return ticks
  }

  private static func averages(
    _ bars: BarBlock, _ instruments: [BarInstrument]
  ) throws(DataError) -> [Int64] {
    guard !bars.quoteVolume.isEmpty, !bars.volume.isEmpty else {
      throw DataError("the bars from \(bars.start) on have no quote volume, which a vwap needs")
    }
    let scales = instruments.map(\.priceScale)
    var ticks = [Int64](repeating: 0, count: bars.close.count)
    for index in ticks.indices where !bars.close[index].isNaN && bars.volume[index] != 0 {
      let average = bars.quoteVolume[index] / bars.volume[index]
      // Sums of a source are rounded, so an average may lie beyond the range by as much.
      guard average >= bars.low[index] * (1 - 1e-6), average <= bars.high[index] * (1 + 1e-6)
      else {
        throw bars.error(
          "quote volume over volume is \(average), beyond the bar's range", index, instruments)
      }
      ticks[index] = Int64((average * scales[index % scales.count]).rounded())
    }
    return ticks
  }

  private static func payment(
    _ event: BarFunding, _ bars: BarBlock, _ instruments: [BarInstrument]
  ) throws(DataError) -> Payment {
    let instrument = instruments[event.symbol]
    guard event.rate.magnitude <= 1, event.mark.isNaN || event.mark > 0,
      !(event.mark >= BarInstrument.maximumPrice), event.time >= bars.start, event.time < bars.end
    else {
      throw DataError(
        "\(instrument.symbol) at \(event.time): a funding rate of \(event.rate) on a mark of "
          + "\(event.mark)")
    }
    return Payment(
      time: event.time.nanoseconds, symbol: event.symbol,
      rate: Int64((event.rate * 1e12).rounded()),
      mark: event.mark.isNaN ? 0 : Int64((event.mark * instrument.priceScale).rounded()))
  }
}
