internal import Glibc
internal import HogaCore

/// A file on its way into the mirror, hidden until it is whole: `.<name>.part`.
///
/// The name is the same in every run, so that a run that was killed leaves a part that the next one
/// goes on from. Only one run at a time works on a mirror; its lock is the folder's.
package final class PartFile {
  private let path: String
  private let partPath: String
  private let descriptor: Int32
  private var isOpen = true
  package private(set) var size: Int64

  /// - Parameter path: of the file that it will be; its folder has to exist.
  package init(path: String) throws {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    self.path = path
    partPath = path[..<slash] + "." + path[slash...] + ".part"
    descriptor = open(partPath, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw ResourceError("\(partPath): \(systemMessage(errno))") }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else {
      close(descriptor)
      throw ResourceError("\(partPath): \(systemMessage(errno))")
    }
    size = Int64(information.st_size)
  }

  deinit { abandon() }

  /// Forgets all bytes.
  package func restart() throws {
    guard ftruncate(descriptor, 0) == 0 else { throw failed("emptying") }
    size = 0
  }

  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    var offset = 0
    while offset < bytes.count {
      let count = unsafe pwrite(
        descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset, Int(size))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failed("writing") }
      offset += count
      size += Int64(count)
    }
  }

  package func append(_ text: String) throws {
    try Array(text.utf8).withUnsafeBytes { try unsafe append($0) }
  }

  /// The first bytes, at most `count`.
  package func head(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = unsafe pread(descriptor, &bytes, count, 0)
    guard read >= 0 else { throw failed("reading") }
    return Array(bytes[..<read])
  }

  package func digest() throws -> String { try SHA256.digest(ofFile: descriptor, path: partPath) }

  /// Brings the bytes to the disk and makes them visible, replacing what was there.
  package func publish() throws {
    guard fsync(descriptor) == 0 else { throw failed("flushing") }
    guard rename(partPath, path) == 0 else { throw failed("renaming") }
    close(descriptor)
    isOpen = false
  }

  /// Removes the part; does nothing after `publish`.
  package func abandon() {
    guard isOpen else { return }
    isOpen = false
    unlink(partPath)
    close(descriptor)
  }

  private func failed(_ what: String) -> ResourceError {
    ResourceError("\(partPath): \(what) failed: \(systemMessage(errno))")
  }
}
