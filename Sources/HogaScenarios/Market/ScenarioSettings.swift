public import HogaCore

/// Everything that makes a synthetic market, but for the seed.
///
/// `ScenarioMood` has four of them ready-made. `Docs/scenarios.md` tells how the parts play together.
public struct ScenarioSettings: Hashable, Sendable, Codable {
  /// The lake's symbol; the venue is `synthetic`.
  public var symbol: String
  /// Prices are counts of 10^-priceDecimals, and one such count is a tick.
  public var priceDecimals: Int
  /// Sizes are counts of 10^-sizeDecimals: lots.
  public var sizeDecimals: Int
  /// Ticks.
  public var startPrice: Int64
  /// The exchange's time of the first row, in nanoseconds since 1970 UTC.
  public var start: Int64
  /// Seconds simulated before the first row and not written, for the book to settle.
  public var warmUp: Double
  /// The order flow; its kinds are those of `FlowKind`, in that order.
  public var flow: HawkesSettings
  /// Times at which the market changes, ascending; before the first, all is as `flow` says.
  public var phases: [ScenarioPhase]
  public var fundamental: FundamentalSettings
  public var impact: ImpactSettings
  public var placement: PlacementLaw
  public var limitSizes: SizeLaw
  public var marketSizes: SizeLaw
  public var cancellation: CancellationSettings
  /// Between the exchange's time and arrival.
  public var latency: LatencyLaw

  public init(
    symbol: String, priceDecimals: Int = 2, sizeDecimals: Int = 3, startPrice: Int64 = 10_000,
    start: Int64 = ScenarioSettings.standardStart, warmUp: Double = 60, flow: HawkesSettings,
    phases: [ScenarioPhase] = [], fundamental: FundamentalSettings, impact: ImpactSettings,
    placement: PlacementLaw, limitSizes: SizeLaw, marketSizes: SizeLaw,
    cancellation: CancellationSettings, latency: LatencyLaw = LatencyLaw()
  ) {
    self.symbol = symbol
    self.priceDecimals = priceDecimals
    self.sizeDecimals = sizeDecimals
    self.startPrice = startPrice
    self.start = start
    self.warmUp = warmUp
    self.flow = flow
    self.phases = phases
    self.fundamental = fundamental
    self.impact = impact
    self.placement = placement
    self.limitSizes = limitSizes
    self.marketSizes = marketSizes
    self.cancellation = cancellation
    self.latency = latency
  }

  /// 2024-01-02 00:00 UTC.
  public static let standardStart: Int64 = 1_704_153_600_000_000_000
  public static let venue = "synthetic"

  public var instrument: Instrument {
    Instrument(
      venue: Self.venue, symbol: symbol, priceDecimals: priceDecimals, sizeDecimals: sizeDecimals)
  }

  /// Orders that stand on a side on average while no phase changes the flow.
  ///
  /// New orders come with Λ_limit and leave with Λ_cancel · orders / `cancellation.orders`, but for
  /// those that are cut in part, and with what market orders take. Where the reference moves, limit
  /// orders take stale ones as well, so that there are a few fewer.
  public func expectedOrders(_ side: Side) -> Double {
    let means = flow.meanIntensities
    let (limit, cancel, market): (FlowKind, FlowKind, FlowKind) =
      side == .buy ? (.limitBid, .cancelBid, .marketSell) : (.limitAsk, .cancelAsk, .marketBuy)
    let taken = means[market.rawValue] * marketSizes.mean / limitSizes.mean
    return cancellation.orders * (means[limit.rawValue] - taken)
      / (means[cancel.rawValue] * (1 - cancellation.partialShare))
  }
}

/// From a time on, the market is another: until the next phase.
public struct ScenarioPhase: Hashable, Sendable, Codable {
  /// Seconds after the first row.
  public var start: Double
  /// Each kind's baseline intensity is that of the settings times this, in the order of `FlowKind`.
  public var baselineFactors: [Double]
  /// The fundamental's volatility and rate of jumps are those of the settings times this.
  public var volatilityFactor: Double
  /// Each lot moves the price by that of the settings times this: more where the book is thin.
  public var impactFactor: Double

  public init(
    start: Double, baselineFactors: [Double], volatilityFactor: Double = 1, impactFactor: Double = 1
  ) {
    self.start = start
    self.baselineFactors = baselineFactors
    self.volatilityFactor = volatilityFactor
    self.impactFactor = impactFactor
  }
}

/// What the market is worth: a geometric Brownian motion with jumps.
///
/// Source: R. C. Merton, "Option pricing when underlying stock returns are discontinuous", 1976.
public struct FundamentalSettings: Hashable, Sendable, Codable {
  /// Standard deviation of the logarithm over one minute, as a fraction: 0.0005 is 5 basis points.
  public var volatilityPerMinute: Double
  /// Jumps per hour.
  public var jumpsPerHour: Double
  /// Standard deviation of a jump of the logarithm, as a fraction.
  public var jumpDeviation: Double

  public init(volatilityPerMinute: Double, jumpsPerHour: Double = 0, jumpDeviation: Double = 0) {
    self.volatilityPerMinute = volatilityPerMinute
    self.jumpsPerHour = jumpsPerHour
    self.jumpDeviation = jumpDeviation
  }
}

/// How trades move the price around which orders are placed, and how it comes back.
///
/// Every lot that market orders take moves it by `perLot` in the aggressor's direction; what all trades have
/// moved it by decays exponentially. Source: A. A. Obizhaeva, J. Wang, "Optimal trading strategy and
/// supply/demand dynamics", 2013.
public struct ImpactSettings: Hashable, Sendable, Codable {
  /// Of the logarithm of the price, a fraction.
  public var perLot: Double
  /// Per second: after 1/decay seconds, 37 % are left.
  public var decay: Double

  public init(perLot: Double, decay: Double) {
    self.perLot = perLot
    self.decay = decay
  }
}

/// Who cancels.
///
/// A cancel event takes orders of its side at random, each with the same chance, and as many as the
/// side is deep: n / `orders` of n on average. So a live order is cancelled with intensity
/// λ_cancel(t) / `orders`, the cancellations scale with depth, and the times remain those of the
/// Hawkes process.
///
/// Source of rates that scale with depth: R. Cont, S. Stoikov, R. Talreja, "A stochastic model for
/// order book dynamics", 2010.
public struct CancellationSettings: Hashable, Sendable, Codable {
  /// The number of orders on a side at which a cancel event takes one.
  public var orders: Double
  /// The share of cancellations that leave a part of the order, in its place.
  public var partialShare: Double

  public init(orders: Double, partialShare: Double = 0.1) {
    self.orders = orders
    self.partialShare = partialShare
  }
}

/// How long a message is on its way: a minimum and a log-normal part. Messages do not overtake.
public struct LatencyLaw: Hashable, Sendable, Codable {
  /// Nanoseconds.
  public var minimum: Int64
  /// The median of what comes on top, in nanoseconds.
  public var median: Double
  /// Of the logarithm of what comes on top.
  public var deviation: Double

  public init(minimum: Int64 = 500_000, median: Double = 1_000_000, deviation: Double = 0.5) {
    self.minimum = minimum
    self.median = median
    self.deviation = deviation
  }

  func nanoseconds(_ chance: inout Chance) -> Int64 {
    guard median > 0 else { return minimum }
    let extra = median * PortableMath.exp(deviation * chance.normal())
    return minimum + Int64(min(extra, 6e10))
  }
}
