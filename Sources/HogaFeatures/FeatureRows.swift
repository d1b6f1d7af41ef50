internal import HogaCore

/// Where operators write: values are appended in the order of their definitions.
public struct FeatureRow: Sendable {
  /// Some rows, one after another.
  @usableFromInline var values: [Double] = []

  @inlinable public mutating func append(_ value: Double) { values.append(value) }
}

/// Rows on their way to columns.
///
/// Operators write a row at a time and tables are read by column. Turning blocks of rows that fit
/// the nearest cache is several times faster than appending each value to its column at once.
struct FeatureRows: Sendable {
  private static let blockRows = 64

  let columnCount: Int
  /// The block being written.
  var row = FeatureRow()
  private var rowsInBlock = 0
  private var times: [Int64] = []
  /// The rows of earlier blocks.
  private var columns: [[Double]]

  init(columns: Int) {
    columnCount = columns
    self.columns = [[Double]](repeating: [], count: columns)
    row.values.reserveCapacity(columns * Self.blockRows)
  }

  var count: Int { times.count }
  /// Values of the row being written.
  var written: Int { row.values.count - (rowsInBlock - 1) * columnCount }

  var last: (time: Int64, values: [Double])? {
    times.last.map { ($0, Array(row.values.suffix(columnCount))) }
  }

  mutating func begin(_ time: Int64) {
    // Not at the block's end, so that the newest row always lies in the block.
    if rowsInBlock == Self.blockRows { turnBlock() }
    times.append(time)
    rowsInBlock += 1
  }

  mutating func abandonRow() {
    row.values.removeLast(written)
    times.removeLast()
    rowsInBlock -= 1
  }

  mutating func take(_ definitions: [FeatureDefinition]) -> Frame {
    turnBlock()
    var frame = Frame()
    frame.append("time", .timestamp(times))
    for index in columns.indices {
      frame.append(definitions[index].name, .double(columns[index]))
      columns[index] = []
    }
    times = []
    return frame
  }

  private mutating func turnBlock() {
    let rows = rowsInBlock
    let stride = columnCount
    for column in columns.indices {
      var index = column
      for _ in 0..<rows {
        columns[column].append(row.values[index])
        index += stride
      }
    }
    row.values.removeAll(keepingCapacity: true)
    rowsInBlock = 0
  }
}
