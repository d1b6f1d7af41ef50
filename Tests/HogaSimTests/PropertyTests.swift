import HogaCore
import HogaSim
import Testing

@Suite("Properties of random runs")
struct PropertyTests {
  static let latency = Latency(
    feed: .recorded(scale: 1, plus: .milliseconds(1)), entry: .constant(.milliseconds(4)),
    response: .constant(.milliseconds(3)), compute: .zero)

  static func run(
    _ market: TestMarket, seed: UInt64, chunk: Int = .max, limits: RiskLimits = RiskLimits(),
    instrument: Instrument = TestMarket.instrument,
    audit: (@Sendable (Account, Int64) throws -> Void)? = nil
  ) throws -> BacktestResult {
    var trader = RandomTrader(seed: seed)
    return try Backtest(
      instrument: instrument, settings: .test(latency: latency, limits: limits)
    ).run(
      &trader, market.tape(chunk: chunk), signals: nil, audit: audit)
  }

  @Test(
    "own fills by prints never exceed the print, and only follow prints at or through the limit",
    arguments: UInt64(0)..<12)
  func prints(seed: UInt64) throws {
    let market = TestMarket.random(seed: seed, events: 3000)
    let result = try Self.run(market, seed: seed)
    let through = result.fillLog.filter {
      $0.reason == .tradedThrough || $0.reason == .queueReached
    }
    #expect(through.contains { $0.reason == .tradedThrough })
    #expect(through.contains { $0.reason == .queueReached })
    var taken: [Int64: Int64] = [:]
    let prints = Dictionary(uniqueKeysWithValues: market.trades.map { ($0.sequence, $0) })
    for fill in through {
      let print = try #require(prints[fill.sequence])
      let distance = (fill.price.ticks - print.ticks) * fill.side.sign
      #expect(fill.reason == .queueReached ? distance == 0 : distance > 0)
      #expect(print.aggressor != fill.side.rawValue)
      taken[fill.sequence, default: 0] += fill.lots
    }
    for (sequence, lots) in taken { #expect(lots <= prints[sequence]!.lots) }
  }

  @Test(
    "own fills by the book never exceed what was shown while it was shown",
    arguments: UInt64(0)..<12)
  func shown(seed: UInt64) throws {
    let market = TestMarket.random(seed: seed, events: 3000)
    let result = try Self.run(market, seed: seed)
    var fills = result.fillLog.filter {
      $0.reason != .tradedThrough && $0.reason != .queueReached
    }[...]
    #expect(fills.contains { $0.reason == .quoteCrossed })
    // A slow book: sizes by price, and lots taken since the size last changed.
    var sizes: [Side: [Int64: Int64]] = [.buy: [:], .sell: [:]]
    var taken: [Side: [Int64: Int64]] = [.buy: [:], .sell: [:]]
    var row = 0
    while row < market.depth.count, !fills.isEmpty {
      let sequence = market.depth[row].sequence
      let before = sizes
      if market.depth[row].kind == .snapshot { sizes = [.buy: [:], .sell: [:]] }
      while row < market.depth.count, market.depth[row].sequence == sequence {
        let change = market.depth[row]
        if change.kind != .gap {
          let side = Side(rawValue: change.side)!
          sizes[side]![change.ticks] = change.lots > 0 ? change.lots : nil
        }
        row += 1
      }
      for side in Side.allCases {
        for ticks in taken[side]!.keys where before[side]![ticks] != sizes[side]![ticks] {
          taken[side]![ticks] = nil
        }
      }
      while let fill = fills.first, fill.sequence == sequence {
        fills.removeFirst()
        let side = fill.side.opposite
        if case .walkedBook(let level) = fill.reason {
          let order = sizes[side]!.keys.sorted { side == .sell ? $0 < $1 : $0 > $1 }
          #expect(order[level - 1] == fill.price.ticks)
          taken[side]![fill.price.ticks, default: 0] += fill.lots
        } else {
          // A crossing fill takes the levels that reached the limit, best first.
          var left = fill.lots
          for ticks in sizes[side]!.keys.sorted(by: { side == .sell ? $0 < $1 : $0 > $1 })
          where side == .sell ? ticks <= fill.price.ticks : ticks >= fill.price.ticks {
            let lots = min(left, sizes[side]![ticks]! - taken[side]![ticks, default: 0])
            taken[side]![ticks, default: 0] += lots
            left -= lots
          }
          #expect(left == 0)
        }
        for (ticks, lots) in taken[side]! { #expect(lots <= sizes[side]![ticks] ?? 0) }
      }
    }
    #expect(fills.isEmpty)
  }

  @Test("cash and position are those of the fills, to the unit", arguments: UInt64(0)..<8)
  func balance(seed: UInt64) throws {
    let result = try Self.run(.random(seed: seed, events: 3000), seed: seed)
    var cash = Int128(100_000) * 1_000_000_000_000_000_000
    var position: Int64 = 0
    var filled: [Int64: Int64] = [:]
    for fill in result.fillLog {
      // Two decimals of price and three of size: one tick of one lot is 10¹³ units.
      let worth = Int128(fill.price.ticks) * Int128(fill.lots) * 10_000_000_000_000
      let scaled = worth * (fill.isMaker ? 100 : 500)
      cash -= fill.side == .buy ? worth : -worth
      cash -= scaled / 1_000_000 + (scaled % 1_000_000 > 0 ? 1 : 0)
      position += fill.side == .buy ? fill.lots : -fill.lots
      filled[fill.order.number, default: 0] += fill.lots
    }
    #expect(result.account.cash.units == cash)
    #expect(result.account.position == position)
    for order in result.orderLog {
      #expect(order.filledLots == filled[order.id.number, default: 0])
      #expect(order.filledLots <= order.request.lots)
      #expect((order.status == .filled) == (order.filledLots == order.request.lots))
    }
    for fill in result.fillLog {
      let limit = result.orderLog[Int(fill.order.number) - 1].request.limit
      #expect(
        limit.map { fill.side == .buy ? fill.price <= $0 : fill.price >= $0 } ?? true)
      #expect(fill.decisionTime + 4_000_000 == fill.exchangeArrival)
      #expect(fill.exchangeTime >= fill.exchangeArrival)
    }
  }

  @Test(
    "net is gross less every cost, to the unit, at every event",
    arguments: [TestMarket.instrument, TestMarket.inverse])
  func identity(instrument: Instrument) throws {
    let contract = try Contract(instrument)
    let result = try Self.run(
      .random(seed: 5, events: 4000), seed: 5, instrument: instrument,
      audit: { account, mid in
        let profit = try account.equity(contract, halfTicks: mid) - account.initialCapital
        let parts = try account.costs(contract, halfTicks: mid)
        guard
          parts.gross - parts.spread - parts.latency - parts.walk - parts.fees == profit
        else { throw DataError("net \(parts.net) is not the profit \(profit)") }
      })
    #expect(result.fillLog.count > 200)
    // The fills one by one add up to the whole: exactly, or to the rounding of 10⁻¹⁸ each.
    var sum = CostParts()
    for fill in result.fillLog {
      sum = sum + (try fill.costs(contract, closingHalfTicks: result.closingHalfTicks))
    }
    let rounding: Int128 =
      instrument.settlement == .inverse ? Int128(result.fillLog.count) : 0
    #expect((sum.net - result.net).units.magnitude <= rounding.magnitude)
    #expect(sum.fees == result.waterfall.fees && sum.spread == result.waterfall.spread)
    #expect(
      try result.account.equity(contract, halfTicks: result.closingHalfTicks)
        == result.settings.initialCapital + result.net)
    let equity = try result.equity.doubles("equity")
    #expect(abs(equity.last! - result.settings.initialCapital.value - result.net.value) < 1e-9)
  }

