import HogaCore
import Testing

@Suite("Replay")
struct ReplayTests {
  /// Writes down every call.
  private struct Recorder: MarketSink {
    var log: [String] = []
    mutating func bookChanged(_ book: OrderBook, at moment: Moment) {
      let bid = book.bids.isEmpty ? "-" : "\(book.bids.bestTicks)x\(book.bids.bestLots)"
      let ask = book.asks.isEmpty ? "-" : "\(book.asks.bestTicks)x\(book.asks.bestLots)"
      log.append("\(moment.arrival) \(bid) \(ask)\(book.isStale ? " stale" : "")")
    }
    mutating func traded(_ trade: Trade) {
      log.append("\(trade.moment.arrival) trade \(trade.price.ticks) \(trade.aggressor?.sign ?? 0)")
    }
  }

  private func source(_ frame: Frame, chunk: Int) -> Replay.Source {
    var start = 0
    return {
      guard start < frame.rowCount else { return nil }
      let end = min(start + chunk, frame.rowCount)
      defer { start = end }
      return frame.rows(start..<end)
    }
  }

  private let trades = Frame([
    ("arrival", .timestamp([5, 7])), ("time", .timestamp([5, 7])), ("sequence", .int64([1, 9])),
    ("id", .int64([1, 2])), ("price", .decimal([100, 99], scale: 0)),
    ("size", .decimal([1, 1], scale: 0)), ("aggressor", .int32([1, Int32.min])),
  ])

  @Test("applies whole messages and puts trades before the book of the same moment")
  func depthMessages() throws {
    let depth = Frame([
      ("arrival", .timestamp([3, 3, 5, 6, 7, 7])), ("time", .timestamp([3, 3, 5, 6, 7, 7])),
      ("sequence", .int64([0, 0, 1, 3, 9, 9])), ("update_id", .int64([1, 1, 2, 3, 4, 4])),
      (
        "kind",
        .category(Categories(["snapshot", "snapshot", "update", "gap", "snapshot", "snapshot"]))
      ), ("side", .int32([1, -1, -1, 0, 1, -1])),
      ("price", .decimal([99, 101, 101, 0, 98, 100], scale: 0)),
      ("size", .decimal([5, 5, 3, 0, 1, 2], scale: 0)),
      ("last", .bool([false, true, true, true, false, true])),
    ])
    let expected = [
      "3 99x5 101x5", "5 trade 100 1", "5 99x5 101x3", "6 99x5 101x3 stale", "7 trade 99 0",
      "7 98x1 100x2",
    ]
    for chunk in 1...6 {
      var replay = try Replay(book: source(depth, chunk: chunk), trades: source(trades, chunk: 1))
      var recorder = Recorder()
      try replay.run(into: &recorder)
      #expect(recorder.log == expected)
    }
  }

  @Test("reads level rows with levels that do not exist, and refuses levels out of order")
  func levelRows() throws {
    func book(secondBid: Int64) -> Frame {
      Frame([
        ("arrival", .timestamp([1])), ("time", .timestamp([1])), ("sequence", .int64([0])),
        ("bid_price_1", .decimal([99], scale: 0)), ("bid_size_1", .decimal([5], scale: 0)),
        ("ask_price_1", .decimal([Column.missing], scale: 0)),
        ("ask_size_1", .decimal([Column.missing], scale: 0)),
        ("bid_price_2", .decimal([secondBid], scale: 0)), ("bid_size_2", .decimal([5], scale: 0)),
        ("ask_price_2", .decimal([Column.missing], scale: 0)),
        ("ask_size_2", .decimal([Column.missing], scale: 0)),
      ])
    }
    var recorder = Recorder()
    var replay = try Replay(book: source(book(secondBid: 98), chunk: 1), trades: nil)
    try replay.run(into: &recorder)
    #expect(recorder.log == ["1 99x5 -"])
    var bad = try Replay(book: source(book(secondBid: 99), chunk: 1), trades: nil)
    #expect(throws: DataError.self) { try bad.run(into: &recorder) }
  }

  @Test("plays every level row in its place, however long the chunks are")
  func manyLevelRows() throws {
    let rows = Array(Int64(0)..<700)
    let book = Frame([
      ("arrival", .timestamp(rows)), ("time", .timestamp(rows)), ("sequence", .int64(rows)),
      ("bid_price_1", .decimal(rows.map { $0 * 3 }, scale: 0)),
      ("bid_size_1", .decimal(rows.map { $0 % 7 + 1 }, scale: 0)),
      ("ask_price_1", .decimal(rows.map { $0 * 3 + 1 }, scale: 0)),
      ("ask_size_1", .decimal(rows.map { $0 % 11 + 1 }, scale: 0)),
    ])
    let expected = rows.map { "\($0) \($0 * 3)x\($0 % 7 + 1) \($0 * 3 + 1)x\($0 % 11 + 1)" }
    for chunk in [1, 100, 127, 128, 129, 256, 300, 700] {
      var replay = try Replay(book: source(book, chunk: chunk), trades: nil)
      var recorder = Recorder()
      try replay.run(into: &recorder)
      #expect(recorder.log == expected)
    }
  }
}
