import HogaCore
import HogaScenarios
import Testing

@Suite("Settings of a synthetic market")
struct SettingsTests {
  @Test("every mood is valid, and named by its symbol")
  func moods() throws {
    for mood in ScenarioMood.allCases {
      let settings = mood.settings(crash: 100)
      try settings.validate()
      #expect(settings.symbol == mood.rawValue.uppercased())
      #expect(settings.instrument.venue == "synthetic")
      #expect(settings.flow.branchingRatio < 0.9)
      #expect(settings.phases.isEmpty == (mood != .flashCrash))
    }
  }

  /// A setting of each kind with values that make no sense.
  private static let senseless:
    [(name: String, change: @Sendable (inout ScenarioSettings) -> Void)] =
      [
        ("no symbol", { $0.symbol = "" }),
        ("decimals below zero", { $0.priceDecimals = -1 }),
        ("too many decimals", { $0.sizeDecimals = 13 }),
        ("a price of nothing", { $0.startPrice = 0 }),
        ("a price beyond all", { $0.startPrice = .max }),
        ("a start before 1970", { $0.start = -1 }),
        ("a start after 2200", { $0.start = .max }),
        ("a warm-up below zero", { $0.warmUp = -1 }),
        ("a warm-up that is no number", { $0.warmUp = .nan }),
        ("a warm-up without end", { $0.warmUp = .infinity }),
        ("a flow that explodes", { $0.flow.branching[0][0] = 1.5 }),
        (
          "a flow of other kinds",
          {
            $0.flow = HawkesSettings(
              baseline: [1], branching: [[0]], timescales: $0.flow.timescales)
          }
        ),
        ("a flow too fast", { $0.flow.baseline[0] = 1e8 }),
        ("a flow that never comes", { $0.flow.baseline = $0.flow.baseline.map { $0 * 1e-6 } }),
        ("more taken than comes", { $0.marketSizes.center = 3000 }),
        ("no bids at all", { $0.cancellation.orders = 0.5 }),
        (
          "a book without bounds",
          {
            $0.flow.baseline[4] = 0
            $0.flow.branching[4] = [0, 0, 0, 0, 0, 0]
          }
        ),
        (
          "phases out of order",
          {
            $0.phases = [
              ScenarioPhase(start: 9, baselineFactors: [1, 1, 1, 1, 1, 1]),
              ScenarioPhase(start: 9, baselineFactors: [1, 1, 1, 1, 1, 1]),
            ]
          }
        ),
        (
          "a phase before the start",
          {
            $0.phases = [ScenarioPhase(start: -1, baselineFactors: [1, 1, 1, 1, 1, 1])]
          }
        ),
        ("a phase of other kinds", { $0.phases = [ScenarioPhase(start: 1, baselineFactors: [1])] }),
        (
          "a phase below zero",
          {
            $0.phases = [ScenarioPhase(start: 1, baselineFactors: [1, 1, -1, 1, 1, 1])]
          }
        ),
        (
          "a phase too fast",
          {
            $0.phases = [ScenarioPhase(start: 1, baselineFactors: [1e6, 1e6, 1e6, 1e6, 1e6, 1e6])]
            $0.flow.baseline = $0.flow.baseline.map { $0 * 1000 }
            $0.warmUp = 0
          }
        ),
        (
          "a phase of wild volatility",
          {
            $0.phases = [
              ScenarioPhase(start: 1, baselineFactors: [1, 1, 1, 1, 1, 1], volatilityFactor: .nan)
            ]
          }
        ),
        ("volatility below zero", { $0.fundamental.volatilityPerMinute = -0.1 }),
        ("volatility beyond all", { $0.fundamental.volatilityPerMinute = 2 }),
        ("jumps below zero", { $0.fundamental.jumpsPerHour = -1 }),
        ("jumps beyond all", { $0.fundamental.jumpDeviation = 2 }),
        ("impact below zero", { $0.impact.perLot = -1e-9 }),
        ("impact that stays", { $0.impact.decay = 0 }),
        ("impact that is no number", { $0.impact.decay = .nan }),
        ("no distance", { $0.placement.scale = 0 }),
        ("a law without a sum", { $0.placement.exponent = 1 }),
        ("no room", { $0.placement.maximum = 0 }),
        ("bids below zero", { $0.placement.maximum = $0.startPrice }),
        ("orders of nothing", { $0.limitSizes.center = 0 }),
        ("orders of any size", { $0.marketSizes.deviation = 6 }),
        ("orders below one lot", { $0.marketSizes.maximum = 0 }),
        ("orders too large to count", { $0.limitSizes.maximum = 1 << 50 }),
        ("cancellations of nothing", { $0.cancellation.orders = 0 }),
        ("cancellations always in part", { $0.cancellation.partialShare = 1 }),
        ("news before it happens", { $0.latency.minimum = -1 }),
        ("news that never comes", { $0.latency.median = .infinity }),
        ("news of any age", { $0.latency.deviation = 10 }),
      ]

