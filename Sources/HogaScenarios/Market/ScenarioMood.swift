internal import HogaCore

/// The moods of a synthetic market that come ready-made. The raw values are the command line's names.
public enum ScenarioMood: String, CaseIterable, Hashable, Sendable {
  /// A liquid market on a quiet day.
  case normal
  /// News: more than twice the trades, jumps, and quotes that stay back.
  case highVolatility = "high-volatility"
  /// Normal, until sellers feed on each other, bids are withdrawn, and the price falls and recovers.
  case flashCrash = "flash-crash"
  /// A market that few trade: a wide spread, a thin book.
  case lowLiquidity = "low-liquidity"

  /// The lake's symbol.
  public var symbol: String { rawValue.uppercased() }

  /// When a flash crash begins where nothing else is said, in seconds after the start.
  public static let standardCrash = 300.0

  /// - Parameter crash: when the flash crash begins, in seconds after the start.
  public func settings(crash: Double = ScenarioMood.standardCrash) -> ScenarioSettings {
    switch self {
    case .normal: Self.normalSettings(symbol)
    case .highVolatility: Self.highVolatilitySettings(symbol)
    case .flashCrash: Self.flashCrashSettings(symbol, crash)
    case .lowLiquidity: Self.lowLiquiditySettings(symbol)
    }
  }

  /// Children come within tens of milliseconds, within seconds, or within a minute.
  private static let timescales = [
    HawkesSettings.Timescale(decay: 20, weight: 0.4),
    HawkesSettings.Timescale(decay: 1, weight: 0.3),
    HawkesSettings.Timescale(decay: 0.05, weight: 0.3),
  ]

  private static func flow(
    market: Double, limit: Double, cancel: Double, _ excitation: SymmetricExcitation
  ) -> HawkesSettings {
    do {
      return try HawkesSettings(
        meanIntensities: [market, market, limit, limit, cancel, cancel],
        branching: excitation.branching, timescales: timescales)
    } catch {
      preconditionFailure("a mood's flow: \(error)")  // constants, which tests run through
    }
  }

  private static func normalSettings(_ symbol: String) -> ScenarioSettings {
    ScenarioSettings(
      symbol: symbol,
      flow: flow(market: 1, limit: 10, cancel: 8, SymmetricExcitation()),
      fundamental: FundamentalSettings(volatilityPerMinute: 0.0004),
      impact: ImpactSettings(perLot: 1e-7, decay: 1.0 / 30),
      placement: PlacementLaw(scale: 6, exponent: 2.5, maximum: 200),
      limitSizes: SizeLaw(center: 100), marketSizes: SizeLaw(center: 100),
      cancellation: CancellationSettings(orders: 100))
  }

  private static func highVolatilitySettings(_ symbol: String) -> ScenarioSettings {
    let excitation = SymmetricExcitation(
      marketSame: 0.55, marketOther: 0.15, marketToLimit: 0.5, marketToCancel: 1, limitSame: 0.4,
      limitToCancel: 0.25, limitToMarket: 0.01, cancelSame: 0.4, cancelToLimit: 0.25)
    return ScenarioSettings(
      symbol: symbol, flow: flow(market: 3, limit: 20, cancel: 16, excitation),
      fundamental: FundamentalSettings(
        volatilityPerMinute: 0.003, jumpsPerHour: 30, jumpDeviation: 0.0015),
      impact: ImpactSettings(perLot: 2e-7, decay: 1.0 / 30),
      placement: PlacementLaw(scale: 20, exponent: 2.5, maximum: 500),
      limitSizes: SizeLaw(center: 80), marketSizes: SizeLaw(center: 80),
      cancellation: CancellationSettings(orders: 60))
  }

