internal import Foundation
public import HogaCore
public import HogaCrossSection
internal import HogaLake
public import HogaLearn

/// Scores forecasts in files, or single features of cross-sections.
public struct CrossSectionScoring: Sendable {
  public var portfolio: PortfolioRule
  public var decay: Int
  public var minimumSymbols: Int
  public var threads: Int?

  public init(
    portfolio: PortfolioRule, decay: Int = 5,
    minimumSymbols: Int = InformationCoefficient.minimumSymbols, threads: Int? = nil
  ) {
    self.portfolio = portfolio
    self.decay = decay
    self.minimumSymbols = minimumSymbols
    self.threads = threads
  }

  /// Scores of one folder of forecasts.
  public struct Outcome: Sendable {
    public var label: String
    public var scores: ForecastScores
    /// Whether symbols were chosen with knowledge of the day itself, on any day.
    public var looksAhead: Bool
    public var notes: [String]

    public var json: JSONValue {
      [
        "label": .string(label), "look_ahead": .bool(looksAhead), "scores": scores.json,
        "notes": .array(notes.map { .string($0) }),
      ]
    }

    /// The whole, then months.
    public var text: String {
      var table = ForecastTable()
      table.append(label, "forecast", scores.json)
      var months = TextTable([
        ("month", .left), ("rank IC", .right), ("t", .right), ("IC", .right),
        ("spread bps", .right),
        ("minutes", .right),
      ])
      for month in scores.months {
        months.append([
          month.name, NumberText.fixed(month.rankIC.mean, 4),
          NumberText.fixed(month.rankIC.tStatistic, 1), NumberText.fixed(month.ic.mean, 4),
          NumberText.fixed(month.spread.mean * 10_000, 2), NumberText.count(month.rankIC.count),
        ])
      }
      return ([table.text, "", months.text] + notes.map { "note: \($0)" })
        .joined(separator: "\n")
    }
  }

  /// Scores files with `symbol`, `time`, `prediction` and `label`, named by date.
  ///
  /// - Parameters:
  ///   - preds: The folder, or the one above it with the files in `preds`.
  ///   - label: What was foretold; the files' own word where `nil`.
  public func score(
    predictions preds: String, label: String? = nil, dates: ClosedRange<CivilDate>? = nil,
    monitor: JobMonitor
  ) throws -> Outcome {
    let inner = preds + "/preds"
    let path = FileManager.default.fileExists(atPath: inner) ? inner : preds
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let found = names.compactMap { $0.hasSuffix(".parquet") ? CivilDate($0.dropLast(8)) : nil }
    let days = try CrossSectionFolder.days(found.sorted(), dates, of: path)
    let footers = try days.map { try ParquetFile("\(path)/\($0).parquet").metadata }
    func values(_ key: String) -> Set<String> { Set(footers.compactMap { $0[key] }) }
    let targets = values(PredictionFile.targetKey)
    guard label != nil || targets.count < 2 else {
      throw DataError(
        "foretell several labels: \(targets.sorted().joined(separator: ", "))", file: path)
    }
    guard let label = label ?? targets.first else {
      throw UsageError("the files do not say what was foretold: name the label")
    }
    var portfolio = portfolio
    var notes: [String] = []
    if let kind = values(CrossSectionJob.Key.label).sorted().first(where: { $0 != "return" }) {
      portfolio.feeBasisPoints = nil
      notes.append("labels are of kind \(kind), not returns: no fees are taken")
    }
    let looksAhead = values(CrossSectionJob.Key.universe).contains(CrossSectionFolder.sameDay)
    if looksAhead { notes.insert(CrossSectionFolder.lookAhead, at: 0) }
    let rule = try ForecastRule(
      horizon: .seconds(60 * Int64(try CrossSectionFolder.horizon(ofLabel: label))),
      minimumSymbols: minimumSymbols, decay: decay, portfolio: portfolio)
    monitor.begin("scoring", total: Int64(days.count), unit: "days")
    var tally = ForecastTally(rule)
    let together = min(days.count, workers)
    for start in stride(from: 0, to: days.count, by: together) {
      let batch = Array(days[start..<min(start + together, days.count)])
      let measured = try inParallel(count: batch.count, workers: together) { place in
        let day = try CrossSectionDay("\(path)/\(batch[place]).parquet", date: batch[place])
        let columns = try day.columns(["prediction", "label"])
        try monitor.advance(by: 1)
        return ForecastMeasures(
          forecast: columns[0], label: columns[1], rows: day.rows, rule: rule)
      }
      for measures in measured { tally.add(measures) }
    }
    return Outcome(
      label: label, scores: tally.scores, looksAhead: looksAhead, notes: notes)
  }

