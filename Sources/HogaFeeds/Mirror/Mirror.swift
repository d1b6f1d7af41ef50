internal import Foundation
internal import HogaCore

/// A folder that holds files of an archive under the archive's own paths, each with its checksum.
///
/// A file that is visible is whole: it was compared with its checksum before it got its name, and
/// the checksum stays beside it, so that every later run can tell.
@safe package final class Mirror: Sendable {
  package enum State: Hashable, Sendable {
    case absent
    /// Equal to the checksum beside it; so many bytes.
    case verified(Int64)
    /// No checksum beside it.
    case unproven(digest: String)
    /// Not what its checksum says.
    case damaged
  }

  package let root: String
  private let lock: Int32

  /// Opens the folder, which is made where it is missing.
  ///
  /// - Throws: `ResourceError` where that fails, or where another run is at work in it.
  package init(root: String) throws {
    self.root = root
    do {
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    } catch {
      throw ResourceError("\(root): the folder cannot be made: \(error.localizedDescription)")
    }
    lock = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard lock >= 0 else { throw ResourceError("\(root): \(systemMessage(errno))") }
    if flock(lock, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(lock)
      throw ResourceError("\(root): another download is at work in this folder")
    }
  }

  deinit { close(lock) }

  /// Lets the next run in, also while something still holds this value.
  package func unlock() { flock(lock, LOCK_UN) }

  package func path(_ file: String) -> String { "\(root)/\(file)" }

  package func state(of file: String) throws -> State {
    let path = path(file)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return .absent }
      throw ResourceError("\(path): \(systemMessage(errno))")
    }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else {
      throw ResourceError("\(path): \(systemMessage(errno))")
    }
    let digest = try SHA256.digest(ofFile: descriptor, path: path)
    guard let text = try? TextFile.read(path + Checksum.suffix),
      let checksum = try? Checksum(text, of: Self.name(of: file))
    else { return .unproven(digest: digest) }
    return checksum.digest == digest ? .verified(Int64(information.st_size)) : .damaged
  }

  /// Begins a file, or goes on with what a killed run left of it.
  package func begin(_ file: String) throws -> PartFile {
    let folder = path(file).split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw ResourceError("\(folder): the folder cannot be made: \(error.localizedDescription)")
    }
    return try PartFile(path: path(file))
  }

  /// Makes a whole file visible, with its checksum first: one without the other proves nothing.
  package func publish(_ part: PartFile, as file: String, digest: String) throws {
    try writeChecksum(digest, of: file)
    try part.publish()
  }

  package func writeChecksum(_ digest: String, of file: String) throws {
    let part = try PartFile(path: path(file) + Checksum.suffix)
    try part.restart()
    try part.append(Checksum(digest: digest, name: Self.name(of: file)).text)
    try part.publish()
  }

  /// Removes a file that is not what it should be.
  package func remove(_ file: String) throws {
    guard unlink(path(file)) == 0 || errno == ENOENT else {
      throw ResourceError("\(path(file)): \(systemMessage(errno))")
    }
  }

  private static func name(of file: String) -> String {
    file.split(separator: "/").last.map(String.init) ?? file
  }
}
