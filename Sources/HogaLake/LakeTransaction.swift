internal import Foundation
public import HogaCore

/// Partitions written together: nothing is visible before `commit`, and then all of them are.
///
/// `commit` first completes every file under its hidden name and brings it to the disk, then
/// renames one after the other. What can fail (a full disk, a broken source) fails before the first
/// rename and changes nothing. A process killed between two renames leaves every partition either
/// old or new, never torn, and a rerun of the same import completes the set: the new files carry
/// the same sources.
///
/// Not for several tasks at once. A transaction that is dropped without a commit removes its files.
public final class LakeTransaction {
  public let lake: Lake
  private let producer: String
  private let sources: [String]
  private let replace: Bool
  private var parts: [Lake.Partition: ParquetWriter] = [:]
  private var extras: [(key: String, value: String)] = []
  private var createdFolders: [String] = []
  private var isDone = false
  /// Where the candle tables' rows have come to, to check those that follow.
  var candleOrders: [Lake.Partition: CandleOrder] = [:]
  /// Partitions that take over what was there, and the state of the file when it was read.
  private var mergedStates: [Lake.Partition: FileState?] = [:]

  /// Rows of all partitions that wait for their row group take at most about this much memory.
  private static let pendingLimit = 256 << 20

  init(lake: Lake, producer: String, sources: [String], replace: Bool) {
    self.lake = lake
    self.producer = producer
    self.sources = sources.map { AtomicFile.name(of: $0) }
    self.replace = replace
  }

  deinit { abandon() }

  /// Adds rows to an instrument's table of a day.
  ///
  /// - Throws: `DataError` where the frame has other columns than the table, or where the partition
  ///   was made from files that this transaction does not read and `replace` is false;
  ///   `ResourceError` where the disk is full.
  public func append(
    _ frame: Frame, to table: MarketTable, instrument: Instrument, date: CivilDate
  ) throws {
    let schema = table.schema(
      priceDecimals: instrument.priceDecimals, sizeDecimals: instrument.sizeDecimals,
      levels: table == .book ? frame.bookLevels : 1)
    try Self.check(frame, against: schema, of: table.rawValue)
    try append(
      frame, to: table.rawValue, venue: instrument.venue, symbol: instrument.symbol, date: date,
      metadata: [LakeMetadata.instrument: try LakeMetadata.text(instrument)])
  }

  /// Adds rows to a table of any columns; the first frame of a partition sets them.
  ///
  /// - Parameters:
  ///   - symbol: `nil` for a table that holds all symbols of a day.
  ///   - metadata: pairs of the footer besides Hoga's own.
  public func append(
    _ frame: Frame, to tableName: String, venue: String, symbol: String?, date: CivilDate,
    metadata: [String: String] = [:]
  ) throws {
    precondition(!isDone, "the transaction has ended")
    let partition = try lake.partition(table: tableName, venue: venue, symbol: symbol, date: date)
    let writer = try parts[partition] ?? begin(partition, frame.schema, metadata)
    for (key, value) in metadata { writer.setMetadata(key, value) }
    try writer.append(frame)
    if parts.values.reduce(0, { $0 + $1.pendingBytes }) > Self.pendingLimit {
      try largestPending?.flush()
    }
  }

  /// Sets a pair in the footers of all partitions, those to come included.
  public func setMetadata(_ key: String, _ value: String) { extras.append((key, value)) }

  /// The partitions so far, sorted, with their rows.
  public var partitions: [(partition: Lake.Partition, rows: Int)] {
    parts.sorted { $0.key < $1.key }.map { ($0.key, $0.value.rowCount) }
  }

  /// Makes all partitions durable and visible.
  public func commit() throws {
    precondition(!isDone, "the transaction has ended")
    do {
      let writers = parts.sorted { $0.key < $1.key }
      for (partition, writer) in writers {
        // Asked again: another process may have written it since.
        try checkReplaceable(partition)
        guard !writer.isFinished else { continue }
        for (key, value) in extras { writer.setMetadata(key, value) }
        try writer.finish()
      }
      // Merged days were finished without a flush: there may be thousands of them.
      let atOnce = !mergedStates.isEmpty
      if atOnce {
        try AtomicFile.flushDisk(of: lake.root)
      } else {
        for folder in Set(createdFolders.map { AtomicFile.folder(of: $0) }).sorted() {
          try AtomicFile.flushFolder(folder)
        }
      }
      for (_, writer) in writers { try writer.publish(flushes: !atOnce) }
      if atOnce { try AtomicFile.flushDisk(of: lake.root) }
      isDone = true
    } catch {
      abandon()
      throw error
    }
  }

