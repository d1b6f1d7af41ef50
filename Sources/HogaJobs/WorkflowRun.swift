internal import Foundation
internal import HogaConfig
public import HogaCore
internal import HogaImport
internal import HogaLake
internal import HogaLearn
internal import HogaLedger
internal import HogaSim

/// One run of a workflow: everything from raw files to the report, in one folder.
///
/// The folder holds `config.json`, `features.parquet`, `predictions.parquet`, `models/`,
/// `backtests/`, `metrics.json` and `report.html`, and the lake unless it is elsewhere. Equal
/// configurations, data and seeds give equal files on the same machine: no file holds a clock's
/// time.
public struct WorkflowRun: Sendable {
  public var workflow: Workflow
  /// The run's folder; made where it is missing.
  public var folder: String
  /// The command, for the files' footers.
  public var producer: String

  public init(_ workflow: Workflow, folder: String, producer: String) {
    self.workflow = workflow
    self.folder = folder
    self.producer = producer
  }

  /// Runs all stages.
  ///
  /// - Parameter say: told in a line what each stage did.
  /// - Returns: the run's metrics, as in `metrics.json`.
  public func run(monitor: JobMonitor, say: (String) -> Void) throws -> JSONValue {
    let here = RunFolder(folder)
    return try here.staging(replacing: RunFolder.results) { files in
      let lake = Lake(root: workflow.lake ?? here.path("lake"))
      let ledger = TrialLedger.path(of: lake, run: workflow.lake == nil ? here : nil)
      return try run(files, lake: lake, ledger: ledger, monitor, say)
    }
  }

  private func run(
    _ files: RunFolder, lake: Lake, ledger: String, _ monitor: JobMonitor, _ say: (String) -> Void
  ) throws -> JSONValue {
    try files.write(workflow.source.json.text(), to: "config.json")
    var metrics: [(String, JSONValue)] = [
      ("hoga", .string(HogaVersion.text)), ("kind", .string(Workflow.kind)),
      ("name", .string(workflow.name)),
      ("command", .string(producer)), ("seed", .int(Int64(workflow.seed))),
      (
        "configuration",
        .string(FNV1a(workflow.source.json.text(indented: false)).text)
      ),
    ]
    metrics.append(
      (
        "imports",
        .array(try ImportJob.runAll(workflow.imports, into: lake, monitor: monitor, say: say))
      ))

    metrics.append(
      ("coverage", try CoverageJob(lake: lake, market: workflow.market).run(monitor: monitor)))

    let features = FeatureJob(lake: lake, market: workflow.market, options: workflow.features)
    let summary = try features.write(
      to: files.path("features.parquet"), producer: producer, monitor: monitor)
    let table = try files.frame("features.parquet")
    say("features: \(NumberText.count(summary.rows)) rows of \(summary.columns - 1) features")
    metrics.append(("market", try describeMarket(table, summary)))

    let regression = try RegressionJob(workflow.regression).run(features, monitor: monitor)
    try files.write(regression.points, to: "ofi.parquet", producer: producer)
    metrics.append(("ofi_regression", regression.json))

    let evaluation = try evaluate(table, files, monitor, say)
    metrics.append(("evaluation", evaluation.json))

    if let options = workflow.backtest {
      let outcomes = try backtest(
        options, lake, ledger, table, evaluation.predictions, files, monitor, say)
      metrics.append(("backtests", .array(outcomes)))
    }
    let result = JSONValue.object(metrics)
    try files.write(result.text(), to: "metrics.json")
    monitor.begin("writing the report", unit: "pages")
    try RunReport(folder: files.root).write()
    return result
  }

  // MARK: Stages

  private func describeMarket(
    _ table: Frame, _ summary: FeatureJob.Summary
  ) throws -> JSONValue {
    let time = try table.int64s("time")
    guard let first = time.first, let last = time.last else {
      throw DataError("the market has no two-sided book: nothing to learn from")
    }
    let instrument = summary.instrument
    return [
      "venue": .string(instrument.venue), "symbol": .string(instrument.symbol),
      "price_decimals": .int(Int64(instrument.priceDecimals)),
      "size_decimals": .int(Int64(instrument.sizeDecimals)),
      "from": .string("\(Timestamp(nanoseconds: first))"),
      "to": .string("\(Timestamp(nanoseconds: last))"), "events": .int(summary.events),
      "rows": .int(Int64(summary.rows)),
      "features": .int(Int64(summary.columns - 1)),
      "settings": summary.settings.json,
      "notes": .array(summary.notes.map { .string($0) }),
    ]
  }

  private func evaluate(
    _ table: Frame, _ files: RunFolder, _ monitor: JobMonitor, _ say: (String) -> Void
  ) throws -> (json: JSONValue, predictions: Frame) {
    let job = EvaluationJob(
      horizons: workflow.horizons, target: workflow.target, validation: workflow.validation,
      models: workflow.models, inputs: workflow.features.inputs, seed: workflow.seed,
      threads: workflow.threadCount)
    let result = try job.run(table, monitor: monitor)
    try files.write(result.predictions, to: "predictions.parquet", producer: producer)
    try files.make("models")
    for trial in result.trials {
      try trial.final?.save(to: files.path("models/\(trial.model)_\(trial.target).json"))
    }
    say(
      "evaluation: \(result.trials.count) trials of \(workflow.validation.folds) folds on "
        + "\(result.features.count) features")
    let trials = result.trials.map { trial -> JSONValue in
      [
        "model": .string(trial.model), "horizon": .string("\(trial.horizon)"),
        "target": .string(trial.target), "evaluation": trial.evaluation.json,
        "importance": trial.importance?.json() ?? .null,
      ]
    }
    return (
      [
        "features": .array(result.features.map { .string($0) }),
        "notes": .array(result.notes.map { .string($0) }), "trials": .array(trials),
      ], result.predictions
    )
  }

  private func backtest(
    _ options: Workflow.Backtest, _ lake: Lake, _ ledger: String, _ table: Frame,
    _ predictions: Frame, _ files: RunFolder, _ monitor: JobMonitor, _ say: (String) -> Void
  ) throws -> [JSONValue] {
    let signals = try Self.signals(table, predictions)
    // All strategies trade where forecasts are out of sample, so that they can be compared.
    let start = try predictions.int64s("time").first.map { Timestamp(nanoseconds: $0) }
    var job = BacktestJob(
      lake: lake, market: workflow.market, options: options, seed: workflow.seed)
    job.ledger = ledger
    let outcomes = try job.run(signals: signals, start: start, monitor: monitor)
    try files.write(outcomes, producer: producer)
    say("backtest: \(outcomes.map(\.name).joined(separator: ", "))")
    return outcomes.map(\.json)
  }

  /// Features and forecasts by time; forecasts are NaN where no test row is.
  static func signals(_ features: Frame, _ predictions: Frame) throws -> Frame {
    let times = try features.int64s("time")
    let rowOf = Dictionary(
      zip(try predictions.int64s("time"), 0...), uniquingKeysWith: { first, _ in first })
    var signals = features
    for name in predictions.names where !["time", "mid", "fold"].contains(name) {
      let values = try predictions.doubles(name)
      signals.append(name, .double(times.map { rowOf[$0].map { values[$0] } ?? .nan }))
    }
    return signals
  }
}

extension Workflow {
  /// `nil` for all cores.
  var threadCount: Int? { threads > 0 ? threads : nil }
}
