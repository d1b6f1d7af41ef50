internal import Foundation
public import HogaCore
internal import HogaFeatures
public import HogaKimchi
public import HogaLearn

/// Measures a premium, foretells where it goes, and trades it: one study.
public struct KimchiJob: Sendable {
  public var study: KimchiStudy
  public var limits: KimchiPremium.Limits
  public var backtest: KimchiBacktest?
  /// How many runs by chance stand beside each rule.
  public var randomRuns: Int
  public var seed: UInt64
  /// `nil` for all cores.
  public var threads: Int?

  /// What a study found.
  public struct Result: Sendable {
    public var series: PremiumSeries
    /// `time`, the legs and the features.
    public var features: Frame
    public var forecasts: Forecasts
    /// By rule, what it earned and how chance fared with as many entries.
    public var backtests: [(result: KimchiResult, chance: Chance?)]
  }

  public struct Forecasts: Sendable {
    /// The features that the models saw, and why others were left out.
    public var features: [String] = []
    public var notes: [String] = []
    public var trials: [Trial] = []
    /// The rows of all tests: `time`, `fold`, and by horizon the change, the class and each model's
    /// probabilities.
    public var predictions: Frame?
  }

  /// One model, or the mean-reversion baseline, on one horizon.
  public struct Trial: Sendable {
    public var model: String
    public var horizon: TimeSpan
    public var evaluation: Evaluation
    /// How many labels are down, flat and up.
    public var classCounts: [Int]
    /// Log losses against those of the mean-reversion baseline; `nil` for itself.
    public var againstReversion: DieboldMariano?
    public var final: SavedModel?
    public var importance: Importance?
  }

  /// What as many entries at random times would have earned.
  public struct Chance: Sendable {
    public var runs: Int
    public var mean: Double
    /// The 5 % and 95 % quantiles.
    public var low: Double
    public var high: Double
    /// The share of runs that earned as much as the rule or more.
    public var atLeast: Double
  }

  public func run(_ market: PremiumMarket, monitor: JobMonitor) throws -> Result {
    let series = PremiumSeries(market, grid: try study.grid(), limits: limits)
    guard series.known > 1 else {
      throw DataError("the premium is never known: no grid time has a young quote of every leg")
    }
    let known = series.rows.map(\.premium).filter { !$0.isNaN }.sorted()
    let median = known[known.count / 2]
    guard abs(median) < 0.9 else {
      throw DataError(
        "the median premium is \(NumberText.percent(median)): are the legs swapped, or not in won, "
          + "dollars and won per dollar?")
    }
    let features = try KimchiFeatures.frame(series, settings: study.settings)
    let forecasts = try forecast(features, monitor)
    var result = Result(
      series: series, features: features, forecasts: forecasts, backtests: [])
    guard let backtest else { return result }
    let signals =
      try forecasts.predictions.map { try WorkflowRun.signals(features, $0) } ?? features
    // All rules trade where forecasts are out of sample, so that they can be compared.
    let start = try forecasts.predictions?.int64s("time").first ?? .min
    monitor.begin("backtests of \(study.name)", total: Int64(study.rules.count), unit: "rules")
    for rule in study.rules {
      func run(_ rule: KimchiRule) throws -> KimchiResult {
        try backtest.run(
          rule, market: market, series: series, features: signals, limits: limits, from: start)
      }
      let outcome = try run(rule.rule)
      result.backtests.append((outcome, try chance(of: outcome, monitor, run)))
      try monitor.advance(by: 1)
    }
    return result
  }

  // MARK: Chance

  /// Runs with random entries: about as many, held as long on average, and as often on each side.
  private func chance(
    of rule: KimchiResult, _ monitor: JobMonitor, _ run: (KimchiRule) throws -> KimchiResult
  ) throws -> Chance? {
    guard randomRuns > 0, rule.trips.count > 1 else { return nil }
    let flat = rule.sides.count { $0 == .flat }
    guard flat > 0 else { return nil }
    let sold = rule.trips.count { $0.side == .soldKorea }
    let hold = max(rule.meanHold, study.every)
    var nets: [Double] = []
    for index in 0..<randomRuns {
      try monitor.checkCancelled()
      let random = KimchiRule(
        "random",
        .random(
          probability: min(1, Double(rule.trips.count) / Double(flat)),
          sells: Double(sold) / Double(rule.trips.count), seed: seed &+ UInt64(index)),
        hold: hold)
      nets.append(try run(random).net)
    }
    nets.sort()
    func quantile(_ share: Double) -> Double {
      nets[Int((share * Double(nets.count - 1)).rounded())]
    }
    return Chance(
      runs: nets.count, mean: nets.reduce(0, +) / Double(nets.count), low: quantile(0.05),
      high: quantile(0.95),
      atLeast: Double(nets.count { $0 >= rule.net }) / Double(nets.count))
  }

  // MARK: Forecasts

