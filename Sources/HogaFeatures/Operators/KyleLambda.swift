internal import HogaCore

/// The least-squares slope of the mid's change per grid step on the step's signed volume.
///
/// From exact integer sums, rounded once at the end. NaN where signed volume does not vary, where
/// a mid at a grid time of the window is not known, and where the book was stale.
struct KyleLambda: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = []
  private let unit: Double
  /// x and y below this in size cannot overflow n·Σxy.
  private let narrow: UInt128
  /// Channels: x, y, x·y, x², broken steps, steps whose products may overflow.
  private var sums: StepSums

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    definitions = settings.windowed(
      "kyle_lambda", "Trades",
      "Δmid per grid step on its signed volume: least squares with intercept",
      unit: "price per size",
      source: "Kyle 1985, Continuous auctions and insider trading")
    // y is the change of twice the mid.
    unit = instrument.sizeScale / (2 * instrument.priceScale)
    let longest = settings.windowSteps.max() ?? 1
    // (n · |x|max)² < 2¹²⁶.
    narrow = UInt128(1) << UInt128(63 - (Int.bitWidth - longest.leadingZeroBitCount))
    sums = StepSums(channels: 6, lengths: settings.windowSteps)
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    let step = context.step
    var change: Int128 = 0
    var isBroken = true
    if let before = step.doubledMidBefore, let after = step.doubledMid {
      change = Int128(after) - Int128(before)
      isBroken = step.wasStale
    }
    let signed = step.signedVolume
    let isWide = change.magnitude >= narrow || signed.magnitude >= narrow
    sums.next[0] = signed
    sums.next[1] = change
    sums.next[2] = signed &* change
    sums.next[3] = signed &* signed
    sums.next[4] = isBroken ? 1 : 0
    sums.next[5] = isWide ? 1 : 0
    sums.push()
    for window in sums.lengths.indices { row.append(slope(window)) }
  }

  private func slope(_ window: Int) -> Double {
    guard sums.isComplete(window), sums.sum(window, 4) == 0 else { return .nan }
    let count = Int128(sums.lengths[window])
    guard sums.sum(window, 5) == 0 else { return wideSlope(window) }
    let x = sums.sum(window, 0)
    let covariance = count &* sums.sum(window, 2) &- x &* sums.sum(window, 1)
    return unit * ratio(covariance, count &* sums.sum(window, 3) &- x &* x)
  }

  /// The slow way round, for volumes that no market has seen.
  private func wideSlope(_ window: Int) -> Double {
    var moments = CoMoments()
    for ago in 0..<sums.lengths[window] {
      moments.push(sums.value(0, ago: ago).nearestDouble, sums.value(1, ago: ago).nearestDouble)
    }
    return unit * moments.slope
  }
}
