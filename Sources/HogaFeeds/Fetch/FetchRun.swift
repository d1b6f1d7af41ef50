internal import HogaCore

/// One download from its beginning to its end: symbols, plan, archive, REST API, report.
struct FetchRun: Sendable {
  /// What became of one piece of work.
  struct Outcome: Sendable {
    var files: [FetchReport.File] = []
    var lacking: [CivilDate] = []
    var failures: [FetchReport.Failure] = []
  }

  let settings: BinanceFetch
  let mirror: Mirror
  let web: Web
  let monitor: JobMonitor
  let download: ArchiveDownload
  let rest: BinanceREST?

  init(_ settings: BinanceFetch, mirror: Mirror, monitor: JobMonitor) {
    self.settings = settings
    self.mirror = mirror
    self.monitor = monitor
    web = Web(
      http: settings.http,
      budget: RateBudget(
        limits: settings.limits, longestPause: settings.longestPause,
        silenceLimit: 2 * settings.policy.attempts,
        knownSilenceLimit: 2 * settings.policy.attempts * settings.workers),
      policy: settings.policy, clock: settings.clock, monitor: monitor)
    download = ArchiveDownload(archiveURL: settings.archiveURL, mirror: mirror, web: web)
    rest = settings.restURL.map { [web] in
      BinanceREST(url: $0, market: settings.market, web: web)
    }
  }

  func run() throws -> FetchReport {
    var report = FetchReport(market: settings.market, dates: settings.dates, symbols: [])
    let archive = settings.listingURL.map { BinanceArchive(listingURL: $0, web: web) }
    let listingProblem = SeriesPlanner.ListingProblem()
    let symbols = try findSymbols(archive, listingProblem, &report.notes)
    let planner = SeriesPlanner(
      dates: settings.dates, today: settings.today, mirror: mirror, archive: archive,
      listingProblem: listingProblem)
    var plans = try plan(symbols, planner)
    if let reason = listingProblem.reason {
      report.notes.append("without the archive's table of contents: \(reason)")
    }
    dropStrangers(&plans, archive != nil && listingProblem.reason == nil, &report.notes)
    report.symbols = Set(plans.map(\.series.symbol)).sorted()
    report.files = plans.flatMap(\.held)

    let fetched = try fetch(plans)
    for (index, outcome) in fetched {
      report.files += outcome.files
      report.failures += outcome.failures
      plans[index].lacking += outcome.lacking
    }
    try fillIn(plans, &report)
    report.finish(web.counts)
    if report.files.isEmpty, report.failures.isEmpty {
      throw MissingInputError(
        "the archive has nothing of \(symbols.prefix(3).joined(separator: ", "))"
          + "\(symbols.count > 3 ? " and \(symbols.count - 3) more" : "") from "
          + "\(settings.dates.lowerBound) to \(settings.dates.upperBound)"
          + (report.lacking.first.map { " (\($0.reason))" } ?? ""))
    }
    return report
  }

  private func findSymbols(
    _ archive: BinanceArchive?, _ listingProblem: SeriesPlanner.ListingProblem,
    _ notes: inout [String]
  ) throws -> [String] {
    if case .named(let names) = settings.symbols { return names }
    monitor.begin("finding the symbols", unit: "requests")
    do {
      guard let archive else { throw FetchProblem("no listing is to be asked") }
      let symbols = try archive.symbols(settings.market)
      guard !symbols.isEmpty else { throw FetchProblem("it names no symbols") }
      return symbols
    } catch let problem as FetchProblem {
      listingProblem.set(problem.description)
      do {
        guard let rest else { throw problem }
        let symbols = try rest.symbols()
        notes.append(
          "survivors only: 'all' are the \(symbols.count) symbols that trade today, since the "
            + "archive's table of contents, which knows the others, was not to be had")
        return symbols
      } catch let second as FetchProblem {
        throw ResourceError("the symbols cannot be found: \(problem); \(second)")
      }
    }
  }

