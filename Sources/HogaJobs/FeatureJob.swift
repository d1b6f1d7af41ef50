internal import Foundation
public import HogaCore
public import HogaFeatures
internal import HogaImport
public import HogaLake

/// Computes the feature table of a market from the lake.
public struct FeatureJob: Sendable {
  /// What a computation was about.
  public struct Summary: Sendable {
    public var instrument: Instrument
    /// Of the last stretch of days.
    public var settings: FeatureSettings
    public var rows: Int
    /// `time` and the features.
    public var columns: Int
    /// Book rows and trades played.
    public var events: Int64
    /// What a reader of the table should know.
    public var notes: [String]
  }

  public var lake: Lake
  public var market: Workflow.Market
  public var options: Workflow.Features

  public init(lake: Lake, market: Workflow.Market, options: Workflow.Features) {
    self.lake = lake
    self.market = market
    self.options = options
  }

  /// Plays the market's events through the operators, and returns the whole table: `time`, then one
  /// column per feature.
  ///
  /// Days follow each other without a break where the silence between them is no longer than the
  /// longest window; after a longer one (a night, a weekend) the next day starts anew, so that no
  /// row carries yesterday's book.
  ///
  /// - Throws: `MissingInputError` where the lake lacks all days, `UsageError`, `DataError`.
  public func run(monitor: JobMonitor? = nil) throws -> (table: Frame, summary: Summary) {
    var table: Frame?
    let summary = try stream(try Source(self).begin(monitor), monitor) { chunk, _ in
      if table == nil { table = chunk } else { table!.append(rowsOf: chunk) }
    }
    return (table!, summary)
  }

  /// The same into a Parquet file, with the settings in the footer and a few chunks in memory.
  public func write(
    to path: String, producer: String, monitor: JobMonitor
  ) throws -> Summary {
    var writer: ParquetWriter?
    let summary = try stream(try Source(self).begin(monitor), monitor) { chunk, _ in
      if writer == nil {
        writer = try ParquetWriter(
          path: path, schema: chunk.schema,
          metadata: [
            LakeMetadata.schema: LakeMetadata.version, LakeMetadata.table: "features",
            LakeMetadata.producer: producer,
          ])
      }
      try writer!.append(chunk)
    }
    writer!.setMetadata(Self.settingsKey, summary.settings.json.text(indented: false))
    try writer!.commit()
    return summary
  }

  /// The events to play, looked up once.
  private struct Source: Sendable {
    var reader: MarketReader
    /// Book rows and trades.
    var events: Int64

    init(_ job: FeatureJob) throws {
      reader = try MarketReader(
        job.lake, venue: job.market.venue, symbol: job.market.symbol, dates: job.market.dates,
        skipMissingDates: true)
      events = try (reader.bookPartitions + reader.tradePartitions).reduce(0) {
        $0 + Int64(try ParquetFile($1.path).rowCount)
      }
    }

    func begin(_ monitor: JobMonitor?) -> Source {
      monitor?.begin(
        "computing features of \(reader.instrument.symbol)", total: events, unit: "rows")
      return self
    }
  }

