internal import Foundation
public import HogaCore
internal import HogaCrossSection
public import HogaLake

/// Looks for knowledge of the future in cross-sections: their features, universe, and models.
public struct LeakageJob: Sendable {
  /// The folder that `hoga xsection` wrote.
  public var data: String
  public var lake: Lake
  public var venue: String
  /// The file of the universe, where there is one.
  public var universe: String?
  /// Saved models that were fitted on the folder.
  public var models: [String]
  /// How many minutes are computed anew.
  public var samples: Int
  public var seed: UInt64
  /// The mean rank information coefficient that is not believed of a column of unknown making.
  public var limit: Double
  public var workers: Int

  /// Days that are looked at are read whole, so few of them are.
  private static let dayLimit = 6
  /// Minutes of a day at which columns of unknown making are compared.
  private static let columnMinutes = 240

  public init(
    data: String, lake: Lake, venue: String, universe: String? = nil, models: [String] = [],
    samples: Int = 24, seed: UInt64 = 1, limit: Double = 0.5, workers: Int = 1
  ) {
    self.data = data
    self.lake = lake
    self.venue = venue
    self.universe = universe
    self.models = models
    self.samples = samples
    self.seed = seed
    self.limit = limit
    self.workers = workers
  }

  /// - Throws: `MissingInputError` where the folder, the lake's minutes, or a file is not there;
  ///   `DataError` for files that cannot be read; `UsageError`, `Cancelled`.
  public func run(monitor: JobMonitor) throws -> LeakageReport {
    guard samples > 0 else { throw UsageError("\(samples) samples show nothing") }
    guard limit > 0, limit <= 1 else { throw UsageError("an IC limit of \(limit) is not in 0…1") }
    let folder = try AuditFolder(data)
    var report = LeakageReport()
    try checkFeatures(folder, monitor, into: &report)
    try checkUniverse(folder, monitor, into: &report)
    for path in models {
      try ModelAudit(path: path, folder: folder).run(monitor: monitor, into: &report)
    }
    return report
  }

  // MARK: Features

  private func checkFeatures(
    _ folder: AuditFolder, _ monitor: JobMonitor, into report: inout LeakageReport
  ) throws {
    var random = SeededRandom(seed)
    let crossSection = try CrossSection(
      settings: AuditFolder.settings(of: ParquetFile(folder.path(folder.dates[0]))))
    let catalogue = Set(crossSection.catalogue.names)
    let distinct = crossSection.catalogue.entries.filter {
      $0.identicalTo == nil && $0.transform == nil
    }.map(\.name)
    let available = Set(
      try lake.partitions(table: CandleTable.minutes.name, venue: venue).map(\.date))
    let days = folder.dates.filter { available.contains($0) }
      .shuffled(using: &random).prefix(min(Self.dayLimit, samples)).sorted()
    guard !days.isEmpty else {
      throw MissingInputError(
        "\(lake.root): no minutes of \(venue) on the days of \(data); features are compared with them"
      )
    }
    if days.count < min(Self.dayLimit, samples, folder.dates.count) {
      report.notes.append(
        "the lake has minutes of \(days.count) of \(folder.dates.count) days only")
    }
    var features = FeatureAudit(crossSection)
    var columns = ColumnAudit(limit: limit)
    var unknown = Set<String>()
    var knownCount = 0
    monitor.begin("computing features anew", total: Int64(samples), unit: "samples")
    for (number, date) in days.enumerated() {
      let day = try AuditDay(folder.path(date), date: date)
      guard let panel = try day.panel(lake, venue: venue, lookBack: crossSection.lookBack) else {
        continue
      }
      let numeric = day.schema.filter { $0.type != .category && $0.type != .timestamp }.map(\.name)
      let others = numeric.filter { !catalogue.contains($0) && !$0.hasPrefix("y_") }
      knownCount = max(knownCount, numeric.count { catalogue.contains($0) })
      unknown.formUnion(others)
      if !folder.isJoined {
        report.add(labelsNamed: numeric.filter { $0.hasPrefix("y_") })
      }
      let whole = try crossSection.features(panel, workers: workers)
      let share = samples * (number + 1) / days.count - samples * number / days.count
      let minutes = Array(day.completeMinutes.shuffled(using: &random).prefix(share)).sorted()
      if minutes.count < share {
        report.notes.append("\(date): only \(minutes.count) minutes have rows of all symbols")
      }
      var stored = minutes.map { _ in [String: [Double]]() }
      for name in numeric where catalogue.contains(name) {
        let values = try day.values(name)
        for (index, minute) in minutes.enumerated() {
          stored[index][name] = day.symbols.indices.map { values[$0 * AuditDay.rowCount + minute] }
        }
        try monitor.checkCancelled()
      }
      for (index, minute) in minutes.enumerated() {
        try features.add(
          panel, whole: whole, minute: minute, stored: stored[index], random: &random,
          workers: workers)
        try monitor.advance(by: 1)
      }
      guard !others.isEmpty else { continue }
      var judged: [String: [Double]] = [:]
      for name in others { judged[name] = try day.values(name) }
      try columns.add(
        symbolCount: day.symbols.count, rowCount: AuditDay.rowCount,
        minutes: Array(
          (0..<AuditDay.rowCount).shuffled(using: &random).prefix(Self.columnMinutes)
        ).sorted(), unknown: judged, known: whole, names: distinct,
        targets: try targets(panel, crossSection.settings, folder, date, day.symbols),
        past: Self.past(panel))
    }
    report.findings += features.findings + columns.findings
    report.checks.append(
      "\(knownCount) features of the catalogue at \(samples) minutes of \(days.count) days: "
        + "\(NumberText.count(features.comparedCount)) values computed anew without later minutes, "
        + "and with them shuffled")
    if !unknown.isEmpty {
      report.checks.append(
        "\(unknown.count) columns of unknown making against labels, later returns and later features"
      )
    }
    report.columns = columns.strengths
    report.warnings += report.columns.compactMap(\.warning)
    report.notes += report.columns.map(\.text)
    for copy in columns.copies {
      report.notes.append("\(copy.column) ranks symbols as \(copy.feature) does")
    }
  }

