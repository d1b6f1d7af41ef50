import HogaCore
import HogaLearn
import Testing

@Suite("Linear models")
struct LinearModelTests {
  let fixture: Fixture
  let x: Matrix
  let y: [Double]

  init() throws {
    fixture = try Fixture("linear")
    x = fixture.x
    y = fixture.json.numbers("y")
  }

  @Test("least squares has statsmodels' parameters, errors and R²")
  func leastSquares() throws {
    let expected = try #require(fixture.json["ols"])
    let fit = try LinearRegression().fit(x, y)
    #expect(
      agree([fit.intercept] + fit.coefficients, expected.numbers("parameters"), within: 1e-11))
    #expect(
      agree([fit.interceptError] + fit.standardErrors, expected.numbers("errors"), within: 1e-11))
    #expect(agree(fit.rSquared, expected.number("rSquared"), within: 1e-12))
    #expect(agree(fit.adjustedRSquared, expected.number("adjustedRSquared"), within: 1e-12))
  }

  @Test("Newey–West and White errors are statsmodels'")
  func neweyWest() throws {
    let expected = try #require(fixture.json["ols"])
    let lags = Int(expected.number("neweyWestLags"))
    let fit = try LinearRegression(covariance: .neweyWest(lags: lags)).fit(x, y)
    #expect(
      agree(
        [fit.interceptError] + fit.standardErrors, expected.numbers("neweyWestErrors"),
        within: 1e-11))
    #expect(
      agree(
        [fit.interceptTStatistic] + fit.tStatistics, expected.numbers("neweyWestT"), within: 1e-10))
    let white = try LinearRegression(covariance: .neweyWest(lags: 0)).fit(x, y)
    #expect(
      agree(
        [white.interceptError] + white.standardErrors, expected.numbers("whiteErrors"),
        within: 1e-11))
    let mean = Estimate(meanOf: y, errors: ScoreErrors(lags: lags))
    #expect(agree(mean.value, fixture.json["meanOfY"]?.number("value") ?? 0, within: 1e-13))
    #expect(agree(mean.standardError, fixture.json["meanOfY"]?.number("error") ?? 0, within: 1e-13))
  }

  @Test("least squares names the column that others determine")
  func collinear() throws {
    let copy = Matrix(columns: [("twice", x.column(0).map { 2 * $0 - 1 })])
    #expect(throws: DataError("is a combination of the columns before it", column: "twice")) {
      try LinearRegression().fit(x.appending(copy), y)
    }
    let flat = Matrix(columns: [("flat", y.map { _ in 3 })])
    #expect(throws: DataError.self) { try Ridge(penalty: 0).fit(flat.appending(x), y) }
    let fit = try Ridge(penalty: 1).fit(flat.appending(x), y)
    #expect(fit.coefficients[0] == 0)
  }

  @Test("ridge is scikit-learn's")
  func ridge() throws {
    for expected in fixture.json["ridge"]?.elements ?? [] {
      let fit = try Ridge(penalty: expected.number("alpha")).fit(x, y)
      #expect(agree(fit.coefficients, expected.numbers("coefficients"), within: 1e-10))
      #expect(agree(fit.intercept, expected.number("intercept"), within: 1e-10))
    }
  }

  @Test("elastic nets are scikit-learn's, and meet the conditions of the minimum")
  func elasticNet() throws {
    let cases = fixture.json["elasticNet"]?.elements ?? []
    #expect(cases.count == 4)
    for expected in cases {
      let net = ElasticNet(
        penalty: expected.number("alpha"), l1Share: expected.number("share"), tolerance: 1e-15)
      let fit = try net.fit(x, y)
      #expect(fit.isConverged)
      #expect(agree(fit.coefficients, expected.numbers("coefficients"), within: 1e-6))
      #expect(agree(fit.intercept, expected.number("intercept"), within: 1e-6))
      #expect(try net.optimalityViolation(of: fit.linear, on: x, y) < 1e-6)
    }
  }

  @Test("the LASSO path is scikit-learn's, with the same features in at each penalty")
  func path() throws {
    let expected = try #require(fixture.json["path"])
    let path = try ElasticNetPath(
      penalties: .given(expected.numbers("alphas")), tolerance: 1e-15
    ).fit(x, y)
    for (index, coefficients) in expected.lists("coefficients").enumerated() {
      let model = path.model(at: index)
      #expect(agree(model.coefficients, coefficients, within: 1e-6))
      #expect(model.coefficients.map { $0 != 0 } == coefficients.map { $0 != 0 })
      let violation = try ElasticNet.lasso(penalty: path.penalties[index]).optimalityViolation(
        of: model.linear, on: x, y)
      #expect(violation < 1e-6)
    }
  }

  @Test("an automatic path begins where no feature is in")
  func automaticPath() throws {
    let path = try ElasticNetPath(penalties: .automatic(count: 30, ratio: 1e-2)).fit(x, y)
    #expect(path.count == 30)
    #expect(path.model(at: 0).selected.isEmpty)
    #expect(!path.model(at: 1).selected.isEmpty)
    #expect(agree(path.penalties[29], path.penalties[0] * 1e-2, within: 1e-12))
  }

  @Test("the penalty chosen by walk-forward tests is LassoCV's over TimeSeriesSplit")
  func crossValidation() throws {
    let expected = try #require(fixture.json["cv"])
    var learner = ElasticNetCV(
      penaltyCount: 25, penaltyRatio: 1e-3, splitter: WalkForwardSplit(folds: 5),
      standardizes: false, tolerance: 1e-13)
    let fit = try learner.fit(x, y)
    #expect(agree(fit.penalties, expected.numbers("alphas"), within: 1e-10))
    let errors = expected.lists("errors").map { $0.reduce(0, +) / Double($0.count) }
    #expect(agree(fit.meanErrors, errors, within: 1e-8))
    #expect(agree(fit.penalty, expected.number("alpha"), within: 1e-10))
    #expect(agree(fit.coefficients, expected.numbers("coefficients"), within: 1e-6))

    learner.rule = .oneStandardError
    let stronger = try learner.fit(x, y)
    let limit = fit.meanErrors[fit.leastErrorIndex] + fit.standardErrors[fit.leastErrorIndex]
    #expect(stronger.chosenIndex <= fit.chosenIndex)
    #expect(fit.meanErrors[stronger.chosenIndex] <= limit)
    #expect(fit.meanErrors[..<stronger.chosenIndex].allSatisfy { $0 > limit })
  }

  @Test(
    "coordinate descent reaches the objective of proximal gradient descent",
    arguments: UInt64(0)..<20)
  func proximalGradient(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let rows = Int.random(in: 5...40, using: &random)
    let features = Int.random(in: 1...12, using: &random)  // often more features than rows
    let x = Matrix(columns: (0..<features).map { ("f\($0)", random.normals(rows)) })
    let y = random.normals(rows)
    let net = ElasticNet(
      penalty: 0.02 + 0.3 * random.uniform(), l1Share: 0.3 + 0.7 * random.uniform(),
      tolerance: 1e-12)
    let fit = try net.fit(x, y)
    let slow = proximalGradient(net, x, y)
    let found = objective(net, x, y, fit.coefficients, fit.intercept)
    let reference = objective(net, x, y, slow.coefficients, slow.intercept)
    #expect(fit.isConverged)
    #expect(found <= reference + 1e-9)
    #expect(agree(found, reference, within: 1e-6))
  }

  @Test("standardising inside of a path equals scaling before and dividing after")
  func standardizing() throws {
    let inside = try ElasticNetPath(
      penalties: .given([0.1]), standardizes: true, tolerance: 1e-14
    ).fit(x, y).model(at: 0)
    let scaling = Scaling.standard.fit(x)
    let outside = try ElasticNet.lasso(penalty: 0.1, tolerance: 1e-14).fit(
      scaling.transform(x), y)
    let divided = zip(outside.coefficients, scaling.scales).map { $0 / $1 }
    #expect(agree(inside.coefficients, divided, within: 1e-7))
  }

  @Test("a column that does not vary gets no coefficient")
  func constantColumn() throws {
    let flat = Matrix(columns: [("flat", y.map { _ in 0.1 })])
    let fit = try ElasticNet.lasso(penalty: 1e-4).fit(flat.appending(x), y)
    #expect(fit.coefficients[0] == 0)
    #expect(fit.isConverged)
  }

  @Test("missing and infinite values are refused with their place")
  func refusesMissing() throws {
    let x = Matrix(columns: [("a", [1, 2, .nan, 4]), ("b", [1, 5, 2, 2])])
    #expect {
      try Ridge().fit(x, [1, 2, 3, 4])
    } throws: { error in
      (error as? DataError)?.row == 3 && (error as? DataError)?.column == "a"
    }
    #expect(throws: DataError.self) { try ElasticNet.lasso(penalty: 1).fit(x, [1, 2, 3, 4]) }
    let finite = Matrix(columns: [("a", [1, 2, 3, 4])])
    #expect(throws: DataError.self) { try Ridge().fit(finite, [1, 2, .nan, 4]) }
    #expect(throws: UsageError.self) { try Ridge(penalty: -1).fit(finite, [1, 2, 3, 4]) }
    #expect(throws: UsageError.self) {
      try ElasticNet(penalty: 1, l1Share: 0).fit(finite, [1, 2, 3, 4])
    }
  }

  private func objective(
    _ net: ElasticNet, _ x: Matrix, _ y: [Double], _ weights: [Double], _ intercept: Double
  ) -> Double {
    var sum = 0.0
    for row in y.indices {
      var error = y[row] - intercept
      for j in weights.indices { error -= weights[j] * x[row, j] }
      sum += error * error
    }
    let absolute = weights.reduce(0) { $0 + abs($1) }
    let square = weights.reduce(0) { $0 + $1 * $1 }
    return sum / Double(2 * y.count) + net.penalty * net.l1Share * absolute
      + net.penalty * (1 - net.l1Share) * square / 2
  }

  /// Slow and obvious: small steps down the smooth part, then shrinkage.
  private func proximalGradient(
    _ net: ElasticNet, _ x: Matrix, _ y: [Double]
  ) -> (coefficients: [Double], intercept: Double) {
    let rows = Double(y.count)
    let means = (0..<x.columnCount).map { x.column($0).reduce(0, +) / rows }
    let answerMean = y.reduce(0, +) / rows
    let centred = (0..<x.columnCount).map { j in x.column(j).map { $0 - means[j] } }
    let energy = centred.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } } / rows
    let step = 1 / (energy + net.penalty)
    var weights = [Double](repeating: 0, count: x.columnCount)
    for _ in 0..<5000 {
      var errors = y.map { $0 - answerMean }
      for j in weights.indices where weights[j] != 0 {
        for row in errors.indices { errors[row] -= weights[j] * centred[j][row] }
      }
      for j in weights.indices {
        let slope = zip(centred[j], errors).reduce(0) { $0 + $1.0 * $1.1 } / rows
        let moved =
          weights[j] + step * (slope - net.penalty * (1 - net.l1Share) * weights[j])
        let shrink = step * net.penalty * net.l1Share
        weights[j] = moved > shrink ? moved - shrink : moved < -shrink ? moved + shrink : 0
      }
    }
    let shift = zip(weights, means).reduce(0) { $0 + $1.0 * $1.1 }
    return (weights, answerMean - shift)
  }
}
