internal import HogaCore

/// What a row of a table has to satisfy, whoever wrote it.
struct CandleRules: Sendable {
  let content: KlinesContent
  /// The length of a bar; zero for readings.
  let interval: Int64
  /// Values from the first that may not be null.
  let required: Int

  /// Why a row cannot be used, in the same words for all rows of one fault; `nil` where it can.
  ///
  /// - Parameters:
  ///   - time: in nanoseconds since 1970 UTC.
  ///   - values: in the order of the table, null as NaN.
  func fault(time: Int64, values: UnsafeBufferPointer<Double>) -> String? {
    if interval > 0, time.floorDivided(by: interval) * interval != time {
      return "a time off the grid of its interval"
    }
    for index in 0..<required where unsafe values[index].isNaN {
      return "an empty cell where a number is needed"
    }
    switch content {
    case .klines: return unsafe barFault(values) ?? volumeFault(values)
    case .premium:
      for index in 0..<4 where unsafe abs(values[index]) >= 1 {
        return "a premium of 100 % or more: are these prices?"
      }
      return unsafe shapeFault(values)
    case .metrics:
      for index in values.indices where unsafe values[index] < 0 {
        return "a negative open interest or ratio"
      }
      return nil
    case .funding:
      if unsafe abs(values[0]) >= 1 { return "a funding rate of 100 % or more" }
      if unsafe values[1] <= 0 { return "a mark price not above zero" }
      return nil
    }
  }

  private func barFault(_ values: UnsafeBufferPointer<Double>) -> String? {
    for index in 0..<4 where unsafe !(values[index] > 0) { return "a price not above zero" }
    return unsafe shapeFault(values)
  }

  private func shapeFault(_ values: UnsafeBufferPointer<Double>) -> String? {
    let (open, high, low, close) = unsafe (values[0], values[1], values[2], values[3])
    if high < low { return "high below low" }
    if open < low || open > high || close < low || close > high {
      return "open or close outside of low to high"
    }
    return nil
  }

  private func volumeFault(_ values: UnsafeBufferPointer<Double>) -> String? {
    // Comparisons with null are false.
    for index in 4..<9 where unsafe values[index] < 0 { return "a negative volume or count" }
    let count = unsafe values[6]
    if !count.isNaN, count != count.rounded() || count > 1e15 {
      return "a number of trades that is no whole number"
    }
    if unsafe values[7] > values[4] || values[8] > values[5] {
      return "a taker volume above the volume"
    }
    return nil
  }
}
