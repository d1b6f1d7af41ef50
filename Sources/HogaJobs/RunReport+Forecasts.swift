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
    blocks.append(try bestTrialFigure())
    return ReportPage.Section(
      "Forecasts", lead: "Out-of-sample scores beside baselines that know nothing.", blocks: blocks)
  }

  private func scoreTable() -> ReportTable {
    let isClasses = TrialScores(trials[0]).isClasses
    let shown = isClasses ? Self.classScores : Self.returnScores
    var rows: [ReportTable.Row] = []
    for horizon in horizons {
      let here = models.compactMap { trial($0, horizon) }
      guard let first = here.first.map({ TrialScores($0) }) else { continue }
      rows.append(
        .init(
          [
            .text(
              "\(horizon) ahead, \(NumberText.count(first.rows)) rows; to beat: "
                + first.bestBaseline.name)
          ], role: .group))
      for trial in here {
        let scores = TrialScores(trial)
        rows.append(
          .init(
            [.text(trial.string("model"))]
              + shown.map { .estimate(scores.value($0.name), error: scores.error($0.name)) }
              + [scores.isAhead ? Self.p(scores.pValue) : .text("behind")]))
      }
      for baseline in first.baselineNames {
        rows.append(
          .init(
            [.text(baseline)]
              + shown.map { .number(first.baseline(baseline, of: $0.name)) } + [.empty],
            role: .baseline))
      }
    }
    let columns: [ReportTable.Column] =
      [.init("Model")] + shown.map(\.column) + [.init("p", .fixed(3), footnote: 1)]
    return ReportTable(
      "Scores", subtitle: "over all test rows, ± one standard error", columns: columns, rows: rows,
      footnotes: [
        "Diebold–Mariano (1995) against the baseline with the least "
          + (isClasses ? "log loss" : "squared error")
          + ", two-sided; not corrected for the number of trials."
      ]
        + (isClasses
          ? []
          : [
            "Share of rows whose sign was foretold, where neither return nor forecast is zero."
          ]))
  }

  private static func p(_ value: Double) -> ReportTable.Cell {
    value < 0.001 ? .text("< 0.001") : .number(value)
  }

  private static let returnScores: [(name: String, column: ReportTable.Column)] = [
    ("r2_zero", .init("R² vs zero", .percent(2))),
    ("r2", .init("vs mean", .percent(2))), ("ic", .init("IC", .fixed(3))),
    ("rank_ic", .init("Rank IC", .fixed(3))),
    ("direction_accuracy", .init("Direction", .percent(1), footnote: 2)),
    ("rmse", .init("RMSE", .fixed(3), unit: "bps")),
  ]
  private static let classScores: [(name: String, column: ReportTable.Column)] = [
    ("log_loss", .init("Log loss", .fixed(3))), ("accuracy", .init("Accuracy", .percent(1))),
    ("macro_f1", .init("Macro F1", .fixed(3))), ("weighted_f1", .init("Weighted F1", .fixed(3))),
    ("auc", .init("AUC", .fixed(3))),
  ]

  private func foldFigure(_ horizon: String) -> ReportBlock {
    let isClasses = TrialScores(trials[0]).isClasses
    let folds = (trial(models[0], horizon)?["evaluation"]?["folds"]).list
    let series = models.compactMap { model -> BarChart.Series? in
      guard let trial = trial(model, horizon) else { return nil }
      let scores = (trial["evaluation"]?["folds"]).list.map { fold in
        fold["scores"].list.first { $0.string("name") == (isClasses ? "macro_f1" : "ic") }
      }
      return .init(
        model, values: scores.map { $0.double("value") },
        errors: scores.map { $0.double("standard_error") })
    }
    return .figure(
      .init(
        "\(isClasses ? "Macro F1" : "Information coefficient"), \(horizon) ahead",
        subtitle: "by fold, ± one standard error",
        chart: BarChart(
          groups: folds.map { "Fold \($0.int("fold"))" }, series: series, style: .dots,
          format: .fixed(2)),
        caption: isClasses
          ? "" : "Where a dot is missing, the forecast was a constant, which has no correlation."))
  }

  private func bestTrialFigure() throws -> ReportBlock {
    let best = trials.max { TrialScores($0).rank < TrialScores($1).rank }!
    let name = "\(best.string("model")), \(best.string("horizon")) ahead, out of sample"
    let caption = "Chosen among \(trials.count) trials after the fact, so it flatters."
    if let confusion = best["evaluation"]?["confusion"], confusion != .null {
      let classes = confusion["classes"].texts
      let counts = confusion["counts"].list.map { row in
        Optional(row).list.map { cell -> Double in
          guard case .int(let count) = cell else { return .nan }
          return Double(count)
        }
      }
      return .figure(
        .init(
          "What was foretold as what by the best trial", subtitle: name + "; rows are the truth",
          chart: HeatMap(
            rows: classes, columns: classes, values: counts,
            colors: .sequential(low: 0, high: nil), format: .integer), caption: caption))
    }
    let target = best.string("target")
    let forecast = try predictions.doubles("\(best.string("model"))_\(target)")
    let truth = try predictions.doubles(target)
    let rows = truth.indices.filter { truth[$0].isFinite && forecast[$0].isFinite }
    return .figure(
      .init(
        "Forecast and outcome of the best trial", subtitle: name,
        chart: ScatterChart(
          x: rows.map { forecast[$0] }, y: rows.map { truth[$0] }, xTitle: "Forecast (bps)",
          yTitle: "Return (bps)"), caption: caption))
  }

  // MARK: Models

  func modelSection() -> ReportPage.Section? {
    let blocks = models.flatMap { model in
      horizons.compactMap { horizon -> ReportBlock? in
        ReportBlock.importance(
          "\(model), \(horizon) ahead", trial(model, horizon)?["importance"])
      }
    }
    guard !blocks.isEmpty else { return nil }
    return ReportPage.Section(
      "What the models use",
      lead: "Fitted for use from here on; their worth is what the folds above say.",
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
          + "**\(NumberText.percent(regression.double("mean_r2")))**, and of one regression over all "
          + "\(NumberText.percent(regression.double("pooled_r2"))). It explains what happened at "
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
          .text(Self.plain($0.string("start"))), .number($0.double("count")),
          .estimate($0.double("slope"), error: $0.double("slope_se")),
          .number($0.double("slope") / $0.double("slope_se")), .number($0.double("r2")),
        ])
      })
  }

  /// `13:30` of an ISO time.
  private static func clock(_ time: String) -> String { String(time.dropFirst(11).prefix(5)) }
}
