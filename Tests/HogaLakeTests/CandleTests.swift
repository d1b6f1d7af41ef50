import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Candle tables")
struct CandleTests {
  private static let day = CivilDate("2026-03-02")!

  /// Minutes of some symbols, as many for each as asked for.
  static func bars(
    _ symbols: [(String, Int)], on date: CivilDate = day, seed: UInt64 = 1
  ) -> Frame {
    var random = SeededRandom(seed)
    var names: [String?] = []
    var times: [Int64] = []
    var prices: [[Double]] = [[], [], [], []]
    var volumes: [Double] = []
    var counts: [Int64] = []
    for (symbol, rows) in symbols {
      for row in 0..<rows {
        names.append(symbol)
        times.append(date.start.nanoseconds + Int64(row) * 60_000_000_000)
        let (open, close) = (90 + random.uniform(), 90 + random.uniform())
        prices[0].append(open)
        prices[1].append(max(open, close) + random.uniform())
        prices[2].append(min(open, close) - random.uniform())
        prices[3].append(close)
        volumes.append((random.uniform() * 1000).rounded() / 100)
        counts.append(Int64(row))
      }
    }
    return Frame([
      ("symbol", .category(Categories(names))), ("time", .timestamp(times)),
      ("open", .double(prices[0])), ("high", .double(prices[1])), ("low", .double(prices[2])),
      ("close", .double(prices[3])), ("volume", .double(volumes)), ("count", .int64(counts)),
    ])
  }

  private func lake(
    _ folder: TemporaryFolder, _ frame: Frame, table: CandleTable = .candles(.minute),
    date: CivilDate = day
  ) throws -> Lake {
    let lake = Lake(root: folder("lake"))
    let transaction = lake.begin(producer: "test", sources: ["a"])
    try transaction.append(frame, to: table, venue: "v", date: date)
    try transaction.commit()
    return lake
  }

