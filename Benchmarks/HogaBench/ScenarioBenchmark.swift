import ArgumentParser
import HogaCore
import HogaJobs
import HogaLake
import HogaScenarios

struct ScenarioBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenario",
    abstract: "Measure synthetic markets: the flow alone, its rows in memory, and on the disk.")

  @Option(help: "Events of the flow.")
  var events: Int = 1_000_000
  @Option(help: "The mood.")
  var mood: String = ScenarioMood.normal.rawValue
  @OptionGroup var common: CommonOptions

  func run() throws {
    let machine = Machine()
    guard let mood = ScenarioMood(rawValue: mood) else { throw ValidationError("no such mood") }
    var measurements: [Measurement] = []
    measurements.append(
      try Measurement(
        "order flow", unit: "events", counted: "events of the Hawkes process drawn",
        repeats: common.repeats
      ) {
        var process = try HawkesProcess(mood.settings().flow)
        var random = SeededRandom(7)
        for _ in 0..<events { _ = process.next(before: .infinity, using: &random) }
        return Measurement.Outcome(
          amount: Double(events),
          digest: {
            var digest = FNV1a()
            digest.add(Int64(process.time * 1e9))
            return digest
          })
      })
    measurements.append(
      try Measurement(
        "market in memory", unit: "events",
        counted: "events of the flow, from the seed to chunks of orders, depth and trades",
        repeats: common.repeats
      ) {
        var stream = try SyntheticMarket(mood: mood, seed: 7).stream(until: .events(events))
        var digest = FNV1a()
        var rows = 0
        while let chunk = stream.next() {
          rows += chunk.tables.reduce(0) { $0 + $1.frame.rowCount }
          digest.add(try chunk.orders.int64s("price").last ?? 0)
        }
        return Measurement.Outcome(
          amount: Double(events), digest: { digest }, facts: { [("rows", Double(rows))] })
      })
    try Scratch.with(common) { scratch in
      var lake = try scratch.emptyLake("scenario")
      measurements.append(
        try Measurement(
          "market in the lake", unit: "events",
          counted: "events of the flow, from the seed to Parquet on the disk",
          repeats: common.repeats, prepare: { lake = try scratch.emptyLake("scenario") }
        ) {
          let job = ScenarioJob(moods: [mood], end: .events(events), seed: 7)
          let report = try job.run(into: lake, monitor: JobMonitor())
          return Measurement.Outcome(
            amount: Double(events), digest: { FNV1a(report.markets[0].truth.json.text()) })
        })
    }
    machine.report("scenario", measurements)
  }
}
