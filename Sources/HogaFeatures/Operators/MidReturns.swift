internal import HogaCore

/// `√Σ r²` of the mid's log returns between grid times.
struct RealizedVolatility: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = []
  private var squares: StepTerms
  /// One channel: steps whose return is not known, or in which the book was stale.
  private var broken: StepSums

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    definitions = settings.windows.map { window in
      FeatureDefinition(
        name: "rv_\(window)", group: "Trades",
        formula: "√Σ r_j², r_j = ln(mid_j / mid_{j−1}) between grid times", unit: "1",
        lookBack: .window(window),
        source: "Andersen, Bollerslev, Diebold, Labys 2003, Modeling realized volatility")
    }
    squares = StepTerms(lengths: settings.windowSteps)
    broken = StepSums(channels: 1, lengths: settings.windowSteps)
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    let change = context.step.logReturn
    let isBroken = context.step.wasStale || change.isNaN
    squares.push(change.isNaN ? .zero : .product(change, change))
    broken.next[0] = isBroken ? 1 : 0
    broken.push()
    for window in broken.lengths.indices {
      let isKnown = broken.isComplete(window) && broken.sum(window, 0) == 0
      row.append(isKnown ? squares.sum(window).value.squareRoot() : .nan)
    }
  }
}

/// The mean of `|r| / quote volume` over grid steps with trades.
///
/// Quote volume counts the contract's multiplier, as `Instrument` says. NaN where no step of the
/// window has trades, or where one that has does not have a return or a quote volume above zero.
struct AmihudIlliquidity: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = []
  private let quoteValue: QuoteValue
  private var ratios: StepTerms
  /// Channels: steps with trades; steps that break the window.
  private var counts: StepSums

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    definitions = settings.windows.map { window in
      FeatureDefinition(
        name: "amihud_\(window)", group: "Trades",
        formula: "mean over grid steps with trades of |r_j| / quote volume of the step",
        unit: "1 per quote currency", lookBack: .window(window),
        source: "Amihud 2002, Illiquidity and stock returns")
    }
    quoteValue = QuoteValue(instrument)
    ratios = StepTerms(lengths: settings.windowSteps)
    counts = StepSums(channels: 2, lengths: settings.windowSteps)
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    let step = context.step
    var term = 0.0
    var isBroken = step.wasStale
    if step.trades > 0 {
      let value = quoteValue.amount(notional: step.notional, lots: step.volume)
      term = abs(step.logReturn) / (value.nearestDouble / quoteValue.scale)
      if value <= 0 || !term.isFinite {
        isBroken = true
        term = 0
      }
    }
    ratios.push(DoubleDouble(term))
    counts.next[0] = step.trades > 0 ? 1 : 0
    counts.next[1] = isBroken ? 1 : 0
    counts.push()
    for window in counts.lengths.indices {
      let traded = counts.sum(window, 0)
      let isKnown = counts.isComplete(window) && counts.sum(window, 1) == 0 && traded > 0
      row.append(isKnown ? (ratios.sum(window) / traded.nearestDouble).value : .nan)
    }
  }
}

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
    definitions = settings.windows.map { window in
      FeatureDefinition(
        name: "kyle_lambda_\(window)", group: "Trades",
        formula: "Δmid per grid step on its signed volume: least squares with intercept",
        unit: "price per size", lookBack: .window(window),
        source: "Kyle 1985, Continuous auctions and insider trading")
    }
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

/// What trades are worth in quote currency, kept as exact counts until the end.
struct QuoteValue: Sendable {
  private let settlement: Instrument.Settlement
  /// Amounts are counts of 1/scale.
  let scale: Double

  init(_ instrument: Instrument) {
    settlement = instrument.settlement
    switch instrument.settlement {
    case .linear:
      scale = instrument.priceScale * instrument.sizeScale / instrument.multiplier
    case .inverse:
      // A contract is a fixed amount of quote currency, whatever the price.
      scale = instrument.sizeScale / instrument.multiplier
    }
  }

  func amount(notional: Int128, lots: Int128) -> Int128 {
    settlement == .linear ? notional : lots
  }
}
