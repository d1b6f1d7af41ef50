import Foundation
import HogaCore
import HogaFeatures
import Testing

@Suite("Indicators against TA-Lib, pandas and NumPy")
struct IndicatorFixtureTests {
  @Test(
    "every column with both seedings agrees to 1e-9 and is known from the same bar",
    arguments: ["walk", "spot", "futures"])
  func agrees(fixture: String) throws {
    let bars = try [Bar](fixture: "indicators_\(fixture)_bars")
    let expected = try Self.expected("indicators_\(fixture)_expected")
    var seen: Set<String> = []
    for length in [5, 30] {
      let operators = Indicators.operators(BarLength(length), seedings: Seeding.allCases)
      let definitions = operators.flatMap(\.definitions)
      let columns = try liveColumns(operators, bars)
      for (definition, values) in zip(definitions, columns) {
        seen.insert(definition.name)
        let wanted = try #require(expected[definition.name], "\(definition.name)")
        #expect(
          values.firstIndex { !$0.isNaN } == wanted.first, "\(definition.name) is first known")
        let sampled = stride(from: 8, to: values.count, by: 9).map { values[$0] }
        try #require(sampled.count == wanted.values.count)
        // A close over an average, less one, is known to a share of the price.
        let isPercent = ["FOSC", "TRIX"].contains { definition.name.contains($0) }
        let floor = definition.group == "Averages" ? (isPercent ? 1e-10 : 1e-12) : 0
        let scale = wanted.values.reduce(0) { $1.isNaN ? $0 : max($0, abs($1)) }
        for (place, (value, want)) in zip(sampled, wanted.values).enumerated() {
          let isEqual =
            value.isNaN || want.isNaN
            ? value.isNaN && want.isNaN
            : abs(value - want) <= 1e-9 * max(abs(want), 0.01 * scale) + floor
          #expect(isEqual, "\(definition.name), bar \(8 + 9 * place): \(value), not \(want)")
        }
      }
    }
    #expect(seen == Set(expected.keys))
  }

  private static func expected(
    _ name: String, file: String = #filePath
  ) throws -> [String: (first: Int?, values: [Double])] {
    let url = URL(fileURLWithPath: file).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name).csv")
    var columns: [String: (first: Int?, values: [Double])] = [:]
    for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      columns[String(cells[0])] = (
        Int(cells[1]), cells.dropFirst(2).map { $0.isEmpty ? .nan : Double($0)! }
      )
    }
    return columns
  }
}
