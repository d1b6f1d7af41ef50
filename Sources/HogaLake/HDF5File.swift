internal import CHDF5
internal import Foundation
public import HogaCore
internal import Synchronization

/// Tables in HDF5, as pandas and h5py open them.
///
/// ```python
/// frame = pandas.read_hdf("day.h5", "table")              # the layout of PyTables' “fixed” frames
/// blocks = h5py.File("day.h5")["table"]                   # block0_items, block0_values, …
/// ```
///
/// The texts and times at the front (`symbol`, `time`) are the index; numbers lie in one
/// two-dimensional array per kind, rows by columns, chunked by column and packed with shuffle and
/// gzip. Times are UTC without saying so: pandas reads them as naive. Whole numbers with nulls are
/// floats, as in pandas; decimals are floats, too. `layout` holds Hoga's own description, JSON in
/// bytes.
///
/// The first 512 bytes, which HDF5 leaves to its users, hold length and digest of the rest. Hoga
/// reads back its own files alone, and those only while they are whole: the library is not made for
/// files that lie.
public enum HDF5File {
  static let userBlock = 512
  private static let chunkRows = 16_384
  private static let gzipLevel: UInt32 = 3
  private static let mark = "hoga hdf5 1 "
  static let layoutName = "layout"

  /// Writes a frame under a group's name; the file appears whole or not at all.
  ///
  /// - Throws: `UsageError` for a frame that the layout cannot hold (no row, no number, text behind
  ///   numbers, integers beyond 2⁵³ among nulls), `ResourceError` where the disk is full.
  public static func write(
    _ frame: Frame, to path: String, key: String = "table", metadata: [String: String] = [:]
  ) throws {
    guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x2f && $0 != 0x2e }), key != ""
    else { throw UsageError("'\(key)' cannot name a group") }
    let layout = try HDF5Layout(frame, metadata: metadata, path: path)
    let file = try AtomicFile(path: path)
    defer { file.abandon() }
    try HDF5Handle.lock.withLock { _ in
      hoga_h5_quiet()
      try write(frame, layout, key, to: file.temporaryPath)
    }
    try seal(file)
    try file.flush()
    try file.publish()
  }

  private static func write(
    _ frame: Frame, _ layout: HDF5Layout, _ key: String, to path: String
  ) throws {
    let creation = try HDF5Handle.list(hoga_h5_creation(UInt64(userBlock)), path)
    let access = try HDF5Handle.list(hoga_h5_access(), path)
    let file = unsafe hoga_h5_create_file(path, creation.id, access.id)
    guard file >= 0 else { throw HDF5Handle.failure(path) }
    var isOpen = true
    // Closing writes what waits, so it can fail; a file that is given up is closed all the same.
    defer { if isOpen { H5Fclose(file) } }
    do {
      let root = HDF5Group(id: file, path: path)
      for (name, value) in [
        ("CLASS", "GROUP"), ("PYTABLES_FORMAT_VERSION", "2.1"), ("VERSION", "1.0"),
      ] { try root.set(name, value) }
      let handle = try HDF5Handle.group(unsafe hoga_h5_create_group(file, key), path)
      let writer = HDF5FrameWriter(
        group: HDF5Group(id: handle.id, path: path), layout: layout, chunkRows: chunkRows,
        gzipLevel: gzipLevel)
      try writer.write(frame)
    }
    isOpen = false
    try HDF5Handle.check(H5Fclose(file), path)
  }

  // MARK: Length and digest

  /// Writes length and digest of what follows into the user's block.
  private static func seal(_ file: AtomicFile) throws {
    let (length, digest) = try digest(file.descriptor, file.path)
    var block = Array("\(mark)\(length) \(digest)\n".utf8)
    block += Array(repeating: 0, count: userBlock - block.count)
    let written = unsafe pwrite(file.descriptor, block, block.count, 0)
    guard written == block.count else {
      throw ResourceError("\(file.path): writing failed: \(systemMessage(errno))")
    }
  }

  private static func digest(
    _ descriptor: Int32, _ path: String
  ) throws -> (length: Int, digest: String) {
    var digest = FNV1a()
    var place = userBlock
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe pread(descriptor, &buffer, buffer.count, off_t(place))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw ResourceError("\(path): \(systemMessage(errno))") }
      if count == 0 { return (place, digest.text) }
      for byte in buffer[..<count] { digest.add(byte: byte) }
      place += count
    }
  }

  /// - Throws: `DataError` where the file is not one that Hoga wrote, or not as it was written.
  static func checkSeal(_ path: String) throws {
    let descriptor = try openForReading(path)
    defer { close(descriptor) }
    var block = [UInt8](repeating: 0, count: userBlock + 8)
    let count = unsafe pread(descriptor, &block, block.count, 0)
    guard count >= 0 else { throw ResourceError("\(path): \(systemMessage(errno))") }
    let line = String(decoding: block.prefix { $0 != 0x0a }, as: UTF8.self)
    guard count > userBlock, line.hasPrefix(mark) else {
      let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
      let isHDF5 = block.starts(with: signature) || block[userBlock...].starts(with: signature)
      throw DataError(
        isHDF5
          ? "is HDF5 of another program; Hoga reads back its own alone" : "is no HDF5 file",
        file: path)
    }
    let (length, digest) = try digest(descriptor, path)
    guard line == "\(mark)\(length) \(digest)" else {
      throw DataError(
        "is damaged: length or digest are not those that it was written with", file: path)
    }
  }
}

/// A group, or the file itself, that things are written into.
struct HDF5Group {
  let id: hid_t
  let path: String

  /// Text as PyTables keeps it: UTF-8, without an end mark.
  func set(_ name: String, _ value: String) throws { try Self.set(id, name, value, path) }
  func set(_ name: String, _ value: Int64) throws {
    let space = try HDF5Handle.space(hoga_h5_scalar(), path)
    try unsafe withUnsafePointer(to: value) {
      try HDF5Handle.check(
        unsafe hoga_h5_write_attribute(id, name, hoga_h5_int64(), space.id, $0), path)
    }
  }

  static func set(_ id: hid_t, _ name: String, _ value: String, _ path: String) throws {
    let bytes = Array(value.utf8)
    let type = try HDF5Handle.type(hoga_h5_text(max(1, bytes.count), 1), path)
    let space = try HDF5Handle.space(hoga_h5_scalar(), path)
    try HDF5Handle.check(
      unsafe hoga_h5_write_attribute(id, name, type.id, space.id, bytes + [0]), path)
  }
}
