internal import Foundation
internal import HogaCore
internal import HogaReport

/// Curves, costs, symbols and rules.
extension BarReport {
  // MARK: Equity

  func equity() throws -> ReportPage.Section {
    var curves: [LineChart.Series] = []
    var falls: [LineChart.Series] = []
    // More lines than colours say nothing.
    for strategy in strategies.prefix(6) {
      let frame = try frame(strategy, "equity.parquet")
      let time = try frame.int64s("time").map { Timestamp(nanoseconds: $0) }
      let equity = try frame.doubles("equity")
      var peak = -Double.infinity
      let fall = equity.map { value -> Double in
        peak = max(peak, value)
        return value / peak - 1
      }
      let name = strategy.string("name")
      curves.append(.init(name, at: time, values: equity.map { $0 / capital - 1 }))
      falls.append(.init(name, at: time, values: fall))
    }
    var blocks: [ReportBlock] = [
      .figure(
        .init(
          "Return and drawdown", subtitle: "after all costs, of the capital; below the last peak",
          chart: LineChart(
            panels: [
              .init(
                title: "Return", series: curves, format: .percent(1), weight: 2,
                includesZero: true),
              .init(title: "Drawdown", series: falls, format: .percent(1), includesZero: true),
            ]),
          caption: strategies.count > 6
            ? "The first six of \(strategies.count) strategies are drawn." : ""))
    ]
    if let chance = metrics["chance"], chance != .null {
      let gross = chance["gross"].list.map { value -> Double in
        switch value {
        case .double(let value): value / capital
        case .int(let value): Double(value) / capital
        default: .nan
        }
      }
      let means =
        "On average costs take \(NumberFormat.percent(2).text(chance.double("cost_mean") / capital)) "
        + "of the capital from them. Before costs: "
      blocks.append(
        .figure(
          .init(
            "What chance earns",
            subtitle: "return before costs of \(chance.int("runs")) random portfolios of the first "
              + "strategy's shape",
            chart: Histogram(gross, format: .percent(2)),
            caption: means
              + asked.map {
                "\($0.string("name")): \(percent(($0["result"]?["waterfall"]).double("gross")))"
              }.joined(separator: ", ") + ".")))
    }
    return ReportPage.Section(
      "Equity", lead: "How the account went, beside those who know nothing.", blocks: blocks)
  }

  private func percent(_ amount: Double) -> String {
    NumberFormat.percent(2).signed.text(amount / capital)
  }

  // MARK: Costs

  func costs() -> ReportPage.Section {
    let charts = strategies.prefix(6).map { strategy -> (name: String, chart: any Chart) in
      let waterfall = strategy["result"]?["waterfall"]
      return (
        strategy.string("name"),
        WaterfallChart(
          from: "gross", waterfall.double("gross"),
          steps: [
            .init("slippage", -waterfall.double("slippage")),
            .init("fees", -waterfall.double("fees")),
            .init("funding", waterfall.double("funding")),
          ], to: "net", format: .prefixed(3))
      )
    }
    let table = ReportTable(
      "From gross to net", subtitle: "in units of the account's currency, to the unit",
      columns: [
        .init("Strategy"), .init("Gross", .fixed(2)), .init("Slippage", .fixed(2)),
        .init("Fees", .fixed(2)), .init("Funding", .fixed(2)), .init("Net", .fixed(2)),
        .init("Traded", .prefixed(3)), .init("Fills", .integer),
      ],
      rows: strategies.map { strategy in
        let result = strategy["result"]
        let waterfall = result?["waterfall"]
        return .init(
          [
            .text(strategy.string("name")), .number(waterfall.double("gross")),
            .number(-waterfall.double("slippage")), .number(-waterfall.double("fees")),
            .number(waterfall.double("funding")), .number(waterfall.double("net")),
            .number(result.double("traded")), .number(Double(result.int("fills"))),
          ], role: strategy["baseline"] == .bool(true) ? .baseline : .normal)
      })
    let unfilled = strategies.compactMap { strategy -> ReportTable.Row? in
      guard case .object(let reasons)? = strategy["result"]?["unfilled"] else { return nil }
      let counts = reasons.map { reason -> Double in
        if case .int(let count) = reason.value { Double(count) } else { 0 }
      }
      guard counts.contains(where: { $0 > 0 }) else { return nil }
      return .init(
        [.text(strategy.string("name"))] + counts.map { .number($0) }
          + [.number((strategy["result"]).double("unfilled_worth"))])
    }
    var blocks: [ReportBlock] = [
      .table(table),
      .multiples(
        .init(
          "From gross to net",
          subtitle: "the axes differ"
            + (strategies.count > 6 ? "; the first six of \(strategies.count)" : ""),
          charts: Array(charts))),
      .table(trading()),
    ]
    if !unfilled.isEmpty,
      case .object(let reasons)? = strategies.first?["result"]?["unfilled"]
    {
      blocks.append(
        .table(
          ReportTable(
            "Orders that were not filled, or not in whole",
            columns: [.init("Strategy")] + reasons.map { .init($0.key, .integer) }
              + [.init("Worth", .prefixed(3))], rows: unfilled)))
    }
    return ReportPage.Section(
      "Costs", lead: "Where the money went; the parts add up without a remainder.",
      blocks: blocks)
  }

