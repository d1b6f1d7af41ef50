import HogaCore
import HogaLearn
import Testing

@Suite("LightGBM")
struct TreeTests {
  let fixture: Fixture
  let cases: [JSONValue]

  init() throws {
    fixture = try Fixture("trees")
    cases = fixture.json["cases"]?.elements ?? []
  }

  private func classes(_ objective: String) -> [String]? {
    switch objective {
    case "binary": ["no", "yes"]
    case "multiclass": Labels.directions
    default: nil
    }
  }

  private func samples(_ expected: JSONValue) throws -> Samples {
    let y = expected.numbers("y")
    let time = (0..<Int64(y.count)).map { $0 }
    return try Samples(
      x: fixture.x, y: y, time: time, labelEnd: time,
      classes: classes(expected["objective"]?.text ?? ""))
  }

  private var shown: Matrix {
    let first = Int(fixture.json.number("firstShown"))
    return fixture.x.rows(Array(first..<first + 40))
  }

  @Test("a model file predicts what LightGBM's own Python predicts from it")
  func predictions() throws {
    #expect(cases.count == 3)
    for expected in cases {
      let classes = classes(expected["objective"]?.text ?? "")
      let model = try FittedLightGBM(
        modelText: expected["model"]?.text ?? "", featureNames: fixture.x.names, classes: classes)
      let outputs = try model.outputs(shown)
      let raw = try model.rawScores(shown)
      let contributions = try model.contributionsByOutput(shown)
      for row in 0..<shown.rowCount {
        let prediction = expected["predictions"]?.elements[row] ?? .null
        let score = expected["raw"]?.elements[row] ?? .null
        let wide = expected["contributions"]?.elements[row].elements.map(\.number) ?? []
        if classes?.count == 3 {
          for k in 0..<3 {
            #expect(agree(outputs[row, k], prediction.elements[k].number, within: 1e-12))
            #expect(agree(raw[row, k], score.elements[k].number, within: 1e-12))
          }
        } else {
          #expect(
            agree(outputs[row, outputs.columnCount - 1], prediction.number, within: 1e-12))
          #expect(agree(raw[row, 0], score.number, within: 1e-12))
        }
        let width = fixture.x.columnCount + 1
        for (k, matrix) in contributions.enumerated() {
          for column in 0..<width {
            #expect(agree(matrix[row, column], wide[k * width + column], within: 1e-12))
          }
          let sum = (0..<width).reduce(0) { $0 + matrix[row, $1] }
          #expect(agree(sum, raw[row, k], within: 1e-9))
        }
      }
      #expect(agree(try model.gainImportance(), expected.numbers("gain"), within: 1e-9))
      #expect(try model.splitImportance() == expected.numbers("split"))
    }
  }

  @Test("training gives the trees and the early stop of LightGBM's own Python")
  func training() throws {
    for expected in cases {
      let samples = try samples(expected)
      let learner = LightGBM(
        rounds: 40, earlyStopping: 4, learningRate: 0.3, leaves: 6, minimumRowsPerLeaf: 15,
        featureShare: 0.8, rowShare: 0.9, l1: 0.01, l2: 0.5, seed: 7, threads: 1)
      let fit = try learner.fit(
        samples.rows(Array(0..<300)), validation: samples.rows(Array(300..<400)), monitor: nil)
      #expect(fit.bestRound == Int(expected.number("rounds")))
      #expect(agree(fit.validationMetrics, expected.numbers("metrics"), within: 1e-12))
      let wanted = try FittedLightGBM(
        modelText: expected["model"]?.text ?? "", featureNames: fixture.x.names,
        classes: samples.classes)
      #expect(
        agree(
          try fit.outputs(fixture.x).values, try wanted.outputs(fixture.x).values, within: 1e-12))
    }
  }

  @Test("equal data and settings give equal text, with one thread or two")
  func deterministic() throws {
    let samples = try samples(cases[0])
    let one = try LightGBM(rounds: 20, rowShare: 0.7, seed: 3, threads: 1).fit(samples)
    let again = try LightGBM(rounds: 20, rowShare: 0.7, seed: 3, threads: 1).fit(samples)
    let other = try LightGBM(rounds: 20, rowShare: 0.7, seed: 4, threads: 1).fit(samples)
    let two = try LightGBM(rounds: 20, rowShare: 0.7, seed: 3, threads: 2).fit(samples)
    #expect(one.modelText == again.modelText)
    #expect(one.modelText != other.modelText)
    let x = samples.x
    #expect(agree(try one.predict(x), try two.predict(x), within: 1e-12))
  }

  @Test("without validation all rounds are grown")
  func noValidation() throws {
    let fit = try LightGBM(rounds: 7, threads: 1).fit(try samples(cases[0]))
    #expect(fit.bestRound == 7)
    #expect(fit.validationMetrics.isEmpty)
  }

  @Test("what LightGBM refuses comes back as an error")
  func errors() throws {
    let samples = try samples(cases[0])
    for leaves in [1, 131_073, 99_999_999_999] {
      #expect(throws: UsageError("\(leaves) leaves are not in 2…131072")) {
        try LightGBM(leaves: leaves).fit(samples)
      }
    }
    for rounds in [0, 1_000_001, 1_000_000_000] {
      #expect(throws: UsageError("\(rounds) rounds of boosting are not in 1…1000000")) {
        try LightGBM(rounds: rounds).fit(samples)
      }
    }
    #expect(throws: UsageError.self) { try LightGBM(minimumRowsPerLeaf: .max).fit(samples) }
    #expect(throws: UsageError.self) { try LightGBM(maximumDepth: 1 << 40).fit(samples) }
    #expect(throws: UsageError.self) { try LightGBM(learningRate: .infinity).fit(samples) }
    for count in [1, 1001, .max] {
      #expect(throws: UsageError("\(count) penalties are not in 2…1000")) {
        try ElasticNetCV(penaltyCount: count).fit(samples)
      }
    }
    let complete = try gridSamples(rows: 50, features: 2, horizon: 1, seed: 1)
    #expect(throws: UsageError.self) { try ElasticNetCV.lasso(folds: 1001).fit(complete) }
    #expect(throws: UsageError.self) {
      try LightGBM(parameters: ["num_leaves": "5"]).fit(samples)
    }
    #expect(throws: ResourceError.self) {
      try LightGBM(threads: 1, parameters: ["boosting": "nonsense"]).fit(samples)
    }
    let badName = Matrix(
      names: ["a{b\"c", "b", "c", "d", "e"], rowCount: 400, values: samples.x.values)
    #expect(throws: ResourceError.self) {
      try LightGBM(rounds: 2, threads: 1).fit(samples.with(x: badName))
    }
    #expect(throws: DataError.self) {
      try FittedLightGBM(modelText: "nonsense", featureNames: ["a"], classes: nil)
    }
    let text = cases[0]["model"]?.text ?? ""
    #expect(throws: DataError.self) {
      try FittedLightGBM(
        modelText: String(text.prefix(text.count / 2)), featureNames: samples.x.names, classes: nil)
    }
    #expect(throws: DataError.self) {
      try FittedLightGBM(modelText: text, featureNames: ["a"], classes: nil)
    }
  }

  @Test("every loss for numbers trains and differs")
  func losses() throws {
    let samples = try samples(cases[0])
    let losses: [LightGBM.Loss] = [
      .squaredError, .absoluteError, .huber(delta: 0.5), .quantile(0.8),
    ]
    let forecasts = try losses.map {
      try LightGBM(loss: $0, rounds: 10, learningRate: 0.2, threads: 1).fit(samples).predict(
        samples.x)
    }
    #expect(Set(forecasts).count == losses.count)
    let above = zip(samples.y, forecasts[3]).count { $0 < $1 }
    #expect(above > samples.count * 6 / 10)
  }
}
