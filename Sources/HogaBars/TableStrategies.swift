public import HogaCore

/// Values of symbols over time from a table: forecasts, scores, weights.
public struct BarTable: Hashable, Sendable {
  /// When each value is known, ascending.
  public let known: [Int64]
  /// Places among the market's instruments.
  public let symbols: [Int32]
  public let values: [Double]
  public let symbolCount: Int

  /// - Throws: `DataError` where columns differ in length, times go backward, or a symbol is not there.
  public init(
    known: [Int64], symbols: [Int32], values: [Double], symbolCount: Int
  ) throws(DataError) {
    guard known.count == symbols.count, known.count == values.count else {
      throw DataError("\(known.count) times, \(symbols.count) symbols, \(values.count) values")
    }
    for row in known.indices {
      guard row == 0 || known[row - 1] <= known[row] else {
        throw DataError("is not sorted by time", row: row + 1)
      }
      guard symbols[row] >= 0, symbols[row] < symbolCount else {
        throw DataError("a symbol that the market does not have", row: row + 1)
      }
    }
    self.known = known
    self.symbols = symbols
    self.values = values
    self.symbolCount = symbolCount
  }
}

/// The last value of each symbol that is known and not too old.
struct BarTableCursor: Sendable {
  let table: BarTable
  let maximumAge: TimeSpan
  private var next = 0
  private var values: [Double]
  private var times: [Int64]

  init(_ table: BarTable, maximumAge: TimeSpan) {
    self.table = table
    self.maximumAge = maximumAge
    values = [Double](repeating: .nan, count: table.symbolCount)
    times = [Int64](repeating: .min, count: table.symbolCount)
  }

  /// - Returns: NaN where there is none.
  mutating func values(at time: Int64) -> [Double] {
    while next < table.known.count, table.known[next] <= time {
      values[Int(table.symbols[next])] = table.values[next]
      times[Int(table.symbols[next])] = table.known[next]
      next += 1
    }
    let (oldest, overflow) = time.subtractingReportingOverflow(maximumAge.nanoseconds)
    let from = overflow ? .min : oldest
    return values.indices.map { times[$0] >= from && times[$0] > .min ? values[$0] : .nan }
  }
}

/// Ranks symbols by scores of a table, such as the forecasts of `hoga xsection`.
///
/// Symbols without a score that is young enough, or without a bar, are not held.
public struct TableScores: BarStrategy {
  public let name: String
  public let lookback = 0
  public var portfolio: ScorePortfolio
  private var cursor: BarTableCursor

  /// - Parameter maximumAge: how long after it was known a score may be used.
  public init(
    _ table: BarTable, maximumAge: TimeSpan, portfolio: ScorePortfolio, name: String = "scores"
  ) {
    cursor = BarTableCursor(table, maximumAge: maximumAge)
    self.portfolio = portfolio
    self.name = name
  }

  public mutating func decide(_ view: BarView, _ targets: inout BarTargets) {
    var scores = cursor.values(at: view.time.nanoseconds)
    let bars = view.bars(ago: 0)
    for symbol in scores.indices where !bars.isPresent(symbol) { scores[symbol] = .nan }
    portfolio.decide(scores, &targets)
  }
}

/// Holds the weights of a table. A symbol without a weight that is young enough keeps its position.
public struct TableWeights: BarStrategy {
  public let name: String
  public let lookback = 0
  private var cursor: BarTableCursor

  /// - Parameter maximumAge: how long after it was known a weight may be used.
  public init(_ table: BarTable, maximumAge: TimeSpan, name: String = "weights") {
    cursor = BarTableCursor(table, maximumAge: maximumAge)
    self.name = name
  }

  public mutating func decide(_ view: BarView, _ targets: inout BarTargets) {
    let weights = cursor.values(at: view.time.nanoseconds)
    for symbol in weights.indices { targets[symbol] = weights[symbol] }
  }
}
