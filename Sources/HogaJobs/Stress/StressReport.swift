internal import HogaCore
internal import HogaReport

/// What stress runs say on a page. Made of the run's files alone.
struct StressReport {
  private let stress: JSONValue
  /// The accounts of the first seed, second by second.
  private let equity: Frame
  private let moods: [String]
  private let strategies: [String]

  /// - Parameter metrics: of a run that has a part `stress`.
  private init?(_ files: RunFolder, _ metrics: JSONValue) throws {
    guard let stress = metrics["stress"] else { return nil }
    self.stress = stress
    equity = try files.frame(StressJob.tables[1])
    moods = stress["moods"].texts
    strategies = stress["strategies"].texts
  }

  /// The section of a run's page; none where the run had no stress.
  static func sections(_ files: RunFolder, _ metrics: JSONValue) throws -> [ReportPage.Section] {
    try StressReport(files, metrics).map { [try $0.section()] } ?? []
  }

  /// The page of stress runs and nothing else.
  ///
  /// - Throws: `MissingInputError` where the folder is not one of stress runs.
  static func page(folder: String) throws -> ReportPage {
    let files = RunFolder(folder)
    let metrics = try files.json("stress.json")
    return ReportPage(
      "Stress runs: \(metrics["stress"]?["strategies"].texts.joined(separator: ", ") ?? "")",
      subtitle: "Synthetic markets, \(StressSummary.extent(metrics["stress"]))",
      kicker: "Hoga · stress", sections: try sections(files, metrics),
      origins: [
        .init("Hoga", metrics.string("hoga")), .init("Command", metrics.string("command")),
        .init("Seed", "\(metrics.int("seed"))"),
      ])
  }

  private func section() throws -> ReportPage.Section {
    var blocks: [ReportBlock] = [.paragraph(assumptions)]
    blocks += stress["notes"].texts.map { .callout(.init(.warning, $0)) }
    blocks.append(.table(earnings))
    blocks.append(.columns([.figure(netFigure), .figure(drawdownFigure)]))
    blocks.append(.table(trading))
    for strategy in strategies {
      blocks.append(.figure(try overlay(strategy)))
      blocks.append(.multiples(try multiples(strategy)))
    }
    let remarks = stress["results"].list.compactMap(StressSummary.remark)
    if !remarks.isEmpty { blocks.append(.list(remarks)) }
    blocks.append(.table(marketTable))
    return ReportPage.Section(
      "Stress runs", lead: "How strategies fare where the market is not as usual.", blocks: blocks)
  }

  private var assumptions: String {
    let seeds = stress.int("seeds")
    let first = stress.int("first_seed")
    return
      "Each strategy plays \(StressSummary.extent(stress)): seeds \(first)"
      + (seeds > 1 ? " to \(first + seeds - 1)" : "")
      + ", the same for all strategies. Markets are synthetic (Hawkes flow on a book of single orders, "
      + "from a price of \(NumberText.fixed(stress["instrument"].double("start_price"), 2))); the "
      + "venue's fees, delays and limits are those of the backtest, and \(queue) decides about fills. "
      + "Money is in quote currency, with a capital of "
      + "\(NumberFormat.significant(5).text(stress.double("capital")))."
  }

  private var queue: String {
    let model = stress.string("queue")
    return model == "true"
      ? "the true queue of single orders" : "the queue model `\(model)` by level"
  }

  // MARK: Tables

  private func result(_ mood: String, _ strategy: String) -> JSONValue? {
    stress["results"].list.first {
      $0.string("mood") == mood && $0.string("strategy") == strategy
    }
  }

  /// A table with one row for each mood, under its strategy.
  private func table(
    _ title: String, _ columns: [ReportTable.Column], footnotes: [String],
    _ cells: (JSONValue?) -> [ReportTable.Cell]
  ) -> ReportTable {
    var rows: [ReportTable.Row] = []
    for strategy in strategies {
      if strategies.count > 1 {
        rows.append(.init([.text(strategy)] + columns.map { _ in .empty }, role: .group))
      }
      rows += moods.map { mood in
        .init([.text(StressSummary.name(mood))] + cells(result(mood, strategy)))
      }
    }
    return ReportTable(
      strategies.count == 1
        ? "\(strategies[0]): \(title)" : title.prefix(1).uppercased() + title.dropFirst(),
      subtitle: "means over seeds ± standard error", columns: [.init("Market")] + columns,
      rows: rows,
      footnotes: footnotes, isSortable: false)
  }

  private static func estimate(_ value: JSONValue?) -> ReportTable.Cell {
    let (mean, error) = (value.double("mean"), value.double("se"))
    return error.isNaN ? .number(mean) : .estimate(mean, error: error)
  }

  private var earnings: ReportTable {
    table(
      "what it earned in every mood",
      [
        .init("Net", .fixed(3), footnote: 1), .init("Of capital", .percent(4)),
        .init("Of traded", .basisPoints(2), footnote: 2), .init("Fees", .fixed(3)),
        .init("Max drawdown", .percent(4)), .init("Worst", .percent(4), footnote: 3),
      ],
      footnotes: [
        "After all costs, marked at the closing mid, in quote currency.",
        "Net over the worth of all fills, which does not depend on the capital.",
        "The deepest fall of equity among all seeds.",
      ]
    ) { result in
      ["net", "net_of_capital", "net_of_traded", "fees", "max_drawdown"].map {
        Self.estimate(result?[$0])
      } + [.number(result.double("worst_drawdown"))]
    }
  }

