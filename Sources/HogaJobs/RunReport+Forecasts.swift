internal import HogaCore
internal import HogaLearn
internal import HogaReport

/// How well the models foretold, what they use, and what order flow explains.
extension RunReport {
  func forecastSection() throws -> ReportPage.Section? {
    guard !trials.isEmpty else { return nil }
    let folds = (trials[0]["evaluation"]?["folds"]).list
    var blocks: [ReportBlock] = [
      .paragraph(
        "Walk-forward with \(folds.count) folds: each test is foretold by models fitted on what came "
          + "before it; training rows whose label reaches into the test are purged. Scalers, medians "
          + "and penalties are fitted inside the training only. Errors allow for overlapping labels "
          + "(Newey and West, 1987)."),
      .table(scoreTable()),
    ]
    for horizon in horizons { blocks.append(foldFigure(horizon)) }
    blocks.append(try forecastScatter())
    return ReportPage.Section(
      "Forecasts", lead: "Out-of-sample scores beside baselines that know nothing.", blocks: blocks)
  }

  private func scoreTable() -> ReportTable {
    var rows: [ReportTable.Row] = []
    for horizon in horizons {
      rows.append(.init([.text("\(horizon) ahead")], role: .group))
      for model in models {
        guard let trial = trial(model, horizon) else { continue }
        let scores = TrialScores(trial)
        func estimate(_ name: String) -> ReportTable.Cell {
          .estimate(scores.value(name), error: scores.error(name))
        }
        rows.append(
          .init([
            .text(model), .number(Double(scores.rows)), estimate("r2_zero"), estimate("r2"),
            estimate("ic"), estimate("rank_ic"), estimate("direction_accuracy"),
            estimate("rmse"), .text(scores.verdict),
          ]))
      }
      for baseline in ["zero", "mean", "persistence"] {
        guard let trial = trial(models[0], horizon) else { continue }
        let scores = TrialScores(trial)
        func value(_ name: String) -> ReportTable.Cell {
          .number(scores.baseline(baseline, of: name))
        }
        rows.append(
          .init(
            [
              .text(baseline), .number(Double(scores.rows)), value("r2_zero"), value("r2"),
              value("ic"), value("rank_ic"), value("direction_accuracy"), value("rmse"),
              .text("baseline"),
            ], role: .baseline))
      }
    }
    return ReportTable(
      "Scores", subtitle: "over all test rows, ± one standard error",
      columns: [
        .init("Model"), .init("Rows", .integer), .init("R² vs zero", .percent(2)),
        .init("R² vs training mean", .percent(2)), .init("IC", .fixed(3)),
        .init("Rank IC", .fixed(3)), .init("Direction right", .percent(1), footnote: 1),
        .init("RMSE", .fixed(3), unit: "bps"), .init("Verdict", footnote: 2),
      ], rows: rows,
      footnotes: [
        "Share of rows whose sign was foretold, where neither return nor forecast is zero.",
        "Diebold–Mariano (1995) against the baseline with the least squared error, two-sided, at 5 %; "
          + "not corrected for the number of trials.",
      ])
  }

  private func foldFigure(_ horizon: String) -> ReportBlock {
    let folds = (trial(models[0], horizon)?["evaluation"]?["folds"]).list
    let groups = folds.map { "Fold \($0.int("fold"))" }
    let series = models.compactMap { model -> BarChart.Series? in
      guard let trial = trial(model, horizon) else { return nil }
      let scores = (trial["evaluation"]?["folds"]).list.map { fold in
        fold["scores"].list.first { $0.string("name") == "ic" }
      }
      return .init(
        model, values: scores.map { $0.double("value") },
        errors: scores.map { $0.double("standard_error") })
    }
    return .figure(
      .init(
        "Information coefficient, \(horizon) ahead", subtitle: "by fold, ± one standard error",
        chart: BarChart(groups: groups, series: series, style: .dots, format: .fixed(2))))
  }

  private func forecastScatter() throws -> ReportBlock {
    let best = trials.max {
      let (left, right) = (TrialScores($0).value("r2_zero"), TrialScores($1).value("r2_zero"))
      return (left.isNaN ? -.infinity : left) < (right.isNaN ? -.infinity : right)
    }!
    let target = best.string("target")
    let forecast = try predictions.doubles("\(best.string("model"))_\(target)")
    let truth = try predictions.doubles(target)
    let rows = truth.indices.filter { truth[$0].isFinite && forecast[$0].isFinite }
    return .figure(
      .init(
        "Forecast and outcome of the best trial",
        subtitle: "\(best.string("model")), \(best.string("horizon")) ahead, out of sample",
        chart: ScatterChart(
          x: rows.map { forecast[$0] }, y: rows.map { truth[$0] }, xTitle: "Forecast (bps)",
          yTitle: "Return (bps)"),
        caption: "Chosen among \(trials.count) trials after the fact, so it flatters."))
  }

