public import HogaCore

/// How forecasts are turned into portfolios.
public struct PortfolioRule: Hashable, Sendable {
  /// When a portfolio is formed, and how long it is held.
  public enum Holding: String, CaseIterable, Sendable {
    /// One at every instant, each with an equal part of the capital and held for the horizon: as many
    /// portfolios side by side as the horizon has instants. Source: N. Jegadeesh, S. Titman,
    /// "Returns to buying winners and selling losers", Journal of Finance 48(1), 1993.
    case overlapping
    /// One after the other with all of the capital, at whole multiples of the horizon since 1970.
    case separate
  }

  public var groups: QuantileGroups
  public var holding: Holding
  /// For each side of each trade, in basis points of what is traded; `nil` where labels are no
  /// returns and fees cannot be taken from them.
  public var feeBasisPoints: Double?

  /// - Throws: `UsageError` for a fee below zero.
  public init(
    groups: QuantileGroups, holding: Holding = .overlapping, feeBasisPoints: Double? = 5
  ) throws {
    if let feeBasisPoints {
      guard feeBasisPoints >= 0, feeBasisPoints.isFinite else {
        throw UsageError("a fee of \(feeBasisPoints) bps is not zero or above")
      }
    }
    self.groups = groups
    self.holding = holding
    self.feeBasisPoints = feeBasisPoints
  }

  public var json: JSONValue {
    [
      "groups": .int(Int64(groups.count)), "ties": .string(groups.ties.rawValue),
      "minimum_symbols": .int(Int64(groups.minimumSymbols)), "holding": .string(holding.rawValue),
      "fee_bps": feeBasisPoints.map { .double($0) } ?? .null,
    ]
  }
}

/// By instant, what portfolios of equally weighted symbols of each forecast group would have earned.
///
/// Each is formed by forecasts alone and earns the labels of its symbols over the horizon; a symbol
/// without label earns nothing and does not count. NaN where there is no such portfolio.
public struct PortfolioMeasures: Hashable, Sendable {
  /// By group from the lowest forecast up, by instant, the mean label.
  public var groupMeans: [[Double]]
  /// The mean of the highest group less that of the lowest.
  public var spread: [Double]
  /// The share of the highest group's symbols that were not in it one horizon before (alphalens's
  /// `quantile_turnover`); NaN where there was no portfolio then.
  public var topTurnover: [Double]
  /// Of the lowest group.
  public var bottomTurnover: [Double]
  /// Fees of the spread: twice the fee (selling what leaves, buying what comes) times the turnover
  /// of both groups; where there was no portfolio before, all of it is bought and later sold.
  public var cost: [Double]

  /// - Parameters:
  ///   - label: The return over the horizon that begins at each row; NaN where it is not known.
  ///   - horizon: In nanoseconds.
  public init(
    forecast: [Double], label: [Double], rows: CrossSectionRows, horizon: Int64,
    rule: PortfolioRule
  ) {
    let groups = rule.groups.groups(forecast, rows)
    let top = rule.groups.count - 1
    let before = rows.rows(later: -horizon)
    let instantsBefore = rows.instants(later: -horizon)
    let instants = rows.instantCount
    let nothing = [Double](repeating: .nan, count: instants)
    groupMeans = [[Double]](repeating: nothing, count: rule.groups.count)
    spread = nothing
    topTurnover = nothing
    bottomTurnover = nothing
    cost = nothing
    let hasGroups = (0..<instants).map { instant in
      rows.rows(instant).contains { groups[$0] >= 0 }
    }
    var sums = [Double](repeating: 0, count: top + 1)
    var counts = sums
    for instant in 0..<instants where hasGroups[instant] {
      if rule.holding == .separate,
        rows.time(ofInstant: instant).floorDivided(by: horizon) * horizon
          != rows.time(ofInstant: instant)
      {
        continue
      }
      for group in 0...top {
        sums[group] = 0
        counts[group] = 0
      }
      for row in rows.rows(instant) where groups[row] >= 0 && !label[row].isNaN {
        sums[groups[row]] += label[row]
        counts[groups[row]] += 1
      }
      for group in 0...top where counts[group] > 0 {
        groupMeans[group][instant] = sums[group] / counts[group]
      }
      spread[instant] = groupMeans[top][instant] - groupMeans[0][instant]
      let earlier = instantsBefore[instant]
      if earlier >= 0, hasGroups[earlier] {
        func turnover(_ group: Int) -> Double {
          var members = 0.0
          var new = 0.0
          for row in rows.rows(instant) where groups[row] == group {
            members += 1
            if before[row] < 0 || groups[before[row]] != group { new += 1 }
          }
          return members > 0 ? new / members : .nan
        }
        topTurnover[instant] = turnover(top)
        bottomTurnover[instant] = turnover(0)
      }
      if let fee = rule.feeBasisPoints, !spread[instant].isNaN {
        let turned =
          (topTurnover[instant].isNaN ? 1 : topTurnover[instant])
          + (bottomTurnover[instant].isNaN ? 1 : bottomTurnover[instant])
        cost[instant] = 2 * fee / 10_000 * turned
      }
    }
  }
}
