internal import Foundation
internal import HogaConfig
public import HogaCore
internal import HogaLake
public import HogaLedger
public import HogaSim
public import HogaStatistics

extension Trial {
  /// A backtest's result as a trial.
  ///
  /// - Parameters:
  ///   - data: on what it was played.
  ///   - configuration: everything that decides the result but data, strategy and seed.
  ///   - recorded: the time now.
  public init(
    _ result: BacktestResult, data: TrialData, configuration: JSONValue, seed: UInt64,
    recorded: Timestamp
  ) throws(DataError) {
    let statistics = result.statistics
    let estimate = statistics.sharpeEstimate
    self.init(
      recorded: recorded, data: data, strategy: result.strategy, configuration: configuration,
      seed: seed, fingerprint: result.fingerprint, returnCount: statistics.returnCount,
      period: result.settings.sampleInterval, sharpe: estimate?.ratio,
      skewness: estimate?.skewness, kurtosis: estimate?.kurtosis, netUnits: result.net.units,
      currency: result.contract.instrument.settlement == .inverse ? "base" : "quote",
      producer: "hoga \(HogaVersion.text)",
      returns: TrialReturns(
        times: try result.equity.int64s("time"), equity: try result.equity.doubles("equity")))
  }
}

extension TrialLedger {
  /// Where the trials of a run are counted: beside its lake. A lake in the run's folder has its ledger
  /// beside that folder, since a run elsewhere would bring the same data into another lake.
  ///
  /// - Parameter run: the folder of a run that keeps its lake to itself.
  static func path(of lake: Lake, run: RunFolder?) -> String {
    guard let run else { return path(inLake: lake.root) }
    return path(inLake: URL(fileURLWithPath: run.root).deletingLastPathComponent().path)
  }

  /// Records trials, and says of each how many there are on its data by now, itself included, and how
  /// far their Sharpe ratios vary.
  ///
  /// - Throws: `ResourceError` where the ledger cannot be written, `DataError` where it is none.
  static func count(_ trials: [Trial], in path: String) throws -> [TrialSummary] {
    let ledger = try TrialLedger(path, creating: true)
    for trial in trials { try ledger.record(trial) }
    return try trials.map { try ledger.trials(on: $0.data).summary(per: $0.period) }
  }
}

extension BacktestJob {
  /// Records each result in the lake's ledger, which is made where there is none.
  ///
  /// - Parameters:
  ///   - results: one for each strategy of the options.
  ///   - table: where the book came from.
  ///   - signals: what strategies were given: other signals make another trial.
  ///   - time: now.
  /// - Returns: for each result, how many backtests were tried on its data by now, itself included,
  ///   and the variance of their Sharpe ratios for the result's period.
  public func record(
    _ results: [BacktestResult], table: String, signals: Frame?, at time: Timestamp
  ) throws -> [TrialSummary] {
    precondition(results.count == options.strategies.count, "a result for each strategy")
    let digest = signals.map(\.contentDigest)
    let trials = try zip(options.strategies, results).map { strategy, result in
      let times = try result.equity.int64s("time")
      let first = times.first.map { Timestamp(nanoseconds: $0).date } ?? market.dates.lowerBound
      // The last sample is the closing state, at the grid time after the last event.
      let last = times.last.map { Timestamp(nanoseconds: $0 - 1).date } ?? market.dates.upperBound
      return try Trial(
        result,
        data: TrialData(
          venue: market.venue, symbol: market.symbol,
          table: table, dates: first...max(first, last)),
        configuration: configuration(of: strategy, result, signals: digest), seed: seed,
        recorded: time)
    }
    return try TrialLedger.count(trials, in: ledger)
  }

  /// Everything that decides the result of a strategy. Its name is a label and decides nothing.
  private func configuration(
    of strategy: Workflow.Strategy, _ result: BacktestResult, signals: String?
  ) -> JSONValue {
    var settings = strategy.settings.json
    if case .object(let members) = settings {
      settings = .object(members.filter { $0.key != "name" })
    }
    return [
      "kind": .string(strategy.kind.rawValue), "settings": settings,
      "order_size": .double(options.orderSize),
      "maximum_position": .double(options.maximumPosition),
      "maximum_loss": .optional(options.maximumLoss), "capital": .double(options.capital),
      "simulation": result.json["settings"] ?? .null,
      "start": result.settings.start.map { .string("\($0)") } ?? .null,
      "signals": strategy.kind.readsSignals ? signals.map { .string($0) } ?? .null : .null,
    ]
  }
}

extension Frame {
  /// A digest of all names and values.
  var contentDigest: String {
    var digest = FNV1a()
    for name in names {
      for byte in name.utf8 { digest.add(byte: byte) }
      guard let column = try? column(name) else { continue }
      if let counts = column.asInt64s {
        for value in counts { digest.add(value) }
      } else if let values = column.asDoubles {
        for value in values { digest.add(Int64(bitPattern: value.bitPattern)) }
      } else if case .category(let texts) = column {
        for row in 0..<texts.codes.count {
          for byte in (texts[row] ?? "\0").utf8 { digest.add(byte: byte) }
          digest.add(byte: 0)
        }
      }
    }
    return digest.text
  }
}
