import HogaCore
import HogaCrossSection
import HogaJobs
import HogaLake
import HogaTestKit
import Testing

@Suite("Choosing universes from the lake")
struct UniverseJobTests {
  private func volumes(_ venue: RandomVenue, _ date: CivilDate) throws -> [String: Double] {
    let frame = try #require(try venue.lake.candles(.minutes, venue: "test", date: date))
    guard case .category(let names) = try frame.column("symbol") else { return [:] }
    var sums: [String: Double] = [:]
    for (row, quote) in try frame.doubles("quote").enumerated() {
      sums[names[row] ?? "", default: 0] += quote
    }
    return sums
  }

  @Test("lists follow the sums of the day before, and of the same day on request")
  func ranks() throws {
    let venue = try RandomVenue(
      symbols: ["AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT", "EEEUSDT", "USDCUSDT"], days: 3)
    try venue.write()
    try venue.clean()
    for sameDay in [false, true] {
      let job = UniverseJob(
        lake: venue.lake, venue: "test", dates: venue.dates, top: 3, sameDay: sameDay, workers: 2)
      let result = try job.run(to: venue.folder("lists"), monitor: JobMonitor())
      let universe = try Universe.read(venue.folder("lists/top3_universe.json"))
      #expect(universe == result.universe && universe.isSameDay == sameDay)
      for number in 1..<3 {
        let date = venue.first.adding(days: number)
        let sums = try volumes(venue, sameDay ? date : date.adding(days: -1))
        let expected = sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map(\.key)
        #expect(universe.symbols(on: date) == expected)
      }
      #expect((universe.symbols(on: venue.first) == nil) == !sameDay)
      #expect(result.notes.contains { $0.contains("no list for 2024-03-05") } == !sameDay)
      #expect(result.notes.contains { $0.contains("looks ahead") } == sameDay)
    }
  }

  @Test("minutes that are not there are missing input, a top of zero is refused")
  func refused() throws {
    let venue = try RandomVenue(symbols: ["AAAUSDT"], days: 1)
    try venue.write()
    let job = UniverseJob(lake: venue.lake, venue: "test", dates: venue.dates, top: 1)
    #expect(throws: MissingInputError.self) {
      try job.run(to: venue.folder("lists"), monitor: JobMonitor())
    }
    var none = job
    none.top = 0
    #expect(throws: UsageError.self) {
      try none.run(to: venue.folder("lists"), monitor: JobMonitor())
    }
    #expect(venue.folder.files("lists").isEmpty)
  }
}
