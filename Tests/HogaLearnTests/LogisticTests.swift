import HogaCore
import HogaLearn
import Testing

@Suite("Logistic regression")
struct LogisticTests {
  @Test("coefficients and probabilities are scikit-learn's, for two classes and three")
  func agreesWithScikitLearn() throws {
    let fixture = try Fixture("logistic")
    let cases = fixture.json["cases"]?.elements ?? []
    #expect(cases.count == 6)
    for expected in cases {
      let classes = (0..<Int(expected.number("classes"))).map { "c\($0)" }
      let fit = try LogisticRegression(penalty: expected.number("penalty")).fit(
        fixture.x, classes: expected.integers("y"), of: classes)
      #expect(fit.isConverged)
      let coefficients = expected.lists("coefficients")
      for (found, wanted) in zip(fit.coefficients, coefficients) {
        #expect(agree(found, wanted, within: 1e-6))
      }
      // Only differences of intercepts mean something with more than two classes.
      let intercepts = expected.numbers("intercepts")
      let center = intercepts.count > 1 ? intercepts.reduce(0, +) / Double(intercepts.count) : 0
      #expect(agree(fit.intercepts, intercepts.map { $0 - center }, within: 1e-6))
      let shares = try fit.outputs(fixture.x)
      for (index, wanted) in expected.lists("probabilities").enumerated() {
        #expect(agree(Array(shares.column(index)), wanted, within: 1e-6))
      }
    }
  }

  @Test("a class without training rows gets probability zero")
  func absentClass() throws {
    var random = SeededRandom(3)
    let x = Matrix(columns: [("a", random.normals(60))])
    let y = (0..<60).map { x[$0, 0] > 0 ? 2 : 0 }
    let fit = try LogisticRegression().fit(x, classes: y, of: Labels.directions)
    let shares = try fit.outputs(x)
    #expect(shares.column(1).allSatisfy { $0 == 0 })
    #expect((0..<60).allSatisfy { abs(shares[$0, 0] + shares[$0, 2] - 1) < 1e-12 })
    #expect(throws: DataError.self) {
      try LogisticRegression().fit(x, classes: y.map { _ in 1 }, of: Labels.directions)
    }
  }

  @Test("features of any unit are learned alike, given a penalty in that unit")
  func units() throws {
    var random = SeededRandom(4)
    let a = random.normals(100)
    let y = a.map { $0 + random.normal() > 0 ? 1 : 0 }
    let plain = try LogisticRegression(penalty: 1).fit(
      Matrix(columns: [("a", a)]), classes: y, of: ["no", "yes"])
    let tiny = try LogisticRegression(penalty: 1e-12).fit(
      Matrix(columns: [("a", a.map { $0 * 1e-6 + 1000 })]), classes: y, of: ["no", "yes"])
    #expect(agree(tiny.coefficients[0][0] * 1e-6, plain.coefficients[0][0], within: 1e-4))
  }

  @Test("classes that a line parts are told apart, and the penalty keeps coefficients finite")
  func separable() throws {
    let x = Matrix(columns: [("a", [-3, -2, -1, 1, 2, 3])])
    let y = [0, 0, 0, 1, 1, 1]
    let fit = try LogisticRegression(penalty: 0.1).fit(x, classes: y, of: ["no", "yes"])
    #expect(fit.isConverged)
    #expect(try fit.predict(x) == y.map(Double.init))
  }
}
