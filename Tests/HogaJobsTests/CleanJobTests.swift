import Foundation
import HogaCore
import HogaCrossSection
import HogaJobs
import HogaLake
import HogaReport
import HogaTestKit
import Testing

@Suite("Cleaning a venue's days")
struct CleanJobTests {
  /// Five days: of the second the candles are missing, of the third the premium, of the fourth the
  /// metrics. One symbol is a stablecoin, one is delisted at the first noon, one has small gaps.
  private func venue() throws -> RandomVenue {
    var venue = try RandomVenue(symbols: ["AAAUSDT", "BBBUSDT", "CCCUSDT", "USDCUSDT"], days: 5)
    venue.emptyDays = [1]
    venue.daysWithoutPremium = [2]
    venue.daysWithoutMetrics = [3]
    venue.absent = ["BBBUSDT": Set(720..<5 * 1440), "CCCUSDT": [100, 101]]
    venue.idle = [4: ["AAAUSDT"]]
    try venue.write()
    return venue
  }

  @Test("minutes of kept symbols reach the lake; lists say what was banned, filled and missing")
  func whole() throws {
    let venue = try venue()
    let summary = try venue.clean()
    let days = venue.first
    let banned = try BannedSymbols.read(venue.folder("quality/banned_symbols.json"))
    #expect(banned.days[days] == ["BBBUSDT", "USDCUSDT"])
    #expect(banned.days[days.adding(days: 2)] == ["USDCUSDT"])
    let dates = try GlobalBanDates.read(venue.folder("quality/global_ban_dates.json"))
    #expect(dates.missingDates == [days.adding(days: 1)])
    #expect(dates.nullFeatures[days] == nil)
    #expect(dates.nullFeatures[days.adding(days: 2)] == ["Premium"])
    #expect(dates.nullFeatures[days.adding(days: 3)]?.contains("OI_Z") == true)
    #expect(dates.drops("x_15m_OI_Z_neut", on: days.adding(days: 3)))

    let minutes = try #require(
      try venue.lake.candles(.minutes, venue: venue.venue, date: days))
    #expect(minutes.rowCount == 2 * 1440 && minutes.schema == CandleTable.minutes.schema)
    guard case .bool(let filled) = try minutes.column("filled") else { return }
    #expect(filled.indices.filter { filled[$0] } == [1440 + 100, 1440 + 101])
    #expect(
      try venue.lake.candleDates(.minutes, venue: venue.venue).count == 4)

    #expect(summary.keptCount == 8 && summary.bannedCount == 5)
    #expect(abs(summary.filledShare - 2.0 / (8 * 1440)) < 1e-15)
    #expect(summary.text.contains("kept without any volume all day: 1"))
    let json = try JSONReader.read(venue.text("quality/clean.json"))
    // A share of nothing is written as null.
    #expect(json.text() == summary.json.text())
    #expect(json["kept_symbol_days"] == .int(8))
    #expect(Self.keysAreSorted(json))
    let page = try venue.text("quality/clean.html")
    #expect(page.contains("00:00–11:59") && page.contains("stablecoin USDC"))
    #expect(page.contains("AAAUSDT on 2024-03-09"))
  }

  private static func keysAreSorted(_ json: JSONValue) -> Bool {
    switch json {
    case .object(let members):
      members.map(\.key) == members.map(\.key).sorted()
        && members.allSatisfy { keysAreSorted($0.value) }
    case .array(let values): values.allSatisfy(keysAreSorted)
    default: true
    }
  }

  @Test("the same days give the same bytes again, with any number of threads")
  func repeated() throws {
    let venue = try venue()
    try venue.clean(workers: 1)
    let lake = venue.folder.snapshot("lake/minutes")
    let lists = venue.folder.snapshot("quality")
    try venue.clean(workers: 3)
    #expect(venue.folder.snapshot("lake/minutes") == lake)
    #expect(venue.folder.snapshot("quality") == lists)
    #expect(lake.keys.allSatisfy { !$0.contains(".tmp") })
  }

  @Test("a day on which nothing is left any more keeps no minutes of an earlier run")
  func emptied() throws {
    let venue = try venue()
    try venue.clean()
    try venue.clean { $0.settings.bansZeroVolume = true }
    // The fifth day has AAAUSDT without volume, and CCCUSDT.
    #expect(try venue.lake.candleSymbols(.minutes, venue: "test", date: venue.last)?.count == 1)
    var narrow = venue
    narrow.absent["AAAUSDT"] = Set(0..<5 * 1440)
    narrow.absent["CCCUSDT"] = Set(1440 * 4..<1440 * 4 + 60)
    try narrow.write([4])
    let summary = try narrow.clean()
    #expect(summary.banDates.missingDates.contains(venue.last))
    #expect(try venue.lake.candles(.minutes, venue: "test", date: venue.last)?.rowCount == 0)
    #expect(summary.notes.contains { $0.contains("no symbol is left") })
  }

  @Test("nothing is written where the lake has no candles, or someone stops it")
  func nothing() throws {
    let venue = try venue()
    let before = venue.folder.files("lake")
    #expect(throws: MissingInputError.self) { try venue.clean { $0.venue = "elsewhere" } }
    #expect(throws: UsageError.self) { try venue.clean { $0.settings.limit = 0 } }
    let monitor = JobMonitor()
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) {
      try CleanJob(lake: venue.lake, venue: "test", dates: venue.dates).run(
        to: venue.folder("quality"), producer: "test", monitor: monitor)
    }
    #expect(venue.folder.files("quality").isEmpty)
    #expect(!venue.folder.files("lake").contains { $0.contains(".tmp") })
    #expect(before.allSatisfy { venue.folder.files("lake").contains($0) })
  }

  @Test("a damaged day is an error that names its file")
  func damaged() throws {
    let venue = try venue()
    let path = try venue.lake.partition(
      table: "candles_1m", venue: "test", symbol: nil, date: venue.last
    ).path
    let frame = try ParquetFile(path).read()
    let twice = frame.gathered(Array(0..<1440) + Array(1439..<frame.rowCount))
    try TableFile.write(twice, to: path, metadata: [:])
    let error = #expect(throws: DataError.self) { try venue.clean() }
    #expect(error?.file == path && error?.row == 1441)
    #expect(error?.reason.contains("twice") == true)
    try TableFile.write(frame.selecting(["symbol", "time", "open"]), to: path, metadata: [:])
    let missing = #expect(throws: DataError.self) { try venue.clean() }
    #expect(missing?.file == path && missing?.column == "high")
  }

  @Test("the page stands for nine symbols and for three hundred")
  func pages() throws {
    for count in [9, 300] {
      let page = CleanPage(Self.sample(symbols: count, days: 60)).page(producer: "hoga clean …")
      let html = page.html()
      #expect(html.contains("Coverage") && html.utf8.count < 1_500_000)
      // To look at it: HOGA_CLEAN_SAMPLE=/tmp/clean writes /tmp/clean-9.html and /tmp/clean-300.html.
      if let path = ProcessInfo.processInfo.environment["HOGA_CLEAN_SAMPLE"] {
        try page.write(to: "\(path)-\(count).html")
      }
    }
    let empty = CleanSummary(venue: "none", settings: CleaningSettings(), days: [])
    #expect(CleanPage(empty).page(producer: "").html().contains("There are no candles"))
  }

  private static func sample(symbols: Int, days: Int) -> CleanSummary {
    var random = SeededRandom(9)
    let first = CivilDate(year: 2025, month: 4, day: 20)!
    let starts = (0..<symbols).map { _ in
      random.uniform() < 0.8 ? 0 : Int.random(in: 0..<days, using: &random)
    }
    return CleanSummary(
      venue: "binance-usdm", settings: CleaningSettings(),
      days: (0..<days).map { number in
        var day = CleanSummary.Day(date: first.adding(days: number))
        guard number != 33 else { return day }
        for symbol in 0..<symbols where number >= starts[symbol] {
          let kind = random.uniform()
          let gap = kind < 0.04 ? Int.random(in: 1...900, using: &random) : kind < 0.1 ? 2 : 0
          let name = symbol == 4 ? "USDCUSDT" : "S\(100 + symbol)USDT"
          var finding = SymbolFindings(
            symbol: name, rows: 1440 - gap, firstMinute: 0, lastMinute: 1439)
          finding.missingRequired = 8 * gap
          if symbol == 4 {
            finding.ban = .stablecoin(base: "USDC")
          } else if gap > 3 {
            finding.ban = .missing(values: 8 * gap, limit: 30)
          } else {
            finding.filledMinutes = gap
          }
          day.symbols.append(finding)
        }
        if number % 20 == 7 {
          day.absentFields = [.premium]
          day.nullFeatures = ["Premium"]
        }
        return day
      })
  }
}
