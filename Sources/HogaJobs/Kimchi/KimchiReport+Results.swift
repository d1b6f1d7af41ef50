internal import HogaCore
internal import HogaReport

/// What could be foretold, and what trading would have left.
extension KimchiReport {
  func forecasts(_ study: JSONValue) -> ReportPage.Section? {
    let trials = (study["forecasts"]?["trials"]).list
    guard !trials.isEmpty else { return nil }
    let folds = (trials[0]["evaluation"]?["folds"]).list
    let names = (study["forecasts"]?["features"]).texts
    var blocks: [ReportBlock] = [
      .paragraph(
        "Will the premium be lower, about the same or higher? A change counts beyond "
          + "\((study["forecasts"]).string("threshold")). Walk-forward with \(folds.count) folds on "
          + "\(names.count) features: each test is foretold by models fitted on what came before; "
          + "training rows whose label reaches into the test are purged. Errors allow for "
          + "overlapping labels (Newey and West, 1987).")
    ]
    blocks += (study["forecasts"]?["notes"]).texts.map { .paragraph("Note: \($0).") }
    blocks.append(.table(scores(trials)))
    if let best = trials.filter({ $0.string("model") != KimchiTrialScores.reversion })
      .max(by: { gain($0, trials) < gain($1, trials) })
    {
      blocks.append(confusion(best, of: trials.count))
      if let importance = best["importance"], importance != .null,
        !importance["values"].list.isEmpty
      {
        blocks.append(uses(importance, best))
      }
    }
    return ReportPage.Section(
      "Forecasts, \(study.string("name"))",
      lead: "Out-of-sample scores beside baselines: class shares, the last class, mean reversion.",
      blocks: blocks)
  }

  private func gain(_ trial: JSONValue, _ trials: [JSONValue]) -> Double {
    let scores = KimchiTrialScores(trial, among: trials)
    return scores.value("log_loss", of: scores.best) - scores.value("log_loss")
  }

  private func scores(_ trials: [JSONValue]) -> ReportTable {
    var rows: [ReportTable.Row] = []
    var previous = ""
    let shown = ["log_loss", "accuracy", "macro_f1", "auc"]
    for trial in trials {
      let scores = KimchiTrialScores(trial, among: trials)
      if scores.horizon != previous {
        let counts = trial["class_counts"].list.map { count -> String in
          if case .int(let number) = count { NumberText.count(number) } else { "–" }
        }
        rows.append(
          .init(
            [
              .text(
                "\(scores.horizon) ahead, \(NumberText.count(scores.rows)) rows tested, to beat: "
                  + "\(scores.best); labels of all rows down, flat, up: "
                  + counts.joined(separator: ", "))
            ], role: .group))
        for name in ["majority", "persistence"] {
          rows.append(
            .init(
              [.text(name)] + shown.map { .number(scores.value($0, of: name)) } + [.empty],
              role: .baseline))
        }
      }
      previous = scores.horizon
      rows.append(
        .init(
          [.text(scores.model)]
            + shown.map { .estimate(scores.value($0), error: scores.error($0)) }
            + [scores.isAhead ? Self.p(scores.pValue) : .text("behind")],
          role: scores.isBaseline ? .baseline : .normal))
    }
    return ReportTable(
      "Scores", subtitle: "over all test rows, ± one standard error",
      columns: [
        .init("Model"), .init("Log loss", .fixed(3)), .init("Accuracy", .percent(1)),
        .init("Macro F1", .fixed(3)), .init("AUC", .fixed(3)), .init("p", .fixed(3), footnote: 1),
      ], rows: rows,
      footnotes: [
        "Diebold–Mariano (1995) on log losses against the better of majority and mean reversion, "
          + "two-sided; not corrected for the number of trials. Mean reversion itself against majority. "
          + "Behind: its loss is above theirs."
      ])
  }

  private static func p(_ value: Double) -> ReportTable.Cell {
    value < 0.001 ? .text("< 0.001") : .number(value)
  }

