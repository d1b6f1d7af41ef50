import Foundation
import HogaCore
import HogaLake

/// Frames with values of every type, drawn from a seed.
struct RandomFrames {
  var random: SeededRandom

  init(_ seed: UInt64) { random = SeededRandom(seed) }

  static let schema = [
    ColumnSchema("real", .double), ColumnSchema("whole", .int64), ColumnSchema("small", .int32),
    ColumnSchema("flag", .bool), ColumnSchema("time", .timestamp),
    ColumnSchema("price", .decimal(scale: 2)), ColumnSchema("tiny", .decimal(scale: 18)),
    ColumnSchema("text", .category),
  ]

  mutating func frame(rows: Int, nulls: Double) -> Frame {
    let words = [
      "", "snapshot", "update", "gap", "한글", "a,b\"c", String(repeating: "x", count: 300),
    ]
    func integers(_ range: ClosedRange<Int64>) -> [Int64] {
      (0..<rows).map { _ in
        random.uniform() < nulls ? Column.missing : Int64.random(in: range, using: &random)
      }
    }
    let extremes: [Double] = [0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, 1e308]
    return Frame([
      (
        "real",
        .double(
          (0..<rows).map { _ in
            random.uniform() < nulls
              ? .nan
              : random.uniform() < 0.1
                ? extremes.randomElement(using: &random)! : random.uniform() - 0.5
          })
      ),
      ("whole", .int64(integers((Int64.min + 1)...Int64.max))),
      (
        "small",
        .int32(
          (0..<rows).map { _ in
            random.uniform() < nulls
              ? Int32.min : Int32.random(in: (Int32.min + 1)...Int32.max, using: &random)
          })
      ),
      ("flag", .bool((0..<rows).map { _ in Bool.random(using: &random) })),
      ("time", .timestamp(integers(-5_000_000_000_000_000_000...5_000_000_000_000_000_000))),
      ("price", .decimal(integers(-1_000...1_000), scale: 2)),
      ("tiny", .decimal(integers(-999_999_999_999_999_999...999_999_999_999_999_999), scale: 18)),
      (
        "text",
        .category(
          Categories(
            (0..<rows).map { _ in
              random.uniform() < nulls ? nil : words.randomElement(using: &random)!
            }))
      ),
    ])
  }
}

extension Frame {
  /// Equal cells, whatever the codes of texts: NaN equals NaN, and −0 differs from 0.
  func hasSameCells(as other: Frame) -> Bool {
    names == other.names && rowCount == other.rowCount
      && zip(columns, other.columns).allSatisfy { mine, theirs in
        switch (mine, theirs) {
        case (.double(let a), .double(let b)):
          zip(a, b).allSatisfy { $0.isNaN ? $1.isNaN : $0.bitPattern == $1.bitPattern }
        case (.category(let a), .category(let b)):
          a.codes.indices.allSatisfy { a[$0] == b[$0] }
        default: mine == theirs
        }
      }
  }
}

extension ParquetWriter {
  /// Writes a frame in one call.
  static func write(
    _ frame: Frame, to path: String, metadata: [String: String] = [:], rowGroupRows: Int? = nil
  ) throws {
    let writer = try ParquetWriter(
      path: path, schema: frame.schema, metadata: metadata, rowGroupRows: rowGroupRows)
    try writer.append(frame)
    try writer.commit()
  }
}
