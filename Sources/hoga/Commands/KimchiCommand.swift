import ArgumentParser
import Foundation
import HogaCore
import HogaJobs

struct KimchiCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kimchi",
    abstract: "Measure the premium of a Korean venue, foretell it, and trade it.",
    discussion: """
      premium = Korean price / (foreign price · won per dollar) − 1, as of each grid time, from \
      candles in the lake. Features, three-class forecasts 1 to 24 hours ahead beside baselines, \
      and rules that trade both legs from an inventory, after all costs. Docs/kimchi.md has the \
      formulas; a workflow file (kind: kimchi) has every setting.

      Example: hoga kimchi --lake lake --korean upbit:BTC-KRW \\
        --foreign binance-spot:BTCUSDT --fx ecb:USD-KRW --start 2017-09-26 \\
        --end 2018-02-07 --out runs/premium
      """)

  @OptionGroup var lake: LakeOption
  @Option(help: "The Korean leg, venue:symbol; prices in won.")
  var korean: String
  @Option(help: "The foreign leg, venue:symbol; prices in tether or dollars.")
  var foreign: String
  @Option(help: "The rate, venue:symbol; won per dollar.")
  var fx: String
  @Option(help: "The candles of both venues: 1m, 1h, …")
  var bars: String = "1h"
  @Option(help: "The candles of the rate.")
  var fxBars: String = "1d"
  @Option(help: "From when a rate is known: ecb (16:00 in Frankfurt) or close.")
  var fxKnown: String?
  @Option(help: "The oldest quote of a venue that may be used.")
  var maximumAge: String = "1h"
  @Option(help: "The oldest rate that may be used.")
  var maximumFxAge: String = "5d"
  @Option(help: "The grid's step.")
  var every: String = "1h"
  @Option(help: "How long after midnight UTC the grid passes.")
  var offset: String = "0s"
  @Option(help: "The first date, UTC.")
  var start: String
  @Option(help: "The last date, UTC.")
  var end: String
  @Option(help: "Spans of changes and returns, separated by commas.")
  var changes: String = "1h,6h,24h"
  @Option(help: "Windows of means and deviations, separated by commas.")
  var windows: String = "24h,168h"
  @Option(help: "How far ahead to look, separated by commas.")
  var horizons: String = "1h,6h,12h,24h"
  @Option(
    help: "A change counts as up or down beyond this, in bps; else half a trailing volatility.")
  var threshold: Double?
  @Option(help: "Models to judge, separated by commas; 'none' for none.")
  var models: String = "logistic,lightgbm"
  @Option(help: "Folds of the walk-forward.")
  var folds: Int = 5
  @Option(help: "Taker fees in Korea and abroad in bps, and half the spreads: 5,10,3,1.")
  var fees: String = "5,10,3,1"
  @Option(help: "Won on each of the four sides: cash and coins, in Korea and abroad.")
  var stock: Int = 25_000_000
  @Option(help: "The size of an entry in won; 0 trades nothing.")
  var size: Int = 10_000_000
  @Option(help: "What may cross the border on a day, in won.")
  var transferLimit: Int = 50_000_000
  @Option(help: "The seed of chance.")
  var seed: Int = 1
  @Option(help: "The folder for results.")
  var out: String
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      let workflow = try KimchiWorkflow(
        settings: settings(), relativeTo: FileManager.default.currentDirectoryPath)
      try runWorkflow(workflow, out: out, output: output, monitor: monitor)
    }
  }

  /// The workflow that the options describe.
  private func settings() throws -> JSONValue {
    let paid = list(fees)
    guard paid.count == 4 else { throw UsageError("--fees '\(fees)': four numbers are needed") }
    guard !lake.lake.isEmpty else { throw UsageError("--lake has no folder") }
    let chosen = models == "none" ? [] : list(models)
    var rules: [JSONValue] = [["kind": "reversion", "hold": "72h"]]
    if let model = chosen.first, let horizon = list(horizons).last {
      rules.append([
        "kind": "model", "model": .string(model), "horizon": .string(horizon),
        "hold": .string(horizon),
      ])
    }
    rules.append(["kind": "always"])
    let classes: JSONValue = threshold.map { ["threshold_bps": .double($0)] } ?? .null
    let study: JSONValue = [
      "from": .string(start), "to": .string(end), "every": .string(every),
      "offset": .string(offset), "changes": texts(changes), "windows": texts(windows),
      "horizons": texts(horizons), "classes": classes,
      "validation": ["folds": .int(Int64(folds))],
      "models": .array(chosen.map { ["kind": .string($0)] }),
      "rules": .array(size > 0 ? rules : []),
    ]
    let stock = JSONValue.int(Int64(stock))
    let backtest: JSONValue = [
      "costs": [
        "korean_fee": .string(paid[0]), "foreign_fee": .string(paid[1]),
        "korean_half_spread": .string(paid[2]), "foreign_half_spread": .string(paid[3]),
        "fx_spread": 20, "transfer_fee": 5000, "transfer_limit": .int(Int64(transferLimit)),
        "transfer_minimum": 1_000_000, "transfer_delay": "24h",
      ],
      "inventory": [
        "korean_cash": stock, "korean_coins": stock, "foreign_cash": stock, "foreign_coins": stock,
      ], "trade_size": .int(Int64(size)), "patience": "25h",
    ]
    return [
      "seed": .int(Int64(seed)), "lake": .string(lake.lake),
      "market": [
        "korean": .string(korean), "foreign": .string(foreign), "fx": .string(fx),
        "bars": .string(bars), "fx_bars": .string(fxBars),
        "fx_known": fxKnown.map { .string($0) } ?? .null,
      ],
      "limits": [
        "korean": .string(maximumAge), "foreign": .string(maximumAge),
        "fx": .string(maximumFxAge),
      ], "studies": [study], "backtest": size > 0 ? backtest : .null,
    ]
  }

  private func list(_ text: String) -> [String] { text.split(separator: ",").map { String($0) } }
  private func texts(_ text: String) -> JSONValue { .array(list(text).map { .string($0) }) }
}
