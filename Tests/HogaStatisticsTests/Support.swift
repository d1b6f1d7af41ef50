import Foundation
import HogaCore

/// A fixture in JSON; see `Fixtures/README.md`.
func fixture(_ name: String) throws -> JSONValue {
  let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "Fixtures/\(name)")
  return try JSONReader.read(String(contentsOf: path, encoding: .utf8))
}

extension JSONValue {
  /// NaN where there is no number.
  var number: Double {
    switch self {
    case .double(let value): value
    case .int(let value): Double(value)
    default: .nan
    }
  }
  var integer: Int64 {
    guard case .int(let value) = self else { return .min }
    return value
  }
  var isTrue: Bool { self == .bool(true) }
  var list: [JSONValue] {
    guard case .array(let values) = self else { return [] }
    return values
  }
  var numbers: [Double] { list.map(\.number) }

  func number(_ key: String) -> Double { self[key]?.number ?? .nan }
  func numbers(_ key: String) -> [Double] { self[key]?.numbers ?? [] }
}

/// Whether two numbers agree to a share of the larger one, or of one where they are small.
func agree(_ left: Double, _ right: Double, _ tolerance: Double = 1e-9) -> Bool {
  left == right || abs(left - right) <= tolerance * max(1, abs(left), abs(right))
}

extension SeededRandom {
  /// A normal number, by G. Box and M. Muller's method (1958).
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }
}
