public import HogaConfig
public import HogaCore
public import HogaKimchi
internal import HogaLake
internal import HogaLearn
public import HogaReport

/// A run on the premium of a Korean venue over a foreign one, as written in a file with
/// `kind: kimchi`: from candles to a report. `Docs/kimchi.md` describes the settings.
///
/// The run's folder holds `config.json`, `studies/<name>/` (`features.parquet`,
/// `predictions.parquet`, `models/`, `backtests/<rule>/equity.parquet` and `trips.parquet`),
/// `metrics.json` and `report.html`, and the lake unless it is elsewhere.
public struct KimchiWorkflow: RunnableWorkflow {
  public static let kind = "kimchi"

  public var name: String
  public var seed: UInt64
  public var threads: Int
  /// Candles to bring into the lake first.
  public var imports: [Workflow.Import]
  /// `nil` keeps the lake inside the run's folder.
  public var lake: String?
  public var legs: KimchiLegs
  public var studies: [KimchiStudy]
  /// `nil` trades nothing.
  public var backtest: KimchiBacktest?
  public var randomRuns: Int
  /// The settings as given.
  public var source: ConfigNode

  public var importedFiles: [String] { imports.flatMap(\.files) }

  public init(_ node: ConfigNode, relativeTo folder: String) throws {
    try node.rejectUnknown(keys: [
      "kind", "name", "seed", "threads", "import", "lake", "market", "limits", "studies",
      "backtest",
    ])
    source = node
    name = try node["name"]?.name() ?? "kimchi"
    seed = try node.seed()
    threads = try node["threads"]?.notNegative() ?? 0
    imports = try (node["import"]?.items() ?? []).map {
      try Workflow.Import($0, relativeTo: folder)
    }
    lake = try node["lake"]?.path(relativeTo: folder)
    legs = try KimchiLegs(node.require("market"), limits: node["limits"])
    studies = try node.require("studies").items().map { try KimchiStudy($0) }
    guard !studies.isEmpty, Set(studies.map(\.name)).count == studies.count else {
      throw try node.require("studies").error("one or more, each with a name of its own")
    }
    randomRuns = 0
    if let part = node["backtest"] {
      try part.rejectUnknown(keys: ["costs", "inventory", "trade_size", "patience", "random_runs"])
      randomRuns = try part["random_runs"]?.notNegative() ?? 200
      guard randomRuns <= 10_000 else {
        throw try part.require("random_runs").error("more than 10,000 say no more")
      }
      do {
        backtest = try KimchiBacktest(
          costs: KimchiCosts(part.require("costs")),
          inventory: KimchiInventory(part.require("inventory")),
          tradeSize: Int64(part.require("trade_size").positive()),
          patience: part["patience"]?.positiveSpan() ?? .seconds(7200))
      } catch let error as UsageError {
        throw part.error(error.description)
      }
    } else if let study = studies.first(where: { !$0.rules.isEmpty }) {
      throw node.error("study \(study.name) has rules, but there is no 'backtest' to run them")
    }
    // Found out before any work is done.
    for model in studies.flatMap(\.models) {
      _ = try model.learner(seed: seed)
      try model.check(.classes(thresholdBasisPoints: 0))
    }
  }

  /// The settings of a file, given as JSON by a command.
  ///
  /// - Throws: `UsageError` where one is unknown or makes no sense.
  public init(settings: JSONValue, relativeTo folder: String) throws {
    do {
      try self.init(
        .parse(settings.text(), file: ConfigNode.commandLine), relativeTo: folder)
    } catch let error as DataError {
      throw UsageError(error.reason)
    }
  }

  /// What a run leaves in its folder, the report last.
  static let results = ["config.json", "studies", "metrics.json", "report.html"]

  public func run(
    folder: String, producer: String, monitor: JobMonitor, say: (String) -> Void
  ) throws -> JSONValue {
    let here = RunFolder(folder)
    return try here.staging(Self.results, replacing: Self.results) { files in
      try run(files, Lake(root: lake ?? here.path("lake")), producer, monitor, say)
    }
  }

  private func run(
    _ files: RunFolder, _ lake: Lake, _ producer: String, _ monitor: JobMonitor,
    _ say: (String) -> Void
  ) throws -> JSONValue {
    try files.write(source.json.text(), to: "config.json")
    let reports = try ImportJob.runAll(imports, into: lake, monitor: monitor, say: say)
    let reader = KimchiMarketReader(lake: lake, legs: legs)
    let described = try studies.map { study in
      let market = try reader.market(study.dates, monitor: monitor)
      let job = KimchiJob(
        study: study, limits: legs.limits, backtest: backtest, randomRuns: randomRuns, seed: seed,
        threads: threads > 0 ? threads : nil)
      let result = try job.run(market, monitor: monitor)
      try write(result, of: study, files, producer)
      say(
        "\(study.name): \(NumberText.count(result.series.known)) of "
          + "\(NumberText.count(result.series.rows.count)) rows with a premium, "
          + "\(result.forecasts.trials.count) trials, \(result.backtests.count) rules")
      return KimchiMetrics(legs: legs, study: study).json(result, market)
    }
    let metrics = JSONValue.object([
      ("hoga", .string(HogaVersion.text)), ("kind", .string(Self.kind)), ("name", .string(name)),
      ("command", .string(producer)), ("seed", .int(Int64(seed))),
      ("configuration", .string(FNV1a(source.json.text(indented: false)).text)),
      ("korean", .string("\(legs.korean)")), ("foreign", .string("\(legs.foreign)")),
      ("fx", .string("\(legs.fx)")), ("imports", .array(reports)),
      ("studies", .array(described)),
    ])
    try files.write(metrics.text(), to: "metrics.json")
    monitor.begin("writing the report", unit: "pages")
    try Self.page(folder: files.root).write(to: files.path("report.html"))
    return metrics
  }

  private func write(
    _ result: KimchiJob.Result, of study: KimchiStudy, _ files: RunFolder, _ producer: String
  ) throws {
    let folder = "studies/\(study.name)"
    try files.make("\(folder)/models")
    try files.write(result.features, to: "\(folder)/features.parquet", producer: producer)
    if let predictions = result.forecasts.predictions {
      try files.write(predictions, to: "\(folder)/predictions.parquet", producer: producer)
    }
    for trial in result.forecasts.trials {
      try trial.final?.save(
        to: files.path("\(folder)/models/\(trial.model)_class_\(trial.horizon.hours).json"))
    }
    for (outcome, _) in result.backtests {
      let place = "\(folder)/backtests/\(outcome.rule)"
      try files.make(place)
      try files.write(outcome.equityFrame, to: "\(place)/equity.parquet", producer: producer)
      try files.write(outcome.tripFrame, to: "\(place)/trips.parquet", producer: producer)
    }
  }

  public static func summary(_ metrics: JSONValue) -> String { KimchiSummary(metrics).text }

  public static func page(folder: String) throws -> ReportPage {
    try KimchiReport(folder: folder).page()
  }
}
