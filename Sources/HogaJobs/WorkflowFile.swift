internal import Foundation
public import HogaConfig
public import HogaCore
public import HogaReport

/// What `hoga run` can run: settings of one kind, read from a file.
///
/// A run leaves `config.json`, `metrics.json` and `report.html` in its folder, and whatever else its
/// kind makes; equal settings, data and seeds give equal files.
public protocol RunnableWorkflow: Sendable {
  /// How a file asks for it: `kind: order-book`. Kept in the run's `metrics.json`.
  static var kind: String { get }
  /// The run's name, and its folder's where none is given.
  var name: String { get }

  /// The files that it brings into the lake.
  var importedFiles: [String] { get }

  /// - Parameter folder: where relative paths start.
  /// - Throws: `DataError` with file and line where a setting is unknown or makes no sense.
  init(_ node: ConfigNode, relativeTo folder: String) throws

  /// Runs all stages and publishes their results in `folder` together.
  ///
  /// - Parameters:
  ///   - producer: the command, for the files' footers.
  ///   - say: told in a line what each stage did.
  /// - Returns: the run's metrics, as in `metrics.json`.
  func run(
    folder: String, producer: String, monitor: JobMonitor, say: (String) -> Void
  ) throws -> JSONValue

  /// The results as a terminal shows them.
  static func summary(_ metrics: JSONValue) -> String
  /// The page of a run, made from its folder's files alone.
  static func page(folder: String) throws -> ReportPage
}

/// Finds the kind of a workflow file, or of a finished run.
public enum WorkflowFile {
  private static let kinds: [any RunnableWorkflow.Type] = [
    Workflow.self, BacktestWorkflow.self, BarWorkflow.self, CrossSectionWorkflow.self,
    KimchiWorkflow.self,
  ]

  /// Reads a workflow, with `key.path=value` settings applied on top.
  ///
  /// - Throws: `MissingInputError` without the file, `DataError` with file and line where a
  ///   setting is unknown or makes no sense, `UsageError` for a malformed `--set`.
  public static func load(
    path: String, settings: [String] = []
  ) throws -> any RunnableWorkflow {
    var node = try ConfigNode.load(path: path)
    try node.assign(settings)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let asked = try node["kind"]?.string() ?? Workflow.kind
    guard let type = kinds.first(where: { $0.kind == asked }) else {
      let known = kinds.map { $0.kind }.joined(separator: ", ")
      throw try node.require("kind").error("'\(asked)' is none of \(known)")
    }
    return try type.init(node, relativeTo: folder)
  }

  /// Writes a finished run's report anew, from the run's files.
  ///
  /// - Returns: the page's path, and the run's summary for a terminal.
  /// - Throws: `MissingInputError` where the folder is not one of a run.
  public static func report(on folder: String) throws -> (path: String, summary: String) {
    let files = RunFolder(folder)
    // Stress runs alone leave a file of their own.
    if files.exists("stress.json"), !files.exists("metrics.json") {
      let path = files.path("report.html")
      try StressReport.page(folder: folder).write(to: path)
      return (path, StressSummary(try files.json("stress.json")["stress"]).text)
    }
    let metrics = try files.json("metrics.json")
    let asked = metrics["kind"] == nil ? Workflow.kind : Optional(metrics).string("kind")
    guard let type = kinds.first(where: { $0.kind == asked }) else {
      throw DataError(
        "is a run of kind '\(asked)', which this version does not know",
        file: RunFolder(folder).path("metrics.json"))
    }
    let path = RunFolder(folder).path("report.html")
    try type.page(folder: folder).write(to: path)
    return (path, type.summary(metrics))
  }
}

extension Workflow: RunnableWorkflow {
  public static let kind = "order-book"
  public var importedFiles: [String] { imports.flatMap(\.files) }

  public func run(
    folder: String, producer: String, monitor: JobMonitor, say: (String) -> Void
  ) throws -> JSONValue {
    try WorkflowRun(self, folder: folder, producer: producer).run(monitor: monitor, say: say)
  }

  public static func summary(_ metrics: JSONValue) -> String { RunSummary(metrics).text }

  public static func page(folder: String) throws -> ReportPage {
    try RunReport(folder: folder).page()
  }
}
