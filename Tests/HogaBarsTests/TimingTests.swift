import HogaBars
import HogaCore
import HogaSim
import Synchronization
import Testing

@Suite("What is known when, on bars")
struct TimingTests {
  private static func close(_ row: Int) -> Int64 {
    start.nanoseconds + Int64(row + 1) * minute.nanoseconds
  }

  @Test("shows strategies the bar that has just closed and those before, whatever the blocks")
  func view() throws {
    let bars = try RandomBars(seed: 9, symbols: 3, rows: 60, sharing: 7)
    let seen = Mutex(0)
    let asked = Asked(lookback: 12) { view, _ in
      let row = Int((view.time.nanoseconds - start.nanoseconds) / minute.nanoseconds) - 1
      for ago in 0...12 {
        for symbol in 0..<view.symbolCount {
          let bar = bars.bar(row - ago, symbol)
          let shown = view.bars(ago: ago)
          #expect(shown.isPresent(symbol) == (bar != nil))
          guard let bar else { continue }
          #expect(shown.close(symbol) == bar.close && shown.open(symbol) == bar.open)
          #expect(shown.low(symbol) <= shown.high(symbol))
          #expect(shown.volume(symbol) == bar.volume && shown.quoteVolume(symbol) == bar.quote)
        }
      }
      seen.withLock { $0 += 1 }
    }
    let result = try BarBacktest(settings()).run(asked, on: bars.market)
    // Not asked before all twelve bars are there.
    #expect(seen.withLock { $0 } == 48 && result.decisions == 48)
  }

  @Test("makes the same trades and the same account whatever comes later", arguments: 0..<6)
  func future(seed: UInt64) throws {
    let (whole, other) = (try RandomBars(seed: seed), try RandomBars(seed: seed + 100))
    let cut = 67  // the rows of the first of three blocks
    // The past of one market, then the other's bars at the first's level of decimals.
    let instruments = whole.market.instruments
    func strategies() throws -> [any BarStrategy] {
      [
        try CrossSectionalMomentum(window: 5, portfolio: ScorePortfolio(.quantile(0.5))),
        try TimeSeriesMomentum(window: 3), EqualWeight(), BuyAndHold(),
        try RandomScores(ScorePortfolio(.ranks, smoothing: 0.5), seed: 4),
      ]
    }
    let last = whole.market.blocks[1]
    let changed = BarBlock(
      start: last.start, interval: minute, rowCount: last.rowCount, symbolCount: last.symbolCount,
      open: last.open.map { _ in 1 }, high: last.open.map { _ in 3 }, low: last.open.map { _ in 1 },
      close: last.open.map { _ in 2 }, volume: last.volume, quoteVolume: last.quoteVolume)
    let market = try BarMarket(
      instruments: instruments, blocks: [whole.market.blocks[0], changed],
      funding: whole.market.funding.filter { $0.time < last.end })
    let backtest = BarBacktest(
      try settings(costs: BarCosts(halfSpreadBasisPoints: 1), maximumGross: 1))
    let first = try backtest.run(strategies(), on: whole.market.source())
    let second = try backtest.run(strategies(), on: market.source())
    for (first, second) in zip(first, second) {
      #expect(first.samples.prefix(cut + 1) == second.samples.prefix(cut + 1))
      #expect(first.positions.prefix(cut * 4) == second.positions.prefix(cut * 4))
      let end = start.nanoseconds + Int64(cut) * minute.nanoseconds
      #expect(first.fills.filter { $0.time < end } == second.fills.filter { $0.time < end })
    }
    #expect(other.rows == whole.rows)
  }

