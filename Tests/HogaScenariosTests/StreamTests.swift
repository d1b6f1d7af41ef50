import HogaCore
import HogaScenarios
import Testing

@Suite("Stream of a synthetic market")
struct StreamTests {
  @Test("the same seed makes the same rows, another seed others", arguments: ScenarioMood.allCases)
  func determinism(mood: ScenarioMood) throws {
    func frames(_ seed: UInt64) throws -> ScenarioFrames {
      try SyntheticMarket(mood: mood, seed: seed).frames(events: 3000, keepsEvents: true)
    }
    let first = try frames(7)
    #expect(try frames(7) == first)
    #expect(try frames(8).orders != first.orders)
  }

  @Test("the rows of a seed have this digest on every machine")
  func digest() throws {
    var digest = FNV1a()
    let market = try SyntheticMarket(mood: .flashCrash, seed: 7).frames(events: 20_000)
    for name in ["arrival", "time", "sequence", "order_id", "price", "size"] {
      for value in try market.orders.int64s(name) { digest.add(value) }
    }
    #expect(digest.text == "1f86956f7ade203e")
  }

  @Test("chunks of any length join to the same market")
  func chunks() throws {
    let market = try SyntheticMarket(mood: .normal, seed: 2)
    let whole = try market.frames(events: 4000, keepsEvents: true)
    for rows in [1, 7, 500] {
      var stream = try market.stream(until: .events(4000), keepsEvents: true)
      let begin = stream.next(rows: rows)
      let first = try #require(begin)
      var (orders, depth, trades) = (first.orders, first.depth, first.trades)
      var events = try #require(first.events)
      while let chunk = stream.next(rows: rows) {
        #expect(chunk.events?.rowCount ?? 0 <= rows)
        orders.append(rowsOf: chunk.orders)
        depth.append(rowsOf: chunk.depth)
        trades.append(rowsOf: chunk.trades)
        events.append(rowsOf: try #require(chunk.events))
      }
      #expect(orders == whole.orders && depth == whole.depth && trades == whole.trades)
      #expect(events == whole.events)
      #expect(stream.truth == whole.truth)
      #expect(stream.next() == nil)
    }
  }

  @Test("keeping the truth about events changes no row")
  func keeping() throws {
    let market = try SyntheticMarket(mood: .highVolatility, seed: 2)
    let (with, without) = (
      try market.frames(events: 3000, keepsEvents: true), try market.frames(events: 3000)
    )
    #expect(with.orders == without.orders && with.depth == without.depth)
    #expect(with.events?.rowCount == 3000 && without.events == nil)
  }

  @Test("tables have the columns of the lake")
  func schemas() throws {
    let market = try SyntheticMarket(mood: .normal, seed: 2).frames(events: 300)
    for (table, frame) in [
      (MarketTable.orders, market.orders), (.trades, market.trades), (.depth, market.depth),
      (.status, market.status),
    ] {
      #expect(frame.schema == table.schema(priceDecimals: 2, sizeDecimals: 3))
      #expect(frame.rowCount > 0)
    }
    #expect(try market.status.texts("status") == ["trading"])
  }

  @Test("messages arrive in order, after they were sent; sequences ascend over all tables")
  func moments() throws {
    let market = try SyntheticMarket(mood: .highVolatility, seed: 9).frames(events: 5000)
    let minimum = market.truth.settings.latency.minimum
    for frame in [market.orders, market.trades, market.depth, market.status] {
      let (arrivals, times) = (try frame.int64s("arrival"), try frame.int64s("time"))
      let sequences = try frame.int64s("sequence")
      for row in 0..<frame.rowCount {
        #expect(arrivals[row] - times[row] >= minimum)
        if row > 0 {
          #expect(arrivals[row] >= arrivals[row - 1] && times[row] >= times[row - 1])
          #expect(sequences[row] >= sequences[row - 1])
        }
      }
    }
    // A single order changes with each sequence, once the first book is there.
    let orders = try market.orderRows().drop { $0.event.kind == .snapshot }
    #expect(orders.map(\.moment.sequence) == Array(2..<2 + Int64(orders.count)))
    let latencies = orders.map { Double($0.moment.arrival - $0.moment.time) - Double(minimum) }
    let median = latencies.sorted()[latencies.count / 2]
    // Messages wait for those before them, so the median is no less than the law's.
    #expect(median > 0.97e6 && median < 1.5e6)
  }

  @Test("a date begins with the running book, and can be replayed on its own")
  func dates() throws {
    var settings = ScenarioMood.normal.settings()
    // Two seconds before midnight.
    settings.start = ScenarioSettings.standardStart + TimeSpan.day.nanoseconds - 2_000_000_000
    settings.latency = LatencyLaw(minimum: 50_000_000, median: 20_000_000, deviation: 0.5)
    let market = try SyntheticMarket(settings, seed: 4)
    var stream = try market.stream(until: .seconds(5))
    var days: [CivilDate] = []
    var whole = OrderByOrderBook()
    var beforeMidnight: [OrderByOrderBook.Order] = []
    while let chunk = stream.next() {
      days.append(chunk.date)
      let arrivals = try chunk.orders.int64s("arrival")
      #expect(arrivals.allSatisfy { Timestamp(nanoseconds: $0).date == chunk.date })
      #expect(
        try chunk.depth.int64s("arrival").allSatisfy {
          Timestamp(nanoseconds: $0).date == chunk.date
        })
      var frame: Frame? = chunk.orders
      var replay = try OrderByOrderReplay {
        defer { frame = nil }
        return frame
      }
      let step = try replay.step()
      let first = try #require(step)
      #expect(first.kind == .snapshot)
      #expect(try chunk.depth.texts("kind")[0] == "snapshot")
      if days.count == 2 {
        #expect(arrivals[0] == chunk.date.start.nanoseconds)
        #expect(try chunk.orders.int64s("time")[0] == Column.missing)
        #expect(orders(replay.book) == beforeMidnight)
        // What was sent before midnight and arrived after it belongs to the new date.
        let times = try chunk.orders.int64s("time")
        #expect(times.contains { $0 != Column.missing && $0 < chunk.date.start.nanoseconds })
      }
      while try replay.step() != nil {}
      whole = replay.book
      beforeMidnight = orders(whole)
    }
    #expect(days.count == 2 && days[1] == days[0].adding(days: 1))
    // The joined days replay as well.
    var joined = try OrderByOrderReplay(try market.frames(seconds: 5).source(of: .orders))
    while try joined.step() != nil {}
    #expect(orders(joined.book) == orders(whole))
  }

  private func orders(_ book: OrderByOrderBook) -> [OrderByOrderBook.Order] {
    var all: [OrderByOrderBook.Order] = []
    for side in Side.allCases { book.forEachOrder(side) { all.append($0) } }
    return all
  }

  @Test("a market by time and one by events are the same as far as both go")
  func ends() throws {
    let market = try SyntheticMarket(mood: .normal, seed: 12)
    let byTime = try market.frames(seconds: 100)
    let byEvents = try market.frames(events: byTime.truth.eventCount)
    #expect(byEvents.orders == byTime.orders && byEvents.trades == byTime.trades)
    #expect(byTime.truth.facts.duration == 100)
    let last = try #require(try byTime.orders.int64s("time").last)
    #expect(last < ScenarioSettings.standardStart + 100_000_000_000)
    #expect(try market.frames(events: 0).trades.rowCount == 0)
  }
}
