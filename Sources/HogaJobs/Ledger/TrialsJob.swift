public import HogaCore
public import HogaLake
internal import HogaLedger
internal import HogaStatistics

/// Lists what was tried on a lake's data, and judges the best of it by how much was tried.
public struct TrialsJob: Sendable {
  public var lake: Lake
  public var venue: String?
  public var symbol: String?
  public var dates: ClosedRange<CivilDate>?
  /// Threads; the result is the same for any number.
  public var workers: Int

  public init(
    lake: Lake, venue: String? = nil, symbol: String? = nil,
    dates: ClosedRange<CivilDate>? = nil, workers: Int = 1
  ) {
    self.lake = lake
    self.venue = venue
    self.symbol = symbol
    self.dates = dates
    self.workers = workers
  }

  /// - Throws: `MissingInputError` where no backtest was recorded in the lake.
  public func run(monitor: JobMonitor) throws -> ModelJob.Outcome {
    let ledger = try TrialLedger(TrialLedger.path(inLake: lake.root), creating: false)
    monitor.begin("reading trials", unit: "trials")
    let found = try ledger.trials(
      venue: venue, symbol: symbol, dates: dates, withReturns: true)
    let groups = try Self.groups(of: found.trials).map { trials in
      try TrialGroup(trials, ledger, workers: workers, monitor: monitor)
    }
    let json: JSONValue = [
      "ledger": .string(ledger.path), "trials": .int(Int64(found.count)),
      "groups": .array(groups.map(\.json)),
    ]
    let text = groups.map(\.text).joined(separator: "\n\n")
    return ModelJob.Outcome(
      json: json, text: groups.isEmpty ? "no trial on this selection was recorded" : text)
  }

  /// Trials that share data, directly or by way of others, in the order of the first of each.
  static func groups(of trials: [Trial]) -> [[Trial]] {
    // Each trial points at an earlier one of its group, or at itself.
    var leader = Array(trials.indices)
    func find(_ index: Int) -> Int {
      var index = index
      while leader[index] != index {
        leader[index] = leader[leader[index]]
        index = leader[index]
      }
      return index
    }
    var byMarket: [TrialData.Market: [Int]] = [:]
    for (index, trial) in trials.enumerated() {
      for market in trial.data.markets { byMarket[market, default: []].append(index) }
    }
    // Along a market's days, whoever begins before the latest end so far shares a day with its owner.
    for market in byMarket.keys.sorted() {
      let indices = (byMarket[market] ?? []).sorted {
        (trials[$0].data.dates.lowerBound, $0) < (trials[$1].data.dates.lowerBound, $1)
      }
      var longest: Int?
      for index in indices {
        let dates = trials[index].data.dates
        guard let other = longest, dates.lowerBound <= trials[other].data.dates.upperBound else {
          longest = index
          continue
        }
        let (one, two) = (find(index), find(other))
        leader[max(one, two)] = min(one, two)
        if dates.upperBound > trials[other].data.dates.upperBound { longest = index }
      }
    }
    var groups: [Int: [Trial]] = [:]
    for (index, trial) in trials.enumerated() { groups[find(index), default: []].append(trial) }
    return groups.keys.sorted().compactMap { groups[$0] }
  }
}

/// Trials that share data, and what is to be said of them.
struct TrialGroup {
  /// More are not printed; JSON has all.
  static let shown = 20

  let trials: TrialSet
  let best: Trial?
  /// All trials on the data of the best, which may be more than were asked for.
  private let rivals: TrialSummary?
  private let deflated: DeflatedSharpe?
  private let overfitting: BacktestOverfitting?
  private let effectiveCount: Double?

  init(
    _ trials: [Trial], _ ledger: TrialLedger, workers: Int, monitor: JobMonitor
  ) throws {
    self.trials = TrialSet(trials)
    best = self.trials.best
    rivals = try best.map { try ledger.trials(on: $0.data).summary(per: $0.period) }
    if let estimate = best?.sharpeEstimate, let rivals {
      deflated = estimate.deflated(by: rivals)
    } else {
      deflated = nil
    }
    overfitting = try self.trials.overfitting(workers: workers, monitor: monitor)
    effectiveCount = self.trials.effectiveCount
  }

  private var markets: [TrialData.Market] { Set(trials.trials.flatMap(\.data.markets)).sorted() }
  private var days: (first: CivilDate, last: CivilDate) {
    let dates = trials.trials.map(\.data.dates)
    let zero = CivilDate(daysSince1970: 0)
    return (dates.map(\.lowerBound).min() ?? zero, dates.map(\.upperBound).max() ?? zero)
  }

