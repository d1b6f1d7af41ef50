internal import Glibc
internal import HogaCore

/// Volume-synchronised probability of informed trading, from signed trades.
///
/// Trades fill buckets of equal volume one after another, from the first trade of the input on; a
/// trade that overfills one is split across as many as it fills. Volume is counted in whole units
/// fine enough to hold the bucket's size, so buckets never drift. The book plays no part, so a gap
/// in the depth feed does not touch it.
struct VPIN: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = .trades
  private let bucket: BucketSize?
  private var filled: Int128 = 0
  /// Bought minus sold in the open bucket.
  private var imbalance: Int128 = 0
  /// |bought − sold| of the last completed buckets, in a ring.
  private var ring: [Int128]
  private var slot = 0
  private var completed = 0
  /// Of the ring.
  private var sum: Int128 = 0
  private var isTooLarge = false

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    definitions = [
      FeatureDefinition(
        name: "vpin", group: "Trades",
        formula: "mean of |V_buy − V_sell| / V over the last \(settings.vpinBuckets) buckets of V",
        unit: "1", lookBack: .buckets(settings.vpinBuckets),
        source: "Easley, López de Prado, O'Hara 2012, Flow toxicity and liquidity")
    ]
    bucket = settings.vpinBucket.map { BucketSize($0, instrument) }
    ring = [Int128](repeating: 0, count: settings.vpinBuckets)
  }

  mutating func traded(_ trade: ClassifiedTrade, _ context: FeatureContext) {
    guard let bucket else { return }
    let lots = Int128(trade.trade.quantity.lots)
    guard var left = bucket.units(notional: trade.notional, lots: lots) else {
      isTooLarge = true
      return
    }
    while left > 0 {
      if filled == 0, left >= bucket.size {
        // Buckets that this trade fills alone; beyond the ring's length they only replace
        // themselves.
        let count = left / bucket.size
        for _ in 0..<min(count, Int128(ring.count)) { complete(bucket.size) }
        left -= count * bucket.size
        continue
      }
      let part = min(left, bucket.size - filled)
      filled += part
      imbalance += trade.sign > 0 ? part : -part
      left -= part
      if filled == bucket.size {
        complete(Int128(imbalance.magnitude))
        filled = 0
        imbalance = 0
      }
    }
  }

  private mutating func complete(_ value: Int128) {
    sum += value - ring[slot]
    ring[slot] = value
    slot = slot + 1 == ring.count ? 0 : slot + 1
    completed = min(ring.count, completed + 1)
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    guard !isTooLarge else { throw BucketSize.tooLarge }
    guard let bucket, completed == ring.count else {
      row.append(.nan)
      return
    }
    row.append(ratio(sum, bucket.size) / Double(ring.count))
  }
}

/// VPIN from bulk classification: time bars are split into bought and sold by their price change.
///
/// Bars are `(m·bar, (m + 1)·bar]` counted from midnight, as windows are; those without trades do
/// not exist. `Δp` is the change of the last price from one bar to the next, and σ the sample
/// deviation (n − 1) of all Δp so far, this bar's included. A bar whose share cannot be known (the
/// first, those before σ is, and those while σ is zero) is left out of the buckets.
struct BulkVPIN: FeatureOperator {
  let definitions: [FeatureDefinition]
  let events: FeatureEvents = .trades
  private let bucket: BucketSize?
  private let bar: Int64
  private let origin: Int64

  // The open bar.
  private var barEnd: Int64?
  private var lastPrice: Int64 = 0
  private var barUnits: Int128 = 0

  // Completed bars.
  private var closeBefore: Int64?
  private var changes: Int128 = 0
  private var changeSum: Int128 = 0
  private var changeSquares: Int128 = 0

  // Buckets.
  private var filled: Int128 = 0
  private var imbalance = DoubleDouble.zero
  private var buckets: CountWindow<StableSum>
  private var isTooLarge = false

  init(_ settings: FeatureSettings, _ instrument: Instrument) {
    definitions = [
      FeatureDefinition(
        name: "vpin_bvc", group: "Trades",
        formula: "as vpin, buy share Φ(Δp/σ) per bar of \(settings.vpinBar)", unit: "1",
        lookBack: .history,
        source: "Easley, López de Prado, O'Hara 2012, Bulk classification of trading activity")
    ]
    bucket = settings.vpinBucket.map { BucketSize($0, instrument) }
    bar = settings.vpinBar.nanoseconds
    origin = settings.gridOrigin.nanoseconds
    buckets = CountWindow(settings.vpinBuckets)
  }

