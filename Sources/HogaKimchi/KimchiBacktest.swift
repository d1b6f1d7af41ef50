public import HogaCore

/// A backtest of both legs: what a rule would have earned by trading a premium from inventory.
///
/// Coins are sold where they are dear and bought where they are cheap at the same time, from stock
/// that lies on both sides; later the trade is reversed and the stock is as before. Nothing is
/// borrowed. The legs' cash drifts apart, and transfers bring it back: within their daily limit, for
/// their fee, and late. A decision made at a row is carried out where both legs next open a candle
/// together, after the row and never at its own close.
public struct KimchiBacktest: Sendable {
  public var costs: KimchiCosts
  public var inventory: KimchiInventory
  /// The won worth of one entry, at the Korean price.
  public var tradeSize: Int64
  /// After how long without a common candle a decision lapses.
  public var patience: TimeSpan

  /// - Throws: `UsageError` for a size or patience that is not above zero.
  public init(
    costs: KimchiCosts, inventory: KimchiInventory, tradeSize: Int64, patience: TimeSpan
  ) throws(UsageError) {
    guard tradeSize > 0, tradeSize <= 100_000_000_000_000, patience > .zero else {
      throw UsageError("the size of a trade and the patience are above zero")
    }
    self.costs = costs
    self.inventory = inventory
    self.tradeSize = tradeSize
    self.patience = patience
  }

  /// Runs one rule.
  ///
  /// - Parameters:
  ///   - features: `time` and what the rule reads, a row for each of the series.
  ///   - from: rows before are not acted on.
  /// - Throws: `DataError` where no candle can be traded, or the tables do not fit together.
  public func run(
    _ rule: KimchiRule, market: PremiumMarket, series: PremiumSeries, features: Frame,
    limits: KimchiPremium.Limits, from start: Int64 = .min
  ) throws -> KimchiResult {
    let time = try features.int64s("time")
    guard time == series.time else { throw DataError("features and premium have different rows") }
    var state = try RuleState(rule, features: features)
    let openings = Opening.all(of: market, limits: limits)
    guard let firstRow = time.firstIndex(where: { $0 >= start }),
      let first = openings.firstIndex(where: { $0.time > time[firstRow] })
    else { throw DataError("both legs never open a candle together after the first row") }
    var desk = try KimchiDesk(self, at: openings[first])
    var next = first
    var lapsed = 0
    for row in firstRow..<time.count {
      desk.settle(until: time[row])
      let quotes = series.rows[row]
      if !quotes.premium.isNaN {
        desk.mark(Mark(korean: quotes.korean, foreign: quotes.foreign, fx: quotes.fx))
      }
      desk.record(time[row])
      var wanted = state.side(row: row, time: time[row], held: desk.side, since: desk.since)
      while next < openings.count, openings[next].time <= time[row] { next += 1 }
      guard next < openings.count else { continue }
      let opening = openings[next]
      let isLastRow = row + 1 == time.count
      // Where rows are closer than candles, the last row before a candle knows most.
      if !isLastRow, time[row + 1] < opening.time { continue }
      // What is open at the end is closed, so that it has paid its costs.
      if isLastRow || next + 1 == openings.count { wanted = .flat }
      guard opening.time - time[row] <= patience.nanoseconds else {
        if wanted != desk.side { lapsed += 1 }
        continue
      }
      try desk.act(wanted, at: opening)
      if isLastRow { desk.record(opening.time) }
    }
    return desk.result(rule: rule.name, lapsed: lapsed)
  }
}

/// An instant at which both legs open a candle, with the rate known then.
struct Opening {
  var time: Int64
  var mark: Mark

  static func all(of market: PremiumMarket, limits: KimchiPremium.Limits) -> [Opening] {
    var found: [Opening] = []
    let (korean, foreign, fx) = (market.korean, market.foreign, market.fx)
    var (j, rate) = (0, -1)
    for i in korean.openTime.indices {
      let time = korean.openTime[i]
      while j < foreign.count, foreign.openTime[j] < time { j += 1 }
      while rate + 1 < fx.count, fx.known[rate + 1] <= time { rate += 1 }
      guard j < foreign.count, foreign.openTime[j] == time, rate >= 0,
        time - fx.known[rate] <= limits.fx.nanoseconds
      else { continue }
      found.append(
        Opening(
          time: time,
          mark: Mark(korean: korean.open[i], foreign: foreign.open[j], fx: fx.price[rate])))
    }
    return found
  }
}

/// Prices at which everything is valued.
struct Mark {
  var korean: Double
  var foreign: Double
  var fx: Double
  var premium: Double { korean / (foreign * fx) - 1 }
}