  private var trading: ReportTable {
    table(
      "how it traded",
      [
        .init("Fills", .integer), .init("As maker", .percent(0)),
        .init("Largest position", .fixed(3)), .init("Orders", .integer, footnote: 1),
        .init("Stopped", .percent(0), footnote: 2), .init("Liquidated", .percent(0), footnote: 2),
      ],
      footnotes: [
        "Of all seeds together.",
        "Share of the seeds in which the loss limit, or the venue, ended trading.",
      ]
    ) { result in
      [
        Self.estimate(result?["fills"]), .number((result?["maker_share"]).double("mean")),
        Self.estimate(result?["largest_position"]), .number(result.double("orders")),
        .number(result.double("stopped_share")), .number(result.double("liquidated_share")),
      ]
    }
  }

  /// What the markets were.
  private var marketTable: ReportTable {
    let columns: [(key: String, column: ReportTable.Column)] = [
      ("spread_ticks", .init("Spread", .fixed(2), unit: "ticks")),
      ("touch_size", .init("Size at the best", .fixed(3))),
      ("trades_per_s", .init("Trades", .fixed(2), unit: "per s")),
      (
        "volatility_per_minute", .init("Volatility", .basisPoints(1), unit: "bps/√min", footnote: 1)
      ),
      ("max_drawdown", .init("Largest fall", .percent(2))),
    ]
    return ReportTable(
      "What the markets were", subtitle: "means over seeds ± standard error",
      columns: [.init("Market")] + columns.map(\.column),
      rows: stress["markets"].list.map { market in
        .init(
          [.text(StressSummary.name(market.string("mood")))]
            + columns.map { Self.estimate(market[$0.key]) })
      }, footnotes: ["Of the mid's returns over one second, times √60."], isSortable: false)
  }

  // MARK: Figures

  private func bars(
    _ key: String, _ title: String, _ subtitle: String, _ format: NumberFormat
  ) -> ReportBlock.Figure {
    .init(
      title, subtitle: subtitle,
      chart: BarChart(
        groups: moods.map(StressSummary.name),
        series: strategies.map { strategy in
          let values = moods.map { result($0, strategy)?[key] }
          let errors = values.map { $0.double("se") }
          return .init(
            strategy, values: values.map { $0.double("mean") },
            errors: errors.allSatisfy(\.isNaN) ? [] : errors)
        }, style: .dots, format: format, references: [.init(0, label: "")]))
  }

  private var netFigure: ReportBlock.Figure {
    bars(
      "net_of_traded", "What a traded worth leaves",
      "net over the worth of all fills, bps, ± standard error", .basisPoints(1))
  }

  private var drawdownFigure: ReportBlock.Figure {
    bars(
      "max_drawdown", "How deep accounts fall", "drawdown, % of the peak, ± standard error",
      .percent(3))
  }

  /// A strategy's account on a market of the first seed, from zero: seconds, profit, mid.
  private struct Course {
    var minutes: [Double] = []
    var profit: [Double] = []
    var mids: [Double] = []
    var positions: [Double] = []
  }

  private func course(_ mood: String, _ strategy: String) throws -> Course {
    let (moods, strategies) = (try equity.texts("mood"), try equity.texts("strategy"))
    let times = try equity.int64s("time")
    let values = try equity.doubles("equity")
    let mids = try equity.doubles("mid")
    let positions = try equity.doubles("position")
    let rows = moods.indices.filter { moods[$0] == mood && strategies[$0] == strategy }
    let capital = stress.double("capital")
    let start = rows.first.map { times[$0] } ?? 0
    return Course(
      minutes: rows.map { Double(times[$0] - start) / 6e10 },
      profit: rows.map { values[$0] - capital },
      mids: rows.map { mids[$0] }, positions: rows.map { positions[$0] })
  }

  /// All moods on one scale.
  private func overlay(_ strategy: String) throws -> ReportBlock.Figure {
    let courses = try moods.map { ($0, try course($0, strategy)) }
    return .init(
      "\(strategy): profit and loss in every mood",
      subtitle: "quote currency, on the markets of the first seed",
      chart: LineChart(
        courses.map { mood, course in
          .init(StressSummary.name(mood), at: .numbers(course.minutes), values: course.profit)
        }, format: .significant(3), includesZero: true, horizontalTitle: "minutes"))
  }

  /// The moods side by side, each on a scale of its own.
  private func multiples(_ strategy: String) throws -> ReportBlock.SmallMultiples {
    .init(
      "\(strategy), mood by mood",
      subtitle: "profit and loss (blue), and below it the market's mid (gray), over minutes",
      charts: try moods.enumerated().map { index, mood in
        let course = try course(mood, strategy)
        return (
          name: StressSummary.name(mood),
          chart: LineChart(
            panels: [
              .init(
                title: "Profit and loss",
                series: [
                  .init("net", at: .numbers(course.minutes), values: course.profit, color: .blue)
                ], format: .significant(3), includesZero: true),
              .init(
                title: "Mid",
                series: [
                  .init("mid", at: .numbers(course.minutes), values: course.mids, color: .gray)
                ], format: .significant(5), weight: 0.7),
            ])
        )
      }, caption: "Each with a scale of its own; the figure above has one for all.")
  }
}
