public import HogaCore

/// Cash, position and running costs, exact to the last unit.
///
/// The same type keeps the exchange's truth and what the strategy knows from its messages.
public struct Account: Hashable, Sendable {
  public let initialCapital: Money
  /// Capital, less what was bought, plus what was sold, less fees, plus funding.
  public private(set) var cash: Money
  /// In lots; negative when short.
  public private(set) var position: Int64 = 0
  public private(set) var fees = Money.zero
  /// The sum of fills' worths at their decision mids, signed: what gross profit is counted from.
  private var worthAtDecision = Money.zero
  private var latency = Money.zero
  private var spread = Money.zero
  private var walk = Money.zero
  private var impact = Money.zero
  /// Funding received, less funding paid.
  public private(set) var funding = Money.zero

  public init(initialCapital: Money) {
    self.initialCapital = initialCapital
    cash = initialCapital
  }

  /// Books an execution: signed lots at a price, and its fee.
  public mutating func book(
    side: Side, lots: Int64, price: Price, fee: Money, contract: Contract
  ) throws(DataError) {
    let (sum, overflow) = position.addingReportingOverflow(side.sign * lots)
    guard !overflow else { throw DataError("the position does not fit 64 bits") }
    cash -= try contract.value(lots: side.sign * lots, halfTicks: 2 * price.ticks)
    cash -= fee
    fees += fee
    position = sum
  }

  /// Books a fill with the parts of its cost.
  public mutating func book(_ fill: Fill, contract: Contract) throws(DataError) {
    try book(
      side: fill.side, lots: fill.lots, price: fill.price, fee: fill.fee, contract: contract)
    let parts = try fill.costs(contract, closingHalfTicks: fill.decisionHalfTicks)
    latency += parts.latency
    spread += parts.spread
    walk += parts.walk
    impact += parts.impact
    worthAtDecision += try contract.value(
      lots: fill.side.sign * fill.lots, halfTicks: fill.decisionHalfTicks)
  }

  /// Books funding: above zero is received.
  public mutating func book(funding payment: Money) {
    cash += payment
    funding += payment
  }

  /// Cash plus the position's worth at a mid in half ticks.
  public func equity(_ contract: Contract, halfTicks: Int64) throws(DataError) -> Money {
    guard position != 0 else { return cash }
    return cash + (try contract.value(lots: position, halfTicks: halfTicks))
  }

  /// The costs of all fills so far, marked at a mid in half ticks.
  ///
  /// `net` equals equity minus initial capital, to the unit.
  public func costs(_ contract: Contract, halfTicks: Int64) throws(DataError) -> CostParts {
    var parts = CostParts()
    let worth =
      position == 0 ? Money.zero : try contract.value(lots: position, halfTicks: halfTicks)
    parts.gross = worth - worthAtDecision
    parts.latency = latency
    parts.spread = spread
    parts.walk = walk
    parts.impact = impact
    parts.funding = funding
    parts.fees = fees
    return parts
  }
}
