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

/// Keeps all rows in memory, for tests and for looking at a few rows.
package final class MemorySink: ImportSink {
  package struct Key: Hashable {
    package var table: String
    package var instrument: Instrument
    package var date: CivilDate
  }
  package private(set) var frames: [Key: Frame] = [:]

  package init() {}

  package func append(
    _ frame: Frame, to table: String, instrument: Instrument, date: CivilDate
  ) throws {
    let key = Key(table: table, instrument: instrument, date: date)
    if frames[key] == nil {
      frames[key] = frame
    } else {
      frames[key]!.append(rowsOf: frame)
    }
  }

  package func rows(_ table: MarketTable, symbol: String? = nil) -> Frame? {
    rows(table.rawValue, symbol: symbol)
  }

  /// All rows of a table, dates in order; of one symbol where it is named.
  package func rows(_ table: String, symbol: String? = nil) -> Frame? {
    let keys = frames.keys.filter {
      $0.table == table && (symbol == nil || $0.instrument.symbol == symbol)
    }
    var all: Frame?
    for key in keys.sorted(by: { ($0.date, $0.instrument.symbol) < ($1.date, $1.instrument.symbol) }
    ) {
      if all == nil { all = frames[key]! } else { all!.append(rowsOf: frames[key]!) }
    }
    return all
  }
}
