internal import HogaCore
internal import HogaReport

/// The page of a cross-section run, made from the run's files alone, so that it can be made again.
struct CrossSectionReport {
  let files: RunFolder
  let metrics: JSONValue
  let study: StudySummary
  /// By symbol and day, what the source has and what was filled.
  let coverage: Frame
  /// By day, mean coefficients of models and baselines.
  let daily: Frame
  /// By hour, what forecast groups earned.
  let curves: Frame
  /// By feature and label, mean coefficients; `nil` where the study scored none.
  let features: Frame?

  /// - Throws: `MissingInputError` where the folder is not one of a run.
  init(folder: String) throws {
    files = RunFolder(folder)
    metrics = try files.json("metrics.json")
    study = StudySummary(metrics["study"] ?? .null)
    coverage = try files.frame("clean/coverage.parquet")
    daily = try files.frame("study/daily.parquet")
    curves = try files.frame("study/curves.parquet")
    features =
      files.exists("study/features.parquet") ? try files.frame("study/features.parquet") : nil
  }

  func page() throws -> ReportPage {
    let made = metrics["cross_section"]
    let sections: [ReportPage.Section?] = [
      summary(), try data(), try forecasts(), try portfolios(), try featureSection(), search(),
      reproduction(),
    ]
    return ReportPage(
      "Cross-section of \(made.string("venue"))",
      subtitle:
        "\(made.string("start")) – \(made.string("end")), minutes, UTC; a day's symbols are "
        + (looksAhead ? "chosen by its own volume" : "chosen by the day before"),
      kicker: "Hoga · \(metrics.string("name"))", sections: sections.compactMap { $0 },
      origins: [
        .init("Hoga", metrics.string("hoga")), .init("Command", metrics.string("command")),
        .init("Seed", "\(metrics.int("seed"))"),
        .init("Configuration", metrics.string("configuration")),
      ])
  }

  /// Whether the universe was chosen with knowledge of the day itself.
  var looksAhead: Bool { metrics["study"]?["look_ahead"] == .bool(true) }

  /// `y_15m` as `15 minutes`.
  static func horizon(_ trial: JSONValue) -> String {
    let minutes = trial.int("horizon_minutes")
    return minutes == 1 ? "1 minute" : "\(minutes) minutes"
  }

  // MARK: Summary

  private func summary() -> ReportPage.Section {
    let made = metrics["cross_section"]
    let days = made["days"].list
    let rows = days.reduce(0) { $0 + $1.int("rows") }
    let trials = study.trials
    let above = trials.count { ($0["verdict"])?["beats_baseline"] == .bool(true) }
    var cards: [ReportBlock.KeyFigure] = [
      .init(
        "Rows", NumberText.count(rows),
        note: "\(days.map { $0.int("symbols") }.max() ?? 0) symbols at most, \(days.count) days, "
          + CrossSectionRunSummary.features(made)),
      .init(
        "Models that beat momentum and reversal", "\(above) of \(trials.count)",
        note: "in mean rank IC, at the 5 % level, before counting how many were tried",
        tone: above > 0 ? .neutral : .bad),
    ]
    if let best = trials.max(by: { Self.rankIC($0) < Self.rankIC($1) }) {
      let rank = best["test"]?["rank_ic"]
      cards.append(
        .init(
          "Best out-of-sample rank IC", NumberText.fixed(rank.double("mean"), 4),
          note: "\(best.string("model")), \(Self.horizon(best)) ahead, "
            + "± \(NumberText.fixed(rank.double("standard_error"), 4))",
          tone: rank.double("t") > 1.96 ? .good : .neutral))
      let portfolio = best["test"]?["portfolio"]
      let net = (portfolio?["net_spread"]).double("mean") * 10_000
      cards.append(
        .init(
          "Its top less bottom group, after fees", NumberFormat.fixed(2).text(net), unit: "bps",
          note:
            "a portfolio; \(NumberText.fixed((portfolio?["spread"]).double("mean") * 10_000, 2)) "
            + "before fees", tone: net > 0 ? .good : .bad))
    }
    return ReportPage.Section(
      "Summary", lead: "What was found, and how far it can be trusted.",
      blocks: [.keyFigures(cards)] + warnings(days.count).map { .callout($0) })
  }

  static func rankIC(_ trial: JSONValue) -> Double {
    let mean = (trial["test"]?["rank_ic"]).double("mean")
    return mean.isNaN ? -1 : mean
  }

  private func warnings(_ days: Int) -> [ReportBlock.Callout] {
    var warnings: [ReportBlock.Callout] = []
    if looksAhead {
      warnings.append(
        .init(
          .problem, "The universe looks ahead",
          "Each day's symbols were chosen by that day's own volume. No score here could have been "
            + "had by trading."))
    }
    let symbols = study.trials.map { ($0["test"]).double("mean_symbols") }.filter { !$0.isNaN }
      .max()
    if let symbols, symbols < 20 {
      warnings.append(
        .init(
          .warning, "A narrow cross-section",
          "\(NumberText.fixed(symbols, 0)) symbols a minute: one coefficient in one minute is mostly "
            + "chance, and what holds among so few need not hold among hundreds."))
    }
    if days < 60 {
      warnings.append(
        .init(
          .warning, "A short sample",
          "\(days) days say little about other months. Errors below allow for overlapping labels, "
            + "not for a market that changes."))
    }
    if study.trials.contains(where: { $0.int("horizon_minutes") <= 5 }) {
      warnings.append(
        .init(
          .info, "Closes are trades, not mids",
          "A bar's close is now a bid, now an ask. That bounce looks like reversal over a few minutes "
            + "(Roll, 1984) and cannot be earned by crossing the spread."))
    }
    let losing = study.trials.filter {
      ($0["test"]?["portfolio"]?["net_spread"]).double("mean") < 0
    }
    if !losing.isEmpty, losing.count == study.trials.count {
      warnings.append(
        .init(
          .info, "Fees decide",
          "After fees of \(NumberText.fixed(fee, 1)) bps a side no model's portfolios earn anything."
        ))
    }
    return warnings
  }

  var fee: Double { (metrics["study"]?["portfolio"]).double("fee_bps") }

  // MARK: How it was made

  private func reproduction() -> ReportPage.Section {
    let notes =
      (metrics["study"]?["notes"]).texts + (metrics["cross_section"]?["notes"]).texts
      + (metrics["universe"]?["notes"]).texts
    var blocks: [ReportBlock] = [
      .code(.init("Command", metrics.string("command"), isOpen: true)),
      .code(.init("Configuration", (try? files.json("config.json"))?.text() ?? "")),
    ]
    if !notes.isEmpty { blocks.insert(.list(notes), at: 0) }
    return ReportPage.Section(
      "How to make this again",
      lead: "The same configuration, data and seed give the same numbers on the same machine.",
      blocks: blocks)
  }
}
