import HogaCore
import HogaCrossSection
import Testing

@Suite("Raw rows that cannot be a day's minutes")
struct QualityRefusalTests {
  private func error(
    _ change: (inout [(name: String, column: Column)]) -> Void
  ) -> DataError? {
    let frame = RawMarket(["AAAUSDT", "BBBUSDT"]).candles
    var columns = zip(frame.names, frame.columns).map { (name: $0, column: $1) }
    change(&columns)
    let day = RawDay(date: RawMarket.date, candles: .init(Frame(columns), file: "candles.parquet"))
    do {
      _ = try MinuteCleaner().clean(day)
      return nil
    } catch {
      return error as? DataError
    }
  }

  private func times(_ change: (inout [Int64]) -> Void) -> DataError? {
    error { columns in
      guard case .timestamp(var times) = columns[1].column else { return }
      change(&times)
      columns[1].column = .timestamp(times)
    }
  }

  @Test("a minute that comes twice is named with file and row: a day of 1,441 rows has one")
  func twice() {
    let error = times { $0[11] = $0[10] }
    #expect(error?.file == "candles.parquet")
    #expect(error?.row == 12)
    #expect(error?.reason == "AAAUSDT has 2024-03-05T00:10:00Z twice")
  }

  @Test("time that goes backward, the next day's midnight, a second off the minute, no time")
  func off() {
    #expect(times { $0.swapAt(10, 11) }?.reason == "goes backward within AAAUSDT")
    #expect(times { $0[1439] += RawMarket.minute }?.reason.contains("is not of 2024-03-05") == true)
    let seconds = times { $0[5] += 1_000_000_000 }
    #expect(seconds?.reason == "2024-03-05T00:05:01Z is not a full minute")
    #expect(seconds?.row == 6)
    #expect(times { $0[0] = Column.missing }?.reason.contains("missing") == true)
    #expect(times { $0[0] = .max }?.column == "time")
  }

  @Test("symbols out of order, split in two runs, or missing")
  func symbols() {
    func names(_ change: (inout [String?]) -> Void) -> DataError? {
      error { columns in
        guard case .category(let symbols) = columns[0].column else { return }
        var names = symbols.codes.indices.map { symbols[$0] }
        change(&names)
        columns[0].column = .category(Categories(names))
      }
    }
    #expect(names { for row in 0..<1440 { $0[row] = "CCCUSDT" } }?.row == 1441)
    #expect(names { $0[700] = "BBBUSDT" }?.column == "symbol")
    #expect(names { $0[3] = nil }?.row == 4)
  }

  @Test("a price of zero, an infinite volume, a missing column, text where numbers belong")
  func values() {
    func set(_ name: String, _ value: Double) -> DataError? {
      error { columns in
        guard let index = columns.firstIndex(where: { $0.name == name }),
          case .double(var values) = columns[index].column
        else { return }
        values[20] = value
        columns[index].column = .double(values)
      }
    }
    #expect(set("low", 0)?.row == 21)
    #expect(set("close", -1)?.column == "close")
    #expect(set("volume", .infinity)?.reason == "inf is no volume")
    #expect(set("quote_volume", -0.5)?.column == "quote_volume")
    #expect(error { $0.removeAll { $0.name == "close" } }?.column == "close")
    #expect(error { $0[2].column = $0[0].column }?.file == "candles.parquet")
  }

  @Test("settings that make no sense are refused")
  func settings() {
    for settings in [
      CleaningSettings(limit: 0), CleaningSettings(required: []),
      CleaningSettings(required: [.openInterest]), CleaningSettings(maximumAge: .zero),
    ] {
      #expect(throws: UsageError.self) {
        try MinuteCleaner(settings: settings).clean(RawMarket(["AAAUSDT"]).day)
      }
    }
  }

  @Test("whatever is torn out, the rows that come out are whole minutes", arguments: 0..<6)
  func property(seed: Int) throws {
    var random = SeededRandom(UInt64(seed))
    var market = RawMarket(["AAAUSDT", "BBBUSDT", "CCCUSDT"])
    for symbol in market.symbols {
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let start = Int.random(in: 0..<1440, using: &random)
        let rows = start..<min(1440, start + Int.random(in: 1...3, using: &random))
        market.absentRows[symbol, default: []].formUnion(rows)
      }
      for field in RawMarket.fields {
        for _ in 0..<Int.random(in: 0...1, using: &random) {
          market.absentCells[symbol, default: [:]][field, default: []].insert(
            Int.random(in: 0..<1440, using: &random))
        }
      }
    }
    let day = try MinuteCleaner().clean(market.day)
    for (index, symbol) in market.symbols.enumerated() {
      let found = day.finding(symbol)
      #expect((found.missingRequired >= 30) == (found.ban != nil))
      guard found.ban == nil else { continue }
      for (place, field) in RawMarket.fields.enumerated() {
        // The slow reading: the nearest value before, else the nearest after.
        let absent = (market.absentRows[symbol] ?? []).union(
          market.absentCells[symbol]?[field] ?? [])
        let values = try day.values(field, of: symbol)
        for minute in 0..<1440 {
          let source =
            (0...minute).last { !absent.contains($0) }
            ?? (minute..<1440).first { !absent.contains($0) }!
          if values[minute] != RawMarket.value(symbol: index, field: place, minute: source) {
            Issue.record("\(symbol) \(field) at \(minute)")
          }
        }
      }
    }
  }
}
