package import HogaCore

/// A market of the exchange, each with its own archive folder and REST API.
public enum BinanceMarket: String, CaseIterable, Sendable {
  case usdm, coinm, spot

  public var archiveFolder: String {
    switch self {
    case .usdm: "data/futures/um"
    case .coinm: "data/futures/cm"
    case .spot: "data/spot"
    }
  }

  public var restURL: String {
    switch self {
    case .usdm: "https://fapi.binance.com"
    case .coinm: "https://dapi.binance.com"
    case .spot: "https://api.binance.com"
    }
  }

  /// The path below `restURL` that calls begin with.
  var restFolder: String {
    switch self {
    case .usdm: "fapi/v1"
    case .coinm: "dapi/v1"
    case .spot: "api/v3"
    }
  }

  /// Weight per minute that an address may use, by the exchange's documentation.
  var weightPerMinute: Int { self == .spot ? 6_000 : 2_400 }

  /// The venue's name in the lake.
  public var venue: String { "binance-\(rawValue)" }

  public var kinds: [FetchKind] { self == .spot ? [.klines] : FetchKind.allCases }
}

/// What can be fetched.
public enum FetchKind: String, CaseIterable, Comparable, Sendable {
  /// Candles.
  case klines
  /// Candles of the premium index.
  case premium
  /// Open interest and ratios of long to short, every five minutes.
  case metrics
  /// Funding rates.
  case funding

  var archiveFolder: String {
    switch self {
    case .klines: "klines"
    case .premium: "premiumIndexKlines"
    case .metrics: "metrics"
    case .funding: "fundingRate"
    }
  }

  var hasInterval: Bool { self == .klines || self == .premium }
  var hasDaily: Bool { self != .funding }
  var hasMonthly: Bool { self != .metrics }

  public static func < (left: FetchKind, right: FetchKind) -> Bool { left.order < right.order }
  private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// A day or a month: what one file of the archive holds.
package struct ArchivePeriod: Hashable, Comparable, Sendable {
  package var first: CivilDate
  package var last: CivilDate
  package var isMonth: Bool

  package static func day(_ date: CivilDate) -> ArchivePeriod {
    ArchivePeriod(first: date, last: date, isMonth: false)
  }

  /// The month that a date is in.
  package static func month(of date: CivilDate) -> ArchivePeriod {
    let (_, _, day) = date.components
    let first = date.adding(days: 1 - day)
    // 31 days after its first, every month is over.
    let next = first.adding(days: 31)
    return ArchivePeriod(first: first, last: next.adding(days: -next.components.day), isMonth: true)
  }

  package var days: [CivilDate] {
    (first.daysSince1970...max(first.daysSince1970, last.daysSince1970)).map {
      CivilDate(daysSince1970: $0)
    }
  }

  /// `2025-05-25` or `2025-05`.
  package var text: String { isMonth ? String(first.description.dropLast(3)) : first.description }

  package static func < (left: ArchivePeriod, right: ArchivePeriod) -> Bool {
    (left.first, left.last) < (right.first, right.last)
  }
}

/// All files of one symbol and kind.
package struct ArchiveSeries: Hashable, Sendable {
  package var market: BinanceMarket
  package var symbol: String
  package var kind: FetchKind
  package var interval: CandleInterval

  package init(market: BinanceMarket, symbol: String, kind: FetchKind, interval: CandleInterval) {
    self.market = market
    self.symbol = symbol
    self.kind = kind
    self.interval = interval
  }

  /// The folder below the archive's root, with a slash at its end.
  package func folder(monthly: Bool) -> String {
    "\(market.archiveFolder)/\(monthly ? "monthly" : "daily")/\(kind.archiveFolder)/\(symbol)/"
      + (kind.hasInterval ? "\(interval)/" : "")
  }

  /// A file's name without its extension.
  package func stem(_ period: ArchivePeriod) -> String {
    let what = kind.hasInterval ? "\(interval)" : kind.archiveFolder
    return "\(symbol)-\(what)-\(period.text)"
  }

  /// A file's path below the archive's root.
  package func file(_ period: ArchivePeriod) -> String {
    folder(monthly: period.isMonth) + stem(period) + ".zip"
  }

  /// Where a day that the REST API told is kept: beside the archive's, and seen to be another.
  package func restFile(_ day: CivilDate) -> String {
    folder(monthly: false) + stem(.day(day)) + ".rest.csv"
  }

  /// For messages: `BTCUSDT klines`.
  package var title: String { "\(symbol) \(kind.rawValue)" }
}
