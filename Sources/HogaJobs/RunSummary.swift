public import HogaCore

/// A run's results as a trader reads them: forecasts beside their errors, strategies after costs.
public struct RunSummary: Sendable {
  private let metrics: JSONValue

  /// - Parameter metrics: the content of a run's `metrics.json`.
  public init(_ metrics: JSONValue) { self.metrics = metrics }

  public var text: String {
    [heading, forecasts, regression, strategies].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var heading: String {
    let market = metrics["market"]
    return "\(market.string("symbol")) on \(market.string("venue")), "
      + "\(market.string("from")) – \(market.string("to")): "
      + "\(NumberText.count(market.int("events"))) rows of events, "
      + "\(NumberText.count(market.int("rows"))) rows of \(market.int("features")) features"
  }

  /// Out-of-sample scores by horizon and model.
  var forecasts: String {
    let trials = metrics["evaluation"]?["trials"].list ?? []
    guard !trials.isEmpty else { return "" }
    var table = TextTable([
      ("forecast", .left), ("model", .left), ("rows", .right), ("R² vs zero", .right),
      ("IC", .right), ("direction", .right), ("verdict", .left),
    ])
    var previous = ""
    for trial in trials {
      let scores = TrialScores(trial)
      let horizon = trial.string("horizon")
      if !previous.isEmpty, horizon != previous { table.appendRule() }
      previous = horizon
      table.append([
        "\(horizon) ahead", trial.string("model"), NumberText.count(scores.rows),
        scores.text("r2_zero") { NumberText.percent($0, 2) },
        scores.text("ic") { NumberText.fixed($0, 3) },
        scores.text("direction_accuracy") { NumberText.percent($0, 1) }, scores.verdict,
      ])
    }
    return "Out-of-sample forecasts of the mid, purged walk-forward, ± one standard error\n"
      + table.text
  }

  private var regression: String {
    guard let regression = metrics["ofi_regression"], regression.int("intervals") > 0,
      !regression["blocks"].list.isEmpty
    else { return "" }
    return
      "Order-flow imbalance explains \(NumberText.percent(regression.double("mean_r2"))) of the "
      + "same \(regression.string("interval")) mid changes (\(regression.int("intervals")) "
      + "intervals; explains, does not foretell)"
  }

  var strategies: String {
    let backtests = metrics["backtests"].list
    guard !backtests.isEmpty else { return "" }
    let unit = backtests[0]["result"].string("currency") == "base" ? "base" : "quote"
    var table = TextTable([
      ("strategy", .left), ("trips", .right), ("gross", .right), ("spread", .right),
      ("latency", .right), ("walk", .right), ("fees", .right), ("net", .right),
      ("net/cap.", .right), ("max dd", .right), ("Sharpe/1s", .right),
    ])
    for backtest in backtests {
      let result = backtest["result"]
      let waterfall = result?["waterfall"]
      func money(_ key: String) -> String { NumberText.fixed(waterfall.double(key), 2) }
      let statistics = result?["statistics"]
      let sharpe = statistics.double("sharpe_per_period")
      table.append([
        backtest.string("name"), NumberText.count((result?["trades"]).int("round_trips")),
        money("gross"), money("spread"), money("latency"), money("walk"), money("fees"),
        money("net"), NumberText.percent(statistics.double("total_return"), 3),
        NumberText.percent(statistics.double("max_drawdown"), 3),
        sharpe.isNaN
          ? "–"
          : NumberText.fixed(sharpe, 3) + " ± "
            + NumberText.fixed(statistics.double("sharpe_per_period_se"), 3),
      ])
    }
    return "Strategies on the same out-of-sample time, in \(unit) currency; "
      + "gross − spread − latency − walk − fees = net\n" + table.text
  }
}

/// One model on one horizon, as `metrics.json` tells it.
struct TrialScores {
  let scores: [JSONValue]
  let comparisons: [JSONValue]

  init(_ trial: JSONValue) {
    scores = (trial["evaluation"]?["scores"]).list
    comparisons = (trial["evaluation"]?["diebold_mariano"]).list
  }

  func score(_ name: String) -> JSONValue? { scores.first { $0.string("name") == name } }
  func value(_ name: String) -> Double { score(name).double("value") }
  func error(_ name: String) -> Double { score(name).double("standard_error") }
  func baseline(_ name: String, of score: String) -> Double {
    (self.score(score)?["baselines"]).double(name)
  }
  var rows: Int64 { score("rmse").int("count") }

  func text(_ name: String, _ write: (Double) -> String) -> String {
    let (value, error) = (value(name), error(name))
    return value.isNaN ? "–" : error.isNaN ? write(value) : "\(write(value)) ± \(write(error))"
  }

  /// The baseline with the least squared error: what the model has to beat.
  var bestBaseline: (name: String, r2: Double) {
    let names = ["zero", "mean", "persistence"]
    let all = names.map { ($0, baseline($0, of: "r2_zero")) }.filter { !$0.1.isNaN }
    return all.max { $0.1 < $1.1 } ?? ("zero", 0)
  }

  /// Whether the model beats the best baseline by more than chance, in words.
  var verdict: String {
    let best = bestBaseline
    let comparison = comparisons.first { $0.string("against") == best.name }
    let p = comparison.double("p_value")
    guard value("r2_zero") > best.r2 else { return "does not beat \(best.name)" }
    return p < 0.05
      ? "beats \(best.name) (p = \(NumberText.fixed(p, 3)))"
      : "no better than \(best.name) (p = \(NumberText.fixed(p, 3)))"
  }

  var isBetter: Bool { verdict.hasPrefix("beats") }
}

// MARK: Reading JSON whose shape we wrote ourselves

extension JSONValue {
  func double(_ key: String) -> Double { Optional(self).double(key) }
  func int(_ key: String) -> Int64 { Optional(self).int(key) }
  func string(_ key: String) -> String { Optional(self).string(key) }
}

extension JSONValue? {
  subscript(key: String) -> JSONValue? { self.flatMap { $0[key] } }

  /// NaN where there is no number.
  func double(_ key: String) -> Double {
    switch self[key] {
    case .double(let value): value
    case .int(let value): Double(value)
    default: .nan
    }
  }

  /// Zero where there is no whole number.
  func int(_ key: String) -> Int64 {
    guard case .int(let value) = self[key] else { return 0 }
    return value
  }

  /// Empty where there is no text.
  func string(_ key: String) -> String {
    guard case .string(let value) = self[key] else { return "" }
    return value
  }

  /// Empty where this is no list.
  var list: [JSONValue] {
    guard case .array(let values) = self else { return [] }
    return values
  }

  var texts: [String] {
    list.compactMap {
      guard case .string(let value) = $0 else { return nil }
      return value
    }
  }
}
