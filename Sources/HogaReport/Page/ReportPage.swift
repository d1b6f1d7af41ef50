internal import Foundation
internal import HogaCore

/// A report: one HTML file that needs nothing else, neither a network nor a script.
///
/// A page is a value that knows nothing of models or trades: whoever has results describes them in
/// blocks and charts. Equal pages give equal bytes; the page reads no clock, so times come from the
/// caller.
public struct ReportPage: Sendable {
  public struct Section: Sendable {
    public var title: String
    /// What the section answers, in a sentence.
    public var lead: String
    public var blocks: [ReportBlock]
    public init(_ title: String, lead: String = "", blocks: [ReportBlock]) {
      self.title = title
      self.lead = lead
      self.blocks = blocks
    }
  }

  /// A line of the footer: version, command, seed, data, date.
  public struct Origin: Hashable, Sendable {
    public var name: String
    public var value: String
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public var title: String
  public var subtitle: String
  /// Small, above the title: what kind of report this is.
  public var kicker: String
  public var sections: [Section]
  public var origins: [Origin]

  public init(
    _ title: String, subtitle: String = "", kicker: String = "Hoga report",
    sections: [Section], origins: [Origin] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.kicker = kicker
    self.sections = sections
    self.origins = origins
  }

  public func html() -> String {
    var writer = BlockWriter()
    var output = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width,initial-scale=1"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none';\
       style-src 'unsafe-inline'; script-src 'sha256-\(PageScript.digest)'"/>
      <meta name="generator" content="Hoga"/>
      <title>\(Markup.escape(title))</title>
      <style>
      \(PageStyle.text)
      </style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the report</a>
      <div class="page">
      <header>

      """
    if !kicker.isEmpty { output += "<p class=\"kicker\">\(Markup.escape(kicker))</p>\n" }
    output += "<h1>\(Markup.escape(title))</h1>\n"
    if !subtitle.isEmpty { output += "<p class=\"sub\">\(Markup.inline(subtitle))</p>\n" }
    output += "</header>\n"
    if sections.count > 2 {
      output += "<nav aria-label=\"Contents\"><ol>"
      for (index, section) in sections.enumerated() {
        output += "<li><a href=\"#s\(index + 1)\">\(Markup.escape(section.title))</a></li>"
      }
      output += "</ol></nav>\n"
    }
    output += "<main id=\"main\">\n"
    for (index, section) in sections.enumerated() {
      output += "<section id=\"s\(index + 1)\" aria-labelledby=\"t\(index + 1)\">\n"
      output += "<h2 id=\"t\(index + 1)\">\(Markup.inline(section.title))</h2>\n"
      if !section.lead.isEmpty {
        output += "<p class=\"lead\">\(Markup.inline(section.lead))</p>\n"
      }
      for block in section.blocks { output += writer.html(block) }
      output += "</section>\n"
    }
    output += "</main>\n"
    if !origins.isEmpty {
      output += "<footer><dl>"
      for origin in origins {
        output += "<dt>\(Markup.escape(origin.name))</dt><dd>\(Markup.inline(origin.value))</dd>"
      }
      output += "</dl></footer>\n"
    }
    return output + "</div>\n<script>\(PageScript.text)</script>\n</body>\n</html>\n"
  }

  /// Writes the page to `path`; a reader sees the old file or the new one, never a part.
  public func write(to path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ResourceError("cannot write \(path): \(error.localizedDescription)")
    }
    try TextFile.write(html(), to: path)
  }
}
