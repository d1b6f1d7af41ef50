internal import Foundation
public import HogaCore
public import HogaCrossSection
public import HogaLake
internal import HogaReport

/// Cleans a venue's minutes day by day: the lake's table `minutes`, and lists of what is banned.
public struct CleanJob: Sendable {
  public var lake: Lake
  public var venue: String
  public var dates: ClosedRange<CivilDate>
  public var settings: CleaningSettings
  /// How many days are cleaned at once; each takes the memory of one day's rows.
  public var workers: Int

  public init(
    lake: Lake, venue: String, dates: ClosedRange<CivilDate>,
    settings: CleaningSettings = CleaningSettings(), workers: Int = 1
  ) {
    self.lake = lake
    self.venue = venue
    self.dates = dates
    self.settings = settings
    self.workers = workers
  }

  /// The footer key of the rules that a partition was cleaned by.
  public static let metadataKey = "hoga.cleaning"

  /// Writes the minutes of each day, and into `folder` `banned_symbols.json`,
  /// `global_ban_dates.json`, `clean.json`, `coverage.parquet` and `clean.html`.
  ///
  /// Each day appears whole when it is done; the lists appear at the end. A run that was stopped is
  /// completed by running it again, which replaces what is there.
  ///
  /// - Throws: `MissingInputError` where the lake has no candles of these days, `DataError` for rows
  ///   that cannot be of a day's minutes, `UsageError`, `ResourceError`, `Cancelled`.
  public func run(to folder: String, producer: String, monitor: JobMonitor) throws -> CleanSummary {
    let summary = try clean(producer: producer, monitor: monitor)
    try StagedFolder.make(folder)
    try summary.bannedSymbols.write(to: "\(folder)/\(BannedSymbols.fileName)")
    try summary.banDates.write(to: "\(folder)/\(GlobalBanDates.fileName)")
    try TextFile.write(summary.json.text(), to: "\(folder)/clean.json")
    try TableFile.write(
      summary.coverageTable, to: "\(folder)/coverage.parquet",
      metadata: [LakeMetadata.producer: producer])
    try CleanPage(summary).page(producer: producer).write(to: "\(folder)/clean.html")
    return summary
  }

  /// The lake's part of `run`.
  func clean(producer: String, monitor: JobMonitor) throws -> CleanSummary {
    try settings.validate()
    let days = (0...dates.lowerBound.distance(to: dates.upperBound)).map {
      dates.lowerBound.adding(days: $0)
    }
    let table = CandleTable.candles(.minute).name
    let present = try lake.partitions(table: table, venue: venue, dates: dates)
    guard !present.isEmpty else {
      throw MissingInputError(
        "\(lake.root): no \(table) of \(venue) from \(dates.lowerBound) to \(dates.upperBound)")
    }
    monitor.begin("cleaning minutes", total: Int64(days.count), unit: "days")
    let results = try inParallel(count: days.count, workers: workers) { index in
      let result = try clean(days[index], producer: producer)
      try monitor.advance(by: 1)
      return result
    }
    return CleanSummary(venue: venue, settings: settings, days: results)
  }

  private func clean(_ date: CivilDate, producer: String) throws -> CleanSummary.Day {
    var day = CleanSummary.Day(date: date)
    let target = try lake.partition(
      table: CandleTable.minutes.name, venue: venue, symbol: nil, date: date)
    let isThere = FileManager.default.fileExists(atPath: target.path)
    let candleColumns = CleaningSettings.candleFields.map(\.candleColumn)
    guard let candles = try table(.candles(.minute), date, candleColumns) else {
      if isThere {
        day.notes = ["\(date): minutes of an earlier run stand where there are no candles now"]
      }
      return day
    }
    let metricColumns = ["open_interest", "top_positions_ratio", "accounts_ratio"]
    let raw = RawDay(
      date: date, candles: candles, premium: try table(.premium(.minute), date, ["close"]),
      metrics: try table(.metrics, date, metricColumns),
      metricsBefore: try table(.metrics, date.adding(days: -1), metricColumns))
    let cleaned = try MinuteCleaner(settings: settings).clean(raw)
    day.take(cleaned, raw)
    // Where nothing is left there is no partition, unless one of an earlier run would stay.
    guard cleaned.keptCount > 0 || isThere else { return day }
    let transaction = lake.begin(producer: producer, sources: ["lake"])
    try transaction.append(
      cleaned.minutes, to: CandleTable.minutes, venue: venue, date: date,
      metadata: [Self.metadataKey: settings.json.text(indented: false)])
    try transaction.commit()
    return day
  }

  /// A table of a day, or `nil` where the lake does not have it.
  private func table(
    _ table: CandleTable, _ date: CivilDate, _ columns: [String]
  ) throws -> RawDay.Table? {
    let partition = try lake.partition(table: table.name, venue: venue, symbol: nil, date: date)
    guard FileManager.default.fileExists(atPath: partition.path) else { return nil }
    let file = try ParquetFile(partition.path)
    return RawDay.Table(
      try file.read(columns: ["symbol", "time"] + columns), file: partition.path)
  }
}

extension CivilDate {
  func distance(to other: CivilDate) -> Int { other.daysSince1970 - daysSince1970 }
}
