import Foundation
import HogaCore
import HogaImport
import Testing

@Suite("Time formats of text files")
struct TimeFormatTests {
  func read(_ text: String, _ format: String) throws -> TimeFormat.Reading? {
    let bytes = Array(text.utf8)
    let format = try TimeFormat(format, at: "format")
    return unsafe bytes.withUnsafeBufferPointer { unsafe format.read($0) }
  }

  @Test("reads counts since 1970 exactly, in every unit")
  func epochs() throws {
    #expect(try read("1297814400.006437", "epoch_s") == .utc(1_297_814_400_006_437_000))
    #expect(try read("1582329601096000", "epoch_us") == .utc(1_582_329_601_096_000_000))
    #expect(try read("1582329601096.5", "epoch_ms") == .utc(1_582_329_601_096_500_000))
    #expect(try read("-1", "epoch_ns") == .utc(-1))
    for text in ["", "nan", "1e9", "99999999999999999999", "1.0000000001"] {
      #expect(try read(text, "epoch_s") == nil, "\(text)")
    }
  }

  @Test("reads patterns, with fractions of fixed and free length and offsets from UTC")
  func patterns() throws {
    let day = CivilDate("2013-09-01")!.start.nanoseconds
    #expect(
      try read("2013-09-01 17:00:00.083", "%Y-%m-%d %H:%M:%S.%f")
        == .local(day + 61_200_083_000_000))
    #expect(try read("08595997", "%H%M%S%2f") == .timeOfDay(32_399_970_000_000))
    #expect(try read("130901170000", "%y%m%d%H%M%S") == .local(day + 61_200_000_000_000))
    #expect(
      try read("01-Sep-2013T17:00+02:00", "%d-%b-%YT%H:%M%z") == .utc(day + 54_000_000_000_000))
    #expect(try read("2013-09-01T17:00Z", "%Y-%m-%dT%H:%M%z") == .utc(day + 61_200_000_000_000))
    for text in [
      "2013-09-01 17:00:00", "2013-09-31 17:00:00.1", "2013-09-01 24:00:00.1",
      "2013-09-01 17:00:60.1", "2013-09-01 17:00:00.", "2013-09-01 17:00:00.1 ", "",
      "2013-09-01 17:00:00.1234567891",
    ] {
      #expect(try read(text, "%Y-%m-%d %H:%M:%S.%f") == nil, "\(text)")
    }
    #expect(try read("0859599", "%H%M%S%2f") == nil)
  }

  @Test(
    "refuses patterns that make no time",
    arguments: ["%Q", "%Y-%m-%d", "%H:%M %d", "%", "epoch_minutes", "%3Y"])
  func badPatterns(pattern: String) {
    #expect(throws: UsageError.self) { try TimeFormat(pattern, at: "time.format") }
  }

  @Test("agrees with Foundation's calendar in zones with and without summer time")
  func zones() throws {
    for name in ["America/Chicago", "Asia/Seoul", "Europe/London", "Australia/Lord_Howe", "UTC"] {
      let zone = try #require(TimeZone(identifier: name))
      var clock = ZoneClock(zone)
      var random = SeededRandom(7)
      for _ in 0..<2000 {
        let utc = Int64.random(in: 1_300_000_000...1_400_000_000, using: &random) * 1_000_000_000
        let local =
          utc + Int64(
            zone.secondsFromGMT(
              for: Date(timeIntervalSince1970: Double(utc / 1_000_000_000)))) * 1_000_000_000
        #expect(clock.local(utc) == local)
        // Near the end of summer time, a time is shown twice and refused.
        if let found = try? clock.utc(local) { #expect(found == utc) }
      }
    }
  }

  @Test("refuses times that the clocks skipped or showed twice")
  func transitions() throws {
    var clock = ZoneClock(try #require(TimeZone(identifier: "America/Chicago")))
    let spring = CivilDate("2013-03-10")!.start.nanoseconds
    let autumn = CivilDate("2013-11-03")!.start.nanoseconds
    let hour: Int64 = 3_600_000_000_000
    #expect(throws: ZoneClock.Failure.skipped) { try clock.utc(spring + 2 * hour + 1) }
    #expect(throws: ZoneClock.Failure.ambiguous) { try clock.utc(autumn + hour + 1) }
    #expect(try clock.utc(spring + hour) == spring + 7 * hour)
    #expect(try clock.utc(spring + 3 * hour) == spring + 8 * hour)
    #expect(try clock.utc(autumn + 2 * hour) == autumn + 8 * hour)
    #expect(try clock.utc(autumn - hour) == autumn + 4 * hour)
  }
}

@Suite("Reorder buffer")
struct ReorderBufferTests {
  @Test(
    "sorts as a stable sort does, if no row is later than the window", arguments: UInt64(0)..<20)
  func sorts(seed: UInt64) throws {
    var random = SeededRandom(seed)
    var rows = (0..<500).map { Int64($0 / 3) }
    // Moves every row back by at most 10.
    let keys = rows.map { $0 + Int64.random(in: 0...10, using: &random) }
    rows = rows.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { rows[$0] }
    var buffer = ReorderBuffer(window: TimeSpan(nanoseconds: 10), width: 1)
    var found: [(Int64, Int64)] = []
    var value: [Int64] = [0]
    for (ordinal, arrival) in rows.enumerated() {
      try buffer.insert(arrival: arrival, ordinal: Int64(ordinal), [Int64(ordinal)])
      while let row = buffer.next(into: &value, isEnd: false) {
        found.append((row.arrival, value[0]))
      }
      #expect(buffer.count <= 80)
    }
    while let row = buffer.next(into: &value, isEnd: true) { found.append((row.arrival, value[0])) }
    let expected = rows.indices.sorted { (rows[$0], $0) < (rows[$1], $1) }
    #expect(found.map(\.1) == expected.map { Int64($0) })
  }
}
