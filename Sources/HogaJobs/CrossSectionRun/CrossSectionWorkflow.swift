public import HogaConfig
public import HogaCore
public import HogaCrossSection
public import HogaReport

/// From bars of many symbols to ranked symbols, as written in a file with `kind: cross-section`:
/// import, clean, universe, features and labels, models, scores, report.
///
/// `Docs/workflow.md` describes the settings.
public struct CrossSectionWorkflow: Sendable {
  public var name: String
  public var seed: UInt64
  /// 0 for all cores.
  public var threads: Int
  public var imports: [Workflow.Import]
  /// `nil` keeps the lake inside the run's folder.
  public var lake: String?
  public var venue: String
  public var dates: ClosedRange<CivilDate>
  public var cleaning: CleaningSettings
  /// How many symbols a day has at most.
  public var top: Int
  /// Whether a day's own volume decides, which looks ahead.
  public var sameDay: Bool
  public var features: CrossSectionSettings
  public var study: CrossSectionStudy
  public var savesPredictions: Bool
  /// The settings as given, with `--set` applied.
  public var source: ConfigNode
}

extension CrossSectionWorkflow: RunnableWorkflow {
  public static let kind = "cross-section"
  public var importedFiles: [String] { imports.flatMap(\.files) }

  public func run(
    folder: String, producer: String, monitor: JobMonitor, say: (String) -> Void
  ) throws -> JSONValue {
    try CrossSectionRun(workflow: self, folder: folder, producer: producer)
      .run(monitor: monitor, say: say)
  }

  public static func summary(_ metrics: JSONValue) -> String {
    CrossSectionRunSummary(metrics).text
  }

  public static func page(folder: String) throws -> ReportPage {
    try CrossSectionReport(folder: folder).page()
  }
}
