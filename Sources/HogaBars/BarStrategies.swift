public import HogaCore

/// Buys the symbols that have a bar at its first decision in equal parts, each once, and keeps them.
///
/// Where an order is not filled it is sent again at the next decision, until there is a position.
public struct BuyAndHold: BarStrategy {
  public let name: String
  public let lookback = 0
  /// Those that are still to be bought; `nil` before the first decision.
  private var missing: [Int]?
  private var part = 0.0

  public init(name: String = "buy-and-hold") { self.name = name }

  public mutating func decide(_ view: BarView, _ targets: inout BarTargets) {
    let bars = view.bars(ago: 0)
    if missing == nil {
      let present = (0..<view.symbolCount).filter { bars.isPresent($0) }
      guard !present.isEmpty else { return }
      missing = present
      part = 1 / Double(present.count)
    }
    missing?.removeAll { view.weights[$0] != 0 }
    for symbol in missing ?? [] { targets[symbol] = part }
  }
}

/// Holds all symbols that have a bar in equal parts, and brings them back to it at each decision.
public struct EqualWeight: BarStrategy {
  public let name: String
  public let lookback = 0

  public init(name: String = "equal-weight") { self.name = name }

  public func decide(_ view: BarView, _ targets: inout BarTargets) {
    let bars = view.bars(ago: 0)
    let present = (0..<view.symbolCount).filter { bars.isPresent($0) }
    for symbol in present { targets[symbol] = 1 / Double(present.count) }
  }
}

/// Ranks symbols by chance: what a portfolio of the same shape earns and costs without knowing
/// anything.
public struct RandomScores: BarStrategy {
  public let name: String
  public let lookback = 0
  public var portfolio: ScorePortfolio
  private var random: SeededRandom

  public init(_ portfolio: ScorePortfolio, seed: UInt64, name: String = "random") {
    self.name = name
    self.portfolio = portfolio
    random = SeededRandom(seed)
  }

  public mutating func decide(_ view: BarView, _ targets: inout BarTargets) {
    let bars = view.bars(ago: 0)
    var scores = [Double](repeating: .nan, count: view.symbolCount)
    for symbol in scores.indices {
      // Drawn for every symbol, so that a missing bar does not change what follows.
      let draw = random.uniform()
      if bars.isPresent(symbol) { scores[symbol] = draw }
    }
    portfolio.decide(scores, &targets)
  }
}

/// Ranks symbols by what they returned: the best against the worst, or the other way round.
///
/// Source: N. Jegadeesh, S. Titman, "Returns to buying winners and selling losers", Journal of Finance
/// 48(1), 1993; for the reversal B. Lehmann, "Fads, martingales, and market efficiency", Quarterly
/// Journal of Economics 105(1), 1990.
public struct CrossSectionalMomentum: BarStrategy {
  public let name: String
  public let lookback: Int
  public let window: Int
  public let skip: Int
  public let isReversal: Bool
  public var portfolio: ScorePortfolio

  /// - Parameters:
  ///   - window: bars over which the return is taken.
  ///   - skip: the latest bars, which are left out of it.
  /// - Throws: `UsageError` where a window makes no sense.
  public init(
    window: Int, skip: Int = 0, isReversal: Bool = false, portfolio: ScorePortfolio,
    name: String? = nil
  ) throws(UsageError) {
    guard window > 0, skip >= 0, window <= 1_000_000, skip <= 1_000_000 else {
      throw UsageError("a window of \(window) bars after \(skip) makes no sense")
    }
    self.window = window
    self.skip = skip
    self.isReversal = isReversal
    self.portfolio = portfolio
    lookback = window + skip
    self.name = name ?? (isReversal ? "reversal" : "momentum")
  }

  public mutating func decide(_ view: BarView, _ targets: inout BarTargets) {
    let (now, before) = (view.bars(ago: skip), view.bars(ago: window + skip))
    let latest = view.bars(ago: 0)
    let scores = (0..<view.symbolCount).map { symbol in
      guard latest.isPresent(symbol) else { return Double.nan }
      let change = now.close(symbol) / before.close(symbol) - 1
      return isReversal ? -change : change
    }
    portfolio.decide(scores, &targets)
  }
}

/// Holds each symbol long after it rose and short after it fell, in equal parts.
///
/// Source: T. Moskowitz, Y. H. Ooi, L. H. Pedersen, "Time series momentum", Journal of Financial
/// Economics 104(2), 2012; without their scaling by volatility.
public struct TimeSeriesMomentum: BarStrategy {
  public let name: String
  public let lookback: Int
  public let gross: Double
  public let isLongOnly: Bool

  /// - Parameter window: bars over which the return is taken.
  /// - Throws: `UsageError` where a figure makes no sense.
  public init(
    window: Int, gross: Double = 1, isLongOnly: Bool = false, name: String = "trend"
  ) throws(UsageError) {
    guard window > 0, window <= 1_000_000, gross > 0, gross <= 100 else {
      throw UsageError("a window of \(window) bars with a gross exposure of \(gross)")
    }
    lookback = window
    self.gross = gross
    self.isLongOnly = isLongOnly
    self.name = name
  }

  public func decide(_ view: BarView, _ targets: inout BarTargets) {
    let (now, before) = (view.bars(ago: 0), view.bars(ago: lookback))
    for symbol in 0..<view.symbolCount {
      let change = now.close(symbol) / before.close(symbol) - 1
      let sign = change > 0 ? 1.0 : change < 0 ? (isLongOnly ? 0 : -1.0) : 0
      targets[symbol] = sign * gross / Double(view.symbolCount)
    }
  }
}