  /// Hands out the table in chunks, at least one, and advances a monitor by the rows that it plays.
  private func stream(
    _ source: Source, _ monitor: JobMonitor?, output: (Frame, FeatureSettings) throws -> Void
  ) throws -> Summary {
    let reader = source.reader
    guard let bookTable = reader.bookTable else {
      throw MissingInputError(
        "\(lake.root): \(market.venue) \(market.symbol) has trades but no order book")
    }
    var notes = ["the book comes from the table \(bookTable.rawValue)"]
    let missing = (market.dates.lowerBound.daysSince1970...market.dates.upperBound.daysSince1970)
      .map(CivilDate.init(daysSince1970:)).filter { !reader.dates.contains($0) }
    if !missing.isEmpty {
      notes.append("no events on \(missing.map(\.description).joined(separator: ", "))")
    }
    let (stretches, lastBook) = try stretches(reader)
    if stretches.count > 1 {
      notes.append("\(stretches.count) stretches: windows start anew after each long silence")
    }
    var summary = Summary(
      instrument: reader.instrument, settings: FeatureSettings(), rows: 0, columns: 0,
      events: source.events, notes: [])
    var last: Int64?
    for dates in stretches {
      let settings = try settings(from: dates.lowerBound, notes: &notes)
      summary.settings = settings
      let part = try MarketReader(
        lake, venue: market.venue, symbol: market.symbol, dates: dates, skipMissingDates: true)
      try FeatureTable.stream(
        book: part.bookSource(), trades: part.tradeSource(), instrument: part.instrument,
        settings: settings, monitor: monitor
      ) { chunk in
        let chunk =
          part.tradePartitions.isEmpty
          ? withoutTrades(chunk, settings, part.instrument) : chunk
        summary.rows += chunk.rowCount
        summary.columns = chunk.columnCount
        last = try chunk.int64s("time").last ?? last
        try output(chunk, settings)
      }
    }
    if reader.tradePartitions.isEmpty {
      notes.append("there is no table of trades: the columns that need trades are null")
    }
    notes += Self.notes(lastRow: last, lastBook: lastBook)
    summary.notes = notes
    return summary
  }

  /// Where no trades were recorded, nothing is known of them; zero would say that none happened.
  private func withoutTrades(
    _ table: Frame, _ settings: FeatureSettings, _ instrument: Instrument
  ) -> Frame {
    var table = table
    let unknown = Column.double([Double](repeating: .nan, count: table.rowCount))
    for feature in FeatureCatalogue.operators(settings, instrument).flatMap(\.definitions)
    where feature.group == "Trades" && !feature.name.hasPrefix("rv_") {
      table.append(feature.name, unknown)
    }
    return table
  }

  /// What the table does not show by itself.
  private static func notes(lastRow: Int64?, lastBook: Int64) -> [String] {
    guard let lastRow else {
      return ["no row: no grid time falls between the first two-sided book and the last event"]
    }
    guard lastRow - lastBook > 60_000_000_000 else { return [] }
    return [
      "the book's last change is \(NumberText.seconds(Double(lastRow - lastBook) / 1e9)) before the "
        + "last row: rows after it carry a book that may be long gone"
    ]
  }

  /// The dates in runs without a long silence in between, and when the book last changed.
  private func stretches(
    _ reader: MarketReader
  ) throws -> (dates: [ClosedRange<CivilDate>], lastBook: Int64) {
    let limit = options.windows.map(\.nanoseconds).max() ?? 0
    var stretches: [ClosedRange<CivilDate>] = []
    var end = Int64.min
    for partition in reader.bookPartitions {
      let file = try ParquetFile(partition.path)
      guard file.rowCount > 0 else { continue }
      let first = try file.read(columns: ["arrival"], rowGroups: [0]).int64s("arrival")[0]
      let last = try file.read(columns: ["arrival"], rowGroups: [file.rowGroupCount - 1])
        .int64s("arrival").last!
      if let current = stretches.last, first - end <= limit {
        stretches[stretches.count - 1] = current.lowerBound...partition.date
      } else {
        stretches.append(partition.date...partition.date)
      }
      end = last
    }
    guard !stretches.isEmpty else {
      throw DataError("the market's tables have no rows", file: reader.bookPartitions[0].path)
    }
    return (stretches, end)
  }

  /// The operators' settings from a date on; the bucket of VPIN is a fiftieth of the volume of the
  /// trading day before where none is given.
  private func settings(from date: CivilDate, notes: inout [String]) throws -> FeatureSettings {
    var settings = FeatureSettings(
      every: options.every, windows: options.windows, vpinBuckets: options.vpinBuckets,
      vpinBar: options.vpinBar, gridOrigin: gridOrigin(date))
    if let bucket = options.vpinBucket {
      settings.vpinBucket = bucket.isQuote ? .quote(bucket.amount) : .base(bucket.amount)
      return settings
    }
    // The trading day before: Friday for a Monday, and for markets that were shut longer.
    let partition = try lake.partitions(
      table: MarketTable.trades.rawValue, venue: market.venue, symbol: market.symbol,
      dates: date.adding(days: -10)...date.adding(days: -1)
    ).last
    guard let partition, case let lots = try Self.volume(of: partition), lots >= 50 else {
      notes.append(
        "vpin and vpin_bvc are null from \(date) on: no trading day before has the volume to take the "
          + "bucket from; give it (--vpin-bucket)")
      return settings
    }
    settings.vpinBucket = .fraction(lots: lots, parts: 50)
    return settings
  }

