internal import Foundation
internal import HogaCore

/// Bytes that are read once, front to back.
///
/// One call hands over up to a megabyte, so the dynamic dispatch costs nothing.
package protocol ByteStream: AnyObject {
  /// Fills the front of `buffer` and returns how many bytes it wrote; 0 means the end.
  ///
  /// - Throws: `TruncatedStream` where the data ends too early, `DataError` where it is damaged.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

  /// How far the file on disk was read, for progress.
  var position: Int64 { get }
}

/// Compressed data ends before its end mark: what came before it is whole and was checked as far
/// as the format allows, so whoever skips bad rows may keep it.
struct TruncatedStream: Error {
  var reason: String
}

/// The bytes of a file as they are.
final class FileStream: ByteStream {
  private let descriptor: Int32
  private let path: String
  private(set) var position: Int64 = 0

  init(path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
  }

  deinit { close(descriptor) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = unsafe Foundation.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 {
        position += Int64(count)
        return count
      }
      guard errno == EINTR else { throw Self.failure(path, errno) }
    }
  }

  /// What a failed call to the system means to the user.
  static func failure(_ path: String, _ code: Int32) -> any Error {
    if code == ENOENT || code == ENOTDIR { return MissingInputError("\(path): no such file") }
    return unsafe ResourceError("\(path): \(String(cString: strerror(code)))")
  }
}
