internal import HogaConfig
internal import HogaCore
internal import HogaLearn

extension CrossSectionStudy {
  /// What a training may take in memory where `maximumRows` does not say otherwise.
  static let memoryBudget = 1_500_000_000.0

  /// A fitted model with what it was chosen by.
  struct Fit: Sendable {
    var model: Workflow.Model
    var fitted: FittedPipeline
    var settings: JSONValue
    var training: TrainingSet
    var validationRows: Int
    var validation: SeriesSummary
    var searchTrials: Int
  }

  /// What came of one label's training.
  struct Fitting: Sendable {
    var fits: [Fit] = []
    var search: [SearchTrial] = []
    var selected: Selected?
  }

  /// A model with the settings of one trial, ready to learn.
  private struct Candidate: Sendable {
    var model: Int
    var trial: SearchSpace.Trial
    var learner: Pipeline
    var isTree: Bool
  }

  /// The settings that are varied where the user names none.
  static func standardSpace(_ kind: Workflow.Model.Kind) -> SearchSpace? {
    func values(_ key: String, _ texts: [String]) -> SearchSpace.Dimension {
      SearchSpace.Dimension(key: key, choice: .values(texts))
    }
    switch kind {
    case .lightgbm:
      return SearchSpace([
        values("learning_rate", ["0.02", "0.05", "0.1"]),
        values("leaves", ["7", "15", "31", "63"]),
        values("minimum_leaf", ["20", "100", "500"]), values("feature_share", ["0.5", "1"]),
        values("l2", ["0", "1", "10"]),
      ])
    case .ridge:
      return SearchSpace([
        values("penalty", ["0.1", "1", "10", "100", "1000", "10000", "100000"])
      ])
    default: return nil
    }
  }

  /// The trials of a model, one without settings where nothing is searched.
  private func trials(of model: Workflow.Model, seed: UInt64) throws -> [SearchSpace.Trial] {
    guard let search, let space = search.space ?? Self.standardSpace(model.kind) else {
      return [SearchSpace.Trial(settings: [])]
    }
    // Least squares has nothing to vary, whatever space is meant for the models beside it.
    if model.kind == .linear { return [SearchSpace.Trial(settings: [])] }
    return try space.trials(search.method, count: search.trials, seed: seed)
  }

  private func learner(
    of model: Workflow.Model, with trial: SearchSpace.Trial
  ) throws -> Pipeline {
    var model = model
    for setting in trial.settings {
      try model.settings.set(
        setting.key,
        to: ConfigNode(
          .scalar(setting.value, isPlain: true), file: ConfigNode.commandLine, line: 0,
          path: setting.key))
    }
    var pipeline = try model.learner(seed: seed)
    // Reflections take a copy of the data and refuse features that depend on each other; with
    // thousands of rows for each feature their extra digits are no use.
    if model.kind == .linear { pipeline.learner = LeastSquares() }
    return pipeline
  }

  private func candidates() throws -> [Candidate] {
    try models.enumerated().flatMap { place, model in
      guard model.kind != .logistic else {
        throw UsageError("logistic foretells classes; labels of a cross-section are numbers")
      }
      return try trials(of: model, seed: seed &+ UInt64(place)).map {
        Candidate(
          model: place, trial: $0, learner: try learner(of: model, with: $0),
          isTree: model.kind == .lightgbm)
      }
    }
  }

  /// Settings that no learner takes are an error before anything is read.
  func checkModels() throws {
    guard !models.isEmpty else { throw UsageError("no model is named") }
    guard Set(models.map(\.name)).count == models.count else {
      throw UsageError("two models have the same name")
    }
    _ = try candidates()
  }

  /// How many training rows fit the memory that is meant for them.
  func rowLimit(features: Int, workers: Int) -> Int {
    if let maximumRows { return maximumRows }
    // Trees take a byte per value and fit; linear models impute and scale copies, one at a time.
    let trees = models.contains { $0.kind == .lightgbm } ? 0.125 * Double(workers) : 0
    let copies = models.contains { $0.kind != .lightgbm } ? max(3, 2 + trees) : max(2, 1 + trees)
    // A third more for validation.
    let bytes = 8 * Double(features) * copies * 4 / 3
    return max(1000, Int(min(Self.memoryBudget / bytes, 1e9)))
  }

  /// Chooses features and fits all models for one label, by training and validation days alone.
  func fit(
    _ label: String, _ folder: CrossSectionFolder, workers: Int, _ notes: inout [String],
    _ monitor: JobMonitor
  ) throws -> Fitting {
    let offered = try folder.features(matching: features)
    guard !offered.isEmpty else { throw DataError("there are no features", file: folder.path) }
    let limit = rowLimit(features: offered.count, workers: workers)
    let trainDates = folder.dates(in: ranges.train, bans)
    let validationDates = folder.dates(in: ranges.validation, bans)
    monitor.begin(
      "reading training days for \(label)",
      total: Int64(2 * (trainDates.count + validationDates.count)), unit: "days")
    func load(
      _ features: [String], _ dates: [CivilDate], before next: CivilDate, _ limit: Int,
      _ what: String
    ) throws -> TrainingSet {
      let set = try TrainingSet(
        .init(
          folder: folder, bans: bans, label: label, features: features, dates: dates,
          end: next.start - embargo, maximumRows: limit, seed: seed), monitor: monitor)
      notes.append(Self.note(set, label, what, isBudget: maximumRows == nil))
      return set
    }
    var result = Fitting()
    var training = try load(
      offered, trainDates, before: ranges.validation.lowerBound, limit, "training")
    var columns = try training.samples.x.usableColumns(label, &notes)
    if columns != offered { training = try training.selecting(columns) }
    if let selection {
      monitor.begin("choosing features for \(label)", unit: "features")
      let choice = try selection.choose(training.samples, monitor: monitor)
      columns = choice.names
      training = try training.selecting(columns)
      result.selected = Selected(label: label, choice: choice)
    }
    let validation = try load(
      columns, validationDates, before: ranges.test.lowerBound, max(1, limit / 3), "validation")
    try fit(label, training, validation, workers: workers, into: &result, monitor)
    return result
  }

