import ArgumentParser
import HogaCore
import HogaFeatures
import HogaJobs
import HogaLake

struct FeaturesBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Measure all features of a LOBSTER day on a grid of one second.",
    discussion: """
      Imports the day once, then measures the features of decoded tables, and the whole job from
      Parquet files. Events are the rows of the book's table and the trades.
      """)

  @Argument(help: "A LOBSTER zip with message and order-book file.")
  var archive: String
  @Option(help: "The volume of a VPIN bucket in shares.")
  var bucket: Double = 2000
  @OptionGroup var common: CommonOptions

  func run() throws {
    let machine = Machine()
    try Scratch.with(common) { scratch in
      let (lake, market) = try scratch.lobsterDay(archive)
      let options = Workflow.Features(
        vpinBucket: Workflow.VPINBucket("\(bucket) base") ?? Workflow.VPINBucket("2000 base"))
      let job = FeatureJob(lake: lake, market: market, options: options)
      let whole = try Measurement(
        "features, whole job", unit: "events",
        counted: "book rows and trades, read from Parquet, to a feature table in memory",
        repeats: common.repeats
      ) {
        let result = try job.run()
        return outcome(result.table, events: result.summary.events)
      }
      machine.report("features", [try measureDecoded(job), whole])
    }
  }

  /// Measures the merge of book and trades, all operators and the grid.
  private func measureDecoded(_ job: FeatureJob) throws -> Measurement {
    let summary = try job.run().summary
    let market = job.market
    let reader = try MarketReader(
      job.lake, venue: market.venue, symbol: market.symbol, dates: market.dates)
    let book = try frames(reader.bookSource())
    let trades = try frames(reader.tradeSource())
    let events = (book + trades).reduce(0) { $0 + $1.rowCount }
    return try Measurement(
      "features, from memory", unit: "events",
      counted: "book rows and trades, from decoded columns to a feature table in memory",
      repeats: common.repeats
    ) {
      let table = try FeatureTable.make(
        book: source(book), trades: source(trades), instrument: summary.instrument,
        settings: summary.settings)
      return outcome(table, events: Int64(events))
    }
  }

  private func outcome(_ table: Frame, events: Int64) -> Measurement.Outcome {
    Measurement.Outcome(
      amount: Double(events),
      digest: {
        var digest = FNV1a()
        digest.add(table)
        return digest
      },
      facts: {
        let sums = try Self.facts.map { name in
          (name, try table.doubles(name).reduce(0) { $1.isNaN ? $0 : $0 + abs($1) })
        }
        return [
          ("rows", Double(table.rowCount)), ("columns", Double(table.columnCount - 1)),
        ] + sums
      })
  }

  /// Columns whose sums a peer must find as well, one of each kind.
  private static let facts = [
    "mid", "imbalance_5", "ofi_60s", "mlofi_5_60s", "ofi_norm_60s", "volume_60s", "rv_60s",
    "kyle_lambda_60s", "effective_spread_bps_60s", "vpin", "vpin_bvc",
  ]

  private func frames(_ source: Replay.Source?) throws -> [Frame] {
    var frames: [Frame] = []
    while let frame = try source?() { frames.append(frame) }
    return frames
  }

  private func source(_ frames: [Frame]) -> Replay.Source {
    var left = frames[...]
    return { left.popFirst() }
  }
}
