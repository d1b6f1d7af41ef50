import ArgumentParser
import Foundation
import HogaCore
import HogaImport
import HogaLake

struct CandleBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "candles",
    abstract: "Measure the import of candles, and how small and quick their tables are.",
    discussion: """
      The files are imported into an empty lake, whose days are then read whole and by symbol. The
      ratio is of bytes on disk to CSV of the same columns: time in milliseconds and the numbers in
      their shortest form, without a symbol.
      """)

  @Argument(help: "Files of klines: the archive's zip, or Feather.")
  var files: [String]
  @OptionGroup var common: CommonOptions

  func run() throws {
    let machine = Machine()
    try Scratch.with(common) { scratch in
      let table = CandleTable.candles(.minute)
      var lake = try scratch.emptyLake("candles")
      let written = try Measurement(
        "import candles", unit: "rows", counted: "files on disk to a lake on the disk",
        repeats: common.repeats, prepare: { lake = try scratch.emptyLake("candles") }
      ) {
        let report = try KlinesImporter(venue: "venue").run(files: files, into: lake)
        return Measurement.Outcome(
          amount: Double(report.rows(of: table.name)),
          digest: { try digest(lake, table) }, facts: { try sizes(lake, table) })
      }
      let dates = try lake.candleDates(table, venue: "venue")
      func reading(
        _ name: String, _ counted: String, _ symbols: (CivilDate) throws -> [String]?
      ) throws -> Measurement {
        try Measurement(name, unit: "rows", counted: counted, repeats: common.repeats) {
          var rows = 0
          var digest = FNV1a()
          for date in dates {
            guard
              let frame = try lake.candles(
                table, venue: "venue", date: date, symbols: try symbols(date))
            else { continue }
            rows += frame.rowCount
            digest.add(frame)
          }
          let result = digest
          return Measurement.Outcome(amount: Double(rows), digest: { result })
        }
      }
      machine.report(
        "candles",
        [
          written,
          try reading("read all symbols", "cached files to columns in memory, hashed") { _ in nil },
          try reading("read the first symbol", "the same, of one symbol") { date in
            try lake.candleSymbols(table, venue: "venue", date: date)?.prefix(1).map(\.symbol)
          },
        ])
    }
  }

  private func digest(_ lake: Lake, _ table: CandleTable) throws -> FNV1a {
    var digest = FNV1a()
    for date in try lake.candleDates(table, venue: "venue") {
      if let frame = try lake.candles(table, venue: "venue", date: date) { digest.add(frame) }
    }
    return digest
  }

  private func sizes(_ lake: Lake, _ table: CandleTable) throws -> [(String, Double)] {
    var (rows, stored, text) = (0, 0, 0)
    for partition in try lake.partitions(table: table.name) {
      let attributes = try FileManager.default.attributesOfItem(atPath: partition.path)
      stored += (attributes[.size] as? NSNumber)?.intValue ?? 0
      let frame = try ParquetFile(partition.path).read()
      rows += frame.rowCount
      for (name, column) in zip(frame.names, frame.columns)
      where name != "symbol" && column.nullCount < frame.rowCount {
        text += Self.csvBytes(column)
      }
    }
    return [
      ("rows", Double(rows)), ("bytes_per_row", Double(stored) / Double(rows)),
      ("csv_bytes_per_row", Double(text) / Double(rows)),
      ("csv_over_stored", Double(text) / Double(stored)),
    ]
  }

  /// Each cell and the comma or line end behind it.
  private static func csvBytes(_ column: Column) -> Int {
    switch column {
    case .timestamp(let values):
      values.reduce(0) { $0 + String($1 / 1_000_000).utf8.count + 1 }
    case .int64(let values): values.reduce(0) { $0 + String($1).utf8.count + 1 }
    default: (column.asDoubles ?? []).reduce(0) { $0 + "\($1)".utf8.count + 1 }
    }
  }
}
