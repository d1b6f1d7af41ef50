internal import Foundation
internal import HogaCore

/// Which of a frame's columns goes where in an HDF5 file, and what it was in memory.
///
/// Kept in the file as JSON, for pandas' own layout says less than Hoga's types.
struct HDF5Layout: Codable {
  struct Field: Codable {
    var name: String
    var type: String
    /// Of decimals.
    var scale: Int
    /// The level of the index, or −1.
    var level: Int
    /// The block and the column in it, or −1.
    var block: Int
    var item: Int
  }

  /// How a block's numbers are stored; one block per kind.
  enum Storage: Int, Codable, CaseIterable {
    case double, int64, int32, bool, time
  }

  var rows: Int
  var fields: [Field]
  var blocks: [Storage]
  var metadata: [String: String]

  /// How many columns from the first are the index: the texts and times at the front.
  var levelCount: Int { fields.count { $0.level >= 0 } }

  /// - Throws: `UsageError` for a frame that has no numbers, no rows, or text between them.
  init(_ frame: Frame, metadata: [String: String], path: String) throws {
    rows = frame.rowCount
    fields = []
    blocks = []
    self.metadata = metadata
    guard rows > 0 else { throw UsageError("\(path): HDF5 for pandas needs a row") }
    var counts: [Storage: Int] = [:]
    var isIndex = true
    var storages: [Storage?] = []
    for (name, column) in zip(frame.names, frame.columns) {
      isIndex = isIndex && (column.type == .category || column.type == .timestamp)
      let storage = isIndex ? nil : try Self.storage(of: column, name, path)
      storages.append(storage)
      if let storage { counts[storage, default: 0] += 1 }
    }
    guard !counts.isEmpty else { throw UsageError("\(path): HDF5 for pandas needs a number") }
    blocks = Storage.allCases.filter { counts[$0] != nil }
    var next: [Storage: Int] = [:]
    var level = 0
    for ((name, column), storage) in zip(zip(frame.names, frame.columns), storages) {
      let (type, scale) = Self.text(column.type)
      var field = Field(name: name, type: type, scale: scale, level: -1, block: -1, item: -1)
      if let storage {
        field.block = blocks.firstIndex(of: storage) ?? -1
        field.item = next[storage, default: 0]
        next[storage, default: 0] += 1
      } else {
        field.level = level
        level += 1
      }
      fields.append(field)
    }
  }

  private static func storage(
    of column: Column, _ name: String, _ path: String
  ) throws -> Storage {
    switch column {
    case .double: .double
    case .bool: .bool
    case .timestamp: .time
    // pandas has no null in whole numbers, and floats hold them up to 2⁵³.
    case .int64(let values): try fitsDouble(values, column, name, path) ? .double : .int64
    case .decimal(let values, _):
      // Always floats, for which the check is made.
      try fitsDouble(values, nil, name, path) ? .double : .int64
    case .int32: column.nullCount > 0 ? .double : .int32
    case .category:
      throw UsageError(
        "\(path): column \(name) is text; HDF5 for pandas takes text in the first columns alone")
    }
  }

  /// Whether values go as floats: where there are nulls, or always where `column` is `nil`.
  private static func fitsDouble(
    _ values: [Int64], _ column: Column?, _ name: String, _ path: String
  ) throws -> Bool {
    if let column, column.nullCount == 0 { return false }
    guard values.allSatisfy({ $0 == Column.missing || $0.magnitude <= 1 << 53 }) else {
      throw UsageError("\(path): column \(name) has numbers beyond 2⁵³, which floats do not hold")
    }
    return true
  }

  private static func text(_ type: ColumnType) -> (String, Int) {
    switch type {
    case .double: ("double", 0)
    case .int64: ("int64", 0)
    case .int32: ("int32", 0)
    case .bool: ("bool", 0)
    case .timestamp: ("timestamp", 0)
    case .decimal(let scale): ("decimal", scale)
    case .category: ("category", 0)
    }
  }

  /// The column of a field from numbers as they are stored.
  func column(_ field: Field, doubles: [Double]) -> Column? {
    // Whole numbers that do not fit are damage, not zeros.
    let isWhole =
      switch field.type {
      case "int64": doubles.allSatisfy { $0.isNaN || Int64(exactly: $0) != nil }
      case "int32": doubles.allSatisfy { $0.isNaN || Int32(exactly: $0) != nil }
      default: true
      }
    guard isWhole else { return nil }
    return switch field.type {
    case "double": .double(doubles)
    case "int64": .int64(doubles.map { $0.isNaN ? Column.missing : Int64(exactly: $0) ?? 0 })
    case "int32": .int32(doubles.map { $0.isNaN ? Int32.min : Int32(exactly: $0) ?? 0 })
    case "decimal" where (0...Decimal.maximumDecimals).contains(field.scale):
      .decimal(
        doubles.map { value in
          let count = (value * Double(Decimal.power(field.scale))).rounded()
          return value.isNaN ? Column.missing : Int64(exactly: count) ?? Column.missing
        }, scale: field.scale)
    default: nil
    }
  }

  func column(_ field: Field, integers: [Int64]) -> Column? {
    switch field.type {
    case "int64": .int64(integers)
    case "timestamp": .timestamp(integers)
    default: nil
    }
  }

  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self))
  }
}
