/// Some consecutive rows of a CSV file, as the raw bytes of their cells.
///
/// Rows that are not rows of the table are not among `rowCount`, but in `rejected`.
public struct CSVBlock: Sendable {
  /// A line that could not be taken as a row.
  public struct Rejected: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
      case columns(expected: Int, found: Int)
      /// A quoted cell does not end on its line.
      case openQuote
      /// A closing quote is followed by something other than a delimiter.
      case textAfterQuote
    }

    /// The line in the file, counted from one.
    public let line: Int
    public let reason: Reason
  }

  public let columnCount: Int
  /// In order of lines.
  public let rejected: [Rejected]
  /// Bytes of text that were divided, line ends included.
  public let byteCount: Int
  /// Lines of the text, those without a row included.
  public let lineCount: Int

  private let bytes: [UInt8]
  // Per cell, row after row: where it begins, and where it ends.
  private let bounds: [UInt32]
  private let lines: [UInt32]
  private let firstLine: Int

  /// Divides whole lines into cells.
  ///
  /// A last line without a line end counts as a whole line. Empty lines are skipped.
  ///
  /// - Parameters:
  ///   - bytes: less than 4 GiB.
  ///   - firstLine: the number of the first line in its file, counted from one.
  ///   - columnCount: the cells of every row.
  public init(_ bytes: consuming [UInt8], firstLine: Int, columnCount: Int, format: CSVFormat) {
    precondition(bytes.count < UInt32.max, "a block holds less than 4 GiB")
    precondition(columnCount > 0, "a row has a cell")
    var bytes = bytes
    byteCount = bytes.count
    self.columnCount = columnCount
    self.firstLine = firstLine
    var divider = CSVDivider(format: format, columnCount: columnCount, byteCount: bytes.count)
    unsafe bytes.withUnsafeMutableBufferPointer { unsafe divider.divide($0) }
    self.bytes = bytes
    bounds = divider.bounds
    lines = divider.lines
    lineCount = divider.lineCount
    rejected = divider.rejected.map { Rejected(line: firstLine + Int($0.line), reason: $0.reason) }
  }

  public var rowCount: Int { lines.count }

  /// The line of a row in its file, counted from one.
  public func line(ofRow row: Int) -> Int { firstLine + Int(lines[row]) }

  /// The text of a cell, for messages; bytes that are not UTF-8 are shown as `�`.
  public func text(row: Int, column: Int) -> String {
    withCells { String(decoding: $0[row, column], as: UTF8.self) }
  }

  /// Gives access to all cells at the cost of an index.
  public func withCells<Result>(_ body: (Cells) throws -> Result) rethrows -> Result {
    try unsafe bytes.withUnsafeBufferPointer { bytes in
      try unsafe bounds.withUnsafeBufferPointer { bounds in
        try unsafe body(
          Cells(rowCount: rowCount, columnCount: columnCount, bytes: bytes, bounds: bounds))
      }
    }
  }

  /// The cells of a block, valid only inside of `withCells`.
  public struct Cells {
    public let rowCount: Int
    public let columnCount: Int
    let bytes: UnsafeBufferPointer<UInt8>
    let bounds: UnsafeBufferPointer<UInt32>

    /// The bytes of a cell, without quotes; not trimmed.
    public subscript(row: Int, column: Int) -> UnsafeBufferPointer<UInt8> {
      precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount)
      // In bounds: `CSVDivider` wrote two bounds for each cell, in order and within the bytes.
      let cell = 2 * (row * columnCount + column)
      return unsafe UnsafeBufferPointer(
        rebasing: bytes[Int(bounds[cell])..<Int(bounds[cell + 1])])
    }
  }
}
