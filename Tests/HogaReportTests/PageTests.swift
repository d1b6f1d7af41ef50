import Foundation
import HogaCore
import HogaReport
import Testing

@Suite("Page")
struct PageTests {
  @Test("stays small and has the same bytes each time")
  func isSmallAndStable() throws {
    let page = SamplePage.make()
    let html = page.html()
    #expect(html.utf8.count < 400_000)
    #expect(html == SamplePage.make().html())
    if let path = ProcessInfo.processInfo.environment["HOGA_REPORT_SAMPLE"] {
      try page.write(to: path)
      try StressPage.make().write(to: path + ".limits.html")
    }
  }

  @Test("asks for nothing from outside")
  func isSelfContained() {
    let html = SamplePage.make().html()
    for element in ["<link", "<img", "<iframe", "<object", "<embed", "@import", "url(", " src="] {
      #expect(!html.contains(element), "\(element)")
    }
    #expect(html.contains("default-src 'none'"))
    // Addresses appear where a reader may click, and in the name that the script gives to SVG.
    let before = html.ranges(of: "http").map { String(html[..<$0.lowerBound].suffix(9)) }
    #expect(
      before.allSatisfy { $0 == "<a href=\"" || $0.hasSuffix("NS(\"") || $0.hasSuffix("<meta ") })
  }

  @Test("lets its own script run, and no other")
  func allowsOneScript() throws {
    #expect(SHA256.digest("abc") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
    let html = SamplePage.make().html()
    let script = try #require(Self.content(of: "script", in: html))
    #expect(script.utf8.count < 6000)
    #expect(html.contains("script-src 'sha256-\(SHA256.digest(script))'"))
    #expect(html.ranges(of: "<script").count == 1)
  }

  @Test("is well-formed, whatever names and texts it holds")
  func isWellFormed() throws {
    try WellFormed.check(page: SamplePage.make().html())
    try WellFormed.check(page: StressPage.make().html())
    let hostile = WellFormed.hostileTexts
    for text in hostile {
      let page = ReportPage(
        text, subtitle: text, kicker: text,
        sections: (0..<3).map { _ in
          .init(
            text, lead: text,
            blocks: [
              .paragraph(text), .list([text]),
              .keyFigures([.init(text, text, unit: text, note: text)]),
              .callout(.init(.problem, text, text)), .code(.init(text, text)),
              .table(
                .init(
                  text, subtitle: text, columns: [.init(text), .init(text, .fixed(2, unit: text))],
                  rows: [.init([.text(text), .number(1)])], footnotes: [text])),
              .figure(
                .init(
                  text, subtitle: text, chart: HorizontalBarChart([.init(text, 1)]), caption: text)),
              .multiples(.init(text, charts: [(text, Histogram([1, 2]))])),
            ])
        }, origins: [.init(text, text)])
      let html = page.html()
      try WellFormed.check(page: html)
      #expect(!html.contains("<script>alert"))
      #expect(!html.contains("javascript:alert\""))
      #expect(html.ranges(of: "<script").count == 1)
    }
  }

  @Test("gives every element a name of its own")
  func hasUniqueIdentifiers() {
    let html = SamplePage.make().html()
    let names = html.ranges(of: " id=\"").map { html[$0.upperBound...].prefix { $0 != "\"" } }
    #expect(names.count > 50)
    #expect(Set(names).count == names.count)
  }

  @Test("describes every chart in words")
  func describesCharts() {
    let html = SamplePage.make().html()
    let pictures = html.ranges(of: "<svg class").count
    #expect(pictures > 20)
    #expect(html.ranges(of: "<desc id").count == pictures)
    #expect(html.ranges(of: "role=\"img\"").count == pictures)
  }

  @Test("is replaced whole when it is written, and leaves nothing behind when it cannot be")
  func writesAtomically() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "hoga-report-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("deep/report.html")
    let page = ReportPage("One", sections: [])
    try page.write(to: path.path)
    try ReportPage("Two", sections: []).write(to: path.path)
    #expect(try String(contentsOf: path, encoding: .utf8).contains("<title>Two</title>"))
    // A folder stands where the file should go.
    #expect(throws: ResourceError.self) { try page.write(to: folder.path + "/deep") }
    #expect(throws: ResourceError.self) { try page.write(to: path.path + "/report.html") }
    let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    #expect(left == ["deep", "deep/report.html"])
  }

  private static func content(of element: String, in html: String) -> String? {
    guard let start = html.ranges(of: "<\(element)>").first,
      let end = html.ranges(of: "</\(element)>").last
    else { return nil }
    return String(html[start.upperBound..<end.lowerBound])
  }
}
