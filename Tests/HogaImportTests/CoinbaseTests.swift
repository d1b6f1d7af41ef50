import Foundation
import HogaCore
import HogaImport
import HogaLake
import Testing

@Suite("Coinbase importer")
struct CoinbaseTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  // MARK: Support

  private static func uuid(_ number: Int) -> String {
    "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - "\(number)".count) + "\(number)"
  }
  private static func stamp(_ sequence: Int) -> String {
    "\"sequence\": \(sequence), \"product_id\": \"X-USD\", "
      + "\"time\": \"2018-07-13T20:00:\(sequence < 10 ? "0" : "")\(sequence).5Z\""
  }
  private static func open(
    _ sequence: Int, _ order: Int, _ side: String, _ price: String, _ size: String
  ) -> String {
    """
    {"type": "open", \(stamp(sequence)), "order_id": "\(uuid(order))", "side": "\(side)", \
    "price": "\(price)", "remaining_size": "\(size)"}
    """
  }
  private static func done(
    _ sequence: Int, _ order: Int, _ side: String, _ price: String, left: String,
    _ reason: String = "canceled"
  ) -> String {
    """
    {"type": "done", \(stamp(sequence)), "order_id": "\(uuid(order))", "side": "\(side)", \
    "price": "\(price)", "remaining_size": "\(left)", "reason": "\(reason)"}
    """
  }
  private static func match(
    _ sequence: Int, _ maker: Int, _ side: String, _ price: String, _ size: String
  ) -> String {
    """
    {"type": "match", \(stamp(sequence)), "maker_order_id": "\(uuid(maker))", \
    "taker_order_id": "\(uuid(999))", "side": "\(side)", "price": "\(price)", \
    "size": "\(size)", "trade_id": \(1000 + sequence)}
    """
  }
  private static func change(
    _ sequence: Int, _ order: Int, _ side: String, _ price: String, size: String
  ) -> String {
    """
    {"type": "change", \(stamp(sequence)), "order_id": "\(uuid(order))", "side": "\(side)", \
    "price": "\(price)", "old_size": "9", "new_size": "\(size)"}
    """
  }
  private static func received(_ sequence: Int) -> String {
    """
    {"type": "received", \(stamp(sequence)), "order_id": "\(uuid(7))", "order_type": "market"}
    """
  }
  private static func book(
    _ sequence: Int, bids: [(String, String, Int)], asks: [(String, String, Int)] = []
  ) -> String {
    func list(_ orders: [(String, String, Int)]) -> String {
      orders.map { "[\"\($0.0)\", \"\($0.1)\", \"\(uuid($0.2))\"]" }.joined(separator: ", ")
    }
    return "{\"bids\": [\(list(bids))], \"asks\": [\(list(asks))], \"sequence\": \(sequence)}"
  }

  private func run(
    _ lines: [String], onError: ErrorPolicy = .stop
  ) throws -> (MemorySink, ImportReport) {
    let path = try scratch.file("feed.json", lines.joined(separator: "\n") + "\n")
    let sink = MemorySink()
    let report = try CoinbaseL3Importer(symbol: "x-usd", onError: onError, priceDecimals: 1).run(
      files: [path], into: sink, monitor: JobMonitor())
    return (sink, report)
  }

  /// Rows of `orders` as `kind id size`.
  private func rows(_ sink: MemorySink) throws -> [String] {
    let orders = try #require(sink.rows(.orders))
    let (kinds, ids) = (try orders.texts("kind"), try orders.int64s("order_id"))
    let sizes = try orders.int64s("size")
    return kinds.indices.map {
      ids[$0] == Column.missing ? kinds[$0]! : "\(kinds[$0]!) \(ids[$0]) \(sizes[$0] / 100_000_000)"
    }
  }

  private func replayed(_ sink: MemorySink) throws -> OrderByOrderBook {
    var frames = [try #require(sink.rows(.orders))][...]
    var replay = try OrderByOrderReplay { frames.popFirst() }
    while try replay.step() != nil {}
    return replay.book
  }

  private static let start = book(
    3, bids: [("10.5", "2", 1), ("10.5", "3", 2), ("10", "4", 3)], asks: [("11", "5", 4)])

  // MARK: Real data

  /// A book as Coinbase writes it: the orders of a side as price, size and id.
  private func orders(_ path: String, _ side: String) throws -> [[String]] {
    guard
      let book = try JSONSerialization.jsonObject(with: Data(text(of: path).utf8))
        as? [String: Any]
    else { return [] }
    return try #require(book[side] as? [[String]])
  }

  @Test("ends at the book that plain dictionaries end at, order by order")
  func golden() throws {
    let sink = MemorySink()
    let report = try CoinbaseL3Importer(symbol: "BTC-USD").run(
      files: [fixture("coinbase-book.json.xz"), fixture("coinbase-messages.json.xz")], into: sink,
      monitor: JobMonitor())
    #expect(report.gaps == 0 && report.rejections.isEmpty)
    #expect(report.count("orders in the book at the end") == 406 + 256)
    let book = try replayed(sink)
    let names = try #require(sink.rows("order_ids"))
    let uuids = try names.texts("uuid")
    #expect(try names.int64s("order_id") == Array(1...Int64(names.rowCount)))
    for (side, name) in [(Side.buy, "bids"), (.sell, "asks")] {
      let expected = try orders(fixture("coinbase-after.json.xz"), name)
      var found: [[Int64]] = []
      var ids: [String?] = []
      book.forEachOrder(side) {
        found.append([$0.ticks, $0.lots])
        ids.append(uuids[Int($0.id) - 1])
      }
      #expect(ids == expected.map { $0[2] })
      #expect(
        found
          == (try expected.map {
            [try Decimal.parse($0[0], decimals: 2), try Decimal.parse($0[1], decimals: 8)]
          }))
    }
    let instrument = try #require(sink.frames.keys.first).instrument
    #expect(instrument.priceDecimals == 2 && instrument.sizeDecimals == 8)
  }

  @Test(
    "the whole capture leaves 66,833 orders, and every execution takes the front of its queue",
    .enabled(if: realData != nil, "needs HOGA_DATA"))
  func wholeCapture() throws {
    let folder = "\(realData!)/gdax_l3"
    let lake = Lake(root: scratch.folder + "/lake")
    let report = try CoinbaseL3Importer(symbol: "BTC-USD").run(
      files: ["\(folder)/beginning_level_3.json.xz", "\(folder)/messages.json.xz"], into: lake)
    #expect(report.count("orders in the book at the end") == 66_833)
    #expect(report.rows(of: .trades) == 501)
    #expect(report.gaps == 0 && report.rejections.isEmpty)
    #expect(report.count("executions behind the front of a queue") == 0)
    #expect(report.count("executions away from the best price") == 0)
    let check = try LakeCheck().run(lake)
    #expect(!check.hasErrors, "\(check)")
  }

  // MARK: The feed

  @Test("brings each message to orders and trades, with dense numbers")
  func messages() throws {
    let (sink, report) = try run([
      Self.start, Self.received(4), Self.open(5, 5, "buy", "10.5", "7"),
      Self.match(6, 1, "buy", "10.5", "2"), Self.done(7, 1, "buy", "10.5", left: "0", "filled"),
      Self.match(8, 2, "buy", "10.5", "1"), Self.change(9, 5, "buy", "10.5", size: "6"),
      Self.change(10, 2, "buy", "10.5", size: "8"), Self.change(11, 77, "buy", "1", size: "1"),
      Self.done(12, 3, "buy", "10", left: "4"), Self.done(13, 88, "sell", "10", left: "1"),
    ])
    #expect(
      try rows(sink) == [
        "snapshot 1 2", "snapshot 2 3", "snapshot 3 4", "snapshot 4 5", "add 5 7", "execute 1 2",
        "execute 2 1", "reduce 5 1", "change 2 8", "delete 3 4",
      ])
    let orders = try #require(sink.rows(.orders))
    #expect(try orders.int64s("sequence") == [3, 3, 3, 3, 5, 6, 8, 9, 10, 12])
    #expect(try orders.int64s("time")[0] == Column.missing)
    #expect(try orders.int64s("arrival")[0] == orders.int64s("arrival")[4] - 1_000_000_000)
    let trades = try #require(sink.rows(.trades))
    #expect(try trades.int64s("id") == [1006, 1008])
    #expect(try trades.int32s("aggressor") == [-1, -1])
    #expect(try trades.int64s("sequence") == [6, 8])
    #expect(report.count("messages done of orders that never rested") == 2)
    #expect(report.count("messages change of orders that do not rest") == 1)
    let book = try replayed(sink)
    #expect(book.levels(.buy).map(\.orders) == [2])
    // The order that grew lost its place.
    #expect(book.order(at: book.front(.buy, at: 105)!).id == 5)
    let ids = try #require(sink.rows("order_ids"))
    #expect(try ids.texts("uuid") == (1...5).map { Self.uuid($0) })
  }

  @Test("skips and counts what the snapshot holds, and what comes twice")
  func older() throws {
    let (sink, report) = try run([
      Self.open(2, 1, "buy", "10.5", "2"), Self.match(3, 6, "sell", "11", "1"), Self.start,
      Self.match(3, 6, "sell", "11", "1"), Self.open(4, 5, "buy", "9", "7"),
      Self.open(4, 5, "buy", "9", "7"),
    ])
    #expect(
      try rows(sink) == [
        "gap", "snapshot 1 2", "snapshot 2 3", "snapshot 3 4", "snapshot 4 5", "add 5 7",
      ])
    #expect(report.count("messages dropped as already known") == 2)
    #expect(report.count("messages while the book was unknown") == 2)
    #expect(report.gaps == 0)
    #expect(try #require(sink.rows(.trades)).rowCount == 1)
  }

  @Test("a snapshot ahead of the messages waits for them")
  func ahead() throws {
    let (sink, report) = try run([
      Self.start, Self.match(2, 9, "sell", "11", "1"), Self.open(3, 1, "buy", "10.5", "2"),
      Self.open(4, 5, "buy", "9", "7"),
    ])
    #expect(try rows(sink).suffix(2) == ["snapshot 4 5", "add 5 7"])
    #expect(report.count("messages older than the snapshot, skipped") == 2)
    #expect(try #require(sink.rows(.trades)).int64s("id") == [1002])
    #expect(report.gaps == 0)
  }

  @Test("a late snapshot is brought up to date with the messages that waited")
  func late() throws {
    let (sink, report) = try run([
      Self.open(3, 1, "buy", "10.5", "2"), Self.open(4, 5, "buy", "9", "7"),
      Self.match(5, 1, "buy", "10.5", "1"), Self.start, Self.done(6, 5, "buy", "9", left: "7"),
    ])
    #expect(
      try rows(sink) == [
        "gap", "snapshot 1 1", "snapshot 2 3", "snapshot 3 4", "snapshot 5 7", "snapshot 4 5",
        "delete 5 7",
      ])
    #expect(report.count("snapshots taken over") == 1)
    #expect(try replayed(sink).orderCount == 4)
  }

  @Test("a gap makes the book stale until a snapshot; orders keep their numbers across it")
  func gap() throws {
    let again = Self.book(
      9, bids: [("10.5", "3", 2), ("10.5", "7", 6)], asks: [("11", "5", 4)])
    let (sink, report) = try run([
      Self.start, Self.open(4, 5, "buy", "9", "7"), Self.open(6, 6, "buy", "10.5", "7"),
      Self.match(7, 1, "buy", "10.5", "2"), again, Self.match(8, 2, "buy", "10.5", "1"),
      Self.open(9, 8, "buy", "1", "1"), Self.open(10, 8, "buy", "1", "1"),
    ])
    #expect(
      try rows(sink).dropFirst(4) == [
        "add 5 7", "gap", "snapshot 2 3", "snapshot 6 7", "snapshot 4 5", "add 7 1",
      ])
    #expect(report.gaps == 1)
    #expect(report.count("messages missing between those that arrived") == 1)
    #expect(report.count("messages while the book was unknown") == 2)
    #expect(try #require(sink.rows(.trades)).rowCount == 2)
    #expect(try #require(sink.rows("order_ids")).int64s("order_id") == Array(1...7))
    #expect(try #require(sink.rows(.orders)).int64s("sequence").suffix(2) == [9, 10])
  }

  @Test("a snapshot that cannot be joined with the messages is not used")
  func unjoined() throws {
    let (sink, report) = try run([
      Self.match(5, 1, "buy", "10.5", "1"), Self.match(9, 1, "buy", "10.5", "1"), Self.start,
    ])
    #expect(try rows(sink) == ["gap"])
    #expect(report.count("snapshots too old for the messages, not used") == 1)
    #expect(report.notes.contains { $0.hasPrefix("the book is stale at the end") })
  }

  @Test("a snapshot in the stream is compared with the running book, order by order")
  func comparison() throws {
    let same = Self.book(
      4, bids: [("10.5", "2", 1), ("10.5", "3", 2), ("10", "4", 3), ("9", "7", 5)],
      asks: [("11", "5", 4)])
    let other = Self.book(
      4, bids: [("10.5", "3", 2), ("10.5", "2", 1), ("10", "4", 3), ("9", "7", 5)],
      asks: [("11", "5", 4)])
    let (_, report) = try run([Self.start, Self.open(4, 5, "buy", "9", "7"), same, other])
    #expect(report.count("snapshots that agree with the book order by order") == 1)
    #expect(report.count("snapshots that differ from the book, which is kept") == 1)
  }

  @Test("a new date begins with the running book, and with the names of its orders")
  func midnight() throws {
    let next = Self.open(5, 6, "buy", "9", "1").replacing("07-13T20", with: "07-14T01")
    let (sink, report) = try run([Self.start, Self.open(4, 5, "buy", "9", "7"), next])
    let dates = sink.frames.keys.filter { $0.table == "orders" }.map(\.date).sorted()
    #expect(dates.map(\.description) == ["2018-07-13", "2018-07-14"])
    let second = try #require(
      sink.frames.first { $0.key.table == "orders" && $0.key.date == dates[1] })
    #expect(second.value.rowCount == 6)
    #expect(try second.value.int64s("arrival")[0] == dates[1].start.nanoseconds)
    #expect(try second.value.int64s("sequence") == [4, 4, 4, 4, 4, 5])
    let names = try #require(
      sink.frames.first { $0.key.table == "order_ids" && $0.key.date == dates[1] })
    #expect(try names.value.int64s("order_id") == Array(1...6))
    #expect(report.partitions == 4)
  }

  @Test("reads lists and lines alike, and other channels' messages are counted")
  func shapes() throws {
    let messages = [
      Self.start, Self.open(4, 5, "buy", "9", "7"),
      "{\"type\": \"heartbeat\", \"product_id\": \"X-USD\", \"sequence\": 4}",
      "{\"type\": \"subscriptions\", \"channels\": [{\"name\": \"full\", \"product_ids\": []}]}",
      Self.open(5, 9, "sell", "9", "7").replacing("X-USD", with: "Y-USD"),
      Self.open(5, 6, "sell", "12", "7"),
    ]
    let (lines, report) = try run(messages)
    let path = try scratch.file(
      "list.json", "[\n  " + messages.joined(separator: ",\n").replacing(", ", with: " ,\n\t") + "]"
    )
    let list = MemorySink()
    _ = try CoinbaseL3Importer(symbol: "X-USD").run(
      files: [path], into: list, monitor: JobMonitor())
    #expect(try rows(lines) == rows(list))
    #expect(report.count("messages of other products, not used") == 1)
    #expect(report.count("messages of type heartbeat") == 1)
  }

  @Test(
    "names each fault with its file and line, or counts it and goes on",
    arguments: [
      ("the order is not in the book", match(5, 70, "buy", "10.5", "1")),
      ("more than is left of the order", match(5, 1, "buy", "10.5", "2.5")),
      ("the order stands on another side or at another price", match(5, 1, "buy", "10", "1")),
      ("the order stands on another side or at another price", match(5, 1, "sell", "10.5", "1")),
      ("the order is in the book already", open(5, 1, "buy", "10.5", "1")),
      ("not what is left of the order", done(5, 1, "buy", "10.5", left: "1")),
      ("not what is left of the order", done(5, 1, "buy", "10.5", left: "0", "filled")),
      ("a price has more than 1 decimals", open(5, 9, "buy", "10.25", "1")),
      ("a size has more than 8 decimals", open(5, 9, "buy", "10.5", "0.000000001")),
      ("a price is too large", open(5, 9, "buy", "99999999999999999999", "1")),
      ("a price is not a number", open(5, 9, "buy", "ten", "1")),
      ("size is not above zero", open(5, 9, "buy", "10.5", "0")),
      ("price is not above zero", open(5, 9, "buy", "-1", "1")),
      ("side is neither buy nor sell", open(5, 9, "both", "10.5", "1")),
      ("reason is neither filled nor canceled", done(5, 1, "buy", "10.5", left: "2", "lost")),
      ("order id is no UUID", open(5, 9, "buy", "1", "1").replacing("-4000-", with: "-400-")),
      ("order id is no UUID", open(5, 9, "buy", "1", "1").replacing("-4000-", with: "-40g0-")),
      ("time is none such as", open(5, 9, "buy", "1", "1").replacing("T20", with: "T25")),
      (
        "sequence is no number above zero",
        open(5, 9, "buy", "1", "1").replacing(": 5,", with: ": -5,")
      ),
      ("an object is torn", String(open(5, 9, "buy", "1", "1").dropLast(20))),
      ("an object is torn", String(open(5, 9, "buy", "1", "1").dropLast(1))),
      ("not a JSON object", open(5, 9, "buy", "1", "1").replacing(", ", with: ",, ")),
      ("neither an object nor a list of objects", "nonsense"),
      ("neither a message nor a snapshot of all orders", "{\"a\": 1}"),
      ("an order of a snapshot is not [price, size, order id]", book(9, bids: [("1", "0", 1)])),
      (
        "an order of a snapshot is not [price, size, order id]",
        "{\"bids\": [[1, 2]], \"asks\": []}"
      ),
      ("an order comes twice in a snapshot", book(9, bids: [("1", "1", 1), ("2", "1", 1)])),
      ("a snapshot's sequence is no number above zero", book(0, bids: [])),
    ])
  func faults(reason: String, line: String) throws {
    let lines = [Self.start, Self.open(4, 5, "buy", "9", "7"), line]
    #expect { try run(lines) } throws: {
      let error = $0 as? DataError
      return error?.row == 3 && error?.file?.hasSuffix("feed.json") ?? false
        && error?.reason.hasPrefix(reason) ?? false
    }
    // What comes after is read as if nothing had happened; a message that was lost is a gap.
    let (sink, report) = try run(lines + [Self.match(6, 4, "sell", "11", "1")], onError: .skip)
    #expect(report.rejections.map(\.count) == [1])
    #expect(report.rejections.first?.reason.hasPrefix(reason) ?? false)
    #expect(try #require(sink.rows(.trades)).rowCount == 1)
  }

  @Test("an object that is never closed costs itself, not what follows")
  func neverClosed() throws {
    let list = [Self.start, Self.open(4, 5, "buy", "9", "7"), Self.match(5, 4, "sell", "11", "1")]
      .map { "    " + $0.replacing(", \"", with: ",\n        \"") }
    let damaged = list[1].replacing("{", with: "{{")
    let (sink, report) = try run(
      ["[", list[0] + ",", damaged + ",", list[2], "]"], onError: .skip)
    // The message that would have dated the snapshot is lost, and with it the book.
    #expect(try rows(sink) == ["gap"])
    #expect(try #require(sink.rows(.trades)).rowCount == 1)
    #expect(report.rejections.first?.reason == "an object is torn")
    #expect(throws: DataError.self) { try run(["[", damaged, "]"]) }
  }

  @Test("refuses files without anything of the product")
  func nothing() throws {
    for lines in [["[]"], [Self.open(1, 1, "buy", "1", "1").replacing("X-USD", with: "Y-USD")]] {
      #expect(throws: DataError.self) { try run(lines) }
    }
    #expect(throws: DataError.self) { try run([Self.start]) }  // a book of no known time
  }

  @Test("a snapshot with a time of its own needs no message")
  func timed() throws {
    let (sink, _) = try run([
      Self.start.replacing("\"sequence\"", with: "\"time\": \"2020-01-02T03:04:05Z\", \"sequence\"")
    ])
    let orders = try #require(sink.rows(.orders))
    #expect(orders.rowCount == 4)
    #expect(
      try orders.int64s("time")[0] == CivilDate("2020-01-02")!.start.nanoseconds
        + 11_045 * 1_000_000_000)
  }

  @Test(
    "damaged feeds never crash the importer, and what is written can be replayed",
    arguments: UInt64(0)..<8)
  func fuzz(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let book = try text(of: fixture("coinbase-book.json.xz"))
    let whole = try #require(
      JSONSerialization.jsonObject(
        with: Data(text(of: fixture("coinbase-messages.json.xz")).utf8)) as? [[String: Any]])
    let lines = try whole.map {
      String(
        decoding: try JSONSerialization.data(withJSONObject: $0, options: .sortedKeys),
        as: UTF8.self)
    }
    for _ in 0..<12 {
      var feed = Array(lines.prefix(Int.random(in: 20...300, using: &random)))
      for _ in 0..<3 {
        let place = Int.random(in: 0..<feed.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: feed.remove(at: place)
        case 1: feed.insert(feed[place], at: place)
        case 2: feed.swapAt(place, Int.random(in: 0..<feed.count, using: &random))
        default: feed.insert(book, at: place)
        }
      }
      var bytes = Array((book + "\n" + feed.joined(separator: "\n") + "\n").utf8)
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1:
          bytes.removeSubrange(
            place..<min(bytes.count, place + Int.random(in: 1...90, using: &random)))
        default: if Int.random(in: 0..<5, using: &random) == 0 { bytes.removeSubrange(place...) }
        }
      }
      let path = try scratch.file("fuzz.json", bytes)
      for policy in ErrorPolicy.allCases {
        let sink = MemorySink()
        do {
          _ = try CoinbaseL3Importer(symbol: "BTC-USD", onError: policy).run(
            files: [path], into: sink, monitor: JobMonitor())
        } catch is DataError {
          continue
        }
        guard sink.rows(.orders) != nil else { continue }
        _ = try replayed(sink)
      }
    }
  }
}
