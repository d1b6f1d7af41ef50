internal import CArrow
internal import Foundation
public import HogaCore

/// Tables of users in files: Parquet, or CSV whose types are guessed.
public enum TableFile {
  /// Reads a whole table; a name that ends in `.csv` is read as CSV, any other as Parquet.
  public static func read(_ path: String) throws -> Frame {
    path.lowercased().hasSuffix(".csv") ? try csv(path) : try ParquetFile(path).read()
  }

  /// Writes a whole table as Parquet, with pairs for the footer.
  public static func write(
    _ frame: Frame, to path: String, metadata: [String: String]
  ) throws {
    let writer = try ParquetWriter(path: path, schema: frame.schema, metadata: metadata)
    try writer.append(frame)
    try writer.commit()
  }

  /// Reads a whole CSV file and guesses its columns' types: for labels and features of users.
  ///
  /// Whole numbers become `int64`, other numbers `double`, ISO 8601 dates and times `timestamp`
  /// (UTC where no zone is written), `true` and `false` `bool`, and all else `category`. Empty cells
  /// and the usual spellings (`NA`, `null`, `NaN`) are null. Arrow's reader does the work.
  ///
  /// - Parameters:
  ///   - delimiter: one character of ASCII.
  ///   - columnNames: the names of a file without a header; `nil` reads them from the first line.
  /// - Throws: `DataError` with the row, as Arrow counts it, that has another number of cells.
  public static func csv(
    _ path: String, delimiter: UInt8 = UInt8(ascii: ","), columnNames: [String]? = nil
  ) throws -> Frame {
    let descriptor = try openForReading(path)
    guard let handle = unsafe hoga_csv_reader_create() else {
      close(descriptor)
      throw ResourceError("\(path): out of memory")
    }
    defer { unsafe hoga_csv_reader_destroy(handle) }
    func check(_ status: HogaArrowStatus, column: String? = nil) throws {
      guard status != HOGA_ARROW_OK else { return }
      throw unsafe arrowError(
        status, message: hoga_csv_reader_message(handle),
        errorNumber: hoga_csv_reader_errno(handle), file: path, column: column)
    }
    do {
      for name in columnNames ?? [] { try check(unsafe hoga_csv_reader_add_column(handle, name)) }
    } catch {
      close(descriptor)
      throw error
    }
    try check(unsafe hoga_csv_reader_read(handle, descriptor, CChar(bitPattern: delimiter)))

    let rows = Int(unsafe hoga_csv_reader_rows(handle))
    var frame = Frame()
    for index in 0..<(unsafe hoga_csv_reader_columns(handle)) {
      let name = unsafe String(cString: hoga_csv_reader_column_name(handle, index))
      guard !frame.contains(name) else {
        throw DataError("is named twice in the header", file: path, row: 1, column: name)
      }
      guard
        let type = unsafe ColumnType(
          arrowKind: hoga_csv_reader_column_kind(handle, index), scale: 0)
      else {
        let text = unsafe String(cString: hoga_csv_reader_column_type(handle, index))
        throw DataError("type \(text) is not supported", file: path, column: name)
      }
      /// `Value` is the storage of the column's kind, and the shim writes every row, or fails.
      func copied<Value>() throws -> [Value] {
        try unsafe [Value](unsafeUninitializedCapacity: rows) { buffer, initialized in
          guard rows > 0 else { return }
          try check(unsafe hoga_csv_reader_copy(handle, index, buffer.baseAddress), column: name)
          initialized = rows
        }
      }
      switch type {
      case .double: frame.append(name, .double(try copied()))
      case .int64: frame.append(name, .int64(try copied()))
      case .int32: frame.append(name, .int32(try copied()))
      case .bool: frame.append(name, .bool(try copied()))
      case .timestamp: frame.append(name, .timestamp(try copied()))
      case .decimal: preconditionFailure("decimals are not guessed")
      case .category:
        let codes: [Int32] = try copied()
        let levels = unsafe (0..<hoga_csv_reader_level_count(handle)).map { level in
          var length: Int64 = 0
          let bytes = unsafe hoga_csv_reader_level(handle, level, &length)
          // Arrow has checked that it is UTF-8.
          return unsafe validText(bytes, length) ?? ""
        }
        frame.append(name, .category(Categories(codes: codes, levels: levels)))
      }
    }
    return frame
  }
}
