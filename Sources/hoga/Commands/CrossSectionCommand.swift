import ArgumentParser
import Foundation
import HogaCore
import HogaCrossSection
import HogaJobs
import HogaLake

struct CrossSectionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "xsection",
    abstract: "Cross-sections of minutes: features and labels, models that rank symbols, scores.",
    subcommands: [
      Build.self, List.self, CrossSectionTrainCommand.self, CrossSectionPredictCommand.self,
      CrossSectionScoreCommand.self,
    ],
    defaultSubcommand: Build.self)

  /// What to compute.
  struct Options: ParsableArguments {
    @Option(help: "Windows and horizons in minutes, separated by commas.")
    var windows: String = CrossSectionSettings.defaultWindows.map(String.init)
      .joined(separator: ",")
    @Option(help: "What a label measures: return or difference.")
    var label: CrossSectionLabel = .return
    @Option(help: "Sets of features, separated by commas: specification, extended.")
    var sets: String = FeatureSet.specification.rawValue
    @Option(help: "Transforms across symbols, separated by commas: neut, rank, wz; or none.")
    var transforms: String = CrossSectionTransform.neutral.rawValue

    func settings() throws -> CrossSectionSettings {
      let settings = CrossSectionSettings(
        windows: try words(windows).map {
          guard let minutes = Int($0) else {
            throw UsageError("--windows '\($0)' is no number of minutes")
          }
          return minutes
        }, label: label, sets: try cases(sets, "--sets"),
        transforms: transforms == "none" ? [] : try cases(transforms, "--transforms"))
      try settings.validate()
      return settings
    }

    private func words(_ text: String) -> [String] {
      text.split(separator: ",", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private func cases<Value: RawRepresentable<String> & CaseIterable>(
      _ text: String, _ option: String
    ) throws -> [Value] {
      try words(text).map { word in
        guard let value = Value(rawValue: word) else {
          let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
          throw UsageError("\(option) '\(word)': choose from \(known)")
        }
        return value
      }
    }
  }

  struct Build: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compute each day's features and labels from the lake's minutes.",
      discussion: """
        Writes x/DATE.parquet (features), y/DATE.parquet (labels) and xy/DATE.parquet (both, joined \
        by symbol and time) for each day into the folder, and cross-section.json. Needs the table \
        'minutes' of 'hoga clean', of the day and of the day before. Days that are there already, \
        made from the same data with the same settings, are left as they are. What the columns mean \
        is told by 'hoga xsection list'. Models are fitted on the folder by 'hoga xsection train', used \
        by 'hoga xsection predict', and forecasts or features judged by 'hoga xsection score'.

        Example: hoga xsection --lake lake --venue binance-usdm --start 2025-06-01 \\
          --end 2025-06-30 --universe top50_universe.json --out cross-sections
        """)

    @OptionGroup var lake: LakeOption
    @Option(help: "The venue, as the lake names it: binance-usdm, …")
    var venue: String
    @Option(help: "The first date, yyyy-mm-dd (UTC).")
    var start: String
    @Option(help: "The last date.")
    var end: String
    @Option(help: "A file of 'hoga universe': each day's symbols.")
    var universe: String?
    @Option(help: "Without a file: this many symbols, the most traded of the day before.")
    var top: Int?
    @OptionGroup var options: Options
    @Option(
      help: """
        How the files are stored: parquet, or hdf5 for pandas.read_hdf(path, "table") and h5py; \
        Hoga's own commands read parquet.
        """)
    var format: CrossSectionJob.Format = .parquet
    @Option(help: "How many threads; 0 is one per core.")
    var workers: Int = 0
    @Flag(help: "Compute days anew that are there already.")
    var force = false
    @Option(help: "The folder to write.")
    var out: String
    @OptionGroup var output: JSONOption

    func run() throws {
      Console.run { monitor in
        let (first, last) = (try CivilDate(argument: start), try CivilDate(argument: end))
        guard first <= last else { throw UsageError("--start \(start) is after --end \(end)") }
        guard workers >= 0 else { throw UsageError("--workers \(workers) is below zero") }
        guard !out.isEmpty else { throw UsageError("--out has no folder") }
        let job = CrossSectionJob(
          lake: try Lake(argument: lake.lake), venue: venue, dates: first...last,
          members: try members(), settings: try options.settings(), format: format,
          workers: workers > 0 ? workers : ProcessInfo.processInfo.activeProcessorCount,
          force: force)
        let summary = try job.run(to: out, producer: commandLine, monitor: monitor)
        output.show(summary.json, "\(summary.text)\n\(out)")
      }
    }

    private func members() throws -> CrossSectionJob.Members {
      switch (universe, top) {
      case (.some, .some): throw UsageError("give --universe or --top, not both")
      case (let path?, nil): return .listed(try Universe.read(path), path: path)
      case (nil, let count?): return .top(count)
      case (nil, nil): return .all
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List every column: definition, unit, inputs, source, and which are the same.",
      discussion: "Example: hoga xsection list --windows 5,60 --json")

    @OptionGroup var options: Options
    @OptionGroup var output: JSONOption

    func run() throws {
      Console.check {
        let catalogue = try CrossSectionCatalogue(settings: try options.settings())
        output.show(catalogue.json, catalogue.description.trimmingNewline)
      }
    }
  }
}
