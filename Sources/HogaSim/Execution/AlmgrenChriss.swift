public import HogaCore

/// The optimal way to trade a position down in equal intervals, for a trader who minds risk.
///
/// Minimises `E + λ·V` of the cost under linear impact, in closed form and in discrete time. Source:
/// R. Almgren, N. Chriss, "Optimal execution of portfolio transactions", Journal of Risk 3, 2000;
/// letters and units as there. Prices are in currency per unit, times in one unit of one's choice
/// (days in the paper), which also sets the units of volatility and temporary impact.
public struct AlmgrenChriss: Hashable, Sendable {
  /// Of the market, not of the trader.
  public struct Market: Hashable, Sendable {
    /// σ: standard deviation of the price per square root of time.
    public var volatility: Double
    /// η: price per unit traded per time.
    public var temporaryImpact: Double
    /// γ: price per unit traded.
    public var permanentImpact: Double
    /// ε: price per unit whatever the rate: half the spread, and fees.
    public var fixedCost: Double

    public init(
      volatility: Double, temporaryImpact: Double, permanentImpact: Double, fixedCost: Double
    ) {
      self.volatility = volatility
      self.temporaryImpact = temporaryImpact
      self.permanentImpact = permanentImpact
      self.fixedCost = fixedCost
    }
  }

  /// X: units to be traded.
  public let quantity: Double
  /// T: the time until all is traded.
  public let horizon: Double
  /// N.
  public let intervals: Int
  public let market: Market
  /// λ: what a unit of variance is worth in currency. Zero minds only the expected cost.
  public let riskAversion: Double

  /// κ: `1/κ` is the time in which the position falls by about e. Zero without risk aversion.
  public let urgency: Double
  /// x₀ … x_N: units left after each interval, from X to zero.
  public let holdings: [Double]
  /// n₁ … n_N: units traded in each interval.
  public let trades: [Double]
  /// E: cost against the price at the start, in currency.
  public let expectedCost: Double
  /// V: variance of that cost.
  public let variance: Double
  public var standardDeviation: Double { variance.squareRoot() }

  /// - Throws: `UsageError` where a figure is negative, not finite or zero where it may not be, or
  ///   where the temporary impact is too small for the interval: `η > γτ/2` is needed.
  public init(
    quantity: Double, horizon: Double, intervals: Int, market: Market, riskAversion: Double
  ) throws(UsageError) {
    for (name, value) in [
      ("volatility", market.volatility), ("permanent impact", market.permanentImpact),
      ("fixed cost", market.fixedCost), ("risk aversion", riskAversion),
    ] where !(value >= 0 && value.isFinite) {
      throw UsageError("a \(name) of \(value) is not zero or above")
    }
    for (name, value) in [
      ("quantity", quantity), ("horizon", horizon), ("temporary impact", market.temporaryImpact),
    ] where !(value > 0 && value.isFinite) {
      throw UsageError("a \(name) of \(value) is not above zero")
    }
    guard (1...1_000_000).contains(intervals) else {
      throw UsageError("an execution needs between 1 and 1,000,000 intervals, not \(intervals)")
    }
    let tau = horizon / Double(intervals)
    // η̃: within an interval half of the permanent impact is felt already (their equation 8).
    let temporary = market.temporaryImpact - market.permanentImpact * tau / 2
    guard temporary > 0 else {
      throw UsageError(
        "a temporary impact of \(market.temporaryImpact) is too small for a permanent one of "
          + "\(market.permanentImpact) in intervals of \(tau): trade in shorter ones")
    }
    self.quantity = quantity
    self.horizon = horizon
    self.intervals = intervals
    self.market = market
    self.riskAversion = riskAversion

    // 2(cosh κτ − 1) = κ̃²τ², κ̃² = λσ²/η̃, so that sinh(κτ/2) = κ̃τ/2: no cancellation near zero.
    let rate = (riskAversion / temporary).squareRoot() * market.volatility
    let step = 2 * PortableMath.asinh(rate * tau / 2)  // κτ
    urgency = step / tau
    holdings = Self.holdings(quantity: quantity, intervals: intervals, step: step)
    var trades = [Double](repeating: 0, count: intervals)
    var squares = 0.0
    var risk = 0.0
    for index in 0..<intervals {
      trades[index] = holdings[index] - holdings[index + 1]
      squares += trades[index] * trades[index]
      risk += holdings[index + 1] * holdings[index + 1]
    }
    self.trades = trades
    let permanent = market.permanentImpact * quantity * quantity / 2
    let fixed = market.fixedCost * quantity  // trades are all of one sign
    expectedCost = permanent + fixed + temporary / tau * squares
    variance = market.volatility * market.volatility * tau * risk
  }

  /// `X·sinh(κ(T − t))/sinh(κT)`, as `e^(−κt)·(1 − e^(−2κ(T−t)))/(1 − e^(−2κT))`, in which nothing
  /// overflows however large κT, and nothing cancels however small; a straight line at κ = 0.
  private static func holdings(quantity: Double, intervals: Int, step: Double) -> [Double] {
    let total = PortableMath.expm1(-2 * step * Double(intervals))
    return (0...intervals).map { index in
      let left = Double(intervals - index)
      // The first and the last are exact, so that trades add up.
      if index == 0 { return quantity }
      if index == intervals { return 0 }
      if total == 0 { return quantity * left / Double(intervals) }
      return quantity * PortableMath.exp(-step * Double(index))
        * (PortableMath.expm1(-2 * step * left) / total)
    }
  }

  /// The same trade with another risk aversion.
  public func with(riskAversion: Double) throws(UsageError) -> AlmgrenChriss {
    try AlmgrenChriss(
      quantity: quantity, horizon: horizon, intervals: intervals, market: market,
      riskAversion: riskAversion)
  }

  /// The efficient frontier: no trade has less variance at the same expected cost.
  ///
  /// One execution per risk aversion, in the given order.
  public func frontier(_ riskAversions: [Double]) throws(UsageError) -> [AlmgrenChriss] {
    var points: [AlmgrenChriss] = []
    for value in riskAversions { points.append(try with(riskAversion: value)) }
    return points
  }
}
