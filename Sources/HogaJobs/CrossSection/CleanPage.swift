internal import HogaCore
internal import HogaCrossSection
package import HogaReport

/// The page of a cleaning: what is covered, what was filled, what is banned and why.
package struct CleanPage {
  private let summary: CleanSummary
  private let symbols: [CleanSummary.Symbol]

  /// Longer tables are cut, and say so.
  private static let tableLimit = 250

  package init(_ summary: CleanSummary) {
    self.summary = summary
    symbols = summary.symbols
  }

  package func page(producer: String) -> ReportPage {
    let first = summary.days.first.map { "\($0.date)" } ?? ""
    let last = summary.days.last.map { "\($0.date)" } ?? ""
    return ReportPage(
      "Minutes of \(summary.venue)",
      subtitle: "\(first) to \(last), \(symbols.count) symbols",
      kicker: "Hoga data quality",
      sections: [overview, coverage, filled, banned, missing],
      origins: [
        .init("Version", HogaVersion.text), .init("Command", "`\(producer)`"),
        .init("Limit", "\(summary.settings.limit) missing values a day"),
      ])
  }

  private var overview: ReportPage.Section {
    let missing = summary.banDates.missingDates.count
    let total = summary.keptCount + summary.bannedCount
    let present = symbols.reduce(0) { $0 + $1.presentMinutes }
    let expected = symbols.reduce(0) { $0 + $1.days * 1440 }
    return .init(
      "Overview",
      blocks: [
        .keyFigures([
          .init(
            "Days with minutes", "\(summary.days.count - missing)",
            note: "of \(summary.days.count)", tone: missing > 0 ? .bad : .neutral),
          .init(
            "Symbol-days kept", NumberText.count(summary.keptCount),
            note: "of \(NumberText.count(total))"),
          .init("Symbol-days banned", NumberText.count(summary.bannedCount)),
          .init(
            "Minutes present", NumberText.percent(Double(present) / Double(max(expected, 1)), 2),
            note: "of days on which a symbol has candles"),
          .init(
            "Minutes filled", NumberText.percent(summary.filledShare, 3), note: "of those kept"),
        ]),
        .callout(
          .init(
            .info, "The lists look ahead within their day",
            "Whether a symbol is banned is known when the day is over, and a gap at the day's start is "
              + "filled from the minute after it. Filled minutes repeat the volume of their source; "
              + "the column `filled` marks them.")),
      ])
  }

  private var coverage: ReportPage.Section {
    let dates = summary.days.map(\.date)
    var rowOf: [String: Int] = [:]
    for (row, symbol) in symbols.enumerated() { rowOf[symbol.name] = row }
    var values = [[Double]](
      repeating: [Double](repeating: .nan, count: dates.count), count: symbols.count)
    for (column, day) in summary.days.enumerated() {
      for finding in day.symbols {
        if let row = rowOf[finding.symbol] { values[row][column] = finding.presentShare }
      }
    }
    let isOneYear = dates.first?.components.year == dates.last?.components.year
    let labels = dates.map { isOneYear ? String("\($0)".dropFirst(5)) : "\($0)" }
    let complete = values.joined().count { $0 == 1 }
    let known = values.joined().count { !$0.isNaN }
    return .init(
      "Coverage", lead: "Which share of each day's 1,440 minutes the source has.",
      blocks: known == 0
        ? [.paragraph("There are no candles in these days.")]
        : [
          .figure(
            .init(
              "\(NumberText.count(complete)) of \(NumberText.count(known)) symbol-days are complete",
              subtitle: "percent of minutes present, by symbol and UTC day",
              chart: HeatMap(
                rows: symbols.map(\.name), columns: labels, values: values,
                colors: .sequential(low: 0, high: 1), format: .percent(0)),
              caption: "Gray: the candles of that day do not have the symbol."))
        ])
  }

  private var filled: ReportPage.Section {
    let bars = symbols.filter { $0.filledMinutes > 0 }.map {
      HorizontalBarChart.Bar($0.name, $0.filledShare)
    }
    let shown = symbols.sorted {
      (-$0.filledMinutes, -$0.bannedDays, $0.name) < (-$1.filledMinutes, -$1.bannedDays, $1.name)
    }.prefix(Self.tableLimit)
    let table = ReportTable(
      "Symbols", subtitle: cut(symbols.count, "most filled first"),
      columns: [
        .init("Symbol"), .init("Days", .integer), .init("Banned", .integer, unit: "days"),
        .init("Present", .percent(2)), .init("Filled", .percent(3)),
        .init("Filled", .integer, unit: "minutes"),
      ],
      rows: shown.map {
        .init([
          .text($0.name), .number(Double($0.days)), .number(Double($0.bannedDays)),
          .number($0.presentShare), .number($0.filledShare), .number(Double($0.filledMinutes)),
        ])
      })
    let figure = ReportBlock.figure(
      .init(
        "Filled share", subtitle: "percent of a symbol's kept minutes",
        chart: HorizontalBarChart(bars, format: .percent(3))))
    return .init(
      "Filled gaps", lead: "Gaps below the limit hold the values of the minute before.",
      blocks: (bars.isEmpty ? [.paragraph("Nothing was filled.")] : [figure]) + [.table(table)])
  }

  private var banned: ReportPage.Section {
    struct Key: Hashable { var symbol: String, reason: String }
    struct Entry { var days = 0, first: SymbolFindings, from: CivilDate, to: CivilDate }
    var entries: [Key: Entry] = [:]
    for day in summary.days {
      for finding in day.symbols {
        guard let ban = finding.ban else { continue }
        let key = Key(symbol: finding.symbol, reason: ban.name)
        var entry = entries[key] ?? Entry(first: finding, from: day.date, to: day.date)
        entry.days += 1
        entry.to = day.date
        entries[key] = entry
      }
    }
    let rows = entries.sorted { ($0.key.symbol, $0.key.reason) < ($1.key.symbol, $1.key.reason) }
    guard !rows.isEmpty else {
      return .init("Banned symbols", blocks: [.paragraph("No symbol was banned on any day.")])
    }
    return .init(
      "Banned symbols",
      lead: "Left out of a day's minutes; counts and times are those of the first day.",
      blocks: [
        .table(
          .init(
            "Bans by symbol and reason", subtitle: cut(rows.count, "by name"),
            columns: [
              .init("Symbol"), .init("Reason"), .init("Days", .integer), .init("From"), .init("To"),
              .init("Missing", .integer, unit: "values"),
              .init("Present", .integer, unit: "minutes"), .init("Seen"),
            ],
            rows: rows.prefix(Self.tableLimit).map { key, entry in
              .init([
                .text(key.symbol), .text(Self.reason(entry.first)), .number(Double(entry.days)),
                .text("\(entry.from)"), .text("\(entry.to)"),
                .number(Double(entry.first.missingRequired)), .number(Double(entry.first.rows)),
                .text(entry.first.seenText),
              ])
            }))
      ])
  }

  private static func reason(_ finding: SymbolFindings) -> String {
    guard case .stablecoin(let base) = finding.ban else { return finding.ban?.name ?? "" }
    return "stablecoin \(base)"
  }

  private var missing: ReportPage.Section {
    let dates = summary.banDates.missingDates.sorted()
    let nulls = summary.days.filter { !$0.nullFeatures.isEmpty }
    let idle = summary.days.flatMap { day in
      day.symbols.filter { $0.ban == nil && $0.hasZeroVolume }.map { (day.date, $0.symbol) }
    }
    var blocks: [ReportBlock] = [
      .paragraph(
        dates.isEmpty
          ? "Every day has minutes."
          : "Days without minutes: " + Self.listed(dates.map { "\($0)" }) + ".")
    ]
    if !idle.isEmpty {
      blocks.append(
        .paragraph(
          "Kept although nobody traded all day: "
            + Self.listed(idle.map { "\($0.1) on \($0.0)" }) + "."))
    }
    if !summary.symbolNotes.isEmpty { blocks.append(.list(summary.symbolNotes)) }
    if nulls.isEmpty {
      blocks.append(.paragraph("Every day has the inputs of every feature of the specification."))
    } else {
      blocks.append(
        .table(
          .init(
            "Features that are null all day", subtitle: cut(nulls.count, "their input is absent"),
            columns: [.init("Date"), .init("Absent inputs"), .init("Features")],
            rows: nulls.prefix(Self.tableLimit).map { day in
              .init([
                .text("\(day.date)"),
                .text(day.absentFields.map(\.rawValue).joined(separator: ", ")),
                .text(day.nullFeatures.joined(separator: ", ")),
              ])
            }, isSortable: false)))
    }
    return .init("Days and inputs that are missing", blocks: blocks)
  }

  private func cut(_ count: Int, _ text: String) -> String {
    count > Self.tableLimit ? "\(text); the first \(Self.tableLimit) of \(count)" : text
  }

  private static func listed(_ names: [String]) -> String {
    let shown = names.prefix(20).joined(separator: ", ")
    return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
  }
}
