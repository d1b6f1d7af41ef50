internal import HogaCore

/// How many lots an order has.
public struct SizeLaw: Hashable, Sendable, Codable {
  public enum Shape: String, Hashable, Sendable, Codable, CaseIterable {
    /// exp of a normal variate, rounded to whole lots.
    case logNormal
    /// P(n) = p (1 − p)^(n − 1), with mean 1/p.
    case geometric
  }

  public var shape: Shape
  /// Lots: the median of `logNormal`, the mean of `geometric`.
  public var center: Double
  /// Of the logarithm of `logNormal`; means nothing to `geometric`.
  public var deviation: Double
  /// Larger orders are made this large.
  public var maximum: Int64

  public init(
    shape: Shape = .logNormal, center: Double, deviation: Double = 1, maximum: Int64 = 1_000_000
  ) {
    self.shape = shape
    self.center = center
    self.deviation = deviation
    self.maximum = maximum
  }

  /// Lots on average, apart from rounding and the maximum.
  public var mean: Double {
    switch shape {
    case .logNormal: center * PortableMath.exp(deviation * deviation / 2)
    case .geometric: center
    }
  }

  func lots(_ chance: inout Chance) -> Int64 {
    let size: Double
    switch shape {
    case .logNormal:
      size = (center * PortableMath.exp(deviation * chance.normal())).rounded()
    case .geometric:
      guard center > 1 else { return 1 }
      size = 1 + (chance.exponential() / -PortableMath.log(1 - 1 / center)).rounded(.down)
    }
    return max(1, Int64(min(size, Double(maximum))))
  }

  func validate(_ name: String) throws(UsageError) {
    guard center >= 1, center <= 1e12 else {
      throw UsageError("\(name): center is from 1 to 1e12 lots, not \(center)")
    }
    guard deviation >= 0, deviation <= 5 else {
      throw UsageError("\(name): deviation is from 0 to 5, not \(deviation)")
    }
    guard maximum >= 1, maximum <= 1 << 40 else {
      throw UsageError("\(name): maximum is from 1 to 2^40 lots, not \(maximum)")
    }
  }
}
