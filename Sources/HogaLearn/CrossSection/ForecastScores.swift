public import HogaCore

/// How well forecasts ranked symbols, over some time.
public struct ForecastScores: Hashable, Sendable {
  /// One month, `2025-05`.
  public struct Month: Hashable, Sendable {
    public var name: String
    public var ic: SeriesSummary
    public var rankIC: SeriesSummary
    /// Of highest and lowest group, per portfolio.
    public var spread: SeriesSummary
  }

  /// One day's means.
  public struct Day: Hashable, Sendable {
    public var date: CivilDate
    public var ic: Double
    public var rankIC: Double
    /// Instants with a coefficient.
    public var count: Int
  }

  /// Of the series of coefficients by instant.
  public var ic: SeriesSummary
  public var rankIC: SeriesSummary
  /// `1 − Σ(y − f)² / Σy²`: against the forecast that nothing happens, which is the natural one for
  /// labels without the market's mean.
  public var rSquaredVersusZero: Double
  /// Rows with forecast and label.
  public var rowCount: Int
  /// The mean number of symbols in instants that have a coefficient.
  public var meanSymbols: Double
  public var months: [Month]
  public var days: [Day]
  /// By number of horizons from zero, the rank IC with what came so much later.
  public var decay: [SeriesSummary]
  /// Of the forecasts' ranks, with one horizon between.
  public var rankAutocorrelation: SeriesSummary
  public var portfolio: PortfolioScores
  /// Instants, and by instant the coefficients; NaN where there is none.
  public var times: [Int64]
  public var icSeries: [Double]
  public var rankICSeries: [Double]

  /// Without the series by instant.
  public var json: JSONValue {
    [
      "ic": ic.json, "rank_ic": rankIC.json, "r2_zero": .double(rSquaredVersusZero),
      "rows": .int(Int64(rowCount)), "mean_symbols": .double(meanSymbols),
      "months": .array(
        months.map {
          [
            "month": .string($0.name), "ic": $0.ic.json, "rank_ic": $0.rankIC.json,
            "spread": $0.spread.json,
          ]
        }),
      "days": .array(
        days.map {
          [
            "date": .string("\($0.date)"), "ic": .double($0.ic), "rank_ic": .double($0.rankIC),
            "instants": .int(Int64($0.count)),
          ]
        }),
      "decay": .array(decay.map(\.json)), "rank_autocorrelation": rankAutocorrelation.json,
      "portfolio": portfolio.json,
    ]
  }
}

/// What portfolios by forecast groups earned, in the label's unit: a fraction where that is a return.
public struct PortfolioScores: Hashable, Sendable {
  /// By group from the lowest forecast up, the mean label over a horizon.
  public var groups: [SeriesSummary]
  /// The highest group less the lowest, over a horizon; before and after fees.
  public var spread: SeriesSummary
  public var netSpread: SeriesSummary
  /// Mean fees of the spread over a horizon; NaN where none can be taken.
  public var cost: Double
  /// Spearman's correlation of group number and mean: 1 where means rise from group to group.
  public var monotonicity: Double
  public var topTurnover: SeriesSummary
  public var bottomTurnover: SeriesSummary
  /// The fee for each side, in basis points, that would take all of the spread; NaN where the spread
  /// is not above zero.
  public var breakEvenFee: Double
  public var curve: Curve

  /// Sums over time of what was earned for one unit of capital on each side, without compounding.
  ///
  /// A portfolio's whole earning is booked when its horizon ends. Points are hours.
  public struct Curve: Hashable, Sendable {
    /// The end of each hour.
    public var times: [Int64] = []
    /// By group.
    public var groups: [[Double]]
    public var spread: [Double] = []
    public var net: [Double] = []
  }

  public var json: JSONValue {
    [
      "groups": .array(groups.map(\.json)), "spread": spread.json, "net_spread": netSpread.json,
      "cost": .double(cost), "monotonicity": .double(monotonicity),
      "top_turnover": topTurnover.json, "bottom_turnover": bottomTurnover.json,
      "break_even_fee_bps": .double(breakEvenFee),
    ]
  }
}