  private func forecast(_ table: Frame, _ monitor: JobMonitor) throws -> Forecasts {
    guard !study.models.isEmpty else { return Forecasts() }
    var result = Forecasts()
    let catalogue = KimchiCatalogue(settings: study.settings).definitions.map(\.name)
    let offered = try table.selecting(catalogue)
    result.features = try EvaluationJob.usableFeatures(
      try EvaluationJob.matching(study.inputs, in: offered), in: table,
      rows: 0..<Int(Double(table.rowCount) * study.validation.minimumTrain), "the first training",
      &result.notes)
    var tested = PremiumPredictions(time: try table.int64s("time"))
    for horizon in study.horizons {
      let labels = try PremiumLabels(
        table, every: study.every, horizon: horizon, threshold: study.threshold)
      let samples = try Samples(
        x: Matrix(table, columns: Self.joined(result.features, study.baselineColumn)),
        y: labels.classes, time: try table.int64s("time"), labelEnd: labels.end,
        classes: PremiumLabels.names)
      tested.add("change_\(horizon.hours)", labels.changes)
      tested.add(labels.name, labels.classes)
      let reversion = try evaluate(
        MeanReversion(column: study.baselineColumn), samples, validationShare: 0, monitor)
      let counts = PremiumLabels.names.indices.map { index in
        labels.classes.count { $0 == Double(index) }
      }
      let seen = try samples.with(x: samples.x.selecting(result.features))
      for model in study.models {
        let evaluation = try evaluate(
          model.learner(seed: seed), seen, validationShare: model.validationShare, monitor)
        var trial = Trial(
          model: model.name, horizon: horizon, evaluation: evaluation, classCounts: counts)
        trial.againstReversion = try Self.compare(
          evaluation, with: reversion, horizon: seen.overlap)
        let final = try EvaluationJob.fit(
          model, seen, target: labels.name, seed: seed, monitor: monitor)
        trial.final = final
        trial.importance = try Importance.of(final.model)
        result.trials.append(trial)
        tested.add(evaluation, "\(model.name)_\(labels.name)")
      }
      result.trials.append(
        Trial(
          model: reversion.name, horizon: horizon, evaluation: reversion, classCounts: counts))
      tested.add(reversion, "\(reversion.name)_\(labels.name)")
    }
    result.predictions = tested.frame
    return result
  }

  private static func joined(_ names: [String], _ more: String) -> [String] {
    names.contains(more) ? names : names + [more]
  }

  private func evaluate(
    _ learner: any Learner, _ samples: Samples, validationShare: Double, _ monitor: JobMonitor
  ) throws -> Evaluation {
    try WalkForward(
      learner: learner,
      splitter: WalkForwardSplit(
        folds: study.validation.folds, initialShare: study.validation.minimumTrain,
        validationShare: validationShare, gap: study.validation.embargo),
      workers: threads ?? ProcessInfo.processInfo.activeProcessorCount
    ).run(samples, monitor: monitor)
  }

  /// Whether a model's log losses differ from another's on the rows that both foretold.
  private static func compare(
    _ model: Evaluation, with other: Evaluation, horizon: Int
  ) throws -> DieboldMariano? {
    let (mine, theirs) = (model.predictions, other.predictions)
    guard try mine.int64s("time") == theirs.int64s("time") else {
      preconditionFailure("both are tested on the same rows")
    }
    let names = PremiumLabels.names
    let (x, y) = (try Matrix(mine, columns: names), try Matrix(theirs, columns: names))
    let truth = try mine.doubles("truth")
    let (isComplete, isOtherComplete) = (x.completeRows, y.completeRows)
    let rows = truth.indices.filter {
      !truth[$0].isNaN && isComplete[$0] && isOtherComplete[$0]
    }
    guard !rows.isEmpty else { return nil }
    let known = rows.map { Int(truth[$0]) }
    return DieboldMariano(
      losses: Metrics.logLosses(known, x.rows(rows)),
      baseline: Metrics.logLosses(known, y.rows(rows)), against: other.name, horizon: horizon,
      errors: ScoreErrors(lags: model.lags))
  }
}

/// Labels and forecasts by time, of the rows that some fold tested.
private struct PremiumPredictions {
  let time: [Int64]
  private var fold: [Int32]
  private var columns: [(name: String, values: [Double])] = []

  init(time: [Int64]) {
    self.time = time
    fold = [Int32](repeating: 0, count: time.count)
  }

  mutating func add(_ name: String, _ values: [Double]) { columns.append((name, values)) }

  mutating func add(_ evaluation: Evaluation, _ name: String) {
    for (column, output) in evaluation.folds[0].outputs.names.enumerated() {
      var values = [Double](repeating: .nan, count: time.count)
      for part in evaluation.folds {
        for (place, row) in part.fold.test.enumerated() {
          values[row] = part.outputs[place, column]
          fold[row] = Int32(part.index + 1)
        }
      }
      columns.append(("\(name)_\(output)", values))
    }
  }

  var frame: Frame {
    let rows = fold.indices.filter { fold[$0] > 0 }
    var frame = Frame([
      ("time", .timestamp(rows.map { time[$0] })), ("fold", .int32(rows.map { fold[$0] })),
    ])
    for (name, values) in columns { frame.append(name, .double(rows.map { values[$0] })) }
    return frame
  }
}
