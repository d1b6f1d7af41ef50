public import HogaConfig
public import HogaCore
internal import HogaLake
internal import HogaLedger
public import HogaReport
internal import HogaSim

/// A run that plays strategies on a market and nothing else, as written in a file with
/// `kind: backtest`: from raw files to a report. `Docs/workflow.md` describes the settings.
///
/// The run's folder holds `config.json`, `backtests/<strategy>/` (`equity.parquet`,
/// `fills.parquet`, `orders.parquet`, `close_up.parquet`), `metrics.json` and `report.html`, and the
/// lake unless it is elsewhere.
public struct BacktestWorkflow: RunnableWorkflow {
  public static let kind = "backtest"

  public var name: String
  public var seed: UInt64
  /// Raw files to bring into the lake first.
  public var imports: [Workflow.Import]
  /// `nil` keeps the lake inside the run's folder.
  public var lake: String?
  public var market: Workflow.Market
  public var backtest: Workflow.Backtest
  /// Synthetic markets on which the strategies are played too.
  public var stress: StressSettings?
  /// The settings as given.
  public var source: ConfigNode

  public var importedFiles: [String] { imports.flatMap(\.files) }

  public init(_ node: ConfigNode, relativeTo folder: String) throws {
    try node.rejectUnknown(keys: [
      "kind", "name", "seed", "import", "lake", "market", "backtest", "stress",
    ])
    source = node
    name = try node["name"]?.name() ?? "backtest"
    seed = try node.seed()
    imports = try (node["import"]?.items() ?? []).map {
      try Workflow.Import($0, relativeTo: folder)
    }
    lake = try node["lake"]?.path(relativeTo: folder)
    market = try Workflow.Market(node.require("market"))
    let part = try node.require("backtest")
    backtest = try Workflow.Backtest(part, relativeTo: folder)
    let strategies = backtest.strategies
    guard !strategies.isEmpty, Set(strategies.map(\.name)).count == strategies.count else {
      throw part.error("strategies: one or more, each with a name of its own")
    }
    // There are no features or forecasts here, so nothing that waits for them could ever trade.
    for strategy in strategies where strategy.kind.readsSignals {
      throw strategy.settings.error(
        "\(strategy.kind.rawValue) trades on features or forecasts: use kind: order-book")
    }
    try backtest.checkStrategies(seed: seed)
    stress = try StressSettings(node["stress"], for: backtest, seed: seed)
  }

  /// What a run leaves in its folder, the report last.
  static let results =
    ["config.json", "backtests"] + StressJob.tables + ["metrics.json", "report.html"]

  public func run(
    folder: String, producer: String, monitor: JobMonitor, say: (String) -> Void
  ) throws -> JSONValue {
    let here = RunFolder(folder)
    return try here.staging(Self.results, replacing: Self.results) { files in
      let lake = Lake(root: self.lake ?? here.path("lake"))
      let ledger = TrialLedger.path(of: lake, run: self.lake == nil ? here : nil)
      return try run(files, lake, ledger, producer, monitor, say)
    }
  }

  private func run(
    _ files: RunFolder, _ lake: Lake, _ ledger: String, _ producer: String, _ monitor: JobMonitor,
    _ say: (String) -> Void
  ) throws -> JSONValue {
    try files.write(source.json.text(), to: "config.json")
    let reports = try ImportJob.runAll(imports, into: lake, monitor: monitor, say: say)
    let coverage = try CoverageJob(lake: lake, market: market).run(monitor: monitor)
    var job = BacktestJob(lake: lake, market: market, options: backtest, seed: seed)
    job.ledger = ledger
    let outcomes = try job.run(signals: nil, monitor: monitor)
    try files.write(outcomes, producer: producer)
    say("backtest: \(outcomes.map(\.name).joined(separator: ", "))")
    var parts: [(String, JSONValue)] = [
      ("hoga", .string(HogaVersion.text)), ("kind", .string(Self.kind)), ("name", .string(name)),
      ("command", .string(producer)), ("seed", .int(Int64(seed))),
      ("configuration", .string(FNV1a(source.json.text(indented: false)).text)),
      ("imports", .array(reports)), ("coverage", coverage),
      ("market", try job.describe(outcomes)),
      ("backtests", .array(outcomes.map(\.json))),
    ]
    if let stress {
      let played = try stress.run(
        backtest, seed: seed, files: files, producer: producer, monitor: monitor, say: say)
      parts.append(("stress", played))
    }
    let metrics = JSONValue.object(parts)
    try files.write(metrics.text(), to: "metrics.json")
    monitor.begin("writing the report", unit: "pages")
    try Self.page(folder: files.root).write(to: files.path("report.html"))
    return metrics
  }

  public static func summary(_ metrics: JSONValue) -> String {
    [BacktestSummary(metrics).text, StressSummary(metrics["stress"]).text].filter { !$0.isEmpty }
      .joined(separator: "\n\n")
  }

  public static func page(folder: String) throws -> ReportPage {
    var page = try BacktestPage(folder: folder).page()
    let files = RunFolder(folder)
    // Before what tells of the data, and how to make the run again.
    page.sections.insert(
      contentsOf: try StressReport.sections(files, files.json("metrics.json")),
      at: page.sections.count - 2)
    return page
  }
}
