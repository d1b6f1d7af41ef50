import HogaCore
import HogaSim

extension TestMarket {
  /// A book that wanders, with prints at and through the touch, jittering clocks and some gaps.
  ///
  /// The book is two-sided and uncrossed after each message, save after a gap.
  static func random(seed: UInt64, events: Int, gaps: Bool = true) -> TestMarket {
    var random = SeededRandom(seed)
    var market = TestMarket()
    func draw(_ range: ClosedRange<Int64>) -> Int64 {
      range.lowerBound + Int64(random.next() % UInt64(range.count))
    }
    func side(_ best: Int64, _ sign: Int64) -> [(Int64, Int64)] {
      (0..<8).map { (best - sign * Int64($0), draw(1...40)) }
    }
    var bid: Int64 = 10_000
    var ask: Int64 = 10_002
    var shown: [Int64: Int64] = [:]  // signed by side: bids positive
    func load() {
      shown = [:]
      for (ticks, lots) in side(bid, 1) { shown[ticks] = lots }
      for (ticks, lots) in side(ask, -1) { shown[ticks] = -lots }
      let bids = shown.filter { $0.value > 0 }.sorted { $0.key > $1.key }
      let asks = shown.filter { $0.value < 0 }.sorted { $0.key < $1.key }
      market.snapshot(
        time, bids: bids.map { ($0.key, $0.value) }, asks: asks.map { ($0.key, -$0.value) },
        delay: delay)
    }
    var time: Int64 = 0
    var arrival: Int64 = 5
    var delay: Int64 { arrival - time }
    load()
    for _ in 0..<events {
      arrival += draw(0...6)
      // Exchange times of a feed may step back; both feeds jitter independently.
      time = arrival - draw(1...12)
      switch draw(0...99) {
      case 0 where gaps:
        market.gap(time)
        market.depth[market.depth.count - 1].arrival = Self.time(arrival)
        arrival += draw(1...400)
        time = arrival - 1
        bid = 10_000 + draw(-20...20)
        ask = bid + draw(1...3)
        load()
      case 1...3:
        load()
      case 4...30:
        let buys = draw(0...1) == 0
        let price = buys ? ask + draw(0...2) : bid - draw(0...2)
        let aggressor: Side? = draw(0...9) == 0 ? nil : buys ? .buy : .sell
        market.trade(time, price, draw(1...25), aggressor, delay: delay)
      case 31...50:
        // The touch moves: levels in between go or come, in one message.
        let move = draw(-3...3)
        bid += move
        ask = bid + draw(1...3)
        var bids: [(Int64, Int64)] = []
        var asks: [(Int64, Int64)] = []
        for (ticks, lots) in shown.sorted(by: { $0.key < $1.key }) {
          if lots > 0, ticks > bid {
            bids.append((ticks, 0))
            shown[ticks] = nil
          } else if lots < 0, ticks < ask {
            asks.append((ticks, 0))
            shown[ticks] = nil
          }
        }
        let bidLots = draw(1...40)
        let askLots = draw(1...40)
        bids.append((bid, bidLots))
        asks.append((ask, askLots))
        shown[bid] = bidLots
        shown[ask] = -askLots
        market.update(time, bids: bids, asks: asks, delay: delay)
      default:
        let lots = draw(1...40)
        if draw(0...1) == 0 {
          let ticks = bid - draw(0...6)
          shown[ticks] = lots
          market.update(time, bids: [(ticks, lots)], delay: delay)
        } else {
          let ticks = ask + draw(0...6)
          shown[ticks] = -lots
          market.update(time, asks: [(ticks, lots)], delay: delay)
        }
      }
    }
    return market
  }

  /// The markets agree up to an exchange time; what happens later is other, or is not.
  func changed(after time: Int64, truncated: Bool, seed: UInt64) -> TestMarket {
    // Rows follow arrival, and what counts is the running maximum of exchange times.
    changed(
      from: depth.firstIndex { $0.time > time } ?? depth.count,
      trades: trades.firstIndex { $0.time > time } ?? trades.count, truncated: truncated,
      seed: seed)
  }

