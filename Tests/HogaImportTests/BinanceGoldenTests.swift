import Foundation
import HogaCore
import HogaImport
import Testing

/// How often a rebuilt book agrees with the exchange's own best bid and ask at the same update.
struct Agreement {
  var compared = 0
  var agreeing = 0
}

/// Compares the book after each depth message with the `bookTicker` message of the same update id.
func agreement(_ path: String, _ market: BinanceRawImporter.Market, _ symbol: String) throws
  -> (Agreement, ImportReport, OrderBook)
{
  let sink = MemorySink()
  let importer = BinanceRawImporter(market: market, symbol: symbol)
  let report = try importer.run(files: [path], into: sink, monitor: JobMonitor())
  let depth = try #require(sink.rows(.depth))
  let instrument = try #require(sink.frames.keys.first).instrument

  // The ticker's messages by update id, read by another way than the importer's.
  var tickers: [Int64: [Int64]] = [:]
  for line in try lines(of: path).lines where line.contains("@bookTicker") {
    func field(_ name: String) -> Substring {
      let rest = line[line.range(of: "\"\(name)\":")!.upperBound...]
      return rest.first == "\""
        ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0.isNumber }
    }
    func count(_ name: String, _ decimals: Int) throws -> Int64 {
      try Decimal.parse(String(field(name)), decimals: decimals)
    }
    let (price, size) = (instrument.priceDecimals, instrument.sizeDecimals)
    tickers[Int64(field("u"))!] = [
      try count("b", price), try count("B", size), try count("a", price), try count("A", size),
    ]
  }

  let updates = try depth.int64s("update_id")
  let last = try depth.bools("last")
  let ends = last.indices.filter { last[$0] }
  var watcher = AgreementWatcher(ends: ends.map { updates[$0] }, tickers: tickers)
  var frames = [depth][...]
  var replay = try Replay(book: { frames.popFirst() }, trades: nil)
  try replay.run(into: &watcher)
  return (watcher.agreement, report, replay.book)
}

private struct AgreementWatcher: MarketSink {
  let ends: [Int64]
  let tickers: [Int64: [Int64]]
  var message = 0
  var agreement = Agreement()

  mutating func bookChanged(_ book: OrderBook, at moment: Moment) {
    defer { message += 1 }
    guard book.isTwoSided, let ticker = tickers[ends[message]] else { return }
    agreement.compared += 1
    let best = [
      book.bids.bestTicks, book.bids.bestLots, book.asks.bestTicks, book.asks.bestLots,
    ]
    if best == ticker { agreement.agreeing += 1 }
  }
  mutating func traded(_ trade: Trade) {}
}

@Suite("Binance captures")
struct BinanceGoldenTests {
  @Test(
    "rebuilds the book that the exchange's own best bid and ask confirm, on bundled cuts",
    arguments: [
      ("usdm", BinanceRawImporter.Market.usdm, "BTCUSDT", 29),
      ("spot", .spot, "BTCUSDT", 70), ("coinm", .coinm, "BTCUSD_PERP", 93),
    ])
  func cuts(name: String, market: BinanceRawImporter.Market, symbol: String, compared: Int) throws {
    let (agreement, report, book) = try agreement(fixture("\(name).gz"), market, symbol)
    #expect(report.lines == 4000)
    #expect(report.gaps == 0)
    #expect(report.rejections.isEmpty)
    #expect(book.isTwoSided && !book.isCrossed)
    #expect(agreement.compared == compared)
    #expect(agreement.agreeing == agreement.compared)
  }

  @Test(
    "counts the whole captures, and rebuilds their books",
    .enabled(if: realData != nil, "needs HOGA_DATA"),
    arguments: [
      ("usdm_btcusdt_20240808", BinanceRawImporter.Market.usdm, "BTCUSDT", 66_089, 6551, 21_313),
      ("spot_btcusdt_20240808", .spot, "BTCUSDT", 28_040, 3451, 9757),
      ("cm_btcusd_perp_20240808", .coinm, "BTCUSD_PERP", 19_136, 26_847, 2286),
    ])
  func wholeCaptures(
    name: String, market: BinanceRawImporter.Market, symbol: String, quotes: Int, depth: Int,
    trades: Int
  ) throws {
    let path = "\(realData!)/binance_l2_raw/\(name).gz"
    let (agreement, report, book) = try agreement(path, market, symbol)
    #expect(report.rows(of: .quotes) == quotes)
    #expect(report.rows(of: .trades) == trades)
    #expect(report.count("depth messages") == depth)
    #expect(report.count("snapshots") == 1)
    #expect(report.gaps == 0)
    #expect(report.rejections.isEmpty)
    #expect((1.27...1.28).contains(report.clockShift.seconds))
    #expect(book.isTwoSided && !book.isCrossed)
    #expect(agreement.compared > 500)
    #expect(agreement.agreeing == agreement.compared)
  }

  @Test(
    "continues the sequence from one day's file to the next",
    .enabled(if: realData != nil, "needs HOGA_DATA"),
    arguments: [
      ("spot_btcusdt", BinanceRawImporter.Market.spot, "BTCUSDT"),
      ("cm_btcusd_perp", .coinm, "BTCUSD_PERP"),
    ])
  func joinedDays(name: String, market: BinanceRawImporter.Market, symbol: String) throws {
    let paths = ["08", "09"].map { "\(realData!)/binance_l2_raw/\(name)_202408\($0).gz" }
    let sink = MemorySink()
    let importer = BinanceRawImporter(market: market, symbol: symbol)
    let report = try importer.run(files: paths, into: sink, monitor: JobMonitor())
    #expect(report.gaps == 0)
    #expect(report.rejections.isEmpty)
    let dates = sink.frames.filter { $0.key.table == "depth" }.sorted { $0.key.date < $1.key.date }
    #expect(dates.count == 2)
    // The second date replayed alone ends with the same book as both in turn.
    let alone = try replay([dates[1].value])
    let both = try replay(dates.map(\.value))
    #expect(alone.book.isTwoSided && !alone.book.isCrossed)
    for side in Side.allCases {
      let (left, right) = (alone.book[side], both.book[side])
      #expect(left.count == right.count)
      #expect(left.totalLots == right.totalLots)
      #expect(
        (0..<left.count).allSatisfy {
          left.ticks(at: $0) == right.ticks(at: $0) && left.lots(at: $0) == right.lots(at: $0)
        })
    }
  }
}
