/// What a column's values mean, and how they are stored on disk.
public enum ColumnType: Hashable, Sendable {
  /// 64-bit float; NaN is null.
  case double
  /// 64-bit integer; `Column.missing` is null.
  case int64
  /// 32-bit integer; `Int32.min` is null.
  case int32
  case bool
  /// Nanoseconds since 1970 UTC; `Column.missing` is null.
  case timestamp
  /// An exact decimal, in memory a count of `10^-scale`; `Column.missing` is null.
  case decimal(scale: Int)
  /// Text from a small set, in memory a code per row; code −1 is null.
  case category
}

/// Text from a small set: `levels[codes[row]]`, with −1 for null.
public struct Categories: Hashable, Sendable {
  public var codes: [Int32]
  public var levels: [String]

  public init(codes: [Int32], levels: [String]) {
    self.codes = codes
    self.levels = levels
  }

  /// Codes each text by the place of its first appearance.
  public init(_ texts: some Sequence<String?>) {
    codes = []
    levels = []
    var known: [String: Int32] = [:]
    for text in texts {
      guard let text else {
        codes.append(-1)
        continue
      }
      if let code = known[text] {
        codes.append(code)
      } else {
        known[text] = Int32(levels.count)
        codes.append(Int32(levels.count))
        levels.append(text)
      }
    }
  }

  public subscript(row: Int) -> String? { codes[row] < 0 ? nil : levels[Int(codes[row])] }
}

/// One contiguous column of a `Frame`.
public enum Column: Hashable, Sendable {
  case double([Double])
  case int64([Int64])
  case int32([Int32])
  case bool([Bool])
  case timestamp([Int64])
  case decimal([Int64], scale: Int)
  case category(Categories)

  /// The null of the 64-bit integer columns, as NumPy's NaT: no market value comes near it.
  public static let missing = Int64.min

  public var type: ColumnType {
    switch self {
    case .double: .double
    case .int64: .int64
    case .int32: .int32
    case .bool: .bool
    case .timestamp: .timestamp
    case .decimal(_, let scale): .decimal(scale: scale)
    case .category: .category
    }
  }

  public var count: Int {
    switch self {
    case .double(let values): values.count
    case .int64(let values), .timestamp(let values), .decimal(let values, _): values.count
    case .int32(let values): values.count
    case .bool(let values): values.count
    case .category(let values): values.codes.count
    }
  }

  /// An empty column of a type.
  public init(empty type: ColumnType) {
    switch type {
    case .double: self = .double([])
    case .int64: self = .int64([])
    case .int32: self = .int32([])
    case .bool: self = .bool([])
    case .timestamp: self = .timestamp([])
    case .decimal(let scale): self = .decimal([], scale: scale)
    case .category: self = .category(Categories(codes: [], levels: []))
    }
  }

  /// How many rows are null.
  public var nullCount: Int {
    switch self {
    case .double(let values): values.count { $0.isNaN }
    case .int64(let values), .timestamp(let values), .decimal(let values, _):
      values.count { $0 == Column.missing }
    case .int32(let values): values.count { $0 == Int32.min }
    case .bool: 0
    case .category(let values): values.codes.count { $0 < 0 }
    }
  }

  /// The values as floats (null becomes NaN; decimals in their unit, timestamps in nanoseconds),
  /// or `nil` for text.
  public var asDoubles: [Double]? {
    switch self {
    case .double(let values): return values
    case .int64(let values), .timestamp(let values):
      return values.map { $0 == Column.missing ? .nan : Double($0) }
    case .decimal(let values, let scale):
      let divisor = Double(Decimal.power(scale))
      return values.map { $0 == Column.missing ? .nan : Double($0) / divisor }
    case .int32(let values): return values.map { $0 == Int32.min ? .nan : Double($0) }
    case .bool(let values): return values.map { $0 ? 1 : 0 }
    case .category: return nil
    }
  }

  /// The 64-bit counts of integer, timestamp and decimal columns, or `nil` for others.
  public var asInt64s: [Int64]? {
    switch self {
    case .int64(let values), .timestamp(let values), .decimal(let values, _): values
    default: nil
    }
  }

  /// The rows at `indices`, in that order.
  public func gathered(_ indices: [Int]) -> Column {
    switch self {
    case .double(let values): .double(indices.map { values[$0] })
    case .int64(let values): .int64(indices.map { values[$0] })
    case .int32(let values): .int32(indices.map { values[$0] })
    case .bool(let values): .bool(indices.map { values[$0] })
    case .timestamp(let values): .timestamp(indices.map { values[$0] })
    case .decimal(let values, let scale): .decimal(indices.map { values[$0] }, scale: scale)
    case .category(let values):
      .category(Categories(codes: indices.map { values.codes[$0] }, levels: values.levels))
    }
  }

  /// The rows of a range.
  public func sliced(_ rows: Range<Int>) -> Column {
    switch self {
    case .double(let values): .double(Array(values[rows]))
    case .int64(let values): .int64(Array(values[rows]))
    case .int32(let values): .int32(Array(values[rows]))
    case .bool(let values): .bool(Array(values[rows]))
    case .timestamp(let values): .timestamp(Array(values[rows]))
    case .decimal(let values, let scale): .decimal(Array(values[rows]), scale: scale)
    case .category(let values):
      .category(Categories(codes: Array(values.codes[rows]), levels: values.levels))
    }
  }

  /// Adds the rows of a column of the same type.
  ///
  /// - Precondition: the types are equal.
  public mutating func append(_ other: Column) {
    // Taken out first, so that the arrays are uniquely held and grow in place.
    let mine = self
    self = .bool([])
    switch (consume mine, other) {
    case (.double(var values), .double(let more)):
      values += more
      self = .double(values)
    case (.int64(var values), .int64(let more)):
      values += more
      self = .int64(values)
    case (.int32(var values), .int32(let more)):
      values += more
      self = .int32(values)
    case (.bool(var values), .bool(let more)):
      values += more
      self = .bool(values)
    case (.timestamp(var values), .timestamp(let more)):
      values += more
      self = .timestamp(values)
    case (.decimal(var values, let scale), .decimal(let more, let otherScale))
    where scale == otherScale:
      values += more
      self = .decimal(values, scale: scale)
    case (.category(var values), .category(let more)):
      var codeOf: [String: Int32] = [:]
      for (code, level) in values.levels.enumerated() { codeOf[level] = Int32(code) }
      let translated = more.levels.map { level in
        if let code = codeOf[level] { return code }
        values.levels.append(level)
        return Int32(values.levels.count - 1)
      }
      values.codes += more.codes.map { $0 < 0 ? $0 : translated[Int($0)] }
      self = .category(values)
    default:
      preconditionFailure("columns of different types cannot be joined")
    }
  }
}
