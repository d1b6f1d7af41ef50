internal import Foundation
internal import HogaCore
internal import HogaLake
internal import HogaLearn

/// Foretells the days of a study's test range and measures models and baselines side by side.
struct CrossSectionTest: Sendable {
  struct Model: Sendable {
    var label: String
    var name: String
    var fitted: FittedPipeline
    var saved: SavedModel
  }

  struct Outcome: Sendable {
    /// By model.
    var scores: [ForecastScores]
    var comparisons: [[PairedComparison]]
    var baselines: [CrossSectionStudy.Baseline]
    var universes: [String]
    var notes: [String]
  }

  let study: CrossSectionStudy
  let folder: CrossSectionFolder
  let labels: [String]
  let portfolio: PortfolioRule
  let models: [Model]

  static let baselineNames = ["zero", "momentum", "reversal"]
  /// What models are compared with; nobody ranks symbols by zero.
  private static let rivals = ["momentum", "reversal"]

  /// One day's measures.
  private struct Day: Sendable {
    var models: [ForecastMeasures] = []
    /// By model, by rival.
    var differences: [[(ic: [Double], rankIC: [Double])]] = []
    /// By label, by name.
    var baselines: [[ForecastMeasures]] = []
    var universe: String?
    /// Labels whose momentum is the label of the past, for want of a feature.
    var laggedLabels: [String] = []
  }

  func run(
    predictions: String?, producer: String, workers: Int, monitor: JobMonitor
  ) throws -> Outcome {
    let dates = folder.dates(in: study.ranges.test, study.bans)
    let rules = try labels.map { try rule($0) }
    let ruleOf = Dictionary(uniqueKeysWithValues: zip(labels, rules))
    var tallies = models.compactMap { ruleOf[$0.label].map(ForecastTally.init) }
    var paired = models.compactMap { model in
      ruleOf[model.label].map { rule in Self.rivals.map { PairedTally(against: $0, rule: rule) } }
    }
    var baselines = rules.map { rule in Self.baselineNames.map { _ in ForecastTally(rule) } }
    var universes: Set<String> = []
    var lagged: Set<String> = []
    let inputs = wantedFeatures
    monitor.begin("judging models", total: Int64(dates.count), unit: "days")
    let together = try daysTogether(dates, inputs.count, workers)
    for start in stride(from: 0, to: dates.count, by: together) {
      let batch = Array(dates[start..<min(start + together, dates.count)])
      let days = try inParallel(count: batch.count, workers: together) { place in
        let day = try measure(
          batch[place], inputs, ruleOf, predictions: predictions, producer: producer)
        try monitor.advance(by: 1)
        return day
      }
      for day in days {
        for place in models.indices {
          tallies[place].add(day.models[place])
          for rival in Self.rivals.indices {
            let differences = day.differences[place][rival]
            paired[place][rival].add(ic: differences.ic, rankIC: differences.rankIC)
          }
        }
        for label in labels.indices {
          for name in Self.baselineNames.indices {
            baselines[label][name].add(day.baselines[label][name])
          }
        }
        universes.insert(day.universe ?? "unknown")
        lagged.formUnion(day.laggedLabels)
      }
    }
    var notes: [String] = []
    if !lagged.isEmpty {
      notes.append(
        "momentum is the label of one horizon before for \(lagged.sorted().joined(separator: ", ")):"
          + " there is no feature Close_Diff_Rate of that window")
    }
    return Outcome(
      scores: tallies.map(\.scores), comparisons: paired.map { $0.map(\.comparison) },
      baselines: try labels.indices.flatMap { label in
        try Self.baselineNames.indices.map { name in
          CrossSectionStudy.Baseline(
            label: labels[label],
            horizonMinutes: try CrossSectionFolder.horizon(ofLabel: labels[label]),
            name: Self.baselineNames[name], scores: baselines[label][name].scores)
        }
      }, universes: universes.sorted(), notes: notes)
  }

