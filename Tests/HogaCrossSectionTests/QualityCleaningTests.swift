import Foundation
import HogaCore
import HogaCrossSection
import Testing

@Suite("Cleaning of a day's minutes")
struct QualityCleaningTests {
  @Test("a whole day passes unchanged: 1,440 rows for each symbol, nothing filled")
  func whole() throws {
    let market = RawMarket(["AAAUSDT", "BBBUSDT"])
    let day = try MinuteCleaner().clean(market.day)
    #expect(day.minutes.rowCount == 2880)
    #expect(day.minutes.schema == CandleTable.minutes.schema)
    #expect(day.symbols.allSatisfy { $0.ban == nil && $0.filledMinutes == 0 })
    #expect(
      try day.values(.takerQuote, of: "BBBUSDT")
        == (0..<1440).map { RawMarket.value(symbol: 1, field: 7, minute: $0) })
    #expect(day.absentFields == [.premium, .openInterest, .topRatio, .globalRatio])
  }

  @Test("29 missing values are filled and 30 ban, counted over all required columns")
  func limit() throws {
    var market = RawMarket(["AAAUSDT", "BBBUSDT"])
    // Three rows of eight columns are 24; five cells more are 29, six are 30.
    for symbol in market.symbols { market.absentRows[symbol] = [100, 101, 700] }
    market.absentCells["AAAUSDT"] = [.close: [3, 4, 5, 6, 7]]
    market.absentCells["BBBUSDT"] = [.close: [3, 4, 5, 6, 7], .volume: [9]]
    let day = try MinuteCleaner().clean(market.day)
    let kept = day.finding("AAAUSDT")
    #expect(kept.ban == nil)
    #expect(kept.missingRequired == 29)
    #expect(kept.filledForward[.close] == 8)
    #expect(kept.filledForward[.open] == 3)
    #expect(kept.filledMinutes == 8)
    #expect(day.finding("BBBUSDT").ban == .missing(values: 30, limit: 30))
    #expect(day.minutes.rowCount == 1440)
    let close = try day.values(.close, of: "AAAUSDT")
    #expect(close[3...7].allSatisfy { $0 == close[2] })
    #expect(close[101] == close[99])
    #expect(close[702] == RawMarket.value(symbol: 0, field: 3, minute: 702))
  }

  @Test("a gap at the day's start is filled backward, one at its end forward")
  func ends() throws {
    var market = RawMarket(["AAAUSDT"])
    market.absentRows["AAAUSDT"] = [0, 1, 1439]
    let day = try MinuteCleaner().clean(market.day)
    let found = day.finding("AAAUSDT")
    #expect(found.filledBackward[.close] == 2)
    #expect(found.filledForward[.close] == 1)
    let close = try day.values(.close, of: "AAAUSDT")
    #expect(close[0] == close[2] && close[1] == close[2] && close[1439] == close[1438])
    guard case .bool(let filled) = try day.minutes.column("filled") else { return }
    #expect(filled.indices.filter { filled[$0] } == [0, 1, 1439])
  }

  @Test("1,439 rows are a gap that is filled and reported")
  func oneShort() throws {
    var market = RawMarket(["AAAUSDT"])
    market.absentRows["AAAUSDT"] = [811]
    let found = try MinuteCleaner().clean(market.day).finding("AAAUSDT")
    #expect(found.rows == 1439 && found.ban == nil && found.missingRequired == 8)
    #expect(abs(found.filledShare - 1.0 / 1440) < 1e-15)
  }

  @Test("a symbol delisted at noon is banned, with its last minute")
  func delisted() throws {
    var market = RawMarket(["AAAUSDT", "BBBUSDT"])
    market.absentRows["AAAUSDT"] = Set(720..<1440)
    let day = try MinuteCleaner().clean(market.day)
    let found = day.finding("AAAUSDT")
    #expect(found.ban == .missing(values: 720 * 8, limit: 30))
    #expect(found.banText.contains("the last at 11:59"))
    #expect(try day.values(.close, of: "AAAUSDT").isEmpty)
    #expect(day.keptCount == 1)
  }

  @Test("stablecoins are banned however whole their day is")
  func stablecoin() throws {
    let day = try MinuteCleaner().clean(RawMarket(["BTCUSDT", "USDCUSDT"]).day)
    #expect(day.finding("USDCUSDT").ban == .stablecoin(base: "USDC"))
    #expect(day.finding("BTCUSDT").ban == nil)
  }

  @Test("no volume all day is reported, and banned only on request")
  func idle() throws {
    var market = RawMarket(["AAAUSDT"])
    market.idle = ["AAAUSDT"]
    let kept = try MinuteCleaner().clean(market.day)
    #expect(kept.finding("AAAUSDT").hasZeroVolume && kept.keptCount == 1)
    let strict = MinuteCleaner(settings: CleaningSettings(bansZeroVolume: true))
    #expect(try strict.clean(market.day).finding("AAAUSDT").ban == .zeroVolume)
  }

  @Test("a column that the venue's candles never have bans nobody, and is named")
  func absentColumn() throws {
    var market = RawMarket(["AAAUSDT", "BBBUSDT"])
    for symbol in market.symbols {
      market.absentCells[symbol] = [.quote: Set(0..<1440), .takerQuote: Set(0..<1440)]
    }
    let day = try MinuteCleaner().clean(market.day)
    #expect(day.keptCount == 2)
    #expect(day.required == [.open, .high, .low, .close, .volume, .count])
    #expect(day.absentFields.starts(with: [.quote, .takerQuote]))
    #expect(day.nullFeatures.contains("NetTaker") && day.nullFeatures.contains("C2VWAP"))
    #expect(!day.nullFeatures.contains("Force"))
    // Where one symbol has it, the other lacks it.
    market.absentCells["AAAUSDT"] = [:]
    #expect(try MinuteCleaner().clean(market.day).finding("BBBUSDT").ban != nil)
    let required = MinuteCleaner(settings: CleaningSettings(required: [.close, .volume]))
    #expect(try required.clean(market.day).finding("BBBUSDT").ban == nil)
  }

  @Test("a reading holds from the minute that opens at its time on, never before")
  func readings() throws {
    var raw = RawMarket(["AAAUSDT"]).day
    raw.metrics = RawMarket.metrics([
      ("AAAUSDT", 5, [10, 1, 2]), ("AAAUSDT", 10.5, [20, .nan, 3]),
      ("AAAUSDT", 1439, [30, 4, 5]),
    ])
    let day = try MinuteCleaner(settings: CleaningSettings(maximumAge: .day)).clean(raw)
    let interest = try day.values(.openInterest, of: "AAAUSDT")
    #expect(interest[..<5].allSatisfy { $0.isNaN })
    #expect(interest[5...10].allSatisfy { $0 == 10 })
    #expect(interest[11..<1439].allSatisfy { $0 == 20 } && interest[1439] == 30)
    // A null in a reading leaves the last known value.
    #expect(try day.values(.topRatio, of: "AAAUSDT")[11...1438].allSatisfy { $0 == 1 })
    // Carrying a reading forward is its use, no gap.
    #expect(day.finding("AAAUSDT").filledMinutes == 0)
    #expect(day.nullFeatures == ["Premium"])
  }

  @Test("the day before's last reading holds past midnight until it is too old")
  func dayBefore() throws {
    var raw = RawMarket(["AAAUSDT", "BBBUSDT"]).day
    raw.metrics = RawMarket.metrics([("AAAUSDT", 10, [10, 1, 1]), ("BBBUSDT", 3, [7, 7, 7])])
    raw.metricsBefore = RawMarket.metrics(
      [("AAAUSDT", 1435, [5, 6, 6]), ("AAAUSDT", 1436, [.nan, 6, 6])],
      on: RawMarket.date.adding(days: -1))
    let day = try MinuteCleaner(
      settings: CleaningSettings(maximumAge: TimeSpan(nanoseconds: 8 * RawMarket.minute))
    ).clean(raw)
    let interest = try day.values(.openInterest, of: "AAAUSDT")
    #expect(interest[...3].allSatisfy { $0 == 5 })
    #expect(interest[4..<10].allSatisfy { $0.isNaN })
    #expect(interest[10...18].allSatisfy { $0 == 10 } && interest[19].isNaN)
    #expect(try day.values(.openInterest, of: "BBBUSDT")[..<3].allSatisfy { $0.isNaN })
  }

  @Test("a day without metrics keeps none of yesterday's, and its features are named")
  func withoutMetrics() throws {
    var raw = RawMarket(["AAAUSDT"]).day
    raw.metricsBefore = RawMarket.metrics(
      [("AAAUSDT", 1435, [5, 6, 7])], on: RawMarket.date.adding(days: -1))
    raw.premium = RawMarket.premium([("AAAUSDT", Array(0..<1440))])
    let day = try MinuteCleaner().clean(raw)
    #expect(try day.values(.openInterest, of: "AAAUSDT").allSatisfy { $0.isNaN })
    #expect(
      day.nullFeatures == [
        "CrowdingPressure", "OI_Chg", "OI_P_Corr", "OI_XSkew", "OI_Z", "PriceOIRegime",
        "RatioSkew", "RatioSkew_Z", "WhaleGap",
      ])
  }

  @Test("a short gap of the premium is filled, a long one stays and is counted")
  func premium() throws {
    var raw = RawMarket(["AAAUSDT"]).day
    let minutes = (2..<1440).filter { !(50..<60).contains($0) && !(200..<230).contains($0) }
    raw.premium = RawMarket.premium([("AAAUSDT", minutes)])
    let day = try MinuteCleaner().clean(raw)
    let premium = try day.values(.premium, of: "AAAUSDT")
    #expect(premium[0] == premium[2] && premium[59] == premium[49])
    #expect(premium[200..<230].allSatisfy { $0.isNaN } && premium[230] == 230.0 / 1024)
    let found = day.finding("AAAUSDT")
    #expect(found.missing[.premium] == 42 && found.left[.premium] == 30)
    #expect(found.filledForward[.premium] == 10 && found.filledBackward[.premium] == 2)
    #expect(found.ban == nil)
  }

  @Test("follows pandas: reindex, count, forward and backward fill, as-of join")
  func pandas() throws {
    let fixture = try QualityFixture.read()
    var market = RawMarket(fixture.symbols)
    for gap in fixture.gaps {
      for minute in gap.minutes {
        if let field = gap.field {
          market.absentCells[gap.symbol, default: [:]][field, default: []].insert(minute)
        } else {
          market.absentRows[gap.symbol, default: []].insert(minute)
        }
      }
    }
    var raw = market.day
    raw.metrics = RawMarket.metrics(fixture.metrics)
    raw.metricsBefore = RawMarket.metrics(
      fixture.metricsBefore, on: RawMarket.date.adding(days: -1))
    let day = try MinuteCleaner(settings: CleaningSettings(maximumAge: .day)).clean(raw)
    var cells = 0
    for (index, symbol) in fixture.symbols.enumerated() {
      let expected = fixture.expected[symbol]!
      let found = day.finding(symbol)
      #expect(found.missingRequired == expected.missing)
      #expect((found.ban != nil) == expected.isBanned)
      guard !expected.isBanned else { continue }
      for (place, field) in RawMarket.fields.enumerated() {
        let values = try day.values(field, of: symbol)
        let filled = expected.filled[field] ?? [:]
        for minute in 0..<1440 {
          let right =
            filled[minute] ?? RawMarket.value(symbol: index, field: place, minute: minute)
          if values[minute] != right { Issue.record("\(symbol) \(field) at \(minute)") }
          cells += 1
        }
      }
      for (field, runs) in expected.readings {
        let values = try day.values(field, of: symbol)
        // Without a reading of its own a day has none, where pandas carries yesterday's on.
        guard fixture.metrics.contains(where: { $0.0 == symbol && $0.1 > 0 }) else {
          #expect(values.allSatisfy { $0.isNaN }, "\(symbol) \(field)")
          continue
        }
        #expect(
          zip(values, runs).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }, "\(symbol) \(field)")
      }
    }
    #expect(cells == fixture.expected.values.count { !$0.isBanned } * 8 * 1440)
  }
}

