public import HogaCore

/// How much capital a venue wants behind a position, and when it takes the position away.
///
/// All figures are shares of the position's worth at the mark, in parts per million. With tiers by
/// worth, the *initial* share of a position's tier applies to all of its worth, as the venues' caps
/// on leverage do. *Maintenance* is charged slice by slice, each part of the worth at its own tier's
/// share, which is what a venue's "maintenance amount" makes of it: it has no jump that could
/// liquidate an account for growing by one lot.
///
/// Margins are rounded up to the money unit, which is against us. `MarginRules+Liquidation.swift`
/// says when an account is over.
public struct MarginRules: Hashable, Sendable {
  /// Shares from a worth on.
  public struct Tier: Hashable, Sendable {
    /// The worth from which the tier applies, in settlement currency.
    public var from: Money
    /// 100,000 is 10 %, or a leverage of ten.
    public var initialPartsPerMillion: Int64
    public var maintenancePartsPerMillion: Int64

    public init(
      from: Money = .zero, initialPartsPerMillion: Int64, maintenancePartsPerMillion: Int64
    ) {
      self.from = from
      self.initialPartsPerMillion = initialPartsPerMillion
      self.maintenancePartsPerMillion = maintenancePartsPerMillion
    }
  }

  /// By rising worth; the first starts at zero.
  public let tiers: [Tier]
  /// Charged on the worth of what a liquidation closes.
  public let liquidationFeePartsPerMillion: Int64
  /// What is taken off `share · worth` in each tier, in millionths of a money unit.
  let deductions: [Int128]

  /// - Throws: `UsageError` where tiers do not rise from zero in worth and shares, or maintenance is
  ///   above initial margin.
  public init(tiers: [Tier], liquidationFeePartsPerMillion: Int64 = 0) throws(UsageError) {
    guard let first = tiers.first, first.from == .zero else {
      throw UsageError("the first margin tier must start at a worth of zero")
    }
    let largest = Money(units: Money.unitsPerCurrency * 1_000_000_000_000)
    var deductions: [Int128] = []
    var last: Tier?
    for tier in tiers {
      guard tier.initialPartsPerMillion > 0, tier.initialPartsPerMillion <= 1_000_000,
        tier.maintenancePartsPerMillion >= 0,
        tier.maintenancePartsPerMillion <= tier.initialPartsPerMillion,
        tier.maintenancePartsPerMillion < 1_000_000, tier.from <= largest
      else {
        throw UsageError(
          "the margin tier from \(tier.from) needs 0 ≤ maintenance ≤ initial ≤ 10⁶, below 10¹²")
      }
      if let last {
        guard tier.from > last.from, tier.initialPartsPerMillion >= last.initialPartsPerMillion,
          tier.maintenancePartsPerMillion >= last.maintenancePartsPerMillion
        else {
          throw UsageError("margin tiers must rise in worth and shares, from \(tier.from) on")
        }
        let step = tier.maintenancePartsPerMillion - last.maintenancePartsPerMillion
        deductions.append(deductions[deductions.count - 1] + Int128(step) * tier.from.units)
      } else {
        deductions.append(0)
      }
      last = tier
    }
    guard (0...100_000).contains(liquidationFeePartsPerMillion) else {
      throw UsageError("a liquidation fee is between 0 and 100,000 parts per million")
    }
    self.tiers = tiers
    self.liquidationFeePartsPerMillion = liquidationFeePartsPerMillion
    self.deductions = deductions
  }

  /// The same shares for every worth.
  public init(
    initialPartsPerMillion: Int64, maintenancePartsPerMillion: Int64,
    liquidationFeePartsPerMillion: Int64 = 0
  ) throws(UsageError) {
    try self.init(
      tiers: [
        Tier(
          initialPartsPerMillion: initialPartsPerMillion,
          maintenancePartsPerMillion: maintenancePartsPerMillion)
      ], liquidationFeePartsPerMillion: liquidationFeePartsPerMillion)
  }

  func tierIndex(of worth: Money) -> Int { tiers.lastIndex { $0.from <= worth } ?? 0 }

