/// A table in memory: named, typed, contiguous columns of equal length.
public struct Frame: Hashable, Sendable {
  public private(set) var names: [String] = []
  public private(set) var columns: [Column] = []
  public private(set) var rowCount = 0
  private var indexOf: [String: Int] = [:]

  /// A frame with neither columns nor rows.
  public init() {}

  /// - Precondition: names are distinct and lengths are equal.
  public init(_ columns: [(name: String, column: Column)]) {
    for (name, column) in columns { append(name, column) }
  }

  /// A frame without rows.
  public init(schema: [ColumnSchema]) {
    for field in schema { append(field.name, Column(empty: field.type)) }
  }

  public var columnCount: Int { columns.count }
  public var schema: [ColumnSchema] {
    zip(names, columns).map { ColumnSchema($0, $1.type) }
  }

  /// Adds a column, or replaces the one of that name.
  ///
  /// - Precondition: it has as many rows as the others.
  public mutating func append(_ name: String, _ column: Column) {
    precondition(
      columns.isEmpty || column.count == rowCount,
      "column \(name) has \(column.count) rows, the frame has \(rowCount)")
    rowCount = column.count
    if let index = indexOf[name] {
      columns[index] = column
    } else {
      indexOf[name] = columns.count
      names.append(name)
      columns.append(column)
    }
  }

  public func contains(_ name: String) -> Bool { indexOf[name] != nil }
  public subscript(name: String) -> Column? { indexOf[name].map { columns[$0] } }

  /// The column of a name.
  ///
  /// - Throws: `DataError` that lists what there is.
  public func column(_ name: String) throws(DataError) -> Column {
    guard let index = indexOf[name] else {
      let shown = names.prefix(8).joined(separator: ", ")
      throw DataError(
        "no such column; there are \(names.count): \(shown)\(names.count > 8 ? ", …" : "")",
        column: name)
    }
    return columns[index]
  }

  /// A numeric column as floats, null as NaN.
  public func doubles(_ name: String) throws(DataError) -> [Double] {
    guard let values = try column(name).asDoubles else {
      throw DataError("holds text, numbers are needed", column: name)
    }
    return values
  }

  /// The counts of an integer, timestamp or decimal column.
  public func int64s(_ name: String) throws(DataError) -> [Int64] {
    guard let values = try column(name).asInt64s else {
      throw DataError("is of another type, 64-bit integers are needed", column: name)
    }
    return values
  }

  /// The named columns, in that order.
  public func selecting(_ names: [String]) throws(DataError) -> Frame {
    var frame = Frame()
    for name in names { frame.append(name, try column(name)) }
    return frame
  }

  public func rows(_ range: Range<Int>) -> Frame {
    Frame(zip(names, columns).map { ($0, $1.sliced(range)) })
  }

  public func gathered(_ indices: [Int]) -> Frame {
    Frame(zip(names, columns).map { ($0, $1.gathered(indices)) })
  }

  /// Adds the rows of a frame with the same columns.
  ///
  /// - Precondition: names and types are equal, in the same order.
  public mutating func append(rowsOf other: Frame) {
    precondition(names == other.names, "frames with different columns cannot be joined")
    for index in columns.indices { columns[index].append(other.columns[index]) }
    rowCount += other.rowCount
  }
}

/// The name and type of a column.
public struct ColumnSchema: Hashable, Sendable {
  public var name: String
  public var type: ColumnType

  public init(_ name: String, _ type: ColumnType) {
    self.name = name
    self.type = type
  }
}
