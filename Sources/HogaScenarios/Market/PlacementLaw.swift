internal import HogaCore

/// How far from the reference price a limit order is placed: δ = 1, 2, … ticks, bids below it and asks
/// above it.
public struct PlacementLaw: Hashable, Sendable, Codable {
  public enum Shape: String, Hashable, Sendable, Codable, CaseIterable {
    /// P(δ > d) = (1 + d/scale)^(1 − exponent): density falls like δ^(−exponent) far out.
    ///
    /// Sources of the power law: J.-P. Bouchaud, M. Mézard, M. Potters, "Statistical properties of
    /// stock order books", 2002; S. Mike, J. D. Farmer, "An empirical behavioral model of liquidity
    /// and volatility", 2008.
    case powerLaw
    /// P(δ > d) = exp(−d/scale).
    ///
    /// Source of zero intelligence: E. Smith, J. D. Farmer, L. Gillemot, S. Krishnamurthy,
    /// "Statistical theory of the continuous double auction", 2003 (there with uniform distances).
    case exponential
  }

  public var shape: Shape
  /// Ticks.
  public var scale: Double
  /// Of the density of `powerLaw`, above one; means nothing to `exponential`.
  public var exponent: Double
  /// No order is further away, in ticks: both laws are cut there.
  public var maximum: Int64

  public init(shape: Shape = .powerLaw, scale: Double, exponent: Double = 2.5, maximum: Int64) {
    self.shape = shape
    self.scale = scale
    self.exponent = exponent
    self.maximum = maximum
  }

  /// P(δ > distance) of the law that is not cut.
  func survival(_ distance: Double) -> Double {
    switch shape {
    case .powerLaw:
      PortableMath.exp((1 - exponent) * PortableMath.log(1 + distance / scale))
    case .exponential: PortableMath.exp(-distance / scale)
    }
  }

  /// P(δ = distance).
  public func probability(of distance: Int64) -> Double {
    guard (1...maximum).contains(distance) else { return 0 }
    let all = 1 - survival(Double(maximum))
    return (survival(Double(distance - 1)) - survival(Double(distance))) / all
  }

  /// δ where `uniform` of the probability lies below it.
  func distance(at uniform: Double) -> Int64 {
    let left = 1 - uniform * (1 - survival(Double(maximum)))
    let logarithm = PortableMath.log(left)
    let depth =
      switch shape {
      case .powerLaw: scale * (PortableMath.exp(logarithm / (1 - exponent)) - 1)
      case .exponential: -scale * logarithm
      }
    // At the cut, rounding may reach past it.
    return min(1 + Int64(depth), maximum)
  }

  func validate() throws(UsageError) {
    guard scale >= 1e-3, scale <= 1e9 else {
      throw UsageError("placement: scale is from 0.001 to 1e9 ticks, not \(scale)")
    }
    guard exponent > 1, exponent <= 20 else {
      throw UsageError("placement: exponent is above 1, up to 20, not \(exponent)")
    }
    guard (1...1_000_000_000).contains(maximum) else {
      throw UsageError("placement: maximum is from 1 to 1e9 ticks, not \(maximum)")
    }
  }
}
