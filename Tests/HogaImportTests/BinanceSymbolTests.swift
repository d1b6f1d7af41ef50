import HogaCore
import HogaImport
import Testing

/// Captures of several symbols, which snapshots do not name.
@Suite("Binance captures of several symbols")
struct BinanceSymbolTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private func run(
    _ text: String, _ market: BinanceRawImporter.Market, symbol: String,
    onError: ErrorPolicy = .stop
  ) throws -> (MemorySink, ImportReport) {
    let sink = MemorySink()
    let path = try scratch.file("capture", text)
    let importer = BinanceRawImporter(market: market, symbol: symbol, onError: onError)
    return (sink, try importer.run(files: [path], into: sink, monitor: JobMonitor()))
  }

  private let unproven = "snapshots that nothing shows to be of"

  @Test("a symbol that no message names is refused, with the symbols that are there")
  func absent() throws {
    for market in [BinanceRawImporter.Market.spot, .usdm] {
      let path = fixture("\(market.rawValue).gz")
      let sink = MemorySink()
      #expect {
        try BinanceRawImporter(market: market, symbol: "ETHUSDT").run(
          files: [path], into: sink, monitor: JobMonitor())
      } throws: {
        ($0 as? DataError)?.reason == "no message of ETHUSDT: the capture holds BTCUSDT"
      }
      #expect(sink.frames.isEmpty)
    }
  }

  @Test("another symbol's snapshot is left out and counted, with few messages of ours or many")
  func fewMessages() throws {
    for market in [BinanceRawImporter.Market.spot, .usdm] {
      let text = try lines(of: fixture("\(market.rawValue).gz")).lines
      // One trade of the other symbol at the end: the snapshot is BTC's all the same.
      let time = text[text.count - 1].prefix(19)
      let trade = """
        \(time) {"stream":"ethusdt@trade","data":{"e":"trade","E":\(time.prefix(13)),\
        "T":\(time.prefix(13)),"s":"ETHUSDT","t":5,"p":"2400.01","q":"1.5","m":true}}
        """
      let both = (text + [trade]).joined(separator: "\n") + "\n"
      let (sink, report) = try run(both, market, symbol: "ETHUSDT")
      #expect(sink.rows(.depth) == nil)
      #expect(sink.rows(.trades)?.rowCount == 1)
      #expect(report.count("snapshots") == 0)
      #expect(report.count("\(unproven) ETHUSDT, not used") == 1)
      #expect(report.count("messages of other symbols, not used") == 3999)
      // Decimals are of the symbol's own messages.
      let instrument = try #require(sink.frames.keys.first).instrument
      #expect(instrument.priceDecimals == 2 && instrument.sizeDecimals == 1)

      // And BTC's book is as without the other symbol.
      let (mixed, mixedReport) = try run(both, market, symbol: "BTCUSDT")
      let (alone, aloneReport) = try run(
        text.joined(separator: "\n") + "\n", market, symbol: "BTCUSDT")
      #expect(mixedReport.count("snapshots") == 1)
      #expect(mixed.rows(.depth) == alone.rows(.depth))
      #expect(mixedReport.clockShift == aloneReport.clockShift)
    }
  }

  @Test("each symbol of a spot capture takes its own snapshot, whichever comes first")
  func spot() throws {
    var (btc, eth) = (Capture(), Capture(symbol: "ETHUSDT"))
    func alternate(_ first: inout Capture, _ second: inout Capture) {
      second.now = first.now
      second.text = first.text
    }
    // Both snapshots come before any depth message.
    btc.snapshot(500, bids: [(10, 1)], asks: [(11, 1)])
    btc.snapshot(90, bids: [(2, 0.001)], asks: [(3, 1)])
    btc.diff(501, 502, bids: [(10, 3)])
    alternate(&btc, &eth)
    eth.diff(88, 90, bids: [(2, 7)])
    eth.diff(91, 92, bids: [(2, 8)])
    alternate(&eth, &btc)
    btc.diff(503, 503, bids: [(10, 4)])
    let (first, report) = try run(btc.text, .spot, symbol: "BTCUSDT")
    #expect(report.count("snapshots") == 1 && report.gaps == 0)
    #expect(report.count("\(unproven) BTCUSDT, not used") == 1)
    var depth = try #require(first.rows(.depth))
    // Known from the message that showed whose it is.
    #expect(try depth.texts("kind") == ["snapshot", "snapshot", "update", "update"])
    #expect(try depth.int64s("sequence") == [3, 3, 3, 6])
    #expect(try replay([depth]).book.bids.bestLots == 4)
    let (second, other) = try run(btc.text, .spot, symbol: "ETHUSDT")
    #expect(other.count("snapshots") == 1 && other.gaps == 0)
    depth = try #require(second.rows(.depth))
    try #require(depth.rowCount == 4)
    #expect(try depth.int64s("sequence") == [4, 5, 5, 5])
    let watcher = try replay([depth])
    #expect(watcher.isStale == [true, false])
    #expect(watcher.book.bids.bestTicks == 2 && watcher.book.bids.bestLots == 8000)
  }

  @Test("futures share ids, so a snapshot must also show the sizes of our messages")
  func futures() throws {
    func capture(_ bids: [(Double, Double)]) -> String {
      var capture = Capture()
      capture.diff(101, 110, pu: 90, bids: [(10, 3), (9, 2)])
      capture.diff(121, 130, pu: 110, asks: [(11, 5)])
      capture.snapshot(125, bids: bids, asks: [(11, 1)])
      capture.diff(141, 150, pu: 130, asks: [(11, 6)])
      var other = Capture(symbol: "BTCUSDC", text: capture.text, now: capture.now)
      other.diff(131, 140, pu: 100, bids: [(10, 8)])
      return other.text
    }
    let (sink, report) = try run(capture([(10, 3), (9, 2)]), .usdm, symbol: "BTCUSDT")
    #expect(report.count("snapshots") == 1)
    #expect(try replay([try #require(sink.rows(.depth))]).book.asks.bestLots == 6)
    for bids in [[(10.0, 4.0), (9, 1)], [(10.5, 3), (8.5, 2)], [(3, 3), (2, 2)]] {
      let (_, report) = try run(capture(bids), .usdm, symbol: "BTCUSDT")
      #expect(report.count("snapshots") == 0)
      #expect(report.count("\(unproven) BTCUSDT, not used") == 1)
    }
  }

  @Test("a snapshot that names its symbol needs no other proof")
  func named() throws {
    var capture = Capture(symbol: "BTCUSD_PERP")
    capture.line(
      """
      {"lastUpdateId":5,"symbol":"BTCUSD_PERP","pair":"BTCUSD","bids":[["10","1"]],"asks":[]}
      """)
    capture.line(
      """
      {"lastUpdateId":5,"symbol":"ETHUSD_PERP","pair":"ETHUSD","bids":[["2.125","1"]],"asks":[]}
      """)
    let (sink, report) = try run(capture.text, .coinm, symbol: "BTCUSD_PERP")
    #expect(report.count("snapshots") == 1)
    #expect(report.count("\(unproven) BTCUSD_PERP, not used") == 1)
    #expect(try sink.rows(.depth)?.column("price") == .decimal([10], scale: 0))
  }

  @Test("the clock is measured by the messages of all symbols")
  func clock() throws {
    var capture = Capture()
    capture.diff(1, 2, late: -400)
    var other = Capture(symbol: "ETHUSDT", text: capture.text, now: capture.now)
    other.diff(7, 8, late: -900)
    for symbol in ["BTCUSDT", "ETHUSDT"] {
      #expect(
        try run(other.text, .spot, symbol: symbol).1.clockShift == .milliseconds(900))
    }
  }
}
