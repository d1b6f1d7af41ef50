internal import Foundation
internal import HogaCore
internal import HogaReport

/// Data, forecasts, portfolios, features and the search.
extension CrossSectionReport {
  // MARK: Data

  func data() throws -> ReportPage.Section {
    let clean = metrics["clean"]
    let symbols = try texts(coverage, "symbol")
    let times = try coverage.int64s("time")
    let present = try coverage.doubles("present_share")
    let (rows, days) = (Set(symbols).sorted(), Set(times).sorted())
    var values = [[Double]](
      repeating: [Double](repeating: .nan, count: days.count), count: rows.count)
    let rowOf = Dictionary(zip(rows, 0...), uniquingKeysWith: { first, _ in first })
    let columnOf = Dictionary(zip(days, 0...), uniquingKeysWith: { first, _ in first })
    for place in symbols.indices {
      if let row = rowOf[symbols[place]], let column = columnOf[times[place]] {
        values[row][column] = present[place]
      }
    }
    let filled = clean?["symbols"].list ?? []
    let table = ReportTable(
      "Symbols", subtitle: "what the source has, and what was filled",
      columns: [
        .init("Symbol"), .init("Days", .integer), .init("Banned", .integer, unit: "days"),
        .init("Present", .percent(2)), .init("Filled", .percent(3)),
      ],
      rows: filled.prefix(200).map {
        .init([
          .text($0.string("symbol")), .number(Double($0.int("days"))),
          .number(Double($0.int("banned_days"))), .number($0.double("present_share")),
          .number($0.double("filled_share")),
        ])
      })
    let nulls = (metrics["cross_section"]?["days"].list ?? []).last?["null_inputs"].texts ?? []
    var blocks: [ReportBlock] = [
      .figure(
        .init(
          "Minutes by symbol and day", subtitle: "percent of 1,440 present",
          chart: HeatMap(
            rows: rows,
            columns: days.map { String("\(Timestamp(nanoseconds: $0).date)".dropFirst(5)) },
            values: values, colors: .sequential(low: 0, high: 1), format: .percent(0)),
          caption: "Gray: the day's bars do not have the symbol. More in `clean/clean.html`.")),
      .table(table),
    ]
    if !nulls.isEmpty {
      blocks.append(
        .callout(
          .init(
            .info, "Inputs that the source does not have",
            "\(nulls.joined(separator: ", ")): features that rest on them are null.")))
    }
    return ReportPage.Section(
      "Data",
      lead: "\(clean.int("kept_symbol_days")) symbol-days kept, "
        + "\(clean.int("banned_symbol_days")) banned, "
        + "\(NumberText.percent(clean.double("filled_share"), 3)) of the kept minutes filled.",
      blocks: blocks)
  }

  // MARK: Forecasts

  func forecasts() throws -> ReportPage.Section {
    var rows: [ReportTable.Row] = []
    for label in study.labels {
      let here = study.trials.filter { $0.string("label") == label }
      guard let first = here.first else { continue }
      rows.append(
        .init(
          [
            .text(
              "\(Self.horizon(first)) ahead, "
                + "\(NumberText.count((first["test"]?["rank_ic"]).int("count"))) minutes")
          ], role: .group))
      for trial in here { rows.append(scoreRow(trial.string("model"), trial, .normal)) }
      for baseline in study.baselines
      where baseline.string("label") == label && baseline.string("name") != "zero" {
        rows.append(scoreRow(baseline.string("name"), baseline, .baseline))
      }
    }
    let table = ReportTable(
      "Information coefficients", subtitle: "mean over test minutes, ± one standard error",
      columns: [
        .init("Model"), .init("Rank IC", .fixed(4)), .init("t", .fixed(1)),
        .init("ICIR", .fixed(3), footnote: 1), .init("Above zero", .percent(0)),
        .init("IC", .fixed(4)), .init("R² vs zero", .percent(3)),
      ], rows: rows,
      footnotes: ["Mean over standard deviation of the rank IC by minute."])
    var blocks: [ReportBlock] = [
      .paragraph(
        "In each minute forecasts are correlated with what followed, across symbols: by values (IC) "
          + "and by ranks (rank IC). Labels are returns less the mean of all symbols. Models were "
          + "fitted on the training days, settings and rounds chosen on the validation days, and "
          + "everything here is from the test days. Errors allow for overlapping labels (Newey and "
          + "West, 1987); p-values are not corrected for the number of trials."),
      .table(table),
      .list(
        study.trials.map {
          "**\(Self.horizon($0)), \($0.string("model"))**: "
            + ($0["verdict"]).string("text").replacing("= -", with: "= −")
        }),
    ]
    blocks += try study.labels.map { try dailyFigure($0) }
    let months = monthTable()
    if months.rows.count > 1 { blocks.append(.table(months)) }
    blocks.append(decayFigure())
    return ReportPage.Section(
      "Forecasts", lead: "How well models rank symbols, beside rules that learn nothing.",
      blocks: blocks)
  }

