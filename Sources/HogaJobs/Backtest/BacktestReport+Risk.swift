internal import HogaCore
internal import HogaReport
internal import HogaStatistics

/// How far the figures can be trusted, and how they came about over time.
extension BacktestReport {
  /// What a Sharpe ratio is worth, given its length, its shape and how many were tried.
  static func trustTable(_ tables: [BacktestTables]) -> ReportTable? {
    let judged = tables.filter {
      ($0.metrics["performance"]?["sharpe"]).double("per_period").isFinite
    }
    guard !judged.isEmpty else { return nil }
    return ReportTable(
      "How far the Sharpe ratios can be trusted",
      subtitle: "per second, not annual",
      columns: [
        .init("Strategy"), .init("Sharpe", .fixed(3), footnote: 1),
        .init("95 %, from", .fixed(3), footnote: 2), .init("to", .fixed(3)),
        .init("P(above 0)", .percent(1), footnote: 3),
        .init("Needed", footnote: 4), .init("Trials", .integer, footnote: 5),
        .init("Best by luck", .fixed(3), footnote: 6), .init("Deflated", .percent(1), footnote: 7),
      ],
      rows: judged.map { table in
        let performance = table.metrics["performance"]
        let sharpe = performance?["sharpe"]
        let drawn = performance?["bootstrap"]?["sharpe_per_period"]
        let needed = sharpe.double("min_track_record_returns")
        return .init([
          .text(table.name),
          .estimate(sharpe.double("per_period"), error: sharpe.double("standard_error")),
          .number(drawn.double("lower")), .number(drawn.double("upper")),
          .number(sharpe.double("probability_above_zero")),
          .text(needed.isNaN ? "–" : length(needed)),
          .number(sharpe.double("trials")),
          .number((sharpe?["deflated"]).double("expected_maximum")),
          .number((sharpe?["deflated"]).double("probability")),
        ])
      },
      footnotes: [
        "Standard error with skewness and kurtosis, after Mertens (2002).",
        "Stationary bootstrap, which keeps what returns have to do with those before them.",
        "Probabilistic Sharpe ratio: that the true ratio is above zero, were this the only trial.",
        "How long a record with these returns has to be to say so with 95 % confidence; none is long "
          + "enough where the ratio is not above zero.",
        "Backtests that the ledger beside the lake knows on the same market and days, this one too.",
        "The best ratio to be expected of so many trials without skill.",
        "Deflated Sharpe ratio: that the true ratio is above that, after Bailey and López de Prado "
          + "(2014).",
      ])
  }

  /// Returns month by month, the strategies beside each other; the last two years of a longer run.
  static func monthTable(_ tables: [BacktestTables]) -> ReportTable? {
    func months(_ table: BacktestTables) -> [JSONValue] {
      (table.metrics["performance"]?["monthly"]?["months"]).list
    }
    let shown = tables.filter { !months($0).isEmpty }
    guard let longest = shown.map(months).max(by: { $0.count < $1.count }) else { return nil }
    return ReportTable(
      "Month by month", subtitle: "return after costs",
      columns: [.init("Month")] + shown.map { .init($0.name, .percent(3)) },
      rows: longest.suffix(24).map { month in
        let name = monthName(month)
        let isPartial = month["partial"] == .bool(true)
        return .init(
          [.text(name)]
            + shown.map { table in
              .number(
                months(table).first { monthName($0) == name }.map { $0.double("return") } ?? .nan)
            }, footnote: isPartial ? 1 : nil)
      },
      footnotes: longest.suffix(24).contains { $0["partial"] == .bool(true) }
        ? ["The run does not cover all of the month."] : [])
  }

  /// A length of time in seconds, however long.
  static func length(_ seconds: Double) -> String {
    let days = seconds / 86_400
    if !(days > 2) { return NumberText.seconds(seconds) }
    if days < 1000 { return "\(NumberText.fixed(days, 1)) days" }
    return days < 365_250 ? "\(NumberText.fixed(days / 365.25, 1)) years" : "over 1,000 years"
  }

  static let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `Aug 2024`, in one piece.
  private static func monthName(_ month: JSONValue) -> String {
    let number = Int(month.int("month"))
    guard monthNames.indices.contains(number - 1) else { return "–" }
    return "\(monthNames[number - 1])\u{A0}\(month.int("year"))"
  }
}

extension StrategyReport {
  /// Returns by month and year, as a table of colours; one month needs none.
  func monthFigure() -> ReportBlock.Figure? {
    let monthly = tables.metrics["performance"]?["monthly"]
    let months = (monthly?["months"]).list
    guard months.count > 1 else { return nil }
    let years = (monthly?["years"]).list
    let values = years.map { year -> [Double] in
      let own = months.filter { $0.int("year") == year.int("year") }
      return (1...12).map { number -> Double in
        own.first { $0.int("month") == number }.map { $0.double("return") } ?? .nan
      } + [year.double("return")]
    }
    let names = BacktestReport.monthNames + ["Year"]
    // The year's own return would take all the colour.
    let limit = months.map { abs($0.double("return")) }.filter(\.isFinite).max()
    return .init(
      "Month by month", subtitle: "return after costs, %",
      chart: HeatMap(
        rows: years.map { "\($0.int("year"))" }, columns: names, values: values,
        colors: .diverging(limit: limit), format: .percent(2)),
      caption: "Months and years at the ends may be covered in part.")
  }

  /// Volatility and Sharpe ratio over a window that moves along the run.
  func rollingFigure() throws -> ReportBlock.Figure? {
    let times = try tables.equity.int64s("time")
    let equity = try tables.equity.doubles("equity")
    guard let rolling = Self.rolling(times, equity) else { return nil }
    let at = rolling.times.map { Timestamp(nanoseconds: $0) }
    let window = NumberText.seconds(
      Double(times[times.count - 1] - times[0]) / 1e9 / Double(times.count - 1)
        * Double(rolling.window))
    return .init(
      "Over a moving window of \(window)", subtitle: "of returns per second, not annual",
      chart: LineChart(panels: [
        .init(
          title: "Sharpe ratio",
          series: [.init("Sharpe", at: at, values: rolling.sharpe, color: .blue)],
          format: .fixed(2), includesZero: true),
        .init(
          title: "Volatility, bps",
          series: [.init("volatility", at: at, values: rolling.volatility, color: .plum)],
          format: NumberFormat(.fixed(3), unit: "bps", factor: 10_000), weight: 0.8,
          includesZero: true),
      ]))
  }

  /// The deepest falls of equity.
  func drawdownTable() -> ReportTable? {
    let drawdowns = (tables.metrics["performance"]?["drawdowns"]).list
    guard !drawdowns.isEmpty else { return nil }
    return ReportTable(
      "The deepest drawdowns",
      columns: [
        .init("Peak"), .init("Bottom"), .init("Back at the peak"), .init("Length"),
        .init("Depth", .percent(3)), .init("Amount", .fixed(2), unit: tables.currency),
      ],
      rows: drawdowns.prefix(5).map { fall in
        let recovery = fall.string("recovery")
        return .init([
          .text(RunReport.plain(fall.string("peak"))),
          .text(RunReport.plain(fall.string("trough"))),
          .text(recovery.isEmpty ? "not yet" : RunReport.plain(recovery)),
          .text(BacktestReport.length(fall.double("length_s"))), .number(fall.double("fraction")),
          .number(fall.double("amount")),
        ])
      })
  }
}
