internal import HogaCore

/// A backtest's results as a trader reads them in a terminal.
struct BacktestSummary {
  private let metrics: JSONValue

  /// - Parameter metrics: the content of a run's `metrics.json`.
  init(_ metrics: JSONValue) { self.metrics = metrics }

  var text: String {
    [heading, RunSummary(metrics).strategies(over: "the same time"), shortfalls, markOuts, trials]
      .filter {
        !$0.isEmpty
      }
      .joined(separator: "\n\n")
  }

  private var heading: String {
    let market = metrics["market"]
    return "\(market.string("symbol")) on \(market.string("venue")), "
      + "\(RunReport.plain(market.string("from"))) – \(RunReport.plain(market.string("to"))) UTC: "
      + "\(NumberText.count(market.int("events"))) events"
  }

  /// What parent orders cost against the mid at their start.
  private var shortfalls: String {
    metrics["backtests"].list.compactMap { backtest -> String? in
      guard let cost = backtest["shortfall"], cost != .null else { return nil }
      let left = cost.double("unfilled")
      return "\(backtest.string("name")): implementation shortfall "
        + "\(NumberText.fixed(cost.double("bps"), 2)) bps of the order's worth at the first mid: prices "
        + "\(NumberText.fixed(cost.double("price"), 2)), fees \(NumberText.fixed(cost.double("fees"), 2))"
        + (left > 0
          ? ", \(NumberText.fixed(left, 3)) not filled \(NumberText.fixed(cost.double("opportunity"), 2))"
          : "")
    }.joined(separator: "\n")
  }

  /// How many were tried, and what is left of the best ratio then.
  private var trials: String {
    let judged = metrics["backtests"].list.map { ($0, $0["performance"]?["sharpe"]) }
    guard
      let (backtest, sharpe) = judged.filter({ $0.1.double("per_period").isFinite })
        .max(by: { $0.1.double("per_period") < $1.1.double("per_period") })
    else { return "" }
    return TrialText.line(
      count: sharpe?["trials"] == .null ? nil : sharpe.int("trials"), best: backtest.string("name"),
      deflated: (sharpe?["deflated"]).double("probability"),
      benchmark: (sharpe?["deflated"]).double("expected_maximum"))
  }

  /// What fills were worth afterwards, for strategies with more than one.
  private var markOuts: String {
    let backtests = metrics["backtests"].list
    guard let longest = backtests.map({ $0["mark_outs"].list }).max(by: { $0.count < $1.count })
    else { return "" }
    let times = longest.reduce(into: [String]()) { seen, mark in
      if mark.int("after_ns") > 0, !seen.contains(mark.string("after")) {
        seen.append(mark.string("after"))
      }
    }
    var table = TextTable(
      [("strategy", .left), ("fills", .left), ("count", .right)]
        + times.map { ("+" + $0, .right) })
    var rows = 0
    for backtest in backtests {
      for side in ["maker", "taker"] {
        let marks = times.map { time in
          backtest["mark_outs"].list.first {
            $0.string("after") == time && $0.string("side") == side
          }
        }
        let count = marks.map { $0.int("fills") }.max() ?? 0
        guard count > 1 else { continue }
        rows += 1
        table.append(
          [backtest.string("name"), side, NumberText.count(count)]
            + marks.map {
              NumberText.fixed($0.double("mean_bps"), 2) + " ± "
                + NumberText.fixed($0.double("se_bps"), 2)
            })
      }
    }
    guard rows > 0 else { return "" }
    return "Mark-outs: mean move of the mid from the fill's price in its favour, bps before fees, "
      + "± standard error\n" + table.text
  }
}
