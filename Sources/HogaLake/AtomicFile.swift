internal import CLinux
internal import Foundation
internal import HogaCore
internal import Synchronization

/// A file that appears whole or not at all.
///
/// Bytes go to a hidden file in the same folder, `.<name>.<process>-<number>.tmp`. `publish` makes
/// them durable and renames, so that a reader sees the old file or the new one. The hidden file is
/// locked while its writer lives: what a killed writer left is recognised by its free lock, and
/// removed by the next writer of the same file. (A process number alone would not do: numbers are
/// used again, and mean nothing to another container.)
package final class AtomicFile {
  package let path: String
  package let temporaryPath: String
  package let descriptor: Int32
  private var isOpen = true

  private static let counter = Atomic(0)

  /// Begins the file; its folder has to exist.
  package init(path: String) throws {
    self.path = path
    let folder = Self.folder(of: path)
    let name = Self.name(of: path)
    Self.removeLeftovers(of: name, in: folder)
    while true {
      let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
      let temporary = "\(folder)/.\(name).\(getpid())-\(number).tmp"
      let descriptor = try Self.create(temporary)
      // A cleaner may come between creating and locking, and take the file for a leftover.
      flock(descriptor, LOCK_EX | LOCK_NB)
      var information = stat()
      if unsafe fstat(descriptor, &information) == 0, information.st_nlink > 0 {
        temporaryPath = temporary
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit { abandon() }

  /// Writes all bytes, for files that are small enough to be made in memory.
  package func write(_ text: String) throws {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw failed("writing failed", errno)
      }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Brings the bytes to the disk, still under the hidden name.
  package func flush() throws {
    guard fsync(descriptor) == 0 else { throw failed("flushing failed", errno) }
  }

  /// Makes the flushed file visible under its name, replacing what was there.
  package func publish(flushesFolder: Bool = true) throws {
    guard rename(temporaryPath, path) == 0 else { throw failed("renaming failed", errno) }
    close(descriptor)
    isOpen = false
    if flushesFolder { try Self.flushFolder(Self.folder(of: path)) }
  }

  /// Removes the hidden file; does nothing after `publish`.
  package func abandon() {
    guard isOpen else { return }
    isOpen = false
    // Removed while still locked, so that no cleaner meets a new file of the same name.
    unlink(temporaryPath)
    close(descriptor)
  }

  /// Brings a folder's entries to the disk.
  package static func flushFolder(_ folder: String) throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ResourceError("\(folder): \(systemMessage(errno))") }
    defer { close(descriptor) }
    // Some file systems cannot flush folders and say EINVAL; there is nothing more to do then.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw ResourceError("\(folder): flushing failed: \(systemMessage(errno))")
    }
  }

  /// Brings everything on a folder's disk there: for thousands of files, much quicker than one by one.
  package static func flushDisk(of folder: String) throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ResourceError("\(folder): \(systemMessage(errno))") }
    defer { close(descriptor) }
    guard syncfs(descriptor) == 0 else {
      throw ResourceError("\(folder): flushing failed: \(systemMessage(errno))")
    }
  }

  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  package static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  private func failed(_ what: String, _ errorNumber: Int32) -> ResourceError {
    ResourceError("\(path): \(what): \(systemMessage(errorNumber))")
  }

  private static func create(_ path: String) throws -> Int32 {
    let flags = O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC
    var descriptor = open(path, flags, 0o666)
    if descriptor < 0, errno == EMFILE, raiseFileLimit() { descriptor = open(path, flags, 0o666) }
    guard descriptor >= 0 else { throw ResourceError("\(path): \(systemMessage(errno))") }
    return descriptor
  }

  /// An import of many symbols holds many partitions open; shells often allow 1024 by default.
  private static func raiseFileLimit() -> Bool {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur < limit.rlim_max
    else { return false }
    limit.rlim_cur = limit.rlim_max
    return unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
  }

  /// Whether a hidden file's writer is alive.
  static func isBeingWritten(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }

  private static func removeLeftovers(of name: String, in folder: String) {
    // A folder that cannot be listed shows itself when the file is created.
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for entry in entries where entry.hasPrefix(".\(name).") && entry.hasSuffix(".tmp") {
      let path = "\(folder)/\(entry)"
      let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
    }
  }
}