  private func scoreRow(
    _ name: String, _ scored: JSONValue, _ role: ReportTable.Row.Role
  ) -> ReportTable.Row {
    let test = scored["test"]
    let (rank, ic) = (test?["rank_ic"], test?["ic"])
    return .init(
      [
        .text(name), .estimate(rank.double("mean"), error: rank.double("standard_error")),
        .number(rank.double("t")), .number(rank.double("ratio")),
        .number(rank.double("positive_share")),
        .estimate(ic.double("mean"), error: ic.double("standard_error")),
        // Past returns rank; they do not say by how much.
        role == .baseline ? .empty : .number(test.double("r2_zero")),
      ], role: role)
  }

  private func dailyFigure(_ label: String) throws -> ReportBlock {
    let (labels, models) = (try texts(daily, "label"), try texts(daily, "model"))
    let (times, values) = (try daily.int64s("time"), try daily.doubles("rank_ic"))
    let rows = labels.indices.filter { labels[$0] == label && models[$0] != "zero" }
    let days = Set(rows.map { times[$0] }).sorted()
    let names = rows.reduce(into: [String]()) { seen, row in
      if !seen.contains(models[row]) { seen.append(models[row]) }
    }
    let byName = names.map { name in
      let byDay = Dictionary(
        rows.filter { models[$0] == name }.map { (times[$0], values[$0]) },
        uniquingKeysWith: { first, _ in first })
      return (name: name, values: days.map { byDay[$0] ?? .nan })
    }
    let dates = days.map { Timestamp(nanoseconds: $0) }
    // A line between few points suggests more than is known.
    let chart: any Chart =
      days.count <= 14
      ? BarChart(
        groups: dates.map { String("\($0.date)".dropFirst(5)) },
        series: byName.map { .init($0.name, values: $0.values) }, style: .dots, format: .fixed(3),
        references: [.init(0, label: "")])
      : LineChart(panels: [
        .init(
          series: byName.map { .init($0.name, at: dates, values: $0.values) }, format: .fixed(3),
          includesZero: true)
      ])
    return .figure(
      .init("Rank IC by day, \(label)", subtitle: "mean over the day's minutes", chart: chart))
  }

  private func monthTable() -> ReportTable {
    ReportTable(
      "By month",
      columns: [
        .init("Label"), .init("Model"), .init("Month"), .init("Rank IC", .fixed(4)),
        .init("t", .fixed(1)), .init("Spread", .basisPoints(2)),
      ],
      rows: study.trials.flatMap { trial in
        (trial["test"]?["months"].list ?? []).map { month in
          .init([
            .text(trial.string("label")), .text(trial.string("model")),
            .text(month.string("month")),
            .estimate(
              (month["rank_ic"]).double("mean"), error: (month["rank_ic"]).double("standard_error")),
            .number((month["rank_ic"]).double("t")), .number((month["spread"]).double("mean")),
          ])
        }
      })
  }

  private func decayFigure() -> ReportBlock {
    let charts = study.labels.map { label -> (name: String, chart: any Chart) in
      let here = study.trials.filter { $0.string("label") == label }
      let points = here.map { $0["test"]?["decay"].list ?? [] }
      let longest = points.map(\.count).max() ?? 0
      func values(_ points: [JSONValue], _ key: String) -> [Double] {
        (0..<longest).map { $0 < points.count ? points[$0].double(key) : .nan }
      }
      let series = zip(here, points).map { trial, points in
        BarChart.Series(
          trial.string("model"), values: values(points, "mean"),
          errors: values(points, "standard_error"))
      }
      return (
        label,
        BarChart(
          groups: (0..<longest).map { "+\($0)" }, series: series, style: .dots, format: .fixed(3),
          references: [.init(0, label: "")])
      )
    }
    return .multiples(
      .init(
        "How long a forecast stays true",
        subtitle: "rank IC with the label of so many horizons later, ± one standard error",
        charts: charts,
        caption: "From left to right in each group: "
          + (study.labels.first.map { label in
            study.trials.filter { $0.string("label") == label }.map { $0.string("model") }
          } ?? []).joined(separator: ", ") + "."))
  }

