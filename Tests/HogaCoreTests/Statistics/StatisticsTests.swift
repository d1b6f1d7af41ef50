import HogaCore
import Testing

@Suite("Double-double arithmetic")
struct DoubleDoubleTests {
  @Test("sums and products of doubles are exact")
  func exactBasics() {
    let sum = DoubleDouble.sum(1e16, 1)
    #expect(sum.high == 1e16 && sum.low == 1)
    let product = DoubleDouble.product(1 + 0x1p-30, 1 - 0x1p-30)
    #expect(product.high == 1 && product.low == -0x1p-60)
  }

  @Test("operations are right to 2⁻¹⁰⁰ against whole numbers", arguments: UInt64(0)..<20)
  func againstIntegers(seed: UInt64) {
    var random = SeededRandom(seed)
    for _ in 0..<500 {
      let a = Int128(Int64.random(in: -(1 << 60)...(1 << 60), using: &random))
      let b = Int128(Int64.random(in: 1...(1 << 60), using: &random))
      let x = DoubleDouble(nearest: a)
      let y = DoubleDouble(nearest: b)
      #expect(isNear(x + y, a + b))
      #expect(isNear(x - y, a - b))
      #expect(isNear(x * y, a * b))
      #expect(isNear(x * y / y, a))
    }
  }

  private func isNear(_ value: DoubleDouble, _ exact: Int128) -> Bool {
    let error = value - DoubleDouble(nearest: exact)
    return abs(error.value) <= abs(exact.nearestDouble) * 0x1p-100
  }

  @Test("128-bit integers convert to the nearest double, ties to even")
  func conversion() {
    #expect(Int128.max.nearestDouble == 0x1p127)
    #expect(Int128.min.nearestDouble == -0x1p127)
    #expect((Int128(1) << 100 + 1).nearestDouble == 0x1p100)
    // 2¹⁰⁰ + half a unit: the tie goes to even, a hair more goes up.
    let half = Int128(1) << 47
    #expect(((Int128(1) << 100) + half).nearestDouble == 0x1p100)
    #expect(((Int128(1) << 100) + half + 1).nearestDouble == 0x1p100 + 0x1p48)
    #expect(((Int128(1) << 100) + 3 * half).nearestDouble == 0x1p100 + 0x1p49)
    var random = SeededRandom(4)
    for _ in 0..<5000 {
      let value =
        Int128(truncatingIfNeeded: UInt128(random.next()) << 64 | UInt128(random.next()))
        >> Int128.random(in: 0..<127, using: &random)
      #expect(value.nearestDouble == Double(value))
    }
  }
}

@Suite("Streaming moments")
struct MomentsTests {
  /// Exact sums of values `offset + k · 2⁻²⁰`.
  private struct Exact {
    var n: Int128 = 0
    var sum: Int128 = 0
    var squares: Int128 = 0
    mutating func push(_ k: Int64) {
      n += 1
      sum += Int128(k)
      squares += Int128(k) * Int128(k)
    }
    mutating func remove(_ k: Int64) {
      n -= 1
      sum -= Int128(k)
      squares -= Int128(k) * Int128(k)
    }
    func mean(_ offset: Double) -> Double { offset + Double(sum) / Double(n) * 0x1p-20 }
    var variance: Double {
      Double(n * squares - sum * sum) / Double(n * (n - 1)) * 0x1p-40
    }
  }

  @Test("a billion's offset and a variance of 10⁻¹¹ survive ten million values")
  func longRun() {
    var random = SeededRandom(1)
    var moments = Moments()
    var exact = Exact()
    let offset = 0x1p30
    for _ in 0..<10_000_000 {
      let k = Int64(random.next() % 8)
      moments.push(offset + Double(k) * 0x1p-20)
      exact.push(k)
    }
    #expect(moments.count == 10_000_000)
    #expect(moments.mean == exact.mean(offset))
    #expect(abs(moments.variance / exact.variance - 1) < 1e-14)
    #expect(exact.variance < 1e-11)
  }

  @Test("a rolling window stays exact through outliers, over three million values")
  func longRollingRun() {
    var random = SeededRandom(2)
    var window = CountWindow<Moments>(500)
    var inside: [Int64] = []
    var exact = Exact()
    let offset = 0x1p30
    for index in 0..<3_000_000 {
      // Now and then a value 2³² times the usual spread passes through.
      let k = Int64(random.next() % 8) << (index % 100_000 == 0 ? 32 : 0)
      window.push(offset + Double(k) * 0x1p-20)
      if inside.count < 500 {
        inside.append(k)
      } else {
        exact.remove(inside[index % 500])
        inside[index % 500] = k
      }
      exact.push(k)
      if index % 9_973 == 0, index > 0 {
        let moments = window.aggregate
        #expect(moments.mean == exact.mean(offset))
        #expect(abs(moments.variance - exact.variance) <= 1e-14 * exact.variance)
      }
    }
  }

  @Test("merging parts equals pushing the whole", arguments: UInt64(0)..<20)
  func merges(seed: UInt64) {
    var random = SeededRandom(seed)
    let values = (0..<200).map { _ in 1e9 + random.uniform() * 1e-3 }
    var whole = Moments()
    for value in values { whole.push(value) }
    let cut = Int.random(in: 0...200, using: &random)
    var left = Moments()
    var right = Moments()
    for value in values[..<cut] { left.push(value) }
    for value in values[cut...] { right.push(value) }
    left.merge(right)
    #expect(left.count == 200)
    #expect(left.mean == whole.mean)
    #expect(abs(left.variance / whole.variance - 1) < 1e-14)
  }

