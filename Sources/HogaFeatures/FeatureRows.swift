internal import HogaCore

/// Rows on their way to columns.
///
/// Operators write a row at a time and tables are read by column. Turning blocks of rows that fit
/// the nearest cache is several times faster than appending each value to its column at once.
struct FeatureRows: Sendable {
  private static let blockRows = 64

  let columnCount: Int
  private let expectedRows: Int
  /// Rows one after another, the first `rowsInBlock` of which are written.
  private var block: [Double]
  private var rowsInBlock = 0
  private var times: [Int64] = []
  /// The rows of earlier blocks.
  private var columns: [[Double]]
  private var turned = [Double](repeating: 0, count: Self.blockRows)

  /// - Parameter expectedRows: how many rows are likely to come before they are taken. Memory is
  ///   asked for at once, since growing would copy and touch it several times; what is not
  ///   written is never touched and costs nothing.
  init(columns: Int, expectedRows: Int) {
    columnCount = columns
    self.expectedRows = expectedRows
    block = [Double](repeating: 0, count: columns * Self.blockRows)
    self.columns = [[Double]](repeating: [], count: columns)
  }

  var count: Int { times.count }

  var last: (time: Int64, values: [Double])? {
    guard let time = times.last else { return nil }
    let end = rowsInBlock * columnCount
    return (time, Array(block[(end - columnCount)..<end]))
  }

  /// Adds the row that `body` appends to its argument, unless it throws.
  mutating func append(
    _ time: Int64, _ body: (inout OutputSpan<Double>) throws(DataError) -> Void
  ) throws(DataError) {
    // Not at the block's end, so that the newest row always lies in the block.
    if rowsInBlock == Self.blockRows {
      if columns.first?.isEmpty == true {
        for column in columns.indices { columns[column].reserveCapacity(expectedRows) }
      }
      turnBlock()
    }
    let start = rowsInBlock * columnCount
    let count = columnCount
    try unsafe block.withUnsafeMutableBufferPointer { (block) throws(DataError) in
      // Inside the block: rowsInBlock < blockRows. The doubles there are overwritten, which needs
      // no deinitialisation; on a throw they are garbage that no one reads.
      let place = unsafe UnsafeMutableBufferPointer(rebasing: block[start..<(start + count)])
      var row = unsafe OutputSpan(buffer: place, initializedCount: 0)
      try body(&row)
      _ = unsafe row.finalize(for: place)
    }
    times.append(time)
    rowsInBlock += 1
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
      unsafe block.withUnsafeBufferPointer { block in
        unsafe turned.withUnsafeMutableBufferPointer { turned in
          // In bounds: the last index read is (rows − 1)·stride + column < blockRows·stride.
          for row in 0..<rows { unsafe turned[row] = block[row &* stride &+ column] }
          unsafe columns[column].append(
            contentsOf: UnsafeBufferPointer(rebasing: turned[..<rows]))
        }
      }
    }
    rowsInBlock = 0
  }
}
