/// Values of a cross-section with their ranks in each instant, made once for many comparisons.
public struct RankedValues: Sendable {
  public let values: [Double]
  /// From one within each instant, equal values sharing their average; NaN where the value is.
  public let ranks: [Double]
  /// By instant, how many values there are.
  let present: [Int]

  /// - Precondition: one value for each row.
  public init(_ values: [Double], _ rows: CrossSectionRows) {
    precondition(values.count == rows.count, "one value for each row")
    var ranks = [Double](repeating: .nan, count: values.count)
    var order: [Int] = []
    present = (0..<rows.instantCount).map { instant in
      order.removeAll(keepingCapacity: true)
      for row in rows.rows(instant) where !values[row].isNaN { order.append(row) }
      Self.rank(values, &order, into: &ranks)
      return order.count
    }
    self.values = values
    self.ranks = ranks
  }

  /// Writes the average ranks of the values at `order` to the same places, and sorts `order`.
  fileprivate static func rank(
    _ values: [Double], _ order: inout [Int], into ranks: inout [Double]
  ) {
    order.sort { values[$0] < values[$1] }
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      let shared = Double(start + 1 + end) / 2
      for place in start..<end { ranks[order[place]] = shared }
      start = end
    }
  }
}

/// By instant, how well one set of values goes with another across symbols.
public struct CoefficientSeries: Hashable, Sendable {
  /// Pearson's correlation: the information coefficient, IC. NaN where it is not defined.
  public var pearson: [Double]
  /// Spearman's, with average ranks for equal values: the rank IC. NaN where it is not defined.
  public var rank: [Double]
  /// How many symbols have both values.
  public var sizes: [Int]
}

/// The correlation across symbols of what was foretold with what came.
///
/// Source: R. Grinold, R. Kahn, "Active portfolio management", 2nd ed. 2000, chapter 6.
public enum InformationCoefficient {
  /// Fewer symbols than these with both values make no coefficient.
  public static let minimumSymbols = 3

  /// The coefficients of each instant.
  ///
  /// NaN where fewer than `minimumSymbols` symbols have both values, or where one of them does not
  /// vary. Ranks are taken among the symbols that have both.
  public static func series(
    _ forecast: RankedValues, _ label: RankedValues, _ rows: CrossSectionRows,
    minimumSymbols: Int = minimumSymbols
  ) -> CoefficientSeries {
    var series = CoefficientSeries(pearson: [], rank: [], sizes: [])
    series.pearson.reserveCapacity(rows.instantCount)
    series.rank.reserveCapacity(rows.instantCount)
    series.sizes.reserveCapacity(rows.instantCount)
    var joint: [Int] = []
    var order: [Int] = []
    var ranksA = [Double](repeating: .nan, count: rows.count)
    var ranksB = ranksA
    for instant in 0..<rows.instantCount {
      joint.removeAll(keepingCapacity: true)
      for row in rows.rows(instant)
      where !forecast.values[row].isNaN && !label.values[row].isNaN {
        joint.append(row)
      }
      series.sizes.append(joint.count)
      guard joint.count >= max(2, minimumSymbols) else {
        series.pearson.append(.nan)
        series.rank.append(.nan)
        continue
      }
      series.pearson.append(correlation(forecast.values, label.values, joint))
      if joint.count == forecast.present[instant], joint.count == label.present[instant] {
        series.rank.append(correlation(forecast.ranks, label.ranks, joint))
      } else {
        // Symbols without a partner must not take a rank.
        order = joint
        RankedValues.rank(forecast.values, &order, into: &ranksA)
        order = joint
        RankedValues.rank(label.values, &order, into: &ranksB)
        series.rank.append(correlation(ranksA, ranksB, joint))
      }
    }
    return series
  }

  /// Pearson's correlation of the values at some rows; NaN where one side does not vary.
  static func correlation(_ a: [Double], _ b: [Double], _ rows: [Int]) -> Double {
    guard let first = rows.first else { return .nan }
    var sumA = 0.0
    var sumB = 0.0
    var varies = (false, false)
    for row in rows {
      sumA += a[row]
      sumB += b[row]
      if a[row] != a[first] { varies.0 = true }
      if b[row] != b[first] { varies.1 = true }
    }
    guard varies == (true, true) else { return .nan }
    let meanA = sumA / Double(rows.count)
    let meanB = sumB / Double(rows.count)
    var squaresA = 0.0
    var squaresB = 0.0
    var products = 0.0
    for row in rows {
      let x = a[row] - meanA
      let y = b[row] - meanB
      squaresA += x * x
      squaresB += y * y
      products += x * y
    }
    let scale = squaresA.squareRoot() * squaresB.squareRoot()
    return scale > 0 ? min(1, max(-1, products / scale)) : .nan
  }

  /// How alike the ranks of one instant are to those `span` nanoseconds before, by instant.
  ///
  /// Ranks are taken among all symbols of each instant, the correlation over those of both; as
  /// alphalens's `factor_rank_autocorrelation`. NaN where there is no such earlier instant.
  public static func rankAutocorrelation(
    _ forecast: RankedValues, _ rows: CrossSectionRows, lag span: Int64
  ) -> [Double] {
    let before = rows.rows(later: -span)
    let earlier = before.map { $0 < 0 ? .nan : forecast.ranks[$0] }
    return (0..<rows.instantCount).map { instant in
      let joint = rows.rows(instant).filter { !forecast.ranks[$0].isNaN && !earlier[$0].isNaN }
      return joint.count > 1 ? correlation(forecast.ranks, earlier, joint) : .nan
    }
  }
}
