internal import HogaCore

/// The rows of a signal table, in time order, in the columns that a strategy reads.
struct SignalRows {
  private let times: [Int64]
  private let columns: [[Double]]
  private let delay: Int64
  private var row = 0
  /// When the next row is known, `Int64.max` at the end.
  private(set) var nextTime = Int64.max

  /// - Throws: `DataError` where a column is missing or times are null or go backward.
  init(_ frame: Frame?, columns names: [String], delay: Int64) throws {
    self.delay = delay
    guard let frame else {
      guard names.isEmpty else {
        throw MissingInputError("the strategy reads \(names.joined(separator: ", ")): no signals")
      }
      times = []
      columns = []
      return
    }
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
    nextTime = row < times.count ? times[row] + delay : .max
  }
}