  @Test(
    "nothing decided or filled depends on what comes later, cut off or changed",
    arguments: UInt64(0)..<10)
  func noLookAhead(seed: UInt64) throws {
    let market = TestMarket.random(seed: seed, events: 3000)
    let full = try Self.run(market, seed: seed)
    let end = market.depth.last!.time
    for share in [0.2, 0.5, 0.8] {
      let time = TestMarket.epoch + Int64(Double(end - TestMarket.epoch) * share)
      let orders = full.orderLog.filter { $0.decisionTime <= time }
      let fills = full.fillLog.filter { $0.exchangeTime <= time }
      #expect(orders.count > 20 && fills.count > 5)
      for truncated in [true, false] {
        let cut = market.changed(after: time, truncated: truncated, seed: seed)
        let other = try Self.run(cut, seed: seed)
        // A run ends with its market: what was under way is not heard of any more.
        let end = min(time, max(cut.depth.last!.arrival, cut.trades.last!.arrival) + 1_000_000)
        let expected = orders.filter { $0.decisionTime < end }
        let otherOrders = other.orderLog.filter { $0.decisionTime < end }
        #expect(otherOrders.map(\.id) == expected.map(\.id))
        #expect(otherOrders.map(\.request) == expected.map(\.request))
        #expect(otherOrders.map(\.decisionTime) == expected.map(\.decisionTime))
        #expect(other.fillLog.filter { $0.exchangeTime <= time } == fills)
        if !truncated { #expect(other.fingerprint != full.fingerprint) }
      }
    }
  }

  @Test(
    "nothing seen depends on what has not arrived, even where it has happened",
    arguments: UInt64(0)..<5)
  func noPeeking(seed: UInt64) throws {
    func watch(_ market: TestMarket) throws -> [OrderRecord] {
      var watcher = Watcher()
      return try Backtest(
        instrument: TestMarket.instrument, settings: .test(latency: Self.latency)
      ).run(&watcher, market.tape()).orderLog
    }
    let market = TestMarket.random(seed: seed, events: 1000)
    let full = try watch(market)
    for share in [3, 5, 8] {
      let time = full[full.count * share / 10].decisionTime
      let seen = full.filter { $0.decisionTime <= time }
      for truncated in [true, false] {
        // What arrives within the feed's latency of the moment is not known yet either.
        let other = try watch(
          market.changed(
            afterArrival: time - 1_000_000, truncated: truncated, seed: seed))
        let otherSeen = other.filter { $0.decisionTime <= time }
        #expect(otherSeen.map(\.request) == seen.map(\.request))
        #expect(otherSeen.map(\.decisionTime) == seen.map(\.decisionTime))
        #expect(other.count != full.count || other.last!.request != full.last!.request)
      }
    }
  }

  @Test("equal runs have equal fingerprints, however the tables are cut into chunks")
  func determinism() throws {
    let market = TestMarket.random(seed: 3, events: 3000)
    let first = try Self.run(market, seed: 1)
    for chunk in [1, 7, 1000] {
      let again = try Self.run(market, seed: 1, chunk: chunk)
      #expect(again.fingerprint == first.fingerprint)
      #expect(again.fillLog == first.fillLog && again.orderLog == first.orderLog)
      #expect(again.equity == first.equity)
      #expect(again.json == first.json)
    }
    #expect(try Self.run(market, seed: 2).fingerprint != first.fingerprint)
  }

  @Test(
    "the position limit holds at every event, with all orders in flight",
    arguments: UInt64(0)..<6)
  func positionLimit(seed: UInt64) throws {
    let limits = RiskLimits(maximumPosition: 40, maximumOrder: 25)
    let result = try Self.run(
      .random(seed: seed, events: 3000), seed: seed, limits: limits,
      audit: { account, _ in
        guard abs(account.position) <= 40 else { throw DataError("position limit broken") }
      })
    #expect(result.rejections.contains { $0.reason == .positionLimit })
  }

  @Test(
    "the loss limit ends flat with no order open, whatever was under way",
    arguments: UInt64(0)..<20)
  func killSwitch(seed: UInt64) throws {
    let market = TestMarket.random(seed: seed, events: 4000)
    let limits = RiskLimits(maximumLoss: Money(units: 5_000_000_000_000_000))
    let result = try Self.run(market, seed: seed, limits: limits)
    #expect(result.isStopped)
    #expect(result.account.position == 0)
    #expect(!result.orderLog.contains { $0.status == .open || $0.status == .inFlight })
  }

  @Test("tables of levels give the same fills as the depth that they were made from")
  func levels() throws {
    let market = TestMarket.random(seed: 11, events: 2000, gaps: false)
    let byDepth = try Self.run(market, seed: 4)
    var trader = RandomTrader(seed: 4)
    let levels = try Backtest(
      instrument: TestMarket.instrument, settings: .test(latency: Self.latency)
    ).run(&trader, MarketTape(book: market.levelSource(), trades: market.tradeSource()))
    for (left, right) in zip(levels.fillLog, byDepth.fillLog) { #expect(left == right) }
    #expect(levels.fillLog.count == byDepth.fillLog.count)
    #expect(byDepth.fillLog.count > 100)
  }
}

extension TestMarket {
  /// The same book as rows of all its levels.
  func levelSource() -> Replay.Source {
    struct Recorder: MarketSink {
      var rows: [(moment: Moment, bids: [(Int64, Int64)], asks: [(Int64, Int64)])] = []
      mutating func bookChanged(_ book: OrderBook, at moment: Moment) {
        rows.append(
          (
            moment, (0..<book.bids.count).map { (book.bids.ticks(at: $0), book.bids.lots(at: $0)) },
            (0..<book.asks.count).map { (book.asks.ticks(at: $0), book.asks.lots(at: $0)) }
          ))
      }
      mutating func traded(_ trade: Trade) {}
    }
    var isDone = false
    return {
      guard !isDone else { return nil }
      isDone = true
      var recorder = Recorder()
      var replay = try Replay(book: bookSource(), trades: nil)
      try replay.run(into: &recorder)
      let rows = recorder.rows
      var frame = Frame([
        ("arrival", .timestamp(rows.map(\.moment.arrival))),
        ("time", .timestamp(rows.map(\.moment.time))),
        ("sequence", .int64(rows.map(\.moment.sequence))),
      ])
      let deepest = rows.map { max($0.bids.count, $0.asks.count) }.max() ?? 1
      for level in 0..<deepest {
        func cell(_ levels: [(Int64, Int64)]) -> (Int64, Int64) {
          level < levels.count ? levels[level] : (Column.missing, Column.missing)
        }
        frame.append(
          "bid_price_\(level + 1)", .decimal(rows.map { cell($0.bids).0 }, scale: 2))
        frame.append("bid_size_\(level + 1)", .decimal(rows.map { cell($0.bids).1 }, scale: 3))
        frame.append(
          "ask_price_\(level + 1)", .decimal(rows.map { cell($0.asks).0 }, scale: 2))
        frame.append("ask_size_\(level + 1)", .decimal(rows.map { cell($0.asks).1 }, scale: 3))
      }
      return frame
    }
  }
}

/// Places an order of a random kind at every chance it gets, and cancels or amends old ones.
private struct Flood: Strategy {
  let name = "flood"
  let subscription: Subscription = [.book]
  private var random: SeededRandom
  private let total: Int
  private(set) var placed = 0

  init(seed: UInt64, orders: Int) {
    random = SeededRandom(seed)
    total = orders
  }

  mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    guard event == .bookChanged, desk.isQuoted, placed < total else { return }
    for _ in 0..<40 {
      let draw = random.next()
      let side: Side = draw & 1 == 0 ? .buy : .sell
      let touch = side == .buy ? desk.book.bids.bestTicks : desk.book.asks.bestTicks
      let price = Price(ticks: touch + Int64(draw >> 8 & 7) - 4)
      let lots = 1 + Int64(draw >> 16 & 31)
      let kind: OrderRequest.Kind =
        switch (draw >> 24) % 6 {
        case 0: .market
        case 1: .immediateOrCancel(price)
        case 2: .fillOrKill(price)
        case 3: .postOnly(price)
        default: .limit(price)
        }
      desk.place(
        OrderRequest(side: side, kind: kind, lots: lots, reduceOnly: draw >> 40 & 15 == 0))
      placed += 1
      if let open = desk.openOrders.first {
        if draw >> 48 & 3 == 0 { desk.cancel(open.id) }
        if draw >> 48 & 3 == 1 { desk.amend(open.id, price: price, lots: lots) }
      }
    }
    if placed % 4000 == 0 { desk.cancelAll() }
  }
}

extension PropertyTests {
  @Test("a million random orders leave position and cash as their fills say, to the unit")
  func millionOrders() throws {
    let market = TestMarket.random(seed: 77, events: 40_000)
    var flood = Flood(seed: 3, orders: 1_000_000)
    var settings = SimulationSettings.test(latency: Self.latency)
    settings.limits.maximumOpenOrders = 60
    let result = try Backtest(instrument: TestMarket.instrument, settings: settings)
      .run(&flood, market.tape())
    #expect(flood.placed == 1_000_000 && result.orderLog.count == 1_000_000)
    var cash = Int128(100_000) * 1_000_000_000_000_000_000
    var position: Int64 = 0
    var filled = [Int64](repeating: 0, count: result.orderLog.count + 1)
    for fill in result.fillLog {
      let worth = Int128(fill.price.ticks) * Int128(fill.lots) * 10_000_000_000_000
      let scaled = worth * (fill.isMaker ? 100 : 500)
      cash -= fill.side == .buy ? worth : -worth
      cash -= scaled / 1_000_000 + (scaled % 1_000_000 > 0 ? 1 : 0)
      position += fill.side == .buy ? fill.lots : -fill.lots
      filled[Int(fill.order.number)] += fill.lots
    }
    #expect(result.fillLog.count > 20_000)
    #expect(result.account.cash.units == cash && result.account.position == position)
    var wrong = 0
    for order in result.orderLog where order.filledLots != filled[Int(order.id.number)] {
      wrong += 1
    }
    for order in result.orderLog where order.filledLots > order.lots { wrong += 1 }
    #expect(wrong == 0)
    let statuses = Set(result.orderLog.map(\.status))
    #expect(statuses.isSuperset(of: [.filled, .cancelled, .rejected]))
  }
}
