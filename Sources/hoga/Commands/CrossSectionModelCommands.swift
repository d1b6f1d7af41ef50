// Conformances of public types are public, and so must be what they name.
public import ArgumentParser
import Foundation
import HogaCore
import HogaCrossSection
public import HogaJobs
import HogaLake
public import HogaLearn

extension SearchSpace.Method: ExpressibleByArgument {}
extension FeatureSelection.Method: ExpressibleByArgument {}
extension PortfolioRule.Holding: ExpressibleByArgument {}
extension QuantileGroups.TieRule: ExpressibleByArgument {}
extension CrossSectionStudy.FeatureDays: ExpressibleByArgument {}

/// How forecasts are judged.
struct RankingOptions: ParsableArguments {
  @Option(help: "Groups of symbols by forecast; the highest is bought, the lowest sold.")
  var groups: Int = 5
  @Option(help: "Equal forecasts at a group's edge: 'first' in order, or 'leave-out' the minute.")
  var ties: QuantileGroups.TieRule = .firstInOrder
  @Option(help: "Portfolios: 'overlapping', one each minute, or 'separate', one per horizon.")
  var holding: PortfolioRule.Holding = .overlapping
  @Option(help: "The fee for each side of each trade, in basis points.")
  var feeBps: Double = 5
  @Option(help: "Over how many horizons later forecasts are compared with what came.")
  var decay: Int = 5
  @Option(help: "Minutes with fewer symbols have no score.")
  var minimumSymbols: Int = InformationCoefficient.minimumSymbols

  func portfolio() throws -> PortfolioRule {
    try PortfolioRule(
      groups: QuantileGroups(count: groups, ties: ties, minimumSymbols: minimumSymbols),
      holding: holding, feeBasisPoints: feeBps)
  }
}

/// Some dates of a folder.
struct FolderDates: ParsableArguments {
  @Option(help: "The first date; the folder's first where it is not given.")
  var start: String?
  @Option(help: "The last date; the folder's last where it is not given.")
  var end: String?

  func dates() throws -> ClosedRange<CivilDate>? {
    let first = try start.map { try CivilDate(argument: $0) }
    let last = try end.map { try CivilDate(argument: $0) }
    guard first != nil || last != nil else { return nil }
    let from = first ?? CrossSectionFolder.openStart
    let to = last ?? CrossSectionFolder.openEnd
    guard from <= to else { throw UsageError("--start \(from) is after --end \(to)") }
    return from...to
  }
}

/// What is not to be used.
struct BanOption: ParsableArguments {
  @Option(help: "global_ban_dates.json: dates to skip, and features that are null on some dates.")
  var bans: String?

  func dates() throws -> GlobalBanDates {
    try bans.map { try GlobalBanDates.read($0) } ?? GlobalBanDates()
  }
}

struct CrossSectionTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn to rank symbols on some days, and judge on later ones.",
    discussion: """
      Models are fitted on the training days; the validation days stop boosting and choose among \
      settings; the scores come from the test days, which nothing was chosen by. Ranges are written \
      first:last, both included. Fewer rows than there are (--max-rows, or what fits in memory) are \
      drawn by whole minutes. Scores: information coefficients by minute with Newey–West errors, \
      portfolios of forecast groups with turnover and fees, beside momentum and reversal.

      --set applies to every model, --set ridge.penalty=10 to one. --space names what a search \
      varies: --space leaves=7,15,31 or --space learning_rate=0.01..0.2 (random search only).

      Example: hoga xsection train --data cross --label y_15m --model lightgbm \\
        --train 2025-05-25:2025-06-10 --validate 2025-06-11:2025-06-14 \\
        --test 2025-06-15:2025-06-23 --search random --trials 20 --out study
      """)

  @Option(help: "The folder of cross-sections, one Parquet file a day.")
  var data: String
  @Option(help: "Labels, separated by commas: y_15m; all of the folder where not given.")
  var label: String?
  @Option(help: "Training days, first:last.")
  var train: String
  @Option(help: "Validation days.")
  var validate: String
  @Option(help: "Test days.")
  var test: String
  @Option(help: "lightgbm, ridge, linear, lasso or elastic-net. May be repeated.")
  var model: [Workflow.Model.Kind] = [.lightgbm]
  @Option(
    name: .customLong("set"), help: "A setting: key=value or model.key=value. May be repeated.")
  var settings: [String] = []
  @Option(help: "Search settings: 'grid' or 'random', judged by rank IC on the validation days.")
  var search: SearchSpace.Method?
  @Option(help: "How many settings to try at most.")
  var trials: Int?
  @Option(help: "What the search varies: key=a,b,c or key=low..high. May be repeated.")
  var space: [String] = []
  @Option(help: "A JSON list of features, or names and patterns such as 'x_5m_*,x_*_neut'.")
  var features: String?
  @Option(help: "Choose so many features by the training days, without near-copies.")
  var select: Int?
  @Option(help: "What they are chosen by: 'gain' of trees, or 'ic'.")
  var selectBy: FeatureSelection.Method = .gain
  @Option(help: "The most training rows of a label; a third of it for validation.")
  var maxRows: Int?
  @Option(help: "Time between the last label of a range and the next range.")
  var embargo: String = "0"
  @Option(help: "Score single features on 'train' or 'test' days, or 'none'.")
  var featureScores: CrossSectionStudy.FeatureDays = .none
  @OptionGroup var bans: BanOption
  @OptionGroup var ranking: RankingOptions
  @Option(help: "The seed of everything random.")
  var seed: UInt32 = 1
  @Option(help: "Threads; 0 is one per core.")
  var threads: Int = 0
  @Flag(help: "Keep the test's forecasts in preds/<model>_<label>/<date>.parquet.")
  var savePreds = false
  @Option(help: "The folder for models, scores and tables.")
  var out: String
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let result = try study().run(
        data, to: out, savesPredictions: savePreds, producer: commandLine, monitor: monitor)
      output.show(result.json, result.text + "\n\(out)")
    }
  }

  private func study() throws -> CrossSectionStudy {
    if let maxRows, maxRows < 1 { throw UsageError("--max-rows \(maxRows) is no row at all") }
    guard search != nil || (trials == nil && space.isEmpty) else {
      throw UsageError("--trials and --space belong to --search")
    }
    return CrossSectionStudy(
      ranges: try CrossSectionStudy.Ranges(
        train: CrossSectionStudy.Ranges.parse(train),
        validation: CrossSectionStudy.Ranges.parse(validate),
        test: CrossSectionStudy.Ranges.parse(test)),
      labels: label.map { $0.split(separator: ",").map(String.init) } ?? [],
      models: try CrossSectionStudy.models(model, settings: settings),
      features: try CrossSectionStudy.features(features),
      selection: try select.map {
        try FeatureSelection(method: selectBy, count: $0, seed: seed)
      },
      search: try search.map {
        CrossSectionStudy.Search(
          method: $0, trials: trials, space: space.isEmpty ? nil : try SearchSpace(space))
      },
      portfolio: try ranking.portfolio(), decay: ranking.decay,
      embargo: try TimeSpan(argument: embargo), bans: try bans.dates(), maximumRows: maxRows,
      featureDays: featureScores, minimumSymbols: ranking.minimumSymbols, seed: UInt64(seed),
      threads: threads > 0 ? threads : nil)
  }
}

