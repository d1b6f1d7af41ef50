internal import CSQLite
internal import HogaCore

/// A connection to an SQLite database, with one owner.
struct SQLiteConnection: ~Copyable {
  private let handle: OpaquePointer
  let path: String

  /// - Parameters:
  ///   - creating: makes an empty database where there is no file.
  ///   - patience: how long to wait for other processes.
  /// - Throws: `MissingInputError` where there is no file, `ResourceError`.
  init(_ path: String, creating: Bool, patience: TimeSpan) throws {
    let flags = SQLITE_OPEN_READWRITE | (creating ? SQLITE_OPEN_CREATE : 0)
    var opened: OpaquePointer?
    let status = unsafe sqlite3_open_v2(path, &opened, flags, nil)
    guard let handle = unsafe opened else { throw ResourceError("\(path): no memory") }
    guard status == SQLITE_OK else {
      let error = unsafe Self.failure(handle, path)
      unsafe sqlite3_close_v2(handle)
      throw error
    }
    let milliseconds = Int32(clamping: patience.nanoseconds / 1_000_000)
    unsafe sqlite3_busy_timeout(handle, milliseconds)
    unsafe self.handle = handle
    self.path = path
  }

  deinit { unsafe sqlite3_close_v2(handle) }

  /// Runs one or more statements that give no rows.
  borrowing func execute(_ sql: String) throws {
    guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw unsafe Self.failure(handle, path)
    }
  }

  /// The whole number that a statement gives.
  borrowing func integer(_ sql: String) throws -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  borrowing func prepare(_ sql: String) throws -> SQLiteStatement {
    var prepared: OpaquePointer?
    guard unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK,
      let statement = unsafe prepared
    else { throw unsafe Self.failure(handle, path) }
    return unsafe SQLiteStatement(statement, of: handle, path)
  }

  /// Runs `body` in a transaction: all of it happens, or nothing.
  ///
  /// - Parameter writing: takes the lock to write at once, so that two processes cannot both read and
  ///   then wait for each other.
  borrowing func transaction<Value>(
    writing: Bool, _ body: (borrowing SQLiteConnection) throws -> Value
  ) throws -> Value {
    try execute(writing ? "BEGIN IMMEDIATE" : "BEGIN")
    do {
      let value = try body(self)
      try execute("COMMIT")
      return value
    } catch {
      // SQLite may have rolled back itself, as on a full disk; the first error is the one to tell.
      if unsafe sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
      throw error
    }
  }

  borrowing func lastRow() -> Int64 { unsafe sqlite3_last_insert_rowid(handle) }

  fileprivate static func failure(_ handle: OpaquePointer, _ path: String) -> any Error {
    let reason = unsafe String(cString: sqlite3_errmsg(handle))
    switch unsafe sqlite3_errcode(handle) & 0xFF {
    case SQLITE_NOTADB, SQLITE_CORRUPT:
      return DataError("is not a ledger of trials, or damaged: \(reason)", file: path)
    case SQLITE_BUSY, SQLITE_LOCKED:
      return ResourceError("\(path): other processes are writing to it without end")
    case SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE:
      return DataError("does not have the shape of a ledger: \(reason)", file: path)
    default: return ResourceError("\(path): \(reason)")
    }
  }
}

/// A statement of SQL under way. It must not outlive its connection.
struct SQLiteStatement: ~Copyable {
  private let handle: OpaquePointer
  private let connection: OpaquePointer
  private let path: String

  fileprivate init(_ handle: OpaquePointer, of connection: OpaquePointer, _ path: String) {
    unsafe self.handle = handle
    unsafe self.connection = connection
    self.path = path
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Goes to the next row, and says whether there is one.
  borrowing func step() throws -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw unsafe SQLiteConnection.failure(connection, path)
    }
  }

  /// Begins anew with other values.
  borrowing func reset() { unsafe sqlite3_reset(handle) }

  private static var copies: sqlite3_destructor_type {
    // SQLITE_TRANSIENT is a macro with a cast that Swift does not see.
    unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }

  private borrowing func check(_ status: Int32) throws {
    guard status == SQLITE_OK else { throw unsafe SQLiteConnection.failure(connection, path) }
  }

  // Parameters count from 1, columns from 0, as in SQLite.

  borrowing func bind(_ index: Int32, _ value: String) throws {
    let bytes = Array(value.utf8)
    try check(
      unsafe bytes.withUnsafeBytes {
        let text = unsafe $0.baseAddress?.assumingMemoryBound(to: CChar.self)
        // The address of no bytes may be nil, which would be a null and not an empty text.
        return unsafe text == nil
          ? sqlite3_bind_text(handle, index, "", 0, Self.copies)
          : sqlite3_bind_text(handle, index, text, Int32(clamping: $0.count), Self.copies)
      })
  }

  borrowing func bind(_ index: Int32, _ value: Int64?) throws {
    guard let value else { return try check(unsafe sqlite3_bind_null(handle, index)) }
    try check(unsafe sqlite3_bind_int64(handle, index, value))
  }

  borrowing func bind(_ index: Int32, _ value: Double?) throws {
    guard let value else { return try check(unsafe sqlite3_bind_null(handle, index)) }
    try check(unsafe sqlite3_bind_double(handle, index, value))
  }

  /// Doubles as little-endian bytes.
  borrowing func bind(_ index: Int32, _ values: [Double]?) throws {
    guard let values else { return try check(unsafe sqlite3_bind_null(handle, index)) }
    let words = values.map(\.bitPattern.littleEndian)
    try check(
      unsafe words.withUnsafeBytes {
        unsafe sqlite3_bind_blob(
          handle, index, $0.baseAddress, Int32(clamping: $0.count), Self.copies)
      })
  }

  borrowing func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
  }
  borrowing func integer(_ column: Int32) -> Int64 {
    unsafe sqlite3_column_int64(handle, column)
  }
  borrowing func optionalDouble(_ column: Int32) -> Double? {
    isNull(column) ? nil : unsafe sqlite3_column_double(handle, column)
  }
  borrowing func text(_ column: Int32) -> String {
    unsafe sqlite3_column_text(handle, column).map { unsafe String(cString: $0) } ?? ""
  }

  /// - Returns: `nil` of null and of bytes that are no whole number of doubles.
  borrowing func doubles(_ column: Int32) -> [Double]? {
    guard let start = unsafe sqlite3_column_blob(handle, column) else { return nil }
    let size = Int(unsafe sqlite3_column_bytes(handle, column))
    guard size.isMultiple(of: 8) else { return nil }
    return stride(from: 0, to: size, by: 8).map { offset in
      // In bounds: offset + 8 <= size.
      Double(
        bitPattern: UInt64(
          littleEndian: unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
    }
  }
}
