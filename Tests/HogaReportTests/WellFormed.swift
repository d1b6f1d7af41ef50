import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Holds pages and pictures to the rules of XML, and attributes to numbers.
enum WellFormed {
  static let hostileTexts = [
    "<script>alert(1)</script>", "\"><svg onload=alert(1)>", "' onmouseover='alert(1)", "a & b < c",
    "]]>", "<!-- ", "&amp; &#0; &x;", "**<b>** `</code>` [x](javascript:alert(1))",
    "[x](https://a.example/\"onclick=\"alert(1))", "[<i>](https://example.org/?a=1&b=2)",
    "삼성전자 호가", "😀🇰🇷", "\u{0}\u{1}\u{8}\u{1F}\u{7F}\u{FFFE}", "\u{202E}321", "", "**", "[](", "`",
  ]

  /// Checks a whole page, of which style and script are no XML.
  static func check(page: String) throws {
    var text = page
    for element in ["style", "script"] {
      while let start = text.ranges(of: "<\(element)>").first,
        let end = text.ranges(of: "</\(element)>").first
      {
        text.replaceSubrange(start.lowerBound..<end.upperBound, with: "")
      }
    }
    try check(text)
  }

  static func check(_ text: String) throws {
    let reader = Reader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    let isParsed = parser.parse()
    let reason = parser.parserError.map { "\($0) at line \(parser.lineNumber)" } ?? ""
    try #require(isParsed, "\(reason)")
    #expect(reader.complaints == [])
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var complaints: [String] = []
    private static let drawn: Set = [
      "x", "y", "width", "height", "cx", "cy", "r", "rx", "d", "viewBox", "transform", "data-x",
      "data-y",
    ]

    func parser(
      _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String] = [:]
    ) {
      for (name, value) in attributes {
        let isEvent = name.lowercased().hasPrefix("on")
        let isNumeric = Self.drawn.contains(name)
        let lower = value.lowercased()
        if isEvent || isNumeric && (lower.contains("nan") || lower.contains("inf") || value == "") {
          complaints.append("\(element) \(name)=\(value.prefix(60))")
        }
      }
      if ["script", "iframe", "object"].contains(element) { complaints.append(element) }
    }
  }
}
