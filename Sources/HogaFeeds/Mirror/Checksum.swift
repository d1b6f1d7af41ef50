internal import HogaCore

/// A file's SHA-256 as the archive states it beside the file: `<64 digits>  <name>`.
package struct Checksum: Hashable, Sendable {
  /// What the archive appends to a file's name for its checksum's.
  package static let suffix = ".CHECKSUM"

  /// 64 lower-case hexadecimal digits.
  package var digest: String
  package var name: String

  package init(digest: String, name: String) {
    self.digest = digest
    self.name = name
  }

  /// Reads the one line of a checksum file, as `sha256sum` writes it.
  ///
  /// - Parameter name: of the file that it has to be about.
  /// - Throws: `DataError` for anything else, such as a page that says sorry.
  package init(_ text: String, of name: String) throws {
    let lines = text.split(whereSeparator: \.isNewline)
    let parts = lines.first.map { $0.split(whereSeparator: { $0 == " " || $0 == "\t" }) } ?? []
    guard lines.count == 1, parts.count == 2, parts[0].utf8.count == 64,
      parts[0].utf8.allSatisfy({ byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
      })
    else { throw DataError("no checksum: '\(shortened(text, to: 60))'") }
    // A star before the name says that the file was read as bytes.
    let stated = parts[1].hasPrefix("*") ? parts[1].dropFirst() : parts[1]
    guard stated == name else {
      throw DataError("the checksum is that of '\(shortened(stated, to: 60))'")
    }
    self.init(digest: parts[0].lowercased(), name: name)
  }

  package var text: String { "\(digest)  \(name)\n" }
}
