internal import HogaCore
internal import HogaCrossSection
internal import HogaLake

/// A day to compute.
struct CrossSectionDayPlan: Sendable {
  var date: CivilDate
  /// `nil` where all symbols of the day are members.
  var members: [String]?
  /// Members, or symbols of the day's file.
  var memberCount: Int
  /// The files of minutes: the day's, and that of the day before where it is there.
  var today: Lake.Partition
  var before: Lake.Partition?
}

extension CrossSectionJob {
  typealias Skipped = CrossSectionSummary.Skipped

  /// The days that have minutes and members, and why others do not.
  func plan(_ monitor: JobMonitor) throws -> (days: [CrossSectionDayPlan], skipped: [Skipped]) {
    let range = dates.lowerBound.adding(days: -1)...dates.upperBound
    var ranking: UniverseRanking?
    if case .top = members {
      ranking = try UniverseJob.ranking(
        lake: lake, venue: venue, dates: range, workers: workers, monitor: monitor)
    }
    let partitions = try lake.partitions(
      table: CandleTable.minutes.name, venue: venue, dates: range)
    let byDate = Dictionary(
      partitions.map { ($0.date, $0) }, uniquingKeysWith: { first, _ in first })
    var days: [CrossSectionDayPlan] = []
    var skipped: [Skipped] = []
    for number in dates.lowerBound.daysSince1970...dates.upperBound.daysSince1970 {
      let date = CivilDate(daysSince1970: number)
      let before = byDate[date.adding(days: -1)]
      func skip(_ reason: String) { skipped.append(Skipped(date: date, reason: reason)) }
      guard let today = byDate[date] else {
        skip("no minutes")
        continue
      }
      let present = try lake.candleSymbols(.minutes, venue: venue, date: date)?.map(\.symbol) ?? []
      guard !present.isEmpty else {
        skip("no symbol has minutes")
        continue
      }
      var names: [String]?
      switch members {
      case .all: break
      case .listed(let universe, let path):
        names = universe.symbols(on: date)
        if names == nil { skip("\(RunFolder.name(of: path)) does not have the day") }
      case .top(let count):
        names = ranking?.symbols(on: date, top: count, sameDay: false)
        if names == nil { skip("no minutes on the day before, whose volume chooses the symbols") }
      }
      if !members.areAll {
        guard let names else { continue }
        guard !Set(present).isDisjoint(with: names) else {
          skip("none of the universe's symbols has minutes")
          continue
        }
      }
      days.append(
        CrossSectionDayPlan(
          date: date, members: names, memberCount: names?.count ?? present.count, today: today,
          before: before))
    }
    return (days, skipped)
  }

  /// A day's minutes side by side, with as many of the day before as the features look at.
  ///
  /// Fields that are null throughout the day are left out of the panel.
  func panel(
    _ plan: CrossSectionDayPlan, lookBack: Int
  ) throws -> (panel: MinutePanel, notes: [String]) {
    var notes: [String] = []
    let today = try MinuteRows(lake, plan.today, plan.members)
    let symbols = today.symbols
    let lead = plan.before == nil ? 0 : min(lookBack, MinuteRows.perDay)
    if let members = plan.members, case let missing = Set(members).subtracting(symbols),
      !missing.isEmpty
    {
      notes.append(
        "\(missing.count) of \(members.count) symbols of the universe have no minutes: "
          + Self.listed(missing.sorted()))
    }
    let short = symbols.filter { today.rowCount(of: $0) < MinuteRows.perDay }
    if !short.isEmpty {
      notes.append(
        "fewer than \(MinuteRows.perDay) minutes of \(Self.listed(short)): null where there are none"
      )
    }
    if plan.before == nil {
      notes.append("no minutes of the day before: features are null until their windows are full")
    }
    let rowCount = lead + MinuteRows.perDay
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases {
      var values = [Double](repeating: .nan, count: symbols.count * rowCount)
      guard try today.place(field, into: &values, symbols, rowCount: rowCount, lead: lead) else {
        continue
      }
      fields[field] = values
    }
    if let before = plan.before, lead > 0 {
      let yesterday = try MinuteRows(lake, before, symbols)
      for field in Array(fields.keys) {
        // Taken out, so that it is changed in place.
        guard var values = fields.removeValue(forKey: field) else { continue }
        _ = try yesterday.place(
          field, into: &values, symbols, rowCount: rowCount, lead: lead - MinuteRows.perDay)
        fields[field] = values
      }
    }
    let start = plan.date.start - .seconds(60 * Int64(lead))
    return (
      MinutePanel(
        symbols: symbols, start: start, rowCount: rowCount, lead: lead, fields: fields), notes
    )
  }

