internal import HogaCore

/// Turns one day's raw rows into whole minutes, and says what it did to each symbol.
///
/// A symbol's rows are laid out over the day's 1,440 minutes. Missing values, summed over the required
/// columns, ban it at the limit. Below it, each column is filled forward within the day, and at the
/// day's start backward, by the specification's rule; a run of `limit` or more missing values in a
/// column that is not required is left missing. Open interest and ratios come every few minutes and
/// only go forward: a reading stamped T holds from the minute that opens at T on, also past midnight.
public struct MinuteCleaner: Sendable {
  public var settings: CleaningSettings

  public init(settings: CleaningSettings = CleaningSettings()) { self.settings = settings }

  /// - Throws: `DataError` with file, row and column for rows that are not of the day, not on the
  ///   minute, out of order or repeated, and for values that no market has; `UsageError` for settings.
  public func clean(_ day: RawDay) throws -> CleanedDay {
    try settings.validate()
    let candles = try SymbolRows(
      day.candles, date: day.date,
      fields: CleaningSettings.candleFields.map { ($0, $0.candleColumn) }, isGrid: true)
    let premium = try day.premium.map {
      try SymbolRows($0, date: day.date, fields: [(.premium, "close")], isGrid: true)
    }
    let metrics = try day.metrics.map { try readings($0, of: day.date) }
    let before = try day.metricsBefore.map { try readings($0, of: day.date.adding(days: -1)) }
    let required = settings.required ?? Self.required(candles)

    var output = Output()
    var findings: [SymbolFindings] = []
    for (symbol, rows) in candles.runs {
      let start = day.date.start.nanoseconds
      var found = SymbolFindings(
        symbol: symbol, rows: rows.count,
        firstMinute: Int((candles.times[rows.lowerBound] - start) / SymbolRows.minute),
        lastMinute: Int((candles.times[rows.upperBound - 1] - start) / SymbolRows.minute))
      var fields: [MinuteField: [Double]] = [:]
      for field in CleaningSettings.candleFields {
        fields[field] = candles.minutes(field, rows)
      }
      let premiumRows = premium?.rows(of: symbol) ?? 0..<0
      fields[.premium] = premium?.minutes(.premium, premiumRows)
      judge(fields, required: required, into: &found)
      if found.ban == nil {
        var isFilled = [Bool](repeating: false, count: SymbolRows.minutesPerDay)
        for field in CleaningSettings.candleFields + [.premium] {
          guard var values = fields.removeValue(forKey: field) else { continue }
          let filled = Self.fill(&values, limit: settings.limit, marks: &isFilled)
          if filled.forward > 0 { found.filledForward[field] = filled.forward }
          if filled.backward > 0 { found.filledBackward[field] = filled.backward }
          fields[field] = values
        }
        for field in [MinuteField.openInterest, .topRatio, .globalRatio] {
          // A day without readings of its own has none: yesterday's would pass for today's. The one at
          // midnight is the last of yesterday's file.
          guard let metrics,
            metrics.rows(of: symbol).contains(where: { metrics.times[$0] > start })
          else { continue }
          fields[field] = carried(field, of: symbol, in: metrics, before: before)
        }
        found.filledMinutes = isFilled.count { $0 }
        for field in MinuteField.allCases {
          let left = fields[field]?.count { $0.isNaN } ?? SymbolRows.minutesPerDay
          if left > 0 { found.left[field] = left }
        }
        output.append(symbol, fields, isFilled, start: start)
      }
      findings.append(found)
    }
    let absent = MinuteField.allCases.filter { field in
      findings.allSatisfy { $0.ban != nil || $0.left[field] == SymbolRows.minutesPerDay }
    }
    return CleanedDay(
      date: day.date, minutes: output.frame, symbols: findings, required: required,
      absentFields: absent)
  }

  private func readings(_ table: RawDay.Table, of date: CivilDate) throws -> SymbolRows {
    try SymbolRows(
      table, date: date,
      fields: [
        (.openInterest, "open_interest"), (.topRatio, "top_positions_ratio"),
        (.globalRatio, "accounts_ratio"),
      ], isGrid: false)
  }

  /// Prices, and what else any symbol has: a source without quote volume bans nobody for it.
  private static func required(_ candles: SymbolRows) -> [MinuteField] {
    CleaningSettings.candleFields.filter { field in
      CleaningSettings.prices.contains(field)
        || candles.columns[field]?.contains { !$0.isNaN } == true
    }
  }

