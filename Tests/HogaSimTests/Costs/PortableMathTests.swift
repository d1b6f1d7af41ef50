import Foundation
import HogaCore
import HogaSim
import Testing

/// `Fixtures/execution.json`, made by `Scripts/fixtures/execution.py`.
func executionFixture() throws -> JSONValue {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return try JSONReader.read(
    String(contentsOf: folder.appending(path: "Fixtures/execution.json"), encoding: .utf8))
}

extension JSONValue {
  var elements: [JSONValue] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }
  var number: Double {
    switch self {
    case .double(let value): value
    case .int(let value): Double(value)
    default: .nan
    }
  }
  func number(_ key: String) -> Double { self[key]?.number ?? .nan }
  func numbers(_ key: String) -> [Double] { self[key]?.elements.map(\.number) ?? [] }
}

@Suite("Portable functions")
struct PortableMathTests {
  @Test("are within a few units in the last place of eighty digits")
  func accuracy() throws {
    let functions = try #require(try executionFixture()["functions"])
    for (input, output, function) in [
      ("x", "exp", PortableMath.exp), ("x", "expm1", PortableMath.expm1),
      ("positive", "log", PortableMath.log), ("positive", "asinh", PortableMath.asinh),
    ] as [(String, String, (Double) -> Double)] {
      let inputs = functions.numbers(input)
      let outputs = functions.numbers(output)
      #expect(inputs.count == outputs.count && inputs.count >= 150)
      for (x, expected) in zip(inputs, outputs) {
        #expect(
          abs(function(x) - expected) <= 4 * expected.ulp, "\(output) of \(x)")
      }
    }
  }

  @Test("have their limits")
  func limits() {
    #expect(PortableMath.exp(0) == 1 && PortableMath.exp(-1000) == 0)
    #expect(PortableMath.exp(1000) == .infinity && PortableMath.exp(-.infinity) == 0)
    #expect(PortableMath.exp(-744) > 0 && PortableMath.exp(709) < .infinity)
    #expect(PortableMath.log(1) == 0 && PortableMath.log(0) == -.infinity)
    #expect(PortableMath.log(-1).isNaN && PortableMath.exp(.nan).isNaN)
    #expect(abs(PortableMath.log(.leastNonzeroMagnitude) + 744.44007192138126) < 1e-12)
    #expect(PortableMath.power(0, 0.3) == 0 && PortableMath.power(9, 0.5) == 3)
    #expect(PortableMath.expm1(1e-300) == 1e-300 && PortableMath.asinh(0) == 0)
  }
}
