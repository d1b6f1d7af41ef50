internal import HogaCore

/// How far the two clocks of the data disagree; shown beside the result.
public struct ClockReport: Hashable, Sendable {
  public var rows: Int64 = 0
  /// Rows whose exchange time lies before that of an earlier row of the same table.
  public var exchangeTimeBackward: Int64 = 0
  /// The largest such step in nanoseconds.
  public var largestBackwardStep: Int64 = 0
  /// Rows that arrived here before the exchange stamped them, as recorded.
  public var arrivalBeforeExchange: Int64 = 0

  static func + (left: ClockReport, right: ClockReport) -> ClockReport {
    var sum = left
    sum.rows += right.rows
    sum.exchangeTimeBackward += right.exchangeTimeBackward
    sum.largestBackwardStep = max(left.largestBackwardStep, right.largestBackwardStep)
    sum.arrivalBeforeExchange += right.arrivalBeforeExchange
    return sum
  }
}

/// Turns the stamps of a table's rows into the exchange's clock, and checks their arrivals.
///
/// The exchange's clock is the running maximum of `time` (`arrival` where it is null), so rows keep
/// the order of the feed even where its exchange times step back a little; that is counted.
struct RowClock {
  /// Nanoseconds that leave room to add latencies: years 1716 to 2223.
  static let range: ClosedRange<Int64> = -8_000_000_000_000_000_000...8_000_000_000_000_000_000

  private(set) var report = ClockReport()
  private var exchange = Int64.min
  private var arrival = Int64.min

  mutating func stamp(_ frame: Frame) throws(DataError) -> RowStamps {
    let arrivals = try frame.int64s("arrival")
    var stamps = RowStamps(
      exchange: try frame.int64s("time"), arrival: arrivals,
      sequence: try frame.int64s("sequence"))
    for row in arrivals.indices {
      let arrived = arrivals[row]
      guard Self.range.contains(arrived) else {
        throw DataError("null or out of range", row: row + 1, column: "arrival")
      }
      guard arrived >= arrival else {
        throw DataError("goes backward", row: row + 1, column: "arrival")
      }
      arrival = arrived
      var time = stamps.exchange[row]
      if time == Column.missing { time = arrived }
      guard Self.range.contains(time) else {
        throw DataError("out of range", row: row + 1, column: "time")
      }
      if time < exchange {
        report.exchangeTimeBackward += 1
        report.largestBackwardStep = max(report.largestBackwardStep, exchange - time)
      } else {
        exchange = time
      }
      if arrived < time { report.arrivalBeforeExchange += 1 }
      stamps.exchange[row] = exchange
    }
    report.rows += Int64(arrivals.count)
    return stamps
  }
}

/// A chunk's rows: on the exchange's clock, and as they arrived.
struct RowStamps {
  var exchange: [Int64]
  var arrival: [Int64]
  var sequence: [Int64]
}

/// The largest prices and sizes that matching can compute with.
enum MarketRange {
  static let ticks: ClosedRange<Int64> = -100_000_000_000_000_000...100_000_000_000_000_000
  static let lots: ClosedRange<Int64> = 0...10_000_000_000_000_000
  /// A thousandth of what fits, so that the lots of all open orders can be added up.
  static let maximumOrder: Int64 = 1_000_000_000_000_000

  static func check(ticks: [Int64], lots: [Int64], prefix: String = "") throws(DataError) {
    for row in ticks.indices {
      guard Self.ticks.contains(ticks[row]) else {
        throw DataError("null or out of range", row: row + 1, column: "\(prefix)price")
      }
      guard Self.lots.contains(lots[row]) else {
        throw DataError("null, negative or out of range", row: row + 1, column: "\(prefix)size")
      }
    }
  }
}
