public import HogaCore
public import HogaCrossSection

/// What a run of cross-sections made, day by day.
public struct CrossSectionSummary: Sendable {
  public struct Day: Sendable {
    public var date: CivilDate
    public var symbols: Int
    public var rows: Int
    /// Fields that no symbol has on this day: what rests on them is null.
    public var nullInputs: [MinuteField]
    public var notes: [String]
    /// Whether the day was computed now, or found as it should be.
    public var isNew: Bool
  }

  /// A day without files.
  public struct Skipped: Sendable {
    public var date: CivilDate
    public var reason: String
  }

  public static let fileName = "cross-section.json"

  public var venue: String
  public var dates: ClosedRange<CivilDate>
  /// `day-before`, `same-day` or `all`.
  public var rule: String
  var members: JSONValue
  public var settings: CrossSectionSettings
  /// Of features.
  public var columns: Int
  /// Features whose inputs the source has on some day.
  public var usableColumns: Int
  public var days: [Day]
  public var skipped: [Skipped]
  /// Days whose files lie in the folder from other runs.
  public var others: [CivilDate]

  /// What a reader of the tables should know.
  public var notes: [String] {
    var notes: [String] = []
    if rule == "same-day" {
      notes.append("the universe looks ahead: each day's symbols were chosen by its own volume")
    }
    if rule == "all" {
      notes.append("all symbols that have minutes on a day are in its cross-section")
    }
    let null = MinuteField.allCases.filter { field in
      days.contains { $0.nullInputs.contains(field) }
    }
    for field in null {
      let count = days.count { $0.nullInputs.contains(field) }
      notes.append("\(field.rawValue) is missing on \(count) of \(days.count) days: null there")
    }
    if !skipped.isEmpty {
      notes.append("\(skipped.count) of \(skipped.count + days.count) days have no files")
    }
    if let first = others.first, let last = others.last {
      notes.append(
        "\(others.count) days of other runs lie in the folder, \(first) to \(last): their settings "
          + "may differ")
    }
    return notes
  }

  /// The file `cross-section.json`: equal for equal inputs, whether days were found or computed.
  public var json: JSONValue {
    [
      "venue": .string(venue), "start": .string("\(dates.lowerBound)"),
      "end": .string("\(dates.upperBound)"), "universe": members, "settings": settings.json,
      "features": .int(Int64(columns)), "features_with_inputs": .int(Int64(usableColumns)),
      "days": .array(
        days.map { day in
          [
            "date": .string("\(day.date)"), "symbols": .int(Int64(day.symbols)),
            "rows": .int(Int64(day.rows)),
            "null_inputs": .array(day.nullInputs.map { .string($0.rawValue) }),
            "notes": .array(day.notes.map { .string($0) }),
          ]
        }),
      "skipped": .array(
        skipped.map { ["date": .string("\($0.date)"), "reason": .string($0.reason)] }),
      "notes": .array(notes.map { .string($0) }),
    ]
  }

  /// For people.
  public var text: String {
    let rows = days.reduce(0) { $0 + $1.rows }
    let kept = days.count { !$0.isNew }
    var lines = [
      "\(days.count) days, \(NumberText.count(rows)) rows, \(columns) features"
        + (usableColumns < columns ? " (\(usableColumns) have their inputs)" : "") + ", "
        + "\(settings.windows.count) labels"
        + (kept > 0 ? "; \(kept) days were there already" : "")
    ]
    lines += notes.map { "  \($0)" }
    for day in days where !day.notes.isEmpty {
      lines += day.notes.map { "  \(day.date): \($0)" }
    }
    lines += skipped.map { "  \($0.date): left out, \($0.reason)" }
    let limit = 40
    guard lines.count > limit else { return lines.joined(separator: "\n") }
    return (lines.prefix(limit) + ["  and \(lines.count - limit) more lines in \(Self.fileName)"])
      .joined(separator: "\n")
  }
}

extension CrossSectionJob.Members {
  var json: JSONValue {
    switch self {
    case .listed(let universe, let path):
      [
        "rule": .string(rule), "top": .int(Int64(universe.top)),
        "file": .string(path.split(separator: "/").last.map(String.init) ?? path),
        "look_ahead": .bool(universe.isSameDay),
      ]
    case .top(let count):
      ["rule": .string(rule), "top": .int(Int64(count)), "look_ahead": false]
    case .all: ["rule": .string(rule), "look_ahead": false]
    }
  }
}
