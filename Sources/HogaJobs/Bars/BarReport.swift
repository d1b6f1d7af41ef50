internal import Foundation
internal import HogaCore
internal import HogaReport

/// The page of a run on bars, made from the run's files alone, so that it can be made again.
struct BarReport {
  let files: RunFolder
  let metrics: JSONValue

  /// - Throws: `MissingInputError` where the folder is not one of a run.
  init(folder: String) throws {
    files = RunFolder(folder)
    metrics = try files.json("metrics.json")
  }

  var strategies: [JSONValue] { metrics["strategies"].list }
  var asked: [JSONValue] { strategies.filter { $0["baseline"] != .bool(true) } }
  var capital: Double { metrics["settings"].double("initial_capital") }

  func page() throws -> ReportPage {
    let first = strategies.first?["result"]
    return ReportPage(
      "\(strategies.count) strategies on \(first.int("symbols")) symbols",
      subtitle: "\(metrics.string("venue")), bars of \(metrics.string("bars")), "
        + "\(metrics.string("from")) – \(metrics.string("to")) UTC",
      kicker: "Hoga · \(metrics.string("name"))",
      sections: [summary(), try equity(), costs()] + (try detail()) + [rules(), reproduction()],
      origins: [
        .init("Hoga", metrics.string("hoga")), .init("Command", metrics.string("command")),
        .init("Seed", "\(metrics.int("seed"))"),
        .init("Configuration", metrics.string("configuration")),
      ])
  }

  func frame(_ strategy: JSONValue, _ name: String) throws -> Frame {
    try files.frame("strategies/\(strategy.string("name"))/\(name)")
  }

  // MARK: Summary

  private func net(_ strategy: JSONValue) -> Double { (strategy["result"]).double("net") }

  private func summary() -> ReportPage.Section {
    var cards: [ReportBlock.KeyFigure] = []
    if let best = asked.max(by: { net($0) < net($1) }) {
      let value = net(best)
      cards.append(
        .init(
          "Best strategy, net", NumberFormat.percent(2).signed.text(value / capital),
          note: "\(best.string("name")), after all costs",
          tone: value > 0 ? .good : .bad))
      let gross = (best["result"]?["waterfall"]).double("gross")
      cards.append(
        .init(
          "The same before costs", NumberFormat.percent(2).signed.text(gross / capital),
          note: "at the bars' prices, before fees and slippage"))
    }
    let baselines = strategies.filter { $0["baseline"] == .bool(true) }
    if let hold = baselines.first(where: { $0.string("name") == "buy-and-hold" }) {
      cards.append(
        .init(
          "Buy and hold, net", NumberFormat.percent(2).signed.text(net(hold) / capital),
          note: "all symbols in equal parts"))
    }
    if let chance = metrics["chance"], chance != .null {
      cards.append(
        .init(
          "Chance, before and after costs",
          NumberFormat.percent(2).signed.text(chance.double("gross_median") / capital),
          note:
            "and \(NumberFormat.percent(2).signed.text(chance.double("net_median") / capital)): "
            + "medians of \(chance.int("runs")) random portfolios of the first strategy's shape"))
    }
    if let trials = BarSummary.trials(strategies), let count = trials.count {
      let deflated = trials.deflated
      cards.append(
        .init(
          "Backtests on this data", NumberText.count(count),
          note: "tried in all, these included; "
            + (deflated.isFinite
              ? "deflated Sharpe ratio of the best here, \(trials.best): "
                + NumberFormat.percent(1).text(deflated)
              : "the best here, \(trials.best), has no deflated Sharpe ratio")))
    }
    return ReportPage.Section(
      "Summary", lead: BarSummary.verdict(strategies),
      blocks: [.keyFigures(cards), .table(table())] + callouts().map { .callout($0) })
  }

  /// Slippage and fees of a side, in parts of what was traded.
  func paid(_ strategy: JSONValue) -> Double {
    let result = strategy["result"]
    let waterfall = result?["waterfall"]
    return (waterfall.double("slippage") + waterfall.double("fees")) / result.double("traded")
  }

