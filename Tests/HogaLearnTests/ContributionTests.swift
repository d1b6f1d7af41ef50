import HogaCore
import HogaLearn
import Testing

@Suite("Contributions of features")
struct ContributionTests {
  /// Samples with one missing value.
  private func holed(classes: [String]? = nil) throws -> Samples {
    let samples = try gridSamples(rows: 240, features: 4, horizon: 3, seed: 31)
    var values = samples.x.values.map { 3 * $0 + 1 }
    values[17] = .nan
    let y = samples.y.map { y in
      switch classes?.count {
      case 2: y > 0 ? 1.0 : 0
      case 3: y > 0.4 ? 2.0 : y < -0.4 ? 0 : 1
      default: y
      }
    }
    return try Samples(
      x: Matrix(names: samples.x.names, rowCount: 240, values: values), y: y, time: samples.time,
      labelEnd: samples.labelEnd, classes: classes)
  }

  private func sums(_ x: Matrix, columns: Range<Int>) -> [Double] {
    (0..<x.rowCount).map { row in columns.reduce(0) { $0 + x[row, $1] } }
  }

  private let trees = LightGBM(rounds: 12, minimumRowsPerLeaf: 5, threads: 1)

  @Test(
    "of trees in a pipeline sum to the raw forecast",
    arguments: [nil, ["no", "yes"], Labels.directions], [MissingPolicy.keep, .dropRows])
  func trees(classes: [String]?, missing: MissingPolicy) throws {
    let samples = try holed(classes: classes)
    let model = try Pipeline(missing: missing, scaling: .standard, learner: trees).fit(samples)
    let raw = try #require(model.model as? FittedLightGBM).rawScores(model.prepared(samples.x))
    let parts = try #require(try model.contributions(samples.x))
    let own = samples.x.names + ["bias"]
    #expect(
      parts.names
        == (classes?.count == 3 ? Labels.directions.flatMap { c in own.map { "\(c):\($0)" } } : own)
    )
    for output in 0..<raw.columnCount {
      var wanted = Array(raw.column(output))
      if missing == .dropRows { wanted[17] = .nan }
      #expect(agree(sums(parts, columns: output * 5..<output * 5 + 5), wanted, within: 1e-9))
    }
  }

  @Test("of a linear model are coefficient times scaled value, and sum to the forecast")
  func linear() throws {
    let samples = try holed()
    let learners: [any Learner] = [
      Ridge(penalty: 0.2), LinearRegression(), ElasticNet(penalty: 0.05), ElasticNetCV.lasso(),
    ]
    for learner in learners {
      let model = try Pipeline(missing: .imputeMedian, scaling: .robust, learner: learner).fit(
        samples)
      let parts = try #require(try model.contributions(samples.x))
      #expect(parts.names == samples.x.names + ["bias"])
      #expect(agree(sums(parts, columns: 0..<5), try model.predict(samples.x), within: 1e-12))
      let loaded = try ModelKinds.standard.read(
        .object([("kind", "pipeline"), ("content", model.encoded())]))
      #expect(try loaded.contributions(samples.x) == parts)
    }
    let model = FittedLinear(featureNames: ["a", "b"], coefficients: [2, 0], intercept: -1)
    let x = Matrix(columns: [("b", [.nan, 1]), ("a", [3, 4])])
    #expect(try model.contributions(x)?.values == [6, 8, 0, 0, -1, -1])
  }

  @Test("are found by name in a saved model, and absent where a model cannot tell")
  func saved() throws {
    let samples = try holed(classes: ["no", "yes"])
    let tree = try Pipeline(missing: .keep, scaling: .none, learner: trees).fit(samples)
    let frame = Frame(
      samples.x.names.indices.reversed().map { column in
        (samples.x.names[column], .double(Array(samples.x.column(column))))
      })
    func saved(_ model: any FittedModel) throws -> SavedModel {
      try SavedModel(
        model: model, target: "y", training: samples, seed: 1, configuration: .null)
    }
    #expect(try saved(tree).contributions(frame) == tree.contributions(samples.x))
    let logistic = try Pipeline(scaling: .standard, learner: LogisticRegression()).fit(samples)
    #expect(try saved(logistic).contributions(frame) == nil)
  }
}