  /// The markets agree in what has arrived by a local time.
  func changed(afterArrival time: Int64, truncated: Bool, seed: UInt64) -> TestMarket {
    changed(
      from: depth.firstIndex { $0.arrival > time } ?? depth.count,
      trades: trades.firstIndex { $0.arrival > time } ?? trades.count, truncated: truncated,
      seed: seed)
  }

  private func changed(
    from firstDepth: Int, trades firstTrade: Int, truncated: Bool, seed: UInt64
  ) -> TestMarket {
    var random = SeededRandom(seed)
    var other = self
    if truncated {
      // Whole messages only.
      var end = firstDepth
      while end > 0, end < depth.count, !depth[end - 1].last { end += 1 }
      other.depth = Array(depth[..<end])
      other.trades = Array(trades[..<firstTrade])
      return other
    }
    for row in firstDepth..<depth.count where depth[row].kind == .update {
      other.depth[row].lots = Int64(random.next() % 50)
      other.depth[row].ticks += Int64(random.next() % 5)
    }
    for row in firstTrade..<trades.count {
      other.trades[row].ticks += Int64(random.next() % 41) - 20
      other.trades[row].lots = 1 + Int64(random.next() % 100)
    }
    return other
  }
}

/// Trades at random, and looks at all it is shown while doing so.
struct RandomTrader: Strategy {
  var name: String { "random-trader" }
  var subscription: Subscription { [.book, .trades] }
  var orders = 0
  private var random: SeededRandom
  private var known: [OrderID] = []

  init(seed: UInt64) { random = SeededRandom(seed) }

  mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    guard desk.isQuoted else { return }
    // What it does depends on all it sees: a leak from the future would change it.
    let draw = random.next() &+ UInt64(bitPattern: desk.doubledMidTicks &+ desk.position)
    guard draw % 3 == 0 else { return }
    let side: Side = draw % 2 == 0 ? .buy : .sell
    let touch = side == .buy ? desk.book.bids.bestTicks : desk.book.asks.bestTicks
    let price = Price(ticks: touch + Int64(draw >> 8 & 7) - 4)
    let lots = 1 + Int64(draw >> 16 & 31)
    orders += 1
    switch (draw >> 24) % 8 {
    case 0: known.append(desk.place(OrderRequest(side: side, kind: .market, lots: lots)))
    case 1:
      known.append(
        desk.place(OrderRequest(side: side, kind: .immediateOrCancel(price), lots: lots)))
    case 2: known.append(desk.place(OrderRequest(side: side, kind: .postOnly(price), lots: lots)))
    case 3:
      if let id = known.last { desk.cancel(id) }
    case 4:
      if draw >> 32 & 15 == 0 { desk.cancelAll() }
    default: known.append(desk.place(OrderRequest(side: side, kind: .limit(price), lots: lots)))
    }
  }
}

/// Never gets a fill: places orders far away whose sizes and times digest all that it has seen.
struct Watcher: Strategy {
  var name: String { "watcher" }
  var subscription: Subscription { [.book, .trades] }
  private var digest: Int64 = 17

  mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    if case .order = event { return }
    if case .trade(let trade) = event { mix(trade.price.ticks &+ trade.quantity.lots) }
    for (side, factor) in [(desk.book.bids, Int64(41)), (desk.book.asks, 43)] {
      var next = side.isEmpty ? nil : side.bestTicks
      while let ticks = next {
        mix(ticks &* factor &+ side.lots(atTicks: ticks))
        next = side.nextTicks(behind: ticks)
      }
    }
    desk.place(
      OrderRequest(
        side: .buy, kind: .immediateOrCancel(Price(ticks: 1)), lots: 1 + (digest & 0xffff_ffff)))
  }

  private mutating func mix(_ value: Int64) {
    digest = (digest ^ value) &* 0x0000_0100_0000_01b3
  }
}
