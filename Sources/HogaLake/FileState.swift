internal import Foundation
internal import HogaCore

/// What tells one state of a file from another.
package struct FileState: Hashable, Sendable {
  package let size: Int64
  /// Nanoseconds since 1970 UTC.
  package let modified: Int64
  private let inode: UInt64

  package init(_ path: String) throws {
    var information = stat()
    guard unsafe stat(path, &information) == 0 else { throw openError(errno, file: path) }
    size = Int64(information.st_size)
    modified =
      Int64(information.st_mtim.tv_sec) * 1_000_000_000 + Int64(information.st_mtim.tv_nsec)
    inode = UInt64(information.st_ino)
  }

  func matches(_ entry: PartitionCoverage) -> Bool {
    size == entry.bytes && modified == entry.modified
  }

  /// The state of a file, or `nil` where there is none.
  package static func ofFile(_ path: String) -> FileState? { try? FileState(path) }
}