  private func table() -> ReportTable {
    let hasChance = metrics["chance"] != .null
    return ReportTable(
      "What each strategy earned",
      subtitle: "capital \(NumberFormat.integer.text(capital)); returns are of the whole run",
      columns: [
        .init("Strategy"), .init("Gross", .percent(2)), .init("Net", .percent(2)),
        .init("Drawdown", .percent(2)), .init("Sharpe", .fixed(3), footnote: 1),
        .init("Deflated", .percent(1), footnote: 2),
      ] + (hasChance ? [.init("Chance ≥", .percent(1), footnote: 3)] : []),
      rows: strategies.map { strategy in
        let result = strategy["result"]
        let statistics = result?["statistics"]
        let waterfall = result?["waterfall"]
        let cells: [ReportTable.Cell] = [
          .text(strategy.string("name")), .number(waterfall.double("gross") / capital),
          .number(net(strategy) / capital), .number(statistics.double("max_drawdown")),
          .estimate(
            statistics.double("sharpe_per_period"),
            error: statistics.double("sharpe_per_period_se")),
          .number(strategy.double("deflated_sharpe")),
        ]
        return .init(
          cells + (hasChance ? [.number(strategy.double("chance_at_least"))] : []),
          role: strategy["baseline"] == .bool(true) ? .baseline : .normal)
      },
      footnotes: [
        "Mean over standard deviation of the returns between samples, ± one standard error "
          + "that allows for their skewness and kurtosis (Mertens, 2002), not annualised.",
        "Deflated Sharpe ratio: the probability that the true ratio is above the best that so many "
          + "backtests on this data show without skill (Bailey and López de Prado, 2014).",
      ]
        + (hasChance
          ? ["The share of random portfolios that gained as much or more before costs."] : []))
  }

  private func callouts() -> [ReportBlock.Callout] {
    var callouts: [ReportBlock.Callout] = []
    if !asked.isEmpty, asked.allSatisfy({ net($0) <= 0 }) {
      callouts.append(
        .init(
          .warning, "Nothing is earned after costs",
          asked.contains { ($0["result"]?["waterfall"]).double("gross") > 0 }
            ? "What some strategies gain at the bars' prices, fees and slippage take."
            : "The strategies lose even before costs."))
    }
    for strategy in strategies {
      let closed = (strategy["result"]).string("liquidated")
      if !closed.isEmpty {
        callouts.append(
          .init(.problem, "\(strategy.string("name")) was closed by force", "At \(closed)."))
      }
    }
    if strategies.allSatisfy({ ($0["result"]).int("funding_payments") == 0 }) {
      callouts.append(
        .init(
          .info, "No funding was paid",
          "The lake has none for these days, or it was left out; perpetual futures pay it."))
    }
    if let trials = BarSummary.trials(strategies), trials.count == nil {
      callouts.append(
        .init(
          .warning, "Nobody counts the trials",
          "The ledger beside the lake cannot be written, so that no Sharpe ratio is deflated."))
    }
    let costs = metrics["settings"]?["costs"]
    if costs?["assumes_maker"] == .bool(true) {
      callouts.append(
        .init(
          .warning, "All trades are taken to be a maker's",
          "Bars cannot tell whether resting orders would have been filled."))
    }
    if let note = strategies.first?["result"]?["statistics"]?["annualisation"],
      case .string(let text) = note, text != "annualised"
    {
      callouts.append(
        .init(.info, "Nothing is annualised", text.prefix(1).uppercased() + text.dropFirst() + "."))
    }
    return callouts
  }

  private func reproduction() -> ReportPage.Section {
    ReportPage.Section(
      "How to make this again",
      lead: "The same configuration and data give the same fills on every machine.",
      blocks: [
        .table(
          ReportTable(
            "Fingerprints", subtitle: "a digest of all fills",
            columns: [.init("Strategy"), .init("Fingerprint"), .init("Fills", .integer)],
            rows: strategies.map {
              .init([
                .text($0.string("name")), .text("`\(($0["result"]).string("fingerprint"))`"),
                .number(Double(($0["result"]).int("fills"))),
              ])
            })), .code(.init("Command", metrics.string("command"), isOpen: true)),
        .code(.init("Configuration", (try? files.json("config.json"))?.text() ?? "")),
      ])
  }
}