  /// Gives everything up that is not committed; partitions stay as they were.
  public func abandon() {
    guard !isDone else { return }
    isDone = true
    for writer in parts.values { writer.abandon() }
    // Deepest first; a folder that someone else has used since is not empty and stays.
    for folder in createdFolders.reversed() { rmdir(folder) }
  }

  private var largestPending: ParquetWriter? {
    parts.sorted { $0.key < $1.key }.max { $0.value.pendingBytes < $1.value.pendingBytes }?.value
  }

  /// Begins a partition that holds the rows of the file that is there, unless they were replaced.
  func beginMerged(
    _ partition: Lake.Partition, _ schema: [ColumnSchema], _ existing: FileState?,
    _ metadata: [String: String]
  ) throws -> ParquetWriter {
    precondition(!isDone && parts[partition] == nil, "\(partition.name) was begun before")
    mergedStates[partition] = .some(existing)
    let writer = try begin(partition, schema, metadata)
    for (key, value) in metadata { writer.setMetadata(key, value) }
    return writer
  }

  private func begin(
    _ partition: Lake.Partition, _ schema: [ColumnSchema], _ metadata: [String: String]
  ) throws -> ParquetWriter {
    try checkReplaceable(partition)
    try createFolders(AtomicFile.folder(of: partition.path))
    let own = [
      LakeMetadata.schema: LakeMetadata.version, LakeMetadata.table: partition.table,
      LakeMetadata.producer: producer, LakeMetadata.sources: LakeMetadata.text(sources),
    ]
    let writer = try ParquetWriter(
      path: partition.path, schema: schema, metadata: own.merging(metadata) { own, _ in own },
      content: CandleTable(name: partition.table) == nil ? .events : .bars)
    parts[partition] = writer
    return writer
  }

  /// Refuses to lose rows of files that this transaction does not read.
  private func checkReplaceable(_ partition: Lake.Partition) throws {
    if let merged = mergedStates[partition] {
      guard FileState.ofFile(partition.path) == merged else {
        throw ResourceError(
          "\(partition.path): someone else has written it since it was read; run this again")
      }
      return
    }
    guard !replace, FileManager.default.fileExists(atPath: partition.path) else { return }
    let others: [String]
    do {
      let known = Set(sources)
      others = try LakeMetadata.sources(of: ParquetFile(partition.path)).filter {
        !known.contains($0)
      }
    } catch let error as DataError {
      throw DataError(
        "\(error.reason); replace it (--replace) to write it anew", file: partition.path)
    }
    guard let first = others.first else { return }
    let more = others.count > 1 ? " and \(others.count - 1) more" : ""
    throw DataError(
      "was made from other files (\(first)\(more)), whose rows would be lost; import them together "
        + "with these, or replace it (--replace)", file: partition.path)
  }

  private func createFolders(_ folder: String) throws {
    guard !FileManager.default.fileExists(atPath: folder) else { return }
    let parent = AtomicFile.folder(of: folder)
    if parent != folder { try createFolders(parent) }
    if mkdir(folder, 0o777) == 0 {
      createdFolders.append(folder)
    } else if errno != EEXIST {
      throw ResourceError("\(folder): \(systemMessage(errno))")
    }
  }

  private static func check(
    _ frame: Frame, against schema: [ColumnSchema], of table: String
  ) throws {
    for field in schema {
      let type = try frame.column(field.name).type
      guard type == field.type else {
        throw DataError("is \(type), the table \(table) has \(field.type)", column: field.name)
      }
    }
    guard frame.columnCount == schema.count else {
      let known = Set(schema.map(\.name))
      throw DataError(
        "is not a column of the table \(table)", column: frame.names.first { !known.contains($0) })
    }
  }
}

extension Lake {
  /// Begins to write partitions.
  ///
  /// - Parameters:
  ///   - producer: the command line, for the footers.
  ///   - sources: the files that are read; their names are kept, not their folders.
  ///   - replace: whether a partition made from other files may be replaced.
  public func begin(producer: String, sources: [String], replace: Bool = false) -> LakeTransaction {
    LakeTransaction(lake: self, producer: producer, sources: sources, replace: replace)
  }
}

extension Frame {
  /// How many levels the columns `bid_price_1, bid_price_2, …` make.
  var bookLevels: Int {
    var levels = 0
    while contains("bid_price_\(levels + 1)") { levels += 1 }
    return levels
  }
}
