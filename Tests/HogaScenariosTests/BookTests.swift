import HogaCore
import HogaScenarios
import Testing

@Suite("Book of a synthetic market")
struct BookTests {
  private static func market(
    _ mood: ScenarioMood, seed: UInt64 = 7, events: Int = 8000
  ) throws -> ScenarioFrames {
    var settings = mood.settings(crash: 20)
    settings.warmUp = 20
    return try SyntheticMarket(settings, seed: seed).frames(events: events)
  }

  private static func levels(_ side: BookSide) -> [[Int64]] {
    (0..<side.count).map { [side.ticks(at: $0), side.lots(at: $0)] }
  }

  @Test(
    "orders and depth make the same levels after every message, and never cross",
    arguments: ScenarioMood.allCases)
  func tablesAgree(mood: ScenarioMood) throws {
    let market = try Self.market(mood)
    var replay = try OrderByOrderReplay(market.source(of: .orders))
    var levels = OrderBook()
    var inSnapshot = false
    var messages = 0
    for row in try market.depthRows() {
      if row.kind == .snapshot, !inSnapshot { levels.removeAll() }
      inSnapshot = row.kind == .snapshot
      levels.set(row.side, ticks: row.ticks, lots: row.lots)
      guard row.isLast else { continue }
      while let moment = replay.moment, moment.sequence <= row.moment.sequence {
        _ = try replay.step()
        #expect(replay.book.state == .normal)
      }
      messages += 1
      let (bids, asks) = (replay.book.levels(.buy), replay.book.levels(.sell))
      // All levels at times, the best always.
      if messages % 50 == 1 {
        #expect(bids.map { [$0.ticks, $0.lots] } == Self.levels(levels.bids))
        #expect(asks.map { [$0.ticks, $0.lots] } == Self.levels(levels.asks))
      } else {
        #expect(bids.count == levels.bids.count && asks.count == levels.asks.count)
        #expect(bids[0].ticks == levels.bids.bestTicks && bids[0].lots == levels.bids.bestLots)
        #expect(asks[0].ticks == levels.asks.bestTicks && asks[0].lots == levels.asks.bestLots)
      }
      #expect(levels.isTwoSided && !levels.isCrossed && !levels.isLocked)
    }
    #expect(replay.moment == nil, "orders end with the last depth message")
    #expect(messages > 5000)
  }

  @Test("an execution hits the front of the best queue, and its trade says the same")
  func priority() throws {
    for mood in ScenarioMood.allCases {
      let market = try Self.market(mood, seed: 3)
      var book = OrderByOrderBook()
      var trades = try market.tradeRows()[...]
      var lastID: Int64 = 0
      var isFirst = true
      for row in try market.orderRows() {
        let event = row.event
        if event.kind == .execute {
          let side = try #require(event.side)
          #expect(book.bestTicks(side) == event.ticks)
          let front = try #require(book.front(side, at: event.ticks))
          #expect(book.order(at: front).id == event.id)
          let next = trades.popFirst()
          let trade = try #require(next)
          #expect(trade.moment == row.moment)
          #expect(trade.ticks == event.ticks && trade.lots == event.lots)
          #expect(trade.aggressor == side.opposite)
          #expect(trade.id == lastID + 1)
          lastID = trade.id
        }
        if event.kind == .delete || event.kind == .reduce {
          let slot = try #require(book.slot(of: event.id))
          #expect((book.order(at: slot).lots == event.lots) == (event.kind == .delete))
        }
        try book.apply(event, beginsSnapshot: isFirst)
        isFirst = false
      }
      #expect(trades.isEmpty, "every trade is an execution")
      #expect(lastID > 100)
    }
  }

  @Test("limit orders rest behind the opposite best price")
  func passive() throws {
    let market = try Self.market(.highVolatility)
    var book = OrderByOrderBook()
    var isFirst = true
    for row in try market.orderRows() {
      if row.event.kind == .add {
        let side = try #require(row.event.side)
        let opposite = try #require(book.bestTicks(side.opposite))
        #expect(side.sign * (opposite - row.event.ticks) >= 1)
      }
      try book.apply(row.event, beginsSnapshot: isFirst)
      isFirst = false
    }
  }

