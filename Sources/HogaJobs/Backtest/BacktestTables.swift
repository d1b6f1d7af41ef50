internal import HogaCore
internal import HogaLake

/// What a backtest left of one strategy: its orders, its fills and its account over time.
///
/// Read from the run's files alone. Columns that an earlier version did not write yet are absent, and
/// whoever asks for them shows less.
struct BacktestTables {
  let name: String
  /// What `metrics.json` says of it.
  let metrics: JSONValue
  let orders: Frame
  let fills: Frame
  let equity: Frame
  /// The market's best prices in the stretch with most fills.
  let closeUp: Frame?

  init(_ files: RunFolder, _ metrics: JSONValue) throws {
    name = metrics.string("name")
    self.metrics = metrics
    let folder = "backtests/\(name)"
    orders = try files.frame("\(folder)/orders.parquet")
    fills = try files.frame("\(folder)/fills.parquet")
    equity = try files.frame("\(folder)/equity.parquet")
    let closer = "\(folder)/close_up.parquet"
    closeUp = files.exists(closer) ? try files.frame(closer) : nil
  }

  var result: JSONValue? { metrics["result"] }

  /// The currency of profit and loss: `quote`, or `base` for inverse contracts.
  var currency: String { result.string("currency") == "base" ? "base" : "quote" }
}

extension Frame {
  /// A numeric column, or `nil` where the table has none of that name.
  func known(_ name: String) throws -> [Double]? {
    contains(name) ? try doubles(name) : nil
  }

  func times(_ name: String) throws -> [Timestamp] {
    try int64s(name).map { Timestamp(nanoseconds: $0) }
  }

  /// A column of text; null is `nil`.
  func texts(_ name: String) throws -> [String?] {
    guard case .category(let values) = try column(name) else {
      throw DataError("is of another type, text is needed", column: name)
    }
    return values.codes.indices.map { values[$0] }
  }

  func flags(_ name: String) throws -> [Bool] {
    guard case .bool(let values) = try column(name) else {
      throw DataError("is of another type, true or false is needed", column: name)
    }
    return values
  }

  /// A cell as people read it: decimals with all their digits, `nil` for null.
  func text(_ name: String, _ row: Int) -> String? {
    switch self[name] {
    case .decimal(let values, let scale):
      values[row] == Column.missing ? nil : Decimal.text(values[row], decimals: scale)
    case .double(let values): values[row].isNaN ? nil : "\(values[row])"
    case .int64(let values): values[row] == Column.missing ? nil : "\(values[row])"
    case .int32(let values): values[row] == Int32.min ? nil : "\(values[row])"
    case .bool(let values): values[row] ? "true" : "false"
    case .timestamp(let values):
      values[row] == Column.missing ? nil : "\(Timestamp(nanoseconds: values[row]))"
    case .category(let values): values[row]
    case nil: nil
    }
  }

  /// A numeric cell; `nil` where it is null or the table has no such column.
  func number(_ name: String, _ row: Int) -> Double? {
    let value: Double? =
      switch self[name] {
      case .double(let values): values[row]
      case .decimal(let values, let scale) where values[row] != Column.missing:
        Double(values[row]) / Double(Decimal.power(scale))
      case .int64(let values) where values[row] != Column.missing: Double(values[row])
      case .int32(let values) where values[row] != Int32.min: Double(values[row])
      default: nil
      }
    return value.flatMap { $0.isNaN ? nil : $0 }
  }

  /// A time; `nil` where it is null or the table has no such column.
  func time(_ name: String, _ row: Int) -> Timestamp? {
    guard case .timestamp(let values)? = self[name], values[row] != Column.missing else {
      return nil
    }
    return Timestamp(nanoseconds: values[row])
  }

  /// A row with its names: numbers as numbers, decimals and times as text that loses nothing.
  func json(row: Int) -> JSONValue {
    .object(
      zip(names, columns).map { name, column -> (String, JSONValue) in
        switch column {
        case .double(let values): (name, .double(values[row]))
        case .int64(let values):
          (name, values[row] == Column.missing ? .null : .int(values[row]))
        case .int32(let values):
          (name, values[row] == Int32.min ? .null : .int(Int64(values[row])))
        case .bool(let values): (name, .bool(values[row]))
        case .decimal, .timestamp, .category:
          (name, text(name, row).map { .string($0) } ?? .null)
        }
      })
  }
}