  // MARK: Portfolios

  func portfolios() throws -> ReportPage.Section {
    let rule = metrics["study"]?["portfolio"]
    let table = ReportTable(
      "What groups by forecast earned", subtitle: "mean over a horizon, ± one standard error",
      columns: [
        .init("Label"), .init("Model"), .init("Top − bottom", .basisPoints(2)),
        .init("t", .fixed(1)), .init("Turnover", .percent(0), footnote: 1),
        .init("Fees", .basisPoints(2)), .init("Net", .basisPoints(2)),
        .init("Break-even fee", .fixed(2), unit: "bps a side"), .init("Monotonicity", .fixed(2)),
      ],
      rows: study.trials.map { portfolioRow($0, $0.string("model"), .normal) }
        + study.baselines.filter { $0.string("name") != "zero" }.map {
          portfolioRow($0, $0.string("name"), .baseline)
        },
      footnotes: ["Share of the top and bottom groups' symbols that change in one horizon."])
    var blocks: [ReportBlock] = [
      .paragraph(
        "Each minute symbols are cut into \(rule.int("groups")) groups by forecast. A portfolio is long "
          + "the highest group and short the lowest for one horizon"
          + (rule.string("holding") == "overlapping"
            ? "; portfolios of all minutes stand side by side, each with its part of the capital "
              + "(Jegadeesh and Titman, 1993)" : "")
          + ". Fees are \(NumberText.fixed(fee, 1)) bps for each side of each trade."),
      .table(table),
    ]
    for label in study.labels { blocks += try curveFigures(label) }
    return ReportPage.Section(
      "Portfolios", lead: "What a ranking is worth before and after fees.", blocks: blocks)
  }

  private func portfolioRow(
    _ scored: JSONValue, _ name: String, _ role: ReportTable.Row.Role
  ) -> ReportTable.Row {
    let portfolio = scored["test"]?["portfolio"]
    let spread = portfolio?["spread"]
    let turnover =
      ((portfolio?["top_turnover"]).double("mean") + (portfolio?["bottom_turnover"]).double("mean"))
      / 2
    return .init(
      [
        .text(scored.string("label")), .text(name),
        .estimate(spread.double("mean"), error: spread.double("standard_error")),
        .number(spread.double("t")), .number(turnover), .number(portfolio.double("cost")),
        .number((portfolio?["net_spread"]).double("mean")),
        .number(portfolio.double("break_even_fee_bps")), .number(portfolio.double("monotonicity")),
      ], role: role)
  }

  /// Of each model of a label, the groups, and the spread before and after fees.
  private func curveFigures(_ label: String) throws -> [ReportBlock] {
    let (labels, models) = (try texts(curves, "label"), try texts(curves, "model"))
    let times = try curves.int64s("time")
    let groups = curves.names.filter { $0.hasPrefix("group_") }
    return try study.trials.filter { $0.string("label") == label }.map { trial in
      let model = trial.string("model")
      let rows = labels.indices.filter { labels[$0] == label && models[$0] == model }
      let at = rows.map { Timestamp(nanoseconds: times[$0]) }
      func series(_ name: String, _ column: String) throws -> LineChart.Series {
        let values = try curves.doubles(column)
        return .init(name, at: at, values: rows.map { values[$0] })
      }
      return .figure(
        .init(
          "\(model), \(Self.horizon(trial)) ahead",
          subtitle: "sum of returns relative to the market, without compounding",
          chart: LineChart(panels: [
            .init(
              title: "Groups, 1 is the lowest forecast",
              series: try groups.map { try series(String($0.dropFirst(6)), $0) },
              format: .percent(2), includesZero: true),
            .init(
              title: "Top less bottom, before fees", series: [try series("before fees", "spread")],
              format: .percent(2), weight: 0.6, includesZero: true),
            .init(
              title: "Top less bottom, after fees",
              series: [try series("after fees", "net_spread")], format: .percent(0), weight: 0.6,
              includesZero: true),
          ]),
          caption:
            "As if the capital were made whole again after each portfolio: sums may pass −100 %."
        ))
    }
  }

