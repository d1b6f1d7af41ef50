public import HogaCore

/// An exact amount of the settlement currency, counted in `10^-18` units.
///
/// 128 bits hold ±1.7·10²⁰ units of currency at that scale. The scale is the same for every
/// instrument, so that a tick times a lot is always a whole count and accounts never drift.
public struct Money: Hashable, Sendable {
  /// Counts of `10^-18` of the currency.
  public var units: Int128

  public static let decimals = 18
  public static let zero = Money(units: 0)
  static let unitsPerCurrency: Int128 = 1_000_000_000_000_000_000
  /// Single amounts above 10¹⁵ units of currency are refused, so that sums cannot overflow.
  static let maximumUnits: Int128 = 1_000_000_000_000_000 * unitsPerCurrency

  public init(units: Int128) { self.units = units }

  /// The nearest exact amount to a figure in units of currency.
  ///
  /// - Throws: `UsageError` where the figure is not finite or above 10¹⁵.
  public init(_ amount: Double) throws(UsageError) {
    guard amount.isFinite, abs(amount) <= 1e15 else {
      throw UsageError("an amount of \(amount) is beyond ±10¹⁵ units of currency")
    }
    // Whole and fractional part apart, so that 0.1 becomes 10¹⁷ and not its binary neighbour.
    let whole = amount.rounded(.towardZero)
    let billionths = ((amount - whole) * 1e9).rounded()
    units = Int128(whole) * Self.unitsPerCurrency + Int128(billionths) * 1_000_000_000
  }

  /// The amount in units of currency: whole and fractional part apart, so that whole amounts are
  /// exact.
  public var value: Double {
    let (whole, fraction) = units.quotientAndRemainder(dividingBy: Self.unitsPerCurrency)
    return Double(whole) + Double(fraction) / 1e18
  }
}

extension Money: Comparable {
  public static func < (left: Money, right: Money) -> Bool { left.units < right.units }
}

extension Money: AdditiveArithmetic {
  public static func + (left: Money, right: Money) -> Money {
    Money(units: left.units + right.units)
  }
  public static func - (left: Money, right: Money) -> Money {
    Money(units: left.units - right.units)
  }
  public static prefix func - (amount: Money) -> Money { Money(units: -amount.units) }
}

extension Money: CustomStringConvertible {
  /// Plain decimal text without trailing zeros: `-1234.5`.
  public var description: String {
    let digits = String(units.magnitude)
    let padded = String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    var fraction = padded.suffix(18)
    while fraction.last == "0" { fraction.removeLast() }
    return (units < 0 ? "-" : "") + padded.dropLast(18) + (fraction.isEmpty ? "" : "." + fraction)
  }
}

/// What lots of an instrument are worth at a price, in exact integers.
///
/// One formula serves both settlements: a position of `n` lots is worth `n · V(p)`, buying costs
/// `V(p)`, and equity is cash plus position value. Linear: `V(p) = multiplier · p` in the quote
/// currency. Inverse: `V(p) = −multiplier / p` in the base currency, which rises with the price and
/// gives the usual `n · multiplier · (1/entry − 1/exit)`.
public struct Contract: Hashable, Sendable {
  public let instrument: Instrument
  /// Linear: money units per lot and half tick. Inverse: the numerator per lot over half ticks.
  private let factor: Int128
  private let isInverse: Bool

