import HogaCore
import HogaSim
import HogaTrade
import Testing

@Suite("Quotes around the mid")
struct QuotingStrategyTests {
  /// What a strategy asked for at one event.
  struct Asked: Equatable {
    var cancelsFirst = false
    var buys: [Int64] = []
    var sells: [Int64] = []
    var wake: Int64?
  }

  static func desk(bid: Int64 = 9999, ask: Int64 = 10_001, increment: Int64 = 1) throws
    -> TradingDesk
  {
    let instrument = Instrument(
      venue: "test", symbol: "TEST", priceDecimals: 2, sizeDecimals: 3, tickIncrement: increment)
    var desk = TradingDesk(contract: try Contract(instrument), fees: .none)
    desk.book.set(.buy, ticks: bid, lots: 10)
    desk.book.set(.sell, ticks: ask, lots: 10)
    return desk
  }

  static func strategy(
    _ change: (inout QuotingStrategy.Settings) -> Void = { _ in }
  ) throws -> QuotingStrategy {
    var settings = QuotingStrategy.Settings(lots: 5, positionLimit: 10)
    change(&settings)
    return try QuotingStrategy(settings)
  }

  static func tell(
    _ strategy: inout QuotingStrategy, _ event: StrategyEvent, _ desk: inout TradingDesk,
    at time: Int64
  ) -> Asked {
    desk.now = Timestamp(nanoseconds: time)
    strategy.receive(event, &desk)
    var actions: [TradingDesk.Action] = []
    desk.takeActions(into: &actions)
    var asked = Asked()
    for action in actions {
      if case .place(_, let request) = action, case .postOnly(let price) = request.kind {
        #expect(request.lots == strategy.settings.lots)
        if request.side == .buy {
          asked.buys.append(price.ticks)
        } else {
          asked.sells.append(price.ticks)
        }
      } else if case .cancelAll = action {
        asked.cancelsFirst = asked.buys.isEmpty && asked.sells.isEmpty
      } else if case .wake(let time) = action {
        asked.wake = time.nanoseconds
      } else {
        Issue.record("asked for \(action)")
      }
    }
    return asked
  }

  /// What it asks for at a timer, with so many lots held.
  static func quotes(
    _ strategy: QuotingStrategy, _ desk: TradingDesk, position: Int64 = 0
  ) -> Asked {
    var (strategy, desk) = (strategy, desk)
    let id = OrderID(1)
    if position != 0 {
      let side = position > 0 ? Side.buy : .sell
      desk.sent(id, OrderRequest(side: side, kind: .market, lots: abs(position)))
      desk.apply(
        OrderUpdate(
          id: id, side: side,
          kind: .filled(price: Price(ticks: 1), lots: abs(position), fee: .zero, isMaker: false),
          remaining: 0, exchangeTime: 0))
    }
    return tell(&strategy, .timer, &desk, at: 0)
  }

  @Test("quotes at every multiple of the interval after the start, and not at the start itself")
  func timers() throws {
    var strategy = try Self.strategy()
    var desk = try Self.desk()
    let start = Self.tell(&strategy, .start, &desk, at: 300_000_000)
    #expect(start == Asked(wake: 400_000_000))
    let first = Self.tell(&strategy, .timer, &desk, at: 400_000_000)
    #expect(first == Asked(cancelsFirst: true, buys: [9999], sells: [10_001], wake: 500_000_000))
    // A timer that comes late does not shift the grid.
    let late = Self.tell(&strategy, .timer, &desk, at: 523_000_001)
    #expect(late.wake == 600_000_000)
  }

  @Test("rounds both prices away from the mid")
  func rounding() throws {
    // The mid is 10000.5 ticks.
    let odd = try Self.desk(bid: 10_000, ask: 10_001)
    for (ticks, bid, ask) in [(0, 10_000, 10_001), (0.5, 10_000, 10_001), (1, 9999, 10_002)]
      as [(Double, Int64, Int64)]
    {
      let asked = Self.quotes(try Self.strategy { $0.halfSpread = .ticks(ticks) }, odd)
      #expect(asked.buys == [bid] && asked.sells == [ask])
    }
    // Ticks of 25 counts: the mid is 10012.5, its neighbours on the grid are 10000 and 10025.
    let wide = try Self.desk(bid: 10_000, ask: 10_025, increment: 25)
    #expect(Self.quotes(try Self.strategy(), wide).buys == [9975])
    #expect(Self.quotes(try Self.strategy(), wide).sells == [10_050])
    // 3 bps of 10000 are 3 ticks; 3.1 are rounded out to 4.
    let even = try Self.desk()
    #expect(Self.quotes(try Self.strategy { $0.halfSpread = .basisPoints(3) }, even).buys == [9997])
    let more = Self.quotes(try Self.strategy { $0.halfSpread = .basisPoints(3.1) }, even)
    #expect(more.buys == [9996] && more.sells == [10_004])
  }

  @Test("leaves out the side that would exceed the position limit")
  func limit() throws {
    let desk = try Self.desk()
    for (position, buys, sells) in [
      (5, true, true), (6, false, true), (10, false, true), (15, false, true), (-5, true, true),
      (-6, true, false), (-10, true, false),
    ] as [(Int64, Bool, Bool)] {
      let asked = Self.quotes(try Self.strategy(), desk, position: position)
      #expect(asked.cancelsFirst)
      #expect(asked.buys.isEmpty != buys && asked.sells.isEmpty != sells, "at \(position)")
    }
  }

  @Test("moves both quotes against the inventory")
  func skew() throws {
    let strategy = try Self.strategy {
      $0.halfSpread = .ticks(4)
      $0.skew = 1
    }
    let desk = try Self.desk()
    let flat = Self.quotes(strategy, desk)
    #expect(flat.buys == [9996] && flat.sells == [10_004])
    let long = Self.quotes(strategy, desk, position: 5)
    #expect(long.buys == [9994] && long.sells == [10_002])
    let short = Self.quotes(strategy, desk, position: -5)
    #expect(short.buys == [9998] && short.sells == [10_006])
  }

  @Test("cancels and stays silent while the book has no mid")
  func noMid() throws {
    var desk = try Self.desk()
    desk.book.isStale = true
    #expect(Self.quotes(try Self.strategy(), desk) == Asked(cancelsFirst: true, wake: 100_000_000))
  }

  @Test("refuses settings that make no sense")
  func refuses() {
    let changes: [(inout QuotingStrategy.Settings) -> Void] = [
      { $0.lots = 0 }, { $0.positionLimit = 4 }, { $0.interval = .zero }, { $0.skew = -1 },
      { $0.halfSpread = .ticks(-1) }, { $0.halfSpread = .basisPoints(.nan) },
    ]
    for change in changes {
      #expect(throws: UsageError.self) { try Self.strategy(change) }
    }
  }

  @Test("earns its half spread where a resting quote is traded through, in the whole chain")
  func market() throws {
    let strategy = try Self.strategy { $0.halfSpread = .ticks(5) }
    let result = try MarketTests.run(strategy, WanderingMarket(seed: 9, rows: 6000))
    #expect(result.tradeStatistics.makerFillCount > 100)
    #expect(result.tradeStatistics.makerFillCount == result.tradeStatistics.fillCount)
    // Every maker fill is half a spread or more better than the mid at the decision.
    for fill in result.fillLog {
      let better = fill.side.sign * (fill.decisionHalfTicks - 2 * fill.price.ticks)
      #expect(better >= 10)
    }
    // One order beyond the limit at most.
    #expect(try result.equity.doubles("position").allSatisfy { abs($0) <= 0.015 + 1e-12 })
  }
}
