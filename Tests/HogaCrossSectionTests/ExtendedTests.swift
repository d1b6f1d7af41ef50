import Foundation
import HogaCore
import HogaCrossSection
import HogaFeatures
import HogaTestKit
import Testing

@Suite("Extended features")
struct ExtendedTests {
  @Test("ranks are SciPy's and winsorised scores pandas', ties and lone values included")
  func transforms() throws {
    let columns = try extendedFixture("extended_odd")
    let odd = columns["odd"]!
    for (transform, name) in [(CrossSectionTransform.rank, "rank"), (.winsorized, "wz")] {
      let (values, wanted) = (transform.apply(odd, symbols: 7), columns[name]!)
      for place in odd.indices {
        #expect(values[place].isNaN == wanted[place].isNaN, "\(name) \(place)")
        #expect(!(abs(values[place] - wanted[place]) > 1e-9), "\(name) \(place)")
      }
    }
  }

  @Test("market columns are statsmodels' and pandas' to 1e-9")
  func market() throws {
    let market = try extendedFixture("extended_market")
    let panel = MinutePanel(
      symbols: ["AAAUSDT", "BTCUSDT", "CCCUSDT", "DDDUSDT", "EEEUSDT", "FFFUSDT", "GGGUSDT"],
      start: Timestamp(nanoseconds: 0), rowCount: 80, lead: 30,
      fields: [.close: market["close"]!, .quote: market["quote"]!])
    let columns = try ExtendedFeatures(windows: [5, 15]).features(panel, workers: 2)
    let expected = try extendedFixture("extended_expected")
    var compared = 0
    for (definition, values) in columns {
      guard let wanted = expected[definition.name] else { continue }
      compared += 1
      try #require(values.count == wanted.count)
      let scale = wanted.reduce(0) { $1.isNaN ? $0 : max($0, abs($1)) }
      for place in values.indices {
        let isEqual =
          values[place].isNaN || wanted[place].isNaN
          ? values[place].isNaN && wanted[place].isNaN
          : abs(values[place] - wanted[place]) <= 1e-9 * max(abs(wanted[place]), 0.01 * scale)
        #expect(isEqual, "\(definition.name) \(place): \(values[place]), not \(wanted[place])")
      }
    }
    #expect(compared == expected.count && compared == 34)
  }

