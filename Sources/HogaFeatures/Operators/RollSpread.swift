internal import HogaCore

/// Roll's spread: `2·√max(0, −cov(Δp_i, Δp_{i−1}))` over consecutive trade prices.
///
/// A pair of changes belongs to the window when all three prices lie inside. The covariance is the
/// sample's (n − 1), so it needs two pairs, four trades.
struct RollSpread: FeatureOperator {
  private struct Pair {
    /// The step of the first of the three trades.
    var step: Int
    /// Later and earlier change.
    var x: Int64
    var y: Int64
  }

  let definitions: [FeatureDefinition]
  let events: FeatureEvents = .trades
  private let priceScale: Double
  private let lengths: [Int]
  /// The last two trades: their prices and steps, older first.
  private var prices: (Int64, Int64) = (0, 0)
  private var steps: (Int, Int) = (0, 0)
  private var tradeCount = 0
  /// Pairs of the longest window, oldest first, from the least head on.
  private var pairs: [Pair] = []
  /// Where each window begins in `pairs`.
  private var heads: [Int]
  private var sums: [Sums]

  private struct Sums {
    var x: Int128 = 0
    var y: Int128 = 0
    var xy: Int128 = 0
    /// Pairs whose products may overflow.
    var wide = 0

    mutating func add(_ pair: Pair, _ sign: Int128) {
      x &+= sign &* Int128(pair.x)
      y &+= sign &* Int128(pair.y)
      xy &+= sign &* Int128(pair.x) &* Int128(pair.y)
      if max(pair.x.magnitude, pair.y.magnitude) >= 1 << 40 { wide += Int(sign) }
    }
  }

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    definitions = settings.windowed(
      "roll_spread", "Trades", "2·√max(0, −cov(Δp_i, Δp_{i−1})) over consecutive trade prices",
      unit: "price",
      source: "Roll 1984, A simple implicit measure of the effective bid–ask spread")
    priceScale = instrument.priceScale
    lengths = settings.windowSteps
    heads = lengths.map { _ in 0 }
    sums = lengths.map { _ in Sums() }
  }

  mutating func traded(_ trade: ClassifiedTrade, _ context: FeatureContext) {
    let price = trade.trade.price.ticks
    let step = context.step.index
    // Step 0 reaches back to the start and is in no complete window: its trades need no keeping.
    if tradeCount >= 2, steps.0 > 0, !lengths.isEmpty {
      let pair = Pair(step: steps.0, x: price - prices.1, y: prices.1 - prices.0)
      pairs.append(pair)
      for window in sums.indices { sums[window].add(pair, 1) }
    }
    prices = (prices.1, price)
    steps = (steps.1, step)
    tradeCount += 1
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    let index = context.step.index
    var oldest = pairs.count
    for window in lengths.indices {
      while heads[window] < pairs.count, pairs[heads[window]].step <= index - lengths[window] {
        sums[window].add(pairs[heads[window]], -1)
        heads[window] += 1
      }
      oldest = min(oldest, heads[window])
      row.append(index >= lengths[window] ? spread(window) : .nan)
    }
    // Compact when half is spent: constant amortised time.
    if oldest > 1024, oldest * 2 > pairs.count {
      pairs.removeSubrange(..<oldest)
      for window in heads.indices { heads[window] -= oldest }
    }
  }

  private func spread(_ window: Int) -> Double {
    let count = pairs.count - heads[window]
    guard count >= 2 else { return .nan }
    guard sums[window].wide == 0, count < 1 << 22 else { return wideSpread(window) }
    let n = Int128(count)
    // |x| < 2⁴⁰ and n < 2²²: below 2¹²⁵.
    let scaled = sums[window].x &* sums[window].y &- n &* sums[window].xy
    guard scaled > 0 else { return 0 }
    return 2 * ratio(scaled, n * (n - 1)).squareRoot() / priceScale
  }

  /// The slow way round, for price changes that no market has seen.
  private func wideSpread(_ window: Int) -> Double {
    var moments = CoMoments()
    for pair in pairs[heads[window]...] { moments.push(Double(pair.x), Double(pair.y)) }
    return 2 * max(0, -moments.covariance).squareRoot() / priceScale
  }
}
