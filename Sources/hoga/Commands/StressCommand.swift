import ArgumentParser
import HogaCore
import HogaJobs

/// A kind of strategy; help lists those that a synthetic market can play, the job says why of others.
struct StressedStrategy: ExpressibleByArgument {
  let kind: Workflow.Strategy.Kind

  init?(argument: String) {
    guard let kind = Workflow.Strategy.Kind(rawValue: argument) else { return nil }
    self.kind = kind
  }

  static var allValueStrings: [String] {
    Workflow.Strategy.Kind.allCases.filter { !$0.readsSignals }.map(\.rawValue)
  }
}

struct StressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stress",
    abstract: "Play a strategy on synthetic markets: normal, volatile, crashing, illiquid.",
    discussion: """
      Every mood is played with several seeds, so that means have standard errors. Sizes are \
      in units of the synthetic instrument: the price begins at 100.00 in ticks of 0.01, the \
      lot is 0.001. The true queue decides about fills unless --queue names a model. \
      Strategies that trade on features or forecasts cannot be stressed. With --out the \
      folder gets the tables and a page. Docs/scenarios.md tells more.

      Example: hoga backtest stress --strategy quotes --set position_limit=0.4 \\
        --size 0.05 --maximum-position 0.5 --maker-fee 0 --taker-fee 0.0005 \\
        --duration 2m --seeds 3 --seed 7
      """)

  @Option(help: "What to play.")
  var strategy: StressedStrategy
  @Option(name: .customLong("set"), help: "A setting of the strategy: key=value. May be repeated.")
  var settings: [String] = []
  @Option(help: "The size of an entry, in units.")
  var size: Double
  @Option(help: "The largest position; the size of an entry where not given.")
  var maximumPosition: Double?
  @Option(help: "The loss at which everything is left and trading stops.")
  var maximumLoss: Double?
  @Option(help: "The initial capital in quote currency.")
  var capital: Double = 10_000
  @OptionGroup var venue: VenueOptions
  @Option(help: "How queues are estimated: true, risk-averse, 'power 3', log, ….")
  var queue: String = "true"
  @Option(help: "normal, high-volatility, flash-crash, low-liquidity, or all. May be repeated.")
  var mood: [String] = ["all"]
  @Option(help: "How long each market lasts, such as 10m.")
  var duration: String = "10m"
  @Option(help: "When the flash crash begins, such as 5m; the middle where not given.")
  var crashAt: String?
  @Option(help: "How many markets of each mood.")
  var seeds: Int = 5
  @Option(help: "The first seed; the others follow it.")
  var seed: UInt32 = 1
  @Option(help: "The folder for the tables and the page.")
  var out: String?
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let options = try Workflow.Backtest(
        venue: try venue.venue(queue: queue), orderSize: size,
        maximumPosition: maximumPosition ?? size, maximumLoss: maximumLoss, capital: capital,
        strategies: [try Workflow.Strategy(kind: strategy.kind, settings: settings)])
      let job = StressJob(
        options: options,
        settings: try StressSettings(
          duration: try TimeSpan(argument: duration), seeds: seeds,
          moods: try StressSettings.moods(named: mood),
          crash: try crashAt.map { try TimeSpan(argument: $0) }),
        seed: UInt64(seed))
      let result = try job.run(out: out, producer: commandLine, monitor: monitor)
      output.show(result.json, result.text)
    }
  }
}
