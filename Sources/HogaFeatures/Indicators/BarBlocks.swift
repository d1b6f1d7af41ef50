internal import Glibc
internal import HogaCore

// The parts that indicators are made of. Each takes a value and returns what is known after it, NaN
// until it is known; a NaN is the not yet known value of a part before it and is passed over.

/// The value of `n` values ago.
struct Delay: Sendable {
  private var ring: [Double]
  private var place = 0

  init(_ n: Int) { ring = [Double](repeating: .nan, count: n) }

  mutating func push(_ value: Double) -> Double {
    if value.isNaN { return .nan }
    let old = ring[place]
    ring[place] = value
    place = place + 1 == ring.count ? 0 : place + 1
    return old
  }
}

/// The sum of the last `n` values.
struct RollingSum: Sendable {
  private var window: CountWindow<StableSum>

  init(_ n: Int) { window = CountWindow(n) }

  mutating func push(_ value: Double) -> Double {
    if value.isNaN { return .nan }
    window.push(value)
    return window.isFull ? window.aggregate.value : .nan
  }
}

/// The mean of the last `n` values.
struct RollingMean: Sendable {
  private var sum: RollingSum
  private let divisor: Double

  init(_ n: Int) {
    sum = RollingSum(n)
    divisor = Double(n)
  }

  mutating func push(_ value: Double) -> Double { sum.push(value) / divisor }
}

/// Mean and deviation of the last `n` values.
struct RollingMoments: Sendable {
  private var window: CountWindow<Moments>

  init(_ n: Int) { window = CountWindow(n) }

  /// `nil` until there are `n`.
  mutating func push(_ value: Double) -> Moments? {
    if value.isNaN { return nil }
    window.push(value)
    return window.isFull ? window.aggregate : nil
  }
}

/// Comoments of the last `n` pairs.
struct RollingPairs: Sendable {
  private var window: CountWindow<CoMoments>

  init(_ n: Int) { window = CountWindow(n) }

  /// `nil` until there are `n`.
  mutating func push(_ x: Double, _ y: Double) -> CoMoments? {
    if x.isNaN || y.isNaN { return nil }
    window.push(SIMD2(x, y))
    return window.isFull ? window.aggregate : nil
  }
}

/// The greatest of the last `n` values and its age, the youngest of equal ones.
struct RollingMaximum: Sendable {
  private let n: Int
  private var seen = 0
  /// Candidates in a ring, falling from the oldest on; each would be the greatest if all older
  /// ones left.
  private var values: [Double]
  private var places: [Int]
  private var head = 0
  private var count = 0

  init(_ n: Int) {
    self.n = n
    values = [Double](repeating: 0, count: n)
    places = [Int](repeating: 0, count: n)
  }

  private(set) var age = 0

  mutating func push(_ value: Double) -> Double {
    if value.isNaN { return .nan }
    while count > 0, values[wrapped(head + count - 1)] <= value { count -= 1 }
    if count > 0, places[head] <= seen - n {
      head = wrapped(head + 1)
      count -= 1
    }
    let end = wrapped(head + count)
    values[end] = value
    places[end] = seen
    count += 1
    age = seen - places[head]
    seen += 1
    return seen >= n ? values[head] : .nan
  }

  private func wrapped(_ index: Int) -> Int { index >= n ? index - n : index }
}

/// The least of the last `n` values and its age, the youngest of equal ones.
struct RollingMinimum: Sendable {
  private var negated: RollingMaximum
  init(_ n: Int) { negated = RollingMaximum(n) }
  var age: Int { negated.age }
  mutating func push(_ value: Double) -> Double { -negated.push(-value) }
}

/// The mean of the last `n` values with weights 1, 2, …, n, the newest heaviest.
struct RollingWeightedMean: Sendable {
  private var pairs: RollingPairs
  private let n: Double
  private var index = 0.0

  init(_ n: Int) {
    pairs = RollingPairs(n)
    self.n = Double(n)
  }

  mutating func push(_ value: Double) -> Double {
    if value.isNaN { return .nan }
    // A count below 2⁵³ is exact.
    index += 1
    guard let known = pairs.push(index, value) else { return .nan }
    // Σ k·x over k = 1…n is mean(k)·Σx plus the sum of products of deviations.
    return n == 1 ? known.meanY : known.meanY + known.covariance * 2 * (n - 1) / (n * (n + 1))
  }
}

/// An exponential average.
struct Smoother: Sendable {
  private let n: Int
  private let weight: Double
  private let seeding: Seeding
  private var seen = 0
  private var seed = StableSum()
  private var value = 0.0

  /// Weight 2/(n + 1) for the newest value, as of an EMA of span n.
  init(span n: Int, _ seeding: Seeding) { self.init(n, weight: 2 / Double(n + 1), seeding) }

  /// Weight 1/n for the newest value: Wilder's smoothing.
  init(wilder n: Int, _ seeding: Seeding) { self.init(n, weight: 1 / Double(n), seeding) }

  init(_ n: Int, weight: Double, _ seeding: Seeding) {
    self.n = n
    self.weight = weight
    self.seeding = seeding
  }

  /// With `first`, known from the first value on.
  mutating func push(_ next: Double) -> Double {
    if next.isNaN { return .nan }
    let threshold = seeding == .first ? 1 : n
    if seen < threshold {
      seen += 1
      seed.push(next)
      guard seen == threshold else { return .nan }
      value = seed.value / Double(threshold)
    } else {
      value += weight * (next - value)
    }
    return value
  }
}

/// Hides the first values of a column.
struct WarmUp: Sendable {
  private var left: Int
  /// - Parameter bars: the bar from 0 at which the column is first known.
  init(_ bars: Int) { left = bars + 1 }

  /// Counts a bar; true once the column is known.
  mutating func pass() -> Bool {
    if left > 0 { left -= 1 }
    return left == 0
  }
}

extension OutputSpan<Double> {
  /// Appends a value where it is known.
  mutating func append(_ value: Double, if isKnown: Bool) { append(isKnown ? value : .nan) }
}

/// A quotient, or what stands for it where the divisor is zero. NaN stays NaN.
func ratio(_ dividend: Double, _ divisor: Double, orElse other: Double = 0) -> Double {
  divisor == 0 ? (dividend.isNaN ? .nan : other) : dividend / divisor
}

/// `ln(now / before)`, NaN where there is none before.
func logReturn(_ now: Double, _ before: Double) -> Double { Glibc.log(now / before) }