  private static func note(
    _ set: TrainingSet, _ label: String, _ what: String, isBudget: Bool
  ) -> String {
    let rows = NumberText.count(set.samples.count)
    var text = "\(label): \(what) on \(rows) rows in \(NumberText.count(set.instants)) minutes"
    if set.samples.count < set.offeredRows {
      text +=
        ", drawn whole from \(NumberText.count(set.offeredRows)) rows in "
        + "\(NumberText.count(set.offeredInstants)) minutes"
      if isBudget { text += " to stay within \(NumberText.bytes(Int64(memoryBudget)))" }
    }
    if set.purgedRows > 0 {
      text += "; \(NumberText.count(set.purgedRows)) rows left out before the next range"
    }
    return text
  }

  private func fit(
    _ label: String, _ training: TrainingSet, _ validation: TrainingSet, workers: Int,
    into result: inout Fitting, _ monitor: JobMonitor
  ) throws {
    let candidates = try candidates()
    let judge = try ValidationJudge(validation.samples)
    let lags = ForecastRule.scoreLags(
      overlap: try CrossSectionFolder.horizon(ofLabel: label))
    monitor.begin("fitting models for \(label)", total: Int64(candidates.count), unit: "models")
    @Sendable func attempt(_ candidate: Candidate) throws -> (
      FittedPipeline, SeriesSummary, SeriesSummary
    ) {
      let fitted = try candidate.learner.fit(
        training.samples, validation: validation.samples, monitor: monitor)
      let series = try judge.series(fitted)
      try monitor.advance(by: 1)
      return (
        fitted, SeriesSummary(series.pearson, minimumLags: lags),
        SeriesSummary(series.rank, minimumLags: lags)
      )
    }
    let linear = candidates.indices.filter { !candidates[$0].isTree }
    let trees = candidates.indices.filter { candidates[$0].isTree }
    var attempts: [Int: (fitted: FittedPipeline, ic: SeriesSummary, rankIC: SeriesSummary)] = [:]
    for index in linear { attempts[index] = try attempt(candidates[index]) }
    let grown = try inParallel(count: trees.count, workers: workers) {
      try attempt(candidates[trees[$0]])
    }
    for (index, fit) in zip(trees, grown) { attempts[index] = fit }
    for (place, model) in models.enumerated() {
      let own = candidates.indices.filter { candidates[$0].model == place }
      // The first of equals, and any before one that has no coefficient at all.
      var best = own[0]
      for index in own.dropFirst() {
        let value = attempts[index]?.rankIC.mean ?? .nan
        let record = attempts[best]?.rankIC.mean ?? .nan
        if value > record || (record.isNaN && !value.isNaN) { best = index }
      }
      for (number, index) in own.enumerated() where search != nil {
        guard let attempt = attempts[index] else { continue }
        result.search.append(
          SearchTrial(
            label: label, model: model.name, index: number, settings: candidates[index].trial,
            ic: attempt.ic, rankIC: attempt.rankIC,
            rounds: (attempt.fitted.model as? FittedLightGBM)?.bestRound,
            isChosen: index == best))
      }
      guard let chosen = attempts[best] else { continue }
      result.fits.append(
        Fit(
          model: model, fitted: chosen.fitted, settings: candidates[best].learner.settings,
          training: training, validationRows: validation.samples.count, validation: chosen.rankIC,
          searchTrials: own.count))
    }
  }
}

extension TrainingSet {
  /// The same rows with these features.
  func selecting(_ features: [String]) throws -> TrainingSet {
    TrainingSet(self, samples: try samples.selecting(features))
  }

  private init(_ other: TrainingSet, samples: Samples) {
    self.samples = samples
    instants = other.instants
    offeredRows = other.offeredRows
    offeredInstants = other.offeredInstants
    purgedRows = other.purgedRows
  }
}

/// Measures fitted models on validation rows.
private struct ValidationJudge: Sendable {
  let x: Matrix
  let label: RankedValues
  let rows: CrossSectionRows

  init(_ samples: Samples) throws {
    x = samples.x
    rows = try CrossSectionRows(time: samples.time, symbol: samples.group ?? [])
    label = RankedValues(samples.y, rows)
  }

  func series(_ model: any FittedModel) throws -> CoefficientSeries {
    InformationCoefficient.series(RankedValues(try model.forecasts(x), rows), label, rows)
  }
}