  // MARK: Models

  func modelSection() -> ReportPage.Section? {
    let blocks = models.flatMap { model in
      horizons.compactMap { horizon -> ReportBlock? in
        guard let importance = trial(model, horizon)?["importance"] else { return nil }
        let values = importance["values"].list
        let isGain = importance.string("measure") == "gain"
        let used = "\(importance.int("used")) of \(importance.int("of")) features used"
        guard !values.isEmpty else {
          return .paragraph(
            "**\(model), \(horizon) ahead**: no feature is used; the forecast is a constant.")
        }
        return .figure(
          .init(
            "\(model), \(horizon) ahead",
            subtitle: (isGain
              ? "share of the loss taken away by splits on the feature"
              : "change of the forecast in bps for one standard deviation") + "; \(used)",
            chart: HorizontalBarChart(
              values.map { .init($0.string("feature"), $0.double("value")) },
              format: isGain ? .percent(1) : .significant(3), limit: 12)))
      }
    }
    guard !blocks.isEmpty else { return nil }
    return ReportPage.Section(
      "What the models use",
      lead: "Fitted on all rows, for use from here on; their worth is what the folds above say.",
      blocks: [.columns(blocks)])
  }

  // MARK: Order flow

  func regressionSection() throws -> ReportPage.Section? {
    guard let regression = metrics["ofi_regression"], let ofi else { return nil }
    let blocks = regression["blocks"].list
    guard !blocks.isEmpty else { return nil }
    let interval = regression.string("interval")
    var parts: [ReportBlock] = [
      .paragraph(
        "The mid's change over \(interval), in price steps, on order-flow imbalance over the same "
          + "\(interval), block by block. Cont, Kukanov and Stoikov (2014) report an R² of about "
          + "65 % on 50 US equities. Here the mean is "
          + "**\(NumberText.percent(regression.double("mean_r2")))**. It explains what happened at "
          + "the same time; it foretells nothing.")
    ]
    if blocks.count > 1 {
      parts.append(
        .figure(
          .init(
            "R² by block", subtitle: "blocks of \(regression.string("block")), UTC",
            chart: BarChart(
              groups: blocks.map { Self.clock($0.string("start")) },
              series: [.init("R²", values: blocks.map { $0.double("r2") })],
              format: .percent(0)))))
    }
    let x = try ofi.doubles("ofi")
    let y = try ofi.doubles("mid_change")
    var line: ScatterChart.Line?
    if blocks.count == 1 {
      line = .init(
        intercept: blocks[0].double("intercept"), slope: blocks[0].double("slope"),
        label: "R² = \(NumberText.percent(blocks[0].double("r2")))")
    }
    parts.append(
      .figure(
        .init(
          "Mid change and order-flow imbalance",
          subtitle: "all \(NumberText.count(x.count)) intervals of \(interval)",
          chart: ScatterChart(
            x: x, y: y, line: line, xTitle: "OFI (size units)", yTitle: "Mid change (price steps)",
            clippedShare: x.count > 500 ? 0.001 : 0))))
    parts.append(.table(blockTable(blocks)))
    return ReportPage.Section(
      "Order flow and price", lead: "Does order-flow imbalance move the price?", blocks: parts)
  }

  private func blockTable(_ blocks: [JSONValue]) -> ReportTable {
    ReportTable(
      "Blocks", subtitle: "slope ± Newey–West standard error",
      columns: [
        .init("From"), .init("Intervals", .integer),
        .init("Steps per unit of OFI", .significant(3)),
        .init("t", .fixed(1)), .init("R²", .percent(1)),
      ],
      rows: blocks.map {
        .init([
          .text($0.string("start")), .number($0.double("count")),
          .estimate($0.double("slope"), error: $0.double("slope_se")),
          .number($0.double("slope") / $0.double("slope_se")), .number($0.double("r2")),
        ])
      })
  }

  /// `13:30` of an ISO time.
  private static func clock(_ time: String) -> String { String(time.dropFirst(11).prefix(5)) }
}
