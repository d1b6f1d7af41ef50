/// A number carried as an unevaluated sum of two doubles: about 32 decimal digits.
///
/// Sums and moments are kept in it so that their rounding stays near 10⁻³², below anything that
/// 10⁸ updates could gather in a double's 10⁻¹⁶. Sources: D. Knuth, TAOCP 2, 4.2.2 (TwoSum);
/// T. Dekker, Numer. Math. 18, 1971; M. Joldes, J.-M. Muller, V. Popescu, ACM TOMS 44(2), 2017
/// (the algorithms and their error bounds).
///
/// Finite values only keep their low part; an infinity or NaN ends up in `value` as such.
@frozen
public struct DoubleDouble: Hashable, Sendable {
  /// The nearest double.
  public let high: Double
  /// What `high` misses, at most half a unit in its last place.
  public let low: Double

  public static let zero = DoubleDouble(0.0)

  @inlinable
  public init(_ value: Double) {
    high = value
    low = 0
  }

  @inlinable
  init(high: Double, low: Double) {
    self.high = high
    self.low = low
  }

  /// The sum of both parts, rounded once.
  @inlinable public var value: Double { high }

  /// The exact sum of two doubles (TwoSum, Knuth).
  @inlinable
  public static func sum(_ left: Double, _ right: Double) -> DoubleDouble {
    let sum = left + right
    let rightPart = sum - left
    let leftPart = sum - rightPart
    return settled(sum, (left - leftPart) + (right - rightPart))
  }

  /// The exact product of two doubles, as long as it neither overflows nor underflows.
  @inlinable
  public static func product(_ left: Double, _ right: Double) -> DoubleDouble {
    let product = left * right
    return settled(product, (-product).addingProduct(left, right))
  }

  /// The nearest double-double to an integer.
  public init(nearest value: Int128) {
    if value.magnitude <= 1 << 53 {
      self.init(Double(Int64(truncatingIfNeeded: value)))
      return
    }
    let high = value.nearestDouble
    // The nearest double to an Int128 is at most 2¹²⁷ in size; only that one does not fit back.
    guard high < 0x1p127 else {
      self = .sum(high, (value - Int128.max).nearestDouble - 1)
      return
    }
    self = .sum(high, (value - Int128(high)).nearestDouble)
  }

  @inlinable
  public static func + (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let highs = sum(left.high, right.high)
    let lows = sum(left.low, right.low)
    let once = fastSum(highs.high, highs.low + lows.high)
    return fastSum(once.high, once.low + lows.low)
  }

  @inlinable
  public static func + (left: DoubleDouble, right: Double) -> DoubleDouble {
    let highs = sum(left.high, right)
    return fastSum(highs.high, highs.low + left.low)
  }

  @inlinable
  public static prefix func - (value: DoubleDouble) -> DoubleDouble {
    DoubleDouble(high: -value.high, low: -value.low)
  }

  @inlinable
  public static func - (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    left + (-right)
  }

  @inlinable
  public static func * (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let highs = product(left.high, right.high)
    let cross = (left.low * right.low).addingProduct(left.high, right.low)
    return fastSum(highs.high, highs.low + cross.addingProduct(left.low, right.high))
  }

  @inlinable
  public static func * (left: DoubleDouble, right: Double) -> DoubleDouble {
    let highs = product(left.high, right)
    return fastSum(highs.high, highs.low.addingProduct(left.low, right))
  }

  @inlinable
  public static func / (left: DoubleDouble, right: Double) -> DoubleDouble {
    let quotient = left.high / right
    let back = product(quotient, right)
    let rest = (left.high - back.high) - back.low + left.low
    return fastSum(quotient, rest / right)
  }

  @inlinable
  public static func / (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let quotient = left.high / right.high
    let rest = left - right * quotient
    return fastSum(quotient, rest.high / right.high)
  }

  @inlinable public static func += (left: inout DoubleDouble, right: DoubleDouble) {
    left = left + right
  }
  @inlinable public static func += (left: inout DoubleDouble, right: Double) {
    left = left + right
  }

  /// The exact sum where `left` is not smaller in size than `right`, or is zero (Dekker).
  @inlinable
  static func fastSum(_ left: Double, _ right: Double) -> DoubleDouble {
    let sum = left + right
    return settled(sum, right - (sum - left))
  }

  /// Without this, an infinite result would drag a NaN in its low part into later sums.
  @inlinable
  static func settled(_ high: Double, _ low: Double) -> DoubleDouble {
    DoubleDouble(high: high, low: high.isFinite ? low : 0)
  }
}

extension Int128 {
  /// The nearest double, ties to even.
  ///
  /// The standard library's conversion is generic and too slow for sums that are read per row.
  @inlinable
  public var nearestDouble: Double {
    let narrow = Int64(truncatingIfNeeded: self)
    return self == Int128(narrow) ? Double(narrow) : wideDouble
  }

  @usableFromInline
  var wideDouble: Double {
    let size = magnitude
    // Keep 64 bits, the last of which stands for all that are cut off: the conversion from 64 to
    // 53 bits then rounds as if it had seen them.
    let shift = UInt128(64 - size.leadingZeroBitCount)
    let kept = UInt64(truncatingIfNeeded: size >> shift)
    let isExact = size & ((UInt128(1) << shift) - 1) == 0
    let double = Double(
      sign: .plus, exponent: Int(shift), significand: Double(isExact ? kept : kept | 1))
    return self < 0 ? -double : double
  }
}
