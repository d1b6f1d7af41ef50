import ArgumentParser
import HogaCore
import HogaJobs
import HogaLake
import HogaScenarios

struct ScenarioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenario",
    abstract: "Make a synthetic market with known truth, and write it to the lake.",
    discussion: """
      Order flow is a mutually exciting Hawkes process on a true book of single orders. The lake \
      gets the tables orders, depth, trades and status of the venue 'synthetic' under the mood's \
      name in capitals (NORMAL, HIGH-VOLATILITY, FLASH-CRASH, LOW-LIQUIDITY), as an importer \
      would write them. Beside the lake, LAKE-truth/SYMBOL-DATE.json holds settings, seed, \
      intensities, and what was measured. The same seed makes the same rows.

      All four moods, ten minutes each:

        hoga scenario --mood all --duration 10m --seed 7 --lake lake

      With settings of your own, by the names in the file of truth:

      Example: hoga scenario --mood flash-crash --settings crash.json \\
        --duration 10m --seed 7 --lake lake
      """)

  @Option(help: "normal, high-volatility, flash-crash, low-liquidity, or all.")
  var mood: String
  @Option(help: "How long the market lasts, such as 10m.")
  var duration: String?
  @Option(help: "How many events of the flow it has, in place of --duration.")
  var events: Int?
  @Option(help: "What chance starts from.")
  var seed: UInt64 = 1
  @Option(help: "The exchange's time of the first row, yyyy-mm-dd or yyyy-mm-ddThh:mm:ssZ.")
  var start: String?
  @Option(help: "When the flash crash begins, such as 5m; the middle where not given.")
  var crashAt: String?
  @Option(help: "A JSON file of settings that replace the mood's.")
  var settings: String?
  @Option(help: "The lake's folder; made where it is missing.")
  var lake: String = "lake"
  @Option(help: "The folder for the files of truth; LAKE-truth where not given.")
  var truth: String?
  @Flag(help: "Also write the table scenario_events: every event with its true intensities.")
  var keepEvents = false
  @Flag(help: "Replace partitions that another seed, mood or duration made.")
  var replace = false
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let job = ScenarioJob(
        moods: try moods(), end: try end(), seed: seed,
        crash: try crashAt.map { try TimeSpan(argument: $0).seconds }, start: try startTime(),
        settingsFile: settings, keepsEvents: keepEvents, replace: replace, producer: commandLine,
        truthFolder: truth)
      let report = try job.run(into: try Lake(argument: lake), monitor: monitor)
      output.show(report.json, report.description)
    }
  }

  private func moods() throws -> [ScenarioMood] {
    if mood == "all" { return ScenarioMood.allCases }
    guard let known = ScenarioMood(rawValue: mood) else {
      let names = ScenarioMood.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError("there is no mood '\(mood)'; there are \(names), and all")
    }
    return [known]
  }

  private func end() throws -> ScenarioStream.End {
    switch (duration, events) {
    case (let duration?, nil): .seconds(try TimeSpan(argument: duration).seconds)
    case (nil, let events?): .events(events)
    default: throw UsageError("give --duration or --events")
    }
  }

  private func startTime() throws -> Timestamp? {
    guard let start else { return nil }
    return try CivilDate(start)?.start ?? BookJob.time(start)
  }
}
