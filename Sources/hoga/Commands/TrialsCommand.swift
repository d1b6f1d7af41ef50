import ArgumentParser
import Foundation
import HogaCore
import HogaJobs
import HogaLake

struct TrialsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trials",
    abstract: "List every backtest tried on a lake's data, and judge the best by their number.",
    discussion: """
      Trials that share a market and a day count together, and are listed with the settings in which \
      they differ. The ledger lies in the lake's folder; runs that keep their lake to themselves share one \
      beside their folders, which '--lake runs' lists. The best Sharpe ratio is told with its error, the number of trials, its deflated probability, and the probability of overfitting \
      where returns overlap. Docs/statistics.md has the formulas.

      Example: hoga trials --lake lake --venue binance-usdm --symbol BTCUSDT
      """)

  @OptionGroup var lake: LakeOption
  @Option(help: "One venue.")
  var venue: String?
  @Option(help: "One symbol.")
  var symbol: String?
  @Option(help: "The first date, yyyy-mm-dd.")
  var from: String?
  @Option(help: "The last date, yyyy-mm-dd.")
  var to: String?
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let job = TrialsJob(
        lake: try Lake(argument: lake.lake), venue: venue, symbol: symbol, dates: try dates(),
        workers: ProcessInfo.processInfo.activeProcessorCount)
      let result = try job.run(monitor: monitor)
      output.show(result.json, result.text)
    }
  }

  private func dates() throws -> ClosedRange<CivilDate>? {
    guard from != nil || to != nil else { return nil }
    let first = try from.map { try CivilDate(argument: $0) } ?? CivilDate(daysSince1970: 0)
    let last = try to.map { try CivilDate(argument: $0) } ?? CivilDate(daysSince1970: 200_000)
    guard first <= last else { throw UsageError("--from \(first) is after --to \(last)") }
    return first...last
  }
}
