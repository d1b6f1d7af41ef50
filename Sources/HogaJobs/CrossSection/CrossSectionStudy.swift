public import HogaCore
public import HogaCrossSection
public import HogaLearn

/// Learns to rank symbols on some days, and judges on later ones how well that worked.
///
/// For each label and model: features are chosen and models are fitted on `ranges.train`, boosting is
/// stopped and settings are chosen on `ranges.validation`, and everything that is reported as a score
/// comes from `ranges.test`, which nothing was chosen by.
public struct CrossSectionStudy: Sendable {
  /// Days, the last one included. Each range is later than the one before.
  public struct Ranges: Hashable, Sendable {
    public var train: ClosedRange<CivilDate>
    public var validation: ClosedRange<CivilDate>
    public var test: ClosedRange<CivilDate>

    /// - Throws: `UsageError` where they overlap or are out of order.
    public init(
      train: ClosedRange<CivilDate>, validation: ClosedRange<CivilDate>,
      test: ClosedRange<CivilDate>
    ) throws {
      guard train.upperBound < validation.lowerBound, validation.upperBound < test.lowerBound else {
        throw UsageError("training, validation and test follow each other and share no day")
      }
      self.train = train
      self.validation = validation
      self.test = test
    }

    /// Reads `2025-05-25:2025-06-01` (both days included) or a single day.
    ///
    /// - Throws: `UsageError`.
    public static func parse(_ text: String) throws -> ClosedRange<CivilDate> {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard (1...2).contains(parts.count), let first = CivilDate(parts[0]),
        let last = CivilDate(parts[parts.count - 1]), first <= last
      else { throw UsageError("'\(text)' is no range of dates such as 2025-05-25:2025-06-01") }
      return first...last
    }

    var json: JSONValue {
      func text(_ range: ClosedRange<CivilDate>) -> JSONValue {
        .string("\(range.lowerBound):\(range.upperBound)")
      }
      return ["train": text(train), "validate": text(validation), "test": text(test)]
    }
  }

  /// A search for settings, judged by the mean rank IC on the validation range.
  public struct Search: Hashable, Sendable {
    public var method: SearchSpace.Method
    /// `nil` for the whole grid, or 20 random trials.
    public var trials: Int?
    /// What is varied; `nil` for the standard space of each kind of model. Keys that a kind does not
    /// have are an error.
    public var space: SearchSpace?

    public init(method: SearchSpace.Method, trials: Int? = nil, space: SearchSpace? = nil) {
      self.method = method
      self.trials = trials
      self.space = space
    }
  }

  /// On which days single features are scored.
  public enum FeatureDays: String, CaseIterable, Sendable {
    case none
    /// So that looking at the table chooses nothing by the test.
    case train
    case test
  }

  public var ranges: Ranges
  /// All of the folder where empty.
  public var labels: [String]
  public var models: [Workflow.Model]
  /// Names or patterns of features; all where empty.
  public var features: [String]
  public var selection: FeatureSelection?
  public var search: Search?
  public var portfolio: PortfolioRule
  /// Over how many horizons later forecasts are compared with what came.
  public var decay: Int
  /// Time between the end of one range's last label and the next range.
  public var embargo: TimeSpan
  public var bans: GlobalBanDates
  /// The most training rows of a label, and a third of it for validation; `nil` for what fits the
  /// memory that is meant for it. More are thinned by whole instants.
  public var maximumRows: Int?
  public var featureDays: FeatureDays
  public var minimumSymbols: Int
  public var seed: UInt64
  /// `nil` for all cores. Results do not depend on it.
  public var threads: Int?

  public init(
    ranges: Ranges, labels: [String] = [], models: [Workflow.Model], features: [String] = [],
    selection: FeatureSelection? = nil, search: Search? = nil, portfolio: PortfolioRule,
    decay: Int = 5, embargo: TimeSpan = .zero, bans: GlobalBanDates = GlobalBanDates(),
    maximumRows: Int? = nil, featureDays: FeatureDays = .train,
    minimumSymbols: Int = InformationCoefficient.minimumSymbols, seed: UInt64 = 1,
    threads: Int? = nil
  ) {
    self.ranges = ranges
    self.labels = labels
    self.models = models
    self.features = features
    self.selection = selection
    self.search = search
    self.portfolio = portfolio
    self.decay = decay
    self.embargo = embargo
    self.bans = bans
    self.maximumRows = maximumRows
    self.featureDays = featureDays
    self.minimumSymbols = minimumSymbols
    self.seed = seed
    self.threads = threads
  }

  /// Forecasts of one source for one label, judged on the test range.
  public struct Baseline: Sendable {
    public var label: String
    public var horizonMinutes: Int
    /// `zero`, `momentum` (the return over the same horizon before), `reversal` (minus that).
    public var name: String
    public var scores: ForecastScores
  }

  /// One model on one label.
  public struct Trial: Sendable {
    public var label: String
    public var horizonMinutes: Int
    public var model: String
    public var saved: SavedModel
    public var importance: Importance?
    /// Of the learner that was chosen.
    public var settings: JSONValue
    public var trainingRows: Int
    public var validationRows: Int
    /// Of the rank IC by validation instant; chosen by where there was a search.
    public var validation: SeriesSummary
    /// How many settings were tried; 1 without a search. The more, the more the validation flatters.
    public var searchTrials: Int
    /// On the test range.
    public var scores: ForecastScores
    /// With momentum and reversal, instant by instant.
    public var comparisons: [PairedComparison]
    public var verdict: Verdict
  }

  /// One feature with one label, on the days of `featureDays`.
  public struct FeatureScore: Sendable {
    public var feature: String
    public var label: String
    public var horizonMinutes: Int
    public var ic: SeriesSummary
    public var rankIC: SeriesSummary
  }

  /// One combination of settings that was tried.
  public struct SearchTrial: Sendable {
    public var label: String
    public var model: String
    public var index: Int
    public var settings: SearchSpace.Trial
    /// On the validation range.
    public var ic: SeriesSummary
    public var rankIC: SeriesSummary
    /// Rounds of boosting that were kept; `nil` for other models.
    public var rounds: Int?
    public var isChosen: Bool
  }

  /// The features chosen for a label.
  public struct Selected: Sendable {
    public var label: String
    public var choice: FeatureSelection.Choice
  }

  public struct Result: Sendable {
    public var study: CrossSectionStudy
    public var trials: [Trial]
    public var baselines: [Baseline]
    public var features: [FeatureScore]
    public var search: [SearchTrial]
    public var selections: [Selected]
    /// The rule of each file's universe, as its footer tells: `day-before`, `same-day`, `all`.
    public var universes: [String]
    /// How many symbols the universe has at most; `nil` where the folder does not tell.
    public var universeTop: Int?
    /// The label's kind, as the footer tells: `return`, `difference`.
    public var labelKind: String?
    public var notes: [String]

    /// Whether symbols were chosen with knowledge of the day itself.
    public var looksAhead: Bool { universes.contains("same-day") }
  }

  /// What can be said of a model without saying more than the test shows.
  public struct Verdict: Hashable, Sendable {
    /// The mean rank IC is above zero by more than chance (p < 0.05).
    public var beatsZero: Bool
    /// The baseline with the greater mean rank IC, and whether the model's is above it by more than
    /// chance.
    public var betterBaseline: String
    public var beatsBaseline: Bool
    public var text: String
  }
}