  @Test("columns are those of the live pipeline to the bit, whoever computes them")
  func batchIsLive() throws {
    let panel = randomPanel(1, symbols: fiveSymbols, rows: 160, lead: 100)
    let extended = try ExtendedFeatures(windows: [1, 7])
    let columns = try extended.features(panel, workers: 1)
    #expect(columns.map(\.definition) == extended.definitions)
    let again = try extended.features(panel, workers: 3)
    #expect(
      again.map { $0.values.map(\.bitPattern) } == columns.map { $0.values.map(\.bitPattern) })
    let byName = Dictionary(uniqueKeysWithValues: columns.map { ($0.definition.name, $0.values) })
    for symbol in panel.symbols.indices {
      var pipeline = BarPipeline([1, 7].flatMap { Indicators.operators(BarLength($0)) })
      for (row, bar) in panel.bars(of: symbol).enumerated() {
        let known = try pipeline.update(bar)
        guard row >= 100 else { continue }
        for (definition, value) in zip(pipeline.definitions, known) {
          let batch = byName[definition.name]![symbol * 60 + row - 100]
          #expect(batch.bitPattern == value.bitPattern, "\(definition.name)")
        }
      }
    }
  }

  @Test("later minutes change nothing")
  func noLookAhead() throws {
    let panel = randomPanel(2, symbols: fiveSymbols, rows: 150, lead: 60)
    let extended = try ExtendedFeatures(windows: [1, 6], transforms: [.rank])
    let whole = try extended.features(panel, workers: 2)
    let cut = 110
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases {
      var values = panel.values(field)!
      for symbol in panel.symbols.indices {
        for row in cut..<150 {
          values[symbol * 150 + row] = values[symbol * 150 + 149 - (row - cut)] * 1.5
        }
      }
      fields[field] = values
    }
    let other = MinutePanel(
      symbols: panel.symbols, start: panel.start, rowCount: 150, lead: 60, fields: fields)
    for (one, two) in zip(whole, try extended.features(other, workers: 1)) {
      for symbol in panel.symbols.indices {
        let rows = symbol * 90..<symbol * 90 + cut - 60
        #expect(
          one.values[rows].map(\.bitPattern) == two.values[rows].map(\.bitPattern),
          "\(one.definition.name)")
      }
    }
  }

  @Test("wanted columns alone are the same, and an unknown one is refused")
  func only() throws {
    let panel = randomPanel(3, symbols: fiveSymbols, rows: 90, lead: 40)
    let extended = try ExtendedFeatures(windows: [5], transforms: [.rank, .winsorized])
    let all = try extended.features(panel, workers: 1)
    let wanted: Set = ["x_5m_RSI_talib_rank", "x_5m_BetaMkt", "x_5m_CCI_wz"]
    let some = try extended.features(panel, workers: 1, only: wanted)
    #expect(Set(some.map(\.definition.name)) == wanted)
    for column in some {
      let same = all.first { $0.definition == column.definition }!
      #expect(same.values.map(\.bitPattern) == column.values.map(\.bitPattern))
    }
    #expect(throws: UsageError.self) {
      try extended.features(panel, workers: 1, only: ["x_5m_Nonsense"])
    }
    #expect(throws: UsageError.self) { try ExtendedFeatures(windows: [0]) }
    #expect(throws: UsageError.self) { try ExtendedFeatures(windows: [5, 5]) }
  }

  @Test("no two columns of both sets are affine images of each other, nor two ranks the same")
  func noCopies() throws {
    let settings = CrossSectionSettings(
      sets: [.specification, .extended], transforms: [.rank])
    let crossSection = try CrossSection(settings: settings)
    let panel = randomPanel(
      4, symbols: fiveSymbols + ["FFFUSDT", "GGGUSDT", "HHHUSDT"], rows: 520, lead: 400)
    let frame = try crossSection.features(panel, workers: 2)
    let entries = crossSection.catalogue.entries.filter { $0.identicalTo == nil }
    #expect(entries.count { $0.transform == nil } > 600)
    for transform in [nil, CrossSectionTransform.rank] {
      var names: [String] = []
      var columns: [[Double]] = []
      for entry in entries where entry.transform == transform {
        let values = try frame.doubles(entry.name)
        // The reference symbol's own rows are null in its columns.
        let rows = values.indices.filter { $0 / 120 != 1 }.map { values[$0] }
        try #require(rows.allSatisfy { $0.isFinite }, "\(entry.name)")
        let mean = rows.reduce(0, +) / Double(rows.count)
        let deviations = rows.map { $0 - mean }
        let size = deviations.reduce(0) { $0 + $1 * $1 }.squareRoot()
        // Over one minute the efficiency ratio of the specification is 1 wherever prices move.
        #expect(size > 0, "\(entry.name) does not vary")
        names.append(entry.name)
        columns.append(deviations.map { $0 / size })
      }
      var found: [String] = []
      for left in columns.indices {
        for right in 0..<left {
          var sum = 0.0
          // Most pairs show in a few rows that they differ.
          for row in columns[left].indices { sum += columns[left][row] * columns[right][row] }
          if abs(sum) > 1 - 1e-12 { found.append("\(names[right]) = \(names[left])") }
        }
      }
      // tanh keeps the order, and the specification asks for both.
      found.removeAll { $0.contains("CrowdingPressure") && transform != nil }
      #expect(found == [])
    }
  }

  @Test("the catalogue over the default windows has more than five hundred distinct features")
  func count() throws {
    let raw = try ExtendedFeatures.catalogue()
    #expect(Set(raw.map(\.name)).count == raw.count)
    #expect(raw.count > 500)
    #expect(raw.allSatisfy { !$0.formula.isEmpty && !$0.source.isEmpty })
  }

  @Test("the guide's table is the catalogue's")
  func guide() throws {
    let guide = try Repository.text("Docs/indicators.md")
    for definition in try ExtendedFeatures.catalogue(windows: [30]) {
      let stem = definition.name.dropFirst("x_30m_".count)
      let line = "| `\(stem)` | \(definition.formula) | \(definition.source) |"
      #expect(guide.contains(line), "\(line)")
    }
  }
}
