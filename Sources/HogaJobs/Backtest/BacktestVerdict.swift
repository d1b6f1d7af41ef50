internal import HogaCore
internal import HogaReport

/// Which strategies lost, and whether costs were the reason.
enum BacktestVerdict {
  /// - Parameter backtests: the part `backtests` of a run's metrics.
  static func callouts(_ backtests: [JSONValue]) -> [ReportBlock.Callout] {
    func part(_ name: String, _ backtest: JSONValue) -> Double {
      (backtest["result"]?["waterfall"]).double(name)
    }
    func names(_ backtests: [JSONValue]) -> String {
      backtests.map { $0.string("name") }.joined(separator: ", ")
    }
    let losing = backtests.filter { part("net", $0) < 0 }
    let byCosts = losing.filter { part("gross", $0) > 0 }
    let before = losing.filter { !(part("gross", $0) > 0) }
    var callouts: [ReportBlock.Callout] = []
    if !byCosts.isEmpty {
      callouts.append(
        .init(
          .info, "Costs decide",
          "Before costs \(names(byCosts)) earned something, after them a loss is left."))
    }
    if !before.isEmpty {
      callouts.append(
        .init(
          .info, "Lost even before costs",
          "\(names(before)) earned nothing before spread, latency and fees, and lost after them."))
    }
    return callouts
  }
}
