internal import Foundation
internal import HogaCore
internal import HogaReport

/// The page of a premium's run, made from the run's files alone, so that it can be made again.
struct KimchiReport {
  private let files: RunFolder
  let metrics: JSONValue

  /// - Throws: `MissingInputError` where the folder is not one of a run.
  init(folder: String) throws {
    files = RunFolder(folder)
    metrics = try files.json("metrics.json")
  }

  var studies: [JSONValue] { metrics["studies"].list }

  func page() throws -> ReportPage {
    ReportPage(
      "The premium of \(metrics.string("korean"))",
      subtitle: "over \(metrics.string("foreign")) at \(metrics.string("fx"))",
      kicker: "Hoga · \(metrics.string("name"))",
      sections: [summary(), data()]
        + (try studies.flatMap { study in
          [try premium(study), forecasts(study), try trading(study)].compactMap { $0 }
        }) + [reproduction()],
      origins: [
        .init("Hoga", metrics.string("hoga")), .init("Command", metrics.string("command")),
        .init("Seed", "\(metrics.int("seed"))"),
        .init("Configuration", metrics.string("configuration")),
      ])
  }

  func frame(_ study: JSONValue, _ name: String) throws -> Frame {
    try files.frame("studies/\(study.string("name"))/\(name)")
  }

  // MARK: Summary

  private func summary() -> ReportPage.Section {
    var cards: [ReportBlock.KeyFigure] = []
    var beating = 0
    var tried = 0
    for study in studies {
      let all = study["premium"].list.first { $0.string("period") == "all" }
      cards.append(
        .init(
          "Median premium, \(study.string("name"))",
          NumberFormat.percent(2).text(all.double("median")),
          note: "between \(NumberFormat.percent(1).text(all.double("min"))) and "
            + "\(NumberFormat.percent(1).text(all.double("max"))), "
            + "\(NumberText.count(all.int("count"))) rows"))
      let trials = (study["forecasts"]?["trials"]).list
      let scores = trials.map { KimchiTrialScores($0, among: trials) }.filter { !$0.isBaseline }
      beating += scores.count { $0.isBetter }
      tried += scores.count
    }
    if tried > 0 {
      cards.append(
        .init(
          "Trials that beat majority and mean reversion", "\(beating) of \(tried)",
          note: "at the 5 % level, before counting how many were tried",
          tone: beating == 0 ? .bad : .neutral))
    }
    for study in studies {
      guard let backtest = study["backtests"].list.first else { continue }
      let net = (backtest["result"]).double("net")
      cards.append(
        .init(
          "Net of \(backtest.string("name")), \(study.string("name"))",
          NumberFormat.fixed(2).text(net / 1e6), unit: "million won",
          note:
            "after fees, spreads and transfers; \((backtest["result"]).int("round_trips")) trips",
          tone: net > 0 ? .good : net < 0 ? .bad : .neutral))
    }
    return ReportPage.Section(
      "Summary",
      lead: "How dear a coin was in Seoul, whether its premium could be foretold, and "
        + "what trading it would have left.",
      blocks: [.keyFigures(cards)] + warnings(beating, tried).map { .callout($0) })
  }

  private func warnings(_ beating: Int, _ tried: Int) -> [ReportBlock.Callout] {
    var warnings: [ReportBlock.Callout] = []
    if tried > 0, beating == 0 {
      warnings.append(
        .init(
          .warning, "No model beats what is known without one",
          "Neither class shares nor mean reversion are beaten by more than chance."))
    }
    let thin = studies.filter {
      $0["backtests"].list.contains { (1..<30).contains(($0["result"]).int("round_trips")) }
    }
    if !thin.isEmpty {
      warnings.append(
        .init(
          .warning, "Few round trips",
          "In \(thin.map { $0.string("name") }.joined(separator: " and ")) some rules made fewer than "
            + "30: a mean of so few says little, and the winter of 2017 comes once."))
    }
    if studies.contains(where: { !$0["backtests"].list.isEmpty }) {
      warnings.append(
        .init(
          .info, "What the backtest assumes",
          "Both legs trade at the next candle's open, whatever the size; a tether is a dollar; the "
            + "inventory's own gains and losses are no part of the result. Korean law and the "
            + "venues' rules changed over these years: see the costs in the configuration."))
    }
    return warnings
  }

  // MARK: Data

