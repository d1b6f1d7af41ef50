/// How the text of a table is divided into cells.
public struct CSVFormat: Hashable, Sendable {
  public enum Delimiter: Hashable, Sendable {
    /// One character of ASCII between cells: `,`, `;`, a tab, `|`.
    case character(UInt8)
    /// Any run of spaces and tabs between cells; such runs at the ends of a line mean nothing.
    case whitespace
  }

  public var delimiter: Delimiter
  /// Whether the first line (after `skippedLines`) names the columns.
  public var hasHeader: Bool
  /// Cells of every row; where `nil`, as many as the header has, or the first row.
  public var columnCount: Int?
  /// Whether a cell may stand in double quotes, with quotes inside doubled. A quoted cell ends on
  /// its line: in market data an open quote is damage, and must not swallow the lines after it.
  public var quoting: Bool
  /// Lines before the table.
  public var skippedLines: Int

  public init(
    delimiter: Delimiter = .character(UInt8(ascii: ",")), hasHeader: Bool = true,
    columnCount: Int? = nil, quoting: Bool = true, skippedLines: Int = 0
  ) {
    self.delimiter = delimiter
    self.hasHeader = hasHeader
    self.columnCount = columnCount
    self.quoting = quoting
    self.skippedLines = skippedLines
  }
}
