internal import HogaCore
internal import HogaReport
internal import HogaStatistics

/// One strategy on a page: its quotes and fills over the price, its inventory, how good its fills
/// were, and where its orders stood in the queue.
struct StrategyReport {
  let tables: BacktestTables

  init(_ tables: BacktestTables) { self.tables = tables }

  func section() throws -> ReportPage.Section {
    var blocks: [ReportBlock] = []
    blocks.append(.figure(try course()))
    if let figure = try closeUp() { blocks.append(.figure(figure)) }
    blocks.append(.table(try fillTable()))
    let half = [markOutFigure(), try inventoryFigure()].compactMap { $0 }
    if !half.isEmpty { blocks.append(.columns(half.map { .figure($0) })) }
    if let figure = try queueFigure() { blocks.append(.figure(figure)) }
    blocks += try latencyBlocks(beside: .table(orderTable()))
    if let figure = monthFigure() { blocks.append(.figure(figure)) }
    if let figure = try rollingFigure() { blocks.append(.figure(figure)) }
    if let table = drawdownTable() { blocks.append(.table(table)) }
    return ReportPage.Section(
      "Strategy: \(tables.name)", lead: "How its orders fared, fill by fill.", blocks: blocks)
  }

  /// Rolling figures of the account; `nil` where it is too short for two windows, or lost.
  static func rolling(_ times: [Int64], _ equity: [Double]) -> RollingFigures? {
    let returns = equity.count - 1
    let window = max(30, returns / 10)
    guard returns >= 2 * window, equity.allSatisfy({ $0 > 0 }) else { return nil }
    return RollingFigures(
      times: times, equity: equity, window: window, step: max(1, (returns - window) / 500))
  }

  // MARK: Over time

  /// Price with own quotes and fills, inventory and profit on one axis of time.
  private func course() throws -> ReportBlock.Figure {
    let equity = tables.equity
    let times = try equity.times("time")
    let start = tables.result.double("initial_capital")
    let quotes = try OwnQuotes(tables)
    let priceFormat = NumberFormat.fixed(priceDecimals)
    var prices: [LineChart.Series] = [
      .init("mid", at: times, values: try equity.doubles("mid"), color: .gray)
    ]
    if quotes.hasAny {
      prices.append(.init("own bid", at: times, values: quotes.bids, style: .step, color: .blue))
      prices.append(.init("own ask", at: times, values: quotes.asks, style: .step, color: .orange))
    }
    return .init(
      quotes.hasAny ? "Own quotes over the price, and what they led to" : "Fills over the price",
      subtitle: "price; position in units; profit and loss in \(tables.currency) currency",
      chart: LineChart(panels: [
        .init(series: prices, format: priceFormat, weight: 1.7, markers: try fillMarkers()),
        .init(
          title: "Inventory",
          series: [
            .init(
              "position", at: times, values: try equity.doubles("position"), style: .step,
              color: .teal)
          ], format: .significant(3), weight: 0.7, includesZero: true),
        .init(
          title: "Profit and loss",
          series: [
            .init(
              "net", at: times, values: try equity.doubles("equity").map { $0 - start },
              color: .navy)
          ], format: .fixed(2), weight: 0.7, includesZero: true),
      ]),
      caption: "Sampled every second"
        + (quotes.hasAny ? "; quotes are the best own prices that the exchange held." : "."))
  }

  /// Prices without digits that their instrument does not have; the mid may have one more.
  private var priceDecimals: Int {
    guard case .decimal(_, let scale)? = tables.fills["price"] else { return 2 }
    return scale
  }

  private func fillMarkers(
    within range: ClosedRange<Timestamp>? = nil
  ) throws -> [LineChart.Markers] {
    let fills = tables.fills
    let times = try fills.times("exchange_time")
    let prices = try fills.doubles("price")
    let sides = try fills.doubles("side")
    return [
      ("bought", 1.0, LineChart.Markers.Shape.up, ChartColor.teal),
      ("sold", -1.0, .down, .maroon),
    ].map { name, side, shape, color in
      let rows = times.indices.filter {
        sides[$0] == side && (range?.contains(times[$0]) ?? true)
      }
      return LineChart.Markers(
        name, shape, color: color, at: .times(rows.map { times[$0] }),
        values: rows.map { prices[$0] })
    }
  }

