import Foundation
import HogaCore
import HogaCrossSection
import HogaJobs
import HogaLake
import HogaTestKit

/// Cross-sections of a random venue in files, as `hoga xsection` lays them out, with leaks planted.
struct LeakageScene {
  static let symbols = (0..<9).map { "S\($0)USDT" }
  static let settings = CrossSectionSettings(windows: [1, 5])
  static let rows = 1440

  let venue: RandomVenue
  var universe: Universe
  /// The first day has no day before, so its features are not written.
  var dates: [CivilDate] { (1..<venue.dayCount).map { venue.first.adding(days: $0) } }
  var data: String { venue.folder("data") }

  init(_ venue: RandomVenue) throws {
    self.venue = venue
    try venue.write()
    try venue.clean()
    universe = try Self.universe(venue, sameDay: false)
  }

  static func universe(_ venue: RandomVenue, sameDay: Bool) throws -> Universe {
    try UniverseJob(
      lake: venue.lake, venue: "test", dates: venue.dates, top: 6, sameDay: sameDay
    ).run(to: venue.folder("lists"), monitor: JobMonitor()).universe
  }

  /// One day's features and labels before they are written.
  struct Day {
    var date: CivilDate
    var symbols: [String]
    var panel: MinutePanel
    var x: Frame
    var y: Frame

    /// A column by symbol number and minute.
    func column(_ value: (_ symbol: Int, _ minute: Int) -> Double) -> Column {
      .double(
        symbols.indices.flatMap { symbol in (0..<rows).map { value(symbol, $0) } })
    }

    /// The close of a minute, which may lie before the day; NaN after it.
    func close(_ symbol: Int, _ minute: Int) -> Double {
      let closes = panel.values(.close, of: symbol)
      let place = closes.startIndex + panel.lead + minute
      return closes.indices.contains(place) ? closes[place] : .nan
    }

    func move(_ symbol: Int, from: Int, to: Int) -> Double {
      close(symbol, to) / close(symbol, from) - 1
    }

    /// A column of the features some minutes later.
    func shifted(_ name: String, by lead: Int) throws -> Column {
      let values = try x.doubles(name)
      return column { symbol, minute in
        minute + lead < rows ? values[symbol * rows + minute + lead] : .nan
      }
    }
  }

  /// Writes all days.
  func write(
    metadata: [String: String] = ["hoga.universe": "day-before"],
    change: (inout Day) throws -> Void = { _ in }
  ) throws {
    let crossSection = try CrossSection(settings: Self.settings)
    for part in ["x", "y"] {
      try FileManager.default.createDirectory(
        atPath: "\(data)/\(part)", withIntermediateDirectories: true)
    }
    for date in dates {
      let symbols = (universe.symbols(on: date) ?? []).sorted()
      let panel = try panel(date, symbols, lead: crossSection.lookBack)
      var day = Day(
        date: date, symbols: symbols, panel: panel, x: try crossSection.features(panel),
        y: crossSection.labels(panel))
      try change(&day)
      try TableFile.write(day.x, to: "\(data)/x/\(date).parquet", metadata: metadata)
      try TableFile.write(day.y, to: "\(data)/y/\(date).parquet", metadata: metadata)
    }
  }

  private func panel(_ date: CivilDate, _ symbols: [String], lead: Int) throws -> MinutePanel {
    var fields: [MinuteField: [Double]] = [:]
    let names = MinuteField.allCases.map(\.rawValue)
    for symbol in symbols {
      for (place, day) in [date.adding(days: -1), date].enumerated() {
        let frame = try venue.lake.candles(
          .minutes, venue: "test", date: day, symbols: [symbol], columns: names)!
        for field in MinuteField.allCases {
          let values = try frame.doubles(field.rawValue)
          fields[field, default: []] += place == 0 ? Array(values.suffix(lead)) : values
        }
      }
    }
    return MinutePanel(
      symbols: symbols,
      start: Timestamp(nanoseconds: date.start.nanoseconds - Int64(lead) * RandomVenue.minute),
      rowCount: lead + Self.rows, lead: lead, fields: fields)
  }

  func check(
    universe: String? = nil, models: [String] = [], limit: Double = 0.5, seed: UInt64 = 1
  ) throws -> LeakageReport {
    try LeakageJob(
      data: data, lake: venue.lake, venue: "test", universe: universe, models: models, samples: 6,
      seed: seed, limit: limit, workers: 2
    ).run(monitor: JobMonitor())
  }
}
