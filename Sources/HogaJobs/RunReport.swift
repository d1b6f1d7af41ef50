internal import Foundation
internal import HogaCore
internal import HogaLearn
public import HogaReport

/// The page of a run, made from the run's files alone, so that it can be made again.
public struct RunReport {
  private let files: RunFolder
  let metrics: JSONValue
  let features: Frame
  let predictions: Frame
  let ofi: Frame?

  /// Reads what a run left in its folder.
  ///
  /// - Throws: `MissingInputError` where the folder is not one of a run.
  public init(folder: String) throws {
    files = RunFolder(folder)
    metrics = try files.json("metrics.json")
    features = try files.frame("features.parquet")
    predictions = try files.frame("predictions.parquet")
    ofi = files.exists("ofi.parquet") ? try files.frame("ofi.parquet") : nil
  }

  /// Writes `report.html` into the run's folder.
  ///
  /// - Returns: its path.
  @discardableResult
  public func write() throws -> String {
    let path = files.path("report.html")
    try page().write(to: path)
    return path
  }

  public func page() throws -> ReportPage {
    let market = metrics["market"]
    let found: [ReportPage.Section?] = [
      summary(), DataSection(metrics: metrics).section, try featureSection(),
      try forecastSection(), modelSection(), try regressionSection(),
    ]
    let backtests = try BacktestReport(files: files, metrics: metrics).sections()
    return ReportPage(
      "\(market.string("symbol")) on \(market.string("venue"))",
      subtitle: "\(Self.plain(market.string("from"))) – \(Self.plain(market.string("to"))) UTC",
      kicker: "Hoga · \(metrics.string("name"))",
      sections: found.compactMap { $0 } + backtests + [reproduction()],
      origins: [
        .init("Hoga", metrics.string("hoga")), .init("Command", metrics.string("command")),
        .init("Seed", "\(metrics.int("seed"))"),
        .init("Configuration", metrics.string("configuration")),
      ])
  }

  var trials: [JSONValue] { (metrics["evaluation"]?["trials"]).list }
  var horizons: [String] {
    trials.reduce(into: []) { seen, trial in
      let horizon = trial.string("horizon")
      if !seen.contains(horizon) { seen.append(horizon) }
    }
  }
  var models: [String] {
    trials.reduce(into: []) { seen, trial in
      let model = trial.string("model")
      if !seen.contains(model) { seen.append(model) }
    }
  }
  func trial(_ model: String, _ horizon: String) -> JSONValue? {
    trials.first { $0.string("model") == model && $0.string("horizon") == horizon }
  }
  func configuration() -> String {
    (try? files.json("config.json"))?.text() ?? ""
  }

  /// An ISO time to the second, as people write it: `2024-08-08 23:54:16`.
  static func plain(_ time: String) -> String {
    String(time.prefix(19)).replacing("T", with: " ").replacing("Z", with: "")
  }

  // MARK: Summary

  private func summary() -> ReportPage.Section {
    let market = metrics["market"]
    let beating = trials.filter { TrialScores($0).isBetter }
    var cards: [ReportBlock.KeyFigure] = [
      .init(
        "Rows", NumberText.count(market.int("rows")),
        note: "every \((market?["settings"]).string("every")), from "
          + "\(NumberText.count(market.int("events"))) rows of events"),
      .init(
        "Trials that beat their best baseline", "\(beating.count) of \(trials.count)",
        note: "at the 5 % level, before counting how many were tried",
        tone: beating.isEmpty ? .bad : .neutral),
    ]
    if let best = trials.max(by: { TrialScores($0).rank < TrialScores($1).rank }) {
      let scores = TrialScores(best)
      let headline = scores.headline[0]
      cards.append(
        .init(
          "Best out-of-sample \(headline.heading)", headline.write(scores.value(headline.name)),
          note: "\(best.string("model")), \(best.string("horizon")) ahead, "
            + "± \(headline.write(scores.error(headline.name)))",
          tone: scores.isBetter ? .good : .neutral))
    }
    if let regression = metrics["ofi_regression"], !regression.double("mean_r2").isNaN {
      cards.append(
        .init(
          "OFI's contemporaneous R²", NumberText.percent(regression.double("mean_r2")),
          note: "of \(regression.string("interval")) mid changes"))
    }
    for backtest in metrics["backtests"].list.prefix(2) {
      let result = backtest["result"]
      let net = (result?["waterfall"]).double("net")
      let trips = (result?["trades"]).int("round_trips")
      cards.append(
        .init(
          "Net of \(backtest.string("name"))", NumberFormat.fixed(2).text(net),
          unit: currency(result),
          note: net == 0 && trips == 0
            ? "it never traded" : "after spread, latency and fees; \(trips) round trips",
          tone: net > 0 ? .good : net < 0 ? .bad : .neutral))
    }
    var blocks: [ReportBlock] = [.keyFigures(cards)]
    blocks += warnings().map { .callout($0) }
    return ReportPage.Section(
      "Summary", lead: "What was found, and how far it can be trusted.", blocks: blocks)
  }

  private func warnings() -> [ReportBlock.Callout] {
    var warnings: [ReportBlock.Callout] = []
    let rows = metrics["market"].int("rows")
    if rows < 20_000 {
      warnings.append(
        .init(
          .warning, "A short sample",
          "\(NumberText.count(rows)) rows say little about other days. Standard errors below allow "
            + "for overlapping labels, not for a market that changes."))
    }
    if !trials.isEmpty, !trials.contains(where: { TrialScores($0).isBetter }) {
      warnings.append(
        .init(
          .warning, "No model beats its best baseline",
          "The differences are within chance. Do not trade on them."))
    }
    return warnings + BacktestVerdict.callouts(metrics["backtests"].list)
  }

  func currency(_ result: JSONValue?) -> String {
    result.string("currency") == "base" ? "base" : "quote"
  }

  // MARK: How it was made

  private func reproduction() -> ReportPage.Section {
    ReportPage.Section(
      "How to make this again",
      lead: "The same configuration, data and seed give the same numbers on the same machine.",
      blocks: [
        .code(.init("Command", metrics.string("command"), isOpen: true)),
        .code(.init("Configuration", configuration())),
      ])
  }
}
