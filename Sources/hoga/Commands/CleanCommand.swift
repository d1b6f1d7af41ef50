import ArgumentParser
import Foundation
import HogaCore
import HogaCrossSection
import HogaJobs
import HogaLake

/// Which days of which venue, and with how many threads.
struct VenueDaysOptions: ParsableArguments {
  @Option(help: "The venue, as the lake names it: binance-usdm, …")
  var venue: String
  @Option(help: "The first date, yyyy-mm-dd, UTC.")
  var start: String
  @Option(help: "The last date.")
  var end: String
  @Option(help: "How many days to work on at once; 0 is one per core.")
  var workers: Int = 0

  func dates() throws -> ClosedRange<CivilDate> {
    let (first, last) = (try CivilDate(argument: start), try CivilDate(argument: end))
    guard first <= last else { throw UsageError("--start \(start) is after --end \(end)") }
    return first...last
  }

  func threads() throws -> Int {
    guard workers >= 0 else { throw UsageError("--workers \(workers) is below zero") }
    return workers > 0 ? workers : ProcessInfo.processInfo.activeProcessorCount
  }
}

struct CleanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean",
    abstract: "Check and clean a venue's minutes: fill small gaps, ban what is unusable.",
    discussion: """
      Reads candles_1m, premium_1m and metrics of the lake and writes its table 'minutes': 1,440 rows \
      for each symbol that is kept. Into --out go banned_symbols.json, global_ban_dates.json, \
      clean.json and clean.html.

      Example: hoga clean --lake lake --venue binance-usdm --start 2025-05-25 \\
        --end 2025-06-24 --out quality
      """)

  @OptionGroup var lake: LakeOption
  @OptionGroup var days: VenueDaysOptions
  @Option(help: "The folder for the lists and the page.")
  var out: String
  @Option(help: "So many missing values in the required columns ban a symbol for the day.")
  var limit: Int = 30
  @Option(
    help: """
      Required columns, separated by commas: open high low close volume quote count taker_quote; \
      else the prices and what else the day's candles have.
      """)
  var required: String?
  @Flag(help: "Ban a symbol that nobody traded all day; else it is kept and reported.")
  var banZeroVolume = false
  @Option(help: "How long open interest and ratios are carried forward.")
  var maxAge: String = "1h"
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let job = CleanJob(
        lake: try Lake(argument: lake.lake), venue: days.venue, dates: try days.dates(),
        settings: try settings(), workers: try days.threads())
      let summary = try job.run(to: out, producer: commandLine, monitor: monitor)
      output.show(summary.json, summary.text + "\n  \(out)/clean.html")
    }
  }

  private func settings() throws -> CleaningSettings {
    CleaningSettings(
      limit: limit,
      required: try required.map {
        try $0.split(separator: ",").map { name in
          guard let field = MinuteField(rawValue: String(name)) else {
            throw UsageError("--required: “\(name)” is no column of minutes")
          }
          return field
        }
      }, bansZeroVolume: banZeroVolume, maximumAge: try TimeSpan(argument: maxAge))
  }
}
