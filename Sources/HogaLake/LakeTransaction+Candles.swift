internal import Foundation
public import HogaCore

extension LakeTransaction {
  /// Adds rows of a day to a table that holds all symbols, and checks that they are in order.
  ///
  /// Several calls for one day continue each other: rows stay sorted by (symbol, time), each pair
  /// once. Numbers that the source does not have may be left out, and are null.
  ///
  /// - Parameter metadata: pairs of the footer besides Hoga's own.
  /// - Throws: `DataError` for another column or type, or for a row out of order, without a key, or of
  ///   another date; what `append` of a `MarketTable` throws besides.
  public func append(
    _ frame: Frame, to table: CandleTable, venue: String, date: CivilDate,
    metadata: [String: String] = [:]
  ) throws {
    let partition = try lake.partition(table: table.name, venue: venue, symbol: nil, date: date)
    let frame = try table.conforming(frame)
    var order = candleOrders[partition] ?? CandleOrder(date)
    try order.require(frame, partition)
    candleOrders[partition] = order
    try append(
      frame, to: table.name, venue: venue, symbol: nil, date: date, metadata: metadata)
  }

  /// Begins the file of a day whose rows were merged with those that are there.
  ///
  /// The caller appends and finishes it, from any thread; `commit` publishes it with the others.
  ///
  /// - Parameter existing: the state of the file that was merged, `nil` where there was none. Another
  ///   state at the commit means that someone else has written, and stops it.
  package func beginMerged(
    _ table: CandleTable, venue: String, date: CivilDate, existing: FileState?,
    metadata: [String: String]
  ) throws -> ParquetWriter {
    let partition = try lake.partition(table: table.name, venue: venue, symbol: nil, date: date)
    return try beginMerged(partition, table.schema, existing, metadata)
  }
}

extension CandleOrder {
  /// - Throws: `DataError` at the first row that is not in order.
  mutating func require(_ frame: Frame, _ partition: Lake.Partition) throws {
    guard case .category(let symbols) = try frame.column("symbol") else { return }
    let times = try frame.int64s("time")
    let firstRow = row
    try check(symbols: symbols, times: times) { fault, row in
      let index = row - firstRow
      let time =
        times[index] == Column.missing
        ? "no time" : Coverage.time(times[index])
      throw DataError(
        "\(partition.name), row \(row + 1) (\(symbols[index] ?? "no symbol"), \(time)) "
          + fault.meaning)
    }
  }
}

extension LakeMetadata {
  /// The names of the files that each symbol's rows were made from, a JSON object of lists.
  public static let symbolSources = "hoga.symbol_sources"

  /// What `symbolSources` holds; empty where it is absent.
  package static func symbolSources(of file: ParquetFile) throws -> [String: [String]] {
    guard let text = file.metadata[symbolSources] else { return [:] }
    do {
      return try JSONDecoder().decode([String: [String]].self, from: Data(text.utf8))
    } catch {
      throw DataError("cannot be understood in \(symbolSources)", file: file.path)
    }
  }

  package static func text(_ sources: [String: [String]]) -> String {
    JSONValue.object(
      sources.sorted { $0.key < $1.key }.map { symbol, names in
        (symbol, .array(names.sorted().map { .string($0) }))
      }
    ).text(indented: false)
  }
}
