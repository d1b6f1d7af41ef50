public import HogaCore

/// What a venue demands of an order before it looks at the book.
public struct OrderRules: Hashable, Sendable {
  /// How far an order's price may be from the mid, in parts per million of it; `nil` is no limit.
  public struct Band: Hashable, Sendable {
    public var below: Int64?
    public var above: Int64?

    public init(below: Int64? = nil, above: Int64? = nil) {
      self.below = below
      self.above = above
    }
  }

  public var minimumLots: Int64
  /// Sizes are whole multiples of it.
  public var lotStep: Int64
  public var maximumLots: Int64?
  /// In settlement currency, at the order's limit; a market order's at the mid.
  public var minimumWorth: Money?
  public var buyBand: Band
  public var sellBand: Band
  /// The lowest and highest price of the day, as at KRX.
  public var lowestPrice: Price?
  public var highestPrice: Price?

  public init(
    minimumLots: Int64 = 1, lotStep: Int64 = 1, maximumLots: Int64? = nil,
    minimumWorth: Money? = nil, buyBand: Band = Band(), sellBand: Band = Band(),
    lowestPrice: Price? = nil, highestPrice: Price? = nil
  ) {
    self.minimumLots = minimumLots
    self.lotStep = lotStep
    self.maximumLots = maximumLots
    self.minimumWorth = minimumWorth
    self.buyBand = buyBand
    self.sellBand = sellBand
    self.lowestPrice = lowestPrice
    self.highestPrice = highestPrice
  }

  /// No demands beyond a size above zero.
  public static let none = OrderRules()

  /// - Throws: `UsageError` where a rule makes no sense or no order could satisfy the rules.
  public func validate() throws(UsageError) {
    guard minimumLots > 0, lotStep > 0 else {
      throw UsageError("the venue's minimum size and lot step must be above zero")
    }
    let smallest = (minimumLots - 1) / lotStep + 1  // in steps
    guard smallest <= (maximumLots ?? .max) / lotStep else {
      throw UsageError("the venue's maximum size is below its minimum")
    }
    guard minimumWorth ?? .zero >= .zero else {
      throw UsageError("the venue's minimum worth must not be negative")
    }
    for part in [buyBand.below, buyBand.above, sellBand.below, sellBand.above] {
      guard (0...1_000_000_000).contains(part ?? 0) else {
        throw UsageError("a price band must be between 0 and 10⁹ parts per million")
      }
    }
    if let lowestPrice, let highestPrice, lowestPrice > highestPrice {
      throw UsageError("the lowest price of the day is above the highest")
    }
  }

  /// Why the venue would refuse an order, or `nil`.
  ///
  /// - Parameters:
  ///   - ticks: the limit; `nil` for a market order, which has no price to judge.
  ///   - midHalfTicks: twice the mid, the centre of the bands; `nil` where there is none, and then
  ///     neither bands nor a market order's worth are judged.
  ///   - reducesOnly: venues let such orders be small, so the minimum worth does not apply.
  /// - Throws: `DataError` where the worth is beyond 10¹⁵, or the price of an inverse contract ≤ 0.
  public func refusal(
    of side: Side, ticks: Int64?, lots: Int64, midHalfTicks: Int64?, reducesOnly: Bool = false,
    contract: Contract
  ) throws(DataError) -> RejectReason? {
    guard lots >= minimumLots else { return .belowMinimumSize }
    guard lots <= maximumLots ?? .max else { return .aboveMaximumSize }
    guard lots % lotStep == 0 else { return .offLotStep }
    if let ticks {
      if let lowestPrice, ticks < lowestPrice.ticks { return .beyondPriceLimits }
      if let highestPrice, ticks > highestPrice.ticks { return .beyondPriceLimits }
      if let midHalfTicks, isBeyondBand(side, ticks: ticks, midHalfTicks: midHalfTicks) {
        return .beyondPriceBand
      }
    }
    if let minimumWorth, !reducesOnly {
      let halfTicks: Int64
      if let ticks {
        halfTicks = try FeeMeter.doubled(ticks, contract)
      } else {
        guard let midHalfTicks else { return nil }
        halfTicks = midHalfTicks
      }
      // Not rounded up: a worth a hair below the minimum is below it.
      let worth = try contract.value(lots: lots, halfTicks: halfTicks)
      guard abs(worth.units) >= minimumWorth.units else { return .belowMinimumWorth }
    }
    return nil
  }

  private func isBeyondBand(_ side: Side, ticks: Int64, midHalfTicks: Int64) -> Bool {
    let band = side == .buy ? buyBand : sellBand
    let distance = (2 * Int128(ticks) - Int128(midHalfTicks)) * 1_000_000
    let size = Int128(midHalfTicks.magnitude)
    if let below = band.below, -distance > size * Int128(below) { return true }
    if let above = band.above, distance > size * Int128(above) { return true }
    return false
  }
}
