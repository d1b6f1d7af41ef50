import ArgumentParser
import Foundation
import HogaCore
import HogaJobs
import HogaLake

/// The command line: arguments and wiring. What a command does is in the modules.
@main
struct Hoga: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hoga",
    abstract: "Machine learning on order books and ticks.",
    discussion: """
      From clone to report:

        ./hoga demo

      Your own data:

        ./hoga import binance-raw usdm.gz --market usdm --symbol BTCUSDT --lake lake
        ./hoga features --lake lake --venue binance-usdm --symbol BTCUSDT \\
          --date 2024-08-08 --vpin-bucket '10 base' --out features.parquet

      The whole chain:

        ./hoga run Examples/demo.yaml --set features.every=500ms

      Exit codes: 0 done, 64 usage, 65 data is wrong, 66 input is missing, 69 something is not \
      installed, 70 a fault of the program, 74 the machine could not do it, 130 stopped by Ctrl-C.
      """,
    version: HogaVersion.text,
    subcommands: [
      DemoCommand.self, RunCommand.self, FetchCommand.self, ImportCommand.self, LakeCommand.self,
      CheckCommand.self, FeaturesCommand.self, TrainCommand.self, EvaluateCommand.self,
      PredictCommand.self, CleanCommand.self, UniverseCommand.self, CrossSectionCommand.self,
      KimchiCommand.self, ScenarioCommand.self, BacktestCommand.self, BarsCommand.self,
      TrialsCommand.self, ReportCommand.self, DoctorCommand.self,
    ])
}

/// Where the lake is.
struct LakeOption: ParsableArguments {
  @Option(help: "The lake's folder.")
  var lake: String = "lake"
}

/// Which market, and which days of it.
struct MarketOptions: ParsableArguments {
  @Option(help: "The venue, as the lake names it: binance-usdm, lobster, …")
  var venue: String

  @Option(help: "The symbol: BTCUSDT, AMZN, …")
  var symbol: String

  @Option(help: "The date, yyyy-mm-dd: UTC, or New York's for LOBSTER.")
  var date: String?

  @Option(help: "The first date of several.")
  var from: String?

  @Option(help: "The last date of several.")
  var to: String?

  func dates() throws -> ClosedRange<CivilDate> {
    switch (date, from, to) {
    case (let date?, nil, nil):
      let day = try CivilDate(argument: date)
      return day...day
    case (nil, let from?, let to?):
      let (first, last) = (try CivilDate(argument: from), try CivilDate(argument: to))
      guard first <= last else { throw UsageError("--from \(from) is after --to \(to)") }
      return first...last
    default:
      throw UsageError("give --date, or --from and --to")
    }
  }

  func market() throws -> Workflow.Market {
    Workflow.Market(venue: venue, symbol: symbol, dates: try dates())
  }
}

extension Lake {
  init(argument: String) throws {
    // An empty path would be the file system's root: a shell variable that is not set.
    guard !argument.isEmpty else { throw UsageError("--lake has no folder") }
    self.init(root: argument)
  }
}

extension CivilDate {
  init(argument: String) throws {
    guard let date = CivilDate(argument) else {
      throw UsageError("'\(argument)' is not a date yyyy-mm-dd")
    }
    self = date
  }
}

extension TimeSpan {
  init(argument: String) throws {
    guard let span = TimeSpan(argument) else {
      throw UsageError("'\(argument)' is not a length of time such as 250ms, 20s or 5m")
    }
    self = span
  }
}

/// Output for programs.
struct JSONOption: ParsableArguments {
  @Flag(help: "Print JSON instead of text.")
  var json = false

  func show(_ value: JSONValue, _ text: @autoclosure () -> String) {
    let output = json ? value.text() : text() + "\n"
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(output.utf8))
    } catch {
      // Output that nobody got is no success.
      Console.fail(
        ResourceError("standard output cannot be written: \(error.localizedDescription)"))
    }
  }
}

/// The command line as given, for the files it makes; without what changes no result: where it goes
/// (`--out`, `--json`) and how it is made (`--workers`, `--threads`, `--force`).
var commandLine: String {
  var words = ["hoga"]
  var arguments = CommandLine.arguments.dropFirst()
  let valued = ["--out", "--workers", "--threads"]
  while let word = arguments.popFirst() {
    if valued.contains(word) {
      _ = arguments.popFirst()
    } else if !valued.contains(where: { word.hasPrefix($0 + "=") }),
      !["--json", "--force"].contains(word)
    {
      words.append(word)
    }
  }
  return words.joined(separator: " ")
}
