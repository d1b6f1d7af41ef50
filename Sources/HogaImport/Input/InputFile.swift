internal import Foundation
internal import HogaCore

/// A text file that may be packed: plain, gzip, xz, or one member of a zip archive.
///
/// The format is told by the first bytes, since names lie.
package struct InputFile {
  /// How errors name it: the path as given, or `archive.zip:member`.
  package let name: String
  /// The name without folders, by which formats such as LOBSTER's carry facts.
  package let baseName: String
  /// Bytes on disk, for progress.
  let diskBytes: Int64
  package let open: () throws -> any ByteStream

  /// The text files that a path holds: one, or those of a zip archive.
  ///
  /// - Throws: `MissingInputError`, `ResourceError`; `DataError` for an empty or unknown file.
  package static func contents(of path: String) throws -> [InputFile] {
    var head = [UInt8](repeating: 0, count: 6)
    let stream = try FileStream(path: path)
    let count = try unsafe head.withUnsafeMutableBytes { try unsafe stream.read(into: $0) }
    guard count > 0 else { throw DataError("the file is empty", file: path) }
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let size = (attributes?[.size] as? NSNumber)?.int64Value ?? 0
    let baseName = path.split(separator: "/").last.map(String.init) ?? path
    func one(_ open: @escaping () throws -> any ByteStream) -> [InputFile] {
      [InputFile(name: path, baseName: baseName, diskBytes: size, open: open)]
    }
    if head.starts(with: [0x1f, 0x8b]) { return one { try GzipStream(path: path) } }
    if head.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
      return one { try XZStream(path: path) }
    }
    if head.starts(with: [0x50, 0x4b, 0x03, 0x04]) || head.starts(with: [0x50, 0x4b, 0x05, 0x06]) {
      let archive = try ZipArchive(path: path)
      let files = archive.files
      guard !files.isEmpty else { throw DataError("the archive holds no file", file: path) }
      return files.map { name, index in
        InputFile(
          name: "\(path):\(name)",
          baseName: name.split(separator: "/").last.map(String.init) ?? name,
          diskBytes: size / Int64(files.count), open: { try archive.open(index) })
      }
    }
    for (magic, format) in [
      ([0x28, 0xb5, 0x2f, 0xfd], "zstd"), ([0x42, 0x5a, 0x68], "bzip2"),
      ([0x37, 0x7a, 0xbc], "7z"),
      ([0x50, 0x41, 0x52, 0x31], "Parquet"),
    ] as [([UInt8], String)] where head.starts(with: magic) {
      throw DataError("\(format) is not read here; unpack it, or use gzip, xz or zip", file: path)
    }
    return one { try FileStream(path: path) }
  }
}
