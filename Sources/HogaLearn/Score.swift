internal import Glibc
public import HogaCore

/// A figure of merit with what is needed to believe it: error, row count, and the same figure for
/// forecasts that know nothing.
public struct Score: Hashable, Sendable {
  public struct Baseline: Hashable, Sendable {
    public var name: String
    /// NaN where the baseline has no such figure: a constant has no correlation.
    public var value: Double
  }

  public var name: String
  public var value: Double
  /// NaN where it cannot be told.
  public var standardError: Double
  /// The rows it is made from.
  public var count: Int
  public var isHigherBetter: Bool
  public var baselines: [Baseline]

  public var json: JSONValue {
    .object([
      ("name", .string(name)), ("value", .double(value)),
      ("standard_error", .double(standardError)), ("count", .int(Int64(count))),
      ("higher_is_better", .bool(isHigherBetter)),
      ("baselines", .object(baselines.map { ($0.name, .double($0.value)) })),
    ])
  }
}

/// Forecasts of one source for the rows that are scored.
public struct Forecast: Hashable, Sendable {
  public var name: String
  /// As `FittedModel.outputs`: one column, or one for each class.
  public var outputs: Matrix
  /// Whether its shares are meant as probabilities; a forecast that only names a class has no log
  /// loss and no AUC.
  public var statesProbabilities: Bool

  public init(name: String, outputs: Matrix, statesProbabilities: Bool = true) {
    self.name = name
    self.outputs = outputs
    self.statesProbabilities = statesProbabilities
  }
}

extension Score {
  /// Scores of foretold numbers, in this order: `r2` (against the training mean), `r2_zero`, `rmse`,
  /// `mae`, `ic`, `rank_ic`, `direction_accuracy`.
  ///
  /// - Parameters:
  ///   - trainingMean: By row, the mean answer of the training that the row's model saw.
  ///   - errors: How rows hang together.
  public static func ofNumbers(
    truth: [Double], forecast: [Double], trainingMean: [Double], baselines: [Forecast],
    errors: ScoreErrors
  ) -> [Score] {
    let zeros = [Double](repeating: 0, count: truth.count)
    func score(
      _ name: String, _ estimate: Estimate, count: Int? = nil, higher: Bool,
      _ metric: ([Double]) -> Double
    ) -> Score {
      Score(
        name: name, value: estimate.value, standardError: estimate.standardError,
        count: count ?? truth.count, isHigherBetter: higher,
        baselines: baselines.map { Baseline(name: $0.name, value: metric($0.outputs.values)) })
    }
    func rSquared(_ reference: [Double]) -> Estimate {
      let value = Metrics.rSquared(truth, forecast, reference: reference)
      let base = Metrics.meanSquaredError(truth, reference)
      // Delta method for a ratio of means.
      let influence = truth.indices.map { row in
        let reference = (truth[row] - reference[row]) * (truth[row] - reference[row])
        let own = (truth[row] - forecast[row]) * (truth[row] - forecast[row])
        return (reference - own) - value * reference
      }
      return Estimate(value: value, standardError: errors.ofMean(influence) / base)
    }
    let squared = Estimate(
      meanOf: zip(truth, forecast).map { ($0 - $1) * ($0 - $1) }, errors: errors)
    let root = squared.value.squareRoot()
    let directed = truth.indices.filter { truth[$0] != 0 && forecast[$0] != 0 }
    return [
      score("r2", rSquared(trainingMean), higher: true) {
        Metrics.rSquared(truth, $0, reference: trainingMean)
      },
      score("r2_zero", rSquared(zeros), higher: true) {
        Metrics.rSquared(truth, $0, reference: zeros)
      },
      score(
        "rmse",
        Estimate(value: root, standardError: root > 0 ? squared.standardError / (2 * root) : .nan),
        higher: false
      ) { Metrics.rmse(truth, $0) },
      score(
        "mae", Estimate(meanOf: zip(truth, forecast).map { abs($0 - $1) }, errors: errors),
        higher: false
      ) { Metrics.mae(truth, $0) },
      score(
        "ic", Metrics.informationCoefficient(truth, forecast, errors: errors), higher: true
      ) { Metrics.correlation(truth, $0) },
      score(
        "rank_ic", Metrics.informationCoefficient(truth, forecast, ranked: true, errors: errors),
        higher: true
      ) { Metrics.rankCorrelation(truth, $0) },
      score(
        "direction_accuracy",
        Estimate(
          meanOf: Metrics.directionHits(truth, forecast), errors: errors.rows(directed)),
        count: directed.count, higher: true
      ) { mean(Metrics.directionHits(truth, $0)[...]) },
    ]
  }

