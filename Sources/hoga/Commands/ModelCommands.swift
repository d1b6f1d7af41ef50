import ArgumentParser
import Foundation
import HogaCore
import HogaJobs

/// What training and evaluating share.
struct LearningOptions: ParsableArguments {
  @Option(help: "The feature table, with 'time' and 'mid': Parquet or CSV.")
  var features: String
  @Option(help: "How far ahead to foretell.")
  var horizon: String = "10s"
  @Option(
    help: "Foretell down, flat and up by this threshold in bps, instead of the return.")
  var classThreshold: Double?
  @Option(help: "lasso, elastic-net, ridge, linear, logistic or lightgbm.")
  var model: Workflow.Model.Kind = .lasso
  @Option(name: .customLong("set"), help: "A setting of the model: key=value. May be repeated.")
  var settings: [String] = []
  @Option(help: "Columns the model sees, separated by commas; 'ofi_*' takes all that begin so.")
  var inputs: String?
  @Option(help: "The seed of everything random.")
  var seed: UInt32 = 1
  @Option(help: "Threads; 0 is one per core.")
  var threads: Int = 0

  func job(folds: Int = 5, minimumTrain: Double = 0.4, embargo: String = "0") throws -> ModelJob {
    ModelJob(
      features: features, horizon: try TimeSpan(argument: horizon),
      target: classThreshold.map { .classes(thresholdBasisPoints: $0) } ?? .returns,
      model: try Workflow.Model(kind: model, settings: settings),
      inputs: inputs.map { $0.split(separator: ",").map(String.init) } ?? [], seed: UInt64(seed),
      threads: threads > 0 ? threads : nil,
      validation: Workflow.Validation(
        folds: folds, minimumTrain: minimumTrain, isRolling: false,
        embargo: try TimeSpan(argument: embargo)))
  }
}

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Fit a model on a feature table and save it.",
    discussion: """
      The score on the rows it was fitted on means nothing and is not shown; see 'hoga \
      evaluate'.

      Example: hoga train --features amzn.parquet --horizon 10s --model lightgbm \\
        --set rounds=100 --out model.json
      """)

  @OptionGroup var options: LearningOptions
  @Option(help: "The model file to write.")
  var out: String
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let result = try options.job().train(to: out, monitor: monitor)
      output.show(result.json, result.text + "\n\(out)")
    }
  }
}

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Judge a model by purged walk-forward, beside baselines.",
    discussion: """
      Example: hoga evaluate --features amzn.parquet --horizon 10s --model lasso \\
        --folds 5 --out predictions.parquet
      """)

  @OptionGroup var options: LearningOptions
  @Option(help: "How many tests follow each other.")
  var folds: Int = 5
  @Option(help: "The share of rows before the first test.")
  var minimumTrain: Double = 0.4
  @Option(help: "Extra time between training and test.")
  var embargo: String = "0"
  @Option(help: "Write the out-of-sample forecasts to this Parquet file.")
  var out: String?
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      guard folds > 0, minimumTrain > 0, minimumTrain < 1 else {
        throw UsageError("--folds is above zero and --minimum-train between 0 and 1")
      }
      let result = try options.job(folds: folds, minimumTrain: minimumTrain, embargo: embargo)
        .evaluate(to: out, producer: commandLine, monitor: monitor)
      output.show(result.json, result.text)
    }
  }
}

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Foretell the rows of a feature table with a saved model.",
    discussion: """
      A model refuses a table whose columns do not match those it was fitted on. \
      Contributions say how much each feature moved each forecast (SHAP values of trees); with the \
      bias they sum to it.

      Example: hoga predict --model model.json --features amzn.parquet \\
        --out predictions.parquet
      """)

  @Option(help: "The model file.")
  var model: String
  @Option(help: "The feature table: Parquet or CSV.")
  var features: String
  @Option(help: "The Parquet file to write.")
  var out: String
  @Option(help: "Another Parquet file for each feature's contribution to each forecast.")
  var contributions: String?
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let result = try ModelJob.predict(
        model: model, features: features, to: out, contributions: contributions,
        producer: commandLine, monitor: monitor)
      output.show(result.json, result.text)
    }
  }
}
