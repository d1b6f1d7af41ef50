import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Lake")
struct LakeTests {
  let folder: TemporaryFolder
  let lake: Lake
  let day = CivilDate("2024-08-08")!

  init() throws {
    folder = try TemporaryFolder()
    lake = Lake(root: folder.path + "/lake")
  }

  static func instrument(_ symbol: String = "BTCUSDT", priceDecimals: Int = 1) -> Instrument {
    Instrument(
      venue: "test", symbol: symbol, priceDecimals: priceDecimals, sizeDecimals: 3,
      tickIncrement: 1)
  }

  static func trades(
    _ instrument: Instrument, _ rows: Int, startingAt start: Timestamp
  ) -> Frame {
    let times = (0..<rows).map { start.nanoseconds + Int64($0) * 1_000_000 }
    return Frame([
      ("arrival", .timestamp(times)), ("time", .timestamp(times.map { $0 - 500 })),
      ("sequence", .int64((0..<rows).map { Int64($0 + 1) })),
      ("id", .int64((0..<rows).map { Int64($0 + 1000) })),
      (
        "price",
        .decimal((0..<rows).map { 600_000 + Int64($0 % 7) }, scale: instrument.priceDecimals)
      ),
      ("size", .decimal((0..<rows).map { 1 + Int64($0 % 5) }, scale: instrument.sizeDecimals)),
      ("aggressor", .int32((0..<rows).map { $0 % 2 == 0 ? 1 : -1 })),
    ])
  }