  private func plan(_ symbols: [String], _ planner: SeriesPlanner) throws -> [SeriesPlan] {
    let series = symbols.flatMap { symbol in
      settings.kinds.map {
        ArchiveSeries(
          market: settings.market, symbol: symbol, kind: $0, interval: settings.interval)
      }
    }
    let progress = FetchProgress(
      "looking what is there", symbols: series.map(\.symbol), total: Int64(series.count),
      unit: "series", monitor: monitor)
    return try onThreads(count: series.count, workers: settings.workers) { index in
      let plan = try planner.plan(series[index])
      progress.finish(series[index].symbol)
      try monitor.advance(by: 1)
      return plan
    }
  }

  /// Of all symbols, those that have nothing in these days were not traded then, and are no lack.
  private func dropStrangers(
    _ plans: inout [SeriesPlan], _ isListed: Bool, _ notes: inout [String]
  ) {
    // The archive is a day or a few behind: of the last days it may simply not know yet.
    guard settings.symbols == .all, isListed,
      settings.dates.upperBound < settings.today.adding(days: -7)
    else { return }
    let present = Set(
      plans.filter { !$0.held.isEmpty || !$0.wanted.isEmpty }.map(\.series.symbol))
    let before = Set(plans.map(\.series.symbol)).count
    plans.removeAll { !present.contains($0.series.symbol) }
    if present.count < before {
      notes.append("\(before - present.count) symbols have no files in these days")
    }
  }

  /// Fetches what the plans want. Results carry the plan's place.
  private func fetch(_ plans: [SeriesPlan]) throws -> [(Int, Outcome)] {
    let pieces = plans.indices.flatMap { index in plans[index].wanted.map { (index, $0) } }
    guard !pieces.isEmpty else { return [] }
    let sizes = pieces.compactMap(\.1.bytes)
    let inBytes = sizes.count == pieces.count
    let progress = FetchProgress(
      "fetching", symbols: pieces.map { plans[$0.0].series.symbol },
      total: inBytes ? sizes.reduce(0, +) : Int64(pieces.count), unit: inBytes ? "bytes" : "files",
      monitor: monitor)
    return try onThreads(count: pieces.count, workers: settings.workers) { piece in
      let (index, wanted) = pieces[piece]
      let series = plans[index].series
      let outcome = try fetch(series, wanted.period, inBytes: inBytes)
      progress.finish(series.symbol)
      if !inBytes { try monitor.advance(by: 1) }
      return (index, outcome)
    }
  }

  private func fetch(
    _ series: ArchiveSeries, _ period: ArchivePeriod, inBytes: Bool
  ) throws -> Outcome {
    var outcome = Outcome()
    let file = series.file(period)
    do {
      let result = try download.fetch(file) { [monitor] count in
        if inBytes { try monitor.advance(by: count) }
      }
      switch result {
      case .fetched(let bytes), .kept(let bytes):
        let isNew = if case .fetched = result { true } else { false }
        outcome.files.append(
          FetchReport.File(
            symbol: series.symbol, kind: series.kind, first: period.first, last: period.last,
            source: .archive, path: mirror.path(file), bytes: bytes, isNew: isNew))
      case .absent:
        let days = period.days.filter { settings.dates.contains($0) }
        guard period.isMonth, series.kind.hasDaily else {
          outcome.lacking = days
          break
        }
        // The month's file comes some days after its end; the days' files are there before.
        for day in days {
          let one = try fetch(series, .day(day), inBytes: inBytes)
          outcome.files += one.files
          outcome.lacking += one.lacking
          outcome.failures += one.failures
        }
      }
    } catch let problem as FetchProblem {
      outcome.failures.append(
        FetchReport.Failure(
          symbol: series.symbol, kind: series.kind, first: period.first, last: period.last,
          reason: "\(series.stem(period)).zip: \(problem)"))
    }
    return outcome
  }
}
