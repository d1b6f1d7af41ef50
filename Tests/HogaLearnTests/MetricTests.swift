import Foundation
import HogaCore
import HogaLearn
import Testing

@Suite("Metrics")
struct MetricTests {
  @Test("scores of numbers are scikit-learn's and SciPy's")
  func numbers() throws {
    let expected = try Fixture("scores").json
    let truth = expected.numbers("truth")
    let forecast = expected.numbers("forecast")
    let center = truth.reduce(0, +) / Double(truth.count)
    #expect(agree(Metrics.rmse(truth, forecast), expected.number("rmse"), within: 1e-14))
    #expect(agree(Metrics.mae(truth, forecast), expected.number("mae"), within: 1e-14))
    #expect(
      agree(
        Metrics.rSquared(truth, forecast, reference: truth.map { _ in center }),
        expected.number("rSquared"), within: 1e-13))
    #expect(
      agree(Metrics.correlation(truth, forecast), expected.number("correlation"), within: 1e-13))
    #expect(
      agree(
        Metrics.rankCorrelation(truth, forecast), expected.number("rankCorrelation"),
        within: 1e-13))
    #expect(Metrics.averageRanks(truth) == expected.numbers("ranks"))
  }

  @Test("scores of classes are scikit-learn's, with a class that is never called")
  func classes() throws {
    let expected = try Fixture("scores").json
    let truth = expected.integers("classes")
    for set in expected["sets"]?.elements ?? [] {
      let matrix = ConfusionMatrix(
        truth: truth, forecast: set.integers("calls"), classes: Labels.directions)
      #expect(matrix.counts.map { $0.map(Double.init) } == set.lists("confusion"))
      #expect(agree(matrix.accuracy, set.number("accuracy"), within: 1e-14))
      #expect(agree((0..<3).map(matrix.f1), set.numbers("f1"), within: 1e-14))
      #expect(agree((0..<3).map(matrix.precision), set.numbers("precision"), within: 1e-14))
      #expect(agree((0..<3).map(matrix.recall), set.numbers("recall"), within: 1e-14))
      #expect(agree(matrix.macroF1, set.number("macroF1"), within: 1e-14))
      #expect(agree(matrix.weightedF1, set.number("weightedF1"), within: 1e-14))
    }
    let shares = Matrix(
      columns: zip(Labels.directions, expected.lists("shares")).map { (name: $0, values: $1) })
    #expect(agree(Metrics.logLoss(truth, shares), expected.number("logLoss"), within: 1e-12))
    #expect(agree(Metrics.auc(truth, shares), expected.number("auc"), within: 1e-13))
    #expect(
      agree(
        Metrics.auc(truth.map { $0 == 1 }, Array(shares.column(1))), expected.number("binaryAuc"),
        within: 1e-13))
  }

  @Test("scalers are scikit-learn's, leaving missing values out")
  func scalers() throws {
    let expected = try Fixture("scores").json
    let holes = Matrix(columns: expected.lists("holes").enumerated().map { ("h\($0)", $1) })
    let standard = Scaling.standard.fit(holes)
    #expect(agree(standard.centers, expected.numbers("standardCenters"), within: 1e-13))
    #expect(agree(standard.scales, expected.numbers("standardScales"), within: 1e-13))
    let robust = Scaling.robust.fit(holes)
    #expect(agree(robust.centers, expected.numbers("robustCenters"), within: 1e-13))
    #expect(agree(robust.scales, expected.numbers("robustScales"), within: 1e-13))
    let flat = Scaling.standard.fit(Matrix(columns: [("a", [0.1, 0.1, 0.1]), ("b", [1, 2, 3])]))
    #expect(flat.scales[0] == 1)
  }

  @Test("AUC equals the share of pairs in order", arguments: UInt64(0)..<30)
  func aucByPairs(seed: UInt64) {
    var random = SeededRandom(seed)
    let positives = (0..<40).map { _ in random.uniform() < 0.3 }
    let scores = (0..<40).map { _ in Double(Int.random(in: 0...9, using: &random)) }
    var won = 0.0
    var pairs = 0.0
    for i in 0..<40 where positives[i] {
      for j in 0..<40 where !positives[j] {
        pairs += 1
        won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
      }
    }
    let area = Metrics.auc(positives, scores)
    #expect(pairs == 0 ? area.isNaN : agree(area, won / pairs, within: 1e-13))
  }

  @Test("ranks count the smaller and half the equal values", arguments: UInt64(0)..<20)
  func ranks(seed: UInt64) {
    var random = SeededRandom(seed)
    let values = (0..<30).map { _ in Double(Int.random(in: 0...12, using: &random)) }
    for (value, rank) in zip(values, Metrics.averageRanks(values)) {
      let smaller = values.count { $0 < value }
      let equal = values.count { $0 == value }
      #expect(rank == Double(smaller) + Double(equal + 1) / 2)
    }
  }

  @Test("undefined scores are NaN, not zero")
  func undefined() {
    #expect(Metrics.correlation([1, 2, 3], [5, 5, 5]).isNaN)
    #expect(Metrics.rmse([], []).isNaN)
    #expect(Metrics.auc([true, true], [0.1, 0.2]).isNaN)
    #expect(Metrics.rSquared([1, 1], [0, 0], reference: [1, 1]).isNaN)
    #expect(Estimate(meanOf: []).standardError.isNaN)
  }

  @Test("the error of a share is binomial")
  func binomial() {
    let hits = (0..<50).map { $0 % 5 == 0 ? 1.0 : 0 }
    let estimate = Estimate(meanOf: hits)
    #expect(agree(estimate.value, 0.2, within: 1e-15))
    #expect(agree(estimate.standardError, (0.2 * 0.8 / 50).squareRoot(), within: 1e-15))
  }

  @Test("the error of an information coefficient is its spread over many samples")
  func coefficientError() {
    var random = SeededRandom(11)
    var found: [Double] = []
    var stated: [Double] = []
    for _ in 0..<400 {
      let x = random.normals(200)
      let y = x.map { 0.3 * $0 + random.normal() }
      let estimate = Metrics.informationCoefficient(y, x)
      found.append(estimate.value)
      stated.append(estimate.standardError)
    }
    let center = found.reduce(0, +) / 400
    let spread = (found.reduce(0) { $0 + ($1 - center) * ($1 - center) } / 400).squareRoot()
    #expect(agree(stated.reduce(0, +) / 400, spread, within: 0.01))
    #expect(abs(stated.reduce(0, +) / 400 / spread - 1) < 0.1)
  }

  @Test("with overlapping labels the stated error is near the true one, the naive far below")
  func overlapError() {
    var random = SeededRandom(12)
    let rows = 2000
    let overlap = 10
    var means: [Double] = []
    var stated: [Double] = []
    var naive: [Double] = []
    for _ in 0..<200 {
      let noise = random.normals(rows + overlap)
      let y = (0..<rows).map { row in (0..<overlap).reduce(0) { $0 + noise[row + $1] } }
      means.append(y.reduce(0, +) / Double(rows))
      stated.append(Estimate(meanOf: y, errors: ScoreErrors(lags: 2 * overlap)).standardError)
      naive.append(Estimate(meanOf: y).standardError)
    }
    let spread = (means.reduce(0) { $0 + $1 * $1 } / 200).squareRoot()
    // Bartlett weights at twice the overlap see 5/6 of the variance.
    let ratio = stated.reduce(0, +) / 200 / spread
    #expect(ratio > 0.8 && ratio < 1.1)
    #expect(naive.reduce(0, +) / 200 / spread < 0.4)
  }

  @Test("rows that share a time count as one for errors")
  func sharedTimes() {
    var random = SeededRandom(13)
    let values = random.normals(100)
    let crowd = values.flatMap { [$0, $0, $0, $0] }
    let time = (0..<Int64(100)).flatMap { [$0, $0, $0, $0] }
    let alone = Estimate(meanOf: values, errors: ScoreErrors(lags: 3))
    let together = Estimate(meanOf: crowd, errors: ScoreErrors(lags: 3, time: time))
    #expect(agree(together.standardError, alone.standardError, within: 1e-12))
  }

  @Test("Newey–West sums equal their definition")
  func neweyWestDefinition() {
    var random = SeededRandom(14)
    let values = random.normals(30)
    let center = values.reduce(0, +) / 30
    for lags in 0..<6 {
      var sum = 0.0
      for s in 0..<30 {
        for t in 0..<30 where abs(s - t) <= lags {
          let weight = 1 - Double(abs(s - t)) / Double(lags + 1)
          sum += weight * (values[s] - center) * (values[t] - center)
        }
      }
      let estimate = Estimate(meanOf: values, errors: ScoreErrors(lags: lags))
      #expect(agree(estimate.standardError, sum.squareRoot() / 30, within: 1e-12))
    }
  }

  @Test("Diebold–Mariano is near zero for equal forecasts and large for a better one")
  func dieboldMariano() {
    var random = SeededRandom(15)
    let noise = random.normals(500)
    let better = noise.map { 0.5 * $0 * $0 }
    let test = DieboldMariano(
      losses: better, baseline: noise.map { $0 * $0 }, against: "zero", horizon: 1,
      errors: ScoreErrors())
    #expect(test.statistic > 5)
    #expect(test.pValue < 1e-6)
    let equal = DieboldMariano(
      losses: random.normals(500), baseline: random.normals(500), against: "zero", horizon: 1,
      errors: ScoreErrors())
    #expect(abs(equal.statistic) < 3)
    let worse = DieboldMariano(
      losses: noise.map { $0 * $0 }, baseline: better, against: "zero", horizon: 1,
      errors: ScoreErrors())
    #expect(agree(worse.statistic, -test.statistic, within: 1e-12))
  }

  @Test("a summary counts nulls apart, and correlations are those of complete rows")
  func summary() {
    let matrix = Matrix(columns: [
      ("a", [3, 1, 2, .nan, 5]), ("b", [-3, -1, -2, 0, -5]), ("c", [1, 1, 1, 1, 1]),
    ])
    let first = matrix.summaries()[0]
    #expect(first.count == 5 && first.nulls == 1)
    #expect(first.mean == 2.75)
    #expect(first.quantiles.first == 1 && first.quantiles.last == 5)
    #expect(first.quantiles[4] == 2.5)
    #expect(first.histogram.reduce(0, +) == 4)
    let (values, rows) = matrix.correlations()
    #expect(rows == 4)
    #expect(agree(values[0], 1, within: 1e-15) && agree(values[1], -1, within: 1e-15))
    #expect(values[2].isNaN && values[8].isNaN)
    let empty = ColumnSummary(name: "none", values: [.nan, .nan])
    #expect(empty.nulls == 2 && empty.mean.isNaN && empty.quantiles[4].isNaN)
  }
}
