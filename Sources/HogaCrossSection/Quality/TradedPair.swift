/// A symbol taken apart: what is traded, and in what it is priced.
///
/// Reads the spellings of the common venues: `BTCUSDT`, `BTCUSDT_240628`, `BTCUSD_PERP`, `BTC-USDT`,
/// `BTC/USDT:USDT`, `BTC-USDT-SWAP`, and Upbit's `KRW-BTC`, which names the quote first.
public struct TradedPair: Hashable, Sendable {
  public let base: String
  /// `nil` where the symbol names none that is known.
  public let quote: String?

  /// Currencies that prices are given in, the firmest first.
  private static let quotes = [
    ["KRW", "USD", "EUR", "JPY", "GBP", "TRY", "BRL"],
    ["USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP"], ["BTC", "ETH", "BNB"],
  ]
  /// Longest first, so that `BTCFDUSD` is BTC in FDUSD.
  private static let suffixes = quotes.joined().sorted { ($1.count, $0) < ($0.count, $1) }

  private static func rank(_ currency: String) -> Int {
    quotes.firstIndex { $0.contains(currency) } ?? quotes.count
  }

  public init(_ symbol: String) {
    let symbol = symbol.prefix { $0 != ":" }
    let parts = symbol.split { "-/_".contains($0) }.map { $0.uppercased() }
    guard let first = parts.first else {
      (base, quote) = ("", nil)
      return
    }
    if parts.count > 1, !Self.isContract(parts[1]) {
      let second = parts[1]
      let isReversed = Self.rank(first) < Self.rank(second)
      (base, quote) = isReversed ? (second, first) : (first, second)
      return
    }
    let suffix = Self.suffixes.first { first.hasSuffix($0) && first.count > $0.count }
    base = String(first.dropLast(suffix?.count ?? 0))
    quote = suffix
  }

  /// An expiry or a kind of contract, no currency.
  private static func isContract(_ part: String) -> Bool {
    part.allSatisfy(\.isNumber) || ["PERP", "SWAP", "FUTURES"].contains(part)
  }

  /// Whether the base is made to stay at one dollar: `USDC`, `USDP`, `TUSD`, `FDUSD`, `BUSD`, `USTC`
  /// and whatever else begins with `USD`. Its moves are noise, and its rank means nothing.
  public var isStablecoin: Bool {
    base.hasPrefix("USD") || ["TUSD", "FDUSD", "BUSD", "USTC"].contains(base)
  }
}
