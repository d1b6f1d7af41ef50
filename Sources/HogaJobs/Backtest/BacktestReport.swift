internal import Foundation
internal import HogaCore
internal import HogaReport
internal import HogaStatistics

/// What backtests say on a page, whichever kind of run played them: a section that compares the
/// strategies, and one for each that filled something.
///
/// Made of the run's files alone.
struct BacktestReport {
  let files: RunFolder
  let metrics: JSONValue

  /// More strategies than this are compared, but have no section of their own.
  private static let detailed = 8

  func sections() throws -> [ReportPage.Section] {
    let tables = try metrics["backtests"].list.map { try BacktestTables(files, $0) }
    guard let first = tables.first else { return [] }
    var sections = [try comparison(tables, unit: first.currency)]
    for table in tables.filter({ $0.fills.rowCount > 1 }).prefix(Self.detailed) {
      sections.append(try StrategyReport(table).section())
    }
    return sections
  }

  private func comparison(
    _ tables: [BacktestTables], unit: String
  ) throws -> ReportPage.Section {
    var blocks: [ReportBlock] = []
    blocks.append(.paragraph(assumptions(tables[0])))
    if let first = tables[0].result {
      let note = first["statistics"].string("annualisation")
      if note != "annualised" {
        let sentence = note.prefix(1).uppercased() + note.dropFirst()
        blocks.append(.callout(.init(.warning, "Not annualised", sentence)))
      }
    }
    blocks.append(.figure(try equityFigure(tables, unit: unit)))
    blocks.append(.table(costTable(tables, unit: unit)))
    blocks.append(.table(statisticsTable(tables)))
    if let table = Self.trustTable(tables) { blocks.append(.table(table)) }
    if let table = Self.monthTable(tables) { blocks.append(.table(table)) }
    blocks.append(
      .columns(
        tables.map { table in
          .figure(
            .init(
              "From gross to net: \(table.name)", subtitle: unit + " currency",
              chart: Self.waterfall(table.result)))
        }))
    return ReportPage.Section(
      "Backtests", lead: "What is left after spread, latency, impact and fees.", blocks: blocks)
  }

  // MARK: Assumptions

  /// The rules of the simulation that figures depend on most.
  private func assumptions(_ table: BacktestTables) -> String {
    let result = table.result
    let settings = result["settings"]
    let latency = settings?["latency"]
    let fees = settings?["fees_ppm"]
    return
      "Market orders walk the recorded book; resting limit orders wait in \(queue(result)) "
      + "and are filled by what trades. Fees: maker "
      + "\(NumberFormat.fixed(2).text(fees.double("maker") / 100)) bps, taker "
      + "\(NumberFormat.fixed(2).text(fees.double("taker") / 100)) bps"
      + (fees.int("tiers") > 0 ? " in the lowest of \(fees.int("tiers") + 1) tiers" : "")
      + ". Latency: market data \(latency.string("feed")), orders \(latency.string("entry")), "
      + "answers \(latency.string("response")). All strategies trade the same time; "
      + "`hoga backtest explain` tells the life of any order."
  }

  /// In which queue orders waited; earlier versions kept the setting alone.
  private func queue(_ result: JSONValue?) -> String {
    let played = result.string("queue_model")
    let model = played.isEmpty ? (result?["settings"]).string("queue") : played
    return model == "true"
      ? "the true queue of single orders" : "a queue that is estimated (`\(model)`)"
  }

  // MARK: All strategies

  private func equityFigure(
    _ tables: [BacktestTables], unit: String
  ) throws -> ReportBlock.Figure {
    var equities: [LineChart.Series] = []
    var drawdowns: [LineChart.Series] = []
    for table in tables {
      let times = try table.equity.times("time")
      let values = try table.equity.doubles("equity")
      let start = table.result.double("initial_capital")
      equities.append(.init(table.name, at: times, values: values.map { $0 - start }))
      drawdowns.append(.init(table.name, at: times, values: Drawdown.underwater(values)))
    }
    return .init(
      "Profit and loss after costs", subtitle: "\(unit) currency, marked at the mid every second",
      chart: LineChart(panels: [
        .init(series: equities, format: .fixed(2), weight: 2, includesZero: true),
        .init(title: "Drawdown", series: drawdowns, format: .percent(2), includesZero: true),
      ]))
  }

  /// The parts between gross and net that a run knows, with their signs: costs are taken off.
  static func parts(_ results: [JSONValue?]) -> [(key: String, sign: Double)] {
    let always: [(String, Double)] = [
      ("spread", -1), ("latency", -1), ("walk", -1), ("fees", -1),
    ]
    func occurs(_ key: String) -> Bool {
      results.contains { ($0?["waterfall"])[key] != nil && ($0?["waterfall"]).double(key) != 0 }
    }
    return always.dropLast() + (occurs("impact") ? [("impact", -1)] : []) + always.suffix(1)
      + (occurs("funding") ? [("funding", 1)] : [])
  }

  /// From gross to net, one row per strategy.
  private func costTable(_ tables: [BacktestTables], unit: String) -> ReportTable {
    let keys = ["gross"] + Self.parts(tables.map(\.result)).map(\.key) + ["net"]
    return ReportTable(
      "From gross to net", subtitle: unit + " currency",
      columns: [.init("Strategy"), .init("Round trips", .integer)]
        + keys.map {
          .init($0.capitalized, .fixed(2), best: $0 == "net" ? .highest : nil)
        } + [.init("Orders rejected", .integer)],
      rows: tables.map { table in
        let result = table.result
        return .init(
          [.text(table.name), .number((result?["trades"]).double("round_trips"))]
            + keys.map { .number((result?["waterfall"]).double($0)) }
            + [.number(rejected(result))])
      })
  }

  /// Risk and efficiency, one row per strategy.
  private func statisticsTable(_ tables: [BacktestTables]) -> ReportTable {
    ReportTable(
      "Statistics",
      columns: [
        .init("Strategy"), .init("Win rate", .percent(1)), .init("Profit factor", .fixed(2)),
        .init("Turnover", .fixed(2)), .init("Max drawdown", .percent(3)),
        .init("Sharpe", .fixed(3), footnote: 1), .init("Sortino", .fixed(3), footnote: 1),
        .init("Calmar", .fixed(2), footnote: 2),
      ],
      rows: tables.map { table in
        let statistics = table.result?["statistics"]
        let trades = table.result?["trades"]
        return .init([
          .text(table.name), .number(trades.double("win_rate")),
          .number(trades.double("profit_factor")), .number(trades.double("turnover")),
          .number(statistics.double("max_drawdown")),
          .estimate(
            statistics.double("sharpe_per_period"),
            error: statistics.double("sharpe_per_period_se")),
          .number(statistics.double("sortino_per_period")), .number(statistics.double("calmar")),
        ])
      },
      footnotes: [
        "Of returns per second; the standard error, with their skewness and kurtosis after Mertens "
          + "(2002), takes them as independent.",
        "Annual return over the largest drawdown; absent where the run is too short to annualise.",
      ])
  }

  private func rejected(_ result: JSONValue?) -> Double {
    guard case .object(let members) = result?["rejections"] else { return 0 }
    return members.reduce(0) { sum, member in
      guard case .int(let count) = member.value else { return sum }
      return sum + Double(count)
    }
  }

  static func waterfall(_ result: JSONValue?) -> WaterfallChart {
    let waterfall = result?["waterfall"]
    return WaterfallChart(
      from: "Gross", waterfall.double("gross"),
      steps: parts([result]).map {
        .init($0.key.capitalized, $0.sign * waterfall.double($0.key))
      },
      to: "Net", format: .fixed(2))
  }
}
