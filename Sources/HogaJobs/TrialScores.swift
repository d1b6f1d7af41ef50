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

  /// What trials are ranked by: R² against zero, or for classes the log loss, negated.
  var rank: Double {
    let value = isClasses ? -value("log_loss") : value("r2_zero")
    return value.isNaN ? -.infinity : value
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

  /// Whether the model beats the best baseline by more than chance, in words.
  var verdict: String {
    let best = bestBaseline
    let comparison = comparisons.first { $0.string("against") == best.name }
    let p = comparison.double("p_value")
    let sign = isClasses ? -1.0 : 1.0
    guard sign * value(primary) > sign * best.value else { return "does not beat \(best.name)" }
    return p < 0.05
      ? "beats \(best.name) (\(Self.text(p: p)))"
      : "no better than \(best.name) (\(Self.text(p: p)))"
  }

  private static func text(p: Double) -> String {
    p < 0.001 ? "p < 0.001" : "p = \(NumberText.fixed(p, 3))"
  }

  var isBetter: Bool { verdict.hasPrefix("beats") }
}
