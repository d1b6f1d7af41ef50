import HogaConfig
import HogaCore
import HogaJobs
import Testing

@Suite("Text for terminals")
struct TextTests {
  @Test("numbers are written the same everywhere")
  func numbers() {
    #expect(NumberText.fixed(-0.0004, 2) == "0.00")
    #expect(NumberText.fixed(.nan, 2) == "–")
    #expect(NumberText.count(-1_234_567) == "-1,234,567")
    #expect(NumberText.count(999) == "999")
    #expect(NumberText.bytes(3_637_062) == "3.6 MB")
    #expect(NumberText.percent(0.1234) == "12.3%")
    #expect(NumberText.seconds(245) == "4 m 05 s")
    #expect(NumberText.seconds(0.85) == "850 ms")
  }

  @Test("columns line up, also in Korean")
  func table() {
    var table = TextTable([("name", .left), ("value", .right)])
    table.append(["호가", "1.0"])
    table.appendRule()
    table.append(["mid", "12.5"])
    #expect(
      table.text == """
        name  value
        ────  ─────
        호가    1.0
        ────  ─────
        mid    12.5
        """)
  }
}
