internal import HogaCore

/// Exact products of quantities, prices and rates, rounded to whichever side is asked.
///
/// Won are counted whole, tether and coins in 10⁻⁸, prices in 10⁻⁸ of the currency per coin, rates
/// in parts per million. All fit 128 bits with room: amounts are held below 10¹⁵ of a currency.
enum Exact {
  /// Counts of 10⁻⁸ in one tether, one coin, or one unit of a price.
  static let one: Int128 = 100_000_000
  static let million: Int128 = 1_000_000
  /// No amount may be above this, in won or tether.
  static let maximum = 1e15

  /// The nearest count of 10⁻⁸ to a price above zero.
  static func count(_ value: Double, _ what: String) throws(DataError) -> Int128 {
    guard value > 0, value < maximum else {
      throw DataError("\(what) of \(value) is not above zero and below 10¹⁵")
    }
    let whole = value.rounded(.down)
    return Int128(whole) * one + Int128(((value - whole) * 1e8).rounded())
  }

  /// `value · factor / divisor`, rounded down or up; no factor is below zero.
  static func scaled(
    _ value: Int128, _ factor: Int128, _ divisor: Int128, up: Bool
  ) throws(DataError) -> Int128 {
    let (product, overflow) = value.multipliedReportingOverflow(by: factor)
    guard !overflow else { throw DataError("an amount does not fit 128 bits") }
    let (quotient, rest) = product.quotientAndRemainder(dividingBy: divisor)
    return up && rest > 0 ? quotient + 1 : quotient
  }
}
