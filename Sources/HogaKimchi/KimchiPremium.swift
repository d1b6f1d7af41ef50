public import HogaCore

/// The premium of a Korean price over a foreign one, as of each grid time.
///
///     premium = P_krw / (P_usdt · USDKRW) − 1
///
/// Each leg is the last quote that was known by then, none older than its limit; else the premium is
/// null. A tether is counted as a dollar: a premium of the tether itself is a part of what is
/// measured. The same value runs over stored candles and on a live feed: it is told quotes as they
/// become known, and asked.
///
/// Sources: K. J. Choi, A. Lehar, R. Stauffer, "Bitcoin microstructure and the Kimchi premium", 2018;
/// I. Makarov, A. Schoar, "Trading and arbitrage in cryptocurrency markets", Journal of Financial
/// Economics 135, 2020.
public struct KimchiPremium: Sendable {
  /// A price that goes into the premium.
  public enum Leg: Int, CaseIterable, Sendable {
    /// Won per coin, on the Korean venue.
    case korean
    /// Tether per coin, on the foreign venue.
    case foreign
    /// Won per dollar.
    case fx
  }

  /// How old a quote may be, counted from when it was known, to stand for a grid time.
  public struct Limits: Sendable, Hashable {
    public var korean: TimeSpan
    public var foreign: TimeSpan
    public var fx: TimeSpan

    /// - Parameter fx: five days carry a rate of the European Central Bank over Easter, from Thursday
    ///   to Tuesday.
    public init(
      korean: TimeSpan = .seconds(3600), foreign: TimeSpan = .seconds(3600),
      fx: TimeSpan = .seconds(5 * 86_400)
    ) {
      self.korean = korean
      self.foreign = foreign
      self.fx = fx
    }

    subscript(leg: Leg) -> Int64 {
      switch leg {
      case .korean: korean.nanoseconds
      case .foreign: foreign.nanoseconds
      case .fx: fx.nanoseconds
      }
    }
  }

  private struct Last: Sendable {
    var known = Int64.min
    var price = Double.nan
    /// Since the grid time before; NaN while nothing traded or the source does not say.
    var volume = Double.nan
  }

  public let limits: Limits
  private var last = [Last](repeating: Last(), count: Leg.allCases.count)

  public init(limits: Limits) { self.limits = limits }

  /// Tells a quote at the instant at which it becomes known.
  ///
  /// - Precondition: not before the leg's last quote, nor before the last row.
  public mutating func see(known: Int64, price: Double, volume: Double, of leg: Leg) {
    precondition(known >= last[leg.rawValue].known, "quotes are told in order of time")
    let before = last[leg.rawValue].volume
    last[leg.rawValue] = Last(
      known: known, price: price, volume: before.isNaN ? volume : before + volume)
  }

  /// The row of a grid time, made of what was told so far.
  public mutating func row(at time: Int64) -> PremiumRow {
    var row = PremiumRow(time: time)
    for leg in Leg.allCases {
      let quote = last[leg.rawValue]
      last[leg.rawValue].volume = .nan
      guard quote.known > .min else {
        row.absent.insert(leg)
        continue
      }
      let (age, overflow) = time.subtractingReportingOverflow(quote.known)
      guard !overflow, age <= limits[leg] else {
        row.stale.insert(leg)
        continue
      }
      row[leg] = quote.price
      row.age[leg.rawValue] = Double(age) / 1e9
      switch leg {
      case .korean: row.koreanVolume = quote.volume
      case .foreign: row.foreignVolume = quote.volume
      case .fx: break
      }
    }
    return row
  }
}

/// What is known of both legs at a grid time.
public struct PremiumRow: Sendable, Hashable {
  /// Nanoseconds since 1970 UTC.
  public var time: Int64
  /// NaN where there is no quote that is young enough.
  public var korean = Double.nan
  public var foreign = Double.nan
  public var fx = Double.nan
  /// In base units, since the grid time before.
  public var koreanVolume = Double.nan
  public var foreignVolume = Double.nan
  /// Seconds since each leg's quote became known, by `Leg`.
  var age = [Double](repeating: .nan, count: KimchiPremium.Leg.allCases.count)
  /// The legs that had no quote yet, and those whose quote was too old.
  public var absent: Set<KimchiPremium.Leg> = []
  public var stale: Set<KimchiPremium.Leg> = []

  public init(time: Int64) { self.time = time }

  /// A fraction; NaN where a leg is.
  public var premium: Double { korean / (foreign * fx) - 1 }
  public func age(of leg: KimchiPremium.Leg) -> Double { age[leg.rawValue] }

  public internal(set) subscript(leg: KimchiPremium.Leg) -> Double {
    get {
      switch leg {
      case .korean: korean
      case .foreign: foreign
      case .fx: fx
      }
    }
    set {
      switch leg {
      case .korean: korean = newValue
      case .foreign: foreign = newValue
      case .fx: fx = newValue
      }
    }
  }
}
