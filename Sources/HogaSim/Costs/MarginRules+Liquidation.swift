public import HogaCore

/// When an account can no longer carry its position.
///
/// Equity is cash plus the position's value; at or below the maintenance margin the venue closes the
/// position. One account backs one position here, with all of its cash (cross margin).
extension MarginRules {
  /// Whether the account is to be liquidated at a mark in half ticks.
  ///
  /// - Throws: `DataError` where the worth is beyond 10¹⁵, or the price of an inverse contract ≤ 0.
  public func isLiquidated(
    cash: Money, position: Int64, markHalfTicks: Int64, contract: Contract
  ) throws(DataError) -> Bool {
    guard position != 0 else { return false }
    let value = try contract.value(lots: position, halfTicks: markHalfTicks)
    return cash + value <= maintenanceMargin(worth: Money(units: abs(value.units)))
  }

  /// What the venue charges for closing lots itself, rounded up.
  public func liquidationFee(
    lots: Int64, ticks: Int64, contract: Contract
  ) throws(DataError) -> Money {
    try ExactWorth(contract, lots: lots, halfTicks: FeeMeter.doubled(ticks, contract))
      .raised(partsPerMillion: liquidationFeePartsPerMillion)
  }

  /// The mark in half ticks at which the account is first liquidated as the market turns against it:
  /// the highest such mark for a long position, the lowest for a short one.
  ///
  /// `nil` where no price above zero does it. In closed form: with `w` the worth, `m` a tier's share
  /// and `d` its deduction, maintenance is the largest of the tiers' lines `m·w − d`, since shares
  /// rise. Equity `c ± w` therefore meets it at the largest of `(−c − d)/(1 − m)` where value rises
  /// with worth (linear long, inverse short), and at the smallest of `(c + d)/(1 + m)` where it falls
  /// (linear short, inverse long). Worth then gives the price: `w/u` when linear and `u/w` when
  /// inverse, `u` being the worth at one half tick. Margins are rounded to money units and prices to
  /// half ticks, so the last step looks at the neighbours.
  /// - Throws: `DataError` where the worth there is beyond 10¹⁵.
  public func liquidationHalfTicks(
    cash: Money, position: Int64, contract: Contract
  ) throws(DataError) -> Int64? {
    guard position != 0 else { return nil }
    let highest = 2 * MarketRange.ticks.upperBound
    let guess = try closedForm(cash: cash, position: position, contract: contract)
    // A long position is liquidated from here down, a short one from the next mark up.
    let last = try lastLow(near: guess, below: highest) { (mark) throws(DataError) in
      try isLiquidated(cash: cash, position: position, markHalfTicks: mark, contract: contract)
        == (position > 0)
    }
    if position > 0 { return last > 0 ? last : nil }
    return last < highest ? last + 1 : nil
  }

  /// The price in half ticks at which equity meets maintenance, before roundings, rounded down.
  ///
  /// Within the range of prices, at whose ends there may be nothing to meet.
  package func closedForm(
    cash: Money, position: Int64, contract: Contract
  ) throws(DataError) -> Int64 {
    let isInverse = contract.instrument.settlement == .inverse
    let worth = criticalWorth(cash: cash, valueRises: (position > 0) != isInverse)
    let unit = Int128(try contract.value(lots: position, halfTicks: 1).units.magnitude)
    let highest = Int128(2 * MarketRange.ticks.upperBound)
    let price = isInverse ? (worth > 0 ? unit / worth : highest) : worth / unit
    return Int64(min(max(price, 1), highest))
  }

  /// The worth at which equity meets maintenance, within a few money units; below zero: none.
  private func criticalWorth(cash: Money, valueRises: Bool) -> Int128 {
    let worths = tiers.indices.map { index in
      let share = Int128(tiers[index].maintenancePartsPerMillion)
      // The deduction is in millionths of a unit.
      let deduction = deductions[index] / 1_000_000
      return valueRises
        ? flooredProduct(-cash.units - deduction, 1_000_000, over: 1_000_000 - share)
        : flooredProduct(cash.units + deduction, 1_000_000, over: 1_000_000 + share)
    }
    return valueRises ? worths.reduce(.min, max) : worths.reduce(.max, min)
  }

  /// The last mark in `1...highest` of which `isLow` holds, zero where it holds of none.
  ///
  /// `isLow` holds up to some mark and never after it. Searches outward from a guess.
  private func lastLow(
    near guess: Int64, below highest: Int64, _ isLow: (Int64) throws(DataError) -> Bool
  ) throws(DataError) -> Int64 {
    var low: Int64 = 0
    var high = highest + 1
    var step: Int64 = 1
    if try isLow(guess) {
      low = guess
      while low + step < high {
        guard try isLow(low + step) else {
          high = low + step
          break
        }
        low += step
        step *= 2
      }
    } else {
      high = guess
      while high - step > low {
        if try isLow(high - step) {
          low = high - step
          break
        }
        high -= step
        step *= 2
      }
    }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if try isLow(middle) { low = middle } else { high = middle }
    }
    return low
  }
}
