internal import CArrow
internal import Foundation
public import HogaCore

/// A Feather file (the Arrow IPC file format, version 2), plain or packed with LZ4 or Zstandard.
///
/// Types are read as those of Parquet are; see `ParquetFile`. Everything is checked before it is
/// handed out: a damaged file is an error, whatever its bytes say.
///
/// Not for several tasks at once.
public final class FeatherFile {
  public let path: String
  /// How many batches of rows there are.
  public let batchCount: Int
  /// Names and types of all columns; the type is `nil` where it is not supported.
  public let columns: [(name: String, type: ColumnType?, typeText: String)]
  private let handle: OpaquePointer

  /// - Throws: `MissingInputError`, `ResourceError`, or `DataError` where the file is not Feather, or
  ///   is damaged.
  public init(_ path: String) throws {
    let descriptor = try openForReading(path)
    guard let handle = unsafe hoga_feather_reader_create() else {
      close(descriptor)
      throw ResourceError("\(path): out of memory")
    }
    let status = unsafe hoga_feather_reader_open(handle, descriptor)
    guard status == HOGA_ARROW_OK else {
      let error = unsafe arrowError(
        status, message: hoga_feather_reader_message(handle),
        errorNumber: hoga_feather_reader_errno(handle), file: path)
      unsafe hoga_feather_reader_destroy(handle)
      throw error
    }
    unsafe self.handle = handle
    self.path = path
    batchCount = Int(unsafe hoga_feather_reader_batches(handle))
    columns = unsafe (0..<hoga_feather_reader_columns(handle)).map { index in
      let scale = Int(unsafe hoga_feather_reader_column_scale(handle, index))
      return unsafe (
        String(cString: hoga_feather_reader_column_name(handle, index)),
        ColumnType(arrowKind: hoga_feather_reader_column_kind(handle, index), scale: scale),
        String(cString: hoga_feather_reader_column_type(handle, index))
      )
    }
  }

  deinit { unsafe hoga_feather_reader_destroy(handle) }

  /// Reads all columns of one batch.
  ///
  /// - Throws: `DataError` for a column of a type that is not supported, or that is there twice.
  public func read(batch: Int) throws -> Frame {
    precondition((0..<batchCount).contains(batch), "no such batch")
    var rows: Int64 = 0
    try check(unsafe hoga_feather_reader_load(handle, Int32(batch), &rows))
    var frame = Frame()
    for (index, column) in columns.enumerated() {
      guard let type = column.type else {
        throw DataError("type \(column.typeText) is not supported", file: path, column: column.name)
      }
      guard !frame.contains(column.name) else {
        throw DataError("is there twice", file: path, column: column.name)
      }
      frame.append(column.name, try read(Int32(index), type, Int(rows)))
    }
    return frame
  }

  private func read(_ index: Int32, _ type: ColumnType, _ rows: Int) throws -> Column {
    /// `Value` is the storage of the column's kind, and the shim writes every row, or fails.
    func copied<Value>() throws -> [Value] {
      try unsafe [Value](unsafeUninitializedCapacity: rows) { buffer, initialized in
        guard rows > 0 else { return }
        try check(
          unsafe hoga_feather_reader_copy(handle, index, buffer.baseAddress),
          column: columns[Int(index)].name)
        initialized = rows
      }
    }
    switch type {
    case .double: return .double(try copied())
    case .int64: return .int64(try copied())
    case .int32: return .int32(try copied())
    case .bool: return .bool(try copied())
    case .timestamp: return .timestamp(try copied())
    case .decimal(let scale): return .decimal(try copied(), scale: scale)
    case .category:
      let codes: [Int32] = try copied()
      // Codes without rows still have the levels of the column before them.
      let count = rows == 0 ? 0 : unsafe hoga_feather_reader_level_count(handle)
      let levels = try (0..<count).map { level in
        var length: Int64 = 0
        let bytes = unsafe hoga_feather_reader_level(handle, level, &length)
        guard let text = unsafe validText(bytes, length) else {
          throw DataError(
            "holds text that is not UTF-8", file: path, column: columns[Int(index)].name)
        }
        return text
      }
      return .category(Categories(codes: codes, levels: levels))
    }
  }

  private func check(_ status: HogaArrowStatus, column: String? = nil) throws {
    guard status != HOGA_ARROW_OK else { return }
    throw unsafe arrowError(
      status, message: hoga_feather_reader_message(handle),
      errorNumber: hoga_feather_reader_errno(handle), file: path, column: column)
  }
}