  mutating func traded(_ trade: ClassifiedTrade, _ context: FeatureContext) {
    guard let bucket else { return }
    let arrival = trade.trade.moment.arrival
    if let barEnd, arrival > barEnd { completeBar(bucket) }
    if barEnd == nil {
      barEnd = Grid.firstTime(atOrAfter: arrival, every: bar, origin: origin)
    }
    let lots = Int128(trade.trade.quantity.lots)
    if let units = bucket.units(notional: trade.notional, lots: lots), units < 1 << 118 {
      // The bar's sum of 2⁹ such trades fits, and the limit is far beyond any market.
      let (sum, overflow) = barUnits.addingReportingOverflow(units)
      barUnits = sum
      if overflow { isTooLarge = true }
    } else {
      isTooLarge = true
    }
    lastPrice = trade.trade.price.ticks
  }

  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    if let bucket, let barEnd, barEnd <= context.step.time { completeBar(bucket) }
    guard !isTooLarge else { throw BucketSize.tooLarge }
    guard let bucket, buckets.isFull else {
      row.append(.nan)
      return
    }
    row.append(buckets.aggregate.value / bucket.size.nearestDouble / Double(buckets.capacity))
  }

  private mutating func completeBar(_ bucket: BucketSize) {
    defer {
      closeBefore = lastPrice
      barEnd = nil
      barUnits = 0
    }
    guard !isTooLarge, let closeBefore else { return }
    let change = Int128(lastPrice - closeBefore)
    changes += 1
    changeSum &+= change
    // |Δp| < 2⁵⁷, so 2¹³ bars of the largest possible change fit.
    let (squares, overflow) = changeSquares.addingReportingOverflow(change &* change)
    changeSquares = squares
    guard !overflow else {
      isTooLarge = true
      return
    }
    // n(n − 1)σ², exact where it fits, else to 32 digits.
    let spread =
      DoubleDouble(nearest: changes) * DoubleDouble(nearest: changeSquares)
      - DoubleDouble(nearest: changeSum) * DoubleDouble(nearest: changeSum)
    guard changes > 1, spread.value > 0 else { return }
    let count = changes.nearestDouble
    let deviation = (spread.value / (count * (count - 1))).squareRoot()
    // Buy share minus sell share: Φ(z) − (1 − Φ(z)).
    pour(barUnits, tilt: erf(change.nearestDouble / deviation / 2.0.squareRoot()), bucket)
  }

  private mutating func pour(_ units: Int128, tilt: Double, _ bucket: BucketSize) {
    var left = units
    while left > 0 {
      if filled == 0, left >= bucket.size {
        let count = left / bucket.size
        let value = abs(tilt) * bucket.size.nearestDouble
        for _ in 0..<min(count, Int128(buckets.capacity)) { buckets.push(value) }
        left -= count * bucket.size
        continue
      }
      let part = min(left, bucket.size - filled)
      filled += part
      imbalance += DoubleDouble.product(tilt, part.nearestDouble)
      left -= part
      if filled == bucket.size {
        buckets.push(abs(imbalance.value))
        filled = 0
        imbalance = .zero
      }
    }
  }
}

/// A bucket's size and what fills it, in whole units fine enough for the size as given.
struct BucketSize: Sendable {
  let size: Int128
  private let unitsPerCount: Int128
  /// Filled by value in quote currency, or by size.
  private let quoteValue: QuoteValue?

  static let tooLarge = DataError("a trade is too large to be counted in volume buckets")

  init(_ setting: FeatureSettings.VolumeBucket, _ instrument: Instrument) {
    switch setting {
    case .fraction(let lots, let parts):
      size = Int128(lots)
      unitsPerCount = Int128(parts)
      quoteValue = nil
    case .base(let amount):
      quoteValue = nil
      (size, unitsPerCount) = Self.units(amount * instrument.sizeScale)
    case .quote(let amount):
      let value = QuoteValue(instrument)
      quoteValue = value
      (size, unitsPerCount) = Self.units(amount * value.scale)
    }
  }

  /// - Throws: `UsageError` for a bucket below the least that can trade, or beyond what is counted.
  static func check(
    _ setting: FeatureSettings.VolumeBucket, _ instrument: Instrument
  ) throws(UsageError) {
    let (amount, counts, limit): (Double, Double, Double)
    let least: String
    switch setting {
    case .fraction(let lots, let parts):
      guard lots >= parts else {
        throw UsageError("vpin bucket: \(lots) lots in \(parts) parts is less than a lot each")
      }
      return
    case .base(let size):
      (amount, counts, limit) = (size, size * instrument.sizeScale, 0x1p63)
      least = "a lot of \(1 / instrument.sizeScale)"
    case .quote(let size):
      let value = QuoteValue(instrument)
      (amount, counts, limit) = (size, size * value.scale, 0x1p100)
      least = "the least value that a lot can have, \(1 / value.scale)"
    }
    // One lot as a decimal fraction may come out an ulp below.
    guard counts > 1 - 1e-12 else {
      throw UsageError("vpin bucket: \(amount) is less than \(least)")
    }
    guard counts < limit else {
      throw UsageError("vpin bucket: \(amount) is too large to be counted exactly")
    }
  }

  /// Enough units to the count for the size to be right to 13 digits; whole counts are exact.
  private static func units(_ counts: Double) -> (size: Int128, perCount: Int128) {
    let bits = counts < 0x1p20 ? 40 : 24
    // `check` bounds the counts; the catalogue, which measures nothing, does not.
    let size = Double(sign: .plus, exponent: bits, significand: min(counts, 0x1p100))
    return (max(1, Int128(size.rounded())), 1 << Int128(bits))
  }

  /// What a trade adds, or `nil` where it is too large to count.
  func units(notional: Int128, lots: Int128) -> Int128? {
    let amount = quoteValue?.amount(notional: notional, lots: lots) ?? lots
    let (units, overflow) = amount.multipliedReportingOverflow(by: unitsPerCount)
    return overflow ? nil : units
  }
}