/// Joins measures of stretches that follow each other into scores; its size is that of two numbers by
/// instant.
public struct ForecastTally: Sendable {
  private let rule: ForecastRule
  private var ic: SeriesAccumulator
  private var rankIC: SeriesAccumulator
  private var months: [(name: String, tallies: [SeriesAccumulator])] = []
  private var days: [ForecastScores.Day] = []
  /// Of a month's IC, rank IC and spread.
  private let empty: [SeriesAccumulator]
  private var decay: [SeriesAccumulator]
  private var autocorrelation: SeriesAccumulator
  private var groups: [SeriesAccumulator]
  private var spread: SeriesAccumulator
  private var net: SeriesAccumulator
  private var cost = SeriesAccumulator(lagCapacity: 0)
  private var turnovers: [SeriesAccumulator]
  private var squaredError = 0.0
  private var squaredLabel = 0.0
  private var rowCount = 0
  private var symbols = 0
  private var instants = 0
  private var times: [Int64] = []
  private var icSeries: [Double] = []
  private var rankICSeries: [Double] = []
  private var curve: PortfolioScores.Curve
  private var running: [Double]

  private static let hour: Int64 = 3_600_000_000_000

  public init(_ rule: ForecastRule) {
    self.rule = rule
    let series = SeriesAccumulator(forLags: rule.scoreLags)
    ic = series
    rankIC = series
    decay = [SeriesAccumulator](repeating: series, count: rule.decay + 1)
    autocorrelation = series
    let lags = rule.portfolio.holding == .overlapping ? rule.scoreLags : 0
    spread = SeriesAccumulator(forLags: lags)
    net = spread
    empty = [ic, rankIC, spread]
    groups = [SeriesAccumulator](repeating: spread, count: rule.portfolio.groups.count)
    turnovers = [SeriesAccumulator](repeating: spread, count: 2)
    curve = PortfolioScores.Curve(groups: groups.map { _ in [] })
    running = [Double](repeating: 0, count: groups.count + 2)
  }

  /// - Precondition: the stretch is later than those before.
  public mutating func add(_ measures: ForecastMeasures) {
    precondition(
      measures.times.isEmpty || times.isEmpty || measures.times[0] > times[times.count - 1],
      "stretches are joined in order of time")
    let portfolio = measures.portfolio
    for instant in measures.times.indices {
      let (pearson, rank) = (
        measures.coefficients.pearson[instant], measures.coefficients.rank[instant]
      )
      let date = Timestamp(nanoseconds: measures.times[instant]).date
      ic.push(pearson)
      rankIC.push(rank)
      if !rank.isNaN {
        symbols += measures.coefficients.sizes[instant]
        instants += 1
      }
      addToDay(date, pearson, rank)
      let month = String("\(date)".prefix(7))
      if months.last?.name != month {
        months.append((month, empty))
      }
      months[months.count - 1].tallies[0].push(pearson)
      months[months.count - 1].tallies[1].push(rank)
      if isRebalance(portfolio, instant) {
        months[months.count - 1].tallies[2].push(portfolio.spread[instant])
      }
      for place in decay.indices { decay[place].push(measures.decay[place][instant]) }
      autocorrelation.push(measures.rankAutocorrelation[instant])
      addPortfolio(portfolio, instant, at: measures.times[instant])
    }
    times += measures.times
    icSeries += measures.coefficients.pearson
    rankICSeries += measures.coefficients.rank
    squaredError += measures.squaredError
    squaredLabel += measures.squaredLabel
    rowCount += measures.rowCount
  }

  /// Instants between portfolios that follow each other are not missing ones.
  private func isRebalance(_ portfolio: PortfolioMeasures, _ instant: Int) -> Bool {
    rule.portfolio.holding == .overlapping || !portfolio.spread[instant].isNaN
  }

  private mutating func addToDay(_ date: CivilDate, _ pearson: Double, _ rank: Double) {
    if days.last?.date != date {
      finishDay()
      days.append(ForecastScores.Day(date: date, ic: 0, rankIC: 0, count: 0))
    }
    guard !rank.isNaN, !pearson.isNaN else { return }
    // Sums until the day is over.
    days[days.count - 1].ic += pearson
    days[days.count - 1].rankIC += rank
    days[days.count - 1].count += 1
  }

