/// What is known of a set of values, such that two sets can be joined without their values.
///
/// Conforming types are what windows keep (`WindowAggregator`): they only ever add, so nothing
/// that left a window can leave rounding behind.
public protocol WindowAggregate: Sendable {
  associatedtype Value: Sendable
  /// Knows of no values.
  init()
  mutating func push(_ value: Value)
  /// Takes in all values of another.
  mutating func merge(_ other: Self)
}

/// A sum of doubles that keeps 32 digits.
@frozen
public struct StableSum: WindowAggregate, Hashable {
  public typealias Value = Double
  @usableFromInline var total = DoubleDouble.zero

  @inlinable public init() {}
  /// The sum, rounded once; 0 of no values.
  @inlinable public var value: Double { total.value }

  @inlinable public mutating func push(_ value: Double) { total += value }
  @inlinable public mutating func add(_ value: DoubleDouble) { total += value }
  @inlinable public mutating func merge(_ other: StableSum) { total += other.total }
}

/// Count, mean and variance of a stream of values.
///
/// B. Welford's update (Technometrics 4, 1962) and T. Chan, G. Golub, R. LeVeque's merge (1979),
/// both in double-double: the relative error of the variance stays near 10⁻³²·(1 + mean²/variance),
/// so values near 10⁹ that vary by 10⁻³ are measured to full double precision. A NaN or infinite
/// value makes the results NaN.
@frozen
public struct Moments: WindowAggregate, Hashable {
  public private(set) var count: Int64 = 0
  private var center = DoubleDouble.zero
  /// The sum of squared deviations from the mean.
  private var squares = DoubleDouble.zero

  public init() {}

  public mutating func push(_ value: Double) {
    count += 1
    let before = DoubleDouble(value) - center
    center += before / Double(count)
    squares += before * (DoubleDouble(value) - center)
  }

  public mutating func merge(_ other: Moments) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let total = Double(count + other.count)
    let shift = other.center - center
    center += shift * Double(other.count) / total
    squares += other.squares + shift * shift * Double(count) * Double(other.count) / total
    count += other.count
  }

  /// NaN of no values.
  public var mean: Double { count > 0 ? center.value : .nan }
  /// The sample variance (divisor n − 1); NaN of fewer than two values.
  public var variance: Double {
    count > 1 ? max(0, (squares / Double(count - 1)).value) : .nan
  }
  /// The variance with divisor n; NaN of no values.
  public var populationVariance: Double {
    count > 0 ? max(0, (squares / Double(count)).value) : .nan
  }
  public var standardDeviation: Double { variance.squareRoot() }
}

/// Means, variances and covariance of a stream of pairs.
///
/// As `Moments`, in double-double.
@frozen
public struct CoMoments: WindowAggregate, Hashable {
  public private(set) var count: Int64 = 0
  private var centerX = DoubleDouble.zero
  private var centerY = DoubleDouble.zero
  private var squaresX = DoubleDouble.zero
  private var squaresY = DoubleDouble.zero
  private var products = DoubleDouble.zero

  public init() {}

  public mutating func push(_ value: SIMD2<Double>) { push(value.x, value.y) }

  public mutating func push(_ x: Double, _ y: Double) {
    count += 1
    let beforeX = DoubleDouble(x) - centerX
    let beforeY = DoubleDouble(y) - centerY
    centerX += beforeX / Double(count)
    centerY += beforeY / Double(count)
    let afterY = DoubleDouble(y) - centerY
    squaresX += beforeX * (DoubleDouble(x) - centerX)
    squaresY += beforeY * afterY
    products += beforeX * afterY
  }

  public mutating func merge(_ other: CoMoments) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let total = Double(count + other.count)
    let shiftX = other.centerX - centerX
    let shiftY = other.centerY - centerY
    centerX += shiftX * Double(other.count) / total
    centerY += shiftY * Double(other.count) / total
    let mine = Double(count)
    let theirs = Double(other.count)
    squaresX += other.squaresX + shiftX * shiftX * mine * theirs / total
    squaresY += other.squaresY + shiftY * shiftY * mine * theirs / total
    products += other.products + shiftX * shiftY * mine * theirs / total
    count += other.count
  }

  public var meanX: Double { count > 0 ? centerX.value : .nan }
  public var meanY: Double { count > 0 ? centerY.value : .nan }
  /// Sample variances and covariance have divisor n − 1 and are NaN of fewer than two pairs.
  public var varianceX: Double { sample(squaresX) }
  public var varianceY: Double { sample(squaresY) }
  public var covariance: Double {
    count > 1 ? (products / Double(count - 1)).value : .nan
  }
  /// Pearson's correlation; NaN where either side does not vary.
  public var correlation: Double {
    let scale = squaresX.value.squareRoot() * squaresY.value.squareRoot()
    guard count > 1, scale > 0 else { return .nan }
    return min(1, max(-1, products.value / scale))
  }
  /// The least-squares slope of y on x, with intercept; NaN where x does not vary.
  public var slope: Double {
    count > 1 && squaresX.value > 0 ? (products / squaresX).value : .nan
  }

  private func sample(_ squares: DoubleDouble) -> Double {
    count > 1 ? max(0, (squares / Double(count - 1)).value) : .nan
  }
}

/// The smallest and largest of a set of values.
@frozen
public struct Extremes: WindowAggregate, Hashable {
  /// NaN of no values, or where one is NaN.
  public private(set) var minimum = Double.nan
  public private(set) var maximum = Double.nan
  public private(set) var count: Int64 = 0

  public init() {}

  public mutating func push(_ value: Double) {
    // Written so that a NaN, once in, stays: it compares false with everything.
    if count == 0 || value < minimum || value.isNaN { minimum = value }
    if count == 0 || value > maximum || value.isNaN { maximum = value }
    count += 1
  }

  public mutating func merge(_ other: Extremes) {
    guard other.count > 0 else { return }
    let total = count + other.count
    push(other.minimum)
    push(other.maximum)
    count = total
  }
}
