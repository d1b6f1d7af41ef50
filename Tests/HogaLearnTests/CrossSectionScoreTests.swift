import Foundation
import HogaCore
import HogaLearn
import Testing

private let minute: Int64 = 60_000_000_000

@Suite("Cross-section scores")
struct CrossSectionScoreTests {
  let json: JSONValue
  let rows: CrossSectionRows
  let forecast: [Double]
  let label: [Double]
  let horizon: Int64

  init() throws {
    json = try Fixture("information_coefficient").json
    rows = try CrossSectionRows(
      time: json.integers("minute").map { Int64($0) * minute },
      symbol: json.integers("symbol").map { Int32($0) })
    forecast = json.numbers("forecast")
    label = json.numbers("label")
    horizon = Int64(json.number("horizonMinutes")) * minute
  }

  private func same(_ mine: [Double], _ theirs: [Double]) -> Bool {
    mine.count == theirs.count
      && zip(mine, theirs).allSatisfy {
        $0.isNaN == $1.isNaN && ($0.isNaN || abs($0 - $1) < 1e-9)
      }
  }

  @Test("coefficients by minute equal SciPy's and alphalens's")
  func coefficients() {
    let series = InformationCoefficient.series(
      RankedValues(forecast, rows), RankedValues(label, rows), rows)
    #expect(same(series.pearson, json.numbers("pearson")))
    #expect(same(series.rank, json.numbers("rank")))
    #expect(series.rank.contains(where: \.isNaN) && series.rank.contains { !$0.isNaN })
  }

  @Test("decay compares with the labels of the same symbols so many horizons later")
  func decay() throws {
    let rule = try ForecastRule(
      horizon: TimeSpan(nanoseconds: horizon), decay: 2,
      portfolio: PortfolioRule(groups: QuantileGroups()))
    let measures = ForecastMeasures(forecast: forecast, label: label, rows: rows, rule: rule)
    let expected = json.lists("decay")
    #expect(measures.decay.count == 3)
    for (mine, theirs) in zip(measures.decay, expected) { #expect(same(mine, theirs)) }
  }

  @Test(
    "groups, their means and turnover equal pandas's and alphalens's",
    arguments: ["leaveOut", "first"])
  func quantiles(name: String) throws {
    let expected = try #require(json[name])
    let groups = try QuantileGroups(
      count: Int(json.number("groupCount")), ties: name == "first" ? .firstInOrder : .leaveOut)
    #expect(groups.groups(forecast, rows) == expected.integers("groups"))
    let measures = PortfolioMeasures(
      forecast: forecast, label: label, rows: rows, horizon: horizon,
      rule: try PortfolioRule(groups: groups))
    for (mine, theirs) in zip(measures.groupMeans, expected.lists("means")) {
      #expect(same(mine, theirs))
    }
    let overall = measures.groupMeans.map { SeriesSummary($0).mean }
    #expect(same(overall, expected.numbers("overall")))
    #expect(same(measures.topTurnover, expected.numbers("topTurnover")))
    #expect(same(measures.bottomTurnover, expected.numbers("bottomTurnover")))
  }

  @Test("groups of every size are cut where pandas cuts them")
  func sizes() throws {
    let sizes = json.lists("wideSizes").map { $0.map { Int($0) } }
    let expected = json.lists("wide").map { $0.map { Int($0) } }
    #expect(sizes.count > 100 && sizes.count == expected.count)
    for (size, bins) in zip(sizes, expected) {
      let rows = try CrossSectionRows(
        time: [Int64](repeating: 0, count: size[0]), symbol: (0..<Int32(size[0])).map { $0 })
      let values = (0..<size[0]).map(Double.init)
      for ties in QuantileGroups.TieRule.allCases {
        #expect(
          try QuantileGroups(count: size[1], ties: ties).groups(values, rows) == bins, "\(size)")
      }
    }
  }

  @Test("autocorrelation of ranks equals alphalens's")
  func autocorrelation() {
    let mine = InformationCoefficient.rankAutocorrelation(
      RankedValues(forecast, rows), rows, lag: horizon)
    #expect(same(mine, json.numbers("rankAutocorrelation")))
  }

