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

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    levels = settings.flowLevels
    sizeScale = instrument.sizeScale
    definitions = Self.definitions(settings)
    sums = StepSums(channels: settings.flowLevels + 3, lengths: settings.windowSteps)
  }

  mutating func bookChanged(_ book: OrderBook, _ context: FeatureContext) {
    let bidCount = context.book.bidCount
    let askCount = context.book.askCount
    if bidCount > 0 { touch &+= Int128(context.book.bidLots[0]) }
    if askCount > 0 { touch &+= Int128(context.book.askLots[0]) }
    guard context.hasPrevious else { return }
    // Sizes are not negative, so each side's difference fits 64 bits.
    for level in 0..<min(levels, bidCount, context.previous.bidCount) {
      let price = context.book.bidTicks[level]
      let before = context.previous.bidTicks[level]
      let gained = price >= before ? context.book.bidLots[level] : 0
      let lost = price <= before ? context.previous.bidLots[level] : 0
      flow[level] &+= Int128(gained &- lost)
    }
    for level in 0..<min(levels, askCount, context.previous.askCount) {
      let price = context.book.askTicks[level]
      let before = context.previous.askTicks[level]
      let gained = price <= before ? context.book.askLots[level] : 0
      let lost = price >= before ? context.previous.askLots[level] : 0
      flow[level] &-= Int128(gained &- lost)
    }
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout FeatureRow
  ) throws(DataError) {
    let levels = levels
    sums.push { channel in
      if channel < levels { return flow[channel] }
      if channel == levels { return touch }
      return channel == levels + 1
        ? Int128(context.step.bookChanges) : context.step.wasStale ? 1 : 0
    }
    flow = InlineArray(repeating: 0)
    touch = 0
    let windows = sums.lengths.count
    for window in 0..<windows { row.append(flow(window, 0)) }
    for level in 0..<levels {
      for window in 0..<windows { row.append(flow(window, level)) }
    }
    for window in 0..<windows {
      let changes = sums.sum(window, levels + 1).nearestDouble
      let touches = sums.sum(window, levels).nearestDouble
      // Σe over the mean of (qb + qa)/2: the halves and the count go to the numerator.
      let flow = sums.sum(window, 0).nearestDouble
      row.append(isKnown(window) && touches > 0 ? 2 * changes * flow / touches : .nan)
    }
  }

  private func isKnown(_ window: Int) -> Bool {
    sums.isComplete(window) && sums.sum(window, levels + 2) == 0
  }

  private func flow(_ window: Int, _ level: Int) -> Double {
    isKnown(window) ? sums.sum(window, level).nearestDouble / sizeScale : .nan
  }
}

extension OrderFlow {
  static func definitions(_ settings: FeatureSettings) -> [FeatureDefinition] {
    func define(
      _ name: String, _ formula: String, _ unit: String, _ window: TimeSpan, _ source: String
    ) -> FeatureDefinition {
      FeatureDefinition(
        name: name, group: "Order flow", formula: formula, unit: unit, lookBack: .window(window),
        source: source)
    }
    let cont = "Cont, Kukanov, Stoikov 2014, The price impact of order book events"
    let flow =
      "Σ 1{b_n ≥ b_{n−1}} qb_n − 1{b_n ≤ b_{n−1}} qb_{n−1} "
      + "− 1{a_n ≤ a_{n−1}} qa_n + 1{a_n ≥ a_{n−1}} qa_{n−1}"
    var all = settings.windows.map { define("ofi_\($0)", "\(flow), best level", "size", $0, cont) }
    for level in 1...settings.flowLevels {
      all += settings.windows.map {
        define(
          "mlofi_\(level)_\($0)", "\(flow), level \(level)", "size", $0,
          "Xu, Gould, Howison 2018, Multi-level order-flow imbalance in a limit order book")
      }
    }
    all += settings.windows.map {
      define("ofi_norm_\($0)", "ofi_\($0) / mean of (qb_1 + qa_1)/2 after each change", "1", $0, cont)
    }
    return all
  }
}
