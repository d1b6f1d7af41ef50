internal import HogaCore

/// Order flow imbalance at each level of the book.
///
/// Every book event that the feed delivers counts as one change, also one that leaves the first
/// levels as they were. A level that is missing on a side before or after the change adds nothing
/// for that side. A window in which the book was stale is NaN: a gap is never bridged.
struct OrderFlow: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = .book
  private let levels: Int
  private let sizeScale: Double
  /// Σ e_n of the step per level.
  private var flow = InlineArray<10, Int128>(repeating: 0)
  /// Σ (qb_1 + qa_1) after each change of the step.
  private var touch: Int128 = 0
  /// Channels: a level each, then touch, changes, stale.
  private var sums: StepSums
  /// The unit of each window's sums; NaN where they are not known.
  private var scales: [Double]

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    levels = settings.flowLevels
    sizeScale = instrument.sizeScale
    definitions = Self.definitions(settings)
    sums = StepSums(channels: settings.flowLevels + 3, lengths: settings.windowSteps)
    scales = settings.windows.map { _ in .nan }
  }

  mutating func bookChanged(_ book: OrderBook, _ context: FeatureContext) {
    let bidCount = context.book.bids.count
    let askCount = context.book.asks.count
    if bidCount > 0 { touch &+= Int128(context.book.bids.cells[1]) }
    if askCount > 0 { touch &+= Int128(context.book.asks.cells[1]) }
    guard context.hasPrevious else { return }
    add(
      context.book.bids.cells.span, context.previous.bids.cells.span,
      min(levels, bidCount, context.previous.bids.count), .buy)
    add(
      context.book.asks.cells.span, context.previous.asks.cells.span,
      min(levels, askCount, context.previous.asks.count), .sell)
  }

  /// Adds one side's part of e_n: sizes at a price as good or better came, as good or worse went.
  @inline(__always)
  private mutating func add(
    _ now: Span<Int64>, _ before: Span<Int64>, _ count: Int, _ side: Side
  ) {
    for level in 0..<count {
      let move = now[2 * level] - before[2 * level]
      let isWorse = side == .buy ? move < 0 : move > 0
      let came = isWorse ? 0 : now[2 * level + 1]
      let went = isWorse || move == 0 ? before[2 * level + 1] : 0
      // Sizes are not negative, so the difference fits 64 bits.
      let change = Int128(came &- went)
      if side == .buy { flow[level] &+= change } else { flow[level] &-= change }
    }
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    for level in 0..<levels { sums.next[level] = flow[level] }
    sums.next[levels] = touch
    sums.next[levels + 1] = Int128(context.step.bookChanges)
    sums.next[levels + 2] = context.step.wasStale ? 1 : 0
    sums.push()
    flow = InlineArray(repeating: 0)
    touch = 0
    // One division by NaN marks a whole window as unknown.
    for window in scales.indices {
      let isKnown = sums.isComplete(window) && sums.sum(window, levels + 2) == 0
      scales[window] = isKnown ? sizeScale : .nan
    }
    for window in scales.indices {
      row.append(sums.sum(window, 0).nearestDouble / scales[window])
    }
    for level in 0..<levels {
      for window in scales.indices {
        row.append(sums.sum(window, level).nearestDouble / scales[window])
      }
    }
    for window in scales.indices {
      let changes = sums.sum(window, levels + 1).nearestDouble
      let touches = sums.sum(window, levels).nearestDouble
      // Σe over the mean of (qb + qa)/2: the halves and the count go to the numerator.
      let flow = sums.sum(window, 0).nearestDouble
      row.append(touches > 0 && !scales[window].isNaN ? 2 * changes * flow / touches : .nan)
    }
  }
}

extension OrderFlow {
  static func definitions(_ settings: FeatureSettings) -> [FeatureDefinition] {
    let cont = "Cont, Kukanov, Stoikov 2014, The price impact of order book events"
    let flow =
      "Σ 1{b_n ≥ b_{n−1}} qb_n − 1{b_n ≤ b_{n−1}} qb_{n−1} "
      + "− 1{a_n ≤ a_{n−1}} qa_n + 1{a_n ≥ a_{n−1}} qa_{n−1}"
    var all = settings.windowed(
      "ofi", "Order flow", "\(flow), best level", unit: "size", source: cont)
    for level in 1...settings.flowLevels {
      all += settings.windowed(
        "mlofi_\(level)", "Order flow", "\(flow), level \(level)", unit: "size",
        source: "Xu, Gould, Howison 2018, Multi-level order-flow imbalance in a limit order book")
    }
    for window in settings.windows {
      all.append(
        settings.windowed(
          "ofi_norm", "Order flow", "ofi_\(window) / mean of (qb_1 + qa_1)/2 after each change",
          unit: "1", source: cont, over: window))
    }
    return all
  }
}
