internal import CZip
internal import Foundation
internal import HogaCore

/// One file of candles: text that may be packed, or Feather.
struct KlinesInput: Sendable {
  enum Form: Sendable {
    /// `isChecked`: a checksum vouches that the text is whole.
    case text(isChecked: Bool, open: @Sendable () throws -> any ByteStream)
    case feather
  }

  let path: String
  /// How errors name it: the path as given, or `archive.zip:member`.
  let name: String
  let facts: KlinesName
  let diskBytes: Int64
  let form: Form

  /// No text of numbers packs better than this; what does is made to fill memory or disk.
  private static let maximumRatio: Int64 = 200
  private static let maximumText: Int64 = 16 << 30
  /// Below this nobody minds what it unpacks to.
  private static let harmless: Int64 = 4 << 20

  /// Looks at a file's first bytes, since names lie.
  ///
  /// - Parameter isMapped: whether a mapping says what is in it, and its name nothing.
  /// - Throws: `MissingInputError`, `ResourceError`; `DataError` for an empty, unknown or damaged
  ///   file, an archive that is not of one member inside its folder, an encrypted one, or one that
  ///   unpacks to more than its size can mean.
  init(_ path: String, isMapped: Bool = false) throws {
    self.path = path
    let baseName = path.split(separator: "/").last.map(String.init) ?? path
    facts = isMapped ? KlinesName() : KlinesName(baseName)
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    diskBytes = (attributes?[.size] as? NSNumber)?.int64Value ?? 0

    var head = [UInt8](repeating: 0, count: 6)
    let stream = try FileStream(path: path)
    let count = try unsafe head.withUnsafeMutableBytes { try unsafe stream.read(into: $0) }
    guard count > 0 else { throw DataError("the file is empty", file: path) }
    if head == Array("ARROW1".utf8) {
      name = path
      form = .feather
      return
    }
    if head.starts(with: Array("FEA1".utf8)) {
      throw DataError(
        "is Feather of version 1; write it anew as version 2 (Arrow IPC)", file: path)
    }
    if head[0] == UInt8(ascii: "<") {
      throw DataError("is a web page or XML, no candles", file: path)
    }
    let limit = min(Self.maximumText, max(Self.harmless, diskBytes * Self.maximumRatio))
    guard
      head.starts(with: [0x50, 0x4b, 0x03, 0x04]) || head.starts(with: [0x50, 0x4b, 0x05, 0x06])
    else {
      let input = try InputFile.contents(of: path)[0]
      let isPacked = head.starts(with: [0x1f, 0x8b]) || head.starts(with: [0xfd, 0x37])
      name = input.name
      form = .text(isChecked: isPacked) {
        let stream = try InputFile.contents(of: path)[0].open()
        return isPacked ? BoundedStream(stream, limit: limit, file: path) : stream
      }
      return
    }
    let member = try Self.onlyMember(of: path, limit: limit)
    name = "\(path):\(member.name)"
    form = .text(isChecked: true) {
      BoundedStream(try ZipArchive(path: path).open(member.index), limit: limit, file: path)
    }
  }

  private static func onlyMember(
    of path: String, limit: Int64
  ) throws -> (name: String, index: UInt64) {
    let archive = try ZipArchive(path: path)
    let files = archive.files
    guard let member = files.first, files.count == 1 else {
      throw DataError(
        "the archive holds \(files.count) files; an archive of candles holds one", file: path)
    }
    let parts = member.name.split(
      omittingEmptySubsequences: false, whereSeparator: { $0 == "/" || $0 == "\\" })
    // Nothing is unpacked to disk, but who names a member so means harm.
    let hasDrive = parts[0].count == 2 && parts[0].last == ":"
    guard !parts.contains(".."), parts[0] != "", !hasDrive else {
      throw DataError("the member '\(member.name)' leads out of its folder", file: path)
    }
    let facts = archive.facts(of: member.index)
    guard !facts.isEncrypted else { throw DataError("the archive is encrypted", file: path) }
    guard facts.bytes <= limit else { throw BoundedStream.bomb(path, facts.bytes, limit) }
    return member
  }
}

extension ZipArchive {
  /// What the archive's directory says of a member; it may lie.
  func facts(of index: UInt64) -> (bytes: Int64, isEncrypted: Bool) {
    var status = unsafe zip_stat_t()
    unsafe zip_stat_index(handle, index, 0, &status)
    return (Int64(clamping: status.size), status.encryption_method != ZIP_EM_NONE)
  }
}

/// A stream that stops at more bytes than it may have.
final class BoundedStream: ByteStream {
  private let stream: any ByteStream
  private let limit: Int64
  private let file: String
  private var bytesRead: Int64 = 0

  init(_ stream: any ByteStream, limit: Int64, file: String) {
    self.stream = stream
    self.limit = limit
    self.file = file
  }

  var position: Int64 { stream.position }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try unsafe stream.read(into: buffer)
    bytesRead += Int64(count)
    guard bytesRead <= limit else { throw Self.bomb(file, bytesRead, limit) }
    return count
  }

  static func bomb(_ file: String, _ bytes: Int64, _ limit: Int64) -> DataError {
    DataError(
      "unpacks to \(bytes) bytes or more, beyond the \(limit) that its size allows: not unpacked",
      file: file)
  }
}