  /// How much each traded, and what that may cost.
  private func trading() -> ReportTable {
    ReportTable(
      "Trading, and the cost it could bear",
      columns: [
        .init("Strategy"), .init("Turnover", .fixed(1), unit: "× capital", footnote: 1),
        .init("A day", .fixed(2), unit: "× capital"), .init("Exposure", .percent(0), footnote: 2),
        .init("Paid", .basisPoints(2), footnote: 3),
        .init("Break-even", .basisPoints(2), footnote: 4),
      ],
      rows: strategies.map { strategy in
        let result = strategy["result"]
        return .init(
          [
            .text(strategy.string("name")), .number(result.double("turnover")),
            .number(result.double("turnover_per_day")), .number(result.double("mean_exposure")),
            .number(paid(strategy)), .number(result.double("break_even_cost")),
          ], role: strategy["baseline"] == .bool(true) ? .baseline : .normal)
      },
      footnotes: [
        "What was traded in the whole run, both ways, over the initial capital.",
        "Mean worth of the positions, long and short, over the equity.",
        "Slippage and fees of a side, over what was traded.",
        "The cost of a side at which nothing would be left: gross and funding over what was traded; "
          + "none where they are not above zero.",
      ])
  }

  // MARK: Symbols and weights

  /// A section for each of the first strategies that were asked for: more would make the page heavy.
  func detail() throws -> [ReportPage.Section] {
    let limit = 8
    let rest = asked.dropFirst(limit).map { $0.string("name") }
    let shown = asked.prefix(limit)
    return try shown.enumerated().map { index, strategy in
      let symbols = (strategy["result"]?["by_symbol"]).list
      let table = ReportTable(
        "By symbol",
        columns: [
          .init("Symbol"), .init("Gross", .fixed(2)), .init("Slippage", .fixed(2)),
          .init("Fees", .fixed(2)), .init("Funding", .fixed(2)), .init("Net", .fixed(2)),
          .init("Traded", .prefixed(3)), .init("Fills", .integer),
          .init("Missing bars", .integer),
        ],
        rows: symbols.prefix(100).map {
          .init([
            .text($0.string("symbol")), .number($0.double("gross")),
            .number(-$0.double("slippage")), .number(-$0.double("fees")),
            .number($0.double("funding")), .number($0.double("net")),
            .number($0.double("traded")), .number(Double($0.int("fills"))),
            .number(Double($0.int("missing_bars"))),
          ])
        })
      return ReportPage.Section(
        strategy.string("name"),
        lead: "What each symbol did, and what was held."
          + (index == limit - 1 && !rest.isEmpty
            ? " There is no section of \(rest.joined(separator: ", ")): their tables lie in "
              + "strategies/." : ""),
        blocks: [
          .figure(
            .init(
              "Net by symbol", subtitle: "after all costs",
              chart: HorizontalBarChart(
                symbols.map { .init($0.string("symbol"), $0.double("net")) },
                format: .prefixed(3)))), .table(table), .figure(try weights(strategy)),
        ])
    }
  }

  private func weights(_ strategy: JSONValue) throws -> ReportBlock.Figure {
    let frame = try frame(strategy, "weights.parquet")
    let time = try frame.int64s("time")
    let names = frame.names.filter { $0 != "time" }
    let grid = TimeGrid(time)
    let shown = try names.prefix(40).map { grid.means(of: try frame.doubles($0)) }
    return .init(
      "Weights over time",
      subtitle: "percent of equity, mean over each stretch; orange is long, blue is short",
      chart: HeatMap(
        rows: Array(names.prefix(40)), columns: grid.labels, values: shown, format: .percent(0)),
      caption: names.count > 40 ? "The first 40 of \(names.count) symbols." : "")
  }

  // MARK: Rules

  func rules() -> ReportPage.Section {
    let settings = metrics["settings"]
    let costs = settings?["costs"]
    let impact: String =
      switch costs?["impact"] {
      case .object?:
        costs?["impact"].string("kind") == "linear"
          ? "an impact of \(number(costs?["impact"].double("coefficient"))) × the share of the "
            + "bar's volume"
          : "an impact of \(number(costs?["impact"].double("coefficient"))) σ √(size / volume), from "
            + "the \(costs?["impact"].int("window") ?? 0) bars before (Almgren et al., 2005; Tóth et "
            + "al., 2011)"
      default: "no impact"
      }
    let delay = settings.int("delay_bars")
    var items = [
      "A weight decided at a bar's close trades at the **\(settings.string("execution"))** of the "
        + "bar \(delay == 1 ? "that follows" : "\(delay) later"); sizes follow from the close and "
        + "the equity at the decision, rounded toward zero to whole lots.",
      "Decisions every \(span(settings.double("rebalance_s"))); an order is tried on "
        + "\(settings.int("patience_bars")) bar(s), and its rest lapses.",
      "Fees: \(number(Double(costs.int(costs?["assumes_maker"] == .bool(true) ? "maker_ppm" : "taker_ppm")) / 100)) "
        + "bps; half a spread of \(number(costs.double("half_spread_bps"))) bps; \(impact).",
      "A symbol without a bar is not traded; its position is kept at its last close.",
      "Nobody reacts to the trades beyond their impact, and the bars' prices are taken as tradable: "
        + "a bar's open may have been a single small trade.",
    ]
    let share = costs.double("maximum_participation")
    if !share.isNaN {
      items.append("An order gets at most \(NumberText.percent(share, 1)) of a bar's volume.")
    }
    items += metrics["notes"].texts
    items += metrics["imports"].list.map { report in
      "\(report["files"].texts.count) files imported: "
        + "\(NumberText.count(report.int("lines"))) lines, "
        + "\(report.int("rejected_rows")) rows rejected"
    }
    return ReportPage.Section(
      "Rules and data", lead: "What the figures rest on.", blocks: [.list(items)])
  }

  private func number(_ value: Double?) -> String {
    NumberFormat.significant(3).text(value ?? .nan)
  }

  private func span(_ seconds: Double) -> String {
    TimeSpan(nanoseconds: Int64(seconds * 1e9)).description
  }
}
