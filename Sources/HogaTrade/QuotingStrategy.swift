public import HogaCore
public import HogaSim

/// Quotes both sides of the local mid, and does so anew at every step of a grid of local time.
///
/// At each multiple of `interval` (counted from 1970) after the start: everything open is cancelled,
/// then a post-only buy goes to the mid less the half spread and a post-only sell to the mid plus it,
/// rounded outward to the tick. A side whose fill would carry the position beyond `positionLimit` is
/// left out, and so are both while the local book has no mid.
///
/// Cancellations take as long as orders do, so until they arrive an old quote can still fill beside a
/// new one: the position can exceed the limit by one order. A gateway that judges limits at the worst
/// counts the old quotes too, so its limit has to be wider than this one.
public struct QuotingStrategy: Strategy {
  /// How far from the mid the quotes are.
  public enum HalfSpread: Hashable, Sendable {
    /// In steps of the instrument's price (`tickIncrement`); halves make sense, as mids have them.
    case ticks(Double)
    /// Of the mid.
    case basisPoints(Double)
  }

  public struct Settings: Hashable, Sendable {
    /// Lots of each quote.
    public var lots: Int64
    public var halfSpread = HalfSpread.ticks(1)
    public var interval = TimeSpan.milliseconds(100)
    /// The largest position in lots, long or short, that quotes may lead to.
    public var positionLimit: Int64
    /// How many half spreads the quotes move against a position at its limit: 0 ignores inventory,
    /// 1 moves the favoured quote to the mid.
    public var skew = 0.0

    public init(lots: Int64, positionLimit: Int64) {
      self.lots = lots
      self.positionLimit = positionLimit
    }
  }

  public let settings: Settings
  public var name: String { "quotes" }

  /// - Throws: `UsageError` where a setting makes no sense.
  public init(_ settings: Settings) throws {
    let distance =
      switch settings.halfSpread {
      case .ticks(let count): count
      case .basisPoints(let points): points
      }
    guard distance >= 0, distance < 10_000 else {
      throw UsageError("quotes: a half spread of \(distance) is not within 0 and 10000")
    }
    guard settings.lots > 0, settings.positionLimit >= settings.lots else {
      throw UsageError("quotes: lots are above zero, and the position limit has room for one quote")
    }
    guard settings.interval > .zero, settings.interval <= .day else {
      throw UsageError("quotes: an interval of \(settings.interval) is not within 0 and a day")
    }
    guard settings.skew >= 0, settings.skew <= 100 else {
      throw UsageError("quotes: a skew of \(settings.skew) is not within 0 and 100")
    }
    self.settings = settings
  }

  public mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    switch event {
    case .start:
      wake(&desk)
    case .timer:
      wake(&desk)
      desk.cancelAll()
      quote(&desk)
    default:
      break
    }
  }

  /// Asks for the next multiple of the interval, this instant not included.
  private func wake(_ desk: inout TradingDesk) {
    desk.wake(at: (desk.now + TimeSpan(nanoseconds: 1)).roundedUp(to: settings.interval))
  }

  private func quote(_ desk: inout TradingDesk) {
    guard desk.isQuoted else { return }
    let (bid, ask) = prices(desk)
    if desk.position <= settings.positionLimit - settings.lots {
      desk.buy(settings.lots, .postOnly(bid))
    }
    if desk.position >= settings.lots - settings.positionLimit {
      desk.sell(settings.lots, .postOnly(ask))
    }
  }

  /// Where the quotes go, computed in half ticks: doubles hold these exactly up to 2⁵³.
  private func prices(_ desk: TradingDesk) -> (bid: Price, ask: Price) {
    let increment = desk.instrument.tickIncrement
    let mid = Double(desk.doubledMidTicks)
    let distance =
      switch settings.halfSpread {
      case .ticks(let count): 2 * count * Double(increment)
      case .basisPoints(let points): abs(mid) * points / 10_000
      }
    let held = Double(desk.position) / Double(settings.positionLimit)
    let center = mid - settings.skew * distance * held
    let step = 2 * Double(increment)
    let bid = Int64(((center - distance) / step).rounded(.down)) * increment
    let ask = Int64(((center + distance) / step).rounded(.up)) * increment
    return (Price(ticks: bid), Price(ticks: ask))
  }
}
