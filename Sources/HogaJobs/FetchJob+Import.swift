public import HogaCore
public import HogaFeeds
public import HogaImport
public import HogaLake

extension FetchJob {
  /// Brings what a mirror holds of the days asked for into a lake, kind by kind.
  ///
  /// A monthly file may hold more days than were asked for; they are imported too.
  ///
  /// - Throws: As `KlinesImporter`.
  public func importing(
    _ report: FetchReport, into lake: Lake, replace: Bool, producer: String, monitor: JobMonitor
  ) throws -> [ImportReport] {
    try FetchKind.allCases.compactMap { kind in
      let files = report.files.filter { $0.kind == kind }.map(\.path)
      guard !files.isEmpty else { return nil }
      guard let content = KlinesContent(rawValue: kind.rawValue) else {
        preconditionFailure("every kind that is fetched can be imported")
      }
      let importer = KlinesImporter(
        venue: "binance-\(fetch.market.rawValue)", what: content,
        interval: content.hasInterval ? fetch.interval : nil, workers: 0, producer: producer,
        replace: replace)
      return try importer.run(files: files, into: lake, monitor: monitor)
    }
  }
}