struct CrossSectionPredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Foretell days of cross-sections with a saved model.",
    discussion: """
      Forecasts go to preds/<date>.parquet in the folder of --out: symbol, time, prediction, and \
      label where the data has it. 'hoga xsection score' judges them.

      Example: hoga xsection predict --model study/models/lightgbm_y_15m.json \\
        --data cross --start 2025-06-24 --end 2025-06-30 --save-preds --out later
      """)

  @Option(help: "The model file.")
  var model: String
  @Option(help: "The folder of cross-sections.")
  var data: String
  @OptionGroup var range: FolderDates
  @OptionGroup var bans: BanOption
  @Flag(help: "Write the forecasts; without it they are only made and counted.")
  var savePreds = false
  @Option(help: "The folder to write to.")
  var out: String?
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      guard savePreds == (out != nil) else {
        throw UsageError("--save-preds and --out belong together")
      }
      let outcome = try CrossSectionPrediction(
        model: model, data: data, dates: range.dates(), bans: bans.dates()
      ).run(to: out, producer: commandLine, monitor: monitor)
      output.show(outcome.json, outcome.text + (out.map { "\n\($0)/preds" } ?? ""))
    }
  }
}

struct CrossSectionScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Score forecasts, or single features, across symbols.",
    discussion: """
      With --preds: information coefficients by minute and month, portfolios of forecast groups, \
      decay. With --features: coefficients of each feature with each label, of which --out keeps \
      features.parquet and features.json.

      Example: hoga xsection score --preds study/preds/lightgbm_y_15m

      Features: hoga xsection score --data cross --features 'x_*_neut' --out scores
      """)

  @Option(help: "A folder of forecasts, as --save-preds writes them.")
  var preds: String?
  @Option(help: "A folder of cross-sections.")
  var data: String?
  @Option(help: "A JSON list of features, or names and patterns.")
  var features: String?
  @Option(help: "The label, or several separated by commas for features.")
  var label: String?
  @OptionGroup var range: FolderDates
  @OptionGroup var bans: BanOption
  @OptionGroup var ranking: RankingOptions
  @Option(help: "Threads; 0 is one per core.")
  var threads: Int = 0
  @Option(help: "The folder to write scores to.")
  var out: String?
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let scoring = CrossSectionScoring(
        portfolio: try ranking.portfolio(), decay: ranking.decay,
        minimumSymbols: ranking.minimumSymbols, threads: threads > 0 ? threads : nil)
      switch (preds, data) {
      case (let preds?, nil):
        guard features == nil else { throw UsageError("--features needs --data") }
        let outcome = try scoring.score(
          predictions: preds, label: label, dates: range.dates(), monitor: monitor)
        if let out { try outcome.write(to: out, producer: commandLine) }
        output.show(outcome.json, outcome.text)
      case (nil, let data?):
        let outcome = try scoring.score(
          features: CrossSectionStudy.features(features),
          labels: label.map { $0.split(separator: ",").map(String.init) } ?? [], data: data,
          dates: range.dates(), bans: bans.dates(), monitor: monitor)
        if let out { try outcome.write(to: out, producer: commandLine) }
        output.show(outcome.json, outcome.text())
      default: throw UsageError("give --preds, or --data with --features")
      }
    }
  }
}