  @Test("shows nothing before a commit, and everything after it")
  func commits() throws {
    let transaction = lake.begin(producer: "hoga import test", sources: ["/somewhere/a.gz"])
    let instrument = Self.instrument()
    for offset in 0..<2 {
      let date = day.adding(days: offset)
      try transaction.append(
        Self.trades(instrument, 10, startingAt: date.start), to: .trades, instrument: instrument,
        date: date)
    }
    #expect(try lake.partitions().isEmpty)
    transaction.setMetadata("hoga.clock_shift_ns", "1300000000")
    try transaction.commit()
    let found = try lake.partitions()
    #expect(found.map(\.date) == [day, day.adding(days: 1)])
    #expect(
      found[0].path
        == "\(folder.path)/lake/trades/venue=test/symbol=BTCUSDT/date=2024-08-08/part-0.parquet")
    let file = try ParquetFile(found[0].path)
    #expect(file.metadata["hoga.clock_shift_ns"] == "1300000000")
    #expect(file.metadata["hoga.producer"] == "hoga import test")
    #expect(try LakeMetadata.sources(of: file) == ["a.gz"])
    #expect(try LakeMetadata.instrument(of: file) == instrument)
  }

  @Test("reads consecutive days as one run of events")
  func replays() throws {
    let transaction = lake.begin(producer: "test", sources: ["a"])
    let instrument = Self.instrument()
    for offset in 0..<3 {
      let date = day.adding(days: offset)
      try transaction.append(
        Self.trades(instrument, 10, startingAt: date.start), to: .trades, instrument: instrument,
        date: date)
    }
    try transaction.commit()
    let reader = try MarketReader(
      lake, venue: "test", symbol: "BTCUSDT", dates: day...day.adding(days: 2))
    #expect(reader.bookSource() == nil)
    #expect(reader.instrument == instrument)
    struct Counter: MarketSink {
      var trades = 0
      mutating func bookChanged(_ book: OrderBook, at moment: Moment) {}
      mutating func traded(_ trade: Trade) { trades += 1 }
    }
    var counter = Counter()
    var replay = try Replay(book: nil, trades: reader.tradeSource())
    try replay.run(into: &counter)
    #expect(counter.trades == 30)
    #expect {
      _ = try MarketReader(
        lake, venue: "test", symbol: "BTCUSDT", dates: day...day.adding(days: 3))
    } throws: {
      "\($0)".hasSuffix(
        "no events of test BTCUSDT on 2024-08-11; there are trades on 2024-08-08 to 2024-08-10 "
          + "(3 days)")
    }
  }

  @Test("lists by table, venue, symbol and dates, sorted, and nothing else")
  func listing() throws {
    #expect(throws: MissingInputError("\(lake.root): no lake here")) { _ = try lake.partitions() }
    let transaction = lake.begin(producer: "test", sources: [])
    let frame = Frame([("a", .int64([1]))])
    var expected: [String] = []
    for table in ["b", "a"] {
      for venue in ["y", "x"] {
        for symbol in ["S2", nil, "S1"] {
          for offset in [2, 0, 1] {
            let date = day.adding(days: offset)
            try transaction.append(frame, to: table, venue: venue, symbol: symbol, date: date)
            expected.append("\(table) \(venue) \(symbol.map { $0 + " " } ?? "")\(date)")
          }
        }
      }
    }
    try transaction.commit()
    // Strangers of every kind are no partitions.
    for path in [
      "a/venue=x/symbol=S1/date=2024-08-32/part-0.parquet", "a/venue=x/symbol=S1/part-0.parquet",
      "a/venue=x/date=2024-08-08/part-1.parquet",
      "a/other/symbol=S1/date=2024-08-08/part-0.parquet",
      ".hidden/venue=x/date=2024-08-08/part-0.parquet", "part-0.parquet",
    ] {
      try FileManager.default.createDirectory(
        atPath: "\(lake.root)/\(path.dropLast("/part-0.parquet".count))",
        withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: "\(lake.root)/\(path)"))
    }
    let all = try lake.partitions()
    #expect(all == all.sorted())
    #expect(Set(all.map(\.name)) == Set(expected) && all.count == expected.count)
    #expect(all[0].name == "a x 2024-08-08" && all[3].name == "a x S1 2024-08-08")
    #expect(try lake.partitions(table: "b", venue: "y").count == 9)
    #expect(try lake.partitions(symbol: "S2").count == 12)
    #expect(
      try lake.partitions(table: "a", venue: "x", symbol: "S1", dates: day...day).map(\.name)
        == ["a x S1 2024-08-08"])
    #expect(try lake.partitions(dates: day.adding(days: 2)...day.adding(days: 9)).count == 12)
    #expect(try lake.partitions(table: "c").isEmpty)
  }

  @Test(
    "refuses names that would leave their folder or hide",
    arguments: [
      "", "..", ".", ".x", "a/b", "a\\b", "a=b", "a\n", "a\u{7F}",
      String(repeating: "x", count: 201),
    ])
  func names(name: String) throws {
    let transaction = lake.begin(producer: "test", sources: [])
    let frame = Frame([("a", .int64([1]))])
    #expect(throws: UsageError.self) {
      try transaction.append(frame, to: name, venue: "v", symbol: "s", date: day)
    }
    #expect(throws: UsageError.self) {
      try transaction.append(frame, to: "t", venue: name, symbol: "s", date: day)
    }
    #expect(throws: UsageError.self) {
      try transaction.append(frame, to: "t", venue: "v", symbol: name, date: day)
    }
    #expect(folder.files().isEmpty)
  }

  @Test("replaces a partition only where none of its sources is lost")
  func replacing() throws {
    func write(_ sources: [String], replace: Bool = false, rows: Int = 1) throws {
      let transaction = lake.begin(producer: "test", sources: sources, replace: replace)
      for table in ["a", "b"] {
        try transaction.append(
          Frame([("a", .int64((0..<rows).map { Int64($0) }))]), to: table, venue: "v", symbol: "s",
          date: day)
      }
      try transaction.commit()
    }
    try write(["x/1.gz", "2.gz"])
    try write(["2.gz", "y/1.gz", "3.gz"], rows: 2)
    let path = try lake.partitions()[0].path
    #expect(
      throws: DataError(
        "was made from other files (2.gz and 1 more), whose rows would be lost; import them "
          + "together with these, or replace it (--replace)", file: path)
    ) { try write(["1.gz"]) }
    #expect(try ParquetFile(path).rowCount == 2)
    try write(["1.gz"], replace: true, rows: 3)
    #expect(try ParquetFile(path).rowCount == 3)
    try Data("torn".utf8).write(to: URL(fileURLWithPath: path))
    #expect(
      throws: DataError(
        "too short for a Parquet file (4 bytes); replace it (--replace) to write it anew",
        file: path)
    ) { try write(["1.gz"]) }
    // A partition that came while the transaction was open is seen at its commit.
    let slow = lake.begin(producer: "slow", sources: ["1.gz"])
    try slow.append(
      Frame([("a", .int64([1]))]), to: "c", venue: "v", symbol: "s", date: day)
    let quick = lake.begin(producer: "quick", sources: ["9.gz"])
    try quick.append(
      Frame([("a", .int64([9]))]), to: "c", venue: "v", symbol: "s", date: day)
    try quick.commit()
    #expect(throws: DataError.self) { try slow.commit() }
    #expect(try ParquetFile(lake.partitions(table: "c")[0].path).read().int64s("a") == [9])
    #expect(!folder.files().contains { $0.hasSuffix(".tmp") })
  }

  @Test("takes only the columns of a market table")
  func columns() throws {
    let instrument = Self.instrument()
    let transaction = lake.begin(producer: "test", sources: [])
    var frame = Self.trades(instrument, 3, startingAt: day.start)
    frame.append("size", .double([1, 2, 3]))
    #expect(
      throws: DataError("is double, the table trades has decimal(scale: 3)", column: "size")
    ) {
      try transaction.append(frame, to: .trades, instrument: instrument, date: day)
    }
    frame = Self.trades(instrument, 3, startingAt: day.start)
    frame.append("venue", .bool([true, true, true]))
    #expect(throws: DataError("is not a column of the table trades", column: "venue")) {
      try transaction.append(frame, to: .trades, instrument: instrument, date: day)
    }
  }

  @Test("writes many partitions at once in bounded memory")
  func manyPartitions() throws {
    let transaction = lake.begin(producer: "test", sources: [])
    let instruments = (0..<60).map { Self.instrument("S\($0)") }
    for round in 0..<3 {
      for instrument in instruments {
        try transaction.append(
          Self.trades(
            instrument, 50,
            startingAt: Timestamp(
              nanoseconds: day.start.nanoseconds + Int64(round) * 1_000_000_000)),
          to: .trades, instrument: instrument, date: day)
      }
    }
    try transaction.commit()
    let partitions = try lake.partitions()
    #expect(partitions.count == 60)
    #expect(try partitions.allSatisfy { try ParquetFile($0.path).rowCount == 150 })
  }
}