  var json: JSONValue {
    [
      "markets": .array(
        markets.map { ["venue": .string($0.venue), "symbol": .string($0.symbol)] }),
      "from": .string("\(days.first)"), "to": .string("\(days.last)"),
      "count": .int(Int64(trials.count)), "effective_count": .optional(effectiveCount),
      "best": bestJSON, "overfitting": overfitting?.json ?? .null,
      "trials": .array(trials.trials.map(\.json)),
    ]
  }

  private var bestJSON: JSONValue {
    guard let best, let estimate = best.sharpeEstimate,
      case .object(let members) = estimate.json
    else { return .null }
    return .object(
      [
        ("strategy", .string(best.strategy)),
        ("configuration_digest", .string(best.configurationDigest)),
        ("seed", .string("\(best.seed)")), ("period", .string("\(best.period)")),
      ] + members.map { ($0.key, $0.value) } + [
        ("trials", rivals.map { .int(Int64($0.count)) } ?? .null),
        ("sharpe_variance", .optional(rivals?.sharpeVariance)),
        ("probability_above_zero", .optional(estimate.probability())),
        ("min_track_record_returns", .optional(estimate.minimumTrackRecord())),
        ("deflated", deflated?.json ?? .null),
      ])
  }

  var text: String {
    let names = markets.map(\.description).joined(separator: ", ")
    let span = days.first == days.last ? "\(days.first)" : "\(days.first) – \(days.last)"
    let count = trials.count == 1 ? "1 trial" : "\(NumberText.count(trials.count)) trials"
    return (["\(names), \(span): \(count)", table] + verdicts).joined(separator: "\n")
  }

  private var table: String {
    var table = TextTable([
      ("strategy", .left), ("seed", .right), ("from", .left), ("to", .left),
      ("returns", .right), ("Sharpe", .right), ("", .left), ("net", .right), ("settings", .left),
    ])
    let second = TimeSpan.seconds(1)
    let ranked = trials.trials.enumerated().sorted { left, right in
      let ratios = [left, right].map { $0.element.sharpe(per: second) ?? -.infinity }
      return (-ratios[0], left.offset) < (-ratios[1], right.offset)
    }
    let listed = ranked.prefix(Self.shown).map(\.element)
    for (trial, settings) in zip(listed, TrialSettings.differences(listed)) {
      table.append([
        TrialSettings.name(trial), "\(trial.seed)", "\(trial.data.dates.lowerBound)",
        "\(trial.data.dates.upperBound)",
        NumberText.count(trial.returnCount), Self.ratio(trial.sharpeEstimate),
        TrialText.per(trial.period), NumberText.fixed(Double(trial.netText) ?? .nan, 2), settings,
      ])
    }
    let more = ranked.count - Self.shown
    return table.text + (more > 0 ? "\n… and \(NumberText.count(more)) more; --json has all" : "")
  }

  private static func ratio(_ estimate: SharpeEstimate?) -> String {
    guard let estimate else { return "–" }
    let error = estimate.standardError.map { NumberText.fixed($0, 4) } ?? "–"
    return "\(NumberText.fixed(estimate.ratio, 4)) ± \(error)"
  }

  private var verdicts: [String] {
    guard let best, let estimate = best.sharpeEstimate, let rivals else {
      return ["No trial has a Sharpe ratio."]
    }
    let name = TrialSettings.name(best)
    var lines = [
      (rivals.count == 1
        ? "The only one tried on its data: " : "Best of \(rivals.count) tried on its data: ")
        + "\(name), with a Sharpe ratio of \(Self.ratio(estimate)) \(TrialText.per(best.period)) "
        + "over \(NumberText.count(estimate.returnCount)) returns."
    ]
    if let deflated {
      lines.append(
        "Deflated Sharpe ratio of the best, \(name): "
          + TrialText.verdict(
            deflated.probability, count: rivals.count, benchmark: deflated.benchmark,
            period: best.period) + ".")
    }
    if rivals.count > 1, let probability = estimate.probability() {
      lines.append(
        "Were it the only one tried, its ratio would be above zero with "
          + "\(NumberText.percent(probability)).")
    }
    if let effectiveCount, trials.count > 1 {
      lines.append(
        "By their correlation the trials amount to \(NumberText.fixed(effectiveCount, 1)) "
          + "independent ones.")
    }
    if let overfitting {
      lines.append(
        "Probability of overfitting: \(NumberText.percent(overfitting.probability)) "
          + "(\(NumberText.count(overfitting.trialCount)) trials, "
          + "\(NumberText.count(overfitting.splits.count)) splits of "
          + "\(NumberText.count(overfitting.periodCount)) common returns). The best of a half "
          + "lost in the other half in \(NumberText.percent(overfitting.lossProbability)) of them.")
    } else if trials.count > 1 {
      lines.append(
        "Probability of overfitting: not known, the trials' returns share too little time.")
    }
    return lines
  }
}
