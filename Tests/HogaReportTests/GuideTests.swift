import Foundation
import HogaCore
import HogaReport
import HogaTestKit
import Testing

@Suite("The guide to reports")
struct GuideTests {
  @Test("shows code that compiles and runs")
  func showsRealCode() throws {
    let times = (0..<60).map { Timestamp(nanoseconds: 0) + .seconds($0) }
    let equity = times.indices.map { Double($0).squareRoot() }

    // begin
    let page = ReportPage(
      "BTCUSDT, 1 August 2023", subtitle: "OFI + VPIN after costs",
      sections: [
        .init(
          "Trading",
          blocks: [
            .keyFigures([.init("Net P&L", "−486.12", unit: "USDT", tone: .bad)]),
            .figure(
              .init(
                "Equity", subtitle: "USDT",
                chart: LineChart([.init("net", at: times, values: equity)], format: .fixed(1)))),
          ])
      ], origins: [.init("Seed", "7")])
    let html = page.html()
    // end

    #expect(html.contains("<svg"))
    let code = try String(contentsOfFile: #filePath, encoding: .utf8)
      .split(separator: "\n").drop { !$0.hasSuffix("// begin") }.dropFirst()
      .prefix { !$0.hasSuffix("// end") }.map { $0.dropFirst(4) }.joined(separator: "\n")
    #expect(try Repository.text("Docs/reports.md").contains(code))
  }
}