  private static func volume(of partition: Lake.Partition) throws -> Int64 {
    let next = try ParquetFile(partition.path).chunks(columns: ["size"])
    var sum: Int64 = 0
    while let chunk = try next() {
      for lots in try chunk.int64s("size") where lots != Column.missing {
        let (total, overflow) = sum.addingReportingOverflow(lots)
        guard !overflow else {
          throw DataError("the day's volume is too large", file: partition.path, column: "size")
        }
        sum = total
      }
    }
    return sum
  }

  /// From midnight UTC to the midnight that the venue's files count from: New York's for LOBSTER.
  private func gridOrigin(_ date: CivilDate) -> TimeSpan {
    guard market.venue == LobsterImporter.venue,
      let zone = TimeZone(identifier: "America/New_York")
    else { return .zero }
    let noon = Date(timeIntervalSince1970: (Double(date.daysSince1970) + 0.5) * 86_400)
    return .seconds(Int64(-zone.secondsFromGMT(for: noon)))
  }
}

extension FeatureJob {
  /// Metadata of feature tables: the settings as JSON.
  static let settingsKey = "hoga.features"

  /// Computes many days and symbols in parallel, each on its own, and writes them to the lake's
  /// table `features`.
  ///
  /// - Parameter threads: how many pieces run at once.
  /// - Returns: the partitions written, with their rows, in the order of `pieces`.
  public static func runAll(
    _ pieces: [FeatureJob], threads: Int, producer: String, monitor: JobMonitor
  ) throws -> [(partition: Lake.Partition, rows: Int, notes: [String])] {
    let sources = try pieces.map { try Source($0) }
    monitor.begin(
      "computing features", total: sources.reduce(0) { $0 + $1.events }, unit: "rows")
    return try inParallel(count: pieces.count, workers: threads) { index in
      let piece = pieces[index]
      let date = piece.market.dates.lowerBound
      let transaction = piece.lake.begin(producer: producer, sources: ["lake"])
      let summary = try piece.stream(sources[index], monitor) { chunk, settings in
        try transaction.append(
          chunk, to: "features", venue: piece.market.venue, symbol: piece.market.symbol, date: date,
          metadata: [settingsKey: settings.json.text(indented: false)])
      }
      try monitor.checkCancelled()
      try transaction.commit()
      let partition = try piece.lake.partition(
        table: "features", venue: piece.market.venue, symbol: piece.market.symbol, date: date)
      return (partition, summary.rows, summary.notes)
    }
  }
}

extension Workflow.Features {
  /// - Throws: `UsageError` for settings that make no sense on any market.
  func check() throws {
    var settings = FeatureSettings(
      every: every, windows: windows, vpinBuckets: vpinBuckets, vpinBar: vpinBar)
    settings.vpinBucket = vpinBucket.map { $0.isQuote ? .quote($0.amount) : .base($0.amount) }
    try settings.validate()
  }
}

extension FeatureSettings {
  /// All settings, for footers and reports.
  public var json: JSONValue {
    let bucket: JSONValue =
      switch vpinBucket {
      case .base(let amount): ["base": .double(amount)]
      case .quote(let amount): ["quote": .double(amount)]
      case .fraction(let lots, let parts): ["lots": .int(lots), "parts": .int(Int64(parts))]
      case nil: nil
      }
    return [
      "every": .string("\(every)"), "windows": .array(windows.map { .string("\($0)") }),
      "levels": .array(levels.map { .int(Int64($0)) }), "flow_levels": .int(Int64(flowLevels)),
      "vpin_bucket": bucket, "vpin_buckets": .int(Int64(vpinBuckets)),
      "vpin_bar": .string("\(vpinBar)"), "grid_origin": .string("\(gridOrigin)"),
    ]
  }
}