  @Test("covariance, correlation and slope equal their closed form", arguments: UInt64(0)..<20)
  func comoments(seed: UInt64) {
    var random = SeededRandom(seed)
    var window = CountWindow<CoMoments>(60)
    var pairs: [(x: Int64, y: Int64)] = []
    for _ in 0..<300 {
      let x = Int64.random(in: -1000...1000, using: &random)
      let y = 3 * x + .random(in: -500...500, using: &random)
      pairs.append((x, y))
      window.push(SIMD2(1e9 + Double(x) * 0x1p-20, -1e9 + Double(y) * 0x1p-20))
    }
    let last = pairs.suffix(60)
    let n = Int128(60)
    let sx = Int128(last.reduce(0) { $0 + $1.x })
    let sy = Int128(last.reduce(0) { $0 + $1.y })
    let xx = n * Int128(last.reduce(0) { $0 + $1.x * $1.x }) - sx * sx
    let yy = n * Int128(last.reduce(0) { $0 + $1.y * $1.y }) - sy * sy
    let xy = n * Int128(last.reduce(0) { $0 + $1.x * $1.y }) - sx * sy
    let moments = window.aggregate
    #expect(isNear(moments.covariance, Double(xy) / (60 * 59) * 0x1p-40))
    #expect(isNear(moments.varianceX, Double(xx) / (60 * 59) * 0x1p-40))
    #expect(isNear(moments.varianceY, Double(yy) / (60 * 59) * 0x1p-40))
    #expect(isNear(moments.slope, Double(xy) / Double(xx)))
    #expect(
      isNear(moments.correlation, Double(xy) / (Double(xx).squareRoot() * Double(yy).squareRoot())))
  }

  private func isNear(_ value: Double, _ expected: Double) -> Bool {
    abs(value - expected) <= 1e-13 * abs(expected)
  }

  @Test("too few values, and values that do not vary, are told apart from zero")
  func degenerate() {
    var moments = Moments()
    #expect(moments.mean.isNaN && moments.variance.isNaN && moments.populationVariance.isNaN)
    moments.push(5)
    #expect(moments.mean == 5 && moments.variance.isNaN && moments.populationVariance == 0)
    moments.push(5)
    #expect(moments.variance == 0 && moments.standardDeviation == 0)
    var pairs = CoMoments()
    pairs.push(1, 2)
    #expect(pairs.covariance.isNaN)
    pairs.push(1, 3)
    #expect(pairs.covariance == 0 && pairs.correlation.isNaN && pairs.slope.isNaN)
  }
}

@Suite("Sliding windows")
struct WindowTests {
  @Test("extremes and sums of a time window equal a scan of it", arguments: UInt64(0)..<20)
  func timeWindow(seed: UInt64) {
    var random = SeededRandom(seed)
    var extremes = TimeWindow<Extremes>(.seconds(10))
    var sums = TimeWindow<StableSum>(.seconds(10))
    var all: [(time: Int64, value: Double)] = []
    var time: Int64 = 0
    for _ in 0..<2000 {
      let pause: Int64 = [0, 1, 300_000_000, 2_000_000_000, 12_000_000_000].randomElement(
        using: &random)!
      time += Int.random(in: 0..<4, using: &random) == 0 ? pause : 200_000_000
      let now = Timestamp(nanoseconds: time)
      if Int.random(in: 0..<4, using: &random) == 0 {
        extremes.advance(to: now)
        sums.advance(to: now)
      } else {
        let value = Double(Int.random(in: -50...50, using: &random))
        all.append((time, value))
        extremes.push(value, at: now)
        sums.push(value, at: now)
      }
      let inside = all.filter { $0.time > time - 10_000_000_000 }.map(\.value)
      #expect(extremes.count == inside.count)
      if let least = inside.min(), let most = inside.max() {
        #expect(extremes.aggregate.minimum == least && extremes.aggregate.maximum == most)
      } else {
        #expect(extremes.aggregate.minimum.isNaN && extremes.aggregate.maximum.isNaN)
      }
      #expect(sums.aggregate.value == inside.reduce(0, +))
    }
  }

  @Test("a NaN or an outlier leaves nothing behind when it leaves the window")
  func forgets() {
    var moments = CountWindow<Moments>(3)
    var sum = CountWindow<StableSum>(3)
    var extremes = CountWindow<Extremes>(3)
    for value in [1e300, .nan, 1e-300, 1, 2, 3] {
      moments.push(value)
      sum.push(value)
      extremes.push(value)
    }
    #expect(moments.aggregate.mean == 2 && moments.aggregate.variance == 1)
    #expect(sum.aggregate.value == 6)
    #expect(extremes.aggregate.minimum == 1 && extremes.aggregate.maximum == 3)
    extremes.push(.nan)
    #expect(extremes.aggregate.minimum.isNaN && extremes.aggregate.maximum.isNaN)
    moments.removeAll()
    #expect(moments.count == 0 && moments.aggregate.mean.isNaN)
  }

  @Test("ten million values through a window of sums leave no drift")
  func longSum() {
    var random = SeededRandom(8)
    var window = CountWindow<StableSum>(64)
    var last = [Double](repeating: 0, count: 64)
    for index in 0..<10_000_000 {
      let value = Double(sign: .plus, exponent: Int(random.next() % 60), significand: 1.1)
      window.push(value)
      last[index % 64] = value
    }
    let exact = last.reduce(into: StableSum()) { $0.push($1) }.value
    #expect(window.aggregate.value == exact)
  }
}
