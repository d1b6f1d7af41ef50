public import HogaCore

/// What a trade in both legs costs, and how money may cross the border.
///
/// Rates are in basis points. Korea's rules bind the transfers: an individual may send a limited sum
/// abroad, banks ask what it is for, and it takes time. Upbit lends no coins, so nothing is sold
/// that is not there.
public struct KimchiCosts: Sendable, Hashable {
  /// Of the traded amount, on either venue.
  public var koreanFee: Double
  public var foreignFee: Double
  /// Half the distance between bid and ask, paid on every trade.
  public var koreanHalfSpread: Double
  public var foreignHalfSpread: Double
  /// What a bank keeps of each conversion between won and dollars.
  public var fxSpread: Double
  /// For each transfer, in won.
  public var transferFee: Int64
  /// What may cross the border on one day in Seoul, in won.
  public var transferLimit: Int64
  /// Below this a transfer is not worth its fee.
  public var transferMinimum: Int64
  /// How long money is on its way.
  public var transferDelay: TimeSpan

  /// - Throws: `UsageError` for a rate that is not between 0 and 1,000 bps, or an amount below zero.
  public init(
    koreanFee: Double, foreignFee: Double, koreanHalfSpread: Double = 0,
    foreignHalfSpread: Double = 0, fxSpread: Double = 0, transferFee: Int64 = 0,
    transferLimit: Int64 = .max, transferMinimum: Int64 = 1, transferDelay: TimeSpan = .zero
  ) throws(UsageError) {
    self.koreanFee = koreanFee
    self.foreignFee = foreignFee
    self.koreanHalfSpread = koreanHalfSpread
    self.foreignHalfSpread = foreignHalfSpread
    self.fxSpread = fxSpread
    self.transferFee = transferFee
    self.transferLimit = transferLimit
    self.transferMinimum = transferMinimum
    self.transferDelay = transferDelay
    for rate in [koreanFee, foreignFee, koreanHalfSpread, foreignHalfSpread, fxSpread]
    where !(rate >= 0 && rate <= 1000) {
      throw UsageError("a cost of \(rate) bps is not between 0 and 1,000")
    }
    guard transferFee >= 0, transferLimit >= 0, transferMinimum >= 1, transferDelay >= .zero,
      transferFee <= 1_000_000_000_000, transferDelay.nanoseconds <= 365 * TimeSpan.day.nanoseconds
    else { throw UsageError("transfer fee, limit and delay are at least zero, the minimum a won") }
  }

  /// Basis points as whole parts per million.
  static func parts(_ basisPoints: Double) -> Int128 { Int128((basisPoints * 100).rounded()) }
}

/// What lies on each side before the first trade, worth so many won each.
public struct KimchiInventory: Sendable, Hashable {
  public var koreanCash: Int64
  public var koreanCoins: Int64
  public var foreignCash: Int64
  public var foreignCoins: Int64

  /// - Throws: `UsageError` for amounts below zero or above 10¹⁴ won, or nothing at all.
  public init(
    koreanCash: Int64, koreanCoins: Int64, foreignCash: Int64, foreignCoins: Int64
  ) throws(UsageError) {
    self.koreanCash = koreanCash
    self.koreanCoins = koreanCoins
    self.foreignCash = foreignCash
    self.foreignCoins = foreignCoins
    for amount in [koreanCash, koreanCoins, foreignCash, foreignCoins]
    where amount < 0 || amount > 100_000_000_000_000 {
      throw UsageError("an inventory of \(amount) won is not between 0 and 10¹⁴")
    }
    guard total > 0 else { throw UsageError("without inventory nothing can be traded") }
  }

  /// In won.
  public var total: Int64 { koreanCash + koreanCoins + foreignCash + foreignCoins }
}