  @Test("errors of means equal statsmodels's")
  func errors() {
    for (key, values) in [("errors", json.numbers("rank")), ("walkErrors", json.numbers("walk"))] {
      for expected in json[key]?.elements ?? [] {
        let lags = Int(expected.number("lags"))
        var accumulator = SeriesAccumulator(lagCapacity: 60)
        for value in values { accumulator.push(value) }
        let automatic = SeriesAccumulator.automaticLags(count: accumulator.count)
        #expect(automatic == 4 || automatic == 5)
        // Fewer lags than the automatic ones only where there is no room for more.
        var narrow = SeriesAccumulator(lagCapacity: lags)
        for value in values { narrow.push(value) }
        for summary in [narrow.summary(minimumLags: lags), accumulator.summary(minimumLags: lags)]
        where summary.lags == lags {
          #expect(agree(summary.mean, expected.number("mean"), within: 1e-12))
          #expect(agree(summary.standardError, expected.number("error"), within: 1e-11))
          #expect(agree(summary.tStatistic, expected.number("t"), within: 1e-9))
          #expect(agree(summary.standardDeviation, expected.number("deviation"), within: 1e-11))
        }
        #expect(narrow.summary(minimumLags: lags).lags == lags)
      }
    }
  }

  @Test("an error from sums is that of the series", arguments: UInt64(0)..<30)
  func accumulation(seed: UInt64) {
    var random = SeededRandom(seed)
    let count = Int.random(in: 1...80, using: &random)
    let lags = Int.random(in: 0...20, using: &random)
    let values = (0..<count).map { _ in 1e3 + random.normal() }
    var accumulator = SeriesAccumulator(lagCapacity: lags)
    for value in values {
      accumulator.push(value)
      if random.uniform() < 0.1 { accumulator.push(.nan) }
    }
    let summary = accumulator.summary(minimumLags: lags)
    let estimate = Estimate(meanOf: values, errors: ScoreErrors(lags: lags))
    #expect(agree(summary.mean, estimate.value, within: 1e-12))
    // Over a fifth of a series and more the estimate is biased towards zero: none is given.
    if count > 2, lags * 5 <= count {
      #expect(agree(summary.standardError, estimate.standardError, within: 1e-7))
    } else {
      #expect(summary.standardError.isNaN)
    }
  }

  @Test("a constant series has no t-statistic, an empty one nothing at all")
  func degenerate() {
    #expect(SeriesSummary([0.1, 0.1, 0.1, 0.1]).tStatistic.isNaN)
    let empty = SeriesSummary([.nan, .nan])
    #expect(empty.count == 0 && empty.nulls == 2 && empty.mean.isNaN && empty.pValue.isNaN)
    #expect(!SeriesSummary([1e-9, 2e-9, 3e-9, 1e-9]).tStatistic.isNaN)
  }

  @Test("a ratio is made annual only with the number of values in a year")
  func annual() {
    let summary = SeriesSummary([0.1, 0.3, 0.2, -0.1])
    #expect(
      agree(
        summary.annualizedRatio(valuesPerYear: 525_600), summary.ratio * 724.982758415, within: 1e-9
      ))
  }

  @Test("measures of days joined equal measures of the whole, where nothing reaches across")
  func joining() throws {
    let rule = try ForecastRule(
      horizon: TimeSpan(nanoseconds: horizon), decay: 1,
      portfolio: PortfolioRule(groups: QuantileGroups(count: 3)))
    // Two days of which each is a part of the table, far apart.
    let cut = rows.rows(60).lowerBound
    func part(_ range: Range<Int>, _ shift: Int64) throws -> ForecastMeasures {
      ForecastMeasures(
        forecast: Array(forecast[range]), label: Array(label[range]),
        rows: try CrossSectionRows(
          time: rows.time[range].map { $0 + shift }, symbol: Array(rows.symbol[range])), rule: rule)
    }
    let away = 100 * 86_400_000_000_000 as Int64
    var tally = ForecastTally(rule)
    tally.add(try part(0..<cut, 0))
    tally.add(try part(cut..<rows.count, away))
    let joined = tally.scores
    var whole = ForecastTally(rule)
    whole.add(
      ForecastMeasures(
        forecast: forecast, label: label,
        rows: try CrossSectionRows(
          time: rows.time.indices.map { rows.time[$0] + ($0 < cut ? 0 : away) }, symbol: rows.symbol
        ),
        rule: rule))
    // Sums are added in another order; all else is the same.
    var expected = whole.scores
    #expect(agree(expected.rSquaredVersusZero, joined.rSquaredVersusZero, within: 1e-12))
    expected.rSquaredVersusZero = joined.rSquaredVersusZero
    #expect(expected.json == joined.json)
    #expect(joined.months.count == 2 && joined.days.count == 2)
    let means = joined.days.map(\.rankIC)
    let counts = joined.days.map { Double($0.count) }
    let mean = (means[0] * counts[0] + means[1] * counts[1]) / (counts[0] + counts[1])
    #expect(agree(mean, joined.rankIC.mean, within: 1e-12))
    #expect(agree(joined.portfolio.monotonicity, 1, within: 1e-12))
    let r2 = 1 - squares(label, forecast) / squares(label, label.map { _ in 0 })
    #expect(agree(joined.rSquaredVersusZero, r2, within: 1e-12))
  }

  private func squares(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).indices.reduce(0) { sum, row in
      forecast[row].isNaN || label[row].isNaN ? sum : sum + (a[row] - b[row]) * (a[row] - b[row])
    }
  }
}