  @Test("a setting that makes no sense is refused", arguments: senseless.indices)
  func refusals(index: Int) {
    var settings = ScenarioMood.normal.settings()
    Self.senseless[index].change(&settings)
    #expect(throws: UsageError.self, "\(Self.senseless[index].name)") {
      try SyntheticMarket(settings, seed: 1)
    }
  }

  @Test("an end that makes no sense is refused")
  func ends() throws {
    let market = try SyntheticMarket(mood: .flashCrash, seed: 1)
    for seconds in [0, -1, .nan, .infinity, 2e9, 300] {
      #expect(throws: UsageError.self) { try market.stream(until: .seconds(seconds)) }
    }
    #expect(throws: UsageError.self) { try market.stream(until: .events(-1)) }
    _ = try market.stream(until: .seconds(301))
  }

  /// A value around a plausible one, sometimes far off, sometimes senseless.
  private static func some(_ usual: Double, _ random: inout SeededRandom) -> Double {
    switch random.uniform() {
    case ..<0.80: usual * PortableMath.exp(2 * random.uniform() - 1)
    case ..<0.95: usual * PortableMath.exp(10 * (2 * random.uniform() - 1))
    default: [0, -1, .nan, .infinity, -.infinity, 1e300][Int(random.uniform() * 6)]
    }
  }

  @Test("any settings are refused or make a market that holds together", arguments: UInt64(1)...150)
  func fuzz(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let moods = ScenarioMood.allCases
    var settings = moods[Int(seed) % moods.count].settings(crash: 1)
    func some(_ usual: Double) -> Double { Self.some(usual, &random) }
    func whole(_ usual: Double) -> Int64 { Int64(exactly: some(usual).rounded()) ?? -1 }
    settings.warmUp = 1
    for _ in 0..<3 {
      switch random.next() % 16 {
      case 0: settings.startPrice = whole(Double(settings.startPrice))
      case 1: settings.fundamental.volatilityPerMinute = some(0.1)
      case 2:
        settings.fundamental.jumpsPerHour = some(1e4)
        settings.fundamental.jumpDeviation = some(0.1)
      case 3: settings.impact.perLot = some(1e-5)
      case 4: settings.impact.decay = some(1)
      case 5: settings.placement.scale = some(settings.placement.scale)
      case 6: settings.placement.exponent = some(settings.placement.exponent)
      case 7: settings.placement.maximum = whole(1000)
      case 8: settings.placement.shape = .exponential
      case 9: settings.limitSizes.center = some(100)
      case 10: settings.marketSizes = SizeLaw(shape: .geometric, center: some(300))
      case 11: settings.cancellation.orders = some(10)
      case 12: settings.cancellation.partialShare = some(0.3)
      case 13: settings.latency = LatencyLaw(minimum: whole(1e6), median: some(1e6))
      case 14: settings.flow.baseline[Int(random.next() % 6)] = some(5)
      default:
        settings.flow.branching[Int(random.next() % 6)][Int(random.next() % 6)] = some(0.3)
      }
    }
    let market: ScenarioFrames
    do {
      market = try SyntheticMarket(settings, seed: seed).frames(events: 400)
    } catch {
      return  // typed: a UsageError
    }
    var replay = try OrderByOrderReplay(market.source(of: .orders))
    while try replay.step() != nil { #expect(replay.book.state == .normal) }
    for frame in [market.orders, market.depth, market.trades] {
      let prices = try frame.int64s("price")
      #expect(prices.allSatisfy { $0 >= 1 })
      let arrivals = try frame.int64s("arrival")
      #expect(zip(arrivals, arrivals.dropFirst()).allSatisfy { $0 <= $1 })
    }
    #expect(market.truth.eventCount <= 400)
  }
}
