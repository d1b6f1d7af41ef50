public import HogaCore

/// Mirrors the exchange's public archive for some symbols and days, and fills in from its REST API
/// what the archive lacks.
public struct BinanceFetch: Sendable {
  public enum Symbols: Hashable, Sendable {
    /// Every symbol that has candles in the archive, also those that are traded no more.
    case all
    case named([String])
  }

  public static let archiveURL = "https://data.binance.vision"
  public static let listingURL = "https://s3-ap-northeast-1.amazonaws.com/data.binance.vision"

  private static let oldest = CivilDate(daysSince1970: 17_167)  // 2017-01-01

  public var market: BinanceMarket
  public var symbols: Symbols
  public var dates: ClosedRange<CivilDate>
  public var kinds: [FetchKind]
  /// Of candles and premium candles.
  public var interval: CandleInterval
  /// The mirror's folder.
  public var folder: String
  /// How many requests may be under way at once.
  public var workers = 8
  public var archiveURL = Self.archiveURL
  /// The bucket whose table of contents says which files there are; `nil` asks for each by name.
  public var listingURL: String? = Self.listingURL
  /// `nil` leaves days that the archive lacks as they are.
  public var restURL: String?
  /// What servers are told of who asks.
  public var agent = "hoga"

  package var http = HTTPSettings()
  package var policy = RetryPolicy()
  package var clock = FetchClock.machine
  package var limits: [RateLane: RateBudget.Limit]
  /// A server that asks for a longer pause is not asked again in this run.
  package var longestPause = TimeSpan.seconds(900)

  public init(
    market: BinanceMarket, symbols: Symbols, dates: ClosedRange<CivilDate>, kinds: [FetchKind],
    interval: CandleInterval = .minute, folder: String
  ) {
    self.market = market
    self.symbols = symbols
    self.dates = dates
    self.kinds = kinds
    self.interval = interval
    self.folder = folder
    restURL = market.restURL
    limits = BinanceREST.limits(market)
  }

  /// Does it all, as far as it can be done: what one file fails with is reported, and the others go
  /// on.
  ///
  /// - Throws: `UsageError`, `MissingInputError` where none of the symbols has any of it,
  ///   `ResourceError` where the disk or the servers stop everything, `JobMonitor.Cancelled`.
  public func run(monitor: JobMonitor) throws -> FetchReport {
    let settings = try checked()
    let mirror = try Mirror(root: settings.folder)
    defer { mirror.unlock() }
    return try FetchRun(settings, mirror: mirror, monitor: monitor).run()
  }

  /// The first day that is not over, or so lately that the exchange may still be adding to it.
  var today: CivilDate { (clock.wall() - .seconds(900)).date }

  private func checked() throws -> BinanceFetch {
    var settings = self
    guard workers >= 1, workers <= 64 else { throw UsageError("workers: 1 to 64, not \(workers)") }
    guard !folder.isEmpty else { throw UsageError("the mirror has no folder") }
    guard !kinds.isEmpty else { throw UsageError("nothing is asked for") }
    for kind in kinds where !market.kinds.contains(kind) {
      throw UsageError("the archive has no \(kind.rawValue) of the market \(market.rawValue)")
    }
    settings.kinds = Set(kinds).sorted()
    if case .named(let names) = symbols {
      guard !names.isEmpty else { throw UsageError("no symbols are given") }
      for name in names where !isSymbol(name) || name != name.uppercased() {
        throw UsageError("'\(shortened(name, to: 40))' is no symbol such as BTCUSDT")
      }
      settings.symbols = .named(Set(names).sorted())
    }
    settings.archiveURL = try Self.address(archiveURL)
    settings.listingURL = try listingURL.map { try Self.address($0) }
    settings.restURL = try restURL.map { try Self.address($0) }
    // Also keeps dates within what timestamps can say.
    guard dates.lowerBound >= Self.oldest else {
      throw UsageError("\(dates.lowerBound) is before \(Self.oldest): the exchange opened in 2017")
    }
    guard dates.lowerBound < today else {
      throw UsageError("\(dates.lowerBound) is not over: only whole days are fetched")
    }
    settings.dates = dates.lowerBound...min(dates.upperBound, today.adding(days: -1))
    settings.http.agent = agent
    return settings
  }

  private static func address(_ text: String) throws -> String {
    var text = text
    while text.hasSuffix("/") { text.removeLast() }
    let isWeb = ["http://", "https://"].contains { text.hasPrefix($0) && text.count > $0.count }
    guard isWeb, !text.contains(where: { $0.isWhitespace || $0 == "?" || $0 == "#" }) else {
      throw UsageError("'\(shortened(text, to: 60))' is no address such as https://example.org")
    }
    return text
  }
}
