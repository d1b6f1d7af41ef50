import HogaCore
import HogaSim
import HogaTrade
import Testing

/// A desk in the hand: a strategy's test is a list of calls.
struct Hand {
  static let instrument = Instrument(
    venue: "test", symbol: "TEST", priceDecimals: 2, sizeDecimals: 3)

  var desk: TradingDesk
  private var lastFilled: OrderID?

  init(signalCount: Int, fees: FeeSchedule = .none) throws {
    desk = TradingDesk(
      contract: try Contract(Self.instrument), fees: fees, signalCount: signalCount)
    desk.book.set(.buy, ticks: 9999, lots: 10)
    desk.book.set(.sell, ticks: 10001, lots: 10)
  }

  /// Tells a strategy a row of signals, and returns the lots that it orders: + buys, − sells.
  mutating func signal(
    _ strategy: inout some Strategy, second: Int64, _ values: [Double]
  ) -> Int64 {
    desk.now = Timestamp(nanoseconds: second * 1_000_000_000)
    desk.signals = values
    desk.signalTime = desk.now
    return tell(&strategy, .signal)
  }

  mutating func timer(_ strategy: inout some Strategy, second: Int64) -> Int64 {
    desk.now = Timestamp(nanoseconds: second * 1_000_000_000)
    return tell(&strategy, .timer)
  }

  /// The times at which the strategy last asked to be woken, in seconds.
  private(set) var wakes: [Double] = []

  private mutating func tell(_ strategy: inout some Strategy, _ event: StrategyEvent) -> Int64 {
    strategy.receive(event, &desk)
    var actions: [TradingDesk.Action] = []
    desk.takeActions(into: &actions)
    var ordered: Int64 = 0
    for action in actions {
      switch action {
      case .place(let id, let request):
        #expect(request.kind == .market)
        desk.sent(id, request)
        ordered += request.side.sign * request.lots
      case .wake(let time):
        wakes.append(Double(time.nanoseconds) / 1e9)
      case .cancel, .cancelAll, .amend:
        break
      }
    }
    return ordered
  }

  /// Fills the open order with so many lots, the rest is cancelled.
  mutating func fill(_ strategy: inout some Strategy, _ lots: Int64? = nil) {
    let order = desk.openOrders[0]
    let filled = lots ?? order.remaining
    if filled > 0 {
      respond(
        &strategy, order,
        .filled(price: Price(ticks: 10000), lots: filled, fee: .zero, isMaker: false),
        order.remaining - filled)
    }
    if filled < order.remaining {
      respond(&strategy, order, .cancelled(.beyondShownDepth), 0)
    }
  }

  private mutating func respond(
    _ strategy: inout some Strategy, _ order: TradingDesk.OpenOrder, _ kind: OrderUpdate.Kind,
    _ remaining: Int64
  ) {
    let update = OrderUpdate(
      id: order.id, side: order.request.side, kind: kind, remaining: remaining, exchangeTime: 0)
    desk.apply(update)
    #expect(tell(&strategy, .order(update)) == 0)
  }
}

@Suite("OFI with VPIN")
struct OFIVPINStrategyTests {
  static func strategy(
    _ change: (inout OFIVPINStrategy.Settings) -> Void = { _ in }
  ) throws -> OFIVPINStrategy {
    var settings = OFIVPINStrategy.Settings(lots: 5)
    change(&settings)
    return try OFIVPINStrategy(settings)
  }

  @Test("enters in the imbalance's direction only beyond the threshold and in quiet flow")
  func entry() throws {
    for (imbalance, vpin, lots) in [
      (1.1, 0.5, 5), (-1.1, 0.5, -5), (1.0, 0.5, 0), (1.1, 0.6, 0), (1.1, 0.7, 0), (1.1, 0.9, 0),
      (.nan, 0.5, 0), (1.1, .nan, 0),
    ] as [(Double, Double, Int64)] {
      var strategy = try Self.strategy()
      var hand = try Hand(signalCount: 2)
      #expect(hand.signal(&strategy, second: 1, [imbalance, vpin]) == lots)
    }
  }

  @Test("leaves on the opposite signal, and turns once it is flat")
  func reversal() throws {
    var strategy = try Self.strategy()
    var hand = try Hand(signalCount: 2)
    #expect(hand.signal(&strategy, second: 1, [2, 0.1]) == 5)
    // While the order is under way nothing more is sent.
    #expect(hand.signal(&strategy, second: 2, [3, 0.1]) == 0)
    hand.fill(&strategy)
    #expect(hand.signal(&strategy, second: 3, [0.5, 0.1]) == 0)
    #expect(hand.signal(&strategy, second: 4, [-2, 0.1]) == -5)
    hand.fill(&strategy)
    #expect(hand.signal(&strategy, second: 5, [-2, 0.1]) == -5)
  }

  @Test("leaves everything in toxic flow, and waits in between")
  func toxic() throws {
    var strategy = try Self.strategy()
    var hand = try Hand(signalCount: 2)
    #expect(hand.signal(&strategy, second: 1, [2, 0.1]) == 5)
    hand.fill(&strategy)
    #expect(hand.signal(&strategy, second: 2, [2, 0.8]) == 0)
    #expect(hand.signal(&strategy, second: 3, [.nan, 0.81]) == -5)
    hand.fill(&strategy)
    #expect(hand.signal(&strategy, second: 4, [2, 0.7]) == 0)
    #expect(hand.signal(&strategy, second: 5, [2, 0.59]) == 5)
  }

