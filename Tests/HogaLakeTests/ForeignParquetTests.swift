import Foundation
import HogaCore
import HogaLake
import Testing

/// Files that other programs wrote; `Scripts/fixtures/lake_foreign.py` made them.
@Suite("Foreign Parquet files")
struct ForeignParquetTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"
  static let rows = 50
  static let start: Int64 = 1_723_161_255_000_000_000
  static let missing = Column.missing

  static func file(_ name: String) throws -> ParquetFile {
    try ParquetFile("\(folder)/foreign-\(name).parquet")
  }
  static func isNull(_ row: Int) -> Bool { row % 7 == 3 }
  static func whole(_ value: (Int64) -> Int64) -> [Int64] {
    (0..<rows).map { isNull($0) ? missing : value(Int64($0)) }
  }
  static func small(_ value: (Int32) -> Int32) -> [Int32] {
    (0..<rows).map { isNull($0) ? Int32.min : value(Int32($0)) }
  }
  static func real(_ value: (Double) -> Double) -> [Double] {
    (0..<rows).map { isNull($0) ? .nan : value(Double($0)) }
  }
  static func texts(_ value: (Int) -> String) -> Categories {
    Categories((0..<rows).map { isNull($0) ? nil : value($0) })
  }

  static let instants = whole { start + 1_001_000_000 * $0 }

  @Test("of pyarrow are read with every type that has a meaning here")
  func pyarrow() throws {
    let file = try Self.file("pyarrow")
    #expect(file.rowGroupRows == [20, 20, 10])
    let cents = Self.whole { 6_180_000 - 25 * $0 }
    let scaled = { (factor: Int64) in cents.map { $0 == Self.missing ? $0 : $0 * factor } }
    let expected = Frame([
      ("i8", .int32(Self.small { $0 - 25 })), ("i16", .int32(Self.small { 100 * $0 - 2500 })),
      ("i32", .int32(Self.small { 10_000_000 * $0 - 100_000_000 })),
      ("i64", .int64(Self.whole { 1_000_000_000_000_000 * $0 - 10_000_000_000_000_000 })),
      ("u8", .int32(Self.small { 200 + $0 })), ("u16", .int32(Self.small { 65000 + $0 })),
      ("u32", .int64(Self.whole { 4_294_967_000 + $0 })),
      ("u64", .int64(Self.whole { 9_223_372_036_854_775_000 + $0 })),
      ("f16", .double(Self.real { $0 / 4 })), ("f32", .double(Self.real { $0 / 8 })),
      ("f64", .double(Self.real { $0 / 10 })),
      ("bool", .bool((0..<Self.rows).map { $0 % 3 == 0 })),
      ("ts_ms", .timestamp(Self.instants)), ("ts_us", .timestamp(Self.instants)),
      ("ts_ns", .timestamp(Self.whole { 1_723_161_255_000_000_001 + 1001 * $0 })),
      ("ts_seoul", .timestamp(Self.instants)), ("ts_naive", .timestamp(Self.instants)),
      ("date", .timestamp(Self.whole { ($0 - 12) * 86_400_000_000_000 })),
      ("dec9", .decimal(cents, scale: 2)), ("dec18", .decimal(scaled(10_000), scale: 6)),
      ("dec38", .decimal(scaled(-100_000_000), scale: 10)),
      ("string", .category(Self.texts { String("한글".prefix($0 % 3)) })),
      ("large_string", .category(Self.texts { "s\($0 % 4)" })),
      ("dictionary", .category(Self.texts { "d\($0 % 5)" })),
      ("nothing", .double([Double](repeating: .nan, count: Self.rows))),
    ])
    let frame = try file.read()
    for (name, column) in zip(expected.names, expected.columns) {
      let same = try Frame([(name, column)]).hasSameCells(as: frame.selecting([name]))
      #expect(same, "column \(name)")
    }
    #expect(frame.names == expected.names)
    // Statistics are in the file's units, pruning is in ours.
    for name in ["ts_ms", "ts_us", "ts_seoul", "ts_naive"] {
      let from = Self.start + 21 * 1_001_000_000
      #expect(try file.rowGroups(where: name, overlaps: from..<(from + 1)) == [1])
    }
    // Decimals in fixed bytes are read, but their statistics are not: nothing is skipped.
    #expect(try file.rowGroups(where: "dec9", overlaps: 6_180_000..<6_180_001) == [0, 1, 2])
  }

  @Test("of Polars and DuckDB are read", arguments: ["polars", "duckdb"])
  func others(name: String) throws {
    let frame = try Self.file(name).read()
    let expected = Frame([
      ("time", .timestamp(Self.instants)),
      ("price", .decimal(Self.whole { 6_180_000 - 25 * $0 }, scale: 2)),
      ("side", .category(Self.texts { "s\($0 % 4)" })), ("score", .double(Self.real { $0 / 10 })),
    ])
    #expect(frame.hasSameCells(as: expected))
  }

  @Test("with required columns are read")
  func required() throws {
    let frame = try Self.file("required").read()
    #expect(try frame.int64s("a") == (0..<50).map { Int64($0) })
    #expect(try frame.doubles("b") == (0..<50).map { Double($0) / 2 })
  }

  @Test(
    "are refused where a type or value has no place here, by name",
    arguments: [
      ("list", "type list<element: int64> is not supported; choose columns without it"),
      ("struct", "type struct<x: int64> is not supported; choose columns without it"),
      ("binary", "type binary is not supported; choose columns without it"),
      ("clock", "type time64[us] is not supported; choose columns without it"),
      ("fine", "type decimal128(38, 20) is not supported; choose columns without it"),
      ("late", "row 2: the value does not fit"), ("huge", "row 2: the value does not fit"),
      ("wide", "row 2: the decimal has more than 18 digits"),
      ("flag", "row 2: true or false is null"),
      (
        "smallest",
        "holds the smallest integer between rows 1 and 2; it stands for null and cannot be a value"
      ),
      (
        "smallest32",
        "holds the smallest integer between rows 1 and 2; it stands for null and cannot be a value"
      ),
    ])
  func refused(column: String, reason: String) throws {
    let file = try Self.file("refused")
    #expect(throws: DataError(reason, file: file.path, column: column)) {
      _ = try file.read(columns: ["good", column])
    }
    #expect(try file.read(columns: ["good"]).rowCount == 2)
    #expect(
      Set(file.unsupportedColumns.map(\.name)) == ["list", "struct", "binary", "clock", "fine"])
  }

  @Test("with text that is not UTF-8 are refused")
  func latin1() throws {
    let file = try Self.file("latin1")
    #expect(throws: DataError("holds text that is not UTF-8", file: file.path, column: "text")) {
      _ = try file.read()
    }
  }
}
