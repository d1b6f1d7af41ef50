internal import HogaCore

/// One model on one horizon of a premium, as `metrics.json` tells it, beside its baselines.
struct KimchiTrialScores {
  static let reversion = "mean-reversion"
  let trial: JSONValue
  private let scores: [JSONValue]
  /// The mean-reversion baseline on the same horizon.
  private let baseline: [JSONValue]

  init(_ trial: JSONValue, among trials: [JSONValue]) {
    self.trial = trial
    scores = (trial["evaluation"]?["scores"]).list
    let other = trials.first {
      $0.string("model") == Self.reversion && $0.string("horizon") == trial.string("horizon")
    }
    baseline = (other?["evaluation"]?["scores"]).list
  }

  var model: String { trial.string("model") }
  var horizon: String { trial.string("horizon") }
  var isBaseline: Bool { model == Self.reversion }
  var rows: Int64 { score("log_loss").int("count") }

  private func score(_ name: String) -> JSONValue? { scores.first { $0.string("name") == name } }
  func value(_ name: String) -> Double { score(name).double("value") }
  func error(_ name: String) -> Double { score(name).double("standard_error") }
  /// Of `majority`, `persistence` or `mean-reversion`.
  func value(_ name: String, of other: String) -> Double {
    other == Self.reversion
      ? baseline.first { $0.string("name") == name }.double("value")
      : (score(name)?["baselines"]).double(other)
  }

  /// What has to be beaten: the baseline of least log loss.
  var best: String {
    value("log_loss", of: Self.reversion) < value("log_loss", of: "majority")
      ? Self.reversion : "majority"
  }

  var isAhead: Bool { value("log_loss") < value("log_loss", of: isBaseline ? "majority" : best) }

  /// Diebold and Mariano's, against what has to be beaten.
  var pValue: Double {
    if !isBaseline, best == Self.reversion {
      return trial["against_mean_reversion"].double("p_value")
    }
    return (trial["evaluation"]?["diebold_mariano"]).list
      .first { $0.string("against") == "majority" }.double("p_value")
  }

  var isBetter: Bool { isAhead && pValue < 0.05 }

  var verdict: String {
    let other = isBaseline ? "majority" : best
    guard isAhead else { return "does not beat \(other)" }
    let p = pValue < 0.001 ? "p < 0.001" : "p = \(NumberText.fixed(pValue, 3))"
    return isBetter ? "beats \(other) (\(p))" : "no better than \(other) (\(p))"
  }

  static let headline: [(name: String, heading: String, write: @Sendable (Double) -> String)] = [
    ("log_loss", "log loss", { NumberText.fixed($0, 3) }),
    ("accuracy", "accuracy", { NumberText.percent($0, 1) }),
    ("macro_f1", "macro F1", { NumberText.fixed($0, 3) }),
    ("auc", "AUC", { NumberText.fixed($0, 3) }),
  ]
}
