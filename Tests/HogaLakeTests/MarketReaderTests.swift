import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Market reader")
struct MarketReaderTests {
  let folder: TemporaryFolder
  let lake: Lake
  let day = CivilDate("2024-08-08")!

  init() throws {
    folder = try TemporaryFolder()
    lake = Lake(root: folder.path + "/lake")
  }

  /// Keeps what a replay says.
  struct Recorder: MarketSink {
    var books: [String] = []
    var trades: [Trade] = []

    mutating func bookChanged(_ book: OrderBook, at moment: Moment) {
      let sides = [book.bids, book.asks].map { side in
        (0..<min(3, side.count)).map { "\(side.ticks(at: $0)):\(side.lots(at: $0))" }
      }
      books.append("\(moment.sequence) \(book.isStale) \(sides)")
    }
    mutating func traded(_ trade: Trade) { trades.append(trade) }
  }

  private func replay(_ reader: MarketReader) throws -> Recorder {
    var recorder = Recorder()
    var replay = try Replay(book: reader.bookSource(), trades: reader.tradeSource())
    try replay.run(into: &recorder)
    return recorder
  }

  private func replay(_ book: [Frame], _ trades: [Frame]) throws -> Recorder {
    func source(_ frames: [Frame]) -> Replay.Source {
      var left = frames[...]
      return { left.popFirst() }
    }
    var recorder = Recorder()
    var replay = try Replay(book: source(book), trades: source(trades))
    try replay.run(into: &recorder)
    return recorder
  }

  @Test("replays files as frames in memory are replayed, day after day", arguments: UInt64(0)..<6)
  func replays(seed: UInt64) throws {
    let days = (0..<3).map {
      CleanMarket(
        seed: 10 * seed + UInt64($0), date: day.adding(days: $0), messages: 150,
        gapAt: $0 == 1 ? 70 : nil)
    }
    let tables: [MarketTable] = seed % 2 == 0 ? [.depth, .trades, .book] : [.trades, .book]
    for market in days { try market.write(to: lake, tables) }
    let reader = try MarketReader(
      lake, venue: "test", symbol: "BTCUSDT", dates: day...day.adding(days: 2))
    // Depth is preferred, since it says more.
    #expect(reader.bookTable == (seed % 2 == 0 ? .depth : .book))
    #expect(reader.instrument == days[0].instrument)
    #expect(reader.dates == days.map(\.date))
    let recorder = try replay(reader)
    let expected = try replay(
      days.map { seed % 2 == 0 ? $0.depth : $0.book }, days.map(\.trades))
    #expect(recorder.books == expected.books)
    #expect(recorder.trades == expected.trades)
    #expect(!recorder.books.isEmpty && !recorder.trades.isEmpty)
  }

  @Test("reads only as many levels as are asked for")
  func levels() throws {
    try CleanMarket(seed: 1, messages: 50).write(to: lake, [.book])
    let reader = try MarketReader(lake, venue: "test", symbol: "BTCUSDT", dates: day...day)
    #expect(reader.tradeSource() == nil)
    for (levels, columns) in [(nil, 15), (1, 7), (2, 11), (9, 15)] as [(Int?, Int)] {
      let source = try #require(reader.bookSource(levels: levels))
      #expect(try source()?.columnCount == columns)
    }
  }

  @Test("names what there is where something is missing")
  func missing() throws {
    func message(_ dates: ClosedRange<CivilDate>, symbol: String = "BTCUSDT") -> String {
      do {
        _ = try MarketReader(lake, venue: "test", symbol: symbol, dates: dates)
        return "nothing"
      } catch {
        return error is MissingInputError
          ? String("\(error)".dropFirst(lake.root.count + 2)) : "another error: \(error)"
      }
    }
    #expect(message(day...day) == "no lake here")
    try CleanMarket(seed: 1, messages: 50).write(to: lake)
    #expect(
      message(day...day, symbol: "ETHUSDT")
        == "no events of test ETHUSDT on 2024-08-08; there are test BTCUSDT")
    let next = day.adding(days: 1)
    #expect(
      message(day...next)
        == "no events of test BTCUSDT on 2024-08-09; there are book on 2024-08-08, depth on "
        + "2024-08-08, trades on 2024-08-08")
    #expect(
      try MarketReader(
        lake, venue: "test", symbol: "BTCUSDT", dates: day...next, skipMissingDates: true
      ).dates == [day])
    try CleanMarket(seed: 2, date: next, messages: 50).write(to: lake, [.trades])
    #expect(message(day...next) == "test BTCUSDT has depth on 2024-08-08, but not on 2024-08-09")
    try CleanMarket(seed: 2, date: next, messages: 50).write(to: lake, [.book])
    // Now the book covers both days, and depth does not.
    let reader = try MarketReader(lake, venue: "test", symbol: "BTCUSDT", dates: day...next)
    #expect(reader.bookTable == .book)
    let third = day.adding(days: 2)
    try CleanMarket(seed: 3, date: third, messages: 50).write(to: lake, [.book])
    #expect(message(day...third) == "test BTCUSDT has trades on 2024-08-08, but not on 2024-08-10")
  }

  @Test("refuses days that disagree on the instrument, or do not say it")
  func instruments() throws {
    let market = CleanMarket(seed: 1, messages: 50)
    try market.write(to: lake, [.trades])
    let next = day.adding(days: 1)
    let other = Instrument(
      venue: "test", symbol: "BTCUSDT", priceDecimals: 3, sizeDecimals: 3, tickIncrement: 10)
    let transaction = lake.begin(producer: "test", sources: [])
    var trades = CleanMarket(seed: 2, date: next, messages: 50).trades
    trades.append("price", .decimal(try trades.int64s("price"), scale: 3))
    try transaction.append(trades, to: .trades, instrument: other, date: next)
    try transaction.commit()
    let paths = try lake.partitions().map(\.path)
    #expect(
      throws: DataError(
        "describes another instrument than \(paths[0]): decimals 3 and 3 against 2 and 3, tick 10 "
          + "against 10", file: paths[1])
    ) {
      _ = try MarketReader(lake, venue: "test", symbol: "BTCUSDT", dates: day...next)
    }
    try ParquetWriter.write(market.trades, to: paths[0])
    #expect(
      throws: DataError(
        "carries no hoga.instrument; it was not written by an importer", file: paths[0])
    ) {
      _ = try MarketReader(lake, venue: "test", symbol: "BTCUSDT", dates: day...day)
    }
    for text in ["{}", "nonsense", #"{"priceDecimals":99}"#] {
      try ParquetWriter.write(
        market.trades, to: paths[0], metadata: [LakeMetadata.instrument: text])
      #expect(throws: DataError.self) {
        _ = try MarketReader(lake, venue: "test", symbol: "BTCUSDT", dates: day...day)
      }
    }
  }
}