extension Zip2Sequence where Sequence1 == [Double], Sequence2 == [Double] {
  fileprivate var indices: Range<Int> { 0..<self.reduce(0) { count, _ in count + 1 } }
}

@Suite("Cross-section portfolios")
struct CrossSectionPortfolioTests {
  /// Four symbols over so many minutes with the same labels; forecasts by minute.
  private func measures(
    _ forecasts: [[Double]], holding: PortfolioRule.Holding = .overlapping, horizon: Int64 = 1,
    fee: Double? = 10
  ) throws -> (PortfolioMeasures, PortfolioScores) {
    let symbols = forecasts[0].count
    let rows = try CrossSectionRows(
      time: forecasts.indices.flatMap { instant in
        [Int64](repeating: Int64(instant) * minute, count: symbols)
      }, symbol: forecasts.flatMap { _ in (0..<Int32(symbols)).map { $0 } })
    let labels = forecasts.flatMap { _ in [-0.02, -0.01, 0.01, 0.02] }
    let rule = try ForecastRule(
      horizon: .seconds(60 * horizon), decay: 0,
      portfolio: PortfolioRule(
        groups: QuantileGroups(count: 2), holding: holding, feeBasisPoints: fee))
    let measures = ForecastMeasures(
      forecast: forecasts.flatMap { $0 }, label: labels, rows: rows, rule: rule)
    var tally = ForecastTally(rule)
    tally.add(measures)
    return (measures.portfolio, tally.scores.portfolio)
  }

  @Test("the first portfolio is bought and sold whole, later ones as far as they change")
  func costs() throws {
    let (measures, scores) = try measures([
      [1, 2, 3, 4], [1, 2, 3, 4], [1, 3, 2, 4], [4, 3, 2, 1],
    ])
    #expect(measures.topTurnover[1...] == [0, 0.5, 0.5])
    #expect(measures.bottomTurnover[1...] == [0, 0.5, 0.5])
    // 10 bps × 2 × (turnover of both groups)
    let expected = [0.004, 0, 0.002, 0.002]
    #expect(agree(measures.cost, expected, within: 1e-15))
    #expect(agree(measures.spread, [0.03, 0.03, 0.01, -0.03], within: 1e-15))
    #expect(agree(scores.spread.mean, 0.01, within: 1e-15))
    #expect(agree(scores.netSpread.mean, 0.008, within: 1e-15))
    #expect(agree(scores.breakEvenFee, 50, within: 1e-9))
    #expect(agree(scores.curve.spread.last ?? .nan, 0.04, within: 1e-15))
    #expect(agree(scores.curve.net.last ?? .nan, 0.032, within: 1e-15))
  }

  @Test("overlapping portfolios have equal parts of the capital, separate ones all of it in turn")
  func holdings() throws {
    let steady = [[Double]](repeating: [1, 2, 3, 4], count: 6)
    let (_, overlapping) = try measures(steady, holding: .overlapping, horizon: 3)
    let (measures, separate) = try measures(steady, holding: .separate, horizon: 3)
    // Six portfolios with a third of the capital each, or two with all of it.
    #expect(agree(overlapping.curve.spread.last ?? .nan, 6 * 0.03 / 3, within: 1e-12))
    #expect(agree(separate.curve.spread.last ?? .nan, 2 * 0.03, within: 1e-12))
    #expect(measures.spread.map(\.isNaN) == [false, true, true, false, true, true])
    #expect(separate.spread.count == 2 && separate.spread.nulls == 0)
    #expect(agree(measures.topTurnover[3], 0, within: 0))
  }

