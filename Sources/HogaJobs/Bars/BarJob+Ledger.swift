internal import HogaBars
internal import HogaConfig
internal import HogaCore
internal import HogaLake
internal import HogaLedger
internal import HogaSim
internal import HogaStatistics

extension BarJob {
  /// Counts every strategy and baseline as a trial on its symbols and days; random portfolios stand
  /// for chance and are none.
  ///
  /// - Returns: how many were tried on the data of each, these included; `nil` where the ledger cannot
  ///   be written, so that nobody counts.
  func count(_ results: [BarResult]) throws -> [TrialSummary]? {
    let table = workflow.market.bars == "minutes" ? "minutes" : "candles_\(workflow.market.bars)"
    let now = Timestamp.systemTime
    let asked = try workflow.source["strategies"]?.items().map(\.json) ?? []
    let trials = try results.enumerated().map { index, result in
      let markets = result.instruments.map {
        TrialData.Market(venue: workflow.market.venue, symbol: $0.symbol)
      }
      let last = Timestamp(nanoseconds: max(result.start.nanoseconds, result.end.nanoseconds - 1))
      let estimate = result.statistics.sharpeEstimate
      return Trial(
        recorded: now,
        data: try TrialData(
          markets: markets, table: table, dates: result.start.date...last.date),
        strategy: result.strategy,
        configuration: configuration(
          of: index < asked.count ? asked[index] : .string(result.strategy)),
        seed: workflow.seed, fingerprint: result.fingerprint,
        returnCount: result.statistics.returnCount,
        period: workflow.settings.sampling, sharpe: estimate?.ratio,
        skewness: estimate?.skewness, kurtosis: estimate?.kurtosis, netUnits: result.net.units,
        producer: "hoga \(HogaVersion.text)",
        returns: TrialReturns(
          times: result.samples.map(\.time), equity: result.samples.map(\.equity.value)))
    }
    do {
      return try TrialLedger.count(trials, in: ledger)
    } catch is ResourceError {
      return nil
    }
  }

  /// Everything that decides the result of a strategy, as the file says it; its name decides nothing.
  private func configuration(of strategy: JSONValue) -> JSONValue {
    var strategy = strategy
    if case .object(let members) = strategy {
      strategy = .object(members.filter { $0.key != "name" })
    }
    return [
      "strategy": strategy, "account": workflow.source["account"]?.json ?? .null,
      "costs": workflow.source["costs"]?.json ?? .null,
      "execution": workflow.source["execution"]?.json ?? .null,
    ]
  }
}
