import Foundation
import HogaCore
import HogaImport
import HogaLake
import Testing

/// Writes captures by hand, with times a millisecond apart.
struct Capture {
  static let start: Int64 = 1_723_161_600_000_000_000  // 2024-08-09 00:00:00 UTC
  var symbol = "BTCUSDT"
  var text = ""
  var now = Capture.start

  mutating func line(_ json: String, after milliseconds: Int64 = 1) {
    now += milliseconds * 1_000_000
    text += "\(now) \(json)\n"
  }
  private func levels(_ levels: [(Double, Double)]) -> String {
    "[" + levels.map { "[\"\($0.0)\",\"\($0.1)\"]" }.joined(separator: ",") + "]"
  }
  mutating func snapshot(
    _ id: Int64, bids: [(Double, Double)], asks: [(Double, Double)], after: Int64 = 1
  ) {
    line(
      "{\"lastUpdateId\":\(id),\"bids\":\(levels(bids)),\"asks\":\(levels(asks))}", after: after)
  }
  mutating func diff(
    _ first: Int64, _ last: Int64, pu: Int64? = nil, bids: [(Double, Double)] = [],
    asks: [(Double, Double)] = [], late: Int64 = 0, after: Int64 = 1
  ) {
    let sent = now / 1_000_000 + after - late
    line(
      """
      {"stream":"\(symbol.lowercased())@depth","data":{"e":"depthUpdate","E":\(sent),"s":"\(symbol)",\
      "U":\(first),"u":\(last),\(pu.map { "\"pu\":\($0)," } ?? "")\
      "b":\(levels(bids)),"a":\(levels(asks))}}
      """, after: after)
  }
  mutating func trade(
    _ id: Int64, _ price: String, _ size: String, buyerIsMaker: Bool = false, type: String? = nil,
    after: Int64 = 1
  ) {
    line(
      """
      {"stream":"\(symbol.lowercased())@trade","data":{"e":"trade","E":\(now / 1_000_000 + after),\
      "T":\(now / 1_000_000 + after),"s":"\(symbol)","t":\(id),"p":"\(price)","q":"\(size)",\
      \(type.map { "\"X\":\"\($0)\"," } ?? "")"m":\(buyerIsMaker)}}
      """, after: after)
  }
}

/// Collects what a replay shows after each message.
struct Watcher: MarketSink {
  var moments: [Int64] = []
  var isStale: [Bool] = []
  var best: [(bid: Int64, ask: Int64)] = []
  var trades = 0
  var book = OrderBook()

  mutating func bookChanged(_ book: OrderBook, at moment: Moment) {
    moments.append(moment.sequence)
    isStale.append(book.isStale)
    best.append(book.isTwoSided ? (book.bids.bestTicks, book.asks.bestTicks) : (0, 0))
    self.book = book
  }
  mutating func traded(_ trade: Trade) { trades += 1 }
}

func replay(_ frames: [Frame]) throws -> Watcher {
  var rest = frames[...]
  var watcher = Watcher()
  var replay = try Replay(book: { rest.popFirst() }, trades: nil)
  try replay.run(into: &watcher)
  return watcher
}

