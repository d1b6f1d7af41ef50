internal import HogaCore

/// Answers of the exchange's REST API, read strictly and written as the archive writes them.
///
/// Numbers are copied as the texts that they came as, so that nothing is rounded on the way.
package enum RESTTable {
  /// One line of an answer, by its time in milliseconds.
  package struct Row: Hashable, Sendable {
    package var time: Int64
    package var cells: [String]
    package init(time: Int64, cells: [String]) {
      self.time = time
      self.cells = cells
    }
  }

  package static let klineHeader =
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    + "taker_buy_quote_volume,ignore"
  package static let fundingHeader = "calc_time,funding_interval_hours,last_funding_rate"
  package static let metricsHeader =
    "create_time,symbol,sum_open_interest,sum_open_interest_value,"
    + "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,"
    + "sum_taker_long_short_vol_ratio"

  /// Candles: lists of twelve, the open time first.
  package static func klines(_ json: String) throws -> [Row] {
    try rows(json) { item in
      guard case .array(let cells) = item, cells.count >= 12, case .int(let time) = cells[0] else {
        throw DataError("a candle is no list of twelve that begins with a time")
      }
      return Row(time: time, cells: try cells[..<12].map { try number($0) })
    }
  }

  /// Objects with a time and numbers.
  package static func objects(_ json: String, time: String, _ fields: [String]) throws -> [Row] {
    try rows(json) { item in
      guard case .int(let instant)? = item[time] else { throw DataError("no '\(time)'") }
      return Row(
        time: instant,
        cells: try fields.map { field in
          guard let value = item[field] else { throw DataError("no '\(field)'") }
          return try number(value)
        })
    }
  }

  private static func rows(_ json: String, _ read: (JSONValue) throws -> Row) throws -> [Row] {
    guard case .array(let items) = try JSONReader.read(json) else {
      throw DataError("the answer is no list")
    }
    var rows: [Row] = []
    rows.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      do {
        let row = try read(item)
        if let last = rows.last, row.time <= last.time {
          throw DataError("times do not ascend")
        }
        rows.append(row)
      } catch let error as DataError {
        throw error.located(row: index + 1)
      }
    }
    return rows
  }

  /// A number as text: a decimal, perhaps with an exponent; nothing else gets into a table.
  private static func number(_ value: JSONValue) throws -> String {
    switch value {
    case .int(let number): return String(number)
    case .double(let number): return "\(number)"
    case .string(let text):
      guard text.utf8.count <= 60, let number = Double(text), number.isFinite,
        text.utf8.allSatisfy({ allowed.contains($0) })
      else { throw DataError("'\(shortened(text, to: 30))' is no number") }
      return text
    default: throw DataError("a value is no number")
    }
  }
  private static let allowed = Set("0123456789+-.eE".utf8)

  package static func klineCSV(_ rows: [Row], header: Bool) -> String {
    csv(header ? klineHeader : nil, rows.map(\.cells))
  }

  /// - Parameters:
  ///   - rows: times and rates, sorted; what lies before `start` only tells the interval.
  package static func fundingCSV(_ rows: [Row], from start: Int64) -> String? {
    var lines: [[String]] = []
    for (index, row) in rows.enumerated() where row.time >= start {
      let hour: Int64 = 3_600_000
      // Times are a few milliseconds late. What was before the first is not known.
      let hours = index > 0 ? "\((row.time - rows[index - 1].time + hour / 2) / hour)" : ""
      lines.append(["\(row.time)", hours, row.cells[0]])
    }
    return lines.isEmpty ? nil : csv(fundingHeader, lines)
  }

  /// - Parameter columns: open interest (two numbers), then four ratios, each by its own times.
  package static func metricsCSV(symbol: String, _ columns: [[Row]]) -> String? {
    guard let first = columns.first, !first.isEmpty else { return nil }
    let widths = columns.enumerated().map { $0.offset == 0 ? 2 : 1 }
    let byTime = columns.map { rows in
      Dictionary(rows.map { ($0.time, $0.cells) }, uniquingKeysWith: { $1 })
    }
    let times = Set(columns.joined().map(\.time)).sorted()
    return csv(
      metricsHeader,
      times.map { time in
        // What one of the tables does not have at a time is left empty, as the archive leaves it.
        [dateTime(time), symbol]
          + zip(byTime, widths).flatMap { table, width in
            table[time] ?? [String](repeating: "", count: width)
          }
      })
  }

  /// `2025-05-25 00:05:00`
  private static func dateTime(_ milliseconds: Int64) -> String {
    let seconds = milliseconds.floorDivided(by: 1_000)
    let text = Timestamp(nanoseconds: seconds * 1_000_000_000).description
    return text.replacing("T", with: " ").replacing("Z", with: "")
  }

  private static func csv(_ header: String?, _ lines: [[String]]) -> String {
    var text = header.map { $0 + "\n" } ?? ""
    for line in lines { text += line.joined(separator: ",") + "\n" }
    return text
  }
}
