internal import HogaCore

/// A trade as matching needs it.
struct Print: Sendable {
  var exchange: Int64
  var arrival: Int64
  var sequence: Int64
  var ticks: Int64
  var lots: Int64
  /// +1 when a buyer crossed the spread, −1 a seller, otherwise not known.
  var aggressor: Int32
}

/// The decoded rows of a chunk of `trades`.
struct TradeChunk: Sendable {
  let prints: [Print]

  init(_ frame: Frame, clock: inout RowClock) throws(DataError) {
    let stamps = try clock.stamp(frame)
    let ticks = try frame.int64s("price")
    let lots = try frame.int64s("size")
    try MarketRange.check(ticks: ticks, lots: lots)
    guard case .int32(let aggressors) = try frame.column("aggressor") else {
      throw DataError("is of another type, 32-bit integers are needed", column: "aggressor")
    }
    prints = ticks.indices.map { row in
      Print(
        exchange: stamps.exchange[row], arrival: stamps.arrival[row],
        sequence: stamps.sequence[row], ticks: ticks[row], lots: lots[row],
        aggressor: aggressors[row])
    }
  }
}
