public import HogaCore

/// What a venue charges for fills: parts per million of their worth, by the worth traded before, and
/// a fixed amount per lot.
///
/// 500 parts are 0.05 %. Negative is a rebate, of parts as of the fixed amount. A schedule holds
/// settings only; `FeeMeter` counts what was traded and names the fee of a fill.
public struct FeeSchedule: Hashable, Sendable {
  /// What applies from a traded worth on.
  public struct Tier: Hashable, Sendable {
    /// The worth traded within the window from which the tier applies, in settlement currency.
    public var from: Money
    public var makerPartsPerMillion: Int64
    public var takerPartsPerMillion: Int64

    public init(from: Money, makerPartsPerMillion: Int64, takerPartsPerMillion: Int64) {
      self.from = from
      self.makerPartsPerMillion = makerPartsPerMillion
      self.takerPartsPerMillion = takerPartsPerMillion
    }
  }

  /// What applies below the first tier.
  public var makerPartsPerMillion: Int64
  public var takerPartsPerMillion: Int64
  /// Added for each lot, as futures and equities charge it. A lot is `10^-sizeDecimals`: a contract
  /// or a share where sizes have no decimals.
  public var makerPerLot = Money.zero
  public var takerPerLot = Money.zero
  /// Above the base, by rising worth.
  public var tiers: [Tier] = []
  /// How many whole UTC days before a fill's own day count towards its tier.
  public var windowDays = 30
  /// The worth traded within the window before the first fill.
  ///
  /// Taken as spread evenly over the window's days, so that it leaves the window day by day.
  public var startingVolume = Money.zero

  public init(makerPartsPerMillion: Int64, takerPartsPerMillion: Int64) {
    self.makerPartsPerMillion = makerPartsPerMillion
    self.takerPartsPerMillion = takerPartsPerMillion
  }

  /// Tiers by the worth traded in the days before; the first one has to start at zero.
  ///
  /// - Throws: `UsageError` where tiers do not rise from zero, or a setting makes no sense.
  public init(
    tiers: [Tier], windowDays: Int = 30, startingVolume: Money = .zero
  ) throws(UsageError) {
    guard let base = tiers.first, base.from == .zero else {
      throw UsageError("the first fee tier must start at a traded worth of zero")
    }
    makerPartsPerMillion = base.makerPartsPerMillion
    takerPartsPerMillion = base.takerPartsPerMillion
    self.tiers = Array(tiers.dropFirst())
    self.windowDays = windowDays
    self.startingVolume = startingVolume
    try validate()
  }

  /// The same for all volumes, with a fixed amount per lot.
  public init(
    makerPartsPerMillion: Int64 = 0, takerPartsPerMillion: Int64 = 0, makerPerLot: Money,
    takerPerLot: Money
  ) {
    self.init(
      makerPartsPerMillion: makerPartsPerMillion, takerPartsPerMillion: takerPartsPerMillion)
    self.makerPerLot = makerPerLot
    self.takerPerLot = takerPerLot
  }

  public static let none = FeeSchedule(makerPartsPerMillion: 0, takerPartsPerMillion: 0)

  /// What an aggressive entry and exit cost in fees on the first day, in basis points of worth.
  ///
  /// Without the amount per lot, which is no share of worth.
  public var takerRoundTripBasisPoints: Double {
    Double(tier(atVolume: startingVolume).takerPartsPerMillion) / 50
  }

  /// The tier of a worth traded within the window.
  public func tier(atVolume volume: Money) -> Tier {
    tiers.last { $0.from <= volume }
      ?? Tier(
        from: .zero, makerPartsPerMillion: makerPartsPerMillion,
        takerPartsPerMillion: takerPartsPerMillion)
  }

  /// The highest taker's fee of any tier, for what has to be judged at the worst.
  var highestTakerPartsPerMillion: Int64 {
    tiers.reduce(takerPartsPerMillion) { max($0, $1.takerPartsPerMillion) }
  }

  /// - Throws: `UsageError` where tiers do not rise, a fee is beyond 10 %, or the window is not
  ///   between one day and a year.
  public func validate() throws(UsageError) {
    let base = Tier(
      from: .zero, makerPartsPerMillion: makerPartsPerMillion,
      takerPartsPerMillion: takerPartsPerMillion)
    var previous: Money?
    for tier in [base] + tiers {
      if let previous, tier.from <= previous {
        throw UsageError("fee tiers must rise: one from \(tier.from) follows \(previous)")
      }
      previous = tier.from
      for (name, parts) in [
        ("maker", tier.makerPartsPerMillion), ("taker", tier.takerPartsPerMillion),
      ] where abs(parts) > 100_000 {
        throw UsageError("a \(name) fee of \(parts) parts per million is beyond 10 %")
      }
    }
    let largest = Money(units: Money.unitsPerCurrency * 1_000_000)
    guard (-largest...largest).contains(makerPerLot), (-largest...largest).contains(takerPerLot)
    else { throw UsageError("a fee per lot must be within a million") }
    guard (1...366).contains(windowDays) else {
      throw UsageError("the fee tiers' window must be between 1 and 366 days")
    }
    guard startingVolume >= .zero, startingVolume.units <= Money.maximumUnits else {
      throw UsageError("the starting volume must be between 0 and 10¹⁵")
    }
  }
}
