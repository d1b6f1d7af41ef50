internal import CArrow
internal import Foundation
public import HogaCore

/// A Parquet file opened for reading: ours, or one that another program wrote.
///
/// Foreign types are read as the nearest of Hoga's: 8- and 16-bit integers as `int32`, unsigned
/// 32- and 64-bit ones as `int64`, floats of 16 and 32 bits as `double`, timestamps of any unit as
/// nanoseconds (one without a zone is taken as UTC), dates as their midnight UTC, text as
/// `category`. A value that does not fit, or that would be taken for a null, is an error that
/// names column and row; so is a column of any other type when it is asked for.
///
/// Pages carry checksums in files of ours, and they are verified.
///
/// Not for several tasks at once: open the file once per task, which costs one read of the footer.
public final class ParquetFile {
  public let path: String
  public let rowCount: Int
  /// Key-value pairs of the footer.
  public let metadata: [String: String]
  /// Rows of each row group.
  public let rowGroupRows: [Int]
  private let fields: [Field]
  private let indexOf: [String: Int]
  private let handle: OpaquePointer

  private struct Field {
    let name: String
    let typeText: String
    /// `nil` where the type is not supported.
    let type: ColumnType?
  }

  /// - Throws: `MissingInputError`, `ResourceError`, or `DataError` where the file is not Parquet,
  ///   is cut short, or contradicts itself.
  public init(_ path: String) throws {
    let descriptor = try openForReading(path)
    guard let handle = unsafe hoga_parquet_reader_create() else {
      close(descriptor)
      throw ResourceError("\(path): out of memory")
    }
    let status = unsafe hoga_parquet_reader_open(handle, descriptor)
    guard status == HOGA_ARROW_OK else {
      let error = unsafe arrowError(
        status, message: hoga_parquet_reader_message(handle),
        errorNumber: hoga_parquet_reader_errno(handle), file: path)
      unsafe hoga_parquet_reader_destroy(handle)
      throw error
    }
    unsafe self.handle = handle
    self.path = path
    rowCount = Int(unsafe hoga_parquet_reader_rows(handle))
    rowGroupRows = unsafe (0..<hoga_parquet_reader_groups(handle)).map {
      Int(unsafe hoga_parquet_reader_group_rows(handle, $0))
    }
    fields = unsafe (0..<hoga_parquet_reader_columns(handle)).map { unsafe Self.field(handle, $0) }
    indexOf = Dictionary(
      fields.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { _, _ in -1 })
    metadata = unsafe Self.metadata(of: handle)
  }

  deinit { unsafe hoga_parquet_reader_destroy(handle) }

  public var rowGroupCount: Int { rowGroupRows.count }

  /// The columns that can be read, in the file's order.
  public var schema: [ColumnSchema] {
    fields.compactMap { field in field.type.map { ColumnSchema(field.name, $0) } }
  }

  /// Names and types of the columns that cannot be read.
  public var unsupportedColumns: [(name: String, type: String)] {
    fields.filter { $0.type == nil }.map { ($0.name, $0.typeText) }
  }

  public func contains(_ name: String) -> Bool { indexOf[name] != nil }

  /// Reads columns, in the order asked for, of some row groups.
  ///
  /// - Parameters:
  ///   - columns: their names; all where `nil`.
  ///   - rowGroups: their places, in any order; all where `nil`.
  public func read(columns: [String]? = nil, rowGroups: [Int]? = nil) throws -> Frame {
    let groups = rowGroups ?? Array(rowGroupRows.indices)
    precondition(groups.allSatisfy(rowGroupRows.indices.contains), "no such row group")
    var frame = Frame()
    for name in columns ?? fields.map(\.name) {
      frame.append(name, try readColumn(try index(of: name), groups))
    }
    unsafe hoga_parquet_reader_unload(handle)
    return frame
  }

