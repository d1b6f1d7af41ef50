public import HogaCore
public import HogaLake

/// Reads files of one format, whose rows go to a lake.
public protocol LakeImporter: Sendable {
  /// The command that runs, kept in the files it writes.
  var producer: String { get }
  /// Replace partitions that were made from other files.
  var replace: Bool { get }

  /// Imports files into anything that takes rows.
  ///
  /// - Throws: `DataError` for rows that cannot be used (where the policy is to stop) and damaged
  ///   files; `MissingInputError`, `UsageError`, `ResourceError`, `JobMonitor.Cancelled`. What each
  ///   format refuses besides is said there.
  func run(
    files: [String], into sink: any ImportSink, monitor: JobMonitor
  ) throws -> ImportReport

  /// Imports files into a lake, all together or not at all.
  func run(files: [String], into lake: Lake, monitor: JobMonitor) throws -> ImportReport
}

extension LakeImporter {
  /// Imports files into a lake, all together or not at all.
  ///
  /// - Throws: As `run` into a sink.
  public func run(
    files: [String], into lake: Lake, monitor: JobMonitor
  ) throws -> ImportReport {
    try importTogether(files, into: lake, monitor: monitor)
  }

  public func run(files: [String], into lake: Lake) throws -> ImportReport {
    try run(files: files, into: lake, monitor: JobMonitor())
  }

  func importTogether(
    _ files: [String], into lake: Lake, monitor: JobMonitor
  ) throws -> ImportReport {
    try lake.importing(files, producer: producer, replace: replace) { sink in
      try run(files: files, into: sink, monitor: monitor)
    }
  }
}
