import HogaCore
import HogaReport

/// A page that uses every block and chart, made from seeded random numbers.
///
/// Set `HOGA_REPORT_SAMPLE` to a path to have the tests write it there, to look at.
enum SamplePage {
  static func make(seed: UInt64 = 7) -> ReportPage {
    var random = SeededRandom(seed)
    return ReportPage(
      "BTCUSDT: does order flow pay?",
      subtitle:
        "One day of Binance USDⓈ-M order book and trades, 1-second grid; LASSO and LightGBM by"
        + " purged walk-forward; OFI + VPIN after fees and latency.",
      kicker: "Hoga demo · synthetic numbers",
      sections: [
        summary(), data(&random), features(&random), model(&random), regression(&random),
        trading(&random), settings(),
      ],
      origins: [
        .init("Version", "hoga 0.1.0 (94b9cb1), Swift 6.3.1, LightGBM 4.6.0"),
        .init("Command", "`hoga run Examples/demo.yaml --set seed=7 --out runs/demo`"),
        .init("Seed", "7"), .init("Configuration", "sha256 3f9a…c1d2"),
        .init("Produced", "2025-03-15 09:12:44 UTC"),
      ])
  }

  private static func normal(_ random: inout SeededRandom) -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + random.uniform() }
  }

  private static let start = CivilDate(year: 2023, month: 8, day: 1)!.start
  private static func times(_ count: Int, every seconds: Int64 = 1) -> [Timestamp] {
    (0..<count).map { start + .seconds(Int64($0) * seconds) }
  }

  private static func summary() -> ReportPage.Section {
    .init(
      "Summary", lead: "The signal is real, small and gone after taker fees.",
      blocks: [
        .keyFigures([
          .init("R² out of sample, 5 s", "4.1", unit: "%", note: "± 0.6 over 8 folds, zero: 0"),
          .init("Rank IC, 5 s", "0.118", note: "± 0.009, t = 13.1", tone: .good),
          .init("Gross P&L", "+312.40", unit: "USDT", note: "1,284 round trips"),
          .init("Net P&L", "−486.12", unit: "USDT", note: "after fees and latency", tone: .bad),
          .init("Sharpe, net", "–", note: "one day: too short to annualise"),
        ]),
        .callout(
          .init(
            .warning, "One day is too short to annualise",
            "Sharpe, Sortino and Calmar need at least 20 days; **per-trade** figures are shown instead."
          )
        ),
        .paragraph(
          "Order-flow imbalance explains **62 %** of simultaneous 10-second mid changes, close to the"
            + " 65 % of [Cont, Kukanov and Stoikov](https://doi.org/10.1093/jjfinec/nbt003). Explaining is"
            + " not predicting: five seconds ahead, the best model explains `4.1 %`."),
        .list([
          "LightGBM beats LASSO in 6 of 8 folds; the difference is within one standard error.",
          "호가 불균형 — 한글 글꼴도 보입니다 (Korean text is set in the reader's Korean font).",
        ]),
      ])
  }

  private static func data(_ random: inout SeededRandom) -> ReportPage.Section {
    func spans(_ state: [(Int64, Int64, CoverageStrip.State)]) -> [CoverageStrip.Span] {
      state.map { .init(from: start + .seconds($0.0), to: start + .seconds($0.1), $0.2) }
    }
    return .init(
      "Data", lead: "What was recorded, and what is missing.",
      blocks: [
        .figure(
          .init(
            "The book was stale for 41 seconds after 14:02", subtitle: "Coverage by table",
            chart: CoverageStrip(rows: [
              .init(
                "binance-usdm BTCUSDT depth",
                spans: spans([
                  (0, 50_500, .present), (50_500, 50_900, .gap), (50_900, 52_000, .stale),
                  (52_000, 86_400, .present),
                ]), note: "8,412,906 rows"),
              .init(
                "binance-usdm BTCUSDT trades", spans: spans([(0, 86_400, .present)]),
                note: "1,204,118 rows"),
              .init(
                "binance-spot BTCUSDT quotes",
                spans: spans([
                  (3600, 30_000, .present), (30_000, 33_000, .gap), (33_000, 80_000, .present),
                ]), note: "3,310,552 rows"),
            ]), caption: "Stale: a sequence gap, until the next snapshot.")),
        .table(
          .init(
            "Rows by table",
            columns: [
              .init("Table"), .init("Rows", .integer), .init("First"), .init("Last"),
              .init("Gaps", .integer, footnote: 1), .init("Rejected", .integer),
              .init("Size", .prefixed(3), unit: "bytes"),
            ],
            rows: [
              .init([
                .text("depth"), .number(8_412_906), .time(start),
                .time(start + .seconds(86_399)), .number(1), .number(0), .number(148_220_114),
              ]),
              .init([
                .text("trades"), .number(1_204_118), .time(start),
                .time(start + .seconds(86_398)), .number(0), .number(3), .number(9_830_411),
              ]),
              .init([
                .text("quotes <script>alert(1)</script>"), .number(3_310_552), .time(start),
                .time(start + .seconds(80_000)), .number(2), .number(0), .number(31_402_998),
              ]),
            ], footnotes: ["Longer than 60 s, or a break in the venue's sequence numbers."])),
      ])
  }

  private static let names = [
    "ofi_1s", "ofi_10s", "mlofi_10s", "queue_imbalance", "depth_imbalance_5", "microprice_gap",
    "spread_bps", "vpin_50", "trade_imbalance_10s", "return_10s", "volatility_60s", "intensity_10s",
  ]

  private static func features(_ random: inout SeededRandom) -> ReportPage.Section {
    var columns: [[Double]] = []
    for index in names.indices {
      let previous = columns.last
      columns.append(
        (0..<4000).map { row in
          let own = normal(&random)
          let mixed = previous.map { 0.7 * $0[row] + 0.7 * own } ?? own
          return index % 5 == 4 ? own * own * 3 : index % 4 == 3 ? mixed.magnitude : mixed
        })
    }
    let correlations = columns.map { a in columns.map { b in correlation(a, b) } }
    return .init(
      "Features", lead: "Distributions and how much features repeat one another.",
      blocks: [
        .multiples(
          .init(
            "Most features are centred; spread and volatility are skewed",
            subtitle: "Counts over 4,000 rows; box: quartiles, whisker: middle 90 %",
            charts: zip(names, columns).map { ($0, Histogram($1) as any Chart) })),
        .figure(
          .init(
            "Order-flow features move together", subtitle: "Rank correlation",
            chart: HeatMap(
              rows: names, columns: names, values: correlations, colors: .diverging(limit: 1)))),
      ])
  }

  private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let n = Double(a.count)
    let (ma, mb) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      ab += (x - ma) * (y - mb)
      aa += (x - ma) * (x - ma)
      bb += (y - mb) * (y - mb)
    }
    return ab / (aa * bb).squareRoot()
  }

  private static func model(_ random: inout SeededRandom) -> ReportPage.Section {
    let folds = (1...8).map { "fold \($0)" }
    func scores(_ mean: Double, _ spread: Double) -> [Double] {
      folds.map { _ in mean + spread * normal(&random) }
    }
    let models: [(String, Double)] = [("LASSO", 0.034), ("LightGBM", 0.041)]
    let series = models.map {
      BarChart.Series(
        $0.0, values: scores($0.1, 0.008),
        errors: folds.map { _ in 0.006 + 0.003 * random.uniform() })
    }
    let r2 = NumberFormat.percent(1)
    func row(_ name: String, _ values: [Double], _ role: ReportTable.Row.Role = .normal)
      -> ReportTable.Row
    {
      .init(
        [
          .text(name), .estimate(values[0], error: 0.006), .number(values[1]),
          .estimate(values[2], error: 0.009), .number(values[3]), .number(values[4]),
        ], role: role)
    }
    let horizons = [1, 2, 3, 5, 10].map(Double.init)
    return .init(
      "Models", lead: "Walk-forward scores beside their baselines.",
      blocks: [
        .table(
          .init(
            "Scores out of sample",
            subtitle: "Mid change 5 s ahead; ± one standard error over folds",
            columns: [
              .init("Model"), .init("R²", r2, best: .highest),
              .init("RMSE", .basisPoints(3), best: .lowest),
              .init("Rank IC", .fixed(3), best: .highest),
              .init("Direction", .percent(1), best: .highest, footnote: 1),
              .init("Features", .integer),
            ],
            rows: [
              row("Zero", [0, 0.000_081_2, .nan, .nan, 0], .baseline),
              row("Persistence", [-0.871, 0.000_111, -0.02, 0.481, 1], .baseline),
              row("LASSO", [0.034, 0.000_079_8, 0.109, 0.557, 9]),
              row("LightGBM", [0.041, 0.000_079_5, 0.118, 0.561, 40]),
            ], footnotes: ["Share of right signs among moves other than zero."])),
        .columns([
          .figure(
            .init(
              "LightGBM leads in most folds", subtitle: "R² out of sample by fold",
              chart: BarChart(groups: folds, series: series, format: r2),
              caption: "Error bars: ± one standard error, block bootstrap.")),
          .figure(
            .init(
              "Scores fade with the horizon", subtitle: "Rank IC by horizon in seconds",
              chart: LineChart(
                models.map { name, level in
                  let values = horizons.map { level * 4 / $0.squareRoot() }
                  return .init(
                    name, at: .numbers(horizons), values: values,
                    band: (values.map { $0 - 0.012 }, values.map { $0 + 0.012 }))
                }, format: .fixed(2), includesZero: true, horizontalTitle: "seconds ahead"))),
        ]),
        .figure(
          .init(
            "Fold by fold, the difference is within its error", subtitle: "R² out of sample",
            chart: BarChart(
              groups: folds, series: series, style: .dots, format: r2,
              references: [.init(0, label: "zero forecast")]))),
        .columns([
          .figure(
            .init(
              "Nine coefficients survive", subtitle: "LASSO, standardised",
              chart: HorizontalBarChart(
                names.prefix(9).map { .init($0, 0.4 * normal(&random), error: 0.05) },
                format: NumberFormat.fixed(3).signed))),
          .figure(
            .init(
              "Imbalance carries the trees", subtitle: "LightGBM, share of gain",
              chart: HorizontalBarChart(
                names.enumerated().map { .init($1, 0.34 / Double($0 + 1)) }, format: .percent(1),
                limit: 9))),
        ]),
      ])
  }

  private static func regression(_ random: inout SeededRandom) -> ReportPage.Section {
    let x = (0..<8640).map { _ in 40 * normal(&random) }
    let y = x.map { 0.02 * $0 + 0.6 * normal(&random) }
    let halfHours = (0..<48).map { Double($0) / 2 }
    let r2 = halfHours.map { 0.55 + 0.1 * (0.5 + 0.5 * normal(&random) / 3) - 0.002 * $0 }
    return .init(
      "OFI and price", lead: "The contemporaneous regression of 10-second mid changes on OFI.",
      blocks: [
        .columns([
          .figure(
            .init(
              "One line fits both directions", subtitle: "8,640 intervals of 10 seconds",
              chart: ScatterChart(
                x: x, y: y, line: .init(intercept: 0, slope: 0.02, label: "R² = 0.62"),
                xTitle: "OFI, contracts", yTitle: "mid change, ticks", clippedShare: 0.001))),
          .figure(
            .init(
              "It holds all day", subtitle: "R² by half hour",
              chart: LineChart(
                [
                  .init(
                    "R²", at: .times(halfHours.map { start + .seconds(Int64($0 * 3600)) }),
                    values: r2, style: .step)
                ], format: .percent(0), includesZero: true,
                references: [.init(0.65, label: "Cont et al.: 65 %")]))),
        ])
      ])
  }

  private static func trading(_ random: inout SeededRandom) -> ReportPage.Section {
    let count = 86_400
    var price = [29_000.0]
    var (gross, net) = ([0.0], [0.0])
    var peak = 0.0
    var drawdown = [0.0]
    var position = [0.0]
    var buys: [Int] = []
    var sells: [Int] = []
    for index in 1..<count {
      price.append(price[index - 1] + 0.9 * normal(&random))
      gross.append(gross[index - 1] + 0.004 + 0.9 * normal(&random))
      net.append(net[index - 1] - 0.005 + 0.9 * normal(&random))
      peak = max(peak, net[index])
      drawdown.append(net[index] - peak)
      if index % 1800 == 0 {
        (index / 1800 % 2 == 0 ? { buys.append(index) } : { sells.append(index) })()
      }
      position.append(
        Double(buys.count) > Double(sells.count) ? 0.1 : index % 7200 < 3600 ? -0.1 : 0)
    }
    for index in 50_500..<50_900 { price[index] = .nan }
    let at = times(count)
    func marks(_ name: String, _ shape: LineChart.Markers.Shape, _ color: ChartColor, _ list: [Int])
      -> LineChart.Markers
    {
      .init(
        name, shape, color: color, at: .times(list.map { at[$0] }), values: list.map { price[$0] })
    }
    return .init(
      "Trading", lead: "The OFI + VPIN strategy, with 5 ms latency and the venue's fees.",
      blocks: [
        .figure(
          .init(
            "Costs turn a small gain into a loss", subtitle: "USDT, one day",
            chart: WaterfallChart(
              from: "Gross", 312.40,
              steps: [
                .init("Spread", -268.10), .init("Taker fees", -498.72), .init("Maker rebate", 12.3),
                .init("Latency", -44.0),
              ], to: "Net", format: .fixed(2)))),
        .figure(
          .init(
            "Equity, drawdown and position", subtitle: "OFI + VPIN, 0.1 BTC per trade",
            chart: LineChart(panels: [
              .init(
                title: "Equity, USDT",
                series: [
                  .init("gross", at: at, values: gross, color: .gray),
                  .init("net of costs", at: at, values: net),
                ], format: .fixed(1, unit: "USDT")),
              .init(
                title: "Drawdown of net equity, USDT",
                series: [.init("drawdown", at: at, values: drawdown, style: .area, color: .orange)],
                format: .fixed(1, unit: "USDT"), weight: 0.5),
              .init(
                title: "Position, BTC",
                series: [.init("position", at: at, values: position, style: .step, color: .plum)],
                format: .fixed(2, unit: "BTC"), weight: 0.4),
            ]))),
        .figure(
          .init(
            "Fills", subtitle: "Mid price and fills, USDT",
            chart: LineChart(
              [.init("mid price", at: at, values: price, color: .gray)],
              format: .fixed(1, unit: "USDT"),
              markers: [marks("buy", .up, .good, buys), marks("sell", .down, .bad, sells)]),
            caption: "The line breaks where the book was stale.")),
      ])
  }

  private static func settings() -> ReportPage.Section {
    .init(
      "Settings", lead: "What ran, so that it can run again.",
      blocks: [
        .callout(
          .init(.info, "Same configuration and seed give the same bits on the same machine")),
        .callout(
          .init(.problem, "Persistence is not beaten at 10 s", "The model adds nothing there.")),
        .code(
          .init(
            "Resolved configuration",
            "name: demo\nseed: 7\ngrid: 1s\nmodels:\n  - lasso: {path: 60}\n",
            isOpen: false)),
      ])
  }
}
