internal import Foundation
public import HogaCore
public import HogaLake
public import HogaScenarios

/// Makes synthetic markets and writes them to a lake, all together or not at all, in memory that does
/// not grow with their length.
///
/// Every partition's footer holds the settings, the seed and what follows from them
/// (`hoga.scenario`). What was counted and measured goes to files beside the lake, one for each
/// market, once the lake has the rows.
public struct ScenarioJob: Sendable {
  public var moods: [ScenarioMood]
  public var end: ScenarioStream.End
  public var seed: UInt64
  /// When a flash crash begins, in seconds after the start; `nil` in the middle of the time, or after
  /// `ScenarioMood.standardCrash` where events end the market.
  public var crash: Double?
  /// The exchange's time of the first row; `nil` as the settings say.
  public var start: Timestamp?
  /// A file of settings in JSON that replace those of the moods; others stay.
  public var settingsFile: String?
  /// Also write the truth about every event of the flow, as the table `scenario_events`.
  public var keepsEvents: Bool
  /// Replace partitions that another seed, mood or time made.
  public var replace: Bool
  /// The command that runs, kept in the files it writes.
  public var producer: String
  /// Where the files of truth go; `nil` for the lake's name with `-truth`.
  public var truthFolder: String?

  /// The table of single events.
  public static let eventTable = "scenario_events"
  /// The key of the footer.
  public static let metadataKey = "hoga.scenario"

  public init(
    moods: [ScenarioMood], end: ScenarioStream.End, seed: UInt64, crash: Double? = nil,
    start: Timestamp? = nil, settingsFile: String? = nil, keepsEvents: Bool = false,
    replace: Bool = false, producer: String = "hoga scenario", truthFolder: String? = nil
  ) {
    self.moods = moods
    self.end = end
    self.seed = seed
    self.crash = crash
    self.start = start
    self.settingsFile = settingsFile
    self.keepsEvents = keepsEvents
    self.replace = replace
    self.producer = producer
    self.truthFolder = truthFolder
  }

  /// The markets that would be made.
  ///
  /// - Throws: `UsageError` where settings make no sense, `MissingInputError` and `DataError` where
  ///   their file cannot be used.
  public func markets() throws -> [SyntheticMarket] {
    guard !moods.isEmpty else { throw UsageError("no mood is asked for") }
    guard Set(moods).count == moods.count else { throw UsageError("a mood is asked for twice") }
    let overrides = try settingsFile.map { try ScenarioSettingsFile(path: $0) }
    let markets = try moods.map { mood in
      var settings = mood.settings(crash: try crashTime())
      if let overrides { settings = try overrides.applied(to: settings) }
      if let start { settings.start = start.nanoseconds }
      return try SyntheticMarket(settings, seed: seed)
    }
    guard Set(markets.map(\.settings.symbol)).count == markets.count else {
      throw UsageError("the markets need symbols of their own")
    }
    return markets
  }

  private func crashTime() throws -> Double {
    switch (crash, end) {
    case (let crash?, .seconds(let seconds)):
      guard (0..<seconds).contains(crash) else {
        throw UsageError("a crash after \(crash) s is outside of the market's \(seconds) s")
      }
      return crash
    case (let crash?, _): return crash
    case (nil, .seconds(let seconds)): return seconds / 2
    case (nil, .events): return ScenarioMood.standardCrash
    }
  }

  /// - Throws: Besides what `markets` throws, `DataError` where the lake holds another market of the
  ///   symbol and `replace` is false, `ResourceError`, `JobMonitor.Cancelled`.
  public func run(into lake: Lake, monitor: JobMonitor) throws -> ScenarioReport {
    let markets = try markets()
    let transaction = lake.begin(
      producer: producer, sources: markets.map { Self.name(of: $0, end) }, replace: replace)
    var report = ScenarioReport()
    do {
      for market in markets {
        report.markets.append(try write(market, to: transaction, monitor))
      }
      try transaction.commit()
    } catch {
      transaction.abandon()
      throw error
    }
    let folder = truthFolder ?? "\(lake.root)-truth"
    try StagedFolder.make(folder)
    for index in report.markets.indices {
      let market = report.markets[index]
      let path = "\(folder)/\(market.truth.settings.symbol)-\(market.firstDate).json"
      report.markets[index].truthFile = path
      try TextFile.write(try market.document.text(), to: path)
    }
    return report
  }

  /// Stands where an importer names its files: equal names make equal rows.
  private static func name(of market: SyntheticMarket, _ end: ScenarioStream.End) -> String {
    var digest = FNV1a()
    if let json = try? market.settings.json { digest = FNV1a(json.text(indented: false)) }
    let length =
      switch end {
      case .seconds(let seconds): "\(seconds) s"
      case .events(let count): "\(count) events"
      }
    return "\(market.settings.symbol) seed \(market.seed) of \(length), settings \(digest.text)"
  }

  private func write(
    _ market: SyntheticMarket, to transaction: LakeTransaction, _ monitor: JobMonitor
  ) throws -> ScenarioReport.Market {
    var stream = try market.stream(until: end, keepsEvents: keepsEvents)
    let instrument = market.settings.instrument
    let footer = [
      Self.metadataKey: try ScenarioReport.footer(stream.truth).text(indented: false)
    ]
    let (total, unit): (Int64, String) =
      switch end {
      case .seconds(let seconds): (Int64(seconds.rounded(.up)), "seconds")
      case .events(let count): (Int64(count), "events")
      }
    monitor.begin("making \(instrument.symbol)", total: total, unit: unit)
    var done: Int64 = 0
    var entry = ScenarioReport.Market(truth: stream.truth)
    while let chunk = stream.next() {
      for (table, frame) in chunk.tables {
        try transaction.append(frame, to: table, instrument: instrument, date: chunk.date)
        // No rows, but the pair for the footer.
        try transaction.append(
          Frame(schema: frame.schema), to: table.rawValue, venue: instrument.venue,
          symbol: instrument.symbol, date: chunk.date, metadata: footer)
        entry.add(frame.rowCount, to: table.rawValue, on: chunk.date)
      }
      if let events = chunk.events, events.rowCount > 0 {
        try transaction.append(
          events, to: Self.eventTable, venue: instrument.venue, symbol: instrument.symbol,
          date: chunk.date, metadata: footer)
        entry.add(events.rowCount, to: Self.eventTable, on: chunk.date)
      }
      let now: Int64 =
        switch end {
        case .seconds: Int64(stream.truth.facts.duration)
        case .events: Int64(stream.truth.eventCount)
        }
      try monitor.advance(by: now - done)
      done = now
    }
    entry.truth = stream.truth
    return entry
  }
}