  private mutating func finishDay() {
    guard let last = days.last else { return }
    days[days.count - 1].ic = last.ic / Double(last.count)
    days[days.count - 1].rankIC = last.rankIC / Double(last.count)
  }

  private mutating func addPortfolio(
    _ portfolio: PortfolioMeasures, _ instant: Int, at time: Int64
  ) {
    guard isRebalance(portfolio, instant) else { return }
    for group in groups.indices { groups[group].push(portfolio.groupMeans[group][instant]) }
    spread.push(portfolio.spread[instant])
    net.push(portfolio.spread[instant] - portfolio.cost[instant])
    cost.push(portfolio.cost[instant])
    turnovers[0].push(portfolio.topTurnover[instant])
    turnovers[1].push(portfolio.bottomTurnover[instant])
    // Each of the portfolios side by side has its part of the capital.
    let part = 1 / rule.portfoliosSideBySide
    let (end, overflow) = time.addingReportingOverflow(rule.horizon.nanoseconds)
    let hour = ((overflow ? time : end) - 1).floorDivided(by: Self.hour) * Self.hour + Self.hour
    if curve.times.last != hour {
      curve.times.append(hour)
      for group in groups.indices { curve.groups[group].append(running[group]) }
      curve.spread.append(running[groups.count])
      curve.net.append(running[groups.count + 1])
    }
    func add(_ value: Double, _ place: Int) { if !value.isNaN { running[place] += value * part } }
    for group in groups.indices { add(portfolio.groupMeans[group][instant], group) }
    add(portfolio.spread[instant], groups.count)
    add(portfolio.spread[instant] - portfolio.cost[instant], groups.count + 1)
    let last = curve.times.count - 1
    for group in groups.indices { curve.groups[group][last] = running[group] }
    curve.spread[last] = running[groups.count]
    curve.net[last] = running[groups.count + 1]
  }

  /// The scores of what was added.
  public var scores: ForecastScores {
    var finished = self
    finished.finishDay()
    let lags = rule.scoreLags
    let portfolioLags = rule.portfolio.holding == .overlapping ? lags : 0
    return ForecastScores(
      ic: ic.summary(minimumLags: lags), rankIC: rankIC.summary(minimumLags: lags),
      rSquaredVersusZero: squaredLabel > 0 ? 1 - squaredError / squaredLabel : .nan,
      rowCount: rowCount, meanSymbols: Double(symbols) / Double(instants),
      months: months.map {
        ForecastScores.Month(
          name: $0.name, ic: $0.tallies[0].summary(minimumLags: lags),
          rankIC: $0.tallies[1].summary(minimumLags: lags),
          spread: $0.tallies[2].summary(minimumLags: portfolioLags))
      }, days: finished.days, decay: decay.map { $0.summary(minimumLags: lags) },
      rankAutocorrelation: autocorrelation.summary(minimumLags: lags),
      portfolio: portfolioScores(portfolioLags), times: times, icSeries: icSeries,
      rankICSeries: rankICSeries)
  }

  private func portfolioScores(_ lags: Int) -> PortfolioScores {
    let means = groups.map { $0.summary(minimumLags: lags) }
    let spread = spread.summary(minimumLags: lags)
    let top = turnovers[0].summary(minimumLags: lags)
    let bottom = turnovers[1].summary(minimumLags: lags)
    // Groups that were always empty have no place in the order.
    let known = means.indices.filter { !means[$0].mean.isNaN }
    let cost = cost.summary().mean
    let fee = rule.portfolio.feeBasisPoints ?? .nan
    // Costs are in proportion to the fee.
    let breakEven =
      fee > 0
      ? spread.mean / cost * fee : spread.mean / (2 * (top.mean + bottom.mean)) * 10_000
    return PortfolioScores(
      groups: means, spread: spread, netSpread: net.summary(minimumLags: lags), cost: cost,
      monotonicity: Metrics.rankCorrelation(known.map(Double.init), known.map { means[$0].mean }),
      topTurnover: top, bottomTurnover: bottom,
      breakEvenFee: spread.mean > 0 && rule.portfolio.feeBasisPoints != nil ? breakEven : .nan,
      curve: curve)
  }
}
