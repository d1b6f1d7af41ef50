public import HogaCore

/// Charges fills by a schedule, and counts the worth traded that decides the tier.
///
/// A tier holds for a whole UTC day and follows from the days before it, so fills of the same day do
/// not change it: the same fill costs the same whatever came before it that day. O(1) per fill.
public struct FeeMeter: Hashable, Sendable {
  public let schedule: FeeSchedule
  /// What applies on the day of the last fill.
  public private(set) var tier: FeeSchedule.Tier
  /// Worth traded on each of the window's days, in a ring; the next to leave is at `oldest`.
  private var days: [Int128]
  private var oldest = 0
  private var windowVolume: Int128
  private var today: Int128 = 0
  /// Days since 1970 UTC of the last fill.
  private var day: Int64?

  /// - Throws: `UsageError` where the schedule makes no sense.
  public init(_ schedule: FeeSchedule) throws(UsageError) {
    try schedule.validate()
    self.schedule = schedule
    let count = Int128(schedule.windowDays)
    let (share, rest) = schedule.startingVolume.units.quotientAndRemainder(dividingBy: count)
    days = (0..<schedule.windowDays).map { share + (Int128($0) < rest ? 1 : 0) }
    windowVolume = schedule.startingVolume.units
    tier = schedule.tier(atVolume: schedule.startingVolume)
  }

  /// The worth that decided the present tier: traded on the window's days before the last fill's.
  public var volume: Money { Money(units: windowVolume) }
  /// The worth traded on the day of the last fill.
  public var volumeToday: Money { Money(units: today) }

  /// Charges a fill: its fee, rounded up to the money unit, which is against us.
  ///
  /// The fee is never below the exact share of the worth; a rebate is never above it. Inverse
  /// contracts are charged on their worth before it is rounded.
  /// - Parameter time: nanoseconds since 1970 UTC. A clock that falls back behind midnight does not
  ///   reopen the day before: such a fill counts on the latest day.
  /// - Throws: `DataError` where an amount is beyond 10¹⁵, or the price of an inverse contract ≤ 0.
  public mutating func fee(
    lots: Int64, ticks: Int64, isMaker: Bool, at time: Int64, contract: Contract
  ) throws(DataError) -> Money {
    let worth = try ExactWorth(contract, lots: lots, halfTicks: Self.doubled(ticks, contract))
    advance(to: time.floorDivided(by: TimeSpan.day.nanoseconds))
    let perLot = isMaker ? schedule.makerPerLot : schedule.takerPerLot
    let (fixed, overflow) = perLot.units.multipliedReportingOverflow(by: Int128(lots.magnitude))
    guard !overflow, fixed.magnitude <= Money.maximumUnits.magnitude else {
      throw DataError("\(contract.instrument.symbol): the fee of \(lots) lots is beyond 10¹⁵")
    }
    let (sum, tooMuch) = today.addingReportingOverflow(worth.numerator / worth.denominator)
    guard !tooMuch, sum < .max / 1000 else {
      throw DataError("\(contract.instrument.symbol): a day's traded worth is beyond all accounts")
    }
    today = sum
    let parts = isMaker ? tier.makerPartsPerMillion : tier.takerPartsPerMillion
    return worth.raised(partsPerMillion: parts) + Money(units: fixed)
  }

  static func doubled(_ ticks: Int64, _ contract: Contract) throws(DataError) -> Int64 {
    let (halfTicks, overflow) = ticks.multipliedReportingOverflow(by: 2)
    guard !overflow else {
      throw DataError("\(contract.instrument.symbol): a price of \(ticks) ticks is out of range")
    }
    return halfTicks
  }

  /// Moves finished days into the window and what is older out of it.
  private mutating func advance(to newDay: Int64) {
    guard let last = day else {
      day = newDay
      return
    }
    guard newDay > last else { return }
    // After a whole window without fills only zeros enter, however long the pause was.
    for _ in 0..<min(newDay - last, Int64(days.count) + 1) {
      windowVolume += today - days[oldest]
      days[oldest] = today
      oldest = oldest + 1 == days.count ? 0 : oldest + 1
      today = 0
    }
    day = newDay
    tier = schedule.tier(atVolume: volume)
  }
}
