public import HogaCore

/// How forecasts are judged.
public struct ForecastRule: Hashable, Sendable {
  /// What the label reaches over.
  public var horizon: TimeSpan
  /// Between two instants.
  public var step: TimeSpan
  public var minimumSymbols: Int
  /// How many horizons later the forecast is compared with what came then.
  public var decay: Int
  public var portfolio: PortfolioRule

  /// - Throws: `UsageError` where horizon or step are not above zero.
  public init(
    horizon: TimeSpan, step: TimeSpan = .seconds(60),
    minimumSymbols: Int = InformationCoefficient.minimumSymbols, decay: Int = 5,
    portfolio: PortfolioRule
  ) throws {
    guard horizon > .zero, step > .zero, decay >= 0, decay <= 1000 else {
      throw UsageError("a horizon of \(horizon), steps of \(step), a decay of \(decay)")
    }
    self.horizon = horizon
    self.step = step
    self.minimumSymbols = minimumSymbols
    self.decay = decay
    self.portfolio = portfolio
  }

  /// Over how many instants a label reaches.
  var overlap: Int { Int(clamping: (horizon.nanoseconds - 1) / step.nanoseconds + 1) }

  /// Over how many instants errors of means allow for correlation, at the least.
  public var scoreLags: Int { Self.scoreLags(overlap: overlap) }

  /// Labels that reach over `k` instants are correlated over `k − 1`. Bartlett weights shrink those
  /// correlations, so that twice as many lags are taken, as `Samples.scoreLags` does; none without
  /// overlap.
  public static func scoreLags(overlap: Int) -> Int {
    overlap > 1 ? 2 * min(overlap, 1_000_000) : 0
  }

  /// Instants over which a portfolio is held, 1 where they follow each other.
  var portfoliosSideBySide: Double {
    portfolio.holding == .overlapping ? Double(overlap) : 1
  }
}

/// A forecast's measures in every instant of one stretch of rows: a day, say.
///
/// Nothing reaches from one stretch into another, so stretches are measured independently and joined
/// by a `ForecastTally` in order of time.
public struct ForecastMeasures: Sendable {
  public let times: [Int64]
  public let coefficients: CoefficientSeries
  /// By number of horizons from zero, by instant, the rank IC with the label so much later.
  public let decay: [[Double]]
  public let rankAutocorrelation: [Double]
  public let portfolio: PortfolioMeasures
  /// Of rows with both values: `Σ (y − f)²`, `Σ y²`, and how many there are.
  let squaredError: Double
  let squaredLabel: Double
  let rowCount: Int

  /// - Parameters:
  ///   - forecast: By row; NaN where there is none.
  ///   - label: By row; NaN where it is not known.
  public init(
    forecast: [Double], label: [Double], rows: CrossSectionRows, rule: ForecastRule
  ) {
    let horizon = rule.horizon.nanoseconds
    let ranked = RankedValues(forecast, rows)
    times = (0..<rows.instantCount).map { rows.time(ofInstant: $0) }
    coefficients = InformationCoefficient.series(
      ranked, RankedValues(label, rows), rows, minimumSymbols: rule.minimumSymbols)
    var decay = [coefficients.rank]
    for distance in 0..<rule.decay {
      let (span, overflow) = horizon.multipliedReportingOverflow(by: Int64(distance + 1))
      let later = overflow ? label.map { _ in .nan } : rows.values(label, later: span)
      decay.append(
        InformationCoefficient.series(
          ranked, RankedValues(later, rows), rows, minimumSymbols: rule.minimumSymbols
        ).rank)
    }
    self.decay = decay
    rankAutocorrelation = InformationCoefficient.rankAutocorrelation(ranked, rows, lag: horizon)
    portfolio = PortfolioMeasures(
      forecast: forecast, label: label, rows: rows, horizon: horizon, rule: rule.portfolio)
    var errors = 0.0
    var squares = 0.0
    var count = 0
    for row in forecast.indices where !forecast[row].isNaN && !label[row].isNaN {
      errors += (label[row] - forecast[row]) * (label[row] - forecast[row])
      squares += label[row] * label[row]
      count += 1
    }
    squaredError = errors
    squaredLabel = squares
    rowCount = count
  }
}
