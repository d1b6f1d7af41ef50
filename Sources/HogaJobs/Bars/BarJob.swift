internal import HogaBars
internal import HogaCore
internal import HogaSim
internal import HogaStatistics

/// Plays a workflow's strategies, the baselines and chance on one reading of the bars.
struct BarJob {
  let workflow: BarWorkflow
  let lake: String
  /// The ledger that counts the trials.
  let ledger: String

  struct Outcome {
    /// Strategies as asked for, then the baselines.
    var results: [BarResult]
    var described: [JSONValue]
    var chance: JSONValue
    var notes: [String]
  }

  func run(monitor: JobMonitor, say: (String) -> Void) throws -> Outcome {
    let source = try workflow.market.source(lake: lake)
    let symbols = source.instruments.map(\.symbol)
    let interval = source.interval
    var notes: [String] = []
    let asked = workflow.strategies
    var strategies = try asked.map {
      try $0.make(
        symbols: symbols, interval: interval, every: workflow.settings.rebalance,
        seed: workflow.seed
      ) { notes.append($0) }
    }
    // Baselines that nobody asked for stand beside the rest all the same.
    var roles = asked.map(\.kind.isBaseline)
    let ranks: [BarStrategySettings.Kind] = [.momentum, .reversal, .scores]
    let isRanking = asked.map { ranks.contains($0.kind) }
    let extra: [any BarStrategy] = [BuyAndHold(), EqualWeight()]
    for baseline in extra where !asked.contains(where: { $0.name == baseline.name }) {
      strategies.append(baseline)
      roles.append(true)
    }
    // Chance has the shape of the first strategy that ranks.
    let ranking = asked.first { ranks.contains($0.kind) }
    let shape = try ranking?.portfolio ?? asked.first?.portfolio ?? .init()
    let shown = strategies.count
    for run in 0..<workflow.randomRuns {
      strategies.append(
        RandomScores(shape, seed: workflow.seed &* 1_000_003 &+ UInt64(run)))
    }
    let dates = workflow.market.dates
    let days = dates.upperBound.daysSince1970 - dates.lowerBound.daysSince1970 + 1
    let rows = Int64(days) * TimeSpan.day.nanoseconds / interval.nanoseconds
    monitor.begin("playing \(symbols.count) symbols", total: rows, unit: "bars")
    let all = try BarBacktest(workflow.settings).run(
      strategies, on: source, detailed: shown, monitor: monitor)
    let results = Array(all.prefix(shown))
    // By what they gain before costs: after them, whoever trades less wins.
    let drawn = all.dropFirst(shown).map(\.last.gross.value).sorted()
    for result in results {
      say(
        "\(result.strategy): \(NumberText.count(result.fillCount)) fills, net "
          + "\(NumberText.fixed(result.net.value, 2))")
    }
    let trials = try count(results)
    let described = results.indices.map { index in
      let (result, isBaseline) = (results[index], roles[index])
      // Whoever holds something of another shape has another chance.
      let isComparable = index < asked.count && isRanking[index] && !drawn.isEmpty
      return JSONValue.object([
        ("name", .string(result.strategy)), ("baseline", .bool(isBaseline)),
        (
          "chance_at_least",
          !isComparable
            ? .null
            : .double(
              Double(drawn.count { $0 >= result.last.gross.value }) / Double(drawn.count))
        ),
        ("trials", trials.map { .int(Int64($0[index].count)) } ?? .null),
        (
          "deflated_sharpe",
          .optional(
            trials.flatMap { trials in
              result.statistics.sharpeEstimate?.deflated(by: trials[index])?.probability
            })
        ),
        ("result", result.json),
      ])
    }
    return Outcome(
      results: results, described: described, chance: chance(drawn, all.dropFirst(shown)),
      notes: notes)
  }

  private func chance(_ gross: [Double], _ results: ArraySlice<BarResult>) -> JSONValue {
    guard !gross.isEmpty else { return .null }
    let nets = results.map(\.net.value).sorted()
    func quantile(_ values: [Double], _ share: Double) -> Double {
      values[min(Int(share * Double(values.count)), values.count - 1)]
    }
    func mean(_ value: (BarResult) -> Double) -> JSONValue {
      .double(results.reduce(0) { $0 + value($1) } / Double(results.count))
    }
    return [
      "runs": .int(Int64(nets.count)), "net_mean": mean(\.net.value),
      "net_low": .double(quantile(nets, 0.05)), "net_median": .double(quantile(nets, 0.5)),
      "net_high": .double(quantile(nets, 0.95)), "gross_low": .double(quantile(gross, 0.05)),
      "gross_median": .double(quantile(gross, 0.5)), "gross_high": .double(quantile(gross, 0.95)),
      "gross_mean": mean(\.last.gross.value),
      "cost_mean": mean { $0.last.slippage.value + $0.last.fees.value },
      "gross": .array(gross.map { .double($0) }),
    ]
  }
}
