internal import CZip
internal import Foundation
internal import HogaCore

/// The files inside a zip archive.
@safe final class ZipArchive {
  let path: String
  let handle: OpaquePointer

  init(path: String) throws {
    self.path = path
    var code: Int32 = 0
    guard let handle = unsafe zip_open(path, ZIP_RDONLY, &code) else {
      if code == ZIP_ER_NOENT { throw MissingInputError("\(path): no such file") }
      var problem = unsafe zip_error_t()
      unsafe zip_error_init_with_code(&problem, code)
      defer { unsafe zip_error_fini(&problem) }
      throw DataError(
        unsafe "not a readable zip archive: \(String(cString: zip_error_strerror(&problem)))",
        file: path)
    }
    unsafe self.handle = handle
  }

  deinit { unsafe zip_discard(handle) }

  /// Names of the members that are files, in the archive's order, with their places.
  var files: [(name: String, index: UInt64)] {
    let count = unsafe max(0, zip_get_num_entries(handle, 0))
    return (0..<UInt64(count)).compactMap { index in
      guard let name = unsafe zip_get_name(handle, index, 0) else { return nil }
      let text = unsafe String(cString: name)
      return text.hasSuffix("/") ? nil : (text, index)
    }
  }

  func open(_ index: UInt64) throws -> ZipMemberStream {
    try ZipMemberStream(archive: self, index: index)
  }
}

/// The content of one member of a zip archive, checked against its CRC-32 at its end.
@safe final class ZipMemberStream: ByteStream {
  private let archive: ZipArchive
  private let handle: OpaquePointer
  private let compressedBytes: Int64
  private let totalBytes: Int64
  private var bytesRead: Int64 = 0

  fileprivate init(archive: ZipArchive, index: UInt64) throws {
    self.archive = archive
    var status = unsafe zip_stat_t()
    unsafe zip_stat_index(archive.handle, index, 0, &status)
    compressedBytes = Int64(clamping: status.comp_size)
    totalBytes = Int64(clamping: status.size)
    guard let handle = unsafe zip_fopen_index(archive.handle, index, 0) else {
      throw DataError(
        unsafe "cannot be unpacked: \(String(cString: zip_strerror(archive.handle)))",
        file: archive.path)
    }
    unsafe self.handle = handle
  }

  deinit { unsafe zip_fclose(handle) }

  /// In compressed bytes, as for other formats; between the ends it is estimated.
  var position: Int64 {
    guard totalBytes > 0 else { return 0 }
    return Int64(Double(compressedBytes) * (Double(bytesRead) / Double(totalBytes)))
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = unsafe zip_fread(handle, buffer.baseAddress, UInt64(buffer.count))
    guard count >= 0 else {
      throw DataError(
        unsafe """
        damaged zip data after byte \(bytesRead) of the content: \
        \(String(cString: zip_file_strerror(handle)))
        """, file: archive.path)
    }
    bytesRead += count
    return Int(count)
  }
}
