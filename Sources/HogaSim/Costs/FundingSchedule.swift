public import HogaCore

/// When holders of a perpetual contract pay each other, and how much.
///
/// Above zero longs pay and shorts receive. Rates are whole counts of 10⁻⁹ of the position's worth.
public struct FundingSchedule: Hashable, Sendable {
  /// What is paid at a time.
  public struct Row: Hashable, Sendable {
    /// Nanoseconds since 1970 UTC, by the exchange's clock.
    public var time: Int64
    /// In billionths of the position's worth at the mark: 100,000 is 0.01 %.
    public var rate: Int64
    /// The mark price in half ticks, or `nil`: the mid of the book at that time.
    public var markHalfTicks: Int64?

    public init(time: Int64, rate: Int64, markHalfTicks: Int64? = nil) {
      self.time = time
      self.rate = rate
      self.markHalfTicks = markHalfTicks
    }
  }

  enum Source: Hashable, Sendable {
    case rows([Row])
    /// At every multiple of a step, counted from 1970 UTC.
    case constant(rate: Int64, every: Int64)
  }

  let source: Source
  /// Rates of a table that had more than nine decimals, and were rounded to the nearest billionth.
  public private(set) var roundedRateCount = 0
  /// Rows of a table that had a mark price and no rate, at which nothing is paid.
  public private(set) var markOnlyCount = 0

  static let ratesPerUnit: Int64 = 1_000_000_000

  /// No funding: spot, equities, dated futures.
  public static let none = FundingSchedule(source: .rows([]))

  private init(source: Source) { self.source = source }

  /// - Throws: `DataError` where times do not rise, a rate is 100 % or more, or a mark is not above
  ///   zero.
  public init(_ rows: [Row]) throws(DataError) {
    for (index, row) in rows.enumerated() {
      func wrong(_ reason: String, _ column: String) -> DataError {
        DataError(reason, row: index + 1, column: column)
      }
      if index > 0, row.time <= rows[index - 1].time {
        throw wrong("funding times must rise", "time")
      }
      guard row.rate.magnitude < UInt64(Self.ratesPerUnit) else {
        throw wrong("a funding rate of 100 % or more", "rate")
      }
      guard row.markHalfTicks ?? 1 > 0 else { throw wrong("not above zero", "mark_price") }
    }
    source = .rows(rows)
  }

  /// One rate at every multiple of a step since 1970 UTC: with 8 hours at 00:00, 08:00 and 16:00.
  ///
  /// - Throws: `UsageError` where the rate is 1 or more, or the step is below a second.
  public static func constant(
    rate: Int64, every step: TimeSpan = .seconds(8 * 3600)
  ) throws(UsageError) -> FundingSchedule {
    guard rate.magnitude < UInt64(ratesPerUnit) else {
      throw UsageError("a funding rate of \(rate) billionths is 100 % or more")
    }
    guard step >= .seconds(1) else {
      throw UsageError("funding is paid at least a second apart, not every \(step)")
    }
    return FundingSchedule(source: .constant(rate: rate, every: step.nanoseconds))
  }

  /// The rows of the lake's `funding` table: `time`, `rate`, `mark_price`, and `symbol` if it is
  /// there.
  ///
  /// Rates are rounded to the nearest billionth and marks to the nearest half tick. A row with a mark
  /// and no rate is no funding: importers leave such rows where marks are known more often.
  /// - Throws: `DataError` for rows that make no sense, `MissingInputError` where the table has rows
  ///   and none of them is the contract's symbol.
  public init(_ frame: Frame, contract: Contract) throws {
    let times = try frame.int64s("time")
    let rates = try frame.doubles("rate")
    let marks =
      frame.contains("mark_price")
      ? try frame.doubles("mark_price") : [Double](repeating: .nan, count: times.count)
    let wanted = try Self.rows(of: contract.instrument.symbol, in: frame)
    let scale = contract.instrument.priceScale * 2
    var rows: [Row] = []
    var rounded = 0
    var markOnly = 0
    for row in wanted {
      guard times[row] != Column.missing else {
        throw DataError("null", row: row + 1, column: "time")
      }
      if let last = rows.last, times[row] <= last.time {
        throw DataError("funding times must rise", row: row + 1, column: "time")
      }
      guard !rates[row].isNaN else {
        guard !marks[row].isNaN else { throw DataError("null", row: row + 1, column: "rate") }
        markOnly += 1
        continue
      }
      guard abs(rates[row]) < 1 else {
        throw DataError("a funding rate of 100 % or more", row: row + 1, column: "rate")
      }
      let billionths = rates[row] * 1e9
      let rate = billionths.rounded()
      // The nearest double to a decimal of nine places is within this of a whole count.
      if abs(billionths - rate) > 1e-6 { rounded += 1 }
      var mark: Int64?
      if !marks[row].isNaN {
        let halfTicks = (marks[row] * scale).rounded()
        guard halfTicks >= 1, halfTicks <= Double(2 * MarketRange.ticks.upperBound) else {
          throw DataError("not above zero, or out of range", row: row + 1, column: "mark_price")
        }
        mark = Int64(halfTicks)
      }
      rows.append(Row(time: times[row], rate: Int64(rate), markHalfTicks: mark))
    }
    try self.init(rows)
    roundedRateCount = rounded
    markOnlyCount = markOnly
  }