  private func confusion(_ trial: JSONValue, of count: Int) -> ReportBlock {
    let confusion = trial["evaluation"]?["confusion"]
    let classes = (confusion?["classes"]).texts
    let counts = (confusion?["counts"]).list.map { row in
      Optional(row).list.map { cell -> Double in
        if case .int(let number) = cell { Double(number) } else { .nan }
      }
    }
    return .figure(
      .init(
        "What was foretold as what by the best trial",
        subtitle: "\(trial.string("model")), \(trial.string("horizon")) ahead, out of sample; rows "
          + "are the truth",
        chart: HeatMap(
          rows: classes, columns: classes, values: counts,
          colors: .sequential(low: 0, high: nil), format: .integer),
        caption: "Chosen among \(count) trials after the fact, so it flatters."))
  }

  private func uses(_ importance: JSONValue, _ trial: JSONValue) -> ReportBlock {
    let measure = Importance.Measure(rawValue: importance.string("measure"))
    return .figure(
      .init(
        "What it uses",
        subtitle: "\(measure?.meaning ?? ""); \(importance.int("used")) of "
          + "\(importance.int("of")) features used",
        chart: HorizontalBarChart(
          importance["values"].list.map { .init($0.string("feature"), $0.double("value")) },
          format: measure == .gain ? .percent(1) : .significant(3), limit: 12),
        caption: "Fitted on all rows, for use from here on."))
  }

  // MARK: Trading

  func trading(_ study: JSONValue) throws -> ReportPage.Section? {
    let backtests = study["backtests"].list
    guard let first = backtests.first else { return nil }
    let capital = (first["result"]).double("capital")
    let names = backtests.map { $0.string("name") }
    let equities = try names.map { try frame(study, "backtests/\($0)/equity.parquet") }
    var blocks: [ReportBlock] = [
      .paragraph(
        "Coins are sold where they are dear and bought where they are cheap, from stock that lies on "
          + "both sides (\(NumberText.fixed(capital / 1e6, 0)) million won in all), and the trade is "
          + "reversed later. Nothing is borrowed. Decided at a grid time, done at the next candle "
          + "that both legs open. Transfers bring the cash back to where it is needed, within their "
          + "daily limit."),
      .table(rules(backtests)),
    ]
    if let chance = chance(backtests) { blocks.append(.table(chance)) }
    blocks.append(
      .figure(
        .init(
          "What each rule earned", subtitle: "million won, after all costs",
          chart: LineChart(
            try zip(names, equities).map { name, equity in
              .init(
                name, at: try equity.int64s("time").map { Timestamp(nanoseconds: $0) },
                values: try equity.doubles("net").map { $0 / 1e6 }, style: .step,
                color: name == "always" ? .gray : nil)
            }, format: .fixed(1), includesZero: true))))
    blocks.append(.figure(waterfall(first)))
    blocks.append(.figure(try entries(study, first)))
    let remarks = backtests.flatMap(KimchiSummary.remarks)
    if !remarks.isEmpty { blocks.append(.list(remarks)) }
    return ReportPage.Section(
      "Trading, \(study.string("name"))",
      lead: "Rules over the same time, beside staying in the trade and beside random entries.",
      blocks: blocks)
  }

  private func rules(_ backtests: [JSONValue]) -> ReportTable {
    let million = NumberFormat(.fixed(2), factor: 1e-6)
    return ReportTable(
      "Rules", subtitle: "million won, after all costs; a trip's mean ± one standard error",
      columns: [
        .init("Rule"), .init("Trips", .integer), .init("In", .percent(0)),
        .init("Held", .fixed(0), unit: "h"), .init("Won", .percent(0)),
        .init("Net per trip", million.signed), .init("Net", million.signed),
        .init("Of capital", .percent(2)), .init("Drawdown", .percent(2)),
      ],
      rows: backtests.map { backtest in
        let result = backtest["result"]
        let capital = result.double("capital")
        return .init(
          [
            .text(backtest.string("name")), .number(result.double("round_trips")),
            .number(result.double("exposure")), .number(result.double("mean_hold_hours")),
            .number(result.double("win_share")),
            .estimate(result.double("net_per_trip"), error: result.double("net_per_trip_se")),
            .number(result.double("net")),
            .number(result.double("net") / capital), .number(result.double("drawdown") / capital),
          ], role: Self.role(backtest))
      })
  }

