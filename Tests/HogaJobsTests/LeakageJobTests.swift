import Foundation
import HogaCore
import HogaCrossSection
import HogaJobs
import HogaLake
import HogaTestKit
import Testing

@Suite("Leakage check of features and universes")
struct LeakageJobTests {
  private func scene(days: Int = 2, seed: UInt64 = 1) throws -> LeakageScene {
    try LeakageScene(RandomVenue(symbols: LeakageScene.symbols, days: days, seed: seed))
  }

  /// The kinds of findings by subject.
  private func kinds(_ report: LeakageReport) -> [String: LeakageFinding.Kind] {
    Dictionary(
      report.findings.map { ($0.subject, $0.kind) }, uniquingKeysWith: { first, _ in first })
  }

  @Test("clean data passes, whatever minutes are drawn", arguments: 1...2)
  func clean(seed: UInt64) throws {
    let scene = try scene()
    try scene.write()
    let report = try scene.check(seed: seed)
    #expect(report.findings.isEmpty, "\(report.text)")
    #expect(report.checks.count == 2)
    #expect(report.json["passed"] == .bool(true))
  }

  @Test("a feature shifted one minute early is found, with the shift, and no other is named")
  func shifted() throws {
    let scene = try scene()
    try scene.write { day in
      day.x.append("x_5m_O2C", try day.shifted("x_5m_O2C", by: 1))
      day.x.append("x_1m_NetTaker_neut", try day.shifted("x_1m_NetTaker_neut", by: 3))
    }
    let report = try scene.check()
    #expect(kinds(report) == ["x_5m_O2C": .shiftedFeature, "x_1m_NetTaker_neut": .shiftedFeature])
    #expect(
      report.findings.first { $0.subject == "x_5m_O2C" }?.message.contains("value of t+1 in")
        == true)
    #expect(
      report.findings.first { $0.subject == "x_1m_NetTaker_neut" }?.message.contains("t+3") == true)
  }

  @Test("all columns shifted are one line each in JSON and one line in words")
  func allShifted() throws {
    let scene = try scene()
    try scene.write { day in
      for name in day.x.names where name.hasPrefix("x_") {
        day.x.append(name, try day.shifted(name, by: 1))
      }
    }
    let report = try scene.check()
    #expect(report.findings.count > 80)
    #expect(report.findings.allSatisfy { $0.kind == .shiftedFeature })
    #expect(report.text.contains(" more: equals the value of t+1"))
  }

  @Test("a column scaled by the whole day is found, without claiming a shift")
  func scaledByDay() throws {
    let scene = try scene()
    try scene.write { day in
      let values = try day.x.doubles("x_5m_Force").map { $0.isNaN ? 0 : $0 }
      let largest = values.map(abs).max() ?? 1
      day.x.append("x_5m_Force", .double(values.map { $0 / largest }))
    }
    #expect(kinds(try scene.check()) == ["x_5m_Force": .differentFeature])
  }

  @Test("columns of one's own that are the future are found, by value, rank or lead")
  func future() throws {
    let scene = try scene()
    try scene.write { day in
      let d = day
      day.x.append("x_next", d.column { d.move($0, from: $1, to: $1 + 1) })
      day.x.append("x_five", d.column { -exp(200 * d.move($0, from: $1, to: $1 + 5)) })
      day.x.append("x_secret", try d.y.column("y_5m"))
      day.x.append("x_early", try d.shifted("x_1m_PctB", by: 2))
      day.x.append("y_1m", try d.y.column("y_1m"))
      // The past in a dress of one's own is honest.
      day.x.append("x_mine", d.column { 3 * d.move($0, from: $1 - 7, to: $1) + 1 })
      day.x.append("x_copy", try d.x.column("x_1m_H2C"))
    }
    let report = try scene.check()
    #expect(
      kinds(report) == [
        "x_next": .labelAmongFeatures, "x_five": .labelAmongFeatures,
        "x_secret": .labelAmongFeatures, "x_early": .futureFeature, "y_1m": .labelAmongFeatures,
      ])
    func message(_ name: String) -> String {
      report.findings.first { $0.subject == name }?.message ?? ""
    }
    #expect(message("x_next").contains("equals the return from t to t+1"))
    #expect(message("x_five").contains("rank correlation −1.000"))
    #expect(message("x_secret").contains("the label y_5m"))
    #expect(message("x_early").contains("equals x_1m_PctB of t+2"))
    #expect(report.notes.contains("x_copy ranks symbols as x_1m_H2C does"))
  }

  @Test("the future under noise is not believed, with the figure and the bar")
  func noisyFuture() throws {
    let scene = try scene()
    var random = SeededRandom(5)
    try scene.write { day in
      let d = day
      day.x.append(
        "x_mine",
        d.column { d.move($0, from: $1, to: $1 + 1) + 0.0005 * RandomVenue.normal(&random) })
    }
    let report = try scene.check()
    #expect(kinds(report) == ["x_mine": .implausible])
    #expect(report.findings.first?.message.contains("above 0.500 is not believed") == true)
    #expect(try scene.check(limit: 1).findings.isEmpty)
  }

  @Test("an honest signal that foretells well is not called a leak: an IC of 0.4 from elsewhere")
  func honestSignal() throws {
    // Half of the next move's standard deviation is known a minute before, from outside of the market.
    var signals: [Double] = []
    var random = SeededRandom(77)
    let venue = try RandomVenue(symbols: LeakageScene.symbols, days: 2) { _, draw in
      signals.append(RandomVenue.normal(&random))
      return 0.001 * (0.45 * signals[signals.count - 1] + 0.9 * draw)
    }
    let scene = try LeakageScene(venue)
    let perSymbol = 2 * 1440
    try scene.write { day in
      let numbers = day.symbols.map { venue.symbols.firstIndex(of: $0)! }
      let offset = venue.first.daysSince1970 - day.date.daysSince1970
      day.x.append(
        "x_signal",
        day.column { symbol, minute in
          let place = numbers[symbol] * perSymbol - offset * 1440 + minute + 1
          return signals.indices.contains(place) ? signals[place] : .nan
        })
    }
    let report = try scene.check()
    #expect(report.findings.isEmpty, "\(report.text)")
    // It does foretell: a lower bar would take it for a leak.
    #expect(kinds(try scene.check(limit: 0.2)) == ["x_signal": .implausible])
  }

  @Test("in a market that reverts strongly, an honest column may foretell as well as the past does")
  func revertingMarket() throws {
    let venue = try RandomVenue(symbols: LeakageScene.symbols, days: 2) { past, draw in
      -0.85 * (past.last ?? 0) + 0.001 * draw
    }
    let scene = try LeakageScene(venue)
    try scene.write { day in
      let d = day
      day.x.append(
        "x_mine",
        d.column { -d.move($0, from: $1 - 1, to: $1) + 0.2 * d.move($0, from: $1 - 2, to: $1 - 1) })
    }
    let report = try scene.check()
    #expect(report.findings.isEmpty, "\(report.text)")
  }

  @Test("means of returns centred on their minute are found: less the past, the future is left")
  func centred() throws {
    let scene = try scene()
    try scene.write { day in
      let d = day
      for (name, half) in [("x_three", 1), ("x_five", 2), ("x_eleven", 5)] {
        day.x.append(
          name, d.column { d.move($0, from: $1 - half - 1, to: $1 + half) / Double(2 * half + 1) })
      }
      // Means of the past are honest, whatever they weigh.
      day.x.append("x_past", d.column { d.move($0, from: $1 - 5, to: $1) / 5 })
      day.x.append(
        "x_long", d.column { d.move($0, from: $1 - 30, to: $1) - d.move($0, from: $1 - 2, to: $1) })
    }
    let report = try scene.check()
    #expect(
      kinds(report) == [
        "x_three": .implausible, "x_five": .implausible, "x_eleven": .implausible,
      ], "\(report.text)")
    // A higher bar than any of them reaches as it is, 0.48 to 0.56, leaves what is left of them.
    let strict = try scene.check(limit: 0.7)
    #expect(kinds(strict) == kinds(report), "\(strict.text)")
    #expect(
      strict.findings.allSatisfy {
        $0.message.hasPrefix("less what it shares with the last returns")
      },
      "\(strict.text)")
  }

  @Test(
    "each unknown column's highest IC is told beside the catalogue's, and thrice that is a warning")
  func strengths() throws {
    let scene = try scene()
    var random = SeededRandom(9)
    try scene.write { day in
      let d = day
      day.x.append(
        "x_hint",
        d.column { d.move($0, from: $1, to: $1 + 1) + 0.003 * RandomVenue.normal(&random) })
      // Known of some symbols in some minutes: compared on those rows.
      day.x.append(
        "x_noise",
        d.column { ($0 + $1) % 5 == 0 ? .nan : RandomVenue.normal(&random) })
    }
    let report = try scene.check()
    #expect(report.findings.isEmpty, "\(report.text)")
    #expect(report.columns.map(\.column) == ["x_hint", "x_noise"])
    let hint = try #require(report.columns.first)
    // One of noise three times as strong: 1 / √10, and a little less in ranks.
    #expect(abs(hint.coefficient - 0.3) < 0.06, "\(hint)")
    #expect(hint.best != nil && hint.bestCoefficient < 0.1 && hint.warning != nil, "\(hint)")
    #expect(report.columns[1].warning == nil && report.warnings.count == 1, "\(report.text)")
    #expect(report.notes.contains { $0.hasPrefix("x_noise: highest |rank IC| 0.0") })
    #expect(report.passes(strict: false) && !report.passes(strict: true))
    #expect(report.text.contains("warning  x_hint has a rank IC of 0."))
    #expect(report.text.hasSuffix("no leak found, 1 warning"))
    #expect(report.json["columns"].list.count == 2 && report.json["warnings"].texts.count == 1)
    #expect(report.json["passed"] == .bool(true))
  }

  @Test("a same-day universe is found by its mark, and without it by its lists")
  func universes() throws {
    var scene = try scene(days: 4)
    let honest = scene.universe
    let ahead = try LeakageScene.universe(scene.venue, sameDay: true)
    #expect(honest.days[scene.venue.last] != ahead.days[scene.venue.last])
    try honest.write(to: scene.venue.folder("honest.json"))
    try ahead.write(to: scene.venue.folder("marked.json"))
    try Universe(top: 6, days: ahead.days).write(to: scene.venue.folder("unmarked.json"))
    try scene.write()
    #expect(try scene.check().findings.isEmpty)
    #expect(try scene.check(universe: scene.venue.folder("honest.json")).findings.isEmpty)
    let unmarked = try scene.check(universe: scene.venue.folder("unmarked.json"))
    #expect(unmarked.findings.map(\.kind) == [.sameDayUniverse])
    #expect(unmarked.findings.first?.message.contains("3 of 3 days exactly") == true)
    let marked = try scene.check(universe: scene.venue.folder("marked.json"))
    #expect(marked.findings.map(\.kind) == [.sameDayUniverse, .sameDayUniverse])

    scene.universe = ahead
    try scene.write(metadata: [:])
    #expect(kinds(try scene.check()) == [scene.data: .sameDayUniverse])
    try scene.write(metadata: ["hoga.universe": "same-day"])
    #expect(try scene.check().findings.count == 2)
  }

  @Test("what cannot be checked is missing input or an error, not a pass")
  func refused() throws {
    let scene = try scene()
    #expect(throws: MissingInputError.self) { try scene.check() }
    try scene.write()
    var job = LeakageJob(data: scene.data, lake: scene.venue.lake, venue: "elsewhere")
    #expect(throws: MissingInputError.self) { try job.run(monitor: JobMonitor()) }
    job.venue = "test"
    job.samples = 0
    #expect(throws: UsageError.self) { try job.run(monitor: JobMonitor()) }
    #expect(throws: MissingInputError.self) { try scene.check(universe: "/nowhere.json") }
    #expect(throws: MissingInputError.self) { try scene.check(models: ["/nowhere.json"]) }

    try scene.write { day in
      let rows = day.x.rowCount
      day.x = day.x.gathered(Array(0..<10) + Array(9..<rows))
    }
    let error = #expect(throws: DataError.self) { try scene.check() }
    #expect(error?.row == 11 && error?.reason == "repeats a symbol's minute")
  }
}
