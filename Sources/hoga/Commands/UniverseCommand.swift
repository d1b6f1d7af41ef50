import ArgumentParser
import HogaCore
import HogaJobs
import HogaLake

struct UniverseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "universe",
    abstract: "Choose each day's most traded symbols.",
    discussion: """
      By the quote volume of the day before, from the lake's table 'minutes' (hoga clean). Writes \
      top{N}_universe.json: {date: [symbol, most traded first]}. With --same-day the day's own \
      volume decides; nobody knew it on the day, so the file and all that is built on it are marked.

      Example: hoga universe --lake lake --venue binance-usdm --top 50 \\
        --start 2025-05-26 --end 2025-06-24 --out quality
      """)

  @OptionGroup var lake: LakeOption
  @OptionGroup var days: VenueDaysOptions
  @Option(help: "How many symbols a day.")
  var top: Int
  @Option(help: "The folder for the file.")
  var out: String
  @Flag(help: "Rank by the day's own volume, which looks ahead.")
  var sameDay = false
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let job = UniverseJob(
        lake: try Lake(argument: lake.lake), venue: days.venue, dates: try days.dates(), top: top,
        sameDay: sameDay, workers: try days.threads())
      let result = try job.run(to: out, monitor: monitor)
      output.show(result.json, result.text)
    }
  }
}
