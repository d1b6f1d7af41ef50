import ArgumentParser
import Foundation
import HogaCore
import HogaJobs
import HogaLake

struct BacktestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Play a strategy on a market of the lake, and explain its fills.",
    discussion: """
      'run' is meant where no subcommand is given; 'explain' tells the life of an order of a \
      finished run, and 'stress' plays a strategy on synthetic markets. A file with kind: \
      backtest does the same with a report: hoga run Examples/tick-backtest.yaml

      Example: hoga backtest explain runs/tick-backtest 100 --strategy quotes
      """,
    subcommands: [BacktestRunCommand.self, BacktestExplainCommand.self, StressCommand.self],
    defaultSubcommand: BacktestRunCommand.self)
}

struct BacktestExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Tell the life of an order: decided, arrived, queued, filled, and what it cost.",
    discussion: """
      Without a number it lists the orders that were filled. All of it is read from the \
      run's folder, whether 'hoga run' made it or 'hoga backtest --out'.

      Example: hoga backtest explain runs/tick-backtest 100 --strategy quotes
      """)

  @Argument(help: "The run's folder.")
  var folder: String
  @Argument(help: "The order's number; the list of filled orders where not given.")
  var order: Int64?
  @Option(help: "The strategy, by its name in the run; the first where not given.")
  var strategy: String?
  @Option(help: "How many orders the list shows.")
  var limit: Int = 20
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.check {
      guard limit > 0 else { throw UsageError("--limit is above zero") }
      let job = ExplainJob(run: folder, strategy: strategy)
      let result = try order.map { try job.order($0) } ?? job.list(limit: limit)
      output.show(result.json, result.text)
    }
  }
}

struct BacktestRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Play a strategy on a market of the lake, with signals from a table.",
    discussion: """
      Signals are rows of a Parquet or CSV file with 'time'; each is known at its time plus \
      the feed's latency and the computing delay. For ofi-vpin they are features; for \
      model-signal a column holds the forecast in basis points.

      Two more commands belong here. 'explain' tells the life of an order of a finished run, as in \
      'hoga backtest explain runs/ofi 100'; 'stress' plays a strategy on synthetic markets, as in \
      'hoga backtest stress --strategy quotes --size 0.05 --taker-fee 0.0005'. A file with kind: \
      backtest does what this command does and makes a report: 'hoga run \
      Examples/tick-backtest.yaml'.

      Example: hoga backtest run --lake lake --venue binance-usdm --symbol BTCUSDT \\
        --date 2024-08-08 --strategy ofi-vpin --signals features.parquet \\
        --size 0.01 --taker-fee 0.0005 --set column=ofi_norm_20s --out runs/ofi
      """)

  @OptionGroup var lake: LakeOption
  @OptionGroup var market: MarketOptions
  @Option(help: "ofi-vpin, model-signal, quotes, execution, buy-and-hold or random.")
  var strategy: Workflow.Strategy.Kind
  @Option(name: .customLong("set"), help: "A setting of the strategy: key=value. May be repeated.")
  var settings: [String] = []
  @Option(help: "The table with the signals: Parquet or CSV.")
  var signals: String?
  @Option(help: "The size of an entry, in units or contracts.")
  var size: Double
  @Option(help: "The largest position; the size of an entry where not given.")
  var maximumPosition: Double?
  @Option(help: "The loss at which everything is left and trading stops.")
  var maximumLoss: Double?
  @Option(help: "The initial capital in settlement currency.")
  var capital: Double = 10_000
  @OptionGroup var venue: VenueOptions
  @Option(help: "How queues are estimated: risk-averse, 'power 3', log, …, or true.")
  var queue: String?
  @Option(help: "From a signal's time until it is computed.")
  var computeDelay: String = "1ms"
  @Option(help: "The seed of random entries.")
  var seed: UInt32 = 1
  @Option(help: "The folder for equity, fills and orders.")
  var out: String?
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let options = try Workflow.Backtest(
        venue: try venue.venue(queue: queue),
        computeDelay: try TimeSpan(argument: computeDelay), orderSize: size,
        maximumPosition: maximumPosition ?? size, maximumLoss: maximumLoss, capital: capital,
        strategies: [try Workflow.Strategy(kind: strategy, settings: settings)])
      let job = BacktestJob(
        lake: try Lake(argument: lake.lake), market: try market.market(), options: options,
        seed: UInt64(seed))
      let result = try job.run(
        signalFile: signals, out: out, producer: commandLine, monitor: monitor)
      output.show(result.json, result.text)
    }
  }
}