  private static func rows(of symbol: String, in frame: Frame) throws -> [Int] {
    guard frame.contains("symbol") else { return Array(0..<frame.rowCount) }
    guard case .category(let symbols) = try frame.column("symbol") else {
      throw DataError("is of another type, text is needed", column: "symbol")
    }
    let rows = (0..<frame.rowCount).filter { symbols[$0] == symbol }
    guard !rows.isEmpty || frame.rowCount == 0 else {
      throw MissingInputError("there is no funding of \(symbol) in the table")
    }
    return rows
  }

  /// What a position receives at a funding time; below zero it pays.
  ///
  /// `−position · worth of a lot at the mark · rate`, exact, then rounded down to the money unit, so
  /// long and short together never receive more than zero, and lose at most one unit.
  /// - Parameters:
  ///   - position: in lots, negative when short.
  ///   - mark: in half ticks.
  ///   - rate: in billionths.
  /// - Throws: `DataError` where the worth is beyond 10¹⁵, or the price of an inverse contract ≤ 0.
  public static func payment(
    position: Int64, mark: Int64, rate: Int64, contract: Contract
  ) throws(DataError) -> Money {
    guard position != 0, rate != 0 else { return .zero }
    guard rate.magnitude < UInt64(ratesPerUnit) else {
      throw DataError("a funding rate of \(rate) billionths is 100 % or more")
    }
    let worth = try ExactWorth(contract, lots: position, halfTicks: mark)
    let signed = position > 0 ? -worth.numerator : worth.numerator
    // Whether lots rise in value with the price (linear) or fall (inverse), longs pay.
    return Money(
      units: flooredProduct(
        signed, Int128(rate), over: worth.denominator * Int128(ratesPerUnit)))
  }
}

/// A place in a funding schedule: what is paid next.
public struct FundingCursor: Hashable, Sendable {
  private let schedule: FundingSchedule
  private var index = 0
  /// When funding is next paid; `Int64.max` where it never is.
  public private(set) var nextTime: Int64

  /// Begins with the first funding after a time: who enters at a funding time does not pay it.
  public init(_ schedule: FundingSchedule, after time: Int64) {
    self.schedule = schedule
    switch schedule.source {
    case .rows(let rows):
      var low = 0
      var high = rows.count
      while low < high {
        let middle = (low + high) / 2
        if rows[middle].time <= time { low = middle + 1 } else { high = middle }
      }
      index = low
      nextTime = low < rows.count ? rows[low].time : .max
    case .constant(_, let step):
      let (next, overflow) = (time.floorDivided(by: step) + 1).multipliedReportingOverflow(by: step)
      nextTime = overflow ? .max : next
    }
  }

  /// Takes the next funding and moves on.
  ///
  /// - Precondition: `nextTime` is below `Int64.max`.
  public mutating func pop() -> FundingSchedule.Row {
    switch schedule.source {
    case .rows(let rows):
      defer {
        index += 1
        nextTime = index < rows.count ? rows[index].time : .max
      }
      return rows[index]
    case .constant(let rate, let step):
      precondition(nextTime < .max, "no funding is left")
      let row = FundingSchedule.Row(time: nextTime, rate: rate)
      let (next, overflow) = nextTime.addingReportingOverflow(step)
      nextTime = overflow ? .max : next
      return row
    }
  }
}