  @Test("trades at the next open, or at the later price that was asked for, never at a known one")
  func prices() throws {
    let bars: [(Double, Double)?] = (0..<8).map { (100 + Double($0), 100.5 + Double($0)) }
    let script = Script(weights: [Self.close(2): [0.5]])
    func fill(_ execution: BarSettings.Execution, delay: Int, rebalance: Int64) throws -> BarFill {
      let result = try BarBacktest(
        settings(
          execution: execution, delay: delay,
          rebalance: TimeSpan(nanoseconds: rebalance * minute.nanoseconds))
      ).run(script, on: market(bars))
      #expect(result.fillCount == 1)
      return try #require(result.fills.first)
    }
    let next = try fill(.open, delay: 1, rebalance: 1)
    #expect(next.ticks == 1_030_000 && next.time == start.nanoseconds + 3 * minute.nanoseconds)
    #expect(try fill(.close, delay: 1, rebalance: 1).ticks == 1_035_000)
    #expect(try fill(.open, delay: 3, rebalance: 3).ticks == 1_050_000)
    #expect(throws: UsageError.self) { try settings(delay: 0) }
    #expect(throws: UsageError.self) { try fill(.open, delay: 4, rebalance: 3) }
  }

  @Test("lets a perfect forecast earn what prices did, less every cost")
  func perfect() throws {
    let bars = try RandomBars(seed: 21, symbols: 3, rows: 300, volatility: 0.0005, missing: 0)
    // Told from outside what no view says: where each symbol goes from the next open to the one
    // after it.
    var weights: [Int64: [Double]] = [:]
    for row in 0..<bars.rows - 2 {
      weights[Self.close(row)] = (0..<3).map { symbol in
        let (buy, sell) = (bars.bar(row + 1, symbol), bars.bar(row + 2, symbol))
        guard let buy, let sell else { return 0 }
        return sell.open > buy.open ? 1.0 / 3 : sell.open < buy.open ? -1.0 / 3 : 0
      }
    }
    let script = Script(weights: weights)
    let costs = try BarCosts(takerPartsPerMillion: 500, halfSpreadBasisPoints: 1)
    let free = try BarBacktest(settings()).run(script, on: bars.market)
    let paid = try BarBacktest(settings(costs: costs)).run(script, on: bars.market)
    #expect(free.last.gross > Money.zero && free.last.fees == .zero)
    #expect(paid.last.gross > Money.zero)
    let traded = paid.last.traded.value
    #expect(abs(paid.last.fees.value - 0.0005 * traded) < 1e-9)
    #expect(abs(paid.last.slippage.value - 0.0001 * traded) < 1e-9)
    // Moves of half a basis point do not pay for six: knowing them is not enough.
    #expect(paid.net < .zero)
  }

  @Test("keeps a position through missing bars, and does not trade where there is none")
  func missing() throws {
    let bars: [(Double, Double)?] = [
      (100, 100), (100, 100), nil, nil, (90, 80), (85, 85), nil, (80, 80),
    ]
    let script = Script(weights: [
      Self.close(0): [0.5], Self.close(2): [0], Self.close(5): [0],
    ])
    let result = try BarBacktest(settings()).run(script, on: market(bars, blocks: 3))
    #expect(try result.samples[3].equity == Money(10_000))  // marked at the last close
    #expect(result.unfilled.first { $0.reason == .noBar }?.count == 2)
    #expect(result.unfilledWorth == 5000 + 4250)
    #expect(result.symbols[0].missingBars == 3 && result.symbols[0].position == 500_000)
    #expect(try result.net == Money(-1000))
    // With patience the order waits for the next bar.
    let patient = try BarBacktest(settings(patience: 2, rebalance: .seconds(180))).run(
      script, on: market(bars))
    #expect(patient.decisions == 2)
    let waiting = try BarBacktest(settings(patience: 5)).run(
      Asked { view, targets in
        if view.time.nanoseconds == Self.close(0) { targets[0] = 0.5 }
        if view.time.nanoseconds == Self.close(1) { targets[0] = 0 }
      }, on: market(bars))
    // Replaced by the next decision, which wants nothing.
    #expect(waiting.symbols[0].position == 500_000)
    #expect(waiting.unfilled.first { $0.reason == .noBar }?.count == 1)
  }
}
