public import HogaCore

/// Whether one forecast ranked better than another, instant by instant on the same rows.
public struct PairedComparison: Hashable, Sendable {
  /// What is compared with.
  public var against: String
  /// Of the differences in IC by instant; above zero where the first is better.
  public var ic: SeriesSummary
  public var rankIC: SeriesSummary

  public var json: JSONValue {
    ["against": .string(against), "ic": ic.json, "rank_ic": rankIC.json]
  }
}

/// Gathers the differences of two forecasts' coefficients over stretches that follow each other.
///
/// Both are taken on the rows that have both forecasts and the label. The mean difference over its
/// Newey–West error is a test after F. Diebold, R. Mariano, "Comparing predictive accuracy", J. Bus.
/// Econ. Stat. 13(3), 1995, with coefficients in the place of losses.
public struct PairedTally: Sendable {
  private let against: String
  private let lags: Int
  private let minimumSymbols: Int
  private var ic: SeriesAccumulator
  private var rankIC: SeriesAccumulator

  public init(against: String, rule: ForecastRule) {
    self.against = against
    lags = rule.scoreLags
    minimumSymbols = rule.minimumSymbols
    ic = SeriesAccumulator(forLags: lags)
    rankIC = ic
  }

  /// By instant, the differences in IC and in rank IC.
  public static func differences(
    _ forecast: [Double], _ other: [Double], label: [Double], rows: CrossSectionRows,
    minimumSymbols: Int
  ) -> (ic: [Double], rankIC: [Double]) {
    let joint = label.indices.map {
      forecast[$0].isNaN || other[$0].isNaN ? Double.nan : label[$0]
    }
    let label = RankedValues(joint, rows)
    func series(_ values: [Double]) -> CoefficientSeries {
      InformationCoefficient.series(
        RankedValues(values, rows), label, rows, minimumSymbols: minimumSymbols)
    }
    let mine = series(forecast)
    let theirs = series(other)
    return (
      zip(mine.pearson, theirs.pearson).map { $0 - $1 }, zip(mine.rank, theirs.rank).map { $0 - $1 }
    )
  }

  public mutating func add(ic differences: [Double], rankIC rankDifferences: [Double]) {
    for value in differences { ic.push(value) }
    for value in rankDifferences { rankIC.push(value) }
  }

  public var comparison: PairedComparison {
    PairedComparison(
      against: against, ic: ic.summary(minimumLags: lags), rankIC: rankIC.summary(minimumLags: lags)
    )
  }
}