  @Test("leaves after the holding time, woken by its timer")
  func holding() throws {
    var strategy = try Self.strategy { $0.holding = .seconds(4) }
    var hand = try Hand(signalCount: 2)
    #expect(hand.signal(&strategy, second: 1, [2, 0.1]) == 5)
    hand.fill(&strategy)
    #expect(hand.wakes == [5])
    #expect(hand.timer(&strategy, second: 4) == 0)
    #expect(hand.timer(&strategy, second: 5) == -5)
  }

  @Test("keeps what a partial fill gave it, and forgets an entry that got nothing")
  func partial() throws {
    var strategy = try Self.strategy()
    var hand = try Hand(signalCount: 2)
    #expect(hand.signal(&strategy, second: 1, [2, 0.1]) == 5)
    hand.fill(&strategy, 2)
    #expect(hand.signal(&strategy, second: 2, [2, 0.1]) == 0)
    #expect(hand.signal(&strategy, second: 3, [-2, 0.1]) == -2)
    hand.fill(&strategy, 1)
    // An exit goes on until it is done.
    #expect(hand.signal(&strategy, second: 4, [0, 0.1]) == -1)
    hand.fill(&strategy)
    #expect(hand.signal(&strategy, second: 5, [2, 0.1]) == 5)
    hand.fill(&strategy, 0)
    #expect(hand.signal(&strategy, second: 6, [0, 0.1]) == 0)
  }

  @Test("scores the imbalance against its last rows where asked to")
  func score() throws {
    var strategy = try Self.strategy {
      $0.scoreWindow = 20
      $0.threshold = 2
    }
    var hand = try Hand(signalCount: 2)
    var random = SeededRandom(9)
    var values: [Double] = []
    var wanted: [Bool] = []
    for second in 0..<400 {
      let value = 1e6 + (random.uniform() - 0.5) * (second % 50 == 49 ? 20 : 1)
      values.append(value)
      let ordered = hand.signal(&strategy, second: Int64(second) * 1000, [value, 0.1])
      let window = values.suffix(20)
      let mean = window.reduce(0, +) / 20
      let deviation =
        (window.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20).squareRoot()
      let beyond = window.count == 20 && abs(value - mean) > 2 * deviation
      wanted.append(beyond)
      #expect((ordered != 0) == beyond, "second \(second)")
      if ordered != 0 {
        hand.fill(&strategy)
        _ = hand.timer(&strategy, second: Int64(second) * 1000 + 500)
        hand.fill(&strategy)
      }
    }
    #expect(wanted.count { $0 } > 5)
  }

  @Test("refuses settings without sense")
  func settings() {
    #expect(throws: UsageError.self) { try Self.strategy { $0.lots = 0 } }
    #expect(throws: UsageError.self) { try Self.strategy { $0.vpinEntry = 0.9 } }
    #expect(throws: UsageError.self) { try Self.strategy { $0.holding = .zero } }
    #expect(throws: UsageError.self) { try Self.strategy { $0.scoreWindow = 1 } }
  }
}

@Suite("Model signal")
struct ModelSignalStrategyTests {
  // Spread 2 bps of a mid of 10000 ticks; taker fee 3 bps each way: 8 bps a round trip.
  static let fees = FeeSchedule(makerPartsPerMillion: 0, takerPartsPerMillion: 300)

  static func strategy(
    _ change: (inout ModelSignalStrategy.Settings) -> Void = { _ in }
  ) throws -> ModelSignalStrategy {
    var settings = ModelSignalStrategy.Settings(lots: 5)
    change(&settings)
    return try ModelSignalStrategy(settings)
  }

  @Test("enters only for more than fees and spread cost, and than the threshold")
  func costs() throws {
    for (prediction, threshold, lots) in [
      (8.1, 0, 5), (7.9, 0, 0), (-8.1, 0, -5), (8.1, 9, 0), (9.1, 9, 5), (.nan, 0, 0),
    ] as [(Double, Double, Int64)] {
      var strategy = try Self.strategy { $0.thresholdBasisPoints = threshold }
      var hand = try Hand(signalCount: 1, fees: Self.fees)
      #expect(hand.signal(&strategy, second: 1, [prediction]) == lots)
    }
    var strategy = try Self.strategy()
    var hand = try Hand(signalCount: 1, fees: Self.fees)
    hand.desk.book.isStale = true
    #expect(hand.signal(&strategy, second: 1, [100]) == 0)
  }

  @Test("leaves when the sign turns, however weakly, or at the horizon")
  func exits() throws {
    var strategy = try Self.strategy { $0.horizon = .seconds(10) }
    var hand = try Hand(signalCount: 1, fees: Self.fees)
    #expect(hand.signal(&strategy, second: 1, [20]) == 5)
    hand.fill(&strategy)
    #expect(hand.signal(&strategy, second: 2, [0.1]) == 0)
    #expect(hand.signal(&strategy, second: 3, [-0.1]) == -5)
    hand.fill(&strategy)
    #expect(hand.signal(&strategy, second: 4, [20]) == 5)
    hand.fill(&strategy)
    #expect(hand.signal(&strategy, second: 13, [20]) == 0)
    #expect(hand.signal(&strategy, second: 14, [1]) == -5)
  }

  @Test("stays for another horizon on a renewed signal where asked to")
  func extension_() throws {
    var strategy = try Self.strategy {
      $0.horizon = .seconds(10)
      $0.extends = true
    }
    var hand = try Hand(signalCount: 1, fees: Self.fees)
    #expect(hand.signal(&strategy, second: 1, [20]) == 5)
    hand.fill(&strategy)
    #expect(hand.signal(&strategy, second: 9, [20]) == 0)
    #expect(hand.timer(&strategy, second: 11) == 0)
    #expect(hand.timer(&strategy, second: 19) == -5)
  }
}
