internal import HogaCore

/// What the name of a file says of its content, as the archive and freqtrade name them.
///
/// `BTCUSDT-1m-2026-03.zip`, `BTCUSDT-1m-2026-03-05.rest.csv`, `BTCUSDT-metrics-2024-01-01.zip`,
/// `BTCUSDT-fundingRate-2024-01.zip`; `BTC_USDT_USDT-1m-futures.feather`,
/// `BTC_USDT_USDT-8h-funding_rate.feather`, `BTC_USDT_USDT-8h-mark.feather`.
struct KlinesName: Hashable, Sendable {
  var symbol: String?
  var interval: CandleInterval?
  /// What kind of rows the name claims, where it claims any. Klines and premium have equal names.
  var kind: Kind?
  /// The days whose rows it is said to hold.
  var period: ClosedRange<CivilDate>?

  enum Kind: Hashable, Sendable { case bars, metrics, funding, markPrice }

  init() {}

  init(_ fileName: String) {
    var stem = fileName[...]
    var isFeather = false
    for suffix in [".zip", ".gz", ".xz", ".csv", ".feather", ".rest"]
    where stem.lowercased().hasSuffix(suffix) {
      stem = stem.dropLast(suffix.count)
      isFeather = isFeather || suffix == ".feather"
    }
    var parts = stem.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    if isFeather {
      freqtrade(parts)
      return
    }
    period = Self.takePeriod(&parts)
    guard period != nil, parts.count >= 2, let last = parts.popLast() else { return }
    switch last {
    case "metrics": kind = .metrics
    case "fundingRate": kind = .funding
    default:
      guard let interval = CandleInterval(rawValue: last) else { return }
      self.interval = interval
      kind = .bars
    }
    let name = parts.joined(separator: "-")
    if !name.isEmpty { symbol = name }
  }

  /// `BASE_QUOTE_SETTLE-interval-kind`, and `BASE_QUOTE-interval` of a spot market.
  private mutating func freqtrade(_ parts: [String]) {
    guard (2...3).contains(parts.count), let interval = CandleInterval(rawValue: parts[1]) else {
      return
    }
    let pair = parts[0].split(separator: "_").map(String.init)
    guard pair.count >= 2 else { return }
    symbol = pair[0] + pair[1]
    self.interval = interval
    switch parts.count == 3 ? parts[2] : "spot" {
    case "spot", "futures": kind = .bars
    case "funding_rate": kind = .funding
    case "mark": kind = .markPrice
    default: break
    }
  }

  /// Takes `yyyy-mm` or `yyyy-mm-dd` off the end.
  private static func takePeriod(_ parts: inout [String]) -> ClosedRange<CivilDate>? {
    func isNumber(_ text: String, _ digits: Int) -> Bool {
      text.utf8.count == digits && text.utf8.allSatisfy { $0 &- 0x30 <= 9 }
    }
    if parts.count > 3, isNumber(parts[parts.count - 3], 4),
      let date = CivilDate(parts.suffix(3).joined(separator: "-"))
    {
      parts.removeLast(3)
      return date...date
    }
    if parts.count > 2, isNumber(parts[parts.count - 2], 4), isNumber(parts[parts.count - 1], 2),
      let first = CivilDate(parts.suffix(2).joined(separator: "-") + "-01")
    {
      parts.removeLast(2)
      var last = first.adding(days: 27)
      while last.adding(days: 1).components.month == first.components.month {
        last = last.adding(days: 1)
      }
      return first...last
    }
    return nil
  }
}
