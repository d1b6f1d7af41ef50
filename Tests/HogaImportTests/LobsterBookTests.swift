import HogaCore
import HogaImport
import Testing

@Suite("LOBSTER on the book of single orders")
struct LobsterBookTests {
  /// Plays a day's messages and compares the book with each row of the order-book file.
  private func play(_ path: String, levels: Int) throws -> PartialOrderBook {
    let sink = MemorySink()
    _ = try LobsterImporter().run(files: [path], into: sink, monitor: JobMonitor())
    let (orders, rows) = (try #require(sink.rows(.orders)), try #require(sink.rows(.book)))
    #expect(try orders.int64s("sequence") == rows.int64s("sequence"))
    let kinds = try orders.texts("kind").map { OrderEventKind(rawValue: $0!)! }
    let ids = try orders.int64s("order_id")
    let sides = try orders.int32s("side")
    let (prices, sizes) = (try orders.int64s("price"), try orders.int64s("size"))
    let columns = try ["bid", "ask"].map { side in
      try (1...levels).map {
        (try rows.int64s("\(side)_price_\($0)"), try rows.int64s("\(side)_size_\($0)"))
      }
    }
    func shown(_ side: Int, _ row: Int) -> [OrderByOrderBook.Level] {
      columns[side].compactMap {
        $0.0[row] == Column.missing
          ? nil : OrderByOrderBook.Level(ticks: $0.0[row], lots: $0.1[row], orders: 0)
      }
    }
    var view = PartialOrderBook(levels: levels)
    for row in kinds.indices {
      let event = OrderEvent(
        kinds[row], id: ids[row], side: Side(rawValue: sides[row]), ticks: prices[row],
        lots: sizes[row], sequence: Int64(row))
      if row == 0 {
        view.begin(after: event, bids: shown(0, 0), asks: shown(1, 0))
        continue
      }
      view.apply(event)
      let fault = view.compare(bids: shown(0, row), asks: shown(1, row))
      #expect(fault == nil, "row \(row + 1): \(fault!)")
    }
    return view
  }

  @Test(
    "messages give the rows of the order-book file; only levels that come into view differ",
    .enabled(if: realData != nil, "needs HOGA_DATA"),
    arguments: [
      ("AMZN", 5, 155_934, 143_883), ("AMZN", 1, 57_514, 49_347), ("AAPL", 1, 118_496, 101_245),
    ])
  func realDay(symbol: String, levels: Int, rows: Int, equal: Int) throws {
    let view = try play(
      "\(realData!)/lobster/LOBSTER_SampleFile_\(symbol)_2012-06-21_\(levels).zip", levels: levels)
    #expect(view.counts.rows == rows)
    #expect(view.counts.differingRows == 0 && view.counts.impossible == 0)
    #expect(view.counts.equalRows + view.counts.enteringRows == rows)
    #expect(view.counts.equalRows == equal)
  }
}
