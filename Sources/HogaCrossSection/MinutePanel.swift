public import HogaCore

/// The minutes of several symbols side by side: one day, and what came before it.
///
/// Values lie symbol by symbol, minute by minute, in one array per field, so that kernels run along
/// time for each symbol, and across symbols at a fixed distance of `rowCount`. Missing is NaN.
public struct MinutePanel: Sendable {
  /// In ascending order.
  public let symbols: [String]
  /// The open time of the first row.
  public let start: Timestamp
  /// Minutes per symbol, those before the day included.
  public let rowCount: Int
  /// How many of the rows come before the day: windows may reach into them.
  public let lead: Int
  private let fields: [MinuteField: [Double]]

  /// - Parameter fields: each `symbols.count · rowCount` values; a field that no file has is left
  ///   out.
  /// - Precondition: lengths agree, symbols ascend, and `lead` is at most `rowCount`.
  public init(
    symbols: [String], start: Timestamp, rowCount: Int, lead: Int,
    fields: [MinuteField: [Double]]
  ) {
    precondition(zip(symbols, symbols.dropFirst()).allSatisfy(<), "symbols ascend, each once")
    precondition((0...rowCount).contains(lead), "the lead is longer than the panel")
    for (field, values) in fields {
      precondition(
        values.count == symbols.count * rowCount, "\(field) has \(values.count) values")
    }
    self.symbols = symbols
    self.start = start
    self.rowCount = rowCount
    self.lead = lead
    self.fields = fields
  }

  /// Minutes per symbol of the day itself.
  public var dayRowCount: Int { rowCount - lead }

  /// All values of a field, symbol by symbol, or `nil` where no symbol has it.
  public func values(_ field: MinuteField) -> [Double]? { fields[field] }

  /// The values of a symbol, lead first; NaN where the panel does not have the field.
  public func values(_ field: MinuteField, of symbol: Int) -> ArraySlice<Double> {
    guard let values = fields[field] else {
      return ArraySlice(repeating: .nan, count: rowCount)
    }
    return values[symbol * rowCount..<(symbol + 1) * rowCount]
  }

  /// The open time of a row, in nanoseconds since 1970 UTC.
  public func time(_ row: Int) -> Int64 { start.nanoseconds + Int64(row) * 60_000_000_000 }
}
