internal import HogaCore

/// One model on one horizon, as `metrics.json` tells it.
struct TrialScores {
  /// A score worth a column.
  struct Headline {
    var name: String
    var heading: String
    var write: (Double) -> String
  }

  private let scores: [JSONValue]
  private let comparisons: [JSONValue]

  init(_ trial: JSONValue) {
    scores = (trial["evaluation"]?["scores"]).list
    comparisons = (trial["evaluation"]?["diebold_mariano"]).list
  }

  /// Whether it foretold classes, not returns.
  var isClasses: Bool { score("accuracy") != nil }

  func score(_ name: String) -> JSONValue? { scores.first { $0.string("name") == name } }
  func value(_ name: String) -> Double { score(name).double("value") }
  func error(_ name: String) -> Double { score(name).double("standard_error") }
  func baseline(_ name: String, of score: String) -> Double {
    (self.score(score)?["baselines"]).double(name)
  }
  var baselineNames: [String] {
    isClasses ? ["majority", "persistence"] : ["zero", "mean", "persistence"]
  }
  var rows: Int64 { score(primary).int("count") }

  /// What trials are ranked by: how much better than the best baseline, so that horizons compare.
  var rank: Double {
    let gain = value(primary) - bestBaseline.value
    return gain.isNaN ? -.infinity : isClasses ? -gain : gain
  }

  var headline: [Headline] {
    isClasses
      ? [
        .init(name: "log_loss", heading: "log loss") { NumberText.fixed($0, 3) },
        .init(name: "accuracy", heading: "accuracy") { NumberText.percent($0, 1) },
        .init(name: "macro_f1", heading: "macro F1") { NumberText.fixed($0, 3) },
        .init(name: "weighted_f1", heading: "weighted F1") { NumberText.fixed($0, 3) },
        .init(name: "auc", heading: "AUC") { NumberText.fixed($0, 3) },
      ]
      : [
        .init(name: "r2_zero", heading: "R² vs zero") { NumberText.percent($0, 2) },
        .init(name: "ic", heading: "IC") { NumberText.fixed($0, 3) },
        .init(name: "direction_accuracy", heading: "direction") { NumberText.percent($0, 1) },
      ]
  }

  func text(_ headline: Headline) -> String {
    let (value, error) = (value(headline.name), error(headline.name))
    if value.isNaN { return "–" }
    return error.isNaN
      ? headline.write(value) : "\(headline.write(value)) ± \(headline.write(error))"
  }

  func baselineText(_ name: String, _ headline: Headline) -> String {
    let value = baseline(name, of: headline.name)
    return value.isNaN ? "–" : headline.write(value)
  }

  private var primary: String { isClasses ? "log_loss" : "r2_zero" }

  /// The baseline with the least squared error or log loss: what the model has to beat.
  var bestBaseline: (name: String, value: Double) {
    let sign = isClasses ? -1.0 : 1.0
    let all = baselineNames.map { ($0, baseline($0, of: primary)) }.filter { !$0.1.isNaN }
    return all.max { sign * $0.1 < sign * $1.1 } ?? (baselineNames[0], 0)
  }

  /// Whether the model loses less than the best baseline, be it by chance.
  var isAhead: Bool {
    isClasses
      ? value(primary) < bestBaseline.value : value(primary) > bestBaseline.value
  }

  /// Of the comparison with the best baseline, after Diebold and Mariano.
  var pValue: Double {
    comparisons.first { $0.string("against") == bestBaseline.name }.double("p_value")
  }

  /// Whether the model beats the best baseline by more than chance.
  var isBetter: Bool { isAhead && pValue < 0.05 }

  /// The same in words.
  var verdict: String {
    let name = bestBaseline.name
    guard isAhead else { return "does not beat \(name)" }
    let p = pValue < 0.001 ? "p < 0.001" : "p = \(NumberText.fixed(pValue, 3))"
    return isBetter ? "beats \(name) (\(p))" : "no better than \(name) (\(p))"
  }
}
