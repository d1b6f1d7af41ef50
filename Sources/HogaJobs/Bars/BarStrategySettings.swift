internal import Foundation
public import HogaBars
internal import HogaConfig
internal import HogaCore

/// A strategy on bars as settings describe it.
public struct BarStrategySettings: Sendable {
  /// What it does, as the file writes it.
  public enum Kind: String, CaseIterable, Sendable {
    case momentum, reversal, trend, scores, weights, random
    case buyAndHold = "buy-and-hold"
    case equalWeight = "equal-weight"

    /// What is held by those who know nothing.
    public var isBaseline: Bool { [.random, .buyAndHold, .equalWeight].contains(self) }
  }

  public let kind: Kind
  /// The kind's, unless the file gives another.
  public let name: String
  /// The shape of the portfolios of strategies that rank.
  public let portfolio: ScorePortfolio
  let window: TimeSpan
  let skip: TimeSpan
  let file: BarTableFile?
  let maximumAge: TimeSpan
  private let node: ConfigNode

  init(
    _ node: ConfigNode, relativeTo folder: String, interval: TimeSpan, rebalance: TimeSpan,
    dates: ClosedRange<CivilDate>
  ) throws {
    self.node = node
    kind = try node.require("kind").choice(Kind.self)
    let ranked = ["quantile", "weighting", "side", "gross", "smoothing"]
    let table = ["file", "column", "known_after", "maximum_age"]
    let keys: [String] =
      switch kind {
      case .momentum, .reversal: ["window", "skip"] + ranked
      case .trend: ["window", "gross", "side"]
      case .scores: table + ranked
      case .weights: table
      case .random: ranked
      case .buyAndHold, .equalWeight: []
      }
    try node.rejectUnknown(keys: ["kind", "name"] + keys)
    name = try node["name"]?.name() ?? kind.rawValue
    portfolio = try Self.portfolio(node)
    let needsWindow = [.momentum, .reversal, .trend].contains(kind)
    window = try needsWindow ? node.require("window").positiveSpan() : .zero
    skip = try node.span("skip", default: .zero)
    for (key, span) in [("window", window), ("skip", skip)]
    where span.nanoseconds % interval.nanoseconds != 0 {
      throw try node.require(key).error("\(span) is no multiple of the bars' length, \(interval)")
    }
    maximumAge = try node.span("maximum_age", default: rebalance)
    if [.scores, .weights].contains(kind) {
      file = BarTableFile(
        path: try node.require("file").path(relativeTo: folder),
        column: try node["column"]?.string() ?? (kind == .scores ? "prediction" : "weight"),
        knownAfter: try node.span("known_after", default: interval), dates: dates)
    } else {
      file = nil
    }
  }

  private static func portfolio(_ node: ConfigNode) throws -> ScorePortfolio {
    let weighting = try node["weighting"]?.string() ?? "equal"
    guard ["equal", "ranks"].contains(weighting) else {
      throw try node.require("weighting").error("'\(weighting)' is neither equal nor ranks")
    }
    if weighting == "ranks", let quantile = node["quantile"] {
      throw quantile.error("rank weights hold every symbol: there is no quantile")
    }
    do {
      return try ScorePortfolio(
        weighting == "ranks" ? .ranks : .quantile(node["quantile"]?.double() ?? 0.2),
        side: node["side"]?.choice(ScorePortfolio.Side.self) ?? .neutral,
        gross: node["gross"]?.double() ?? 1, smoothing: node["smoothing"]?.double() ?? 0)
    } catch let error as UsageError {
      throw node.error(error.description)
    }
  }

  /// - Parameter note: told what was read from files.
  func make(
    symbols: [String], interval: TimeSpan, every: TimeSpan, seed: UInt64, note: (String) -> Void
  ) throws -> any BarStrategy {
    func bars(_ span: TimeSpan) -> Int { Int(span.nanoseconds / interval.nanoseconds) }
    do {
      switch kind {
      case .momentum, .reversal:
        return try CrossSectionalMomentum(
          window: bars(window), skip: bars(skip), isReversal: kind == .reversal,
          portfolio: portfolio, name: name)
      case .trend:
        return try TimeSeriesMomentum(
          window: bars(window), gross: portfolio.gross, isLongOnly: portfolio.side == .long,
          name: name)
      case .random: return RandomScores(portfolio, seed: seed, name: name)
      case .buyAndHold: return BuyAndHold(name: name)
      case .equalWeight: return EqualWeight(name: name)
      case .scores, .weights:
        guard let file else { throw node.error("'file' is missing") }
        let contents = try file.read(symbols: symbols, every: every)
        note(
          "\(name): \(NumberText.count(contents.rows)) rows of \(file.column)"
            + (contents.foreignRows > 0
              ? ", \(NumberText.count(contents.foreignRows)) of symbols that are not traded here"
              : ""))
        return kind == .scores
          ? TableScores(
            contents.table, maximumAge: maximumAge, portfolio: portfolio, name: name)
          : TableWeights(contents.table, maximumAge: maximumAge, name: name)
      }
    } catch let error as UsageError {
      throw node.error(error.description)
    }
  }
}
