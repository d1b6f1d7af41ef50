import HogaCore
import HogaReport

/// A page of charts at their limits: many names, long names, one value, none.
enum StressPage {
  static func make() -> ReportPage {
    var random = SeededRandom(11)
    func uniform() -> Double { random.uniform() - 0.5 }
    let names = (0..<42).map { index in
      [
        "mlofi_level_\(index)_10s", "삼성전자 호가 불균형 \(index)", "x\(index)",
        "a_rather_long_feature_name_of_a_user_\(index)",
      ][index % 4]
    }
    let square = names.indices.map { row in
      names.indices.map { row == $0 ? 1 : row % 11 == 5 ? .nan : uniform() * 1.6 }
    }
    let days = (1...62).map { "2024-0\($0 > 31 ? 8 : 7)-\($0 > 31 ? $0 - 31 : $0)" }
    let symbols = (0..<120).map { "SYM\($0)USDT" }
    let shares = symbols.map { _ in
      days.map { _ in random.next() % 9 == 0 ? Double.nan : 1 - random.uniform() * 0.2 }
    }
    let steps = (0..<300).map(Double.init)
    let curves = (0..<9).map { index -> LineChart.Series in
      var level = 0.0
      return .init(
        index == 4 ? "a_model_with_a_very_long_name_indeed" : "model \(index)",
        at: .numbers(steps),
        values: steps.map { _ in
          level += uniform()
          return level
        })
    }
    let dates = (0..<400).map { CivilDate(year: 2023, month: 1, day: 1)!.adding(days: $0).start }
    func single(_ name: String, _ chart: any Chart) -> ReportBlock {
      .figure(.init(name, chart: chart))
    }
    return ReportPage(
      "Charts at their limits",
      sections: [
        .init(
          "Many names",
          blocks: [
            single("42 features", HeatMap(rows: names, columns: names, values: square)),
            single(
              "120 symbols, 62 days",
              HeatMap(
                rows: symbols, columns: days, values: shares,
                colors: .sequential(low: 0.8, high: 1), format: .percent(0))),
            single(
              "30 folds of 3 models",
              BarChart(
                groups: (1...30).map { "2024-01-\($0)" },
                series: ["zero", "lasso", "tree"].map { name in
                  .init(
                    name, values: (0..<30).map { _ in uniform() },
                    errors: (0..<30).map { _ in 0.1 })
                })),
            single(
              "Long names",
              HorizontalBarChart(names.prefix(12).map { .init($0, uniform() * 1e-7) })),
            single("Nine curves", LineChart(curves, horizontalTitle: "trees")),
          ]),
        .init(
          "Few values",
          blocks: [
            .columns([
              single("None", LineChart([.init("a", at: [], values: [])])),
              single("One", LineChart([.init("a", at: [dates[0]], values: [3])])),
            ]),
            .columns([
              single(
                "Constant",
                LineChart([.init("a", at: dates, values: dates.map { _ in 61_800.1 })])),
              single("No bars", BarChart(groups: [], series: [])),
            ]),
            .columns([
              single("Nothing known", Histogram([.nan, .nan])),
              single("One value", Histogram([42, 42, 42], format: .fixed(1))),
            ]),
            .columns([
              single(
                "Few points", ScatterChart(x: [1, 2, 3], y: [2, 3, 5], xTitle: "x", yTitle: "y")),
              single(
                "Large numbers",
                LineChart([
                  .init("volume", at: dates, values: dates.indices.map { Double($0) * 3.2e9 })
                ])),
            ]),
            .table(.init("Nothing", columns: [.init("Name"), .init("Value", .integer)], rows: [])),
            .keyFigures([.init("Alone", "1,234,567.89", unit: "USDT")]),
          ]),
      ])
  }
}
