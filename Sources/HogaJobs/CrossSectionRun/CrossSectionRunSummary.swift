internal import HogaCore

/// A cross-section run's results for a terminal: data, models beside baselines, verdicts.
struct CrossSectionRunSummary {
  private let metrics: JSONValue

  /// - Parameter metrics: the content of the run's `metrics.json`.
  init(_ metrics: JSONValue) { self.metrics = metrics }

  var text: String {
    [heading, StudySummary(metrics["study"] ?? .null).text].joined(separator: "\n\n")
  }

  private var heading: String {
    let section = metrics["cross_section"]
    let days = section["days"].list
    let rows = days.reduce(0) { $0 + $1.int("rows") }
    let symbols = days.map { $0.int("symbols") }.max() ?? 0
    let study = metrics["study"]
    let ranges = study?["ranges"]
    return "\(symbols) symbols of \(section.string("venue")), \(days.count) days of minutes: "
      + "\(NumberText.count(rows)) rows of \(NumberText.count(section.int("features"))) features\n"
      + "trained on \(Self.days(ranges.string("train"))), chosen on "
      + "\(Self.days(ranges.string("validate"))), tested on \(Self.days(ranges.string("test")))"
  }

  /// `2025-05-27:2025-06-02` as `2025-05-27 – 2025-06-02`.
  static func days(_ range: String) -> String {
    let ends = range.split(separator: ":")
    return ends.count == 2 && ends[0] != ends[1]
      ? "\(ends[0]) – \(ends[1])" : String(ends.first ?? "")
  }
}

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
        table.append(label, baseline.string("name"), baseline["test"])
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
