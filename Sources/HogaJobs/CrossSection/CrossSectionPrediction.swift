internal import Foundation
public import HogaCore
public import HogaCrossSection
internal import HogaLake
internal import HogaLearn

/// Applies a saved model to days of cross-sections.
public struct CrossSectionPrediction: Sendable {
  public var model: String
  public var data: String
  public var dates: ClosedRange<CivilDate>?
  public var bans: GlobalBanDates

  public init(
    model: String, data: String, dates: ClosedRange<CivilDate>? = nil,
    bans: GlobalBanDates = GlobalBanDates()
  ) {
    self.model = model
    self.data = data
    self.dates = dates
    self.bans = bans
  }

  /// What was foretold.
  public struct Outcome: Sendable {
    public var label: String
    public var days: Int
    public var rows: Int
    /// Rows without a forecast, because a feature was missing that the model cannot do without.
    public var nulls: Int
    /// Whether symbols were chosen with knowledge of the day itself, where forecasts were made or
    /// where the model learned.
    public var looksAhead: Bool
    public var notes: [String]

    public var json: JSONValue {
      [
        "label": .string(label), "days": .int(Int64(days)), "rows": .int(Int64(rows)),
        "null_predictions": .int(Int64(nulls)), "look_ahead": .bool(looksAhead),
        "notes": .array(notes.map { .string($0) }),
      ]
    }
    public var text: String {
      ([
        "\(NumberText.count(rows)) forecasts of \(label) on \(NumberText.count(days)) days"
          + (nulls > 0 ? ", \(NumberText.count(nulls)) of them null" : "")
      ] + notes.map { "note: \($0)" }).joined(separator: "\n")
    }
  }

  /// Writes `preds/<date>.parquet` for each day where a folder is given; all days or none.
  ///
  /// - Throws: `MissingInputError` where there is no day, `DataError` that names features which the
  ///   model needs and a file lacks.
  public func run(to out: String?, producer: String, monitor: JobMonitor) throws -> Outcome {
    guard let out else { return try run(into: nil, producer, monitor) }
    return try StagedFolder(out).replacing(["preds"]) { stage in
      try run(into: stage + "/preds", producer, monitor)
    }
  }

  private func run(
    into preds: String?, _ producer: String, _ monitor: JobMonitor
  ) throws -> Outcome {
    let saved = try SavedModel(path: model)
    let folder = try CrossSectionFolder(data)
    let days = try folder.days(dates, bans)
    monitor.begin("predicting", total: Int64(days.count), unit: "days")
    // The files of forecasts keep the rule of each day's universe in their footers.
    let rules = try folder.universes(on: days).union([saved.configuration.string("universe")])
    let looksAhead = rules.contains(CrossSectionFolder.sameDay)
    var outcome = Outcome(
      label: saved.target, days: days.count, rows: 0, nulls: 0, looksAhead: looksAhead,
      notes: looksAhead ? [CrossSectionFolder.lookAhead] : [])
    let missing = saved.model.featureNames.filter { !folder.features.contains($0) }
    guard missing.isEmpty else {
      throw DataError(
        "the model needs \(missing.count) features that are not there: "
          + missing.prefix(8).joined(separator: ", ") + (missing.count > 8 ? ", …" : ""),
        file: folder.path)
    }
    let trained = saved.trainingRange.lowerBound.date...saved.trainingRange.upperBound.date
    if let first = days.first, let last = days.last, trained.overlaps(first...last) {
      outcome.notes.append(
        "the model was trained on \(trained.lowerBound) to \(trained.upperBound): forecasts of those "
          + "days say nothing of its worth")
    }
    for date in days {
      let day = try folder.open(date)
      let forecast = try saved.model.forecasts(day.matrix(saved.model.featureNames, bans))
      let label = folder.labels.contains(saved.target) ? try day.column(saved.target) : nil
      outcome.rows += forecast.count
      outcome.nulls += forecast.count { $0.isNaN }
      if let preds {
        try PredictionFile.write(
          forecast, label, day, to: preds, target: saved.target, producer: producer)
      }
      try monitor.advance(by: 1)
    }
    return outcome
  }
}
