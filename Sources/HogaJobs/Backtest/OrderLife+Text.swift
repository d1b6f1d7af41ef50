internal import HogaCore

extension OrderLife {
  /// The whole story in plain words.
  func text(run: String, _ tables: BacktestTables, others: [String]) -> String {
    var lines = [
      "Order \(number) \(isVenues ? "of the venue for" : "of") \(strategy): \(request) → \(outcome)",
      "",
    ]
    let dates = Set(events.compactMap { ($0.localTime ?? $0.exchangeTime)?.date })
    let day = dates.count == 1 ? dates.first : nil
    if let day { lines.append("Times of \(day), UTC") }
    let heads = (day == nil ? "UTC, local" : "local", day == nil ? "UTC, exchange" : "exchange")
    let width = day == nil ? 26 : 15
    func row(_ left: String, _ middle: String, _ right: String) -> String {
      Self.padded(left, width) + "  " + Self.padded(middle, width) + "  " + right
    }
    lines.append(row(heads.0, heads.1, ""))
    for event in events {
      let times = [event.localTime, event.exchangeTime].map { time in
        time.map { day == nil ? ClockText.full($0) : ClockText.ofDay($0) } ?? "–"
      }
      lines.append(row(times[0], times[1], event.what))
      lines += event.details.map { row("", "", "  " + $0) }
      lines += event.book.map { row("", "", "    " + $0) }
    }
    if !fillRows.isEmpty { lines += ["", costs(tables)] }
    while let last = lines.last, last.isEmpty { lines.removeLast() }
    let text = lines.map { line in
      var line = line
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
    return text + ExplainJob.remark(on: others)
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// From gross to net over all fills of the order.
  private func costs(_ tables: BacktestTables) -> String {
    let parts = Self.costParts(tables, fillRows)
    var table = TextTable(parts.map { ($0.name, .right) })
    table.append(parts.map { Self.money($0.amount) })
    return "From gross (mid at the decision to the closing mid) to net, in \(tables.currency) "
      + "currency\n" + table.text
  }

  /// The parts of the fills' cost that the table has, summed; costs are above zero.
  private static func costParts(
    _ tables: BacktestTables, _ rows: [Int]
  ) -> [(name: String, amount: Double)] {
    ["gross", "latency", "spread", "walk", "impact", "fee", "net"].compactMap { name in
      guard tables.fills.contains(name) else { return nil }
      return (name, rows.reduce(0) { $0 + (tables.fills.number(name, $1) ?? 0) })
    }
  }

  /// The same for programs: the order's row, its fills' rows, and what happened.
  func json(run: String, _ tables: BacktestTables) -> JSONValue {
    func time(_ time: Timestamp?) -> JSONValue { time.map { .string("\($0)") } ?? .null }
    return [
      "run": .string(run), "strategy": .string(strategy), "number": .int(number),
      "request": .string(request), "outcome": .string(outcome),
      "order": tables.orders.json(row: row),
      "fills": .array(fillRows.map { tables.fills.json(row: $0) }),
      "events": .array(
        events.map { event in
          [
            "local_time": time(event.localTime), "exchange_time": time(event.exchangeTime),
            "what": .string(event.what),
            "details": .array(event.details.map { .string($0) }),
          ]
        }),
      "costs": .object(
        Self.costParts(tables, fillRows).map { ($0.name, .double($0.amount)) }),
    ]
  }
}

/// Times to the microsecond, as lists of a day's events need them.
enum ClockText {
  /// `23:54:20.100000`.
  static func ofDay(_ time: Timestamp) -> String { String(full(time).suffix(15)) }

  /// `2024-08-08 23:54:20.100000`.
  static func full(_ time: Timestamp) -> String {
    let whole = time.nanoseconds.floorDivided(by: 1_000_000_000)
    let seconds = Timestamp(nanoseconds: whole * 1_000_000_000)
    let micros = String((time.nanoseconds - seconds.nanoseconds) / 1000)
    return RunReport.plain("\(seconds)") + "."
      + String(repeating: "0", count: 6 - micros.count) + micros
  }
}
