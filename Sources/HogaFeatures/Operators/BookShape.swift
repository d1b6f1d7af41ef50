internal import HogaCore

/// The state of the book at the grid time: mid, spread, imbalances, slopes.
///
/// All columns are NaN where the book is one-sided or stale; ratios to the mid also where the mid
/// is not above zero, since basis points have no meaning there. Between book changes values are
/// carried.
struct BookShape: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = []
  private let levels: [Int]
  private let priceScale: Double
  private let sizeScale: Double
  private var values: [Double]

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    levels = settings.levels
    priceScale = instrument.priceScale
    sizeScale = instrument.sizeScale
    definitions = Self.definitions(settings)
    values = [Double](repeating: .nan, count: definitions.count)
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    if context.step.bookChanges > 0 || context.step.index == 0 { measure(context.book) }
    for value in values { row.append(value) }
  }

  private mutating func measure(_ book: BookTop) {
    guard let doubledMid = book.doubledMid else {
      for index in values.indices { values[index] = .nan }
      return
    }
    let sums = DepthSums(book, doubledMid: doubledMid)
    let bid = book.bid(0)
    let ask = book.ask(0)
    let spread = ask.ticks - bid.ticks
    let hasBase = doubledMid > 0
    values[0] = Double(doubledMid) / (2 * priceScale)
    values[1] = Double(spread) / priceScale
    values[2] = hasBase ? 2e4 * Double(spread) / Double(doubledMid) : .nan
    // m/mid − 1 with the mid taken out by hand: exact until the one division.
    let tilt = Int128(spread) * (Int128(bid.lots) - Int128(ask.lots))
    let weight = Int128(doubledMid) * (Int128(bid.lots) + Int128(ask.lots))
    values[3] = hasBase ? 1e4 * ratio(tilt, weight) : .nan
    var index = 4
    for level in levels {
      values[index] = imbalance(sums.bidLots[level - 1], sums.askLots[level - 1])
      index += 1
    }
    values[index] = imbalance(Int128(book.bidTotalLots), Int128(book.askTotalLots))
    index += 1
    for level in levels {
      let bids = sums.bidValue[level - 1]
      values[index] = ratio(bids, bids + sums.askValue[level - 1])
      index += 1
    }
    // Distances are 10⁴·d/M in bps, d = |2·price − M| in counts: the factor is taken out of the sums.
    let factor = hasBase ? Double(doubledMid) / (1e4 * sizeScale) : .nan
    for level in levels {
      values[index] = factor * sums.bidCross[level - 1] / sums.bidSquare[level - 1]
      values[index + levels.count] = factor * sums.askCross[level - 1] / sums.askSquare[level - 1]
      index += 1
    }
    // A slope through points that all lie at the mid: 0/0 is NaN already, x/0 is not.
    for slope in (index - levels.count)..<values.count where values[slope].isInfinite {
      values[slope] = .nan
    }
  }

  private func imbalance(_ bids: Int128, _ asks: Int128) -> Double {
    bids + asks == 0 ? 0 : ratio(bids - asks, bids + asks)
  }
}

/// Sums over the first L levels for each L; levels that do not exist add nothing.
private struct DepthSums {
  var bidLots = InlineArray<10, Int128>(repeating: 0)
  var askLots = InlineArray<10, Int128>(repeating: 0)
  /// Σ price · size, exact: 2⁵⁶ · 2⁶³ · 10 fits.
  var bidValue = InlineArray<10, Int128>(repeating: 0)
  var askValue = InlineArray<10, Int128>(repeating: 0)
  /// Σ distance · cumulative size and Σ distance², of terms that are never negative.
  var bidCross = InlineArray<10, Double>(repeating: 0)
  var askCross = InlineArray<10, Double>(repeating: 0)
  var bidSquare = InlineArray<10, Double>(repeating: 0)
  var askSquare = InlineArray<10, Double>(repeating: 0)

  init(_ book: BookTop, doubledMid: Int64) {
    // Spans, since reading an element of a stored inline array copies the array first.
    let bidTicks = book.bidTicks.span
    let bidSizes = book.bidLots.span
    let askTicks = book.askTicks.span
    let askSizes = book.askLots.span
    var lots: Int128 = 0
    var value: Int128 = 0
    var cross = 0.0
    var square = 0.0
    for level in 0..<BookTop.levelCount {
      if level < book.bidCount {
        let ticks = bidTicks[level]
        let size = bidSizes[level]
        lots += Int128(size)
        value += Int128(ticks) &* Int128(size)
        let distance = Double(abs(2 * ticks - doubledMid))
        cross += distance * lots.nearestDouble
        square += distance * distance
      }
      bidLots[level] = lots
      bidValue[level] = value
      bidCross[level] = cross
      bidSquare[level] = square
    }
    lots = 0
    value = 0
    cross = 0
    square = 0
    for level in 0..<BookTop.levelCount {
      if level < book.askCount {
        let ticks = askTicks[level]
        let size = askSizes[level]
        lots += Int128(size)
        value += Int128(ticks) &* Int128(size)
        let distance = Double(abs(2 * ticks - doubledMid))
        cross += distance * lots.nearestDouble
        square += distance * distance
      }
      askLots[level] = lots
      askValue[level] = value
      askCross[level] = cross
      askSquare[level] = square
    }
  }
}

extension BookShape {
  static func definitions(_ settings: FeatureSettings) -> [FeatureDefinition] {
    func define(
      _ name: String, _ formula: String, _ unit: String, _ source: String
    ) -> FeatureDefinition {
      FeatureDefinition(
        name: name, group: "Book", formula: formula, unit: unit, lookBack: .instant, source: source)
    }
    let common = "common definition"
    let queue = "Gould, Bonart 2016, Queue imbalance as a one-tick-ahead price predictor"
    let depth = "Cao, Hansch, Wang 2009, The information content of an open limit-order book"
    let curve = "after Næs, Skjeltorp 2006, Order book characteristics and volume–volatility"
    var all = [
      define("mid", "(b_1 + a_1) / 2", "price", common),
      define("spread", "a_1 − b_1", "price", common),
      define("spread_bps", "10⁴ · spread / mid", "bps", common),
      define(
        "microprice_dev_bps", "10⁴ · (m / mid − 1), m = (a_1·qb_1 + b_1·qa_1) / (qb_1 + qa_1)",
        "bps", "Gatheral, Oomen 2010, Zero-intelligence realized variance estimation"),
    ]
    all += settings.levels.map { level in
      define(
        "imbalance_\(level)",
        "(Σ qb_i − Σ qa_i) / (Σ qb_i + Σ qa_i), i ≤ \(level); 0 if both are 0",
        "1", level == 1 ? queue : depth)
    }
    all.append(define("depth_imbalance", "the same over every level the feed carries", "1", depth))
    all += settings.levels.map { level in
      define(
        "pressure_ratio_\(level)", "Σ b_i·qb_i / (Σ b_i·qb_i + Σ a_i·qa_i), i ≤ \(level)", "1",
        "common definition, by value")
    }
    for (side, letter) in [("bid", "b"), ("ask", "a")] {
      all += settings.levels.map { level in
        define(
          "\(side)_slope_\(level)",
          "Σ x_i·y_i / Σ x_i², x_i = 10⁴·|\(letter)_i − mid| / mid, y_i = Σ_{j≤i} q\(letter)_j, "
            + "i ≤ \(level)", "size per bps", curve)
      }
    }
    return all
  }
}
