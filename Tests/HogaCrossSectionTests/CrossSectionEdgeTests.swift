import HogaCore
import HogaCrossSection
import HogaFeatures
import Testing

@Suite("Cross-sections of awkward markets")
struct CrossSectionEdgeTests {
  @Test("are null without a field, in the features that need it, and nowhere else")
  func missingFields() throws {
    let panel = randomPanel()
    let crossSection = try CrossSection()
    let all = try crossSection.features(panel)
    for missing: Set<MinuteField> in [[.premium], [.openInterest], [.topRatio, .globalRatio]] {
      let x = try crossSection.features(panel.without(missing))
      let null = Set(crossSection.catalogue.names(without: missing))
      #expect(!null.isEmpty)
      for name in x.names.dropFirst(2) {
        let values = try x.doubles(name)
        if null.contains(name) {
          #expect(values.allSatisfy { $0.isNaN }, "\(name)")
        } else {
          #expect(try bits(values) == bits(all.doubles(name)), "\(name)")
        }
      }
    }
    // Without bars there is not even a label.
    let bare = panel.without(Set(MinuteField.allCases))
    #expect(try crossSection.features(bare).doubles("x_5m_O2C_neut").allSatisfy { $0.isNaN })
    #expect(try crossSection.labels(bare).doubles("y_1m").allSatisfy { $0.isNaN })
  }

