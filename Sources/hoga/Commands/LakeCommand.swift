import ArgumentParser
import HogaCore
import HogaLake

struct LakeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lake",
    abstract: "List what a lake holds, check it, or write a book out.",
    discussion: "Example: hoga lake ls --lake lake",
    subcommands: [List.self, Check.self, Book.self])

  /// Which partitions; all where nothing is given.
  struct Selection: ParsableArguments {
    @Option(help: "The lake's folder.")
    var lake: String = "lake"
    @Option(help: "One table: trades, depth, book, quotes, …")
    var table: String?
    @Option(help: "One venue.")
    var venue: String?
    @Option(help: "One symbol.")
    var symbol: String?
    @Option(help: "The first date, yyyy-mm-dd.")
    var from: String?
    @Option(help: "The last date, yyyy-mm-dd.")
    var to: String?

    func dates() throws -> ClosedRange<CivilDate>? {
      guard from != nil || to != nil else { return nil }
      let first = try from.map { try CivilDate(argument: $0) } ?? CivilDate(daysSince1970: 0)
      let last =
        try to.map { try CivilDate(argument: $0) } ?? CivilDate(daysSince1970: 200_000)
      guard first <= last else { throw UsageError("--from \(first) is after --to \(last)") }
      return first...last
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ls",
      abstract: "List partitions: rows, span, longest gap, size. Keeps coverage.json up to date.",
      discussion: "Example: hoga lake ls --lake lake --venue binance-usdm")

    @OptionGroup var selection: Selection
    @OptionGroup var output: JSONOption

    func run() throws {
      Console.run { monitor in
        let coverage = try Lake(argument: selection.lake).coverage(
          table: selection.table, venue: selection.venue, symbol: selection.symbol,
          dates: selection.dates(), monitor: monitor)
        output.show(coverage.json, coverage.description)
        if !coverage.unreadable.isEmpty { throw FindingsError() }
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Look for gaps, duplicates, crossed books, time going backward and more.",
      discussion: """
        Exit code 65 where something is wrong; warnings alone are 0.

        Example: hoga lake check --lake lake --symbol BTCUSDT --silence 30s --json
        """)

    @OptionGroup var selection: Selection
    @Option(help: "Times without an event longer than this are counted.")
    var silence: String = "60s"
    @OptionGroup var output: JSONOption

    func run() throws {
      Console.run { monitor in
        let report = try LakeCheck(silenceLimit: TimeSpan(argument: silence)).run(
          Lake(argument: selection.lake), table: selection.table, venue: selection.venue,
          symbol: selection.symbol, dates: selection.dates(), monitor: monitor)
        output.show(report.json, report.description)
        if report.hasErrors { throw FindingsError() }
      }
    }
  }
}
