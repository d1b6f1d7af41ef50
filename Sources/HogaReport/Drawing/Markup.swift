/// Text made safe for HTML and for XML.
package enum Markup {
  /// Returns `text` with every character that means something to a parser written as a reference.
  ///
  /// Control characters, which XML forbids, and direction overrides, with which a name could make
  /// the number beside it read backward, become U+FFFD.
  package static func escape(_ text: some StringProtocol) -> String {
    var output = ""
    output.reserveCapacity(text.utf8.count)
    append(text, to: &output)
    return output
  }

  private static func append(_ text: some StringProtocol, to output: inout String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      case "\n", "\t": output.unicodeScalars.append(scalar)
      default:
        let forbidden =
          scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
          || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
          || scalar.value & 0xFFFE == 0xFFFE
        output.unicodeScalars.append(forbidden ? "\u{FFFD}" : scalar)
      }
    }
  }

  /// Returns `text` as HTML, with `**bold**`, `` `code` `` and `[label](address)` carried out.
  ///
  /// An address may be `https://…`, `http://…` or `#section` on this page; other links, and marks
  /// without their partner, stay as they were typed. Everything else is escaped.
  package static func inline(_ text: String) -> String {
    var output = ""
    output.reserveCapacity(text.utf8.count)
    inline(text[...], to: &output)
    return output
  }

  private static func inline(_ text: Substring, to output: inout String) {
    var rest = text
    while let start = rest.firstIndex(where: { $0 == "*" || $0 == "`" || $0 == "[" }) {
      append(rest[..<start], to: &output)
      rest = rest[start...]
      if let (content, after) = enclosed(rest, by: "**") {
        output += "<strong>"
        inline(content, to: &output)
        output += "</strong>"
        rest = after
      } else if let (content, after) = enclosed(rest, by: "`") {
        output += "<code>"
        append(content, to: &output)
        output += "</code>"
        rest = after
      } else if let (label, address, after) = link(rest) {
        output += "<a href=\""
        append(address, to: &output)
        output += address.hasPrefix("#") ? "\">" : "\" rel=\"noopener noreferrer\">"
        append(label, to: &output)
        output += "</a>"
        rest = after
      } else {
        append(rest.prefix(1), to: &output)
        rest = rest.dropFirst()
      }
    }
    append(rest, to: &output)
  }

  private static func enclosed(
    _ text: Substring, by mark: String
  ) -> (content: Substring, after: Substring)? {
    guard text.hasPrefix(mark) else { return nil }
    let inside = text.dropFirst(mark.count)
    var index = inside.startIndex
    while index < inside.endIndex {
      if inside[index...].hasPrefix(mark) {
        guard index > inside.startIndex else { return nil }
        return (inside[..<index], inside[index...].dropFirst(mark.count))
      }
      index = inside.index(after: index)
    }
    return nil
  }

  private static func link(
    _ text: Substring
  ) -> (label: Substring, address: Substring, after: Substring)? {
    guard text.hasPrefix("["), let middle = text.firstIndex(of: "]"),
      text[text.index(after: middle)...].hasPrefix("(")
    else { return nil }
    let label = text[text.index(after: text.startIndex)..<middle]
    let rest = text[text.index(after: middle)...].dropFirst()
    guard let end = rest.firstIndex(of: ")"), !label.isEmpty else { return nil }
    let address = rest[..<end]
    let known = ["https://", "http://", "#"].contains { address.hasPrefix($0) }
    guard known, address.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0 != "\\" }) else {
      return nil
    }
    return (label, address, rest[rest.index(after: end)...])
  }
}
