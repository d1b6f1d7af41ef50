internal import Foundation
public import HogaBars
public import HogaConfig
public import HogaCore
internal import HogaLake
internal import HogaLedger
public import HogaReport

/// A run of strategies on bars of many symbols, as written in a file with `kind: bars`: from candles to
/// a report. `Docs/bars.md` describes the settings and the rules.
///
/// The run's folder holds `config.json`, `strategies/<name>/` (`equity.parquet`, `weights.parquet`,
/// `fills.parquet`, `symbols.parquet`), `metrics.json` and `report.html`, and the lake unless it is
/// elsewhere.
public struct BarWorkflow: RunnableWorkflow {
  public static let kind = "bars"

  public var name: String
  public var seed: UInt64
  /// Candles to bring into the lake first.
  public var imports: [Workflow.Import]
  /// `nil` keeps the lake inside the run's folder.
  public var lake: String?
  public var market: BarMarketSettings
  public var settings: BarSettings
  public var strategies: [BarStrategySettings]
  /// How many portfolios are drawn by chance, to see what luck earns.
  public var randomRuns: Int
  /// The settings as given.
  public var source: ConfigNode

  public var importedFiles: [String] { imports.flatMap(\.files) }

  /// The names of the baselines that always stand beside the strategies.
  static let baselines = ["buy-and-hold", "equal-weight"]

  public init(_ node: ConfigNode, relativeTo folder: String) throws {
    try node.rejectUnknown(keys: [
      "kind", "name", "seed", "import", "lake", "market", "account", "costs", "execution",
      "sampling", "strategies", "random_runs",
    ])
    source = node
    name = try node["name"]?.name() ?? "bars"
    seed = try node.seed()
    imports = try (node["import"]?.items() ?? []).map {
      try Workflow.Import($0, relativeTo: folder)
    }
    lake = try node["lake"]?.path(relativeTo: folder)
    let market = try BarMarketSettings(node.require("market"))
    let settings = try BarSettings(node, interval: market.table.interval)
    self.market = market
    self.settings = settings
    strategies = try node.require("strategies").items().map {
      try BarStrategySettings(
        $0, relativeTo: folder, interval: market.table.interval, rebalance: settings.rebalance,
        dates: market.dates)
    }
    randomRuns = try node["random_runs"]?.notNegative() ?? 100
    guard randomRuns <= 10_000 else {
      throw try node.require("random_runs").error("more than 10,000 say no more")
    }
    guard !strategies.isEmpty, Set(strategies.map(\.name)).count == strategies.count else {
      throw try node.require("strategies").error("one or more, each with a name of its own")
    }
    for strategy in strategies
    where Self.baselines.contains(strategy.name) && strategy.kind.rawValue != strategy.name {
      throw try node.require("strategies").error("'\(strategy.name)' is the name of a baseline")
    }
  }

  /// The settings of a file, given as JSON by a command.
  ///
  /// - Throws: `UsageError` where one is unknown or makes no sense.
  public init(settings: JSONValue, relativeTo folder: String) throws {
    do {
      try self.init(.parse(settings.text(), file: ConfigNode.commandLine), relativeTo: folder)
    } catch let error as DataError {
      throw UsageError(error.reason)
    }
  }

  /// What a run leaves in its folder, the report last.
  static let results = ["config.json", "strategies", "metrics.json", "report.html"]

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
    let reports = try ImportJob.runAll(
      imports, into: lake, monitor: monitor, say: say)
    let outcome = try BarJob(workflow: self, lake: lake.root, ledger: ledger).run(
      monitor: monitor, say: say)
    for result in outcome.results {
      let place = "strategies/\(result.strategy)"
      try files.make(place)
      try files.write(result.equityFrame, to: "\(place)/equity.parquet", producer: producer)
      try files.write(result.weightFrame, to: "\(place)/weights.parquet", producer: producer)
      try files.write(result.fillFrame, to: "\(place)/fills.parquet", producer: producer)
      try files.write(result.symbolFrame, to: "\(place)/symbols.parquet", producer: producer)
    }
    let metrics = JSONValue.object([
      ("hoga", .string(HogaVersion.text)), ("kind", .string(Self.kind)), ("name", .string(name)),
      ("command", .string(producer)), ("seed", .int(Int64(seed))),
      ("configuration", .string(FNV1a(source.json.text(indented: false)).text)),
      ("venue", .string(market.venue)), ("bars", .string(market.bars)),
      ("from", .string("\(market.dates.lowerBound)")),
      ("to", .string("\(market.dates.upperBound)")), ("settings", settings.json),
      ("imports", .array(reports)), ("notes", .array(outcome.notes.map { .string($0) })),
      ("strategies", .array(outcome.described)), ("chance", outcome.chance),
    ])
    try files.write(metrics.text(), to: "metrics.json")
    monitor.begin("writing the report", unit: "pages")
    try Self.page(folder: files.root).write(to: files.path("report.html"))
    return metrics
  }

  public static func summary(_ metrics: JSONValue) -> String { BarSummary(metrics).text }

  public static func page(folder: String) throws -> ReportPage {
    try BarReport(folder: folder).page()
  }
}
