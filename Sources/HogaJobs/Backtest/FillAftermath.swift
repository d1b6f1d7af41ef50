public import HogaCore
internal import HogaSim

/// What the exchange's book did after the fills of a strategy: whether they were good ones.
///
/// A mark-out is the move of the mid from a fill's price, some time after the match, in the fill's
/// favour. A maker's starts at half the spread it earned and falls as far as better informed orders
/// chose it; a taker's starts at what it paid. Mids are those of the recorded book by the exchange's
/// clock, read again after the run, so they do not depend on how often equity is sampled. Where the
/// book is stale, one-sided or crossed at that moment, or the recording has ended, there is none.
public struct FillAftermath: Sendable {
  /// How long after a match the mid is looked at.
  public static let horizons: [TimeSpan] = [
    .milliseconds(100), .seconds(1), .seconds(5), .seconds(10), .seconds(60),
  ]

  /// The mids after each fill, one list for each of `horizons`; NaN where there is none.
  public var mids: [[Double]]
  /// `time, best_bid, best_ask` of the market in the ten seconds with most fills, twenty a second;
  /// `nil` without fills.
  public var closeUp: Frame?
  /// Mean mark-outs by horizon, makers and takers apart.
  public var markOuts: [MarkOut]

  /// The mean mark-out of some fills.
  public struct MarkOut: Hashable, Sendable {
    /// Time since the match; zero is the match itself.
    public var after: TimeSpan
    public var isMaker: Bool
    /// Fills whose mid is known.
    public var count: Int
    /// In basis points of the fill's price, above zero where the fill gained; before fees.
    public var mean: Double
    /// Of the mean, with fills taken as independent; NaN for fewer than two.
    public var standardError: Double
  }

  /// Columns for the table of fills.
  var columns: [(name: String, mids: [Double])] {
    zip(Self.horizons, mids).map { (Self.column($0), $1) }
  }

  static func column(_ horizon: TimeSpan) -> String { "mid_after_\(horizon)" }

  public var json: JSONValue {
    .array(
      markOuts.map {
        [
          "after": .string("\($0.after)"), "after_ns": .int($0.after.nanoseconds),
          "side": .string($0.isMaker ? "maker" : "taker"), "fills": .int(Int64($0.count)),
          "mean_bps": .double($0.mean), "se_bps": .double($0.standardError),
        ]
      })
  }

  private static let closeUpLength: Int64 = 10_000_000_000
  private static let closeUpStep: Int64 = 50_000_000

  /// Looks at the market once for all results.
  static func all(
    of results: [BacktestResult], _ tape: MarketTape, monitor: JobMonitor
  ) throws -> [FillAftermath] {
    let windows = results.map { closeUpTimes($0.fillLog.map(\.exchangeTime)) }
    let times = zip(results, windows).flatMap { result, window in
      horizons.flatMap { horizon in
        result.fillLog.map { $0.exchangeTime + horizon.nanoseconds }
      } + window
    }
    let quotes = try sample(at: times, tape, monitor)
    var next = 0
    func take(_ count: Int) -> ArraySlice<MarketTape.BestPrices?> {
      defer { next += count }
      return quotes[next..<next + count]
    }
    return zip(results, windows).map { result, window in
      let contract = result.contract
      let mids = horizons.map { _ in
        take(result.fillLog.count).map { quote in
          quote.map { contract.price(halfTicks: $0.bid.ticks + $0.ask.ticks) } ?? .nan
        }
      }
      let shown = Array(take(window.count))
      return FillAftermath(
        mids: mids, closeUp: window.isEmpty ? nil : closeUp(window, shown, contract.instrument),
        markOuts: markOuts(result, mids))
    }
  }

  private static func markOuts(_ result: BacktestResult, _ mids: [[Double]]) -> [MarkOut] {
    let contract = result.contract
    let atMatch = result.fillLog.map { contract.price(halfTicks: $0.matchHalfTicks) }
    return zip([.zero] + horizons, [atMatch] + mids).flatMap { horizon, mids in
      [true, false].compactMap { isMaker -> MarkOut? in
        let moves = zip(result.fillLog, mids).filter { $0.0.isMaker == isMaker }.map {
          fill, mid in
          let price = contract.price(halfTicks: 2 * fill.price.ticks)
          return price > 0 ? Double(fill.side.sign) * (mid - price) / price * 10_000 : .nan
        }
        guard !moves.isEmpty else { return nil }
        return MarkOut(after: horizon, isMaker: isMaker, moves.filter(\.isFinite))
      }
    }
  }

  // MARK: - The close-up

  /// The times of a grid over the stretch that holds most fills.
  private static func closeUpTimes(_ fills: [Int64]) -> [Int64] {
    let fills = fills.sorted()
    guard !fills.isEmpty else { return [] }
    var best = (first: 0, count: 0)
    var last = 0
    for first in fills.indices {
      while last < fills.count, fills[last] - fills[first] < closeUpLength { last += 1 }
      if last - first > best.count { best = (first, last - first) }
    }
    // The fills in the middle, not all at the left edge.
    let spread = fills[best.first + best.count - 1] - fills[best.first]
    let start = fills[best.first] - (closeUpLength - spread) / 2
    let from = Timestamp(nanoseconds: start).roundedUp(to: TimeSpan(nanoseconds: closeUpStep))
    return stride(
      from: from.nanoseconds, through: from.nanoseconds + closeUpLength, by: Int(closeUpStep)
    ).map { $0 }
  }

  private static func closeUp(
    _ times: [Int64], _ quotes: [MarketTape.BestPrices?], _ instrument: Instrument
  ) -> Frame {
    Frame([
      ("time", .timestamp(times)),
      (
        "best_bid",
        .decimal(quotes.map { $0?.bid.ticks ?? Column.missing }, scale: instrument.priceDecimals)
      ),
      (
        "best_ask",
        .decimal(quotes.map { $0?.ask.ticks ?? Column.missing }, scale: instrument.priceDecimals)
      ),
    ])
  }

  // MARK: - Reading the market again

  private static func sample(
    at times: [Int64], _ tape: MarketTape, _ monitor: JobMonitor
  ) throws -> [MarketTape.BestPrices?] {
    guard !times.isEmpty else { return [] }
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    monitor.begin("following the market after fills", unit: "messages")
    let sampled = try tape.bestPrices(at: order.map { times[$0] }, monitor: monitor)
    var quotes = [MarketTape.BestPrices?](repeating: nil, count: times.count)
    for (place, quote) in zip(order, sampled) { quotes[place] = quote }
    return quotes
  }
}

extension FillAftermath.MarkOut {
  fileprivate init(after: TimeSpan, isMaker: Bool, _ moves: [Double]) {
    let count = Double(moves.count)
    let mean = moves.isEmpty ? .nan : moves.reduce(0, +) / count
    let squares = moves.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.init(
      after: after, isMaker: isMaker, count: moves.count, mean: mean,
      standardError: moves.count > 1 ? (squares / (count - 1) / count).squareRoot() : .nan)
  }
}