  /// Scores of foretold classes, in this order: `accuracy`, `macro_f1`, `weighted_f1`, `log_loss`,
  /// `auc`. Errors of the F1 and AUC figures are by the block jackknife.
  public static func ofClasses(
    truth: [Int], probabilities: Matrix, baselines: [Forecast], errors: ScoreErrors
  ) -> [Score] {
    let classes = probabilities.names
    func choices(_ outputs: Matrix) -> [Int] { outputs.likeliestColumns.map { Int($0) } }
    func confusion(_ outputs: Matrix) -> ConfusionMatrix {
      ConfusionMatrix(truth: truth, forecast: choices(outputs), classes: classes)
    }
    let chosen = choices(probabilities)
    let whole = ConfusionMatrix(truth: truth, forecast: chosen, classes: classes)
    func without(_ rows: Range<Int>) -> ConfusionMatrix {
      whole.subtracting(
        ConfusionMatrix(
          truth: Array(truth[rows]), forecast: Array(chosen[rows]), classes: classes))
    }
    let auc = Metrics.auc(truth, probabilities)
    let aucError = Metrics.jackknifeError(rows: truth.count) { rows in
      let kept = Array(0..<rows.lowerBound) + Array(rows.upperBound..<truth.count)
      return Metrics.auc(kept.map { truth[$0] }, probabilities.rows(kept))
    }
    func score(
      _ name: String, _ value: Double, _ error: Double, higher: Bool = true,
      needsProbabilities: Bool = false, _ metric: (Matrix) -> Double
    ) -> Score {
      Score(
        name: name, value: value, standardError: error, count: truth.count, isHigherBetter: higher,
        baselines: baselines.map {
          let isDefined = !needsProbabilities || $0.statesProbabilities
          return Baseline(name: $0.name, value: isDefined ? metric($0.outputs) : .nan)
        })
    }
    let hits = Estimate(
      meanOf: zip(truth, chosen).map { $0 == $1 ? 1 : 0 }, errors: errors)
    let losses = Estimate(meanOf: Metrics.logLosses(truth, probabilities), errors: errors)
    return [
      score("accuracy", hits.value, hits.standardError) { confusion($0).accuracy },
      score(
        "macro_f1", whole.macroF1,
        Metrics.jackknifeError(rows: truth.count) { without($0).macroF1 }
      ) { confusion($0).macroF1 },
      score(
        "weighted_f1", whole.weightedF1,
        Metrics.jackknifeError(rows: truth.count) { without($0).weightedF1 }
      ) { confusion($0).weightedF1 },
      score(
        "log_loss", losses.value, losses.standardError, higher: false, needsProbabilities: true
      ) { Metrics.logLoss(truth, $0) },
      score("auc", auc, aucError, needsProbabilities: true) { Metrics.auc(truth, $0) },
    ]
  }
}

/// Whether one forecast loses less than another by more than chance.
///
/// The mean of the rows' differences in loss over its Newey–West error, shrunk for small samples.
/// Sources: F. Diebold, R. Mariano, "Comparing predictive accuracy", J. Bus. Econ. Stat. 13(3), 1995;
/// the factor of D. Harvey, S. Leybourne, P. Newbold, Int. J. Forecasting 13(2), 1997.
public struct DieboldMariano: Hashable, Sendable {
  /// What is compared with: the name of a baseline.
  public var against: String
  /// Above zero where the forecast loses less than the baseline.
  public var statistic: Double
  /// Two-sided, from the normal distribution.
  public var pValue: Double
  public var count: Int

  /// - Parameters:
  ///   - losses: By row, of the forecast: squared errors, say.
  ///   - baseline: By row, of what it is compared with.
  ///   - horizon: Over how many rows a label reaches.
  public init(
    losses: [Double], baseline: [Double], against: String, horizon: Int, errors: ScoreErrors
  ) {
    precondition(losses.count == baseline.count, "losses have different row counts")
    let estimate = Estimate(meanOf: zip(baseline, losses).map { $0 - $1 }, errors: errors)
    let n = Double(losses.count)
    let h = Double(horizon)
    let factor = max(0, (n + 1 - 2 * h + h * (h - 1) / n) / n).squareRoot()
    self.against = against
    count = losses.count
    statistic =
      estimate.standardError > 0 ? factor * estimate.value / estimate.standardError : .nan
    pValue = erfc(abs(statistic) / 2.0.squareRoot())
  }

  public var json: JSONValue {
    .object([
      ("against", .string(against)), ("statistic", .double(statistic)),
      ("p_value", .double(pValue)), ("count", .int(Int64(count))),
    ])
  }
}