  /// What has to be there to enter a position of a worth.
  public func initialMargin(worth: Money) -> Money {
    let share = tiers[tierIndex(of: worth)].initialPartsPerMillion
    return Money(units: raisedProduct(worth.units, Int128(share), over: 1_000_000))
  }

  /// What has to remain to keep a position of a worth.
  public func maintenanceMargin(worth: Money) -> Money {
    let index = tierIndex(of: worth)
    let share = Int128(tiers[index].maintenancePartsPerMillion)
    // Whole and rest apart, so that a worth of 10³³ units times the share fits.
    let (whole, rest) = worth.units.quotientAndRemainder(dividingBy: 1_000_000)
    let (taken, takenRest) = deductions[index].quotientAndRemainder(dividingBy: 1_000_000)
    return Money(
      units: whole * share - taken
        - (takenRest - rest * share).floorDivided(by: 1_000_000))
  }

  /// What is known of an account when an order is judged.
  public struct Holdings: Hashable, Sendable {
    /// As `Account.cash`: capital, less what was bought, plus what was sold, less fees.
    public var cash: Money
    public var position: Int64
    /// Lots of the open orders of the same side as the one that is judged.
    public var openLots: Int64
    /// The mark, or the mid, in half ticks.
    public var markHalfTicks: Int64

    public init(cash: Money, position: Int64, openLots: Int64 = 0, markHalfTicks: Int64) {
      self.cash = cash
      self.position = position
      self.openLots = openLots
      self.markHalfTicks = markHalfTicks
    }
  }

  /// Whether an order may be sent: whether at its worst the initial margin is still there.
  ///
  /// At its worst, every open order of the side fills and so does this one, at `ticks`; the loss
  /// against the mark is realised, the highest taker's fee is paid for all of it, and the margin is
  /// that of the resulting position at the mark or at `ticks`, whichever is worth more. Open orders
  /// are taken to fill at the mark. An order that only reduces the position is always affordable,
  /// also to an account that could not enter it.
  /// - Parameter ticks: the worst price: the limit, or for a market order what it may walk to.
  /// - Throws: `DataError` where an amount is beyond 10¹⁵ or does not fit.
  public func affords(
    side: Side, lots: Int64, ticks: Int64, _ holdings: Holdings, fees: FeeSchedule,
    contract: Contract
  ) throws(DataError) -> Bool {
    let (added, overflow) = holdings.openLots.addingReportingOverflow(lots)
    let (after, tooLarge) = holdings.position.addingReportingOverflow(side.sign * added)
    guard !overflow, !tooLarge else { throw DataError("the position does not fit 64 bits") }
    let reduces = after.signum() * holdings.position.signum() >= 0
    if reduces, after.magnitude <= holdings.position.magnitude { return true }
    let halfTicks = try FeeMeter.doubled(ticks, contract)
    let atLimit = try contract.value(lots: side.sign * lots, halfTicks: halfTicks)
    let atMark = try contract.value(lots: side.sign * lots, halfTicks: holdings.markHalfTicks)
    var equity = holdings.cash
    if holdings.position != 0 {
      equity += try contract.value(lots: holdings.position, halfTicks: holdings.markHalfTicks)
    }
    equity -= max(.zero, atLimit - atMark)
    let parts = fees.highestTakerPartsPerMillion
    let perLot = fees.takerPerLot.units.multipliedReportingOverflow(by: Int128(added))
    guard !perLot.overflow, perLot.partialValue.magnitude <= Money.maximumUnits.magnitude else {
      throw DataError("the fee of \(added) lots is beyond 10¹⁵")
    }
    let resting = try ExactWorth(
      contract, lots: holdings.openLots, halfTicks: holdings.markHalfTicks)
    let order = try ExactWorth(contract, lots: lots, halfTicks: halfTicks)
    equity -= max(.zero, resting.raised(partsPerMillion: parts))
    equity -= max(.zero, order.raised(partsPerMillion: parts))
    equity -= max(.zero, Money(units: perLot.partialValue))
    let worth = max(
      try ExactWorth(contract, lots: after, halfTicks: holdings.markHalfTicks).raised,
      try ExactWorth(contract, lots: after, halfTicks: halfTicks).raised)
    return equity >= initialMargin(worth: worth)
  }
}