@Suite("Binance capture importer")
struct BinanceImportTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  func run(
    _ text: String, _ market: BinanceRawImporter.Market = .spot, onError: ErrorPolicy = .stop,
    configure: (inout BinanceRawImporter) -> Void = { _ in }
  ) throws -> (MemorySink, ImportReport) {
    let sink = MemorySink()
    var importer = BinanceRawImporter(market: market, symbol: "btcusdt", onError: onError)
    configure(&importer)
    let path = try scratch.file("capture", text)
    return (sink, try importer.run(files: [path], into: sink, monitor: JobMonitor()))
  }

  @Test("writes a snapshot with the diffs that arrived before it, as one message")
  func snapshotWithDiffs() throws {
    var capture = Capture()
    capture.diff(1, 5, bids: [(9, 1)])
    capture.diff(6, 9, bids: [(10, 3)])
    capture.snapshot(5, bids: [(10, 1), (9, 2)], asks: [(11, 1)])
    capture.diff(10, 12, asks: [(11, 0), (12, 4)])
    let (sink, report) = try run(capture.text)
    let depth = try #require(sink.rows(.depth))
    #expect(
      try depth.texts("kind") == [
        "gap", "snapshot", "snapshot", "snapshot", "update", "update", "update",
      ])
    #expect(try depth.int64s("sequence") == [1, 3, 3, 3, 3, 4, 4])
    #expect(try depth.int64s("update_id") == [Column.missing, 5, 5, 5, 9, 12, 12])
    #expect(try depth.bools("last") == [true, false, false, false, true, false, true])
    #expect(try depth.int32s("side") == [0, 1, 1, -1, 1, -1, -1])
    #expect(try depth.int64s("size") == [Column.missing, 1, 2, 1, 3, 0, 4])
    let watcher = try replay([depth])
    #expect(watcher.isStale == [true, false, false])
    #expect(watcher.best.map(\.bid) == [0, 10, 10])
    #expect(watcher.best.map(\.ask) == [0, 11, 12])
    #expect(report.gaps == 0)
    #expect(report.count("depth diffs applied with a later snapshot") == 1)
    #expect(report.count("depth diffs that no snapshot covers, not used") == 1)
  }

  @Test("marks the book stale from a gap to the next snapshot")
  func gap() throws {
    var capture = Capture()
    capture.snapshot(100, bids: [(10, 1)], asks: [(11, 1)])
    capture.diff(110, 120, pu: 100, bids: [(10, 2)])
    capture.diff(140, 150, pu: 130, bids: [(10, 5)])
    capture.diff(160, 170, pu: 150, bids: [(10, 6)])
    capture.snapshot(155, bids: [(10, 5)], asks: [(11, 1)])
    capture.diff(180, 190, pu: 170, bids: [(10, 7)])
    let (sink, report) = try run(capture.text, .usdm)
    let watcher = try replay([try #require(sink.rows(.depth))])
    #expect(watcher.moments == [1, 2, 3, 5, 6])
    #expect(watcher.isStale == [false, false, true, false, false])
    #expect(watcher.book.bids.bestLots == 7)
    #expect(report.gaps == 1)
  }

  @Test("a clean capture that begins before its snapshot has no gap, in the lake neither")
  func cleanBeginning() throws {
    let lake = Lake(root: scratch.folder + "/clean")
    let report = try BinanceRawImporter(market: .usdm, symbol: "BTCUSDT").run(
      files: [fixture("usdm.gz")], into: lake)
    #expect(report.gaps == 0)
    let depth = try #require(try lake.coverage(table: "depth").partitions.first)
    #expect(depth.feedGaps == 0)
    let checked = try LakeCheck().run(lake)
    let found = checked.partitions.flatMap(\.findings).map(\.kind)
    #expect(!found.contains(.feedGap) && !found.contains(.noSnapshot), "\(checked)")

    // Losses before the book is known make no gap either, and are told.
    var capture = Capture()
    capture.diff(1, 2, bids: [(10, 1)])
    capture.diff(5, 6, bids: [(10, 1)])
    capture.snapshot(6, bids: [(10, 1)], asks: [(11, 1)])
    let (_, lossy) = try run(capture.text)
    #expect(lossy.gaps == 0)
    #expect(lossy.count("interruptions of the depth feed while no book was known") == 1)
  }

  @Test("says so where there is no snapshot, and shows no book")
  func noSnapshot() throws {
    var capture = Capture()
    capture.diff(1, 2, bids: [(10, 1)])
    capture.diff(3, 4, bids: [(10, 1)])
    let (sink, report) = try run(capture.text)
    #expect(sink.rows(.depth)?.rowCount == 1)
    #expect(report.notes.contains { $0.hasPrefix("there is no snapshot") })
    #expect(report.count("depth diffs that no snapshot covers, not used") == 2)
  }

  @Test("begins a new date with the running book, so that it can be replayed alone")
  func midnight() throws {
    var capture = Capture()
    capture.now -= 2_500_000
    capture.snapshot(1, bids: [(10, 1), (9, 2)], asks: [(11, 1)])
    capture.diff(2, 2, bids: [(10, 3)])
    capture.diff(3, 3, asks: [(12, 4)])
    let (sink, _) = try run(capture.text)
    let dates = Set(sink.frames.keys.map(\.date.description))
    #expect(dates == ["2024-08-08", "2024-08-09"])
    let second = try #require(sink.frames.first { $0.key.date.description == "2024-08-09" })
    #expect(try second.value.int64s("arrival").first == Capture.start)
    #expect(try second.value.int64s("sequence") == [2, 2, 2, 3])
    let alone = try replay([second.value])
    let whole = try replay([try #require(sink.rows(.depth))])
    #expect(alone.book.bids.lots(atTicks: 10) == 3)
    #expect(alone.book.bids.count == whole.book.bids.count)
    #expect(alone.book.asks.count == 2)
  }

  @Test("takes the aggressor from m, and leaves trades outside the book out")
  func trades() throws {
    var capture = Capture()
    capture.trade(7, "10.50", "0.100", buyerIsMaker: true)
    capture.trade(8, "10.60", "0.200")
    capture.trade(8, "10.60", "0.200")
    capture.trade(9, "10.60", "5", type: "INSURANCE_FUND")
    capture.trade(10, "10.60", "0.300", type: "MARKET")
    capture.trade(14, "10.60", "0.300", type: "MARKET")
    let (sink, report) = try run(capture.text, .usdm)
    let trades = try #require(sink.rows(.trades))
    #expect(try trades.int64s("id") == [7, 8, 10, 14])
    #expect(try trades.int32s("aggressor") == [-1, 1, 1, 1])
    #expect(try trades.column("price") == .decimal([105, 106, 106, 106], scale: 1))
    #expect(try trades.column("size") == .decimal([1, 2, 3, 3], scale: 1))
    #expect(report.count("trades dropped as duplicates") == 1)
    #expect(report.count("trades outside the book (INSURANCE_FUND), not used") == 1)
    #expect(report.count("trades missing between the ids that arrived") == 3)
  }

  @Test("shifts arrivals so that no message arrives before it was sent")
  func clockShift() throws {
    var capture = Capture()
    capture.snapshot(1, bids: [(10, 1)], asks: [(11, 1)])
    capture.diff(2, 2, bids: [(10, 3)], late: -1500)
    capture.diff(3, 3, bids: [(10, 4)], late: -1200)
    let (sink, report) = try run(capture.text)
    #expect(report.clockShift == .milliseconds(1500))
    let depth = try #require(sink.rows(.depth))
    for (arrival, time) in zip(try depth.int64s("arrival"), try depth.int64s("time"))
    where time != Column.missing {
      #expect(arrival >= time)
    }
    var (_, given) = try run(capture.text) { $0.clockShift = .zero }
    #expect(given.clockShift == .zero)
    capture.diff(4, 4, bids: [(10, 4)], late: -90_000)
    #expect { try run(capture.text) } throws: {
      ($0 as? DataError)?.row == 4
    }
    (_, given) = try run(capture.text) { $0.clockShift = .seconds(90) }
    #expect(given.clockShift == .seconds(90))
  }

  @Test("finds decimals and the tick, and refuses a value that is finer")
  func decimals() throws {
    var capture = Capture()
    let bids = (0..<600).map { (1000 - Double($0) * 0.5, 1.25) }
    let asks = (0..<600).map { (1000.5 + Double($0) * 0.5, 1.0) }
    capture.snapshot(1, bids: bids, asks: asks)
    capture.trade(1, "1000.5", "1")
    let (sink, _) = try run(capture.text)
    let instrument = try #require(sink.frames.keys.first).instrument
    #expect(instrument.priceDecimals == 1)
    #expect(instrument.sizeDecimals == 2)
    #expect(instrument.tickIncrement == 5)
    #expect { try run(capture.text) { $0.sizeDecimals = 1 } } throws: {
      ($0 as? DataError)?.reason == "a size has more than 1 decimals; give --size-decimals"
    }
  }

  @Test("knows COIN-M contracts: inverse, 100 or 10 dollars, with an expiry")
  func coinm() throws {
    for (symbol, multiplier, expiry) in [
      ("BTCUSD_PERP", 100.0, nil), ("ETHUSD_240927", 10, "2024-09-27"),
    ] as [(String, Double, String?)] {
      var capture = Capture(symbol: symbol)
      capture.diff(1, 1, pu: 0)
      capture.snapshot(1, bids: [(10, 1)], asks: [(11, 1)])
      let (sink, _) = try run(capture.text, .coinm) { $0.symbol = symbol }
      let instrument = try #require(sink.frames.keys.first).instrument
      #expect(instrument.venue == "binance-coinm")
      #expect(instrument.settlement == .inverse)
      #expect(instrument.multiplier == multiplier)
      #expect(instrument.expiry == expiry)
    }
  }

  @Test("checks a later snapshot against the running book, and continues from it")
  func laterSnapshot() throws {
    var capture = Capture()
    capture.snapshot(1, bids: [(10, 1), (9, 1)], asks: [(11, 1)])
    capture.diff(2, 2, bids: [(10, 3)])
    capture.diff(3, 3, bids: [(10, 4)])
    capture.snapshot(2, bids: [(10, 3), (9, 1)], asks: [(11, 1)])
    capture.diff(4, 4, bids: [(9, 5)])
    var (sink, report) = try run(capture.text)
    #expect(report.count("snapshots checked against the running book") == 1)
    #expect(report.count("levels where the running book differed from a snapshot") == 0)
    var watcher = try replay([try #require(sink.rows(.depth))])
    #expect(watcher.isStale == [false, false, false, false, false])
    #expect(watcher.book.bids.bestLots == 4)
    capture.snapshot(4, bids: [(10, 4), (9, 6)], asks: [(11, 1), (12, 7)])
    (sink, report) = try run(capture.text)
    #expect(report.count("levels where the running book differed from a snapshot") == 1)
    watcher = try replay([try #require(sink.rows(.depth))])
    #expect(watcher.book.bids.lots(atTicks: 9) == 6)
  }

  @Test("takes partial depth as a snapshot each, where there are no diffs")
  func partialDepth() throws {
    var capture = Capture()
    for size in [1, 2] {
      capture.line(
        """
        {"stream":"btcusdt@depth5@100ms","data":{"lastUpdateId":\(size),\
        "bids":[["10","\(size)"]],"asks":[["11","1"]]}}
        """)
    }
    let (sink, _) = try run(capture.text)
    let depth = try #require(sink.rows(.depth))
    #expect(try depth.texts("kind") == ["snapshot", "snapshot", "snapshot", "snapshot"])
    #expect(try replay([depth]).book.bids.bestLots == 2)
  }

  @Test(
    "names each fault with its line, or counts it",
    arguments: [
      ("torn last line", "X {\"stream\":\"btcusdt@trade\",\"da", false),
      ("not a JSON message", "X {\"stream\":\"btcusdt@trade\",\"da", true),
      ("empty line", "", true),
      ("no local time in nanoseconds and a space at the line's start", "now {}", true),
      ("local time is not in nanoseconds since 1970", "1723161600000 {\"result\":1}", true),
      (
        "a price is not a number",
        "X {\"data\":{\"e\":\"trade\",\"t\":9,\"p\":\"NaN\",\"q\":\"1\",\"m\":true}}", true
      ),
      (
        "a size is not a number",
        "X {\"data\":{\"e\":\"trade\",\"t\":9,\"p\":\"1\",\"q\":\"-inf\",\"m\":true}}", true
      ),
      (
        "a trade's size is not above zero",
        "X {\"data\":{\"e\":\"trade\",\"t\":9,\"p\":\"1\",\"q\":\"-1\",\"m\":true}}", true
      ),
      (
        "a trade's price is not above zero",
        "X {\"data\":{\"e\":\"trade\",\"t\":9,\"p\":\"0\",\"q\":\"1\",\"m\":true}}", true
      ),
      (
        "a trade lacks its id, p, q or m",
        "X {\"data\":{\"e\":\"trade\",\"t\":9,\"p\":\"1\",\"q\":\"1\"}}", true
      ),
      (
        "negative size",
        "X {\"data\":{\"e\":\"depthUpdate\",\"U\":3,\"u\":3,\"b\":[[\"10\",\"-1\"]],\"a\":[]}}",
        true
      ),
      (
        "a price is not above zero",
        "X {\"data\":{\"e\":\"depthUpdate\",\"U\":3,\"u\":3,\"b\":[[\"0\",\"1\"]],\"a\":[]}}", true
      ),
      (
        "a depth message lacks U or u",
        "X {\"data\":{\"e\":\"depthUpdate\",\"u\":3,\"b\":[],\"a\":[]}}", true
      ),
      (
        "a best price or size is not above zero",
        "X {\"data\":{\"u\":4,\"b\":\"10\",\"B\":\"-2\",\"a\":\"11\",\"A\":\"1\"}}", true
      ),
      (
        "local time is more than a day from the event time E",
        "X {\"data\":{\"e\":\"trade\",\"E\":1723361600000,\"t\":9,\"p\":\"1\",\"q\":\"1\",\"m\":true}}",
        true
      ),
      (
        "arrives before the line above; are the files in order?",
        "1723161599000000000 {\"data\":{\"e\":\"trade\",\"t\":9,\"p\":\"1\",\"q\":\"1\",\"m\":true}}",
        true
      ),
    ])
  func faults(reason: String, line: String, ended: Bool) throws {
    var capture = Capture()
    capture.snapshot(1, bids: [(10, 1)], asks: [(11, 1)])
    capture.trade(1, "10", "1")
    let text =
      capture.text + line.replacing("X", with: "\(capture.now + 1_000_000)") + (ended ? "\n" : "")
    #expect { try run(text) } throws: {
      guard let error = $0 as? DataError else { return false }
      return error.row == 3 && error.reason.hasPrefix(reason)
        && error.file == scratch.folder + "/capture"
    }
    let (sink, report) = try run(text, onError: .skip)
    #expect(report.rejections.map(\.reason) == [reason])
    #expect(report.rejections[0].count == 1)
    #expect(report.rejections[0].examples[0].hasPrefix("\(scratch.folder)/capture:3: "))
    #expect(sink.rows(.trades)?.rowCount == 1)
  }

  @Test("keeps what came before the end of a truncated file only where rows may be skipped")
  func truncated() throws {
    let path = try scratch.file("cut.gz", Array(fixtureBytes("usdm.gz").prefix(60_000)))
    let importer = BinanceRawImporter(market: .usdm, symbol: "BTCUSDT")
    #expect { try importer.run(files: [path], into: MemorySink(), monitor: JobMonitor()) } throws: {
      ($0 as? DataError)?.reason.hasPrefix("compressed data ends early") ?? false
    }
    var skipping = importer
    skipping.onError = .skip
    let report = try skipping.run(files: [path], into: MemorySink(), monitor: JobMonitor())
    #expect(report.rejections.map(\.reason) == ["compressed data ends early"])
    #expect(report.rows(of: .quotes) > 100)
  }

  @Test("refuses captures of another symbol, without messages, or empty")
  func nothing() throws {
    var capture = Capture()
    capture.trade(1, "10", "1")
    #expect { try run(capture.text) { $0.symbol = "ETHUSDT" } } throws: {
      ($0 as? DataError)?.reason == "no message of ETHUSDT: the capture holds BTCUSDT"
    }
    // A snapshot names nothing, so alone it may be of any symbol.
    capture = Capture()
    capture.snapshot(1, bids: [(10, 1)], asks: [(11, 1)])
    #expect(throws: DataError.self) { try run(capture.text) }
    #expect(throws: DataError.self) { try run("1723161600000000000 {\"result\":null}\n") }
    #expect(throws: DataError.self) { try run("") }
  }

  @Test("leaves nothing in the lake when it stops, and everything when it does not")
  func allOrNothing() throws {
    var capture = Capture()
    capture.snapshot(1, bids: [(10, 1)], asks: [(11, 1)])
    capture.trade(1, "10", "1")
    let good = try scratch.file("good", capture.text)
    let bad = try scratch.file("bad", capture.text + "junk\n")
    let lake = Lake(root: scratch.folder + "/lake")
    let importer = BinanceRawImporter(market: .spot, symbol: "BTCUSDT")
    #expect(throws: DataError.self) { try importer.run(files: [bad], into: lake) }
    #expect(FileManager.default.subpaths(atPath: lake.root) ?? [] == [])
    let monitor = JobMonitor()
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) {
      try importer.run(files: [good], into: lake, monitor: monitor)
    }
    #expect(FileManager.default.subpaths(atPath: lake.root) ?? [] == [])
    _ = try importer.run(files: [good], into: lake)
    let partitions = try lake.partitions()
    #expect(partitions.map(\.table) == ["depth", "trades"])
    let file = try ParquetFile(partitions[0].path)
    #expect(file.metadata["hoga.clock_shift_ns"] == "0")
    #expect(file.rowCount == 2)
  }
}

@Suite("Level table")
struct LevelTableTests {
  @Test("holds what the sorted side holds, after any changes", arguments: UInt64(0)..<10)
  func againstBookSide(seed: UInt64) {
    var random = SeededRandom(seed)
    for side in Side.allCases {
      var table = LevelTable()
      var reference = BookSide(side)
      for step in 0..<30_000 {
        // Prices wander, so that levels come, go and leave removed slots behind.
        let price = Int64(1 + step / 10) + Int64.random(in: 0...2000, using: &random)
        let size = Int64.random(in: -3...5, using: &random)
        table.set(price: price, size: max(0, size))
        reference.set(ticks: price, lots: max(0, size))
        if step % 9000 == 8999 {
          table.removeAll()
          reference.removeAll()
        }
      }
      let sorted = table.side(side)
      #expect(sorted.count == reference.count)
      #expect(table.totalLots == reference.totalLots)
      #expect(
        (0..<reference.count).allSatisfy {
          sorted.ticks(at: $0) == reference.ticks(at: $0)
            && sorted.lots(at: $0) == reference.lots(at: $0)
        })
    }
  }
}
