import ArgumentParser
import Foundation
import HogaCore
import HogaFeatures
import HogaJobs
import HogaLake

struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Compute feature tables, or list what can be computed.",
    subcommands: [Build.self, List.self],
    defaultSubcommand: Build.self)

  /// What to compute.
  struct Options: ParsableArguments {
    @Option(help: "The grid's step.")
    var every: String = "1s"
    @Option(help: "Windows, separated by commas; multiples of the step.")
    var windows: String = "20s,60s,300s"
    @Option(
      help: "Volume of a VPIN bucket: '2', '2 base' or '100000 quote'; else the day before's / 50.")
    var vpinBucket: String?
    @Option(help: "Over how many buckets VPIN is the mean.")
    var vpinBuckets: Int = 50
    @Option(help: "The time bar of bulk-classified VPIN.")
    var vpinBar: String = "60s"

    func features() throws -> Workflow.Features {
      Workflow.Features(
        every: try TimeSpan(argument: every),
        windows: try windows.split(separator: ",").map { try TimeSpan(argument: String($0)) },
        vpinBucket: try vpinBucket.map {
          guard let bucket = Workflow.VPINBucket($0) else {
            throw UsageError("--vpin-bucket '\($0)': write '2', '2 base' or '100000 quote'")
          }
          return bucket
        },
        vpinBuckets: vpinBuckets, vpinBar: try TimeSpan(argument: vpinBar))
    }
  }

  struct Build: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compute features of a market's days.",
      discussion: """
        With --out, the days given are one stretch and one file. Without, each day is computed \
        by itself, several at once, into the lake's table 'features'. What the columns mean is \
        told by 'hoga features list'.

        Example: hoga features --lake lake --venue lobster --symbol AMZN \\
          --date 2012-06-21 --every 1s --out amzn.parquet
        """)

    @OptionGroup var lake: LakeOption
    @OptionGroup var market: MarketOptions
    @OptionGroup var options: Options
    @Option(help: "The Parquet file to write.")
    var out: String?
    @Option(help: "How many days to compute at once; 0 is one per core.")
    var threads: Int = 0
    @OptionGroup var output: JSONOption

    func run() throws {
      Console.run { monitor in
        let lake = try Lake(argument: self.lake.lake)
        let market = try market.market()
        let options = try options.features()
        if let out {
          try write(FeatureJob(lake: lake, market: market, options: options), to: out, monitor)
        } else {
          try writeToLake(lake, market, options, monitor)
        }
      }
    }

    private func write(_ job: FeatureJob, to out: String, _ monitor: JobMonitor) throws {
      let began = ContinuousClock.now
      let result = try job.write(to: out, producer: commandLine, monitor: monitor)
      let seconds = (ContinuousClock.now - began).inSeconds
      output.show(
        [
          "file": .string(out), "rows": .int(Int64(result.rows)),
          "columns": .int(Int64(result.columns)), "events": .int(result.events),
          "seconds": .double(seconds), "notes": .array(result.notes.map { .string($0) }),
        ],
        ([
          "\(NumberText.count(result.rows)) rows of \(result.columns) columns "
            + "from \(NumberText.count(result.events)) rows of events in "
            + "\(NumberText.seconds(seconds)): \(out)"
        ] + result.notes).joined(separator: "\n"))
    }

    private func writeToLake(
      _ lake: Lake, _ market: Workflow.Market, _ options: Workflow.Features, _ monitor: JobMonitor
    ) throws {
      let days = try lake.partitions(
        venue: market.venue, symbol: market.symbol, dates: market.dates
      ).filter { ["depth", "book", "quotes"].contains($0.table) }.map(\.date)
      let pieces = Set(days).sorted().map {
        FeatureJob(
          lake: lake,
          market: Workflow.Market(venue: market.venue, symbol: market.symbol, dates: $0...$0),
          options: options)
      }
      guard !pieces.isEmpty else {
        throw MissingInputError(
          "\(lake.root): no order book of \(market.venue) \(market.symbol) in these days")
      }
      let written = try FeatureJob.runAll(
        pieces, threads: threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount,
        producer: commandLine, monitor: monitor)
      output.show(
        .array(
          written.map {
            [
              "partition": .string($0.partition.name), "path": .string($0.partition.path),
              "rows": .int(Int64($0.rows)), "notes": .array($0.notes.map { .string($0) }),
            ]
          }),
        written.flatMap {
          ["\($0.partition.name): \(NumberText.count($0.rows)) rows"] + $0.notes.map { "  \($0)" }
        }.joined(separator: "\n"))
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List every feature: definition, unit, look-back, source.",
      discussion: "Example: hoga features list --windows 5s,30s --json")

    @OptionGroup var options: Options
    @OptionGroup var output: JSONOption

    func run() throws {
      Console.check {
        let features = try options.features()
        let catalogue = try FeatureCatalogue(
          settings: FeatureSettings(
            every: features.every, windows: features.windows, vpinBuckets: features.vpinBuckets,
            vpinBar: features.vpinBar))
        output.show(catalogue.json, catalogue.description.trimmingNewline)
      }
    }
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
