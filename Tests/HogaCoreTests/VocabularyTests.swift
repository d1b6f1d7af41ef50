import Foundation
import HogaCore
import Testing

@Suite("Time")
struct TimeTests {
  @Test("dates agree with Foundation's calendar over 400 years")
  func datesAgree() {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0)!
    for day in stride(from: -80_000, through: 80_000, by: 97) {
      let date = Date(timeIntervalSince1970: Double(day) * 86_400)
      let parts = calendar.dateComponents([.year, .month, .day], from: date)
      let civil = CivilDate(daysSince1970: day)
      #expect(civil.components == (parts.year!, parts.month!, parts.day!))
      #expect(CivilDate(year: parts.year!, month: parts.month!, day: parts.day!) == civil)
      #expect(CivilDate(civil.description) == civil)
    }
  }

  @Test("refuses dates that do not exist", arguments: ["2023-02-29", "2024-13-01", "24-1-1", "x"])
  func refusesDates(text: String) { #expect(CivilDate(text) == nil) }

  @Test("prints instants as ISO 8601, also before 1970")
  func prints() {
    #expect(
      Timestamp(nanoseconds: 1_723_161_255_030_314_667).description
        == "2024-08-08T23:54:15.030314667Z")
    #expect(Timestamp(nanoseconds: -1).description == "1969-12-31T23:59:59.999999999Z")
    #expect(Timestamp(nanoseconds: 0).description == "1970-01-01T00:00:00Z")
  }

  @Test("rounds up to a grid, also before 1970")
  func rounds() {
    #expect(Timestamp(nanoseconds: 1).roundedUp(to: .seconds(1)).nanoseconds == 1_000_000_000)
    #expect(Timestamp(nanoseconds: -1).roundedUp(to: .seconds(1)).nanoseconds == 0)
    #expect(Timestamp(nanoseconds: 5).roundedUp(to: TimeSpan(nanoseconds: 5)).nanoseconds == 5)
  }

  @Test("reads and writes lengths of time")
  func spans() {
    #expect(TimeSpan("5m")?.description == "300s")
    #expect(TimeSpan("250ms")?.description == "250ms")
    #expect(TimeSpan("1d")?.nanoseconds == 86_400_000_000_000)
    #expect(TimeSpan("0") == .zero)
    for bad in ["", "s", "1", "1.5s", "1 s", "99999999999999d", "1w"] {
      #expect(TimeSpan(bad) == nil)
    }
  }
}

@Suite("Decimal")
struct DecimalTests {
  @Test("reads what it writes, exactly", arguments: UInt64(0)..<50)
  func roundTrips(seed: UInt64) throws {
    var random = SeededRandom(seed)
    for _ in 0..<200 {
      let decimals = Int.random(in: 0...18, using: &random)
      let count = Int64.random(in: -Int64.max...Int64.max, using: &random)
      #expect(
        try Decimal.parse(Decimal.text(count, decimals: decimals), decimals: decimals) == count)
    }
  }

  @Test("equals the nearest float of the text")
  func equalsFloat() throws {
    for text in ["61800.10", "0.004", "0.1", "123456.78"] {
      let count = try Decimal.parse(text, decimals: 4)
      #expect(Decimal.double(count, scale: 1e4) == Double(text))
    }
  }

  @Test("refuses to round, to overflow and to guess")
  func refuses() {
    #expect(throws: Decimal.ParseFailure.tooFine) { try Decimal.parse("0.15", decimals: 1) }
    #expect(throws: Decimal.ParseFailure.tooLarge) {
      try Decimal.parse("9223372036854775808", decimals: 0)
    }
    for bad in ["", "-", ".", "1e5", "NaN", "1,000", " 1", "1 ", "--1", "0x1"] {
      #expect(throws: Decimal.ParseFailure.notANumber) { try Decimal.parse(bad, decimals: 2) }
    }
    #expect((try? Decimal.parse("1.500", decimals: 1)) == 15)
  }
}

@Suite("Frame")
struct FrameTests {
  private let frame = Frame([
    ("a", .int64([1, Column.missing, 3])), ("b", .double([1.5, .nan, 2.5])),
    ("c", .category(Categories(["x", nil, "y"]))), ("d", .decimal([125, 5, -5], scale: 2)),
  ])

  @Test("converts with nulls as NaN")
  func converts() throws {
    #expect(try frame.doubles("d") == [1.25, 0.05, -0.05])
    #expect(try frame.doubles("a")[1].isNaN)
    #expect(frame["c"]?.nullCount == 1)
  }

  @Test("names the columns there are when one is asked for that is not")
  func namesColumns() {
    let error = #expect(throws: DataError.self) { try frame.column("z") }
    #expect(error?.description == "column z: no such column; there are 4: a, b, c, d")
    #expect(throws: DataError.self) { try frame.doubles("c") }
  }

  @Test("joins rows, translating categories")
  func joins() {
    var left = frame
    var right = frame.gathered([2, 0])
    right.append("c", .category(Categories(["z", "x"])))
    left.append(rowsOf: right)
    #expect(left.rowCount == 5)
    guard case .category(let texts) = left["c"] else { return }
    #expect((0..<5).map { texts[$0] } == ["x", nil, "y", "z", "x"])
    #expect(left.rows(3..<5)["a"] == .int64([3, 1]))
  }
}

@Suite("JSON")
struct JSONValueTests {
  @Test("writes what Foundation reads back")
  func readsBack() throws {
    let value: JSONValue = [
      "text": "a \"quoted\" <b>\\ \n\u{1} 호가 🎉", "int": -5, "double": 0.1, "nan": .double(.nan),
      "list": [1, true, nil, [:], []],
    ]
    for indented in [true, false] {
      let data = Data(value.text(indented: indented).utf8)
      let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      #expect(object?["text"] as? String == "a \"quoted\" <b>\\ \n\u{1} 호가 🎉")
      #expect(object?["double"] as? Double == 0.1)
      #expect(object?["nan"] is NSNull)
      #expect((object?["list"] as? [Any])?.count == 5)
    }
  }
}

@Suite("Job monitor")
struct JobMonitorTests {
  @Test("stops work at its next step once cancelled")
  func stops() throws {
    let monitor = JobMonitor()
    monitor.begin("counting", total: 10, unit: "rows")
    try monitor.advance(by: 4)
    #expect(monitor.snapshot.done == 4)
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) { try monitor.advance(by: 1) }
  }
}
