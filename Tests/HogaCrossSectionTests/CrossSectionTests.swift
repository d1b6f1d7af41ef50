import Foundation
import HogaCore
import HogaCrossSection
import Testing

@Suite("Cross-sections")
struct CrossSectionTests {
  @Test(
    "equal a slow reading of the specification, column by column",
    arguments: ["random", "candles"], CrossSectionLabel.allCases)
  func fixture(name: String, label: CrossSectionLabel) throws {
    let fixture = try CrossSectionFixture(name)
    let crossSection = try CrossSection(settings: CrossSectionSettings(label: label))
    let x = try crossSection.features(fixture.panel, workers: 2)
    let y = crossSection.labels(fixture.panel)
    let names = CrossSectionSettings.defaultWindows.map { "y_\($0)m" }
    #expect(Set(fixture.names.filter { $0.hasPrefix("x") }) == Set(x.names.dropFirst(2)))
    for column in x.names.dropFirst(2) {
      try compare(x, column, fixture, fixture.expected(column))
    }
    for column in names {
      try compare(y, column, fixture, fixture.expected("\(column)_\(label.rawValue)"))
    }
  }

  /// To 1e-9 of the value; to 1e-11 of the column's largest, for values that are small by
  /// cancellation, and to two roundings of a ratio near one.
  private func compare(
    _ frame: Frame, _ column: String, _ fixture: CrossSectionFixture, _ expected: [[Double]]
  ) throws {
    let values = try frame.doubles(column)
    let symbols = fixture.panel.symbols.count
    for symbol in 0..<symbols {
      let scale = expected.map { abs($0[symbol]) }.filter { !$0.isNaN }.max() ?? 0
      for (index, row) in fixture.rows.enumerated() {
        let mine = values[symbol * fixture.panel.dayRowCount + row]
        let want = expected[index][symbol]
        let isClose =
          want.isNaN
          ? mine.isNaN : abs(mine - want) <= 1e-9 * abs(want) + 1e-11 * scale + 4.5e-16
        #expect(
          isClose,
          "\(column) of \(fixture.panel.symbols[symbol]) in row \(row): \(mine), not \(want)")
      }
    }
  }

  @Test("do not depend on the number of threads")
  func threads() throws {
    let panel = randomPanel(symbols: 7)
    let crossSection = try CrossSection()
    let one = try crossSection.features(panel, workers: 1)
    for workers in [2, 5, 16] {
      let many = try crossSection.features(panel, workers: workers)
      #expect(one.names == many.names)
      for name in one.names.dropFirst(2) {
        #expect(try bits(one.doubles(name)) == bits(many.doubles(name)), "\(name)")
      }
    }
  }

  @Test("of a minute have the same bits in a table that begins later, or ends with the minute")
  func noDrift() throws {
    let panel = randomPanel(symbols: 3, lead: 80, day: 1440)
    let crossSection = try CrossSection()
    let whole = try crossSection.features(panel)
    let lookBack = crossSection.lookBack
    #expect(lookBack == 60)
    for row in [0, 1, 59, 700, 1439] {
      // Only what the windows of this minute need.
      let first = 80 + row - lookBack
      var part = panel.rows(first..<80 + row + 1)
      part = MinutePanel(
        symbols: part.symbols, start: part.start, rowCount: part.rowCount, lead: lookBack,
        fields: part.allFields)
      let fresh = try crossSection.features(part)
      for name in whole.names.dropFirst(2) {
        let long = try whole.doubles(name)
        let short = try fresh.doubles(name)
        #expect(bits(short) == bits((0..<3).map { long[$0 * 1440 + row] }), "\(name) in row \(row)")
      }
    }
  }

  @Test("look at nothing that comes after the minute", arguments: UInt64(1)...5)
  func future(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let panel = randomPanel(seed: seed)
    let crossSection = try CrossSection()
    let before = try crossSection.features(panel)
    let row = Int.random(in: 0..<200, using: &random)
    let after = try crossSection.features(
      panel.changing { _, values in
        for symbol in 0..<4 {
          for later in (70 + row + 1)..<270 {
            values[symbol * 270 + later] = random.uniform() < 0.3 ? .nan : random.uniform() * 1e6
          }
        }
      })
    for name in before.names.dropFirst(2) {
      for symbol in 0..<4 {
        let range = symbol * 200..<symbol * 200 + row + 1
        #expect(
          try bits(before.doubles(name)[range]) == bits(after.doubles(name)[range]), "\(name)")
      }
    }
  }

  @Test("never hold a label among the features")
  func noLabel() throws {
    let panel = randomPanel()
    let crossSection = try CrossSection()
    let x = try crossSection.features(panel)
    let y = crossSection.labels(panel)
    #expect(x.names.dropFirst(2).allSatisfy { $0.hasPrefix("x_") })
    #expect(y.names == ["symbol", "time", "y_1m", "y_5m", "y_15m", "y_30m", "y_60m"])
    let labels = Set(try y.names.dropFirst(2).map { bits(try y.doubles($0)) })
    for name in x.names.dropFirst(2) { #expect(!labels.contains(bits(try x.doubles(name)))) }
    let xy = CrossSection.joined(x, y)
    #expect(xy.names == x.names + y.names.dropFirst(2))
    #expect(try bits(xy.doubles("y_5m")) == bits(y.doubles("y_5m")))
  }

  @Test("have one row for each symbol and minute of the day, in that order")
  func keys() throws {
    let panel = randomPanel(symbols: 3, lead: 10, day: 4)
    let x = try CrossSection().features(panel)
    let minute: Int64 = 60_000_000_000
    #expect(try x.int64s("time") == (0..<12).map { Int64(10 + $0 % 4) * minute })
    guard case .category(let symbols) = try x.column("symbol") else {
      Issue.record("symbol is no text")
      return
    }
    #expect((0..<12).map { symbols[$0] } == (0..<12).map { "S\(10 + $0 / 4)" })
  }

  @Test("are null until a window is complete, and no longer")
  func warmUp() throws {
    let panel = randomPanel(symbols: 2, lead: 0, day: 100)
    let x = try CrossSection().features(panel)
    // The first row that each feature of the window of 30 minutes is known in.
    let first = [
      "O2C": 29, "H2L_Vol": 29, "RVol": 30, "EffRatio": 30, "OI_P_Corr": 29, "Force": 30,
      "PctB": 29, "NetTaker": 29, "AvgTrade": 29, "OI_Chg": 30, "WhaleGap": 29, "C2VWAP": 29,
      "Premium": 29, "Close_Diff_Rate": 30, "RatioSkew": 0, "RatioSkew_Z": 29,
      "CrowdingPressure": 29, "OI_Z": 29, "PriceOIRegime": 30, "OI_XSkew": 29,
    ]
    for (name, row) in first {
      for suffix in ["", "_neut"] {
        let values = try x.doubles("x_30m_\(name)\(suffix)")
        #expect(values[..<row].allSatisfy { $0.isNaN }, "\(name)")
        #expect(values[row..<100].allSatisfy { !$0.isNaN }, "\(name)")
      }
    }
    // Statistics of a short window look at five minutes.
    let short = try x.doubles("x_1m_RVol")
    #expect(short[4].isNaN && !short[5].isNaN)
    #expect(try x.doubles("x_1m_PctB")[3].isNaN)
    #expect(try !x.doubles("x_1m_PctB")[4].isNaN)
  }
}

extension MinutePanel {
  /// All fields that there are.
  var allFields: [MinuteField: [Double]] {
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases { fields[field] = values(field) }
    return fields
  }
}
