internal import CArrow
internal import Foundation
public import HogaCore

/// Writes a Parquet file that appears whole at `commit`, or not at all.
///
/// Rows are gathered and written in row groups of bounded size, so memory does not grow with the
/// file. Compression is Zstandard, pages carry checksums, decimals are stored as 64-bit integers
/// with their scale, timestamps as nanoseconds in UTC, categories as dictionaries; `ColumnEncoding`
/// says how each column is encoded. Any reader of Parquet can open the file.
///
/// A writer that is not committed leaves nothing behind, whether it is abandoned, dropped or its
/// process is killed (the next writer of the same path removes what a killed one left).
public final class ParquetWriter {
  public let path: String
  public let schema: [ColumnSchema]
  /// Rows handed in so far.
  public private(set) var rowCount = 0
  private var metadata: [String: String]
  private let groupRows: Int
  private let content: ColumnEncoding.Content
  private let file: AtomicFile
  /// `nil` until the first row group: encodings are chosen by looking at it.
  private var handle: OpaquePointer?
  private var pending: Frame
  private var state = State.writing

  private enum State { case writing, finished, done }

  /// At most this many rows make a row group.
  public static let maximumGroupRows = 128 * 1024
  /// About what a row group of a wide table takes in memory.
  private static let maximumGroupBytes = 64 << 20

  /// Begins a file; its folder has to exist.
  ///
  /// - Parameters:
  ///   - schema: the columns, with distinct names.
  ///   - metadata: key-value pairs of the footer.
  ///   - rowGroupRows: rows of a row group; chosen by the width of a row where `nil`.
  /// - Throws: `ResourceError` where the file cannot be made, `UsageError` for a schema without
  ///   columns, or with names that are empty or repeated.
  public convenience init(
    path: String, schema: [ColumnSchema], metadata: [String: String] = [:],
    rowGroupRows: Int? = nil
  ) throws {
    try self.init(
      path: path, schema: schema, metadata: metadata, rowGroupRows: rowGroupRows, content: .events)
  }

  init(
    path: String, schema: [ColumnSchema], metadata: [String: String], rowGroupRows: Int? = nil,
    content: ColumnEncoding.Content
  ) throws {
    guard !schema.isEmpty else { throw UsageError("\(path): a table needs a column") }
    guard Set(schema.map(\.name)).count == schema.count else {
      throw UsageError("\(path): two columns have the same name")
    }
    for field in schema where field.name.isEmpty || field.name.utf8.contains(0) {
      throw UsageError("\(path): a column has no usable name")
    }
    precondition(rowGroupRows ?? 1 > 0, "a row group holds at least one row")
    self.path = path
    self.schema = schema
    self.metadata = metadata
    self.content = content
    groupRows =
      rowGroupRows
      ?? max(1024, min(Self.maximumGroupRows, Self.maximumGroupBytes / (8 * schema.count)))
    pending = Frame(schema: schema)
    file = try AtomicFile(path: path)
  }

  deinit { abandon() }

  /// Sets a pair of the footer, up to the commit.
  public func setMetadata(_ key: String, _ value: String) { metadata[key] = value }

  /// Adds rows. The frame's columns may be in any order.
  ///
  /// - Throws: `DataError` where names or types differ from the schema, `ResourceError` where the
  ///   disk is full. After an error the writer is abandoned.
  public func append(_ frame: Frame) throws {
    precondition(state == .writing, "\(path) is written already")
    let frame = try conforming(frame)
    do {
      var start = 0
      while pending.rowCount + frame.rowCount - start >= groupRows {
        let taken = groupRows - pending.rowCount
        let rows = start..<(start + taken)
        if pending.rowCount == 0 {
          try writeGroup(frame, rows: rows)
        } else {
          pending.append(rowsOf: frame.rows(rows))
          try flush()
        }
        start += taken
      }
      if start < frame.rowCount {
        let rest = start == 0 ? frame : frame.rows(start..<frame.rowCount)
        if pending.rowCount == 0 { pending = rest } else { pending.append(rowsOf: rest) }
      }
      rowCount += frame.rowCount
    } catch {
      abandon()
      throw error
    }
  }

  package var isFinished: Bool { state == .finished }

  /// About how much memory the rows take that are not written yet.
  package var pendingBytes: Int { pending.rowCount * schema.count * 8 }

  /// Writes the gathered rows as a row group, though it may be a small one.
  package func flush() throws {
    guard pending.rowCount > 0 else { return }
    let group = pending
    pending = Frame(schema: schema)
    try writeGroup(group, rows: 0..<group.rowCount)
  }

  /// Completes the file, makes it durable and gives it its name.
  public func commit() throws {
    try finish()
    try publish()
  }