  @Test("without fees there are no costs, and minutes without variation have no portfolio")
  func nothing() throws {
    let (measures, scores) = try measures([[1, 2, 3, 4], [2, 2, 2, 2]], fee: nil)
    #expect(measures.cost.allSatisfy(\.isNaN) && scores.cost.isNaN && scores.breakEvenFee.isNaN)
    #expect(measures.spread[1].isNaN && scores.spread.nulls == 1)
    #expect(throws: UsageError.self) {
      try PortfolioRule(groups: QuantileGroups(), feeBasisPoints: -1)
    }
    #expect(throws: UsageError.self) { try QuantileGroups(count: 1) }
  }
}

@Suite("Cross-section rows")
struct CrossSectionRowsTests {
  @Test("rows out of order or twice are refused")
  func order() throws {
    for (time, symbol) in [([0, 0], [1, 1]), ([0, 0], [1, 0]), ([1, 0], [0, 1])] {
      #expect(throws: DataError.self) {
        try CrossSectionRows(time: time.map { Int64($0) }, symbol: symbol.map { Int32($0) })
      }
    }
    #expect(try CrossSectionRows(time: [], symbol: []).instantCount == 0)
  }

  @Test("later rows are those of a plain search", arguments: UInt64(0)..<20)
  func later(seed: UInt64) throws {
    var random = SeededRandom(seed)
    var time: [Int64] = []
    var symbol: [Int32] = []
    for instant in 0..<Int64(30) {
      for name in 0..<Int32(6) where random.uniform() < 0.6 {
        time.append(instant)
        symbol.append(name)
      }
    }
    let rows = try CrossSectionRows(time: time, symbol: symbol)
    for span in [-7, -1, 0, 1, 4, 100] as [Int64] {
      let expected = time.indices.map { row in
        time.indices.first { time[$0] == time[row] + span && symbol[$0] == symbol[row] } ?? -1
      }
      #expect(rows.rows(later: span) == expected)
    }
    let values = time.indices.map { _ in random.uniform() < 0.2 ? .nan : random.uniform() }
    let demeaned = rows.demeaned(values)
    for instant in 0..<rows.instantCount {
      let present = rows.rows(instant).map { demeaned[$0] }.filter { !$0.isNaN }
      #expect(abs(present.reduce(0, +)) < 1e-12)
    }
  }

  @Test("times at the ends of what can be counted do no harm")
  func extremes() throws {
    let rows = try CrossSectionRows(time: [.min, 0, .max], symbol: [0, 0, 0])
    #expect(rows.rows(later: 5) == [-1, -1, -1])
    #expect(rows.rows(later: -5) == [-1, -1, -1])
  }
}

@Suite("Paired comparisons")
struct CrossSectionPairedTests {
  @Test("a forecast is compared with another on the rows that have both")
  func paired() throws {
    var random = SeededRandom(4)
    let (instants, symbols) = (300, 12)
    let rows = try CrossSectionRows(
      time: (0..<instants * symbols).map { Int64($0 / symbols) * minute },
      symbol: (0..<instants * symbols).map { Int32($0 % symbols) })
    let signal = random.normals(rows.count)
    let label = signal.map { 0.3 * $0 + random.normal() }
    var weak = signal.map { 0.3 * $0 + random.normal() }
    for row in weak.indices where row.isMultiple(of: 5) { weak[row] = .nan }
    let rule = try ForecastRule(
      horizon: .seconds(60), portfolio: PortfolioRule(groups: QuantileGroups()))
    var tally = PairedTally(against: "weak", rule: rule)
    let differences = PairedTally.differences(
      signal, weak, label: label, rows: rows, minimumSymbols: 3)
    tally.add(ic: differences.ic, rankIC: differences.rankIC)
    #expect(tally.comparison.rankIC.tStatistic > 5)
    // By hand in the first instant.
    let joint = (0..<symbols).filter { !weak[$0].isNaN }
    func rankIC(_ forecast: [Double]) -> Double {
      Metrics.rankCorrelation(joint.map { label[$0] }, joint.map { forecast[$0] })
    }
    #expect(agree(differences.rankIC[0], rankIC(signal) - rankIC(weak), within: 1e-12))
    let itself = PairedTally.differences(
      signal, signal, label: label, rows: rows, minimumSymbols: 3)
    #expect(itself.rankIC.allSatisfy { $0 == 0 })
  }
}