  /// Hands out one row group after the other, so that memory holds one at a time.
  public func chunks(
    columns: [String]? = nil, rowGroups: [Int]? = nil
  ) -> () throws -> Frame? {
    var left = (rowGroups ?? Array(rowGroupRows.indices))[...]
    return { try left.popFirst().map { try self.read(columns: columns, rowGroups: [$0]) } }
  }

  /// The row groups that may hold a value of the range, by the file's statistics.
  ///
  /// Groups without statistics are kept. The bounds are in units of memory: nanoseconds, or counts
  /// of a decimal.
  public func rowGroups(where name: String, overlaps range: Range<Int64>) throws -> [Int] {
    let column = Int32(try index(of: name))
    return rowGroupRows.indices.filter { group in
      var smallest: Int64 = 0
      var largest: Int64 = 0
      let known = unsafe hoga_parquet_reader_range(
        handle, Int32(group), column, &smallest, &largest)
      return known == 0 || (smallest < range.upperBound && largest >= range.lowerBound)
    }
  }

  /// Reads the rows whose timestamp in `timeColumn` is in a range, skipping row groups outside it.
  public func chunks(
    columns: [String]? = nil, where timeColumn: String, in range: Range<Timestamp>
  ) throws -> () throws -> Frame? {
    let bounds = range.lowerBound.nanoseconds..<range.upperBound.nanoseconds
    let names = columns ?? fields.map(\.name)
    let isExtra = !names.contains(timeColumn)
    let next = chunks(
      columns: isExtra ? names + [timeColumn] : names,
      rowGroups: try rowGroups(where: timeColumn, overlaps: bounds))
    return {
      while let frame = try next() {
        let times = try frame.int64s(timeColumn)
        var kept: Frame
        if times.allSatisfy(bounds.contains) {
          kept = frame
        } else {
          kept = frame.gathered(times.indices.filter { bounds.contains(times[$0]) })
        }
        guard kept.rowCount > 0 else { continue }
        return isExtra ? try kept.selecting(names) : kept
      }
      return nil
    }
  }

  /// Bytes that a column takes in the file.
  public func storedBytes(of name: String) throws -> Int64 {
    let column = Int32(try index(of: name))
    return rowGroupRows.indices.reduce(0) { bytes, group in
      unsafe bytes + hoga_parquet_reader_chunk_bytes(handle, Int32(group), column)
    }
  }

  private func index(of name: String) throws -> Int {
    guard let index = indexOf[name] else {
      let shown = fields.prefix(8).map(\.name).joined(separator: ", ")
      throw DataError(
        "no such column; there are \(fields.count): \(shown)\(fields.count > 8 ? ", …" : "")",
        file: path, column: name)
    }
    guard index >= 0 else {
      throw DataError("is there more than once", file: path, column: name)
    }
    guard fields[index].type != nil else {
      throw DataError(
        "type \(fields[index].typeText) is not supported; choose columns without it",
        file: path, column: name)
    }
    return index
  }

  private func readColumn(_ index: Int, _ groups: [Int]) throws -> Column {
    guard let type = fields[index].type else { preconditionFailure("checked by index(of:)") }
    var rows: Int64 = 0
    let numbers = groups.map { Int32($0) }
    try check(
      unsafe hoga_parquet_reader_load(handle, Int32(index), numbers, Int32(numbers.count), &rows),
      column: index)
    let count = Int(rows)
    switch type {
    case .double: return .double(try copied(index, count))
    case .int64: return .int64(try copied(index, count))
    case .int32: return .int32(try copied(index, count))
    case .bool: return .bool(try copied(index, count))
    case .timestamp: return .timestamp(try copied(index, count))
    case .decimal(let scale): return .decimal(try copied(index, count), scale: scale)
    case .category:
      let codes: [Int32] = try copied(index, count)
      let levelCount = unsafe hoga_parquet_reader_level_count(handle)
      let levels = try (0..<levelCount).map { level in
        var length: Int64 = 0
        let bytes = unsafe hoga_parquet_reader_level(handle, level, &length)
        guard let text = unsafe validText(bytes, length) else {
          throw DataError("holds text that is not UTF-8", file: path, column: fields[index].name)
        }
        return text
      }
      return .category(Categories(codes: codes, levels: levels))
    }
  }

