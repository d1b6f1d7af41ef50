import Foundation
import HogaReport
import Testing

@Suite("Sample page")
struct SamplePageTests {
  @Test("stays small, needs no network, and has the same bytes each time")
  func isSmallAndStable() throws {
    let page = SamplePage.make()
    let html = page.html()
    #expect(html.utf8.count < 1_000_000)
    #expect(html == SamplePage.make().html())
    if let path = ProcessInfo.processInfo.environment["HOGA_REPORT_SAMPLE"] {
      try page.write(to: path)
    }
  }
}
