/// A price, counted in its instrument's finest tick: `10^-priceDecimals` of the quote currency.
///
/// Books compare prices for equality all day, and two feeds that print `0.1` must meet on one
/// level. Counts are exact; convert to `Double` only at the edge of a model or a chart.
public struct Price: Hashable, Comparable, Sendable {
  /// May be negative: spreads and some futures trade below zero.
  public let ticks: Int64

  public init(ticks: Int64) { self.ticks = ticks }
  public static func < (left: Price, right: Price) -> Bool { left.ticks < right.ticks }
}

/// An amount of the instrument, counted in its finest lot: `10^-sizeDecimals` units or contracts.
public struct Quantity: Hashable, Comparable, Sendable {
  public let lots: Int64

  public init(lots: Int64) { self.lots = lots }
  public static let zero = Quantity(lots: 0)
  public static func < (left: Quantity, right: Quantity) -> Bool { left.lots < right.lots }
}

/// The side of an order, or the aggressor's side of a trade.
public enum Side: Int32, Hashable, Sendable, CaseIterable {
  case buy = 1
  case sell = -1

  public var opposite: Side { self == .buy ? .sell : .buy }
  /// +1 for buy, −1 for sell.
  public var sign: Int64 { Int64(rawValue) }
}