  @Test("have the values that the specification names where nothing moves and nothing trades")
  func flat() throws {
    let panel = randomPanel(symbols: 3) { field, values in
      let value: Double =
        switch field {
        case .volume, .quote, .count, .takerQuote: 0
        case .premium: 0.1
        default: 0.1 + 0.2  // no short binary fraction
        }
      for row in values.indices { values[row] = value }
    }
    let x = try CrossSection().features(panel)
    let expected: [String: Double] = [
      "O2C": 0, "H2L_Vol": 0, "RVol": 0, "EffRatio": 0, "OI_P_Corr": 0, "Force": 0, "PctB": 0.5,
      "NetTaker": 0, "AvgTrade": 0, "OI_Chg": 0, "WhaleGap": 0, "C2VWAP": 0,
      "Close_Diff_Rate": 0, "RatioSkew": 0, "RatioSkew_Z": 0, "CrowdingPressure": 0, "OI_Z": 0,
      "PriceOIRegime": 0, "OI_XSkew": 0,
    ]
    for window in CrossSectionSettings.defaultWindows {
      for (name, value) in expected {
        #expect(try x.doubles("x_\(window)m_\(name)").allSatisfy { $0 == value }, "\(name)")
        #expect(try x.doubles("x_\(window)m_\(name)_neut").allSatisfy { $0 == 0 }, "\(name)")
      }
      #expect(
        try x.doubles("x_\(window)m_Premium").allSatisfy { abs($0 - 0.1) < 1e-16 })
      #expect(try x.doubles("x_\(window)m_Premium_neut").allSatisfy { $0 == 0 })
    }
  }

  @Test("score equal symbols as zero, whatever the rounding of their mean")
  func equalSymbols() throws {
    // Three copies of one symbol; a mean of three is rounded.
    let one = randomPanel(symbols: 1)
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases {
      let values = Array(one.values(field, of: 0))
      fields[field] = values + values + values
    }
    let panel = MinutePanel(
      symbols: ["A", "B", "C"], start: one.start, rowCount: one.rowCount, lead: one.lead,
      fields: fields)
    let crossSection = try CrossSection()
    let x = try crossSection.features(panel)
    for name in x.names where name.hasSuffix("_neut") {
      #expect(try x.doubles(name).allSatisfy { $0 == 0 }, "\(name)")
    }
    let y = crossSection.labels(panel)
    #expect(try y.doubles("y_5m").allSatisfy { $0.isNaN || $0 == 0 })
  }

  @Test("score as zero what differs by rounding alone: one step of open interest in the window")
  func roundingIsNoSpread() throws {
    // All symbols rise once, at the same minute, by different amounts: the score does not depend on
    // the amount, but its last bits do.
    let panel = randomPanel(symbols: 5).changing { field, values in
      guard field == .openInterest else { return }
      for index in values.indices {
        let (symbol, row) = (index / 270, index % 270)
        values[index] = 1e6 / Double(symbol + 3) * (row < 100 ? 1 : 1 + 1e-5 * Double(symbol + 1))
      }
    }
    let x = try CrossSection().features(panel)
    let scores = try x.doubles("x_5m_OI_Z")
    let row = 100 - 70 + 1
    #expect(abs(scores[row] - 1.224744871391589) < 1e-12)
    #expect(try x.doubles("x_5m_OI_Z_neut").allSatisfy { $0 == 0 })
  }

  @Test("keep small movements of large prices to nine digits")
  func precision() throws {
    var random = SeededRandom(3)
    let steps = (0..<270).map { _ in Double(Int.random(in: -9...9, using: &random)) * 0x1p-20 }
    let panel = randomPanel(symbols: 1).changing { field, values in
      guard [.open, .high, .low, .close].contains(field) else { return }
      for index in values.indices { values[index] = 1e9 + steps[index] }
    }
    let place = try CrossSection().features(panel).doubles("x_60m_PctB")
    for row in stride(from: 0, to: 200, by: 7) {
      let window = (row + 70 - 59...row + 70).map { steps[$0] }  // exact, and small
      let mean = window.reduce(0, +) / 60
      let deviation = (window.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 60).squareRoot()
      let expected = 0.5 + (window[59] - mean) / (4 * deviation)
      #expect(abs(place[row] - expected) < 1e-12)
    }
  }

  @Test("are null, not infinite, where a definition divides by zero")
  func divisions() throws {
    let panel = randomPanel(symbols: 2).changing { field, values in
      // A price and a reading of zero.
      if [.open, .close, .low, .openInterest].contains(field) { values[100] = 0 }
      if field == .quote { for row in 150..<220 { values[row] = 0 } }
    }
    let crossSection = try CrossSection()
    let x = try crossSection.features(panel)
    let y = crossSection.labels(panel)
    for frame in [x, y] {
      for name in frame.names.dropFirst(2) {
        #expect(try frame.doubles(name).allSatisfy { !$0.isInfinite }, "\(name)")
      }
    }
    let row = 100 - 70
    #expect(try x.doubles("x_1m_O2C")[row].isNaN)
    #expect(try x.doubles("x_1m_OI_Chg")[row + 1].isNaN)
    #expect(try x.doubles("x_1m_Close_Diff_Rate")[row + 1].isNaN)
    #expect(try y.doubles("y_1m")[row].isNaN)
    // Volume without its value has no average price.
    #expect(try x.doubles("x_5m_C2VWAP")[170 - 70].isNaN)
    #expect(try x.doubles("x_5m_NetTaker")[170 - 70] == 0)
  }

  @Test("of a symbol that is delisted at noon are null from there, and others' go on without it")
  func delisted() throws {
    let panel = randomPanel(symbols: 3)
    let crossSection = try CrossSection()
    let cut = panel.changing { _, values in
      for row in 170..<270 { values[270 + row] = .nan }  // the second symbol's afternoon
    }
    let x = try crossSection.features(cut)
    let y = crossSection.labels(cut)
    for name in x.names.dropFirst(2) {
      let values = try x.doubles(name)
      #expect(values[200 + 100..<400].allSatisfy { $0.isNaN }, "\(name)")
      #expect(values[400..<600].allSatisfy { !$0.isNaN }, "\(name)")
    }
    let labels = try y.doubles("y_5m")
    #expect(!labels[200 + 94].isNaN && labels[200 + 95].isNaN)
    // Of two symbols, one is as far above the mean as the other is below.
    #expect(abs(labels[0 + 150] + labels[400 + 150]) < 1e-18)
  }

  @Test("work for any windows, among them two that share a statistic, and the longest")
  func windows() throws {
    let panel = randomPanel(symbols: 2, lead: 1440, day: 30)
    let settings = CrossSectionSettings(windows: [2, 3, 7, 64, 1440])
    let crossSection = try CrossSection(settings: settings)
    #expect(crossSection.lookBack == 1440)
    let x = try crossSection.features(panel)
    #expect(try bits(x.doubles("x_2m_RVol")) == bits(x.doubles("x_3m_RVol")))
    let close = Array(panel.values(.close, of: 1))
    let values = try x.doubles("x_1440m_Close_Diff_Rate")
    for row in 0..<30 {
      let before = close[row]
      #expect(values[30 + row] == (close[1440 + row] - before) / before)
    }
    let premium = Array(panel.values(.premium, of: 0))
    let means = try x.doubles("x_7m_Premium")
    for row in 0..<30 {
      let sum = premium[1440 + row - 6...1440 + row].reduce(0, +)
      #expect(abs(means[row] - sum / 7) < 1e-18)
    }
  }

  @Test("of no symbol or no minute have no rows")
  func empty() throws {
    let crossSection = try CrossSection()
    for panel in [randomPanel(symbols: 0), randomPanel(symbols: 2, lead: 10, day: 0)] {
      let x = try crossSection.features(panel, workers: 3)
      #expect(x.rowCount == 0)
      #expect(x.columnCount == 242)
      #expect(CrossSection.joined(x, crossSection.labels(panel)).columnCount == 247)
    }
  }

  @Test("refuse settings that make no sense")
  func settings() {
    for windows in [[], [0], [5, 1], [5, 5], [1441], Array(1...33)] {
      #expect(throws: UsageError.self) {
        try CrossSection(settings: CrossSectionSettings(windows: windows))
      }
    }
    #expect(throws: UsageError.self) {
      try CrossSection(settings: CrossSectionSettings(sets: []))
    }
    #expect(throws: UsageError.self) {
      try CrossSection(settings: CrossSectionSettings(transforms: [.neutral, .neutral]))
    }
  }

  @Test("are listed with formula and source, and say which are one column under two names")
  func catalogue() throws {
    let catalogue = try CrossSectionCatalogue()
    let x = try CrossSection().features(randomPanel())
    #expect(catalogue.names == Array(x.names.dropFirst(2)))
    #expect(Set(catalogue.names).count == 240)
    #expect(catalogue.definitions.allSatisfy { !$0.formula.isEmpty && !$0.source.isEmpty })
    var values: [String: [UInt64]] = [:]
    for name in catalogue.names { values[name] = bits(try x.doubles(name)) }
    for entry in catalogue.entries {
      if let other = entry.identicalTo {
        #expect(values[entry.name] == values[other], "\(entry.name)")
      } else {
        // On this market no other column is the same.
        let twins = catalogue.entries.filter {
          $0.name != entry.name && $0.identicalTo == nil && values[$0.name] == values[entry.name]
        }
        #expect(twins.isEmpty, "\(entry.name) and \(twins.first?.name ?? "")")
      }
    }
    #expect(catalogue.entries.count { $0.identicalTo == nil } == 216)
  }
}
