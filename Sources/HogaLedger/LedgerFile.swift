internal import Glibc

/// What a ledger asks of the file system.
enum LedgerFile {
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