  private static func flashCrashSettings(_ symbol: String, _ crash: Double) -> ScenarioSettings {
    var settings = normalSettings(symbol)
    settings.flow = flow(
      market: 1, limit: 10, cancel: 8, SymmetricExcitation(marketSame: 0.6, marketOther: 0.1))
    // In the order of `FlowKind`: buys, sells, new bids, new asks, bids and asks cancelled.
    settings.phases = [
      // Sellers feed on each other, bids are withdrawn.
      ScenarioPhase(
        start: crash, baselineFactors: [1, 25, 0.25, 1, 4, 1.5], volatilityFactor: 3,
        impactFactor: 12),
      // The selling ends, but nobody wants to catch the knife.
      ScenarioPhase(
        start: crash + 20, baselineFactors: [1, 4, 0.5, 1, 2, 1.5], volatilityFactor: 2,
        impactFactor: 5),
      // Buyers come back, and with them the bids.
      ScenarioPhase(
        start: crash + 60, baselineFactors: [3, 1, 1.5, 0.7, 1, 1.5], volatilityFactor: 1.5,
        impactFactor: 2),
      ScenarioPhase(start: crash + 180, baselineFactors: [1, 1, 1, 1, 1, 1]),
    ]
    settings.impact.decay = 1.0 / 60
    return settings
  }

  private static func lowLiquiditySettings(_ symbol: String) -> ScenarioSettings {
    ScenarioSettings(
      symbol: symbol,
      flow: flow(market: 0.1, limit: 1, cancel: 0.8, SymmetricExcitation()),
      fundamental: FundamentalSettings(volatilityPerMinute: 0.0008),
      impact: ImpactSettings(perLot: 1e-6, decay: 1.0 / 60),
      placement: PlacementLaw(scale: 100, exponent: 3, maximum: 800),
      limitSizes: SizeLaw(center: 40), marketSizes: SizeLaw(center: 40),
      cancellation: CancellationSettings(orders: 40))
  }
}

/// A branching matrix that is the same for both sides of the market: children that an event has on
/// average. “Same” is the same direction or the same side of the book.
struct SymmetricExcitation {
  /// Buys after a buy: orders are split, and followed.
  var marketSame = 0.5
  /// Sells after a buy.
  var marketOther = 0.08
  /// New asks after a buy took some.
  var marketToLimit = 0.8
  /// Asks cancelled after a buy: nobody wants to be the next.
  var marketToCancel = 0.3
  var limitSame = 0.35
  /// New bids that are cancelled again.
  var limitToCancel = 0.15
  /// Sells that a new bid invites.
  var limitToMarket = 0.005
  var cancelSame = 0.3
  /// Bids that come back at another price.
  var cancelToLimit = 0.2

  var branching: [[Double]] {
    let count = FlowKind.allCases.count
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    func set(_ child: FlowKind, after parent: FlowKind, _ value: Double) {
      matrix[child.rawValue][parent.rawValue] = value
    }
    set(.marketBuy, after: .marketBuy, marketSame)
    set(.marketSell, after: .marketSell, marketSame)
    set(.marketSell, after: .marketBuy, marketOther)
    set(.marketBuy, after: .marketSell, marketOther)
    set(.limitAsk, after: .marketBuy, marketToLimit)
    set(.limitBid, after: .marketSell, marketToLimit)
    set(.cancelAsk, after: .marketBuy, marketToCancel)
    set(.cancelBid, after: .marketSell, marketToCancel)
    set(.limitBid, after: .limitBid, limitSame)
    set(.limitAsk, after: .limitAsk, limitSame)
    set(.cancelBid, after: .limitBid, limitToCancel)
    set(.cancelAsk, after: .limitAsk, limitToCancel)
    set(.marketSell, after: .limitBid, limitToMarket)
    set(.marketBuy, after: .limitAsk, limitToMarket)
    set(.cancelBid, after: .cancelBid, cancelSame)
    set(.cancelAsk, after: .cancelAsk, cancelSame)
    set(.limitBid, after: .cancelBid, cancelToLimit)
    set(.limitAsk, after: .cancelAsk, cancelToLimit)
    return matrix
  }
}
