internal import CArrow
internal import HogaCore

/// How a column's values are laid out in a file, before Zstandard.
enum ColumnEncoding: Int32 {
  case plain = 0
  /// Distinct values once, and small numbers in their place.
  case dictionary = 1
  /// Differences between neighbours in as many bits as they need.
  case delta = 2
  /// First bytes of all values, then all second bytes, and so on.
  case byteStreamSplit = 3

  static let zstandardLevel: Int32 = 3

  /// Chooses by the values of the first row group.
  init(for column: Column, rows: Range<Int>) {
    switch column {
    case .category, .bool: self = column.type == .bool ? .plain : .dictionary
    case .double: self = .byteStreamSplit
    case .int32: self = .dictionary
    case .timestamp, .int64: self = .delta
    case .decimal: self = .delta
    }
  }
}
