internal import Glibc

/// Text files, read whole and written whole.
///
/// The only files the core knows: models, reports, settings and results all need them, and share no
/// other module.
package enum TextFile {
  /// - Throws: `MissingInputError` where there is no such file, `DataError` where it is not UTF-8,
  ///   `ResourceError` where it cannot be read.
  package static func read(_ path: String) throws -> String {
    guard let file = unsafe fopen(path, "rb") else {
      if errno == ENOENT { throw MissingInputError("\(path): no such file") }
      throw ResourceError(unsafe "\(path): \(String(cString: strerror(errno)))")
    }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, file)
      bytes += buffer[..<count]
      if count < buffer.count { break }
    }
    guard unsafe ferror(file) == 0 else {
      throw ResourceError(unsafe "\(path): \(String(cString: strerror(errno)))")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DataError("not text in UTF-8", file: path)
    }
    return text
  }

  /// Into a temporary file beside it, flushed to disk, then renamed: a reader sees the old file or
  /// the new one.
  ///
  /// - Throws: `ResourceError`; the old file, if any, is as it was.
  package static func write(_ text: String, to path: String) throws {
    let temporary = "\(path).\(getpid()).tmp"
    func failure(_ step: String) -> ResourceError {
      let reason = unsafe String(cString: strerror(errno))
      unsafe unlink(temporary)
      return ResourceError("\(path): cannot \(step): \(reason)")
    }
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("create") }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        let error = failure("write")
        close(descriptor)
        throw error
      }
      bytes = bytes.dropFirst(written)
    }
    guard fsync(descriptor) == 0 else {
      let error = failure("flush")
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw failure("close") }
    guard unsafe rename(temporary, path) == 0 else { throw failure("rename") }
  }
}
