public import HogaCore

/// How our own trading moves the market against us, on top of the book that was recorded.
///
/// The recorded market did not react to us. An impact model says how it would have, in ticks of the
/// instrument and lots. It charges the *following* orders, and what an order's rate costs; taking
/// what the book shows, level by level, is charged by the book itself, so an order does not pay the
/// displacement that it causes. `ImpactState` does the counting.
///
/// **No profit from pushing the price oneself.** Where own buying has lifted the price, a sale is
/// still filled at the recorded price: displacement in our favour is never credited, and positions
/// are valued at recorded prices. Models whose impact decays would otherwise pay for round trips
/// that move the market (Gatheral, "No-dynamic-arbitrage and market impact", 2010).
public enum ImpactModel: Hashable, Sendable {
  case none
  case almgrenChriss(AlmgrenChrissImpact)
  case propagator(Propagator)

  /// - Throws: `UsageError` where a setting is negative, not finite, or out of its range.
  public func validate() throws(UsageError) {
    switch self {
    case .none: break
    case .almgrenChriss(let impact): try impact.validate()
    case .propagator(let impact): try impact.validate()
    }
  }
}

/// Permanent and temporary impact, both linear (Almgren, Chriss, "Optimal execution of portfolio
/// transactions", 2000).
public struct AlmgrenChrissImpact: Hashable, Sendable {
  /// γ: how far a lot moves the price for good, in ticks per lot.
  public var permanent: Double
  /// η: what trading at a rate of one lot per second costs an order, in ticks.
  ///
  /// The rate is that of own lots of the same side within the present interval. An interval in which
  /// `N` lots trade costs `η·N²/interval` lot ticks in all, however the orders share them, as in the
  /// paper. What the book shows is paid on top: subtract it where η was estimated with it.
  public var temporary: Double
  /// ε: what each order pays whatever its size, in ticks. The recorded spread is paid on top.
  public var fixed: Double
  /// The paper's τ: intervals are counted from 1970 UTC.
  public var interval: TimeSpan

  public init(
    permanent: Double, temporary: Double, fixed: Double = 0, interval: TimeSpan = .seconds(1)
  ) {
    self.permanent = permanent
    self.temporary = temporary
    self.fixed = fixed
    self.interval = interval
  }

  func validate() throws(UsageError) {
    for (name, value) in [("permanent", permanent), ("temporary", temporary), ("fixed", fixed)]
    where !(value >= 0 && value <= 1e12) {
      throw UsageError("a \(name) impact of \(value) is not between 0 and 10¹²")
    }
    guard interval > .zero else { throw UsageError("an impact interval must be above zero") }
  }
}

/// Impact that is concave in size and fades: `D(t) = Σ ±f(nᵢ)·G(t − tᵢ)` over own executions.
///
/// Source: Bouchaud, Gefen, Potters, Wyart, "Fluctuations and response in financial markets", 2004;
/// Gatheral 2010 in continuous time. Lots that execute at one instant count as one execution, so
/// levels of one order do not add up to more than the order.
public struct Propagator: Hashable, Sendable {
  /// The displacement right after `referenceLots`, in ticks: `f(n) = ticks·(n/referenceLots)^power`.
  public var ticks: Double
  public var referenceLots: Double
  /// δ, within 0…1; about one half for orders, less for single trades.
  public var power: Double
  public var kernel: DecayKernel

  public init(ticks: Double, referenceLots: Double, power: Double = 0.5, kernel: DecayKernel) {
    self.ticks = ticks
    self.referenceLots = referenceLots
    self.power = power
    self.kernel = kernel
  }

  /// f: the displacement right after an execution, in ticks.
  public func displacement(afterLots lots: Int64) -> Double {
    lots <= 0 ? 0 : ticks * PortableMath.power(Double(lots) / referenceLots, power)
  }

  func validate() throws(UsageError) {
    guard ticks >= 0, ticks <= 1e12 else {
      throw UsageError("an impact of \(ticks) ticks is not between 0 and 10¹²")
    }
    guard referenceLots > 0, referenceLots.isFinite else {
      throw UsageError("an impact's reference size must be above zero")
    }
    guard power > 0, power <= 1 else {
      throw UsageError("an impact's power of \(power) is not above 0 and at most 1")
    }
    try kernel.validate()
  }
}
