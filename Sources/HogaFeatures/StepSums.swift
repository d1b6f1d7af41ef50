internal import HogaCore

/// Exact sums over the last n grid steps, of several integer channels and for several n at once.
///
/// A window's sum is the one before plus the newest step minus the one that left; in integers that
/// leaves nothing behind, however long it runs. Arithmetic wraps at 128 bits: a sum that fits is
/// right even after one that did not, and counts of prices and sizes do not get there.
struct StepSums: Sendable {
  let channels: Int
  /// The windows in steps.
  let lengths: [Int]
  private let capacity: Int
  /// `capacity` steps of `channels` values.
  private var ring: [Int128]
  /// A sum per window and channel.
  private var sums: [Int128]
  private var slot = 0
  private(set) var steps = 0

  init(channels: Int, lengths: [Int]) {
    self.channels = channels
    self.lengths = lengths
    capacity = lengths.max() ?? 1
    ring = [Int128](repeating: 0, count: capacity * channels)
    sums = [Int128](repeating: 0, count: lengths.count * channels)
  }

  /// Ends a step: `value(channel)` happened in it.
  @inline(__always)
  mutating func push(_ value: (Int) -> Int128) {
    for (window, length) in lengths.enumerated() where steps >= length {
      // The step that leaves a window of the ring's full length lies in the slot of the new one.
      let leaving = slot >= length ? slot - length : slot - length + capacity
      let from = leaving * channels
      let sum = window * channels
      for channel in 0..<channels { sums[sum + channel] &-= ring[from + channel] }
    }
    let to = slot * channels
    for channel in 0..<channels { ring[to + channel] = value(channel) }
    for window in lengths.indices {
      let sum = window * channels
      for channel in 0..<channels { sums[sum + channel] &+= ring[to + channel] }
    }
    slot = slot + 1 == capacity ? 0 : slot + 1
    steps += 1
  }

  /// The window holds whole steps only: the first, which reaches back to the start, has left.
  func isComplete(_ window: Int) -> Bool { steps > lengths[window] }

  @inline(__always)
  func sum(_ window: Int, _ channel: Int) -> Int128 { sums[window * channels + channel] }

  /// A channel's value `ago` steps before the newest, which is 0.
  func value(_ channel: Int, ago: Int) -> Int128 {
    let index = (slot - 1 - ago + 2 * capacity) % capacity
    return ring[index * channels + channel]
  }
}

/// Sums of doubles over the last n grid steps, for several n at once, free of drift.
struct StepTerms: Sendable {
  private let lengths: [Int]
  private var windows: [WindowAggregator<TermSum>]

  init(lengths: [Int]) {
    self.lengths = lengths
    windows = lengths.map { _ in WindowAggregator() }
  }

  mutating func push(_ value: DoubleDouble) {
    for index in windows.indices {
      if windows[index].count == lengths[index] { windows[index].removeFirst() }
      windows[index].push(value)
    }
  }

  func sum(_ window: Int) -> DoubleDouble { windows[window].aggregate.total }
}

private struct TermSum: WindowAggregate {
  var total = DoubleDouble.zero

  mutating func push(_ value: DoubleDouble) { total += value }
  mutating func merge(_ other: TermSum) { total += other.total }
}

/// The quotient of two exact integers; NaN where the divisor is zero.
@inline(__always)
func ratio(_ numerator: Int128, _ denominator: Int128) -> Double {
  denominator == 0 ? .nan : numerator.nearestDouble / denominator.nearestDouble
}