  @Test("a name of every table leads back to it")
  func names() {
    let tables =
      CandleInterval.allCases.flatMap { [CandleTable.candles($0), .premium($0)] }
      + [.metrics, .funding, .minutes]
    for table in tables { #expect(CandleTable(name: table.name) == table) }
    for name in ["candles_2m", "candles", "trades", "", "minutes "] {
      #expect(CandleTable(name: name) == nil)
    }
    #expect(CandleTable.candles(.minute).rowsPerDay == 1440)
    #expect(CandleTable.candles(.day).rowsPerDay == 1)
    #expect(CandleTable.metrics.rowsPerDay == nil)
  }

  @Test("what is written is read, whole, by symbols and by columns; what has no source is null")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let bars = Self.bars([("ADA", 1440), ("BTC", 1439), ("가나", 3)])
    let lake = try lake(folder, bars)
    let all = try #require(try lake.candles(.candles(.minute), venue: "v", date: Self.day))
    #expect(all.names == CandleTable.candles(.minute).schema.map(\.name))
    #expect(try all.selecting(bars.names).hasSameCells(as: bars))
    #expect(try all.column("taker_volume").nullCount == all.rowCount)

    let some = try #require(
      try lake.candles(
        .candles(.minute), venue: "v", date: Self.day, symbols: ["가나", "none", "ADA"],
        columns: ["close", "symbol"]))
    #expect(some.names == ["close", "symbol"])
    #expect(some.rowCount == 1443)
    let closes = try bars.doubles("close")
    #expect(try some.doubles("close") == Array(closes[..<1440]) + Array(closes[2879...]))
    let none = try #require(
      try lake.candles(
        .candles(.minute), venue: "v", date: Self.day, symbols: ["none"], columns: ["close"]))
    #expect(none.rowCount == 0)
    #expect(none.names == ["close"])

    #expect(try lake.candles(.candles(.hour), venue: "v", date: Self.day) == nil)
    #expect(
      try lake.candles(.candles(.minute), venue: "v", date: Self.day.adding(days: 1)) == nil)
    #expect(try lake.candleDates(.candles(.minute), venue: "v") == [Self.day])
    #expect(try lake.candleDates(.candles(.minute), venue: "w") == [])
    let runs = try #require(
      try lake.candleSymbols(.candles(.minute), venue: "v", date: Self.day))
    #expect(runs.map(\.symbol) == ["ADA", "BTC", "가나"])
    #expect(runs.map(\.rows) == [1440, 1439, 3])
  }

  @Test("symbols that lie in other row groups are found as well")
  func rowGroups() throws {
    let folder = try TemporaryFolder()
    let symbols = (0..<60).map { "S\(100 + $0)" }
    let lake = Lake(root: folder("lake"))
    let transaction = lake.begin(producer: "test", sources: ["a"])
    let bars = Self.bars(symbols.map { ($0, 1440) })
    // In pieces that end inside a symbol's rows.
    for start in stride(from: 0, to: bars.rowCount, by: 50_000) {
      try transaction.append(
        bars.rows(start..<min(bars.rowCount, start + 50_000)), to: .candles(.minute), venue: "v",
        date: Self.day)
    }
    try transaction.commit()
    for symbol in ["S100", "S134", "S159"] {
      let rows = try #require(
        try lake.candles(.candles(.minute), venue: "v", date: Self.day, symbols: [symbol]))
      #expect(rows.rowCount == 1440)
      let start = (Int(symbol.dropFirst())! - 100) * 1440
      #expect(
        try rows.doubles("open") == Array(try bars.doubles("open")[start..<start + 1440]))
    }
  }

  @Test("rows out of order, twice, without a key or of another day are refused, with their place")
  func order() throws {
    let folder = try TemporaryFolder()
    let bars = Self.bars([("ADA", 4), ("BTC", 4)])
    let swaps: [(rows: [Int], words: String)] = [
      ([0, 1, 3, 2], "time before"), ([4, 5, 0, 1], "symbol below"), ([0, 1, 1, 2], "repeats"),
    ]
    for (rows, words) in swaps {
      let error = #expect(throws: DataError.self) {
        try lake(folder, bars.gathered(rows))
      }
      #expect(error?.reason.contains(words) ?? false, "\(words)")
      #expect(
        error?.reason.contains("row \(words == "symbol below" ? 3 : words == "repeats" ? 3 : 4)")
          ?? false)
    }
    let other = #expect(throws: DataError.self) {
      try lake(folder, bars, date: Self.day.adding(days: 1))
    }
    #expect(other?.reason.contains("another date") ?? false)
    var unnamed = bars
    unnamed.append("symbol", .category(Categories(Array(repeating: nil, count: 8))))
    #expect(throws: DataError.self) { try lake(folder, unnamed) }
    // Two appends of one day continue each other.
    let transaction = Lake(root: folder("lake")).begin(producer: "test", sources: ["a"])
    try transaction.append(
      bars.rows(4..<8), to: .candles(.minute), venue: "v", date: Self.day)
    #expect(throws: DataError.self) {
      try transaction.append(
        bars.rows(0..<4), to: .candles(.minute), venue: "v", date: Self.day)
    }
    transaction.abandon()
    #expect(folder.files("lake").isEmpty)
  }

  @Test("columns of another name or type are refused")
  func columns() throws {
    let folder = try TemporaryFolder()
    var bars = Self.bars([("ADA", 4)])
    bars.append("count", .double([1, 2, 3, 4]))
    #expect(throws: DataError.self) { try lake(folder, bars) }
    bars.append("count", .int64([1, 2, 3, 4]))
    bars.append("turnover", .double([1, 2, 3, 4]))
    #expect(throws: DataError.self) { try lake(folder, bars) }
    // `filled` of cleaned minutes cannot be null, so it cannot be left out.
    #expect(throws: DataError.self) {
      try lake(
        folder, Self.bars([("ADA", 4)]).selecting(["symbol", "time", "close"]), table: .minutes)
    }
  }

  @Test("a file that another program has put there out of order is an error, not wrong minutes")
  func foreignOrder() throws {
    let folder = try TemporaryFolder()
    let bars = Self.bars([("ADA", 4), ("BTC", 4)])
    let lake = try lake(folder, bars)
    let path = try lake.partition(
      table: "candles_1m", venue: "v", symbol: nil, date: Self.day
    ).path
    let whole = try ParquetFile(path).read()
    for rows in [[0, 2, 1], [4, 5, 0, 1], [0, 0], [0, 4, 1]] {
      try ParquetWriter.write(whole.gathered(rows), to: path)
      #expect(throws: DataError.self) {
        try lake.candles(.candles(.minute), venue: "v", date: Self.day)
      }
    }
  }

  @Test("the check names every fault of bars, and passes whole days")
  func check() throws {
    let folder = try TemporaryFolder()
    let lake = try lake(folder, Self.bars([("ADA", 1440), ("BTC", 1440)]))
    let now = Self.day.adding(days: 1).start
    func findings() throws -> [CheckFinding] {
      try LakeCheck(now: now).run(lake).partitions.flatMap(\.findings)
    }
    let clean = try LakeCheck(now: now).run(lake)
    #expect(clean.partitions[0].findings == [])
    #expect(clean.partitions[0].symbols == 2)

    let path = try lake.partition(
      table: "candles_1m", venue: "v", symbol: nil, date: Self.day
    ).path
    let whole = try ParquetFile(path).read()
    func changed(_ name: String, _ row: Int, _ value: Double) throws -> Frame {
      var frame = whole
      var values = try frame.doubles(name)
      values[row] = value
      frame.append(name, .double(values))
      return frame
    }
    func timed(_ row: Int, _ time: Int64) throws -> Frame {
      var frame = whole
      var times = try frame.int64s("time")
      times[row] = time
      frame.append("time", .timestamp(times))
      return frame
    }
    let start = Self.day.start.nanoseconds
    let minute: Int64 = 60_000_000_000
    let cases: [(Frame, Set<CheckFinding.Kind>)] = [
      (try changed("high", 7, 1), [.barShape]),
      (try changed("close", 7, .infinity), [.notFinite, .barShape]),
      (try changed("open", 7, .nan), [.null]), (try changed("low", 7, -1), [.price]),
      (try changed("volume", 7, -1), [.size]), (try timed(7, start + 7 * minute + 1), [.offGrid]),
      (try timed(7, start + 6 * minute), [.duplicateRow]),
      (try timed(7, start + 3 * minute), [.rowOrder]),
      (try timed(1439, start + 1440 * minute), [.wrongDate]),
      (try timed(1439, start + 5000 * minute), [.wrongDate, .future]),
      (whole.rows(0..<2000), [.dayRows]),
      (try whole.selecting(["symbol", "time", "open"]), [.schemaMismatch]),
    ]
    for (frame, kinds) in cases {
      try ParquetWriter.write(
        frame, to: path, metadata: [LakeMetadata.table: "candles_1m", LakeMetadata.schema: "1"])
      #expect(Set(try findings().map(\.kind)) == kinds)
    }
  }

  @Test("coverage counts symbols, the share of the day's bars, and gaps within a symbol")
  func coverage() throws {
    let folder = try TemporaryFolder()
    let bars = Self.bars([("ADA", 1440), ("BTC", 720)])
    let lake = try lake(folder, bars.gathered((0..<2160).filter { $0 < 100 || $0 >= 110 }))
    let entry = try #require(try lake.coverage().partitions.first)
    #expect(entry.symbols == 2)
    #expect(entry.rows == 2150)
    #expect(entry.secondsShare == 2150.0 / 2880)
    #expect(entry.largestGap == 11 * 60_000_000_000)
    #expect(try lake.coverage().description.contains("2 symbols"))
  }
}
