internal import HogaCore

/// Days that the archive lacks, asked of the exchange itself.
extension FetchRun {
  private struct Piece: Sendable {
    var series: ArchiveSeries
    var days: [CivilDate]
  }

  func fillIn(_ plans: [SeriesPlan], _ report: inout FetchReport) throws {
    var pieces: [Piece] = []
    for plan in plans {
      let (asked, reason) = askable(plan.series, plan.lacking.sorted())
      report.addLacks(plan.series, plan.lacking.filter { !asked.contains($0) }, reason)
      for stretch in CivilDate.stretches(asked) {
        pieces.append(
          Piece(
            series: plan.series,
            days: (stretch.lowerBound.daysSince1970...stretch.upperBound.daysSince1970).map {
              CivilDate(daysSince1970: $0)
            }))
      }
    }
    guard let rest, !pieces.isEmpty else { return }
    let progress = FetchProgress(
      "asking the REST API", symbols: pieces.map(\.series.symbol),
      total: Int64(pieces.reduce(0) { $0 + $1.days.count }), unit: "days", monitor: monitor)
    let asked = pieces
    let outcomes = try onThreads(count: asked.count, workers: settings.workers) { index in
      let outcome = try fillIn(asked[index], rest)
      progress.finish(asked[index].series.symbol)
      return outcome
    }
    for (piece, outcome) in zip(pieces, outcomes) {
      report.files += outcome.files
      report.failures += outcome.failures
      report.addLacks(
        piece.series, outcome.lacking, "not in the archive, and the REST API has nothing of it")
    }
  }

  /// The days that the REST API can tell, and why it cannot tell the others.
  private func askable(
    _ series: ArchiveSeries, _ days: [CivilDate]
  ) -> (days: [CivilDate], reason: String) {
    guard rest != nil else { return ([], "not in the archive") }
    guard series.kind == .metrics else { return (days, "not in the archive") }
    guard series.market == .usdm else {
      return ([], "not in the archive, and metrics of \(series.market.rawValue) are not asked for")
    }
    // A day less, since the oldest goes while it is asked for.
    let oldest = settings.today.adding(days: 1 - BinanceREST.statisticsDays)
    return (
      days.filter { $0 >= oldest },
      "not in the archive, and the REST API keeps \(BinanceREST.statisticsDays) days"
    )
  }

  /// Asks for a stretch of days from both ends inward.
  ///
  /// Where a symbol was not traded yet or no more, one empty answer on each side tells so for the
  /// whole stretch: a symbol that was listed in spring costs two requests, not a hundred.
  private func fillIn(_ piece: Piece, _ rest: BinanceREST) throws -> Outcome {
    var outcome = Outcome()
    var left = piece.days[...]
    /// - Returns: whether to go on from this side.
    func ask(_ day: CivilDate) throws -> Bool {
      try monitor.advance(by: 1)
      do {
        guard let file = try fillIn(day, piece.series, rest) else {
          outcome.lacking.append(day)
          return false
        }
        outcome.files.append(file)
      } catch let problem as FetchProblem {
        outcome.failures.append(
          FetchReport.Failure(
            symbol: piece.series.symbol, kind: piece.series.kind, first: day, last: day,
            reason: "not in the archive, and \(problem)"))
      }
      return true
    }
    while let day = left.popLast(), try ask(day) {}
    while let day = left.popFirst(), try ask(day) {}
    outcome.lacking = (outcome.lacking + left).sorted()
    return outcome
  }

  private func fillIn(
    _ day: CivilDate, _ series: ArchiveSeries, _ rest: BinanceREST
  ) throws -> FetchReport.File? {
    let name = series.restFile(day)
    guard let text = try rest.day(day, of: series) else { return nil }
    let part = try mirror.begin(name)
    defer { part.abandon() }
    try part.restart()
    try part.append(text)
    try mirror.publish(part, as: name, digest: try part.digest())
    return FetchReport.File(
      symbol: series.symbol, kind: series.kind, first: day, last: day, source: .rest,
      path: mirror.path(name), bytes: part.size, isNew: true)
  }
}

extension FetchReport {
  mutating func addLacks(_ series: ArchiveSeries, _ days: [CivilDate], _ reason: String) {
    for stretch in CivilDate.stretches(days.sorted()) {
      lacking.append(
        Lack(
          symbol: series.symbol, kind: series.kind, first: stretch.lowerBound,
          last: stretch.upperBound, reason: reason))
    }
  }

  /// Puts everything in an order that does not depend on which worker was first.
  mutating func finish(_ counts: Web.Counts) {
    files.sort { ($0.symbol, $0.kind, $0.first, $0.path) < ($1.symbol, $1.kind, $1.first, $1.path) }
    lacking.sort {
      ($0.symbol, $0.kind, $0.first, $0.reason) < ($1.symbol, $1.kind, $1.first, $1.reason)
    }
    failures.sort {
      ($0.symbol, $0.kind, $0.first, $0.reason) < ($1.symbol, $1.kind, $1.first, $1.reason)
    }
    requests = counts.requests
    retries = counts.retries
    bytes = counts.bytes
  }
}
