internal import Foundation
internal import HogaCore
internal import HogaReport

/// What the strategies earned, and what that cost.
extension RunReport {
  func backtestSection() throws -> ReportPage.Section? {
    let backtests = metrics["backtests"].list
    guard !backtests.isEmpty else { return nil }
    let unit = currency(backtests[0]["result"])
    var blocks: [ReportBlock] = []
    if let first = backtests.first?["result"] {
      let fees = first["fees_ppm"]
      let latency = first["latency_ns"]
      blocks.append(
        .paragraph(
          "Market orders walk the recorded book; limit orders fill only when traded through. Fees: "
            + "maker \(NumberText.fixed(fees.double("maker") / 100, 2)) bps, taker "
            + "\(NumberText.fixed(fees.double("taker") / 100, 2)) bps. An order takes "
            + "\(NumberText.fixed(latency.double("order") / 1e6, 1)) ms to the exchange, an answer "
            + "\(NumberText.fixed(latency.double("response") / 1e6, 1)) ms back. All strategies trade "
            + "the same out-of-sample time."))
      let note = first["statistics"].string("annualisation")
      if note != "annualised" {
        blocks.append(.callout(.init(.warning, "Not annualised", note)))
      }
    }
    blocks.append(.figure(try equityFigure(backtests, unit: unit)))
    blocks.append(.table(costTable(backtests, unit: unit)))
    blocks.append(.table(statisticsTable(backtests)))
    blocks.append(
      .columns(
        backtests.map { backtest in
          .figure(
            .init(
              "From gross to net: \(backtest.string("name"))", subtitle: unit + " currency",
              chart: waterfall(backtest["result"])))
        }))
    return ReportPage.Section(
      "Backtests", lead: "What is left after spread, latency and fees.", blocks: blocks)
  }

  private func equityFigure(
    _ backtests: [JSONValue], unit: String
  ) throws -> ReportBlock.Figure {
    var equities: [LineChart.Series] = []
    var drawdowns: [LineChart.Series] = []
    for backtest in backtests {
      let name = backtest.string("name")
      let frame = try equity(name)
      let times = try frame.int64s("time").map { Timestamp(nanoseconds: $0) }
      let values = try frame.doubles("equity")
      let start = (backtest["result"]).double("initial_capital")
      equities.append(.init(name, at: times, values: values.map { $0 - start }))
      var peak = -Double.infinity
      drawdowns.append(
        .init(
          name, at: times,
          values: values.map {
            peak = max(peak, $0)
            return $0 / peak - 1
          }))
    }
    return .init(
      "Profit and loss after costs", subtitle: "\(unit) currency, marked at the mid every second",
      chart: LineChart(panels: [
        .init(series: equities, format: .fixed(2), weight: 2, includesZero: true),
        .init(title: "Drawdown", series: drawdowns, format: .percent(2), includesZero: true),
      ]))
  }

  /// From gross to net, one row per strategy.
  private func costTable(_ backtests: [JSONValue], unit: String) -> ReportTable {
    let parts = ["gross", "spread", "latency", "walk", "fees", "net"]
    return ReportTable(
      "From gross to net", subtitle: unit + " currency",
      columns: [.init("Strategy"), .init("Round trips", .integer)]
        + parts.map {
          .init($0.capitalized, .fixed(2), best: $0 == "net" ? .highest : nil)
        } + [.init("Orders rejected", .integer)],
      rows: backtests.map { backtest in
        let result = backtest["result"]
        return .init(
          [.text(backtest.string("name")), .number((result?["trades"]).double("round_trips"))]
            + parts.map { .number((result?["waterfall"]).double($0)) }
            + [.number(rejected(result))])
      })
  }

  /// Risk and efficiency, one row per strategy.
  private func statisticsTable(_ backtests: [JSONValue]) -> ReportTable {
    ReportTable(
      "Statistics",
      columns: [
        .init("Strategy"), .init("Win rate", .percent(1)), .init("Profit factor", .fixed(2)),
        .init("Turnover", .fixed(2)), .init("Max drawdown", .percent(3)),
        .init("Sharpe", .fixed(3), footnote: 1), .init("Sortino", .fixed(3), footnote: 1),
        .init("Calmar", .fixed(2), footnote: 2),
      ],
      rows: backtests.map { backtest in
        let statistics = backtest["result"]?["statistics"]
        let trades = backtest["result"]?["trades"]
        return .init([
          .text(backtest.string("name")), .number(trades.double("win_rate")),
          .number(trades.double("profit_factor")), .number(trades.double("turnover")),
          .number(statistics.double("max_drawdown")),
          .estimate(
            statistics.double("sharpe_per_period"),
            error: statistics.double("sharpe_per_period_se")),
          .number(statistics.double("sortino_per_period")), .number(statistics.double("calmar")),
        ])
      },
      footnotes: [
        "Of returns per second; the standard error after Lo (2002) takes them as independent.",
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

  private func waterfall(_ result: JSONValue?) -> WaterfallChart {
    let parts = result?["waterfall"]
    return WaterfallChart(
      from: "Gross", parts.double("gross"),
      steps: [("Spread", "spread"), ("Latency", "latency"), ("Walk", "walk"), ("Fees", "fees")]
        .map { .init($0.0, -parts.double($0.1)) },
      to: "Net", format: .fixed(2))
  }
}