  private func data() -> ReportPage.Section {
    func date(_ text: String) -> String { String(text.prefix(10)) }
    let rows = studies.flatMap { study in
      [ReportTable.Row([.text(study.string("name"))], role: .group)]
        + study["legs"].list.map { leg in
          ReportTable.Row([
            .text("\(leg.string("source")), \(leg.string("candles"))"),
            .number(leg.double("rows")), .text(date(leg.string("first_known"))),
            .text(date(leg.string("last_known"))), .number(leg.double("absent")),
            .number(leg.double("stale")), .number(leg.double("median_age_hours")),
            .number(leg.double("largest_age_hours")), .number(leg.double("limit_hours")),
          ])
        }
    }
    let table = ReportTable(
      "Legs",
      subtitle: "absent and stale count grid times; ages since a quote was known, at grid times",
      columns: [
        .init("Leg"), .init("Candles", .integer), .init("First"), .init("Last"),
        .init("Absent", .integer), .init("Stale", .integer),
        .init("Median age", .fixed(0), unit: "h"), .init("Largest", .fixed(0), unit: "h"),
        .init("Limit", .fixed(0), unit: "h"),
      ], rows: rows)
    let notes = metrics["imports"].list.map { report in
      "\(report["files"].texts.joined(separator: ", ")): "
        + "\(NumberText.count(report.int("lines"))) lines, "
        + "\(report.int("rejected_rows")) rows rejected"
    }
    return ReportPage.Section(
      "Data", lead: "What was read, how old it was where it was used, and where it is missing.",
      blocks: [.table(table)] + (notes.isEmpty ? [] : [.list(notes)]))
  }

  // MARK: Premium

  private func premium(_ study: JSONValue) throws -> ReportPage.Section {
    let features = try frame(study, "features.parquet")
    let time = try features.int64s("time").map { Timestamp(nanoseconds: $0) }
    let premium = try features.doubles("premium")
    let korean = try features.doubles("korean")
    let foreign = try features.doubles("foreign")
    let fx = try features.doubles("fx")
    // Written as powers of ten, which the axis of a chart does not know: log₁₀ of dollars.
    let inDollars = zip(korean, fx).map { log10($0 / $1) }
    var blocks: [ReportBlock] = [
      .figure(
        .init(
          "The premium", subtitle: "Korean price ÷ (foreign price × won per dollar) − 1",
          chart: LineChart(
            panels: [
              .init(
                title: "Premium",
                series: [.init("premium", at: time, values: premium)], format: .percent(1),
                weight: 1.4, includesZero: true),
              .init(
                title: "Both prices in dollars, log₁₀",
                series: [
                  .init("Korea", at: time, values: inDollars),
                  .init("abroad", at: time, values: foreign.map { log10($0) }),
                ], format: .fixed(1)),
            ]))),
      .table(periods(study)),
    ]
    let years = Dictionary(grouping: premium.indices.filter { !premium[$0].isNaN }) {
      time[$0].date.components.year
    }
    if years.count > 1 {
      blocks.append(
        .multiples(
          .init(
            "The premium by year",
            subtitle: "axes differ; below each, median, quartiles and the middle 90 %",
            charts: years.sorted { $0.key < $1.key }.map { year, rows in
              ("\(year)", Histogram(rows.map { premium[$0] }, format: .percent(1)) as any Chart)
            })))
    } else {
      blocks.append(
        .figure(
          .init(
            "How often which premium", subtitle: "below, median, quartiles and the middle 90 %",
            chart: Histogram(premium, format: .percent(1)))))
    }
    return ReportPage.Section(
      "Premium, \(study.string("name"))",
      lead: "Every \(study.string("every")): \(NumberText.count(study.int("known"))) of "
        + "\(NumberText.count(study.int("rows"))) grid times have a young quote of every leg.",
      blocks: blocks)
  }

  private func periods(_ study: JSONValue) -> ReportTable {
    let periods = study["premium"].list
    let shown = periods.count == 2 ? Array(periods.prefix(1)) : periods
    return ReportTable(
      "Premium by year",
      columns: [
        .init("Year"), .init("Rows", .integer), .init("Mean", .percent(2)),
        .init("SD", .percent(2)), .init("Lowest", .percent(2)), .init("Median", .percent(2)),
        .init("Highest", .percent(2)), .init("Below zero", .percent(0)),
      ],
      rows: shown.map { period in
        .init(
          [.text(period.string("period")), .number(period.double("count"))]
            + ["mean", "sd", "min", "median", "max", "negative_share"].map {
              .number(period.double($0))
            }, role: period.string("period") == "all" ? .total : .normal)
      })
  }

  private func reproduction() -> ReportPage.Section {
    ReportPage.Section(
      "How to make this again",
      lead: "The same configuration, data and seed give the same numbers on the same machine.",
      blocks: [
        .code(.init("Command", metrics.string("command"), isOpen: true)),
        .code(.init("Configuration", (try? files.json("config.json"))?.text() ?? "")),
      ])
  }
}