  // MARK: Features

  func featureSection() throws -> ReportPage.Section? {
    guard let features else { return nil }
    let names = try texts(features, "feature")
    let minutes = try features.int64s("horizon_minutes")
    let (mean, t) = (try features.doubles("rank_ic"), try features.doubles("rank_ic_t"))
    let horizons = Set(minutes).sorted()
    var best: [String: Double] = [:]
    for row in names.indices where mean[row].isFinite {
      best[names[row]] = max(best[names[row]] ?? 0, abs(mean[row]))
    }
    var cell: [String: [Int64: Int]] = [:]
    for row in names.indices { cell[names[row], default: [:]][minutes[row]] = row }
    // A copy of a feature says nothing of its own.
    var seen: Set<[Double]> = []
    let shown = best.sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }.map(\.key)
      .filter { name in
        seen.insert(horizons.map { cell[name]?[$0].map { mean[$0] } ?? 0 }).inserted
      }.prefix(40)
    func map(_ values: [Double], _ format: NumberFormat) -> HeatMap {
      HeatMap(
        rows: Array(shown), columns: horizons.map { "\($0)m" },
        values: shown.map { name in horizons.map { cell[name]?[$0].map { values[$0] } ?? .nan } },
        format: format)
    }
    let known = best.count
    var blocks: [ReportBlock] = [
      .figure(
        .init(
          "Rank IC by feature and horizon",
          subtitle: "mean over training minutes; the \(shown.count) largest of \(known) features",
          chart: map(mean, .fixed(3)),
          caption: "Scored on the training days, so that looking here chooses nothing by the test. "
            + "Of features that are equal by construction one is shown.")
      ),
      .figure(
        .init(
          "Their t-statistics", subtitle: "Newey and West, allowing for overlapping labels",
          chart: map(t, .fixed(1)),
          caption: "Not corrected for the \(known) features that were looked at: beyond ± "
            + "\(NumberText.fixed(Self.chanceLimit(known * horizons.count), 1)) one "
            + "would not expect any by chance.")),
    ]
    let used = study.trials.compactMap { trial in
      ReportBlock.importance(
        "\(trial.string("model")), \(Self.horizon(trial)) ahead", trial["importance"],
        coefficients: .basisPoints(3))
    }
    if !used.isEmpty { blocks.append(.columns(used)) }
    return ReportPage.Section(
      "Features", lead: "Which features rank symbols by what comes next.", blocks: blocks)
  }

  /// Beyond which one of so many t-statistics comes by chance in one case of twenty (Bonferroni).
  private static func chanceLimit(_ count: Int) -> Double {
    var (low, high) = (0.0, 40.0)
    while high - low > 1e-6 {
      let middle = (low + high) / 2
      if erfc(middle / 2.0.squareRoot()) * Double(count) > 0.05 {
        low = middle
      } else {
        high = middle
      }
    }
    return high
  }

  // MARK: Search

  func search() -> ReportPage.Section? {
    let trials = metrics["study"]?["search"].list ?? []
    guard !trials.isEmpty else { return nil }
    let table = ReportTable(
      "Settings tried", subtitle: "rank IC on the validation days",
      columns: [
        .init("Label"), .init("Model"), .init("Settings"), .init("Rank IC", .fixed(4)),
        .init("t", .fixed(1)), .init("Chosen"),
      ],
      rows: trials.prefix(200).map { trial in
        var settings = ""
        if case .object(let members) = trial["settings"] {
          settings = members.map { member in
            "\(member.key)=\((trial["settings"]).string(member.key))"
          }.joined(separator: " ")
        }
        return .init([
          .text(trial.string("label")), .text(trial.string("model")), .text(settings),
          .estimate(
            (trial["rank_ic"]).double("mean"), error: (trial["rank_ic"]).double("standard_error")),
          .number((trial["rank_ic"]).double("t")),
          .text(trial["chosen"] == .bool(true) ? "yes" : ""),
        ])
      })
    return ReportPage.Section(
      "Search", lead: "The best of many flatters: its score on the test days is the one to trust.",
      blocks: [.table(table)])
  }

  private func texts(_ frame: Frame, _ name: String) throws -> [String] {
    guard case .category(let categories) = try frame.column(name) else {
      throw DataError("is no text", column: name)
    }
    return categories.codes.indices.map { categories[$0] ?? "" }
  }
}
