public import HogaCore
public import HogaSim

/// What is traded on bars: the units of its prices and sizes, and what an order must look like.
///
/// Settlement is linear: a lot is worth its price in the currency of the account. Prices count
/// `10^-priceDecimals`, sizes `10^-sizeDecimals`; together at most 18 decimals, so that a lot at a
/// tick is a whole number of `Money`'s units.
public struct BarInstrument: Hashable, Sendable {
  public let symbol: String
  public let priceDecimals: Int
  public let sizeDecimals: Int
  /// Orders and positions are whole multiples of so many lots.
  public let lotStep: Int64
  /// Orders worth less are not sent, except those that close a position.
  public let minimumNotional: Money

  /// Prices from a thousand million on are refused, so that sums of worths cannot overflow.
  static let maximumPrice = 1e9
  /// The largest worth of a single position, in units of currency.
  static let maximumWorth = 1e15

  /// - Throws: `UsageError` where decimals, step or minimum make no sense.
  public init(
    symbol: String, priceDecimals: Int = 8, sizeDecimals: Int = 8, lotStep: Int64 = 1,
    minimumNotional: Money = .zero
  ) throws(UsageError) {
    guard (0...9).contains(priceDecimals), (0...9).contains(sizeDecimals) else {
      throw UsageError("\(symbol): decimals of price and size are between 0 and 9")
    }
    guard lotStep > 0, lotStep <= 1_000_000_000_000_000 else {
      throw UsageError("\(symbol): a lot step of \(lotStep) is not between 1 and 10¹⁵")
    }
    guard minimumNotional >= .zero else {
      throw UsageError("\(symbol): a smallest notional of \(minimumNotional) is below zero")
    }
    self.symbol = symbol
    self.priceDecimals = priceDecimals
    self.sizeDecimals = sizeDecimals
    self.lotStep = lotStep
    self.minimumNotional = minimumNotional
  }

  /// `Money`'s units in a lot at a price of one tick.
  var unitsPerLotTick: Int64 { Decimal.power(Money.decimals - priceDecimals - sizeDecimals) }
  var priceScale: Double { Double(Decimal.power(priceDecimals)) }
  var sizeScale: Double { Double(Decimal.power(sizeDecimals)) }
  /// The size of a step: 0.001 coins.
  var stepSize: Double { Double(lotStep) / sizeScale }

  /// A size as a whole number of lots, or `nil` where it has more decimals than sizes have.
  public static func lots(_ size: Double, decimals: Int) -> Int64? {
    let scale = Double(Decimal.power(decimals))
    let count = (size * scale).rounded()
    guard count.magnitude < 1e18, count / scale == size else { return nil }
    return Int64(count)
  }
}
