import HogaCore
import HogaCrossSection
import Testing

@Suite("Panels of minutes")
struct MinutePanelTests {
  @Test("give a symbol's values, and NaN for a field that no file has")
  func values() {
    let panel = MinutePanel(
      symbols: ["A", "B"], start: Timestamp(nanoseconds: 0), rowCount: 3, lead: 1,
      fields: [.close: [1, 2, 3, 4, 5, 6]])
    #expect(Array(panel.values(.close, of: 1)) == [4, 5, 6])
    #expect(panel.values(.premium, of: 0).allSatisfy { $0.isNaN })
    #expect(panel.dayRowCount == 2)
    #expect(panel.time(1) == 60_000_000_000)
  }
}
