internal import Foundation
public import HogaCore
internal import HogaCrossSection
internal import HogaLake
internal import HogaLearn

extension CrossSectionStudy {
  private var workers: Int { max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount) }

  /// Learns and judges.
  ///
  /// - Parameters:
  ///   - folder: Written by `hoga xsection`; see `CrossSectionFolder`.
  ///   - predictions: A folder for the test's forecasts, `<model>_<label>/<date>.parquet` (directly
  ///     `<date>.parquet` where there is only one), or `nil` to write none.
  /// - Throws: `UsageError` for settings that make no sense, `MissingInputError` for ranges without
  ///   files, `DataError`.
  public func run(
    _ folder: String, predictions: String? = nil, producer: String = "hoga", monitor: JobMonitor
  ) throws -> Result {
    let folder = try CrossSectionFolder(folder)
    try checkModels()
    let labels = try self.labels(of: folder)
    var notes: [String] = []
    try checkDays(folder, &notes)
    var result = Result(
      study: self, trials: [], baselines: [], features: [], search: [], selections: [],
      universes: [], universeTop: Self.universeTop(folder),
      labelKind: folder.metadata["hoga.label"], notes: [])
    var fits: [(label: String, fit: Fit)] = []
    for label in labels {
      let fitting = try fit(label, folder, workers: workers, &notes, monitor)
      fits += fitting.fits.map { (label, $0) }
      result.search += fitting.search
      if let selected = fitting.selected { result.selections.append(selected) }
    }
    var rule = portfolio
    if let kind = result.labelKind, kind != "return", rule.feeBasisPoints != nil {
      rule.feeBasisPoints = nil
      notes.append("labels are of kind \(kind), not returns: no fees are taken")
    }
    let test = CrossSectionTest(
      study: self, folder: folder, labels: labels, portfolio: rule,
      models: try fits.map {
        CrossSectionTest.Model(
          label: $0.label, name: $0.fit.model.name, fitted: $0.fit.fitted,
          saved: try saved($0.label, $0.fit, folder))
      })
    let judged = try test.run(
      predictions: predictions, producer: producer, workers: workers, monitor: monitor)
    result.baselines = judged.baselines
    // The test's days alone would hide what the model learned from.
    result.universes = Set(try judged.universes + learnedUniverses(folder)).sorted()
    notes += judged.notes
    for (place, (label, fit)) in fits.enumerated() {
      result.trials.append(
        Trial(
          label: label, horizonMinutes: try CrossSectionFolder.horizon(ofLabel: label),
          model: fit.model.name, saved: test.models[place].saved,
          importance: try Importance.of(fit.fitted), settings: fit.settings,
          trainingRows: fit.training.samples.count, validationRows: fit.validationRows,
          validation: fit.validation, searchTrials: fit.searchTrials, scores: judged.scores[place],
          comparisons: judged.comparisons[place],
          verdict: Verdict(
            judged.scores[place], judged.comparisons[place],
            judged.baselines.filter { $0.label == label })))
    }
    let days: ClosedRange<CivilDate>? =
      switch featureDays {
      case .none: nil
      case .train: ranges.train
      case .test: ranges.test
      }
    if let days {
      result.features = try Self.featureScores(
        folder, features: folder.features(matching: features), labels: labels,
        dates: folder.dates(in: days, bans), bans: bans, minimumSymbols: minimumSymbols,
        workers: workers, monitor: monitor)
    }
    if result.looksAhead {
      notes.insert(CrossSectionFolder.lookAhead, at: 0)
    }
    result.notes = Self.condensed(notes, labels)
    return result
  }

  private func labels(of folder: CrossSectionFolder) throws -> [String] {
    let labels = labels.isEmpty ? folder.labels : labels
    guard !labels.isEmpty else { throw DataError("there are no labels y_…", file: folder.path) }
    guard Set(labels).count == labels.count else { throw UsageError("a label is named twice") }
    for label in labels {
      _ = try CrossSectionFolder.horizon(ofLabel: label)
      guard folder.labels.contains(label) else {
        throw MissingInputError(
          "\(folder.path): no label \(label); there are \(folder.labels.joined(separator: ", "))")
      }
    }
    return labels
  }

  /// Says once what holds for several labels: `y_1m, y_5m: …`.
  private static func condensed(_ notes: [String], _ labels: [String]) -> [String] {
    var order: [String] = []
    var owners: [String: [String]] = [:]
    for note in notes {
      let label = labels.first { note.hasPrefix("\($0): ") }
      let text = label.map { String(note.dropFirst($0.count + 2)) } ?? note
      if owners[text] == nil { order.append(text) }
      owners[text, default: []] += label.map { [$0] } ?? []
    }
    return order.map { text in
      let names = owners[text] ?? []
      return names.isEmpty || names.count == labels.count && labels.count > 1
        ? text : "\(names.joined(separator: ", ")): \(text)"
    }
  }

  private func checkDays(_ folder: CrossSectionFolder, _ notes: inout [String]) throws {
    for (name, range) in [
      ("training", ranges.train), ("validation", ranges.validation), ("test", ranges.test),
    ] {
      let present = folder.dates(in: range, bans)
      guard !present.isEmpty else {
        throw MissingInputError(
          "\(folder.path): no file from \(range.lowerBound) to \(range.upperBound) (\(name))")
      }
      let all = (range.lowerBound.daysSince1970...range.upperBound.daysSince1970)
        .map(CivilDate.init(daysSince1970:))
      let banned = all.filter(bans.missingDates.contains)
      let absent = all.filter { !folder.dates.contains($0) && !bans.missingDates.contains($0) }
      if !banned.isEmpty { notes.append("\(name): skipped as banned: \(Self.list(banned))") }
      if !absent.isEmpty { notes.append("\(name): no file for \(Self.list(absent))") }
      let nulls = bans.nullFeatures.keys.sorted().filter {
        range.contains($0) && present.contains($0)
      }
      if !nulls.isEmpty {
        notes.append(
          "\(name): banned features are null on "
            + (nulls.count == present.count ? "all \(nulls.count) days" : Self.list(nulls))
            + " (trees take that as missing, linear models impute it)")
      }
    }
  }

  private static func list(_ dates: [CivilDate]) -> String {
    dates.prefix(8).map(\.description).joined(separator: ", ")
      + (dates.count > 8 ? " and \(dates.count - 8) more" : "")
  }

  private static func universeTop(_ folder: CrossSectionFolder) -> Int? {
    for place in ["/../cross-section.json", "/cross-section.json"] {
      guard let text = try? TextFile.read(folder.path + place),
        let json = try? JSONReader.read(text)
      else { continue }
      for value in [json["top"], json["settings"]?["top"], json["universe"]?["top"]] {
        if case .int(let top)? = value, top > 0 { return Int(exactly: top) }
      }
    }
    return nil
  }

  private func learnedUniverses(_ folder: CrossSectionFolder) throws -> [String] {
    try [ranges.train, ranges.validation].flatMap { range in
      try folder.universes(on: folder.dates(in: range, bans))
    }
  }

  /// The rule of the training's and validation's universes: the one that looks ahead, where any does.
  private func universe(_ folder: CrossSectionFolder) throws -> String? {
    let rules = try learnedUniverses(folder)
    return rules.contains(CrossSectionFolder.sameDay)
      ? CrossSectionFolder.sameDay : Set(rules).count == 1 ? rules.first : nil
  }

  private func saved(
    _ label: String, _ fit: Fit, _ folder: CrossSectionFolder
  ) throws -> SavedModel {
    try SavedModel(
      model: fit.fitted, target: label, training: fit.training.samples, seed: seed,
      configuration: [
        "model": .string(fit.model.name), "learner": fit.settings, "ranges": ranges.json,
        "embargo": .string("\(embargo)"), "training_rows": .int(Int64(fit.training.samples.count)),
        "offered_rows": .int(Int64(fit.training.offeredRows)),
        "selection": selection?.json ?? .null,
        "search": search.map {
          ["method": .string($0.method.rawValue), "trials": .int(Int64(fit.searchTrials))]
        } ?? .null,
        "universe": try universe(folder).map { .string($0) } ?? .null,
        "label": folder.metadata["hoga.label"].map { .string($0) } ?? .null,
      ], versions: ["hoga": HogaVersion.text])
  }

  /// Scores of single features with labels, day after day in bounded memory.
  static func featureScores(
    _ folder: CrossSectionFolder, features: [String], labels: [String], dates: [CivilDate],
    bans: GlobalBanDates, minimumSymbols: Int, workers: Int, monitor: JobMonitor
  ) throws -> [FeatureScore] {
    guard !features.isEmpty, !dates.isEmpty else { return [] }
    let horizons = try labels.map { try CrossSectionFolder.horizon(ofLabel: $0) }
    let lags = horizons.map { ForecastRule.scoreLags(overlap: $0) }
    let parts = min(workers, features.count)
    let size = (features.count + parts - 1) / parts
    let starts = Array(stride(from: 0, to: features.count, by: size))
    monitor.begin("scoring features", total: Int64(starts.count * dates.count), unit: "days")
    // Each worker takes all days of its features, so that nothing has to be joined.
    return try inParallel(count: starts.count, workers: workers) { part in
      let names = Array(features[starts[part]..<min(starts[part] + size, features.count)])
      var tallies = names.map { _ in
        lags.map { [SeriesAccumulator](repeating: SeriesAccumulator(forLags: $0), count: 2) }
      }
      for date in dates {
        let day = try folder.open(date)
        let ranked = try day.columns(labels).map { RankedValues($0, day.rows) }
        for start in stride(from: 0, to: names.count, by: 16) {
          let batch = Array(names[start..<min(start + 16, names.count)])
          for (offset, values) in try day.columns(batch).enumerated()
          where !bans.drops(batch[offset], on: date) {
            let feature = RankedValues(values, day.rows)
            for (place, label) in ranked.enumerated() {
              let series = InformationCoefficient.series(
                feature, label, day.rows, minimumSymbols: minimumSymbols)
              for value in series.pearson { tallies[start + offset][place][0].push(value) }
              for value in series.rank { tallies[start + offset][place][1].push(value) }
            }
          }
          try monitor.checkCancelled()
        }
        try monitor.advance(by: 1)
      }
      return names.indices.flatMap { name in
        labels.indices.map { place in
          FeatureScore(
            feature: names[name], label: labels[place], horizonMinutes: horizons[place],
            ic: tallies[name][place][0].summary(minimumLags: lags[place]),
            rankIC: tallies[name][place][1].summary(minimumLags: lags[place]))
        }
      }
    }.flatMap { $0 }
  }
}

