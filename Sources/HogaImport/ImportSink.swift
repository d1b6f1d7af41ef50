public import HogaCore

/// Where an importer's chunks of rows go: a transaction of the lake, or memory in tests.
///
/// Chunks of one table, instrument and date come in the order of their rows.
public protocol ImportSink: AnyObject {
  func append(
    _ frame: Frame, to table: String, instrument: Instrument, date: CivilDate) throws

  /// Keeps a fact about the whole import with its rows, where the sink has a place for such.
  func setMetadata(_ key: String, _ value: String)
}

extension ImportSink {
  public func setMetadata(_ key: String, _ value: String) {}
}
