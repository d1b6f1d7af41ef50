internal import Foundation
internal import HogaConfig
internal import HogaCore
internal import HogaCrossSection
internal import HogaLake
internal import HogaReport

/// One run of a cross-section's workflow, in one folder.
///
/// The folder holds `config.json`, `clean/`, `universe/`, `study/`, `metrics.json` and
/// `report.html`. The lake (unless it is elsewhere) and `xsection/` stay from run to run: what is
/// there and still right is not made again.
struct CrossSectionRun {
  let workflow: CrossSectionWorkflow
  let folder: String
  let producer: String

  /// What a run leaves, the report last: who sees it sees all.
  static let results = [
    "config.json", "clean", "universe", "study", "metrics.json", "report.html",
  ]

  private var workers: Int {
    workflow.threads > 0 ? workflow.threads : ProcessInfo.processInfo.activeProcessorCount
  }

  func run(monitor: JobMonitor, say: (String) -> Void) throws -> JSONValue {
    let here = RunFolder(folder)
    return try here.staging(Self.results, replacing: Self.results) { files in
      let lake = Lake(root: workflow.lake ?? here.path("lake"))
      return try run(files, lake, here.path("xsection"), monitor, say)
    }
  }

  private func run(
    _ files: RunFolder, _ lake: Lake, _ tables: String, _ monitor: JobMonitor,
    _ say: (String) -> Void
  ) throws -> JSONValue {
    try files.write(workflow.source.json.text(), to: "config.json")
    let imports = try ImportJob.runAll(workflow.imports, into: lake, monitor: monitor, say: say)

    let clean = try CleanJob(
      lake: lake, venue: workflow.venue, dates: workflow.dates, settings: workflow.cleaning,
      workers: workers
    ).run(to: files.path("clean"), producer: producer, monitor: monitor)
    say("clean: " + Self.firstLine(clean.text))

    var universe = try UniverseJob(
      lake: lake, venue: workflow.venue, dates: workflow.dates, top: workflow.top,
      sameDay: workflow.sameDay, workers: workers
    ).run(to: files.path("universe"), monitor: monitor)
    // Names alone: where a run lies is no part of its result.
    universe.file = RunFolder.name(of: universe.file)
    say("universe: \(universe.universe.days.count) days")

    let listed = CrossSectionJob.Members.listed(
      universe.universe, path: "\(files.path("universe"))/\(universe.file)")
    let made = try CrossSectionJob(
      lake: lake, venue: workflow.venue, dates: workflow.dates, members: listed,
      settings: workflow.features, workers: workers
    ).run(to: tables, producer: producer, monitor: monitor)
    say("features: " + Self.firstLine(made.text))

    var study = workflow.study
    study.bans = try GlobalBanDates.read(files.path("clean/global_ban_dates.json"))
    let result = try study.run(
      tables, to: files.path("study"), savesPredictions: workflow.savesPredictions,
      producer: producer, monitor: monitor)
    say("study: \(result.trials.count) models, \(result.features.count) scores of features")

    let metrics: JSONValue = [
      "hoga": .string(HogaVersion.text), "kind": .string(CrossSectionWorkflow.kind),
      "name": .string(workflow.name), "command": .string(producer),
      "seed": .int(Int64(workflow.seed)),
      "configuration": .string(FNV1a(workflow.source.json.text(indented: false)).text),
      "imports": .array(imports), "clean": clean.json, "universe": universe.json,
      "cross_section": made.json, "study": result.json,
    ]
    try files.write(metrics.text(), to: "metrics.json")
    monitor.begin("writing the report", unit: "pages")
    try CrossSectionReport(folder: files.root).page().write(to: files.path("report.html"))
    return metrics
  }

  private static func firstLine(_ text: String) -> String {
    text.split(separator: "\n").first.map(String.init) ?? ""
  }
}
