internal import HogaCore

/// The rows of a signal table, in time order, in the columns that a strategy reads.
struct SignalRows {
  private let times: [Int64]
  private let columns: [[Double]]
  private let compute: Int64
  private var feed: LatencySource?
  private var row = 0
  /// When the next row is known, `Int64.max` at the end.
  private(set) var nextTime = Int64.max

  /// - Throws: `DataError` where a column is missing or times are null or go backward.
  init(
    _ frame: Frame?, columns names: [String], latency: Latency, seed: UInt64
  ) throws {
    compute = latency.compute.nanoseconds
    guard let frame else {
      guard names.isEmpty else {
        throw MissingInputError("the strategy reads \(names.joined(separator: ", ")): no signals")
      }
      times = []
      columns = []
      return
    }
    feed = names.isEmpty ? nil : try LatencySource(latency.signalFeed(), seed: seed, leg: .feed)
    times = try frame.int64s("time")
    columns = try names.map { try frame.doubles($0) }
    for (row, time) in times.enumerated() {
      guard RowClock.range.contains(time) else {
        throw DataError("null or out of range", row: row + 1, column: "time")
      }
      guard row == 0 || time >= times[row - 1] else {
        throw DataError("goes backward", row: row + 1, column: "time")
      }
    }
    settle()
  }

  /// Copies the next row to the desk.
  mutating func deliver(to desk: inout TradingDesk) {
    for (index, column) in columns.enumerated() { desk.signals[index] = column[row] }
    desk.signalTime = Timestamp(nanoseconds: times[row])
    row += 1
    settle()
  }

  private mutating func settle() {
    guard row < times.count else {
      nextTime = .max
      return
    }
    let delay = feed?.next(at: times[row], recordedFeedLatency: 0) ?? 0
    let earliest = row == 0 ? Int64.min : nextTime
    nextTime = max(earliest, times[row] + delay + compute)
  }
}
