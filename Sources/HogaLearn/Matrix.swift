public import HogaCore

/// Numbers of named features, rows by columns, stored column by column.
///
/// Missing is NaN. Columns are found by name, so two tables with the same columns in another order
/// mean the same to a model.
public struct Matrix: Hashable, Sendable {
  public let names: [String]
  public let rowCount: Int
  /// Column after column: the value at (row, column) is at `column · rowCount + row`.
  public let values: [Double]

  public var columnCount: Int { names.count }

  /// - Precondition: there are `names.count · rowCount` values.
  public init(names: [String], rowCount: Int, values: [Double]) {
    precondition(
      values.count == names.count * rowCount,
      "\(names.count) columns of \(rowCount) rows do not have \(values.count) values")
    self.names = names
    self.rowCount = rowCount
    self.values = values
  }

  /// - Precondition: the columns are equally long.
  public init(columns: [(name: String, values: [Double])]) {
    let rowCount = columns.first?.values.count ?? 0
    var values: [Double] = []
    values.reserveCapacity(columns.count * rowCount)
    for column in columns {
      precondition(column.values.count == rowCount, "column \(column.name) has another length")
      values += column.values
    }
    self.init(names: columns.map(\.name), rowCount: rowCount, values: values)
  }

  /// Takes numeric columns of a frame, nulls as NaN, in the order that is asked for.
  ///
  /// - Throws: `DataError` that names every column that is missing, holds text or is asked for twice.
  public init(_ frame: Frame, columns: [String]) throws {
    try Self.checkNames(columns, in: Set(frame.names))
    var values: [Double] = []
    values.reserveCapacity(columns.count * frame.rowCount)
    for name in columns { values += try frame.doubles(name) }
    self.init(names: columns, rowCount: frame.rowCount, values: values)
  }

  public subscript(row: Int, column: Int) -> Double {
    precondition(row >= 0 && row < rowCount, "no row \(row) among \(rowCount)")
    return values[column * rowCount + row]
  }

  /// The values of one column.
  public func column(_ index: Int) -> ArraySlice<Double> {
    values[index * rowCount..<(index + 1) * rowCount]
  }

  /// The values of one column, or `nil` where there is none of that name.
  public func column(named name: String) -> ArraySlice<Double>? {
    names.firstIndex(of: name).map { column($0) }
  }

  /// The rows at `indices`, in that order; an index may repeat.
  ///
  /// - Precondition: every index is in `0..<rowCount`.
  public func rows(_ indices: [Int]) -> Matrix {
    precondition(
      indices.allSatisfy { $0 >= 0 && $0 < rowCount }, "a row index is outside 0..<\(rowCount)")
    var picked: [Double] = []
    picked.reserveCapacity(indices.count * columnCount)
    for column in 0..<columnCount {
      let start = column * rowCount
      for row in indices { picked.append(values[start + row]) }
    }
    return Matrix(names: names, rowCount: indices.count, values: picked)
  }

  /// The named columns, in that order; itself where they are these already.
  ///
  /// - Throws: `DataError` that names every missing column. More columns than asked for are fine.
  public func selecting(_ wanted: [String]) throws -> Matrix {
    if wanted == names { return self }
    try Self.checkNames(wanted, in: Set(names))
    var placeOf: [String: Int] = [:]
    for (place, name) in names.enumerated() { placeOf[name] = place }
    var picked: [Double] = []
    picked.reserveCapacity(wanted.count * rowCount)
    for name in wanted { if let place = placeOf[name] { picked += column(place) } }
    return Matrix(names: wanted, rowCount: rowCount, values: picked)
  }

  /// This matrix with more columns to its right.
  ///
  /// - Precondition: row counts are equal.
  public func appending(_ other: Matrix) -> Matrix {
    precondition(other.rowCount == rowCount, "the matrices have different row counts")
    return Matrix(
      names: names + other.names, rowCount: rowCount, values: values + other.values)
  }

  /// How many values are missing, by column.
  public var missingCounts: [Int] { (0..<columnCount).map { column($0).count { $0.isNaN } } }

  /// Whether each row has a value in every column.
  public var completeRows: [Bool] {
    var complete = [Bool](repeating: true, count: rowCount)
    for index in 0..<columnCount {
      let start = index * rowCount
      for row in 0..<rowCount where values[start + row].isNaN { complete[row] = false }
    }
    return complete
  }

  /// - Throws: `DataError` at the first value that no model can take: an infinity, or NaN unless
  ///   `missingAllowed`.
  func checkFinite(missingAllowed: Bool = false) throws {
    for (place, value) in values.enumerated()
    where !value.isFinite && !(missingAllowed && value.isNaN) {
      let reason =
        value.isNaN
        ? "missing; drop such rows or impute them first" : "is infinite, no model can use it"
      throw DataError(reason, row: place % rowCount + 1, column: names[place / rowCount])
    }
  }

  private static func checkNames(_ wanted: [String], in present: Set<String>) throws {
    let missing = wanted.filter { !present.contains($0) }
    guard missing.isEmpty else {
      let shown = missing.prefix(8).joined(separator: ", ") + (missing.count > 8 ? ", …" : "")
      throw DataError("\(missing.count) of \(wanted.count) columns are missing: \(shown)")
    }
    var seen: Set<String> = []
    for name in wanted where !seen.insert(name).inserted {
      throw DataError("is asked for twice", column: name)
    }
  }
}
