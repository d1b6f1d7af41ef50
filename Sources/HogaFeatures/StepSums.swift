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
  /// What happens in the step under way, per channel.
  var next: [Int128]
  /// A sum per window and channel.
  private var sums: [Int128]
  private var slot = 0
  private(set) var steps = 0

  init(channels: Int, lengths: [Int]) {
    self.channels = channels
    self.lengths = lengths
    capacity = lengths.max() ?? 1
    ring = [Int128](repeating: 0, count: capacity * channels)
    next = [Int128](repeating: 0, count: channels)
    sums = [Int128](repeating: 0, count: lengths.count * channels)
  }

  /// Ends a step in which `next` happened, and begins one in which nothing did.
  mutating func push() {
    for window in lengths.indices {
      let length = lengths[window]
      // The step that leaves a window of the ring's full length lies in the slot of the new one.
      let leaving = slot >= length ? slot - length : slot - length + capacity
      Self.slide(
        &sums, window * channels, adding: next, removing: ring,
        steps >= length ? leaving * channels : nil)
    }
    let start = slot * channels
    for channel in 0..<channels {
      ring[start + channel] = next[channel]
      next[channel] = 0
    }
    slot = slot + 1 == capacity ? 0 : slot + 1
    steps += 1
  }

  @inline(__always)
  private static func slide(
    _ sums: inout [Int128], _ start: Int, adding next: [Int128], removing ring: [Int128],
    _ leaving: Int?
  ) {
    var sums = sums.mutableSpan
    let next = next.span
    let ring = ring.span
    guard let leaving else {
      for channel in next.indices { sums[start + channel] &+= next[channel] }
      return
    }
    for channel in next.indices {
      sums[start + channel] &+= next[channel] &- ring[leaving + channel]
    }
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
///
/// Steps that add zero are not kept: most steps of most markets have neither trades nor moves.
struct StepTerms: Sendable {
  private let lengths: [Int]
  private var windows: [WindowAggregator<TermSum>]
  /// The steps of the terms in the longest window, oldest first, from the least head on.
  private var steps: [Int] = []
  /// Where each window begins in `steps`.
  private var heads: [Int]
  private var step = 0

  init(lengths: [Int]) {
    self.lengths = lengths
    windows = lengths.map { _ in WindowAggregator() }
    heads = lengths.map { _ in 0 }
  }

  mutating func push(_ value: DoubleDouble) {
    if value.high != 0 {
      steps.append(step)
      for window in windows.indices { windows[window].push(value) }
    }
    var oldest = steps.count
    for window in windows.indices {
      while heads[window] < steps.count, steps[heads[window]] <= step - lengths[window] {
        windows[window].removeFirst()
        heads[window] += 1
      }
      oldest = min(oldest, heads[window])
    }
    // Compact when half is spent: constant amortised time.
    if oldest > 1024, oldest * 2 > steps.count {
      steps.removeSubrange(..<oldest)
      for window in heads.indices { heads[window] -= oldest }
    }
    step += 1
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
