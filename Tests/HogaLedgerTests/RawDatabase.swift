import CSQLite
import HogaCore

/// A database as other programs see it.
enum RawDatabase {
  static func execute(_ sql: String, in path: String) throws {
    var handle: OpaquePointer?
    defer { sqlite3_close_v2(handle) }
    guard sqlite3_open(path, &handle) == SQLITE_OK,
      sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK
    else { throw ResourceError(String(cString: sqlite3_errmsg(handle))) }
  }
}
