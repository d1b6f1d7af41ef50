public import HogaCore

/// Turns scores of symbols into weights: who is bought, who is sold, and how much.
public struct ScorePortfolio: Hashable, Sendable {
  public enum Selection: Hashable, Sendable {
    /// The highest share of the symbols with a score, in equal parts, against the lowest.
    case quantile(Double)
    /// Weights in proportion to the distance of a symbol's rank from the middle one.
    ///
    /// Source: the weights of A. Lo, A. C. MacKinlay, "When are contrarian profits due to stock market
    /// overreaction?", Review of Financial Studies 3(2), 1990, on ranks in the place of returns.
    case ranks
  }
  public enum Side: String, CaseIterable, Hashable, Sendable {
    /// As much long as short: net exposure is zero.
    case neutral
    /// The long half alone.
    case long
  }

  public let selection: Selection
  public let side: Side
  /// The sum of absolute weights.
  public let gross: Double
  /// The share of the last weights that is kept at each decision: 0 follows scores at once.
  public let smoothing: Double
  private var last: [Double] = []

  /// - Throws: `UsageError` where settings make no sense.
  public init(
    _ selection: Selection = .quantile(0.2), side: Side = .neutral, gross: Double = 1,
    smoothing: Double = 0
  ) throws(UsageError) {
    if case .quantile(let share) = selection {
      guard share > 0, share <= 0.5 else {
        throw UsageError("a quantile of \(share) is not above 0 and at most 0.5")
      }
    }
    guard gross > 0, gross <= 100 else {
      throw UsageError("a gross exposure of \(gross) is not above 0 and at most 100")
    }
    guard (0..<1).contains(smoothing) else {
      throw UsageError("smoothing of \(smoothing) is not in 0..<1")
    }
    self.selection = selection
    self.side = side
    self.gross = gross
    self.smoothing = smoothing
  }

  /// Writes the weights of all symbols; those whose score is NaN get none.
  ///
  /// Equal scores are put in the order of symbols. With fewer than two scores nothing is held.
  package mutating func decide(_ scores: [Double], _ targets: inout BarTargets) {
    let weights = weights(scores)
    if smoothing > 0 {
      if last.isEmpty { last = weights.map { _ in 0 } }
      for symbol in weights.indices {
        last[symbol] = smoothing * last[symbol] + (1 - smoothing) * weights[symbol]
        targets[symbol] = last[symbol]
      }
    } else {
      for symbol in weights.indices { targets[symbol] = weights[symbol] }
    }
  }

  package func weights(_ scores: [Double]) -> [Double] {
    var weights = [Double](repeating: 0, count: scores.count)
    let order = scores.indices.filter { !scores[$0].isNaN }.sorted {
      (scores[$0], $0) < (scores[$1], $1)
    }
    guard order.count > 1 else { return weights }
    let half = side == .neutral ? gross / 2 : gross
    switch selection {
    case .quantile(let share):
      let count = max(Int(share * Double(order.count)), 1)
      for symbol in order.suffix(count) { weights[symbol] = half / Double(count) }
      guard side == .neutral else { break }
      for symbol in order.prefix(count) { weights[symbol] = -half / Double(count) }
    case .ranks:
      let middle = Double(order.count - 1) / 2
      // The sum of the distances above the middle.
      let above = (0..<order.count).reduce(0) { $0 + max(Double($1) - middle, 0) }
      for (rank, symbol) in order.enumerated() {
        let weight = (Double(rank) - middle) / above * half
        weights[symbol] = side == .neutral ? weight : max(weight, 0)
      }
    }
    return weights
  }
}
