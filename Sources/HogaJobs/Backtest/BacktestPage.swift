internal import HogaCore
internal import HogaReport

/// The page of a run that plays strategies and nothing else, made from its folder's files alone.
struct BacktestPage {
  private let files: RunFolder
  private let metrics: JSONValue

  /// - Throws: `MissingInputError` where the folder is not one of a run.
  init(folder: String) throws {
    files = RunFolder(folder)
    metrics = try files.json("metrics.json")
  }

  func page() throws -> ReportPage {
    let market = metrics["market"]
    let backtests = try BacktestReport(files: files, metrics: metrics).sections()
    // Runs of the command alone say neither of which files the lake was made nor of a file of settings.
    let data = [DataSection(metrics: metrics).section].filter { !$0.blocks.isEmpty }
    let configuration = metrics.string("configuration")
    return ReportPage(
      "\(market.string("symbol")) on \(market.string("venue"))",
      subtitle:
        "\(RunReport.plain(market.string("from"))) – \(RunReport.plain(market.string("to"))) UTC",
      kicker: "Hoga · \(metrics.string("name"))",
      sections: [summary()] + backtests + data + [reproduction()],
      origins: [
        .init("Hoga", metrics.string("hoga")), .init("Command", metrics.string("command")),
        .init("Seed", "\(metrics.int("seed"))"),
      ] + (configuration.isEmpty ? [] : [.init("Configuration", configuration)]))
  }

  // MARK: Summary

  private func summary() -> ReportPage.Section {
    let backtests = metrics["backtests"].list
    var blocks: [ReportBlock] = []
    if let first = backtests.first { blocks.append(.keyFigures(cards(first))) }
    blocks += warnings(backtests).map { .callout($0) }
    return ReportPage.Section(
      "Summary", lead: "What was earned, and how far it can be trusted.", blocks: blocks)
  }

  /// The first strategy in numbers: the one that the run is about, the others are beside it.
  private func cards(_ backtest: JSONValue) -> [ReportBlock.KeyFigure] {
    let result = backtest["result"]
    let waterfall = result?["waterfall"]
    let trades = result?["trades"]
    let statistics = result?["statistics"]
    let name = backtest.string("name")
    let net = waterfall.double("net")
    let fills = trades.int("fills")
    let unit = result.string("currency") == "base" ? "base" : "quote"
    var cards: [ReportBlock.KeyFigure] = [
      .init(
        "Net of \(name)", NumberFormat.fixed(2).text(net), unit: unit,
        note: fills == 0
          ? "it never traded"
          : "\(NumberFormat.fixed(2).text(waterfall.double("gross"))) gross, "
            + "\(NumberFormat.fixed(2).text(waterfall.double("fees"))) of fees",
        tone: net > 0 ? .good : net < 0 ? .bad : .neutral),
      .init(
        "Fills of \(name)", NumberText.count(fills),
        note: "\(NumberText.count(trades.int("maker_fills"))) as maker, of "
          + "\(NumberText.count(result.int("orders"))) orders"),
    ]
    let marks = backtest["mark_outs"].list
    if let mark = marks.first(where: {
      $0.string("after") == "1s" && $0.string("side") == "maker" && $0.int("fills") > 1
    }) {
      let mean = mark.double("mean_bps")
      cards.append(
        .init(
          "Maker mark-out of \(name), 1 s", NumberFormat.fixed(2).text(mean), unit: "bps",
          note: "± \(NumberFormat.fixed(2).text(mark.double("se_bps"))), before fees",
          tone: mean < 0 ? .bad : .neutral))
    }
    cards.append(
      .init(
        "Largest drawdown of \(name)",
        NumberFormat.percent(3).text(statistics.double("max_drawdown")),
        note: "of the highest equity so far"))
    let sharpe = backtest["performance"]?["sharpe"]
    let deflated = (sharpe?["deflated"]).double("probability")
    if !deflated.isNaN {
      let trials = sharpe.int("trials")
      cards.append(
        .init(
          "Deflated Sharpe ratio of \(name)", NumberFormat.percent(1).text(deflated),
          note: "the probability that it is skill; "
            + (trials == 1
              ? "the only backtest tried on this data"
              : "\(NumberText.count(trials)) backtests were tried on this data"),
          tone: deflated > 0.95 ? .good : .neutral))
    }
    return cards
  }

  private func warnings(_ backtests: [JSONValue]) -> [ReportBlock.Callout] {
    var warnings: [ReportBlock.Callout] = []
    for backtest in backtests {
      let result = backtest["result"]
      if result?["liquidated"] == .bool(true) {
        warnings.append(
          .init(
            .problem, "\(backtest.string("name")) was liquidated",
            "Its margin was used up, and the venue closed the position."))
      } else if result?["stopped"] == .bool(true) {
        warnings.append(
          .init(
            .problem, "\(backtest.string("name")) was stopped at its loss limit",
            "What follows is a strategy that was not called any more."))
      }
    }
    if backtests.contains(where: { $0["performance"]?["is_counted"] == .bool(false) }) {
      warnings.append(
        .init(
          .warning, "Nobody counts the trials",
          "The ledger beside the lake cannot be written, so no ratio is deflated."))
    }
    return warnings + BacktestVerdict.callouts(backtests)
  }

  // MARK: How it was made

  private func reproduction() -> ReportPage.Section {
    ReportPage.Section(
      "How to make this again",
      lead: "The same configuration, data and seed give the same numbers on the same machine.",
      blocks: [
        .table(
          ReportTable(
            "Fingerprints", subtitle: "a digest of all fills",
            columns: [.init("Strategy"), .init("Fingerprint"), .init("Fills", .integer)],
            rows: metrics["backtests"].list.map {
              .init([
                .text($0.string("name")), .text("`\(($0["result"]).string("fingerprint"))`"),
                .number(($0["result"]?["trades"]).double("fills")),
              ])
            })),
        .code(.init("Command", metrics.string("command"), isOpen: true)),
      ]
        + ((try? files.json("config.json")).map { [.code(.init("Configuration", $0.text()))] } ?? [])
    )
  }
}
