import Foundation
import HogaCore
import HogaLearn

/// A file made by `Scripts/fixtures/learn.py`.
struct Fixture {
  let json: JSONValue

  init(_ name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let text = try String(
      contentsOf: folder.appending(path: "Fixtures/\(name).json"), encoding: .utf8)
    json = try JSONReader.read(text)
  }

  /// The columns under `x`, named f0, f1, …
  var x: Matrix {
    Matrix(columns: json.lists("x").enumerated().map { ("f\($0.offset)", $0.element) })
  }
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
  var text: String {
    guard case .string(let text) = self else { return "" }
    return text
  }
  func number(_ key: String) -> Double { self[key]?.number ?? .nan }
  func numbers(_ key: String) -> [Double] { self[key]?.elements.map(\.number) ?? [] }
  func integers(_ key: String) -> [Int] { numbers(key).map { Int($0) } }
  func lists(_ key: String) -> [[Double]] {
    self[key]?.elements.map { $0.elements.map(\.number) } ?? []
  }
}

/// Whether numbers agree within a tolerance, relative to their size where that is above one.
func agree(_ a: [Double], _ b: [Double], within tolerance: Double) -> Bool {
  a.count == b.count && !a.isEmpty
    && zip(a, b).allSatisfy { agree($0, $1, within: tolerance) }
}

func agree(_ a: Double, _ b: Double, within tolerance: Double) -> Bool {
  (a.isNaN && b.isNaN) || abs(a - b) <= tolerance * max(1, abs(b))
}

extension SeededRandom {
  mutating func normal() -> Double {
    (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
  }
  mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }
}

let second: Int64 = 1_000_000_000

/// Samples on a grid of seconds whose labels reach `horizon` seconds ahead.
func gridSamples(
  rows: Int, features: Int, horizon: Int64, seed: UInt64, signal: Double = 0.5
) throws -> Samples {
  var random = SeededRandom(seed)
  let columns = (0..<features).map { ("f\($0)", random.normals(rows)) }
  let y = (0..<rows).map { signal * columns[0].1[$0] + random.normal() }
  let time = (0..<Int64(rows)).map { $0 * second }
  return try Samples(
    x: Matrix(columns: columns.map { (name: $0.0, values: $0.1) }), y: y, time: time,
    labelEnd: time.map { $0 + horizon * second })
}