  @Test("what stands on the wrong side of the reference is taken by limit orders")
  func stale() throws {
    var settings = ScenarioMood.normal.settings()
    settings.warmUp = 10
    let market = try SyntheticMarket(settings, seed: 14).frames(events: 6000, keepsEvents: true)
    let frame = try #require(market.events)
    let (kinds, sequences) = (try frame.texts("kind"), try frame.int64s("sequence"))
    let references = try frame.doubles("reference").map { $0 * 100 }
    let rows = try market.orderRows()
    var row = 0
    var taken = 0
    for event in 0..<frame.rowCount {
      while row < rows.count, rows[row].moment.sequence <= sequences[event] {
        let (order, side) = (rows[row].event, try #require(rows[row].event.side))
        row += 1
        guard order.kind == .execute, kinds[event]?.hasPrefix("limit") == true else { continue }
        taken += 1
        // An ask below the reference, or a bid above it.
        #expect(Double(side.sign) * (Double(order.ticks) - references[event]) > 0)
      }
    }
    #expect(row == rows.count && taken > 100)
  }

  @Test("every live order is cancelled with the same chance")
  func cancellations() throws {
    var settings = ScenarioMood.normal.settings()
    settings.cancellation.partialShare = 0
    let market = try SyntheticMarket(settings, seed: 11).frames(events: 8000)
    // Ranks by age among the side's orders: uniform if all have the same chance.
    var live: [Side: [Int64]] = [.buy: [], .sell: []]
    var left: [Int64: Int64] = [:]
    var ranks: [Double] = []
    var jitter = SeededRandom(1)
    for row in try market.orderRows() {
      let (event, side) = (row.event, try #require(row.event.side))
      switch event.kind {
      case .snapshot, .add:
        // A snapshot comes in the order of the book, not of age.
        let orders = live[side, default: []]
        let place = orders.firstIndex { $0 > event.id } ?? orders.count
        live[side, default: []].insert(event.id, at: place)
        left[event.id] = event.lots
      case .execute, .delete:
        let orders = live[side, default: []]
        let place = try #require(orders.firstIndex(of: event.id))
        if event.kind == .delete {
          ranks.append((Double(place) + jitter.uniform()) / Double(orders.count))
        }
        left[event.id, default: 0] -= event.lots
        if left[event.id] == 0 { live[side]?.remove(at: place) }
      default: break
      }
    }
    #expect(ranks.count > 2500)
    #expect(distanceFromUniform(ranks) < kolmogorovLimit)
  }

  @Test("cancellations scale with depth: the book is as deep as theory says")
  func depth() throws {
    for orders in [20.0, 100] {
      var settings = ScenarioMood.normal.settings()
      settings.cancellation = CancellationSettings(orders: orders, partialShare: 0)
      // A reference that stands still: no order becomes stale.
      settings.fundamental.volatilityPerMinute = 0
      settings.impact.perLot = 0
      let market = try SyntheticMarket(settings, seed: 5).frames(seconds: 2000)
      let expected = (settings.expectedOrders(.buy) + settings.expectedOrders(.sell)) / 2
      #expect(abs(market.truth.facts.meanOrders / expected - 1) < 0.1)
    }
  }

  @Test("depth shows no level twice, and removes those that were there")
  func depthRows() throws {
    let market = try Self.market(.flashCrash)
    var message: Set<[Int64]> = []
    var book = OrderBook()
    for row in try market.depthRows() {
      #expect(message.insert([row.side.sign, row.ticks]).inserted)
      #expect(book[row.side].lots(atTicks: row.ticks) != row.lots, "a row changes its level")
      book.set(row.side, ticks: row.ticks, lots: row.lots)
      if row.isLast { message = [] }
    }
  }
}
