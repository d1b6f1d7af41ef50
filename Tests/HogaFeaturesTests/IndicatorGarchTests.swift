import Foundation
import HogaCore
import HogaFeatures
import Testing

@Suite("GARCH(1,1) against Python's arch")
struct IndicatorGarchTests {
  private static func fixture() throws -> (returns: [Double], values: [String: Double]) {
    let closes = try [Bar](fixture: "indicators_spot_bars").map(\.close)
    let table = try Table(fixture: "indicators_garch")
    let names = table.columns["name"]!.map(String.init)
    return (
      zip(closes, closes.dropFirst()).map { 1000 * log($1 / $0) },
      Dictionary(uniqueKeysWithValues: zip(names, table.doubles("value")))
    )
  }

  @Test("variances and likelihood at given parameters agree to 1e-9")
  func filter() throws {
    let (returns, values) = try Self.fixture()
    let model = GarchEstimate(omega: 0.02, alpha: 0.1, beta: 0.85)
    let variances = model.variances(returns)
    for row in stride(from: 0, to: returns.count, by: 29) {
      let wanted = values["variance\(row)"]!
      #expect(abs(variances[row] - wanted) <= 1e-9 * wanted)
    }
    let likelihood = values["fixedLogLikelihood"]!
    #expect(abs(model.likelihood(returns) - likelihood) <= 1e-9 * abs(likelihood))
  }

  @Test("the estimate is as likely as arch's and near it, in any unit")
  func estimate() throws {
    let (returns, values) = try Self.fixture()
    let found = try #require(GarchEstimate.fit(returns))
    #expect(found.logLikelihood >= values["logLikelihood"]! - 1e-6)
    #expect(abs(found.logLikelihood - values["logLikelihood"]!) < 1e-3)
    #expect(abs(found.omega - values["omega"]!) < 2e-3 * values["omega"]!)
    #expect(abs(found.alpha - values["alpha"]!) < 2e-3)
    #expect(abs(found.beta - values["beta"]!) < 2e-3)
    let tiny = try #require(GarchEstimate.fit(returns.map { $0 * 1e-7 }))
    #expect(abs(tiny.alpha - found.alpha) < 1e-6)
    #expect(abs(tiny.omega / found.omega - 1e-14) < 1e-19)
  }

  @Test("nothing is estimated where there is nothing to estimate from")
  func nothing() {
    #expect(GarchEstimate.fit([]) == nil)
    #expect(GarchEstimate.fit([Double](repeating: 0, count: 100)) == nil)
    #expect(GarchEstimate.fit([Double](repeating: .nan, count: 100)) == nil)
  }
}
