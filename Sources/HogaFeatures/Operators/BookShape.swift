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
  /// The place in `levels` of each number of levels from 1 to the largest.
  private let places: [Int?]
  private let priceScale: Double
  private let sizeScale: Double
  private var values: [Double]

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    let levels = settings.levels
    self.levels = levels
    places = (0..<(levels.max() ?? 0)).map { levels.firstIndex(of: $0 + 1) }
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
    let spread = book.asks.ticks(0) - book.bids.ticks(0)
    let hasBase = doubledMid > 0
    values[0] = Double(doubledMid) / (2 * priceScale)
    values[1] = Double(spread) / priceScale
    values[2] = hasBase ? 2e4 * Double(spread) / Double(doubledMid) : .nan
    // m/mid − 1 with the mid taken out by hand: exact until the one division.
    let bidLots = Int128(book.bids.lots(0))
    let askLots = Int128(book.asks.lots(0))
    let tilt = Int128(spread) &* (bidLots - askLots)
    let weight = Int128(doubledMid) &* (bidLots + askLots)
    values[3] = hasBase ? 1e4 * ratio(tilt, weight) : .nan

    let count = levels.count
    values[4 + count] = imbalance(Int128(book.bids.totalLots), Int128(book.asks.totalLots))
    // Distances are 10⁴·d/M in bps, d = |2·price − M| in counts: the factor is taken out of the sums.
    let factor = hasBase ? Double(doubledMid) / (1e4 * sizeScale) : .nan
    var bids = DepthSums()
    var asks = DepthSums()
    for level in 0..<places.count {
      bids.add(book.bids, level, doubledMid)
      asks.add(book.asks, level, doubledMid)
      guard let place = places[level] else { continue }
      values[4 + place] = imbalance(bids.lots, asks.lots)
      values[5 + count + place] = ratio(bids.value, bids.value + asks.value)
      values[5 + 2 * count + place] = bids.slope(factor)
      values[5 + 3 * count + place] = asks.slope(factor)
    }
  }

  private func imbalance(_ bids: Int128, _ asks: Int128) -> Double {
    bids + asks == 0 ? 0 : ratio(bids - asks, bids + asks)
  }
}

/// Sums over a side's first levels; levels that do not exist add nothing.
private struct DepthSums {
  var lots: Int128 = 0
  /// Σ price · size, exact: 2⁵⁶ · 2⁶³ · 10 fits.
  var value: Int128 = 0
  /// Σ distance · cumulative size and Σ distance², of terms that are never negative.
  var cross = 0.0
  var square = 0.0

  @inline(__always)
  mutating func add(_ levels: BookTop.Levels, _ level: Int, _ doubledMid: Int64) {
    guard level < levels.count else { return }
    let ticks = levels.ticks(level)
    let size = levels.lots(level)
    lots &+= Int128(size)
    value &+= Int128(ticks) &* Int128(size)
    let distance = Double(abs(2 * ticks - doubledMid))
    cross += distance * lots.nearestDouble
    square += distance * distance
  }

  /// NaN where all levels lie at the mid.
  func slope(_ factor: Double) -> Double { square > 0 ? factor * cross / square : .nan }
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
