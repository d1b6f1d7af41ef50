import Foundation
import HogaCore
import HogaImport
import Testing

@Suite("Binance scanner")
struct ScannerTests {
  /// What `work` sees of a line, which is held in memory as `LineReader` holds it.
  static func scan<Result>(
    _ text: String, decimals: Int = 2, _ work: (borrowing BinanceScanner) throws -> Result
  ) throws -> Result {
    var bytes = Array(text.utf8)
    bytes.append(0x0a)
    return try bytes.withUnsafeBufferPointer { buffer in
      var scanner = BinanceScanner(priceDecimals: decimals, sizeDecimals: decimals)
      try unsafe scanner.read(UnsafeBufferPointer(rebasing: buffer.dropLast()))
      return try work(scanner)
    }
  }

  static func failure(_ text: String) -> BinanceScanner.Failure? {
    do {
      try scan(text) { _ in }
      return nil
    } catch { return error as? BinanceScanner.Failure }
  }

  @Test("reads decimals as the slow reader does", arguments: UInt64(0)..<300)
  func decimals(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let alphabet = Array("0123456789.0000-e".utf8)
    for _ in 0..<50 {
      var text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        alphabet.randomElement(using: &random)!
      }
      if Bool.random(using: &random) { text = text.filter { $0 != 0x2d && $0 != 0x65 } }
      let decimals = Int.random(in: 0...4, using: &random)
      let expected = try? Decimal.parse(String(decoding: text, as: UTF8.self), decimals: decimals)
      let quoted = [0x22] + text + [0x22, 0x0a]
      let found: Int64? = quoted.withUnsafeBufferPointer { buffer in
        var cursor = unsafe ByteCursor(buffer)
        var failure = ByteCursor.DecimalFailure.none
        let value = cursor.decimal(decimals, &failure)
        return failure == .none ? value : nil
      }
      // A number begins with a digit in JSON.
      let digits = text.first == 0x2d ? text.dropFirst() : text[...]
      if digits.first.map({ $0 &- 0x30 <= 9 }) ?? false {
        #expect(found == expected, "\(String(decoding: text, as: UTF8.self)) at \(decimals)")
      } else {
        #expect(found == nil)
      }
    }
  }

  @Test("reads a depth message with its keys in any order, and steps over unknown fields")
  func depth() throws {
    let members = [
      #""e":"depthUpdate""#, #""E":1723161256299"#, #""T": 1723161256298"#, #""s":"BTCUSDT""#,
      #""U":10"#, #""u":12 "#, #""pu":9"#, #""b":[["1.50","2"],["1.4","0.00",[]]]"#,
      #""a":[ [ "1.60" , "0.25" ] ]"#, #""x":{"b":[[{"a":"]}\"\\"}]],"n":-1.5e+9}"#, #""z":null"#,
    ]
    for seed in UInt64(0)..<30 {
      var random = SeededRandom(seed)
      let data = "{" + members.shuffled(using: &random).joined(separator: ", ") + "}"
      let parts = ["\"stream\":\"btcusdt@depth@0ms\"", "\"data\":\(data)"]
      let outer = parts.shuffled(using: &random).joined(separator: ",")
      let line = "1723161255030314667 {\(outer)}"
      let (event, isPartial) = try Self.scan(line) { ($0.event, $0.isPartialDepth) }
      #expect(event == .depth && !isPartial)
      let numbers = try Self.scan(line) {
        [
          $0.arrival, $0.eventTime, $0.transactionTime, $0.firstUpdate, $0.lastUpdate,
          $0.previousUpdate,
        ]
      }
      #expect(
        numbers == [
          1_723_161_255_030_314_667, 1_723_161_256_299, 1_723_161_256_298, 10, 12, 9,
        ])
      let (bids, asks) = try Self.scan(line) {
        unsafe (Array($0.bids.pairs), Array($0.asks.pairs))
      }
      #expect(bids == [150, 200, 140, 0])
      #expect(asks == [160, 25])
    }
  }

  @Test("tells the kinds of messages apart")
  func kinds() throws {
    func kind(_ json: String) throws -> BinanceScanner.Event {
      try Self.scan("1723161255030314667 \(json)") { $0.event }
    }
    #expect(try kind(#"{"lastUpdateId":1,"bids":[],"asks":[]}"#) == .snapshot)
    #expect(
      try kind(#"{"stream":"x@bookTicker","data":{"u":1,"b":"1","B":"1","a":"2","A":"1"}}"#)
        == .bookTicker)
    #expect(try kind(#"{"stream":"x@trade","data":{"e":"trade","t":1}}"#) == .trade)
    #expect(try kind(#"{"stream":"x@aggTrade","data":{"e":"aggTrade","a":7}}"#) == .aggregateTrade)
    #expect(try kind(#"{"result":null,"id":3}"#) == .control)
    #expect(
      try kind(#"{"stream":"x@markPrice","data":{"e":"markPriceUpdate","p":"1.23456789"}}"#)
        == .other)
    for (stream, partial) in [
      ("x@depth5", true), ("x@depth20@100ms", true), ("x@depth", false), ("x@depth@0ms", false),
    ] {
      let json = "{\"stream\":\"\(stream)\",\"data\":{\"e\":\"depthUpdate\",\"U\":1,\"u\":1}}"
      #expect(try Self.scan("1723161255030314667 \(json)") { $0.isPartialDepth } == partial)
    }
    let spot = #"{"stream":"x@depth5","data":{"lastUpdateId":1,"bids":[["1","2"]],"asks":[]}}"#
    #expect(try Self.scan("1723161255030314667 \(spot)") { $0.isPartialDepth })
  }

  @Test("names what is wrong with a line")
  func failures() {
    let trade = #"{"data":{"e":"trade","p":"P","q":"Q"}}"#
    func line(_ price: String, _ size: String) -> String {
      "1 " + trade.replacing("P", with: price).replacing("Q", with: size)
    }
    #expect(Self.failure(line("1.5", "2")) == nil)
    #expect(Self.failure(line("1.555", "2")) == .price(.tooFine))
    #expect(Self.failure(line("NaN", "2")) == .price(.notANumber))
    #expect(Self.failure(line("1", "inf")) == .size(.notANumber))
    #expect(Self.failure(line("1", "")) == .size(.notANumber))
    #expect(Self.failure(line("1e5", "1")) == .price(.notANumber))
    #expect(Self.failure(line("12345678901234567890", "1")) == .price(.tooLarge))
    #expect(Self.failure(line("1", "99999999999999999")) == .size(.tooLarge))
    #expect(Self.failure("{}") == .localTime)
    #expect(Self.failure("x {}") == .localTime)
    #expect(Self.failure("99999999999999999999 {}") == .localTime)
    for torn in ["1 {", #"1 {"data"#, #"1 {"data":{"e":"trade","#, "1 {}}", "1 []", "1 {} x"] {
      #expect(Self.failure(torn) == .json, "\(torn)")
    }
    // Hostile nesting costs no stack.
    let deep = String(repeating: "[", count: 200_000)
    #expect(Self.failure("1 {\"x\":\(deep)") == .json)
  }
}

