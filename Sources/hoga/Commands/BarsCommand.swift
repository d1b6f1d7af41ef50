import ArgumentParser
import Foundation
import HogaCore
import HogaJobs

struct BarsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bars",
    abstract: "Play strategies on bars of many symbols: weights, costs, funding, exact money.",
    discussion: """
      A weight decided when a bar has closed trades at the next bar's open. Buy and hold, equal \
      weights and random portfolios of the same shape always stand beside the strategy. \
      Docs/bars.md has the rules; a workflow file (kind: bars) has every setting.

      Strategies: momentum, reversal, trend, scores, weights, random, buy-and-hold, \
      equal-weight; several are separated by commas.

      Example: hoga bars --lake lake --venue binance-usdm --start 2025-05-26 \\
        --end 2025-06-08 --strategy reversal,momentum --window 1h --every 1h \\
        --quantile 0.34 --half-spread 0.5 --out runs/bars
      """)

  @OptionGroup var lake: LakeOption
  @Option(help: "The venue, as the lake names it: binance-usdm, …")
  var venue: String
  @Option(help: "The bars: 1m, 1h, …, or minutes for the cleaned table.")
  var bars: String = "1m"
  @Option(help: "The first date, UTC.")
  var start: String
  @Option(help: "The last date, UTC.")
  var end: String
  @Option(help: "Symbols, separated by commas; all that have bars where left out.")
  var symbols: String?
  @Option(help: "What to play, separated by commas.")
  var strategy: String
  @Option(help: "Over how long returns are taken: 1h, 1d, …")
  var window: String = "1h"
  @Option(help: "The latest part that is left out of them.")
  var skip: String = "0s"
  @Option(help: "The share of symbols bought, and sold.")
  var quantile: Double = 0.2
  @Option(help: "Weights: equal within quantiles, or by ranks.")
  var weighting: String = "equal"
  @Option(help: "neutral, or long.")
  var side: String = "neutral"
  @Option(help: "The share of the last weights that is kept.")
  var smoothing: Double = 0
  @Option(help: "Scores or weights: a file, or a folder of forecasts by day.")
  var file: String?
  @Option(help: "The column of the file.")
  var column: String?
  @Option(help: "How long after its time a value of the file is known.")
  var knownAfter: String?
  @Option(help: "How long a value of the file may be used.")
  var maximumAge: String?
  @Option(help: "The time between decisions.")
  var every: String = "1h"
  @Option(help: "The price of the bar that orders trade at: open, close or vwap.")
  var price: String = "open"
  @Option(help: "How many bars after the decision.")
  var delay: Int = 1
  @Option(help: "On how many bars an order is tried.")
  var patience: Int = 1
  @Option(help: "The capital at the start.")
  var capital: Double = 100_000
  @Option(help: "The largest sum of absolute weights.")
  var gross: Double = 1
  @Option(help: "The fee of a trade, as a fraction.")
  var takerFee: Double = 0.0005
  @Option(help: "Half the spread, in bps.")
  var halfSpread: Double = 0
  @Option(help: "The coefficient of the square-root impact; 0 for none.")
  var impact: Double = 0
  @Option(help: "The largest share of a bar's volume that an order gets.")
  var participation: Double?
  @Flag(help: "Leave the lake's funding out.")
  var noFunding = false
  @Option(help: "Random portfolios of the same shape.")
  var randomRuns: Int = 100
  @Option(help: "The seed of chance.")
  var seed: Int = 1
  @Option(help: "The folder for results.")
  var out: String
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let workflow = try BarWorkflow(
        settings: settings(), relativeTo: FileManager.default.currentDirectoryPath)
      try runWorkflow(workflow, out: out, output: output, monitor: monitor)
    }
  }

  /// The workflow that the options describe.
  private func settings() throws -> JSONValue {
    guard !lake.lake.isEmpty else { throw UsageError("--lake has no folder") }
    let impact: JSONValue =
      self.impact > 0
      ? ["kind": "square-root", "coefficient": .double(self.impact)] : .null
    return [
      "seed": .int(Int64(seed)), "lake": .string(lake.lake),
      "market": [
        "venue": .string(venue), "bars": .string(bars), "from": .string(start),
        "to": .string(end), "funding": .bool(!noFunding),
        "symbols": symbols.map { .array(list($0).map { .string($0) }) } ?? .null,
      ], "account": ["capital": .double(capital), "gross": .double(gross)],
      "costs": [
        "taker_fee": .double(takerFee), "half_spread": .double(halfSpread), "impact": impact,
        "participation": .optional(participation),
      ],
      "execution": [
        "price": .string(price), "delay": .int(Int64(delay)), "patience": .int(Int64(patience)),
        "rebalance": .string(every),
      ], "random_runs": .int(Int64(randomRuns)),
      "strategies": .array(try list(strategy).map { try settings(of: $0) }),
    ]
  }

  private func settings(of kind: String) throws -> JSONValue {
    var members: [(String, JSONValue)] = [("kind", .string(kind))]
    switch kind {
    case "momentum", "reversal": members += [("window", .string(window)), ("skip", .string(skip))]
    case "trend":
      members += [
        ("window", .string(window)), ("gross", .double(gross)), ("side", .string(side)),
      ]
    case "scores", "weights":
      guard let file else { throw UsageError("--strategy \(kind): give --file") }
      members += [
        ("file", .string(file)), ("column", column.map { .string($0) } ?? .null),
        ("known_after", knownAfter.map { .string($0) } ?? .null),
        ("maximum_age", maximumAge.map { .string($0) } ?? .null),
      ]
    default: break
    }
    if ["momentum", "reversal", "scores", "random"].contains(kind) {
      members += [
        ("quantile", weighting == "ranks" ? .null : .double(quantile)),
        ("weighting", .string(weighting)), ("side", .string(side)), ("gross", .double(gross)),
        ("smoothing", .double(smoothing)),
      ]
    }
    return .object(members)
  }

  private func list(_ text: String) -> [String] { text.split(separator: ",").map { String($0) } }
}
