public import HogaCore

/// The events of one symbol over some days, as sources of a `Replay`.
///
/// ```swift
/// let reader = try MarketReader(lake, venue: "lobster", symbol: "AMZN", dates: day...day)
/// var replay = try Replay(book: reader.bookSource(), trades: reader.tradeSource())
/// try replay.run(into: &sink)
/// ```
public struct MarketReader: Sendable {
  public let instrument: Instrument
  /// The book's partitions, by date: all of one table.
  public let bookPartitions: [Lake.Partition]
  public let tradePartitions: [Lake.Partition]
  /// The trading status's partitions; days without changes have none.
  public let statusPartitions: [Lake.Partition]

  /// The table the book comes from, or `nil` where there is none.
  public var bookTable: MarketTable? {
    bookPartitions.first.flatMap { MarketTable(rawValue: $0.table) }
  }
  /// The dates that have events.
  public var dates: [CivilDate] {
    Set((bookPartitions + tradePartitions).map(\.date)).sorted()
  }

  /// Finds the partitions and checks that they fit together.
  ///
  /// The book comes from the first of the tables that covers all days. Where only books or only
  /// trades were ever recorded, the other source is `nil`.
  ///
  /// - Parameters:
  ///   - skipMissingDates: goes on without the days that have nothing at all (weekends).
  ///   - books: where the book may come from, in order of preference.
  /// - Throws: `MissingInputError` that names what there is; `DataError` where partitions disagree
  ///   on the instrument.
  public init(
    _ lake: Lake, venue: String, symbol: String, dates: ClosedRange<CivilDate>,
    skipMissingDates: Bool = false, books tables: [MarketTable] = [.depth, .book, .quotes]
  ) throws {
    // All dates, so that an error can say what there would be.
    let all = try lake.partitions(venue: venue, symbol: symbol).filter {
      MarketTable(rawValue: $0.table) != nil
    }
    func partitions(_ table: MarketTable) -> [Lake.Partition] {
      all.filter { $0.table == table.rawValue && dates.contains($0.date) }
    }
    let books = tables.map(partitions)
    let trades = partitions(.trades)
    let there = Set((books.joined() + trades).map(\.date))
    let wanted =
      skipMissingDates
      ? there
      : Set(
        (dates.lowerBound.daysSince1970...dates.upperBound.daysSince1970).map {
          CivilDate(daysSince1970: $0)
        })
    guard !there.isEmpty, there == wanted else {
      let missing = wanted.subtracting(there).min() ?? dates.lowerBound
      throw MissingInputError(
        "\(lake.root): no events of \(venue) \(symbol) on \(missing); "
          + Self.listing(all, lake, venue: venue))
    }
    let complete = books.first { Set($0.map(\.date)) == there }
    if complete == nil, let partial = books.first(where: { !$0.isEmpty }) {
      let missing = there.subtracting(partial.map(\.date)).min() ?? dates.lowerBound
      throw MissingInputError(
        "\(lake.root): \(venue) \(symbol) has \(partial[0].table) on \(partial[0].date), but not "
          + "on \(missing)")
    }
    if !trades.isEmpty, let missing = there.subtracting(trades.map(\.date)).min() {
      throw MissingInputError(
        "\(lake.root): \(venue) \(symbol) has trades on \(trades[0].date), but not on \(missing)")
    }
    bookPartitions = complete ?? []
    tradePartitions = trades
    statusPartitions = partitions(.status).sorted { $0.date < $1.date }
    instrument = try Self.commonInstrument(of: bookPartitions + tradePartitions)
  }

  /// Chunks of the book's rows in order of time, or `nil` where there are no books.
  ///
  /// - Parameter levels: how many levels to read of a `book`; all where `nil`.
  public func bookSource(levels: Int? = nil) -> Replay.Source? {
    guard let table = bookTable else { return nil }
    return Self.source(bookPartitions) { file in
      guard table == .book else { return Self.bookColumns(of: table) }
      var count = 1
      while count < levels ?? Int.max, file.contains("bid_price_\(count + 1)") { count += 1 }
      return Self.stamps + (1...count).flatMap(Self.cells(ofLevel:))
    }
  }

  /// Chunks of the trades in order of time, or `nil` where there are none.
  public func tradeSource() -> Replay.Source? {
    guard !tradePartitions.isEmpty else { return nil }
    return Self.source(tradePartitions) { _ in Self.stamps + ["price", "size", "aggressor"] }
  }

  /// The market's phases over all days, or `nil` where nothing was recorded of them.
  public func status() throws -> Frame? {
    var frame: Frame?
    for partition in statusPartitions {
      let day = try ParquetFile(partition.path).read(columns: Self.stamps + ["status"])
      if frame == nil { frame = day } else { frame!.append(rowsOf: day) }
    }
    return frame
  }

  private static let stamps = ["arrival", "time", "sequence"]

  private static func bookColumns(of table: MarketTable) -> [String] {
    switch table {
    case .depth: stamps + ["kind", "side", "price", "size", "last"]
    case .orders: stamps + ["order_id", "kind", "side", "price", "size"]
    default: stamps + cells(ofLevel: 1)
    }
  }

  private static func cells(ofLevel level: Int) -> [String] {
    ["bid", "ask"].flatMap { ["\($0)_price_\(level)", "\($0)_size_\(level)"] }
  }

  /// Reads one file after the other, one row group at a time.
  private static func source(
    _ partitions: [Lake.Partition], columns: @escaping (ParquetFile) -> [String]
  ) -> Replay.Source {
    var left = partitions[...]
    var next: (() throws -> Frame?)?
    return {
      while true {
        if let frame = try next?() { return frame }
        guard let partition = left.popFirst() else { return nil }
        let file = try ParquetFile(partition.path)
        next = file.chunks(columns: columns(file))
      }
    }
  }

  private static func commonInstrument(of partitions: [Lake.Partition]) throws -> Instrument {
    var first: (instrument: Instrument, path: String)?
    for partition in partitions {
      let file = try ParquetFile(partition.path)
      let instrument = try LakeMetadata.instrument(of: file)
      guard let known = first else {
        first = (instrument, partition.path)
        continue
      }
      guard instrument == known.instrument else {
        throw DataError(
          "describes another instrument than \(known.path): decimals "
            + "\(instrument.priceDecimals) and \(instrument.sizeDecimals) against "
            + "\(known.instrument.priceDecimals) and \(known.instrument.sizeDecimals), tick "
            + "\(instrument.tickIncrement) against \(known.instrument.tickIncrement)",
          file: partition.path)
      }
    }
    guard let first else { preconditionFailure("a reader has partitions") }
    return first.instrument
  }

  private static func listing(_ all: [Lake.Partition], _ lake: Lake, venue: String) -> String {
    if !all.isEmpty {
      let tables = Dictionary(grouping: all, by: \.table).sorted { $0.key < $1.key }
      return "there are "
        + tables.map { table, parts in
          let dates = parts.map(\.date).sorted()
          let span = dates.count == 1 ? "\(dates[0])" : "\(dates[0]) to \(dates[dates.count - 1])"
          return "\(table) on \(span)\(dates.count > 2 ? " (\(dates.count) days)" : "")"
        }.joined(separator: ", ")
    }
    let others = Set(
      ((try? lake.partitions()) ?? []).map { "\($0.venue) \($0.symbol ?? "(all)")" }
    ).sorted()
    guard !others.isEmpty else { return "the lake is empty" }
    return "there are " + others.prefix(8).joined(separator: ", ") + (others.count > 8 ? ", …" : "")
  }
}