  /// The stretch with most fills: every own order from its arrival to its end.
  private func closeUp() throws -> ReportBlock.Figure? {
    guard let market = tables.closeUp, market.rowCount > 1 else { return nil }
    let times = try market.times("time")
    let range = times[0]...times[times.count - 1]
    return .init(
      "The ten seconds with most fills, order by order",
      subtitle: "price, by the exchange's clock; each line is an order from its arrival to its end",
      chart: LineChart(panels: [
        .init(
          series: [
            .init(
              "best bid", at: times, values: try market.doubles("best_bid"), style: .step,
              color: .gray),
            .init(
              "best ask", at: times, values: try market.doubles("best_ask"), style: .step,
              color: .gray),
          ], format: .fixed(priceDecimals), weight: 1.4, markers: try fillMarkers(within: range),
          spans: try restingOrders(within: range))
      ]),
      caption: "The market twenty times a second. Orders outside of the frame are not drawn.")
  }

  private func restingOrders(
    within range: ClosedRange<Timestamp>
  ) throws -> [LineChart.Spans] {
    let orders = tables.orders
    let arrivals = try orders.int64s("exchange_arrival")
    let ends = try orders.int64s("end_time")
    let prices = try orders.doubles("price")
    let sides = try orders.doubles("side")
    let (low, high) = (range.lowerBound.nanoseconds, range.upperBound.nanoseconds)
    return [("own buy orders", 1.0, ChartColor.blue), ("own sell orders", -1.0, .orange)]
      .compactMap { name, side, color in
        let rows = arrivals.indices.filter { row in
          guard sides[row] == side, !prices[row].isNaN, arrivals[row] != Column.missing else {
            return false
          }
          let end = ends[row] == Column.missing ? .max : ends[row]
          return arrivals[row] <= high && end >= low && end > arrivals[row]
        }
        guard !rows.isEmpty else { return nil }
        return LineChart.Spans(
          name, color: color,
          from: .times(rows.map { Timestamp(nanoseconds: max(low, arrivals[$0])) }),
          to: .times(
            rows.map {
              Timestamp(nanoseconds: ends[$0] == Column.missing ? high : min(high, ends[$0]))
            }),
          values: rows.map { prices[$0] })
      }
  }

  private func inventoryFigure() throws -> ReportBlock.Figure? {
    let positions = try tables.equity.doubles("position")
    guard Set(positions).count > 2 else { return nil }
    return .init(
      "How much it held", subtitle: "position in units, second by second",
      chart: Histogram(positions, format: .significant(3)))
  }

  // MARK: Fills

  /// What filled its orders, one row for each rule.
  private func fillTable() throws -> ReportTable {
    let fills = tables.fills
    let groups = try FillGroups(fills)
    let moves = try fills.known(FillAftermath.column(.seconds(1)))
    let prices = try fills.doubles("price")
    let sides = try fills.doubles("side")
    let sums: [(title: String, values: [Double])] = [
      ("Size", try fills.doubles("size")), ("Fees", try fills.doubles("fee")),
      ("Spread", try fills.doubles("spread")), ("Latency", try fills.doubles("latency")),
      ("Net", try fills.doubles("net")),
    ]
    func row(_ name: String, _ rows: [Int], _ role: ReportTable.Row.Role) -> ReportTable.Row {
      let markOuts = rows.compactMap { row -> Double? in
        guard let mid = moves?[row], !mid.isNaN, prices[row] > 0 else { return nil }
        return sides[row] * (mid / prices[row] - 1) * 10_000
      }
      let mean = markOuts.isEmpty ? .nan : markOuts.reduce(0, +) / Double(markOuts.count)
      return .init(
        [.text(name), .number(Double(rows.count))]
          + sums.map { part in .number(rows.reduce(0) { $0 + part.values[$1] }) }
          + [.number(mean)], role: role)
    }
    let all = row("all", Array(0..<fills.rowCount), .total)
    return ReportTable(
      "Why it was filled", subtitle: "money in \(tables.currency) currency",
      columns: [
        .init("Rule"), .init("Fills", .integer), .init("Size", .significant(4)),
        .init("Fees", .fixed(2)), .init("Spread", .fixed(2), footnote: 1),
        .init("Latency", .fixed(2), footnote: 2), .init("Net", .fixed(2), footnote: 3),
        .init("Mark-out, 1 s", .fixed(2), unit: "bps"),
      ],
      rows: groups.all.map { row($0.name, $0.rows, .normal) }
        + (groups.all.count > 1 ? [all] : []),
      footnotes: [
        "Paid from the mid at the match; below zero where a maker earned it.",
        "The mid's move against the order between decision and match.",
        "Marked at the closing mid, so it depends on the way the market went afterwards.",
      ])
  }