  private static func role(_ backtest: JSONValue) -> ReportTable.Row.Role {
    backtest.string("name") == "always" ? .baseline : .normal
  }

  private func chance(_ backtests: [JSONValue]) -> ReportTable? {
    let million = NumberFormat(.fixed(2), factor: 1e-6).signed
    let judged = backtests.filter { !$0["chance"].double("mean").isNaN }
    guard let first = judged.first else { return nil }
    return ReportTable(
      "Beside chance",
      subtitle: "\(first["chance"].int("runs")) runs each with as many random entries, held as "
        + "long and as often on each side; million won",
      columns: [
        .init("Rule"), .init("Net", million), .init("Random, mean", million),
        .init("5 %", million), .init("95 %", million),
        .init("Chance did as well", .percent(1), footnote: 1),
      ],
      rows: judged.map { backtest in
        let chance = backtest["chance"]
        return .init([
          .text(backtest.string("name")), .number(backtest["result"].double("net")),
          .number(chance.double("mean")), .number(chance.double("low")),
          .number(chance.double("high")), .number(chance.double("at_least")),
        ])
      },
      footnotes: [
        "The share of random runs that earned as much or more. Not corrected for the number of rules."
      ])
  }

  private func waterfall(_ backtest: JSONValue) -> ReportBlock.Figure {
    let result = backtest["result"]
    return .init(
      "Where the money of \(backtest.string("name")) came from and went",
      subtitle: "million won",
      chart: WaterfallChart(
        from: "Convergence", result.double("convergence"),
        steps: [
          .init("Dollar", result.double("fx")), .init("Spreads", -result.double("spread")),
          .init("Korean fees", -result.double("korean_fees")),
          .init("Foreign fees", -result.double("foreign_fees")),
          .init("FX spread", -result.double("fx_spread")),
          .init("Transfer fees", -result.double("transfer_fees")),
          .init("Rounding", result.double("rounding")),
        ], to: "Net", format: NumberFormat(.fixed(2), factor: 1e-6)),
      caption: "Convergence: coins abroad gained on coins in Korea. Dollar: what dollars gained on "
        + "cash held abroad beyond the start. \(NumberText.count(result.int("transfers"))) "
        + "transfers moved \(NumberText.fixed(result.double("transferred") / 1e6, 1)) million won.")
  }

  private func entries(_ study: JSONValue, _ backtest: JSONValue) throws -> ReportBlock.Figure {
    let name = backtest.string("name")
    let features = try frame(study, "features.parquet")
    let trips = try frame(study, "backtests/\(name)/trips.parquet")
    let time = try features.int64s("time").map { Timestamp(nanoseconds: $0) }
    let column = features.names.last { $0.hasPrefix("premium_z_") } ?? "premium"
    let entered = try trips.int64s("entered").map { Timestamp(nanoseconds: $0) }
    let left = try trips.int64s("left").map { Timestamp(nanoseconds: $0) }
    let sides = try trips.doubles("side")
    let entry = try trips.doubles("entry_premium")
    let exit = try trips.doubles("exit_premium")
    func marks(
      _ title: String, _ shape: LineChart.Markers.Shape, _ color: ChartColor, side: Double
    ) -> LineChart.Markers {
      let rows = sides.indices.filter { sides[$0] == side }
      return .init(
        title, shape, color: color, at: .times(rows.map { entered[$0] }),
        values: rows.map { entry[$0] })
    }
    return .init(
      "When \(name) entered and left",
      subtitle: "premium with trades, and its z-score over the longest window",
      chart: LineChart(panels: [
        .init(
          title: "Premium",
          series: [
            .init("premium", at: time, values: try features.doubles("premium"), color: .gray)
          ],
          format: .percent(1), weight: 1.4,
          markers: [
            marks("sold Korea", .down, .bad, side: -1), marks("bought Korea", .up, .good, side: 1),
            .init("left", .dot, color: .navy, at: .times(left), values: exit),
          ]),
        .init(
          title: "z-score",
          series: [.init(column, at: time, values: try features.doubles(column))],
          format: .fixed(1), references: [.init(0, label: "mean")]),
      ]))
  }
}
