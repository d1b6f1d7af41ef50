internal import HogaCore

// Aggregates of windows in which values may be missing: a NaN takes its place in the window and
// counts for nothing.

struct PresentMoments: WindowAggregate {
  var moments = Moments()
  mutating func push(_ value: Double) { if !value.isNaN { moments.push(value) } }
  mutating func merge(_ other: PresentMoments) { moments.merge(other.moments) }
}

struct PresentExtremes: WindowAggregate {
  var extremes = Extremes()
  mutating func push(_ value: Double) { if !value.isNaN { extremes.push(value) } }
  mutating func merge(_ other: PresentExtremes) { extremes.merge(other.extremes) }
}

struct PresentSum: WindowAggregate {
  var sum = StableSum()
  var count = 0
  mutating func push(_ value: Double) {
    guard !value.isNaN else { return }
    sum.push(value)
    count += 1
  }
  mutating func merge(_ other: PresentSum) {
    sum.merge(other.sum)
    count += other.count
  }
}

struct PresentPairs: WindowAggregate {
  var moments = CoMoments()
  mutating func push(_ value: SIMD2<Double>) {
    if !value.x.isNaN, !value.y.isNaN { moments.push(value) }
  }
  mutating func merge(_ other: PresentPairs) { moments.merge(other.moments) }
}

/// The last values of a series, by how many steps ago they were.
struct Recent: Sendable {
  private var values: [Double]
  private var next = 0

  init(steps: Int) { values = [Double](repeating: .nan, count: steps + 1) }

  mutating func push(_ value: Double) {
    values[next] = value
    next = (next + 1) % values.count
  }

  /// NaN before there were so many.
  func ago(_ steps: Int) -> Double {
    let count = values.count
    return values[(next - 1 - steps + 2 * count) % count]
  }
}