  static func listed(_ names: [String]) -> String {
    let shown = names.prefix(10).joined(separator: ", ")
    return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
  }
}

/// The rows of one file of minutes, and where each belongs.
private struct MinuteRows {
  static let perDay = 1440

  /// Those that have rows, ascending.
  let symbols: [String]
  private let frame: Frame
  private let path: String
  /// For each level of the file's symbols, its first row and how many it has.
  private var runs: [String: Range<Int>] = [:]
  /// The minute of the day of each row.
  private var minutes: [Int32] = []

  /// - Parameter wanted: all symbols where `nil`.
  init(_ lake: Lake, _ partition: Lake.Partition, _ wanted: [String]?) throws {
    path = partition.path
    let columns = ["symbol", "time"] + MinuteField.allCases.map(\.rawValue)
    // Checked there to be sorted by symbol and time.
    frame =
      try lake.candles(
        .minutes, venue: partition.venue, date: partition.date, symbols: wanted, columns: columns)
      ?? Frame(schema: [ColumnSchema("symbol", .category), ColumnSchema("time", .timestamp)])
    guard case .category(let names) = try frame.column("symbol") else {
      throw DataError("is no text", file: path, column: "symbol")
    }
    let times = try frame.int64s("time")
    let start = partition.date.start.nanoseconds
    minutes.reserveCapacity(times.count)
    for (row, time) in times.enumerated() {
      let (offset, overflow) = time.subtractingReportingOverflow(start)
      guard !overflow, (0..<TimeSpan.day.nanoseconds).contains(offset),
        offset % 60_000_000_000 == 0
      else {
        throw DataError(
          "\(Timestamp(nanoseconds: time)) is no minute of \(partition.date)", file: path,
          row: row + 1, column: "time")
      }
      minutes.append(Int32(offset / 60_000_000_000))
    }
    var row = 0
    while row < names.codes.count {
      let first = row
      while row < names.codes.count, names.codes[row] == names.codes[first] { row += 1 }
      if let name = names[first] {
        // Row groups may write one symbol under two codes.
        runs[name] = (runs[name]?.lowerBound ?? first)..<row
      }
    }
    symbols = runs.keys.sorted()
  }

  func rowCount(of symbol: String) -> Int { runs[symbol]?.count ?? 0 }

  /// Copies a field to its places, `lead` rows behind the first of each symbol.
  ///
  /// - Parameter lead: may be negative: minutes that would come before the first row are left out.
  /// - Returns: whether there was any value.
  func place(
    _ field: MinuteField, into values: inout [Double], _ symbols: [String], rowCount: Int,
    lead: Int
  ) throws -> Bool {
    guard frame.rowCount > 0 else { return false }
    let column: [Double]
    do {
      column = try frame.doubles(field.rawValue)
    } catch {
      throw error.located(file: path)
    }
    var isKnown = false
    for (index, symbol) in symbols.enumerated() {
      guard let run = runs[symbol] else { continue }
      for row in run {
        let place = lead + Int(minutes[row])
        guard place >= 0 else { continue }
        values[index * rowCount + place] = column[row]
        if !column[row].isNaN { isKnown = true }
      }
    }
    return isKnown
  }
}