  /// The loaded column's values. `Value` is the storage of the column's kind, and the shim writes
  /// every one of `count` values (bools as 0 or 1), or fails.
  private func copied<Value>(_ index: Int, _ count: Int) throws -> [Value] {
    try unsafe [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard count > 0 else { return }
      try check(unsafe hoga_parquet_reader_copy(handle, buffer.baseAddress), column: index)
      initialized = count
    }
  }

  private func check(_ status: HogaArrowStatus, column: Int) throws {
    guard status != HOGA_ARROW_OK else { return }
    throw unsafe arrowError(
      status, message: hoga_parquet_reader_message(handle),
      errorNumber: hoga_parquet_reader_errno(handle), file: path, column: fields[column].name)
  }

  private static func field(_ handle: OpaquePointer, _ column: Int32) -> Field {
    let scale = Int(unsafe hoga_parquet_reader_column_scale(handle, column))
    return unsafe Field(
      name: String(cString: hoga_parquet_reader_column_name(handle, column)),
      typeText: String(cString: hoga_parquet_reader_column_type(handle, column)),
      type: ColumnType(arrowKind: hoga_parquet_reader_column_kind(handle, column), scale: scale))
  }

  private static func metadata(of handle: OpaquePointer) -> [String: String] {
    var pairs: [String: String] = [:]
    for index in 0..<(unsafe hoga_parquet_reader_metadata_count(handle)) {
      var keyLength: Int64 = 0
      var valueLength: Int64 = 0
      let key = unsafe hoga_parquet_reader_metadata_key(handle, index, &keyLength)
      let value = unsafe hoga_parquet_reader_metadata_value(handle, index, &valueLength)
      // Foreign pairs may hold binary; they are of no use as text and left out.
      if let key = unsafe validText(key, keyLength),
        let value = unsafe validText(value, valueLength)
      {
        pairs[key] = value
      }
    }
    return pairs
  }
}

/// Text of a C buffer, or `nil` where it is not UTF-8.
func validText(_ bytes: UnsafePointer<CChar>?, _ length: Int64) -> String? {
  unsafe bytes?.withMemoryRebound(to: UInt8.self, capacity: Int(length)) {
    unsafe String(
      validating: UnsafeBufferPointer(start: $0, count: Int(length)), as: UTF8.self)
  }
}

extension ColumnType {
  /// `nil` where the kind is not supported.
  init?(arrowKind: HogaArrowKind, scale: Int) {
    switch Int(arrowKind) {
    case HOGA_ARROW_DOUBLE: self = .double
    case HOGA_ARROW_INT64: self = .int64
    case HOGA_ARROW_INT32: self = .int32
    case HOGA_ARROW_BOOL: self = .bool
    case HOGA_ARROW_TIMESTAMP: self = .timestamp
    case HOGA_ARROW_DECIMAL: self = .decimal(scale: scale)
    case HOGA_ARROW_CATEGORY: self = .category
    default: return nil
    }
  }

  var arrowKind: HogaArrowKind {
    switch self {
    case .double: HogaArrowKind(HOGA_ARROW_DOUBLE)
    case .int64: HogaArrowKind(HOGA_ARROW_INT64)
    case .int32: HogaArrowKind(HOGA_ARROW_INT32)
    case .bool: HogaArrowKind(HOGA_ARROW_BOOL)
    case .timestamp: HogaArrowKind(HOGA_ARROW_TIMESTAMP)
    case .decimal: HogaArrowKind(HOGA_ARROW_DECIMAL)
    case .category: HogaArrowKind(HOGA_ARROW_CATEGORY)
    }
  }
}
