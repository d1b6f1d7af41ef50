internal import HogaCore

/// `⌊numerator · factor / divisor⌋`, exact where the product alone would not fit 128 bits.
///
/// The remainder below `divisor` is scaled apart, so only `divisor · factor` and the result have to
/// fit.
/// - Precondition: `divisor` is above zero.
func flooredProduct(_ numerator: Int128, _ factor: Int128, over divisor: Int128) -> Int128 {
  let whole = numerator.floorDivided(by: divisor)
  let rest = numerator - whole * divisor
  return whole * factor + (rest * factor).floorDivided(by: divisor)
}

/// `⌈numerator · factor / divisor⌉`, exact in the same way.
func raisedProduct(_ numerator: Int128, _ factor: Int128, over divisor: Int128) -> Int128 {
  -flooredProduct(-numerator, factor, over: divisor)
}

/// The worth of lots before it is rounded to money: a fraction of money units, never negative.
struct ExactWorth: Hashable, Sendable {
  var numerator: Int128
  /// One for linear contracts, the price in half ticks for inverse ones.
  var denominator: Int128

  /// - Throws: `DataError` where `Contract.value` does: amounts beyond 10¹⁵, inverse at a price ≤ 0.
  init(_ contract: Contract, lots: Int64, halfTicks: Int64) throws(DataError) {
    guard contract.instrument.settlement == .inverse else {
      let worth = try contract.value(lots: lots, halfTicks: halfTicks)
      numerator = Int128(worth.units.magnitude)
      denominator = 1
      return
    }
    guard halfTicks > 0 else {
      throw DataError(
        "\(contract.instrument.symbol): an inverse contract has no value at a price ≤ 0")
    }
    // At one half tick nothing is divided, so the worth there is the numerator itself.
    let worth = try contract.value(lots: lots, halfTicks: 1)
    numerator = Int128(worth.units.magnitude)
    denominator = Int128(halfTicks)
  }

  /// Parts per million of the worth, rounded up.
  func raised(partsPerMillion parts: Int64) -> Money {
    Money(units: raisedProduct(numerator, Int128(parts), over: denominator * 1_000_000))
  }

  /// The worth rounded up to a money unit.
  var raised: Money { Money(units: raisedProduct(numerator, 1, over: denominator)) }
}
