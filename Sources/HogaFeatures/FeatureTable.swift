public import HogaCore

/// Feature tables of stored markets.
public enum FeatureTable {
  /// Computes the features of one stretch of stored events, in bounded memory.
  ///
  /// - Parameters:
  ///   - book: chunks of `depth`, `book` or `quotes`.
  ///   - trades: chunks of `trades`; trade columns are zero or NaN without.
  ///   - operators: as for `FeaturePipeline`.
  ///   - chunkRows: about how many rows `output` is given at a time.
  ///   - monitor: advanced by the rows of each chunk read; cancelling stops between chunks.
  ///   - output: receives frames of `time` and a column per feature, in order, at least one.
  /// - Throws: `UsageError`, `DataError`, `JobMonitor.Cancelled`, and what `output` throws.
  public static func stream(
    book: Replay.Source?, trades: Replay.Source?, instrument: Instrument,
    settings: FeatureSettings = FeatureSettings(), operators: [any FeatureOperator]? = nil,
    chunkRows: Int = 65_536, monitor: JobMonitor? = nil, output: (Frame) throws -> Void
  ) throws {
    func watched(_ source: Replay.Source?) -> Replay.Source? {
      guard let source, let monitor else { return source }
      return {
        let chunk = try source()
        try monitor.advance(by: Int64(chunk?.rowCount ?? 0))
        return chunk
      }
    }
    var pipeline = try FeaturePipeline(
      instrument: instrument, settings: settings, operators: operators)
    var replay = try Replay(book: watched(book), trades: watched(trades))
    var isFirst = true
    while try replay.step(into: &pipeline) {
      guard pipeline.rowCount >= chunkRows || pipeline.hasFailed else { continue }
      try output(try pipeline.take())
      isFirst = false
    }
    try pipeline.finish()
    if isFirst || pipeline.rowCount > 0 { try output(try pipeline.take()) }
  }

  /// The same as one frame.
  public static func make(
    book: Replay.Source?, trades: Replay.Source?, instrument: Instrument,
    settings: FeatureSettings = FeatureSettings(), operators: [any FeatureOperator]? = nil,
    monitor: JobMonitor? = nil
  ) throws -> Frame {
    var table: Frame?
    try stream(
      book: book, trades: trades, instrument: instrument, settings: settings,
      operators: operators, chunkRows: .max, monitor: monitor
    ) { table = $0 }
    return table!
  }
}
