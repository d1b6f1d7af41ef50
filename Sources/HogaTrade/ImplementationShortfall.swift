public import HogaCore
public import HogaSim

/// What executing a decision cost against doing all of it at once, at the mid, for nothing.
///
/// Source: A. Perold, "The implementation shortfall: paper versus reality", Journal of Portfolio
/// Management 14, 1988. All money is in settlement currency; costs are above zero.
public struct ImplementationShortfall: Hashable, Sendable {
  public var filledLots: Int64
  public var unfilledLots: Int64
  /// Fills against the mid at the start.
  public var priceCost: Money
  public var fees: Money
  /// What the lots that were not filled missed: the closing mid against the mid at the start.
  public var opportunityCost: Money
  /// The worth of the whole parent order at the mid at the start.
  public var arrivalWorth: Money

  public var total: Money { priceCost + fees + opportunityCost }
  /// `total` in basis points of `arrivalWorth`; `nil` at a worth of zero.
  public var basisPoints: Double? {
    arrivalWorth > .zero ? total.value / arrivalWorth.value * 10_000 : nil
  }
}

extension ExecutionStrategy {
  /// The shortfall so far; `nil` before the execution began or where no mid was known.
  ///
  /// - Parameters:
  ///   - contract: of the desk that it traded on.
  ///   - closingHalfTicks: twice the mid that values the unfilled lots; by default the last one known.
  /// - Throws: `DataError` where an amount is beyond 10¹⁵.
  public func shortfall(
    contract: Contract, closingHalfTicks: Int64? = nil
  ) throws(DataError) -> ImplementationShortfall? {
    guard let arrival = arrivalHalfTicks, let closing = closingHalfTicks ?? lastHalfTicks else {
      return nil
    }
    var cost = Money.zero
    var fees = Money.zero
    for execution in executions {
      let lots = side.sign * execution.lots
      cost += try contract.value(lots: lots, halfTicks: 2 * execution.price.ticks)
      cost -= try contract.value(lots: lots, halfTicks: arrival)
      fees += execution.fee
    }
    let unfilled = schedule.totalLots - filledLots
    let missed = side.sign * unfilled
    var opportunity = Money.zero
    if missed != 0 {
      opportunity = try contract.value(lots: missed, halfTicks: closing)
      opportunity -= try contract.value(lots: missed, halfTicks: arrival)
    }
    let worth = try contract.value(lots: schedule.totalLots, halfTicks: arrival)
    return ImplementationShortfall(
      filledLots: filledLots, unfilledLots: unfilled, priceCost: cost, fees: fees,
      opportunityCost: opportunity, arrivalWorth: Money(units: abs(worth.units)))
  }
}