  /// The mid's move after fills, makers and takers apart.
  private func markOutFigure() -> ReportBlock.Figure? {
    let marks = tables.metrics["mark_outs"].list
    let times = marks.reduce(into: [String]()) { seen, mark in
      if !seen.contains(mark.string("after")) { seen.append(mark.string("after")) }
    }
    let series = ["maker", "taker"].compactMap { side -> BarChart.Series? in
      let own = times.map { time in
        marks.first { $0.string("after") == time && $0.string("side") == side }
      }
      guard own.contains(where: { $0.int("fills") > 1 }) else { return nil }
      return .init(
        "\(side)s, \(NumberText.count(own.map { $0.int("fills") }.max() ?? 0)) fills",
        values: own.map { $0.double("mean_bps") }, errors: own.map { $0.double("se_bps") },
        color: side == "maker" ? .blue : .orange)
    }
    guard !series.isEmpty else { return nil }
    return .init(
      "Mark-outs: what a fill was worth afterwards",
      subtitle: "mean move of the mid from the fill's price in its favour, bps, ± standard error"
        + (series.count == 1 ? "; \(series[0].name)" : ""),
      chart: BarChart(
        groups: times.map { $0 == "0ns" || $0 == "0s" ? "match" : "+\($0)" }, series: series,
        style: .dots, format: .fixed(2), references: [.init(0, label: "")]),
      caption: "Mids of the recorded book by the exchange's clock, before fees. Fills close to one "
        + "another share the same moves, so true errors are larger than those of independent fills."
    )
  }

  // MARK: Orders

  /// What became of its orders.
  private func orderTable() throws -> ReportTable {
    let orders = tables.orders
    let statuses = try orders.texts("status")
    let reasons = try orders.texts("reason")
    var names: [String] = []
    var counts: [String: Int] = [:]
    for (status, reason) in zip(statuses, reasons) {
      let name = (status ?? "unknown") + (reason.map { ": \($0)" } ?? "")
      if counts[name] == nil { names.append(name) }
      counts[name, default: 0] += 1
    }
    names.sort { (counts[$0]!, $1) > (counts[$1]!, $0) }
    return ReportTable(
      "What became of its orders",
      columns: [.init("End"), .init("Orders", .integer), .init("Share", .percent(1))],
      rows: names.map {
        let count = Double(counts[$0]!)
        return .init([.text($0), .number(count), .number(count / Double(orders.rowCount))])
      })
  }

