import ArgumentParser
import Foundation
import HogaCore
import HogaJobs
import HogaLake

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look for what makes results too good to be true.",
    discussion: "Example: hoga check leakage --data xsection --lake lake --venue binance-usdm",
    subcommands: [Leakage.self])

  struct Leakage: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "leakage",
      abstract: "Look for knowledge of the future in cross-sections and models.",
      discussion: """
        At random minutes, features are computed anew from the lake's minutes with all later ones \
        deleted, and with them shuffled; what is stored has to be the same. Columns that the catalogue \
        does not know are compared with labels, later returns and later features. The universe is \
        compared with the volume of its own day, a model's scaler with rows beyond its training.

        Exit code 65 where something was found, with --strict also where there are warnings.

        Example: hoga check leakage --data xsection --lake lake --venue binance-usdm \\
          --universe quality/top50_universe.json --model model.json --json
        """)

    @Option(help: "The folder that hoga xsection wrote.")
    var data: String
    @OptionGroup var lake: LakeOption
    @Option(help: "The venue, as the lake names it: binance-usdm, …")
    var venue: String
    @Option(help: "The universe's file; else the symbols of each day's file.")
    var universe: String?
    @Option(help: "A saved model; may be given several times.")
    var model: [String] = []
    @Option(help: "How many minutes to compute anew.")
    var samples: Int = 24
    @Option(help: "The seed of the random minutes.")
    var seed: UInt64 = 1
    @Option(help: "The rank IC that is not believed of a column of unknown making.")
    var icLimit: Double = 0.5
    @Option(help: "How many threads; 0 is one per core.")
    var workers: Int = 0
    @Flag(help: "Fail on warnings too: columns far better than any feature of the catalogue.")
    var strict = false
    @OptionGroup var output: JSONOption

    func run() throws {
      Console.run { monitor in
        guard workers >= 0 else { throw UsageError("--workers \(workers) is below zero") }
        guard !data.isEmpty else { throw UsageError("--data has no folder") }
        let job = LeakageJob(
          data: data, lake: try Lake(argument: lake.lake), venue: venue, universe: universe,
          models: model, samples: samples, seed: seed, limit: icLimit,
          workers: workers > 0 ? workers : ProcessInfo.processInfo.activeProcessorCount)
        let report = try job.run(monitor: monitor)
        output.show(report.json, report.text)
        if !report.passes(strict: strict) { throw FindingsError() }
      }
    }
  }
}
