public import HogaCore
public import HogaCrossSection

/// What a cleaning found and did, day by day.
public struct CleanSummary: Sendable {
  public struct Day: Sendable {
    public var date: CivilDate
    /// Of every symbol that the day's candles have; empty where there are none.
    public var symbols: [SymbolFindings] = []
    public var required: [MinuteField] = []
    public var absentFields: [MinuteField] = []
    public var nullFeatures: [String] = []
    public var notes: [String] = []

    public init(date: CivilDate) { self.date = date }

    public var keptCount: Int { symbols.count { $0.ban == nil } }

    mutating func take(_ cleaned: CleanedDay, _ raw: RawDay) {
      symbols = cleaned.symbols
      required = cleaned.required
      guard cleaned.keptCount > 0 else {
        notes.append("\(date): no symbol is left")
        return
      }
      absentFields = cleaned.absentFields
      nullFeatures = cleaned.nullFeatures
      for (table, name) in [(raw.premium, "premium"), (raw.metrics, "metrics")] where table == nil {
        notes.append("\(date): no file of \(name)")
      }
    }
  }

  /// One symbol over all days.
  public struct Symbol: Sendable {
    public var name: String
    /// Days on which the candles have it.
    public var days = 0
    public var bannedDays = 0
    public var filledMinutes = 0
    public var presentMinutes = 0
    /// Of the days on which it is kept; NaN where there is none.
    public var filledShare: Double {
      days > bannedDays ? Double(filledMinutes) / Double((days - bannedDays) * 1440) : .nan
    }
    public var presentShare: Double { Double(presentMinutes) / Double(days * 1440) }
  }

  public var venue: String
  public var settings: CleaningSettings
  public var days: [Day]

  public init(venue: String, settings: CleaningSettings, days: [Day]) {
    self.venue = venue
    self.settings = settings
    self.days = days
  }

  public var bannedSymbols: BannedSymbols {
    var banned: [CivilDate: [String]] = [:]
    for day in days {
      let names = day.symbols.filter { $0.ban != nil }.map(\.symbol)
      if !names.isEmpty { banned[day.date] = names }
    }
    return BannedSymbols(days: banned)
  }

  public var banDates: GlobalBanDates {
    var nullFeatures: [CivilDate: [String]] = [:]
    for day in days where !day.nullFeatures.isEmpty { nullFeatures[day.date] = day.nullFeatures }
    return GlobalBanDates(
      missingDates: Set(days.filter { $0.keptCount == 0 }.map(\.date)), nullFeatures: nullFeatures)
  }

  /// In ascending order of names.
  public var symbols: [Symbol] {
    var found: [String: Symbol] = [:]
    for day in days {
      for finding in day.symbols {
        var symbol = found[finding.symbol] ?? Symbol(name: finding.symbol)
        symbol.days += 1
        symbol.bannedDays += finding.ban == nil ? 0 : 1
        symbol.filledMinutes += finding.filledMinutes
        symbol.presentMinutes += finding.rows
        found[finding.symbol] = symbol
      }
    }
    return found.values.sorted { $0.name < $1.name }
  }

  /// Symbol-days that are kept.
  public var keptCount: Int { days.reduce(0) { $0 + $1.keptCount } }
  /// Symbol-days that are banned.
  public var bannedCount: Int { days.reduce(0) { $0 + $1.symbols.count } - keptCount }
  /// The share of the kept minutes that hold a filled value; NaN where none is kept.
  public var filledShare: Double {
    let filled = days.reduce(0) { $0 + $1.symbols.reduce(0) { $0 + $1.filledMinutes } }
    return keptCount > 0 ? Double(filled) / Double(keptCount * 1440) : .nan
  }
  public var notes: [String] { days.flatMap(\.notes) }

  /// Counts by day and by symbol, keys sorted. Of a day's symbols only those are listed of which
  /// there is something to say.
  public var json: JSONValue {
    [
      "banned_symbol_days": .int(Int64(bannedCount)), "days": .array(days.map(Self.json)),
      "filled_share": .double(filledShare),
      "kept_symbol_days": .int(Int64(keptCount)),
      "missing_dates": .array(banDates.missingDates.sorted().map { .string("\($0)") }),
      "notes": .array(notes.map { .string($0) }), "settings": settings.json,
      "symbols": .array(
        symbols.map {
          [
            "banned_days": .int(Int64($0.bannedDays)), "days": .int(Int64($0.days)),
            "filled_minutes": .int(Int64($0.filledMinutes)),
            "filled_share": .double($0.filledShare), "present_share": .double($0.presentShare),
            "symbol": .string($0.name),
          ]
        }), "venue": .string(venue),
    ]
  }

  private static func json(_ day: Day) -> JSONValue {
    [
      "absent": .array(day.absentFields.map { .string($0.rawValue) }),
      "banned": .int(Int64(day.symbols.count - day.keptCount)), "date": .string("\(day.date)"),
      "findings": .array(day.symbols.filter(\.isNotable).map(\.json)),
      "kept": .int(Int64(day.keptCount)),
      "null_features": .array(day.nullFeatures.map { .string($0) }),
      "required": .array(day.required.map { .string($0.rawValue) }),
      "symbols": .int(Int64(day.symbols.count)),
    ]
  }

  /// Notes that several days share, in one line.
  private var notesByText: [String] {
    var dates: [String: [CivilDate]] = [:]
    var order: [String] = []
    for day in days {
      for note in day.notes {
        let text = String(note.dropFirst("\(day.date): ".count))
        if dates[text] == nil { order.append(text) }
        dates[text, default: []].append(day.date)
      }
    }
    return order.map { text in
      let found = dates[text] ?? []
      return found.count == 1
        ? "\(found[0]): \(text)" : "\(text) on \(found.count) of \(days.count) days"
    }
  }

  /// The same in words, for a terminal.
  public var text: String {
    var lines = [
      "\(NumberText.count(keptCount)) symbol-days kept, \(NumberText.count(bannedCount)) banned, "
        + "\(NumberText.percent(filledShare, 3)) of the kept minutes filled"
    ]
    var reasons: [String: Int] = [:]
    for day in days {
      for finding in day.symbols {
        if let ban = finding.ban { reasons[ban.name, default: 0] += 1 }
      }
    }
    for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
      lines.append("  banned for \(reason): \(NumberText.count(count))")
    }
    let missing = banDates.missingDates.count
    if missing > 0 { lines.append("  days without minutes: \(missing)") }
    let idle = days.reduce(0) { $0 + $1.symbols.count { $0.ban == nil && $0.hasZeroVolume } }
    if idle > 0 { lines.append("  kept without any volume all day: \(idle)") }
    return (lines + notesByText.map { "  \($0)" }).joined(separator: "\n")
  }
}