  private func judge(
    _ fields: [MinuteField: [Double]], required: [MinuteField], into found: inout SymbolFindings
  ) {
    for (field, values) in fields {
      let count = values.count { $0.isNaN }
      // A column that the source does not have at all is no gap of this symbol.
      if count > 0, count < values.count || required.contains(field) || field == .premium {
        found.missing[field] = count
      }
    }
    found.missingRequired = required.reduce(0) { $0 + (found.missing[$1] ?? 0) }
    if let volume = fields[.volume], volume.contains(where: { !$0.isNaN }) {
      found.hasZeroVolume = volume.allSatisfy { $0.isNaN || $0 == 0 }
    }
    let pair = TradedPair(found.symbol)
    if pair.isStablecoin {
      found.ban = .stablecoin(base: pair.base)
    } else if found.missingRequired >= settings.limit {
      found.ban = .missing(values: found.missingRequired, limit: settings.limit)
    } else if found.hasZeroVolume, settings.bansZeroVolume {
      found.ban = .zeroVolume
    }
  }

  /// Fills runs of fewer than `limit` missing values with the value before them; at the day's start
  /// with the one after them.
  static func fill(
    _ values: inout [Double], limit: Int, marks: inout [Bool]
  ) -> (forward: Int, backward: Int) {
    var forward = 0
    var backward = 0
    var row = 0
    while row < values.count {
      guard values[row].isNaN else {
        row += 1
        continue
      }
      var end = row
      while end < values.count, values[end].isNaN { end += 1 }
      let source = row > 0 ? values[row - 1] : end < values.count ? values[end] : .nan
      if end - row < limit, !source.isNaN {
        for place in row..<end {
          values[place] = source
          marks[place] = true
        }
        if row > 0 { forward += end - row } else { backward += end - row }
      }
      row = end
    }
    return (forward, backward)
  }

  /// The last reading at or before each minute's opening, no older than the settings allow.
  private func carried(
    _ field: MinuteField, of symbol: String, in metrics: SymbolRows, before: SymbolRows?
  ) -> [Double] {
    var minutes = [Double](repeating: .nan, count: SymbolRows.minutesPerDay)
    var last: (time: Int64, value: Double)?
    if let before, let values = before.columns[field],
      let row = before.rows(of: symbol).last(where: { !values[$0].isNaN })
    {
      last = (before.times[row], values[row])
    }
    let rows = metrics.rows(of: symbol)
    var next = rows.lowerBound
    let values = metrics.columns[field] ?? []
    for minute in minutes.indices {
      let opening = metrics.date.start.nanoseconds + Int64(minute) * SymbolRows.minute
      while next < rows.upperBound, metrics.times[next] <= opening {
        if !values[next].isNaN { last = (metrics.times[next], values[next]) }
        next += 1
      }
      if let last, opening - last.time <= settings.maximumAge.nanoseconds {
        minutes[minute] = last.value
      }
    }
    return minutes
  }
}

/// The rows of the table `minutes`, symbol after symbol.
private struct Output {
  private var symbols: [String] = []
  private var times: [Int64] = []
  private var columns = [[Double]](repeating: [], count: MinuteField.allCases.count)
  private var filled: [Bool] = []

  mutating func append(
    _ symbol: String, _ fields: [MinuteField: [Double]], _ isFilled: [Bool], start: Int64
  ) {
    symbols.append(symbol)
    times += isFilled.indices.map { start + Int64($0) * SymbolRows.minute }
    filled += isFilled
    for (index, field) in MinuteField.allCases.enumerated() {
      columns[index] += fields[field] ?? [Double](repeating: .nan, count: isFilled.count)
    }
  }

  var frame: Frame {
    var codes: [Int32] = []
    codes.reserveCapacity(times.count)
    for code in symbols.indices {
      codes += repeatElement(Int32(code), count: SymbolRows.minutesPerDay)
    }
    var frame = Frame([
      ("symbol", .category(Categories(codes: codes, levels: symbols))), ("time", .timestamp(times)),
    ])
    for (index, field) in MinuteField.allCases.enumerated() {
      frame.append(field.rawValue, .double(columns[index]))
    }
    frame.append("filled", .bool(filled))
    return frame
  }
}