  /// - Throws: `UsageError` where the instrument's units do not fit the money scale.
  public init(_ instrument: Instrument) throws(UsageError) {
    self.instrument = instrument
    isInverse = instrument.settlement == .inverse
    guard (0...17).contains(instrument.priceDecimals), (0...17).contains(instrument.sizeDecimals),
      instrument.tickIncrement > 0
    else {
      throw UsageError("\(instrument.symbol): decimals or tick increment make no sense")
    }
    let (count, decimals) = try Self.exact(instrument.multiplier, symbol: instrument.symbol)
    // A half tick must be a whole number of units, hence 17 and not 18.
    let exponent =
      isInverse
      ? 18 + instrument.priceDecimals - instrument.sizeDecimals - decimals
      : 18 - instrument.priceDecimals - instrument.sizeDecimals - decimals
    guard (1...30).contains(exponent) else {
      throw UsageError(
        "\(instrument.symbol): the decimals of price, size and multiplier together exceed 17")
    }
    let power = (0..<exponent).reduce(Int128(1)) { product, _ in product * 10 }
    let (scaled, overflow) = power.multipliedReportingOverflow(by: count)
    let (doubled, doubleOverflow) = scaled.multipliedReportingOverflow(by: 2)
    guard !overflow, !doubleOverflow else {
      throw UsageError("\(instrument.symbol): the multiplier is too large for the money scale")
    }
    factor = isInverse ? doubled : scaled / 2
  }

  private static func exact(
    _ multiplier: Double, symbol: String
  ) throws(UsageError) -> (count: Int128, decimals: Int) {
    guard multiplier.isFinite, multiplier > 0, multiplier < 1e12 else {
      throw UsageError("\(symbol): a multiplier of \(multiplier) makes no sense")
    }
    for decimals in 0...9 {
      let scale = Double(Decimal.power(decimals))
      let count = (multiplier * scale).rounded()
      if count / scale == multiplier { return (Int128(count), decimals) }
    }
    throw UsageError("\(symbol): a multiplier of \(multiplier) has more than nine decimals")
  }

  /// The worth of lots at a price given in half ticks: twice the ticks, or best bid plus best ask.
  ///
  /// Odd in `lots`. Exact for linear contracts; truncated to `10^-18` for inverse ones.
  /// - Throws: `DataError` where the amount is beyond 10¹⁵ units of currency, or where an inverse
  ///   contract meets a price of zero or less.
  public func value(lots: Int64, halfTicks: Int64) throws(DataError) -> Money {
    let (product, overflow) = factor.multipliedReportingOverflow(by: Int128(lots))
    guard !overflow else { throw tooLarge(lots, halfTicks) }
    if isInverse {
      guard halfTicks > 0 else {
        throw DataError("\(instrument.symbol): an inverse contract has no value at a price ≤ 0")
      }
      return try checked(-(product / Int128(halfTicks)), lots, halfTicks)
    }
    let (amount, secondOverflow) = product.multipliedReportingOverflow(by: Int128(halfTicks))
    guard !secondOverflow else { throw tooLarge(lots, halfTicks) }
    return try checked(amount, lots, halfTicks)
  }

  /// The fee of a fill: parts per million of its worth, rounded up, which is against us.
  ///
  /// A rebate (negative parts) is rounded the same way, so it is never more than promised.
  public func fee(
    lots: Int64, ticks: Int64, partsPerMillion: Int64
  ) throws(DataError) -> Money {
    let worth = Int128(try value(lots: lots, halfTicks: 2 * ticks).units.magnitude)
    let scaled = worth * Int128(partsPerMillion)  // fits: 10³³ · 10⁵
    let (quotient, remainder) = scaled.quotientAndRemainder(dividingBy: 1_000_000)
    return Money(units: remainder > 0 ? quotient + 1 : quotient)
  }

  /// A settlement amount in quote currency: itself when linear, times the price when inverse.
  public func inQuote(_ amount: Money, halfTicks: Int64) -> Double {
    isInverse ? amount.value * price(halfTicks: halfTicks) : amount.value
  }

  /// A price in quote currency from half ticks.
  public func price(halfTicks: Int64) -> Double { Double(halfTicks) / 2 / instrument.priceScale }

  private func checked(
    _ amount: Int128, _ lots: Int64, _ halfTicks: Int64
  ) throws(DataError) -> Money {
    guard amount.magnitude <= Money.maximumUnits.magnitude else { throw tooLarge(lots, halfTicks) }
    return Money(units: amount)
  }

  private func tooLarge(_ lots: Int64, _ halfTicks: Int64) -> DataError {
    DataError(
      "\(instrument.symbol): \(lots) lots at \(halfTicks) half ticks are worth more than 10¹⁵")
  }
}