  /// What begins at each row's close: returns of the lake's minutes, and the stored labels.
  private func targets(
    _ panel: MinutePanel, _ settings: CrossSectionSettings, _ folder: AuditFolder,
    _ date: CivilDate, _ symbols: [String]
  ) throws -> [String: [Double]] {
    var targets: [String: [Double]] = [:]
    let rows = AuditDay.rowCount
    func add(_ name: String, from first: Int, to last: Int) {
      targets[name] = symbols.indices.flatMap { symbol in
        let closes = Array(panel.values(.close, of: symbol).suffix(rows))
        return (0..<rows).map { row in
          row + last < rows ? closes[row + last] / closes[row + first] - 1 : .nan
        }
      }
    }
    // Sums of few minutes show what a smoothing over a few minutes borrows from them.
    for horizon in Set(settings.windows + [1, 2, 3, 5]).sorted() where horizon < rows {
      add("the return from t to t+\(horizon)", from: 0, to: horizon)
    }
    for lead in 2...5 {
      add("the return from t+\(lead - 1) to t+\(lead)", from: lead - 1, to: lead)
    }
    guard let path = folder.labelsPath(date) else { return targets }
    let day = try AuditDay(path, date: date)
    guard day.symbols == symbols else {
      throw DataError("has other symbols than the features of \(date)", file: path)
    }
    for name in day.schema.map(\.name) where name.hasPrefix("y_") {
      targets["the label \(name)"] = try day.values(name)
    }
    return targets
  }

  /// The last one-minute returns of each row, the one that ends at its close first.
  private static func past(_ panel: MinutePanel) -> [[Double]] {
    (0..<5).map { lag in
      panel.symbols.indices.flatMap { symbol in
        let closes = Array(panel.values(.close, of: symbol))
        return (0..<AuditDay.rowCount).map { row in
          let place = closes.count - AuditDay.rowCount + row - lag
          return place > 0 ? closes[place] / closes[place - 1] - 1 : .nan
        }
      }
    }
  }

  // MARK: The universe

  private func checkUniverse(
    _ folder: AuditFolder, _ monitor: JobMonitor, into report: inout LeakageReport
  ) throws {
    var marked = 0
    var choosesAll = true
    var lists: [CivilDate: [String]] = [:]
    monitor.begin("reading universes", total: Int64(folder.dates.count), unit: "days")
    for date in folder.dates {
      let file = try ParquetFile(folder.path(date))
      let rule = file.metadata["hoga.universe"]
      if rule == "same-day" { marked += 1 }
      if rule != "all" { choosesAll = false }
      if universe == nil { lists[date] = try file.symbolRuns().map(\.symbol) }
      try monitor.advance(by: 1)
    }
    if marked > 0 {
      report.findings.append(
        LeakageFinding(
          .sameDayUniverse, data,
          "\(marked) of \(folder.dates.count) files are marked as chosen by their own day's volume")
      )
    }
    var subject = data
    if let universe {
      let file = try Universe.read(universe)
      subject = universe
      lists = file.days
      choosesAll = false
      if file.isSameDay {
        report.findings.append(
          LeakageFinding(
            .sameDayUniverse, universe, "is marked as chosen by its own day's volume"))
      }
    }
    guard !choosesAll, let first = lists.keys.min(), let last = lists.keys.max() else {
      report.notes.append("every symbol belongs to the universe: nothing was chosen by volume")
      return
    }
    let ranking = try UniverseJob.ranking(
      lake: lake, venue: venue, dates: first.adding(days: -1)...last, workers: workers,
      monitor: monitor)
    let audit = UniverseAudit(lists, isRanked: universe != nil, ranking: ranking)
    if audit.dayCount == 0 {
      report.notes.append(
        "no day's volume would choose other symbols than the day before's: the universe's rule cannot "
          + "be told")
    } else {
      report.checks.append(
        "universes of \(audit.dayCount) days on which the day's volume and the day before's differ")
    }
    if let finding = audit.finding(subject) { report.findings.append(finding) }
  }
}

extension LeakageReport {
  /// Columns of the features that bear a label's name, each once.
  mutating func add(labelsNamed names: [String]) {
    for name in names {
      let finding = LeakageFinding(
        .labelAmongFeatures, name, "bears a label's name and stands among the features")
      if !findings.contains(finding) { findings.append(finding) }
    }
  }
}
