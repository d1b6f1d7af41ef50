import HogaCore
import HogaImport

/// Keeps all rows in memory.
final class MemorySink: ImportSink {
  struct Key: Hashable {
    var table: String
    var instrument: Instrument
    var date: CivilDate
  }
  private(set) var frames: [Key: Frame] = [:]

  init() {}

  func append(
    _ frame: Frame, to table: String, instrument: Instrument, date: CivilDate
  ) throws {
    let key = Key(table: table, instrument: instrument, date: date)
    if frames[key] == nil {
      frames[key] = frame
    } else {
      frames[key]!.append(rowsOf: frame)
    }
  }

  func rows(_ table: MarketTable, symbol: String? = nil) -> Frame? {
    rows(table.rawValue, symbol: symbol)
  }

  /// All rows of a table, dates in order; of one symbol where it is named.
  func rows(_ table: String, symbol: String? = nil) -> Frame? {
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
