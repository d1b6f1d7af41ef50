public import HogaCore

/// What trading on bars costs beside the price: fees, the half spread, impact, and how much can be
/// had of a bar at all.
///
/// Costs are counted apart from prices: a fill is booked at its bar's price, and its slippage as an
/// amount of money beside it, rounded against us to `10^-18`. So gross, slippage, fees and funding
/// add up to net without a remainder.
public struct BarCosts: Hashable, Sendable {
  /// How the price moves away from a trade of size `Q`.
  public enum Impact: Hashable, Sendable {
    case none
    /// `coefficient · Q / V`, a fraction of the price: `V` is the volume of the bar it trades in.
    case linear(coefficient: Double)
    /// `coefficient · σ · √(Q / V)`, a fraction of the price.
    ///
    /// `σ` is the standard deviation of returns from close to close about zero, `V` the mean volume
    /// of a bar, both exponentially weighted over about `window` bars (`λ = 1 − 2/(window + 1)`)
    /// that closed before the trade. Since one grows with the square root of time and the other
    /// with time, bars of any length give the same figure as the usual daily ones. A symbol is not
    /// traded before it has had `window` returns.
    ///
    /// Sources: R. Almgren, C. Thum, E. Hauptmann, H. Li, "Direct estimation of equity market impact",
    /// Risk 18, 2005; B. Tóth et al., "Anomalous price impact and the critical nature of liquidity in
    /// financial markets", Physical Review X 1, 2011, who find coefficients near one. The weights are
    /// those of J.P. Morgan, "RiskMetrics technical document", 1996.
    case squareRoot(coefficient: Double, window: Int)
  }

  public let makerPartsPerMillion: Int64
  public let takerPartsPerMillion: Int64
  /// Charged instead of the taker's fee where all trades are taken to rest: bars cannot tell whether
  /// they would have been filled, so this is an assumption and no result.
  public let assumesMaker: Bool
  /// Half the spread in parts per thousand million of the price: 100,000 is one basis point.
  public let halfSpreadPartsPerBillion: Int64
  public let impact: Impact
  /// The largest share of a bar's volume that an order gets; the rest is not filled.
  public let maximumParticipation: Double?
  /// Charged on top of the taker's fee where positions are closed by force.
  public let liquidationPartsPerMillion: Int64

  /// - Throws: `UsageError` where a figure makes no sense.
  public init(
    makerPartsPerMillion: Int64 = 200, takerPartsPerMillion: Int64 = 500,
    assumesMaker: Bool = false, halfSpreadBasisPoints: Double = 0, impact: Impact = .none,
    maximumParticipation: Double? = nil, liquidationPartsPerMillion: Int64 = 0
  ) throws(UsageError) {
    for fee in [makerPartsPerMillion, takerPartsPerMillion, liquidationPartsPerMillion] {
      guard (-100_000...100_000).contains(fee) else {
        throw UsageError("a fee of \(fee) parts per million is beyond ±10%")
      }
    }
    guard (0...1000).contains(halfSpreadBasisPoints) else {
      throw UsageError("half a spread of \(halfSpreadBasisPoints) bps is not between 0 and 1000")
    }
    switch impact {
    case .none: break
    case .linear(let coefficient):
      guard (0...1000).contains(coefficient) else {
        throw UsageError("an impact coefficient of \(coefficient) is not between 0 and 1000")
      }
    case .squareRoot(let coefficient, let window):
      guard (0...1000).contains(coefficient), (2...1_000_000).contains(window) else {
        throw UsageError("impact: a coefficient of 0 to 1000 and a window of 2 to 10⁶ bars")
      }
    }
    if let share = maximumParticipation {
      guard share > 0, share <= 1 else {
        throw UsageError("a participation of \(share) is not above 0 and at most 1")
      }
    }
    self.makerPartsPerMillion = makerPartsPerMillion
    self.takerPartsPerMillion = takerPartsPerMillion
    self.assumesMaker = assumesMaker
    halfSpreadPartsPerBillion = Int64((halfSpreadBasisPoints * 1e5).rounded())
    self.impact = impact
    self.maximumParticipation = maximumParticipation
    self.liquidationPartsPerMillion = liquidationPartsPerMillion
  }

  /// Nothing costs anything: for tests, and to see what costs take.
  public static let free: BarCosts = {
    do {
      return try BarCosts(makerPartsPerMillion: 0, takerPartsPerMillion: 0)
    } catch { preconditionFailure("zeros make sense") }
  }()

  var partsPerMillion: Int64 { assumesMaker ? makerPartsPerMillion : takerPartsPerMillion }

  var needsVolume: Bool { impact != .none || maximumParticipation != nil }

  public var json: JSONValue {
    let impactJSON: JSONValue =
      switch impact {
      case .none: "none"
      case .linear(let coefficient): ["kind": "linear", "coefficient": .double(coefficient)]
      case .squareRoot(let coefficient, let window):
        [
          "kind": "square-root", "coefficient": .double(coefficient),
          "window": .int(Int64(window)),
        ]
      }
    return [
      "maker_ppm": .int(makerPartsPerMillion), "taker_ppm": .int(takerPartsPerMillion),
      "assumes_maker": .bool(assumesMaker),
      "half_spread_bps": .double(Double(halfSpreadPartsPerBillion) / 1e5),
      "impact": impactJSON, "maximum_participation": .optional(maximumParticipation),
      "liquidation_ppm": .int(liquidationPartsPerMillion),
    ]
  }
}
