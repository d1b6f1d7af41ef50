internal import Glibc
internal import HogaCore

/// Cuts each instant's symbols into groups of nearly equal size, from the lowest forecast up.
///
/// The edges are quantiles with linear interpolation and each group includes its upper edge, as
/// `pandas.qcut` does to the bit. With fewer symbols than groups some groups are empty.
public struct QuantileGroups: Hashable, Sendable {
  /// What becomes of an instant in which equal forecasts make two edges equal.
  public enum TieRule: String, CaseIterable, Sendable {
    /// It is left out, as alphalens does (pandas reports an error).
    case leaveOut = "leave-out"
    /// Equal forecasts are told apart by the order of symbols: `qcut` of `rank(method="first")`.
    case firstInOrder = "first"
  }

  public var count: Int
  public var ties: TieRule
  /// An instant with fewer forecasts has no groups.
  public var minimumSymbols: Int

  /// - Throws: `UsageError` for fewer than two groups or more than a hundred.
  public init(
    count: Int = 5, ties: TieRule = .firstInOrder,
    minimumSymbols: Int = InformationCoefficient.minimumSymbols
  ) throws {
    guard (2...100).contains(count) else {
      throw UsageError("\(count) groups are not in 2…100")
    }
    self.count = count
    self.ties = ties
    self.minimumSymbols = minimumSymbols
  }

  /// The group of each row, from zero; −1 for rows without forecast and instants without groups.
  ///
  /// An instant whose forecasts are all equal has no groups under either rule.
  public func groups(_ forecast: [Double], _ rows: CrossSectionRows) -> [Int] {
    precondition(forecast.count == rows.count, "one forecast for each row")
    let shares = shares
    var groups = [Int](repeating: -1, count: rows.count)
    for instant in 0..<rows.instantCount {
      let present = rows.rows(instant).filter { !forecast[$0].isNaN }
      guard present.count >= max(2, minimumSymbols) else { continue }
      // A stable order, so that equal forecasts stay in the order of symbols.
      let order = present.sorted { (forecast[$0], $0) < (forecast[$1], $1) }
      guard forecast[order[0]] < forecast[order[order.count - 1]] else { continue }
      switch ties {
      case .leaveOut:
        let sorted = order.map { forecast[$0] }
        let edges = shares.map { Self.quantile(ofSorted: sorted, $0) }
        guard zip(edges, edges.dropFirst()).allSatisfy({ $0 != $1 }) else { continue }
        for (place, row) in order.enumerated() {
          groups[row] = Self.bin(sorted[place], edges)
        }
      case .firstInOrder:
        let ranks = (1...order.count).map(Double.init)
        let edges = shares.map { Self.quantile(ofSorted: ranks, $0) }
        for (place, row) in order.enumerated() { groups[row] = Self.bin(ranks[place], edges) }
      }
    }
    return groups
  }

  /// The shares of the edges as pandas makes them since 3.0: those that binary fractions miss are
  /// rounded up.
  private var shares: [Double] {
    (0...count).map { edge in
      var share = edge == count ? 1 : Double(edge) * (1 / Double(count))
      if Double(count) * share != Double(edge) { share = nextafter(share, 1) }
      return share
    }
  }

  /// As NumPy's linear interpolation, in its order of operations.
  private static func quantile(ofSorted sorted: [Double], _ share: Double) -> Double {
    let position = Double(sorted.count - 1) * share
    let below = min(max(Int(position), 0), sorted.count - 1)
    let above = min(below + 1, sorted.count - 1)
    let weight = position - Double(below)
    let step = sorted[above] - sorted[below]
    return weight >= 0.5 ? sorted[above] - step * (1 - weight) : sorted[below] + step * weight
  }

  /// The group whose upper edge is the first at or above the value; the lowest value is in group 0.
  private static func bin(_ value: Double, _ edges: [Double]) -> Int {
    let edge = edges.firstIndex { $0 >= value } ?? edges.count - 1
    return max(0, edge - 1)
  }
}