@Suite("Depth synchroniser")
struct DepthSynchronizerTests {
  typealias Message = DepthSynchronizer.Message

  @Test("continues a spot book where U is the last update plus one")
  func spot() {
    var sync = DepthSynchronizer(.spot)
    #expect(sync.receive(Message(first: 1, last: 5)) == .keep)
    #expect(sync.receive(Message(first: 6, last: 9)) == .keep)
    let kept = [Message(first: 1, last: 5), Message(first: 6, last: 9)]
    // Drop u ≤ 5; the first processed has U ≤ 6 ≤ u.
    #expect(sync.receive(snapshot: 5, kept: kept) == .apply(keptFrom: 1))
    #expect(sync.receive(Message(first: 6, last: 9)) == .drop)
    #expect(sync.receive(Message(first: 10, last: 10)) == .apply)
    #expect(sync.receive(Message(first: 12, last: 13)) == .gap)
    #expect(sync.receive(Message(first: 14, last: 14)) == .keep)
    #expect(!sync.isSynchronized)
  }

  @Test("continues a futures book where pu is the last update")
  func futures() {
    var sync = DepthSynchronizer(.futures)
    let first = Message(first: 110, last: 120, previous: 100)
    #expect(sync.receive(first) == .keep)
    #expect(sync.receive(snapshot: 115, kept: [first]) == .apply(keptFrom: 0))
    #expect(sync.last == 120)
    #expect(sync.receive(Message(first: 130, last: 140, previous: 120)) == .apply)
    #expect(sync.receive(Message(first: 130, last: 140, previous: 120)) == .drop)
    #expect(sync.receive(Message(first: 160, last: 170, previous: 150)) == .gap)
    #expect(sync.receive(Message(first: 160, last: 170, previous: 150)) == .drop)
  }

  @Test("takes a futures snapshot whose id falls between two messages of the symbol")
  func betweenMessages() {
    var sync = DepthSynchronizer(.futures)
    #expect(sync.receive(snapshot: 105, kept: []) == .apply(keptFrom: 0))
    #expect(sync.receive(Message(first: 110, last: 120, previous: 100)) == .apply)
  }

  @Test("finds a gap between a snapshot and the first message after it")
  func gapAfterSnapshot() {
    var sync = DepthSynchronizer(.spot)
    #expect(sync.receive(snapshot: 5, kept: []) == .apply(keptFrom: 0))
    #expect(sync.receive(Message(first: 3, last: 5)) == .drop)
    #expect(sync.receive(Message(first: 7, last: 8)) == .gap)
  }

  @Test("refuses a snapshot that the kept messages cannot bring up to date")
  func tooOld() {
    var sync = DepthSynchronizer(.spot)
    let kept = [Message(first: 20, last: 25)]
    #expect(sync.receive(kept[0]) == .keep)
    #expect(sync.receive(snapshot: 10, kept: kept) == .tooOld)
    #expect(!sync.isSynchronized)
    #expect(sync.receive(snapshot: 22, kept: kept) == .apply(keptFrom: 0))
    // A running book is never set back.
    #expect(sync.receive(snapshot: 24, kept: []) == .tooOld)
    #expect(sync.last == 25)
  }

  @Test("never overflows on the largest ids")
  func extremes() {
    for numbering in [DepthSynchronizer.Numbering.spot, .futures] {
      var sync = DepthSynchronizer(numbering)
      for id in [0, Int64.max, 1, Int64.max - 1] {
        _ = sync.receive(Message(first: id, last: id, previous: id))
        _ = sync.receive(snapshot: id, kept: [])
      }
    }
  }
}
