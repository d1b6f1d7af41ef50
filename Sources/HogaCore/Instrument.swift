/// What is traded, and the units in which its prices and sizes are counted.
public struct Instrument: Hashable, Sendable, Codable {
  /// How profit and loss follow from a price move.
  public enum Settlement: String, Hashable, Sendable, Codable {
    /// Paid in the quote currency: equities, spot, USDⓈ-margined futures.
    case linear
    /// Contracts of fixed quote value, paid in the base currency: COIN-margined futures.
    case inverse
  }

  /// The right that an option gives.
  public enum Right: String, Hashable, Sendable, Codable { case call, put }

  /// The venue's name as the lake's folders carry it: `binance-usdm`, `lobster`, `krx`.
  public var venue: String
  public var symbol: String
  /// Prices are counts of `10^-priceDecimals`.
  public var priceDecimals: Int
  /// Sizes are counts of `10^-sizeDecimals`.
  public var sizeDecimals: Int
  /// The smallest price step of an order, in counts; 25 where quarters trade at two decimals.
  public var tickIncrement: Int64
  /// Quote currency per price unit and size unit (linear), or quote value of a contract (inverse).
  public var multiplier: Double
  public var settlement: Settlement
  /// The last trading day, for futures and options, as `yyyy-mm-dd`.
  public var expiry: String?
  /// Counted like a price, for options.
  public var strike: Int64?
  public var right: Right?

  public init(
    venue: String, symbol: String, priceDecimals: Int, sizeDecimals: Int, tickIncrement: Int64 = 1,
    multiplier: Double = 1, settlement: Settlement = .linear, expiry: String? = nil,
    strike: Int64? = nil, right: Right? = nil
  ) {
    self.venue = venue
    self.symbol = symbol
    self.priceDecimals = priceDecimals
    self.sizeDecimals = sizeDecimals
    self.tickIncrement = tickIncrement
    self.multiplier = multiplier
    self.settlement = settlement
    self.expiry = expiry
    self.strike = strike
    self.right = right
  }

  /// The divisor that turns price counts into quote currency.
  public var priceScale: Double { Double(Decimal.power(priceDecimals)) }
  /// The divisor that turns size counts into units or contracts.
  public var sizeScale: Double { Double(Decimal.power(sizeDecimals)) }

  public func value(of price: Price) -> Double { Double(price.ticks) / priceScale }
  public func value(of quantity: Quantity) -> Double { Double(quantity.lots) / sizeScale }
}
