internal import HogaCore
internal import HogaLake

/// Hands rows to a transaction of the lake.
final class LakeSink: ImportSink {
  let transaction: LakeTransaction

  init(_ transaction: LakeTransaction) { self.transaction = transaction }

  func append(
    _ frame: Frame, to table: String, instrument: Instrument, date: CivilDate
  ) throws {
    if let table = MarketTable(rawValue: table) {
      try transaction.append(frame, to: table, instrument: instrument, date: date)
    } else {
      try transaction.append(
        frame, to: table, venue: instrument.venue, symbol: instrument.symbol, date: date)
    }
  }

  func setMetadata(_ key: String, _ value: String) { transaction.setMetadata(key, value) }
}

extension Lake {
  /// Runs an import whose partitions become visible together at its end, or never.
  func importing(
    _ files: [String], producer: String, replace: Bool,
    _ work: (LakeSink) throws -> ImportReport
  ) throws -> ImportReport {
    let transaction = begin(producer: producer, sources: files, replace: replace)
    do {
      let report = try work(LakeSink(transaction))
      try transaction.commit()
      return report
    } catch {
      transaction.abandon()
      throw error
    }
  }
}