  private func rule(_ label: String) throws -> ForecastRule {
    try ForecastRule(
      horizon: .seconds(60 * Int64(try CrossSectionFolder.horizon(ofLabel: label))),
      minimumSymbols: study.minimumSymbols, decay: study.decay, portfolio: portfolio)
  }

  /// The features of all models, in the folder's order.
  private var wantedFeatures: [String] {
    let wanted = Set(models.flatMap(\.fitted.featureNames))
    return folder.features.filter(wanted.contains)
  }

  /// As many days at once as a gigabyte of features allows.
  private func daysTogether(_ dates: [CivilDate], _ features: Int, _ workers: Int) throws -> Int {
    guard let first = dates.first else { return 1 }
    let rows = try ParquetFile("\(folder.path)/\(first).parquet").rowCount
    let bytes = Double(max(1, rows)) * 8 * Double(features + 64)
    return max(1, min(workers, Int(1e9 / bytes)))
  }

  private func measure(
    _ date: CivilDate, _ inputs: [String], _ rules: [String: ForecastRule], predictions: String?,
    producer: String
  ) throws -> Day {
    let day = try folder.open(date)
    var result = Day()
    result.universe = day.file.metadata["hoga.universe"]
    var truths: [String: [Double]] = [:]
    var momenta: [String: [Double]] = [:]
    for label in labels {
      guard let rule = rules[label] else { continue }
      let truth = try day.column(label)
      let momentum = try self.momentum(label, truth, rule, day, &result)
      truths[label] = truth
      momenta[label] = momentum
      let forecasts = [truth.map { _ in 0 }, momentum, momentum.map { -$0 }]
      result.baselines.append(
        forecasts.map {
          ForecastMeasures(forecast: $0, label: truth, rows: day.rows, rule: rule)
        })
    }
    let x = try day.matrix(inputs, study.bans)
    for model in models {
      guard let rule = rules[model.label], let truth = truths[model.label],
        let momentum = momenta[model.label]
      else { continue }
      let forecast = try model.fitted.forecasts(x)
      result.models.append(
        ForecastMeasures(forecast: forecast, label: truth, rows: day.rows, rule: rule))
      result.differences.append(
        [momentum, momentum.map { -$0 }].map {
          PairedTally.differences(
            forecast, $0, label: truth, rows: day.rows, minimumSymbols: rule.minimumSymbols)
        })
      if let predictions {
        let name = models.count > 1 ? "\(predictions)/\(model.name)_\(model.label)" : predictions
        try PredictionFile.write(
          forecast, truth, day, to: name, target: model.label, producer: producer)
      }
    }
    return result
  }

  /// The return over the horizon before each row, less its mean across symbols.
  private func momentum(
    _ label: String, _ truth: [Double], _ rule: ForecastRule, _ day: CrossSectionDay,
    _ result: inout Day
  ) throws -> [Double] {
    let minutes = rule.horizon.nanoseconds / 60_000_000_000
    let name = "x_\(minutes)m_Close_Diff_Rate"
    if folder.features.contains(name) { return day.rows.demeaned(try day.column(name)) }
    result.laggedLabels.append(label)
    return day.rows.values(truth, later: -rule.horizon.nanoseconds)
  }
}

/// Forecasts of one day in a file: `symbol`, `time`, `prediction`, `label`.
enum PredictionFile {
  static let targetKey = "hoga.target"

  static func write(
    _ forecast: [Double], _ label: [Double]?, _ day: CrossSectionDay, to folder: String,
    target: String, producer: String
  ) throws {
    try StagedFolder.make(folder)
    var frame = try day.file.read(columns: ["symbol", "time"])
    frame.append("prediction", .double(day.inFileOrder(forecast)))
    let unknown = [Double](repeating: .nan, count: forecast.count)
    frame.append("label", .double(label.map(day.inFileOrder) ?? unknown))
    var metadata = [LakeMetadata.producer: producer, targetKey: target]
    for key in ["hoga.universe", "hoga.label"] { metadata[key] = day.file.metadata[key] }
    try TableFile.write(frame, to: "\(folder)/\(day.date).parquet", metadata: metadata)
  }
}
