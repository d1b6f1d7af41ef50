import ArgumentParser

/// Measures Hoga where its users wait. `Benchmarks/run` sets the numbers beside those of peers.
@main
struct HogaBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hoga-bench",
    abstract: "Measure Hoga; each command prints JSON.",
    discussion: """
      Numbers for comparison are taken on one core of an idle machine, in a release build:

        taskset -c 1 hoga-bench import Examples/data/binance-btc/usdm_btcusdt_20240808.gz \\
          --market usdm --symbol BTCUSDT
      """,
    subcommands: [
      FeaturesBenchmark.self, ImportBenchmark.self, LakeBenchmark.self, LassoBenchmark.self,
      BacktestBenchmark.self, TickBenchmark.self, FlatMemoryBenchmark.self, BarsBenchmark.self,
      BookBenchmark.self,
      CandleBenchmark.self, CrossSectionBenchmark.self, ScenarioBenchmark.self,
    ])
}

/// What all commands take.
struct CommonOptions: ParsableArguments {
  @Option(help: "How often each thing is measured.")
  var repeats: Int = 7

  @Option(help: "A folder for what is written on the way; else a temporary one, removed after.")
  var folder: String?

  func validate() throws {
    guard repeats > 0 else { throw ValidationError("--repeats is one or more") }
  }
}