  /// Where orders joined the queue, all of them and those that were filled.
  private func queueFigure() throws -> ReportBlock.Figure? {
    guard let ahead = try tables.orders.known("queue_ahead_entry") else { return nil }
    let sizes = try tables.orders.doubles("size")
    let filled = try tables.orders.doubles("filled")
    let joined = ahead.indices.filter { !ahead[$0].isNaN && sizes[$0] > 0 }
    guard !joined.isEmpty else { return nil }
    // Sizes in front spread over orders of magnitude, and many orders have none.
    let edges = [1, 3, 10, 30, 100, 300, 1000.0]
    func shares(_ rows: [Int]) -> [Double] {
      var counts = [Double](repeating: 0, count: edges.count + 2)
      for row in rows {
        let share = ahead[row] / sizes[row]
        counts[ahead[row] <= 0 ? 0 : 1 + (edges.firstIndex { share < $0 } ?? edges.count)] += 1
      }
      return counts.map { rows.isEmpty ? .nan : $0 / Double(rows.count) }
    }
    let lucky = joined.filter { filled[$0] > 0 }
    let names = ["none", "< 1"] + zip(edges, edges.dropFirst()).map { "\(Int($0))–\(Int($1))" }
    return .init(
      "Where its orders joined the queue",
      subtitle: "size ahead on joining, in multiples of the order's own; share of orders",
      chart: BarChart(
        groups: names + ["> \(Int(edges[edges.count - 1]))"],
        series: [
          .init(
            "all \(NumberText.count(joined.count)) that rested", values: shares(joined),
            color: .blue),
          .init(
            "the \(NumberText.count(lucky.count)) that filled", values: shares(lucky),
            color: .orange),
        ], format: .percent(0)))
  }

  // MARK: Latency

  /// - Parameter other: stands beside the picture, if there is one.
  private func latencyBlocks(beside other: ReportBlock) throws -> [ReportBlock] {
    let arrivals = try tables.orders.int64s("exchange_arrival")
    let decisions = try tables.orders.int64s("decision_time")
    let entry = zip(arrivals, decisions).filter { $0.0 != Column.missing }.map {
      Double($0 - $1) / 1e6
    }
    func milliseconds(_ name: String) throws -> [Double] {
      try tables.fills.known(name)?.filter { !$0.isNaN }.map { $0 / 1e6 } ?? []
    }
    let parts = [
      ("Market data to the strategy", "fills", try milliseconds("feed_latency_ns")),
      ("Order to the exchange", "orders", entry),
      ("Answer to the strategy", "fills", try milliseconds("response_latency_ns")),
    ].filter { !$0.2.isEmpty }
    guard !parts.isEmpty else { return [other] }
    var blocks: [ReportBlock] = [
      .table(
        ReportTable(
          "Latency",
          columns: [.init("Way"), .init("Measured on")]
            + ["Least", "Median", "95 %", "99 %", "Most"].map { .init($0, .fixed(3), unit: "ms") },
          rows: parts.map { name, kind, values in
            let sorted = values.sorted()
            return .init(
              [.text(name), .text("\(NumberText.count(sorted.count)) \(kind)")]
                + [0, 0.5, 0.95, 0.99, 1].map { share in
                  .number(sorted[Int((share * Double(sorted.count - 1)).rounded())])
                })
          }))
    ]
    // A constant needs no picture.
    let varied = parts.filter { $0.2.max()! > $0.2.min()! }
    let pictures = varied.map { name, _, values in
      ReportBlock.figure(
        .init(name, subtitle: "latency, ms", chart: Histogram(values, format: .fixed(1))))
    }
    if pictures.count == 1 {
      blocks.append(.columns(pictures + [other]))
    } else {
      if !pictures.isEmpty { blocks.append(.columns(pictures)) }
      blocks.append(other)
    }
    return blocks
  }
}

/// Fills by the rule that made them, in the order of their number.
private struct FillGroups {
  private(set) var all: [(name: String, rows: [Int])] = []

  init(_ fills: Frame) throws {
    let makers = try fills.flags("maker")
    for (row, reason) in try fills.texts("reason").enumerated() {
      // Levels of a walk are one rule.
      let text = reason ?? "unknown"
      let rule =
        text.hasPrefix("walked book level")
        ? "walked the book" : text.hasPrefix("liquidation") ? "liquidation" : text
      let name = (makers[row] ? "maker: " : "taker: ") + rule
      if let index = all.firstIndex(where: { $0.name == name }) {
        all[index].rows.append(row)
      } else {
        all.append((name, [row]))
      }
    }
    all.sort { ($0.rows.count, $1.name) > ($1.rows.count, $0.name) }
  }
}