extension CrossSectionStudy.Verdict {
  init(
    _ scores: ForecastScores, _ comparisons: [PairedComparison],
    _ baselines: [CrossSectionStudy.Baseline]
  ) {
    let t = NumberText.fixed(scores.rankIC.tStatistic, 1)
    let isAbove = scores.rankIC.mean > 0
    let isTold = scores.rankIC.pValue < 0.05
    beatsZero = isAbove && isTold
    func mean(_ comparison: PairedComparison) -> Double {
      baselines.first { $0.name == comparison.against }?.scores.rankIC.mean ?? .nan
    }
    let better = comparisons.filter { !mean($0).isNaN }.max { mean($0) < mean($1) }
    betterBaseline = better?.against ?? "zero"
    let difference = better?.rankIC
    beatsBaseline = (difference?.mean ?? .nan) > 0 && (difference?.pValue ?? .nan) < 0.05
    if scores.rankIC.count == 0 {
      text = "no rank IC: the forecasts do not vary across symbols"
      return
    }
    guard !scores.rankIC.standardError.isNaN else {
      text = "the test is too short against the horizon to tell"
      return
    }
    var text =
      !isTold
      ? "rank IC not told from zero (t = \(t))"
      : "rank IC \(isAbove ? "above" : "below") zero (t = \(t))"
    if let better, !better.rankIC.pValue.isNaN {
      let p = better.rankIC.pValue
      let chance = p < 0.001 ? "p < 0.001" : "p = \(NumberText.fixed(p, 3))"
      text +=
        beatsBaseline
        ? ", beats \(better.against) (\(chance))"
        : better.rankIC.mean > 0
          ? ", not told from \(better.against) (\(chance))"
          : ", does not beat \(better.against)"
    }
    self.text = text
  }
}
