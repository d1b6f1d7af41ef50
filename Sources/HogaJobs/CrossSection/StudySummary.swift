internal import HogaCore

/// A study's scores from its `scores.json`: models and baselines by label, verdicts, notes.
struct StudySummary {
  private let study: JSONValue

  init(_ study: JSONValue) { self.study = study }

  var trials: [JSONValue] { study["trials"].list }
  var baselines: [JSONValue] { study["baselines"].list }
  /// In the order of the study.
  var labels: [String] {
    trials.reduce(into: []) { seen, trial in
      let label = trial.string("label")
      if !seen.contains(label) { seen.append(label) }
    }
  }

  var text: String {
    var table = ForecastTable()
    for (place, label) in labels.enumerated() {
      if place > 0 { table.appendRule() }
      for trial in trials where trial.string("label") == label {
        table.append(label, trial.string("model"), trial["test"])
      }
      for baseline in baselines
      where baseline.string("label") == label && baseline.string("name") != "zero" {
        table.append(label, baseline.string("name"), baseline["test"], isRule: true)
      }
    }
    let verdicts = trials.map { trial in
      let tried = trial.int("search_trials")
      return "\(trial.string("label")) \(trial.string("model")): \(trial["verdict"].string("text"))"
        + (tried > 1 ? "; best of \(tried) settings on validation" : "")
    }
    let notes = study["notes"].list.count > 0 ? study["notes"].texts : []
    return
      (["Out of sample, by minute across symbols; t after Newey and West", table.text, ""]
      + verdicts + notes.map { "note: \($0)" }).joined(separator: "\n")
  }
}

/// Scores of forecasts, side by side.
struct ForecastTable {
  private var table = TextTable([
    ("label", .left), ("model", .left), ("rank IC", .right), ("t", .right), ("ICIR", .right),
    ("> 0", .right), ("IC", .right), ("R² vs 0", .right), ("spread bps", .right), ("t", .right),
    ("turnover", .right), ("net bps", .right), ("minutes", .right), ("symbols", .right),
  ])

  /// - Parameters:
  ///   - scores: of `ForecastScores`, as JSON.
  ///   - isRule: past returns rank, but do not say by how much: they have no R².
  mutating func append(
    _ label: String, _ name: String, _ scores: JSONValue?, isRule: Bool = false
  ) {
    let (rank, portfolio) = (scores?["rank_ic"], scores?["portfolio"])
    let spread = portfolio?["spread"]
    let turnover = ["top_turnover", "bottom_turnover"].map { (portfolio?[$0]).double("mean") }
    table.append([
      label, name, NumberText.fixed(rank.double("mean"), 4), NumberText.fixed(rank.double("t"), 1),
      NumberText.fixed(rank.double("ratio"), 3),
      NumberText.percent(rank.double("positive_share"), 0),
      NumberText.fixed((scores?["ic"]).double("mean"), 4),
      isRule ? "–" : NumberText.percent(scores.double("r2_zero"), 2),
      NumberText.fixed(spread.double("mean") * 10_000, 2),
      NumberText.fixed(spread.double("t"), 1),
      NumberText.percent((turnover[0] + turnover[1]) / 2, 0),
      NumberText.fixed((portfolio?["net_spread"]).double("mean") * 10_000, 2),
      NumberText.count(rank.int("count")), NumberText.fixed(scores.double("mean_symbols"), 1),
    ])
  }

  mutating func appendRule() { table.appendRule() }
  var text: String { table.text }
}
