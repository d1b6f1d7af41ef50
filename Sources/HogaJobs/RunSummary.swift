public import HogaCore
internal import HogaSim

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
      + "\(RunReport.plain(market.string("from"))) – \(RunReport.plain(market.string("to"))) UTC: "
      + "\(NumberText.count(market.int("events"))) rows of events, "
      + "\(NumberText.count(market.int("rows"))) rows of \(market.int("features")) features"
  }

  /// Out-of-sample scores by horizon and model, above the baseline that does best.
  var forecasts: String {
    let trials = metrics["evaluation"]?["trials"].list ?? []
    guard let first = trials.first else { return "" }
    let shown = TrialScores(first).headline
    var table = TextTable(
      [("forecast", .left), ("model", .left), ("rows", .right)]
        + shown.map { ($0.heading, .right) } + [("verdict", .left)])
    var previous = ""
    for trial in trials {
      let scores = TrialScores(trial)
      let horizon = trial.string("horizon")
      if horizon != previous {
        if !previous.isEmpty { table.appendRule() }
        // The one to beat, and persistence, which often knows the direction best.
        let best = scores.bestBaseline.name
        for (index, name) in ([best] + ["persistence"].filter { $0 != best }).enumerated() {
          table.append(
            [index == 0 ? "\(horizon) ahead" : "", name, NumberText.count(scores.rows)]
              + shown.map { scores.baselineText(name, $0) }
              + [index == 0 ? "the baseline to beat" : "baseline"])
        }
      }
      previous = horizon
      table.append(
        ["", trial.string("model"), NumberText.count(scores.rows)]
          + shown.map { scores.text($0) } + [scores.verdict])
    }
    return "Out-of-sample forecasts of the mid, purged walk-forward, ± one standard error; "
      + "verdicts by \(TrialScores(first).isClasses ? "log loss" : "squared error")\n" + table.text
  }

  private var regression: String {
    guard let regression = metrics["ofi_regression"], regression.int("intervals") > 0,
      !regression["blocks"].list.isEmpty
    else { return "" }
    return
      "Order-flow imbalance explains \(NumberText.percent(regression.double("mean_r2"))) of the mid's "
      + "changes in the same \(regression.string("interval")): mean R² of "
      + "\(regression["blocks"].list.count) blocks, \(regression.int("intervals")) intervals "
      + "(\(NumberText.percent(regression.double("pooled_r2"))) in one regression); explains, does not foretell"
  }

  var strategies: String { strategies(over: "the same out-of-sample time") }

  /// What each strategy earned and what that cost.
  func strategies(over time: String) -> String {
    let backtests = metrics["backtests"].list
    guard !backtests.isEmpty else { return "" }
    let unit = backtests[0]["result"].string("currency") == "base" ? "base" : "quote"
    let parts = BacktestReport.parts(backtests.map { $0["result"] })
    let keys = ["gross"] + parts.map(\.key) + ["net"]
    var table = TextTable(
      [("strategy", .left), ("trips", .right)] + keys.map { ($0, .right) }
        + [("net/cap.", .right), ("max dd", .right), ("Sharpe/1s", .right)])
    for backtest in backtests {
      let result = backtest["result"]
      let waterfall = result?["waterfall"]
      let statistics = result?["statistics"]
      let sharpe = statistics.double("sharpe_per_period")
      table.append(
        [backtest.string("name"), NumberText.count((result?["trades"]).int("round_trips"))]
          + keys.map { NumberText.fixed(waterfall.double($0), 2) }
          + [
            NumberText.percent(statistics.double("total_return"), 3),
            NumberText.percent(statistics.double("max_drawdown"), 3),
            sharpe.isNaN
              ? "–"
              : NumberText.fixed(sharpe, 3) + " ± "
                + NumberText.fixed(statistics.double("sharpe_per_period_se"), 3),
          ])
    }
    return
      ([
        "Strategies on \(time), in \(unit) currency; gross"
          + parts.map { ($0.sign < 0 ? " − " : " + ") + $0.key }.joined() + " = net", table.text,
      ]
      + backtests.flatMap(Self.remarks)).joined(separator: "\n")
  }

  /// What the table of strategies does not show.
  private static func remarks(on backtest: JSONValue) -> [String] {
    let name = backtest.string("name")
    let result = backtest["result"]
    var remarks: [String] = []
    if case .object(let rejections) = result?["rejections"], !rejections.isEmpty {
      let reasons = rejections.map {
        "\(NumberText.count(Optional(.object([$0])).int($0.key))) \($0.key)"
      }
      remarks.append(
        "\(name): orders rejected of \(NumberText.count(result.int("orders"))): "
          + reasons.joined(separator: ", "))
    }
    let unmet = backtest["cancellations"].int(CancelReason.beyondShownDepth.rawValue)
    if unmet > 0 {
      remarks.append(
        "\(name): orders cancelled of \(NumberText.count(result.int("orders"))): "
          + "\(NumberText.count(unmet)) \(CancelReason.beyondShownDepth.rawValue)")
    }
    let ruined = (result?["statistics"]).string("ruined")
    if !ruined.isEmpty {
      remarks.append("\(name): the capital was lost at \(RunReport.plain(ruined))")
    } else if result?["liquidated"] == .bool(true) {
      remarks.append("\(name): liquidated, its margin was used up")
    } else if result?["stopped"] == .bool(true) {
      remarks.append("\(name): stopped at its loss limit")
    }
    if result?["settings"]?["fees_ppm"]?["taker"] == .int(0) {
      remarks.append("\(name): no fees were charged")
    }
    return remarks
  }
}