/// What `Scripts/fixtures/quality.py` wrote.
private struct QualityFixture {
  struct Gap { var symbol: String, field: MinuteField?, minutes: [Int] }
  struct Expected {
    var missing: Int
    var isBanned: Bool
    var filled: [MinuteField: [Int: Double]] = [:]
    var readings: [MinuteField: [Double]] = [:]
  }

  var symbols: [String]
  var gaps: [Gap]
  var metrics: [(symbol: String, minute: Double, values: [Double])]
  var metricsBefore: [(symbol: String, minute: Double, values: [Double])]
  var expected: [String: Expected]

  private struct File: Decodable {
    struct Gap: Decodable { var symbol: String, field: String?, minutes: [Int] }
    struct Reading: Decodable { var symbol: String, minute: Double, values: [Double?] }
    struct Run: Decodable { var from: Int, value: Double? }
    struct Cell: Decodable { var minute: Int, value: Double }
    struct Symbol: Decodable {
      var missing: Int, banned: Bool, filled: [String: [Cell]], readings: [String: [Run]]
    }
    var symbols: [String], gaps: [Gap], metrics: [Reading], before: [Reading]
    var expected: [String: Symbol]
  }

  static func read() throws -> QualityFixture {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/quality.json")
    let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: path))
    func readings(_ list: [File.Reading]) -> [(symbol: String, minute: Double, values: [Double])] {
      list.map { ($0.symbol, $0.minute, $0.values.map { $0 ?? .nan }) }
    }
    func field(_ name: String) throws -> MinuteField {
      try #require(MinuteField(rawValue: name))
    }
    var expected: [String: Expected] = [:]
    for (name, symbol) in file.expected {
      var entry = Expected(missing: symbol.missing, isBanned: symbol.banned)
      for (name, cells) in symbol.filled {
        entry.filled[try field(name)] = Dictionary(
          uniqueKeysWithValues: cells.map { ($0.minute, $0.value) })
      }
      for (name, runs) in symbol.readings {
        var values = [Double](repeating: .nan, count: 1440)
        for run in runs {
          for minute in run.from..<1440 { values[minute] = run.value ?? .nan }
        }
        entry.readings[try field(name)] = values
      }
      expected[name] = entry
    }
    return QualityFixture(
      symbols: file.symbols,
      gaps: try file.gaps.map {
        Gap(symbol: $0.symbol, field: try $0.field.map(field), minutes: $0.minutes)
      }, metrics: readings(file.metrics), metricsBefore: readings(file.before),
      expected: expected)
  }
}
