internal import HogaCore

/// A premium's run as a terminal shows it: the premium, forecasts beside baselines, rules after costs.
struct KimchiSummary {
  private let metrics: JSONValue

  init(_ metrics: JSONValue) { self.metrics = metrics }

  var text: String {
    let heading =
      "The premium of \(metrics.string("korean")) over \(metrics.string("foreign")) "
      + "at \(metrics.string("fx"))"
    return
      ([heading]
      + metrics["studies"].list.flatMap { study in
        [premium(study), forecasts(study), rules(study)].filter { !$0.isEmpty }
      }).joined(separator: "\n\n")
  }

  private func premium(_ study: JSONValue) -> String {
    var table = TextTable([
      ("premium", .left), ("rows", .right), ("mean", .right), ("sd", .right), ("min", .right),
      ("median", .right), ("max", .right), ("below 0", .right),
    ])
    let periods = study["premium"].list
    for period in periods {
      if period.string("period") == "all" {
        // One year is all there is.
        if periods.count == 2 { continue }
        table.appendRule()
      }
      table.append(
        [period.string("period"), NumberText.count(period.int("count"))]
          + ["mean", "sd", "min", "median", "max"].map {
            NumberText.percent(period.double($0), 2)
          } + [NumberText.percent(period.double("negative_share"), 0)])
    }
    return
      "\(study.string("name")): every \(study.string("every")), "
      + "\(RunReport.plain(study.string("from"))) – \(RunReport.plain(study.string("to"))) UTC; "
      + "\(NumberText.count(study.int("known"))) of \(NumberText.count(study.int("rows"))) rows have "
      + "a young quote of every leg\n" + table.text
  }

  private func forecasts(_ study: JSONValue) -> String {
    let trials = (study["forecasts"]?["trials"]).list
    guard !trials.isEmpty else { return "" }
    var table = TextTable(
      [("forecast", .left), ("model", .left), ("rows", .right)]
        + KimchiTrialScores.headline.map { ($0.heading, .right) } + [("verdict", .left)])
    var previous = ""
    for trial in trials {
      let scores = KimchiTrialScores(trial, among: trials)
      if scores.horizon != previous {
        if !previous.isEmpty { table.appendRule() }
        for (index, name) in ["majority", "persistence"].enumerated() {
          table.append(
            [
              index == 0 ? "\(scores.horizon) ahead" : "", name, NumberText.count(scores.rows),
            ]
              + KimchiTrialScores.headline.map {
                let value = scores.value($0.name, of: name)
                return value.isNaN ? "–" : $0.write(value)
              } + ["baseline"])
        }
      }
      previous = scores.horizon
      table.append(
        ["", scores.model, NumberText.count(scores.rows)]
          + KimchiTrialScores.headline.map {
            let error = scores.error($0.name)
            return $0.write(scores.value($0.name))
              + (error.isNaN ? "" : " ± \($0.write(error))")
          } + [(scores.isBaseline ? "baseline, " : "") + scores.verdict])
    }
    return
      "Down, flat or up by \((study["forecasts"]).string("threshold")): out of sample, purged "
      + "walk-forward, ± one standard error; verdicts by log loss\n" + table.text
  }

  private func rules(_ study: JSONValue) -> String {
    let backtests = study["backtests"].list
    guard !backtests.isEmpty else { return "" }
    var table = TextTable([
      ("rule", .left), ("trips", .right), ("in", .right), ("converged", .right), ("fx", .right),
      ("spread", .right), ("fees", .right), ("transfers", .right), ("net", .right),
      ("net/cap.", .right), ("max dd", .right), ("by chance", .right), ("chance ≥", .right),
    ])
    for backtest in backtests {
      let result = backtest["result"]
      func won(_ value: Double) -> String { NumberText.fixed(value / 1e6, 2) }
      let chance = backtest["chance"]
      table.append([
        backtest.string("name"), NumberText.count(result.int("round_trips")),
        NumberText.percent(result.double("exposure"), 0), won(result.double("convergence")),
        won(result.double("fx")), won(-result.double("spread")),
        won(-result.double("korean_fees") - result.double("foreign_fees")),
        won(-result.double("fx_spread") - result.double("transfer_fees")),
        won(result.double("net")),
        NumberText.percent(result.double("net") / result.double("capital"), 2),
        NumberText.percent(result.double("drawdown") / result.double("capital"), 2),
        chance == nil || chance == .null
          ? "–"
          : "\(won(chance.double("mean"))) (\(won(chance.double("low"))) … "
            + "\(won(chance.double("high"))))",
        NumberText.percent(chance.double("at_least"), 1),
      ])
    }
    let capital = backtests[0]["result"].double("capital")
    return
      ([
        "Both legs from an inventory of \(NumberText.fixed(capital / 1e6, 0)) million won, in million "
          + "won; converged + fx − costs = net; by chance: as many random entries, mean (5 – 95 %)",
        table.text,
      ] + backtests.flatMap(Self.remarks)).joined(separator: "\n")
  }

  /// What the table of rules does not show.
  static func remarks(on backtest: JSONValue) -> [String] {
    let result = backtest["result"]
    let found = [
      ("blocked_entries", "entries without stock"), ("smaller_entries", "entries made smaller"),
      ("blocked_exits", "exits that stock could not pay for at once"),
      ("lapsed", "decisions without a candle in time"),
    ].filter { result.int($0.0) > 0 }.map { "\(result.int($0.0)) \($0.1)" }
    let isOpen = result?["open_at_end"] == .bool(true)
    let parts = found + (isOpen ? ["still open at the end"] : [])
    return parts.isEmpty ? [] : ["\(backtest.string("name")): \(parts.joined(separator: ", "))"]
  }
}