  /// Scores of features with labels.
  public struct FeatureOutcome: Sendable {
    public var scores: [CrossSectionStudy.FeatureScore]
    /// Whether symbols were chosen with knowledge of the day itself, on any day.
    public var looksAhead: Bool
    public var notes: [String]

    public var json: JSONValue {
      [
        "look_ahead": .bool(looksAhead), "notes": .array(notes.map { .string($0) }),
        "scores": .array(scores.map(\.json)),
      ]
    }
    public var table: Frame { CrossSectionStudy.FeatureScore.table(scores) }

    /// The features by label, the strongest first.
    public func text(limit: Int = 20) -> String {
      var table = TextTable([
        ("label", .left), ("feature", .left), ("rank IC", .right), ("t", .right), ("ICIR", .right),
        ("> 0", .right), ("IC", .right), ("t", .right), ("minutes", .right),
      ])
      var labels: [String] = []
      for score in scores where !labels.contains(score.label) { labels.append(score.label) }
      for (place, label) in labels.enumerated() {
        if place > 0 { table.appendRule() }
        let own = scores.filter { $0.label == label && !$0.rankIC.mean.isNaN }
          .sorted { (-abs($0.rankIC.mean), $0.feature) < (-abs($1.rankIC.mean), $1.feature) }
        for score in own.prefix(limit) {
          table.append([
            label, score.feature, NumberText.fixed(score.rankIC.mean, 4),
            NumberText.fixed(score.rankIC.tStatistic, 1), NumberText.fixed(score.rankIC.ratio, 3),
            NumberText.percent(score.rankIC.positiveShare, 0), NumberText.fixed(score.ic.mean, 4),
            NumberText.fixed(score.ic.tStatistic, 1), NumberText.count(score.rankIC.count),
          ])
        }
      }
      return ([table.text] + notes.map { "note: \($0)" }).joined(separator: "\n")
    }
  }

  /// Scores features of a folder of cross-sections, by feature and label.
  ///
  /// - Parameters:
  ///   - features: Names or patterns; all where empty.
  ///   - labels: All where empty.
  public func score(
    features: [String], labels: [String] = [], data: String,
    dates: ClosedRange<CivilDate>? = nil, bans: GlobalBanDates = GlobalBanDates(),
    monitor: JobMonitor
  ) throws -> FeatureOutcome {
    let folder = try CrossSectionFolder(data)
    let days = try folder.days(dates, bans)
    let labels = labels.isEmpty ? folder.labels : labels
    for label in labels where !folder.labels.contains(label) {
      throw MissingInputError("\(folder.path): no label \(label)")
    }
    let looksAhead = try folder.universes(on: days).contains(CrossSectionFolder.sameDay)
    return FeatureOutcome(
      scores: try CrossSectionStudy.featureScores(
        folder, features: folder.features(matching: features), labels: labels, dates: days,
        bans: bans, minimumSymbols: minimumSymbols, workers: workers, monitor: monitor),
      looksAhead: looksAhead, notes: looksAhead ? [CrossSectionFolder.lookAhead] : [])
  }

  private var workers: Int { max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount) }
}

extension CrossSectionScoring.Outcome {
  /// Writes `scores.json`.
  public func write(to folder: String, producer: String) throws {
    try StagedFolder(folder).replacing(["scores.json"]) { stage in
      try TextFile.write(json.text(), to: stage + "/scores.json")
    }
  }
}

extension CrossSectionScoring.FeatureOutcome {
  /// Writes `features.parquet` and `features.json`.
  public func write(to folder: String, producer: String) throws {
    try StagedFolder(folder).replacing(["features.parquet", "features.json"]) { stage in
      var metadata = [LakeMetadata.producer: producer]
      if looksAhead { metadata[CrossSectionJob.Key.universe] = CrossSectionFolder.sameDay }
      try TableFile.write(table, to: stage + "/features.parquet", metadata: metadata)
      try TextFile.write(json.text(), to: stage + "/features.json")
    }
  }
}
