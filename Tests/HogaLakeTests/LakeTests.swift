import Foundation
import HogaCore
import HogaLake
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
}
