internal import HogaCore

/// One page of a bucket's table of contents: S3's `ListBucketResult`, version 1.
///
/// Source: Amazon S3 API Reference, ListObjects. Only what is needed is read; the rest of the XML
/// has to be balanced enough to find it.
package struct BucketListing: Hashable, Sendable {
  package struct File: Hashable, Sendable {
    package var key: String
    package var bytes: Int64
  }

  package var files: [File] = []
  /// Common prefixes: what a file browser would show as folders, with a slash at the end.
  package var folders: [String] = []
  package var isTruncated = false
  /// What the next page begins after, where this one is not the last.
  package var nextMarker: String?

  /// - Throws: `DataError` where this is no such page.
  package init(xml: String) throws {
    guard let result = Self.elements("ListBucketResult", in: xml[...]).first else {
      throw DataError("no bucket listing: '\(shortened(xml, to: 60))'")
    }
    for contents in Self.elements("Contents", in: result) {
      guard let key = try Self.text("Key", in: contents), !key.isEmpty,
        let bytes = try Self.text("Size", in: contents).flatMap({ Int64($0) }), bytes >= 0
      else { throw DataError("a bucket listing names a file without key or size") }
      files.append(File(key: key, bytes: bytes))
    }
    for prefixes in Self.elements("CommonPrefixes", in: result) {
      guard let prefix = try Self.text("Prefix", in: prefixes), !prefix.isEmpty else {
        throw DataError("a bucket listing has an empty prefix")
      }
      folders.append(prefix)
    }
    switch try Self.text("IsTruncated", in: result) {
    case "true": isTruncated = true
    case "false": isTruncated = false
    default: throw DataError("a bucket listing does not say whether it is whole")
    }
    guard isTruncated else { return }
    // The marker is told with a delimiter only; else it is the last key.
    nextMarker = try Self.text("NextMarker", in: result) ?? files.last?.key ?? folders.last
    guard nextMarker?.isEmpty == false else {
      throw DataError("a bucket listing is not whole and does not say how it goes on")
    }
  }

  /// The insides of all elements of a name, which do not hold elements of their own name.
  private static func elements(_ name: String, in text: Substring) -> [Substring] {
    let bytes = text.utf8
    let open = Array("<\(name)".utf8)
    let close = Array("</\(name)>".utf8)
    var found: [Substring] = []
    var place = bytes.startIndex
    while let start = find(open, in: bytes[place...]) {
      let afterName = bytes.index(start, offsetBy: open.count)
      guard afterName < bytes.endIndex else { break }
      let next = bytes[afterName]
      let isName = next == UInt8(ascii: ">") || next == UInt8(ascii: " ")
      guard isName, let end = bytes[afterName...].firstIndex(of: UInt8(ascii: ">")) else {
        place = afterName
        continue
      }
      let inside = bytes.index(after: end)
      guard let finish = find(close, in: bytes[inside...]) else { break }
      found.append(text[inside..<finish])
      place = bytes.index(finish, offsetBy: close.count)
    }
    return found
  }

  private static func find(
    _ pattern: [UInt8], in bytes: Substring.UTF8View.SubSequence
  ) -> String.Index? {
    var place = bytes.startIndex
    while let start = bytes[place...].firstIndex(of: pattern[0]) {
      if bytes[start...].starts(with: pattern) { return start }
      place = bytes.index(after: start)
    }
    return nil
  }

  private static func text(_ name: String, in element: Substring) throws -> String? {
    try elements(name, in: element).first.map { try unescaped($0) }
  }

  /// Text with the five entities of XML and numbered ones resolved.
  private static func unescaped(_ text: Substring) throws -> String {
    guard text.contains("&") else { return String(text) }
    var output = ""
    var rest = text
    while let ampersand = rest.firstIndex(of: "&") {
      output += rest[..<ampersand]
      guard let semicolon = rest[ampersand...].firstIndex(of: ";") else {
        throw DataError("a bucket listing has an open entity")
      }
      let name = rest[rest.index(after: ampersand)..<semicolon]
      switch name {
      case "amp": output += "&"
      case "lt": output += "<"
      case "gt": output += ">"
      case "quot": output += "\""
      case "apos": output += "'"
      default:
        let number =
          name.hasPrefix("#x")
          ? UInt32(name.dropFirst(2), radix: 16)
          : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        guard let scalar = number.flatMap(Unicode.Scalar.init) else {
          throw DataError("a bucket listing has an unknown entity")
        }
        output.unicodeScalars.append(scalar)
      }
      rest = rest[rest.index(after: semicolon)...]
    }
    return output + rest
  }
}