  /// Completes the file, still hidden, and brings it to the disk unless the caller will do so.
  package func finish(flushes: Bool = true) throws {
    precondition(state == .writing, "\(path) is written already")
    do {
      try flush()
      let handle = try unsafe self.handle ?? open(encodings: nil)
      for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
        try check(unsafe hoga_parquet_writer_add_metadata(handle, key, value))
      }
      try check(unsafe hoga_parquet_writer_close(handle))
      unsafe hoga_parquet_writer_destroy(handle)
      unsafe self.handle = nil
      if flushes { try file.flush() }
      state = .finished
    } catch {
      abandon()
      throw error
    }
  }

  /// Gives a finished file its name, and brings that to the disk unless the caller will do so.
  package func publish(flushes: Bool = true) throws {
    precondition(state == .finished, "\(path) is not finished")
    state = .done
    do {
      try file.publish(flushesFolder: flushes)
    } catch {
      file.abandon()
      throw error
    }
  }

  /// Gives the file up and removes what was written. Does nothing after a commit.
  public func abandon() {
    state = .done
    if let handle = unsafe handle { unsafe hoga_parquet_writer_destroy(handle) }
    unsafe handle = nil
    file.abandon()
  }

  private func conforming(_ frame: Frame) throws -> Frame {
    for field in schema {
      let type = try frame.column(field.name).type
      guard type == field.type else {
        throw DataError("is \(type), the file has \(field.type)", file: path, column: field.name)
      }
    }
    guard frame.columnCount == schema.count else {
      let known = Set(schema.map(\.name))
      throw DataError(
        "is not a column of the file", file: path, column: frame.names.first { !known.contains($0) }
      )
    }
    let names = schema.map(\.name)
    return frame.names == names ? frame : try frame.selecting(names)
  }

  private func open(encodings: [ColumnEncoding]?) throws -> OpaquePointer {
    guard let handle = unsafe hoga_parquet_writer_create() else {
      throw ResourceError("\(path): out of memory")
    }
    unsafe self.handle = handle
    for (index, field) in schema.enumerated() {
      var scale = 0
      if case .decimal(let decimals) = field.type { scale = decimals }
      try check(
        unsafe hoga_parquet_writer_add_column(
          handle, field.name, field.type.arrowKind, Int32(scale),
          (encodings?[index] ?? .plain).rawValue))
    }
    try check(
      unsafe hoga_parquet_writer_open(handle, file.descriptor, content.zstandardLevel))
    return unsafe handle
  }

  private func writeGroup(_ frame: Frame, rows: Range<Int>) throws {
    let handle =
      try unsafe self.handle
      ?? open(
        encodings: frame.columns.map { ColumnEncoding(for: $0, rows: rows, content: content) })
    try check(unsafe hoga_parquet_writer_begin_group(handle, Int64(rows.count)))
    for column in frame.columns {
      switch column {
      case .double(let values): try unsafe write(values, rows, handle)
      case .int64(let values), .timestamp(let values), .decimal(let values, _):
        try unsafe write(values, rows, handle)
      case .int32(let values): try unsafe write(values, rows, handle)
      case .bool(let values): try unsafe write(values, rows, handle)
      case .category(let categories): try unsafe write(categories, rows, handle)
      }
    }
  }

  private func write<Value>(
    _ values: [Value], _ rows: Range<Int>, _ handle: OpaquePointer
  ) throws {
    let status = unsafe values[rows].withUnsafeBytes {
      unsafe hoga_parquet_writer_column(handle, $0.baseAddress)
    }
    try check(status)
  }

  private func write(
    _ categories: Categories, _ rows: Range<Int>, _ handle: OpaquePointer
  ) throws {
    var bytes: [CChar] = []
    var offsets: [Int32] = [0]
    for level in categories.levels {
      bytes.append(contentsOf: level.utf8.lazy.map { CChar(bitPattern: $0) })
      guard let offset = Int32(exactly: bytes.count) else {
        throw DataError("holds more than 2 GiB of different texts", file: path)
      }
      offsets.append(offset)
    }
    let levelCount = Int32(categories.levels.count)
    let status = unsafe categories.codes[rows].withUnsafeBufferPointer {
      unsafe hoga_parquet_writer_categories(
        handle, $0.baseAddress, bytes, offsets, levelCount)
    }
    try check(status)
  }

  private func check(_ status: HogaArrowStatus) throws {
    guard status != HOGA_ARROW_OK else { return }
    throw unsafe arrowError(
      status, message: handle.flatMap { unsafe hoga_parquet_writer_message($0) },
      errorNumber: handle.map { unsafe hoga_parquet_writer_errno($0) } ?? 0, file: path)
  }
}
