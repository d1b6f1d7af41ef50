import HogaCore
import HogaReport
import Testing

/// Values as bad as they come: absent, infinite, huge, tiny, constant, alone, none.
private func nastyValues(_ random: inout SeededRandom) -> [Double] {
  let counts = [0, 1, 2, 3, 17, 400, 5000]
  let count = counts[Int(random.next() % 7)]
  let kind = random.next() % 9
  let constant = [0, 1, -1e-300, 1e199, 123456.789, .leastNonzeroMagnitude][Int(random.next() % 6)]
  return (0..<count).map { index in
    let value = random.uniform() - 0.5
    switch kind {
    case 0: return value
    case 1: return constant
    case 2: return random.next() % 3 == 0 ? .nan : value * 1e6
    case 3: return random.next() % 4 == 0 ? (value > 0 ? .infinity : -.infinity) : value
    case 4: return value * 1.7e308
    case 5: return value * 1e-300 * 1e-10
    case 6: return index % 2 == 0 ? .nan : value
    case 7: return .nan
    default: return 1e15 + (value * 4).rounded()
    }
  }
}

private func nastyTimes(_ count: Int, _ random: inout SeededRandom) -> [Timestamp] {
  let kind = random.next() % 5
  return (0..<count).map { index in
    switch kind {
    case 0: Timestamp(nanoseconds: 1_690_848_000_000_000_000 + Int64(index) * 1_000_000_000)
    case 1: Timestamp(nanoseconds: Int64(bitPattern: random.next()))
    case 2: Timestamp(nanoseconds: random.next() % 2 == 0 ? Int64.min : Int64.max)
    case 3: Timestamp(nanoseconds: 1_690_848_000_000_000_000)
    default: Timestamp(nanoseconds: Int64(random.next() % 1_000_000))
    }
  }
}

@Suite("Charts, given anything")
struct ChartFuzzTests {
  private func check(_ chart: any Chart) throws {
    for size in ChartSize.allCases {
      let drawing = chart.drawing(size)
      #expect(drawing.height > 0 && drawing.height < 20_000)
      let svg = drawing.svg(title: "a < b", summary: chart.summary, identifier: "f1")
      try WellFormed.check(svg)
      #expect(
        svg == chart.drawing(size).svg(title: "a < b", summary: chart.summary, identifier: "f1"))
      #expect(svg.utf8.count < 900_000)
    }
  }

  private func format(_ random: inout SeededRandom) -> NumberFormat {
    let formats: [NumberFormat] = [
      .fixed(2), .percent(1), .basisPoints(3).signed, .prefixed(3, unit: "USDT"), .significant(3),
      .fixed(-3), .fixed(99), .significant(0), NumberFormat(.fixed(2), factor: .nan),
      NumberFormat(.significant(4), factor: 0), NumberFormat(.prefixed(2), factor: -1),
    ]
    return formats[Int(random.next() % UInt64(formats.count))]
  }

  @Test("line charts stay well-formed and finite", arguments: UInt64(0)..<60)
  func drawsLines(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let styles: [LineChart.Series.Style] = [.line, .step, .area]
    var panels: [LineChart.Panel] = []
    for _ in 0...(random.next() % 3) {
      let series = (0..<(random.next() % 4)).map { index in
        let values = nastyValues(&random)
        let positions: Positions =
          seed % 2 == 0
          ? .times(nastyTimes(values.count, &random))
          : .numbers(random.next() % 2 == 0 ? values : values.indices.map(Double.init))
        return LineChart.Series(
          WellFormed.hostileTexts[Int(index)], at: positions, values: values,
          style: styles[Int(random.next() % 3)],
          band: random.next() % 2 == 0 ? (values.map { $0 - 1 }, values.map { $0 * 2 }) : nil)
      }
      let marks = nastyValues(&random)
      panels.append(
        .init(
          title: "<&>", series: series, format: format(&random), weight: random.uniform() * 3,
          references: [.init(marks.first ?? .nan, label: "<r>")],
          markers: [
            .init(
              "m", .up, color: .good,
              at: seed % 2 == 0 ? .times(nastyTimes(marks.count, &random)) : .numbers(marks),
              values: marks)
          ]))
    }
    try check(LineChart(panels: panels, horizontalTitle: "x", horizontalFormat: format(&random)))
  }

  @Test("all other charts do too", arguments: UInt64(100)..<140)
  func drawsOthers(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let values = nastyValues(&random)
    let few = Array(nastyValues(&random).prefix(40))
    let names = few.indices.map { WellFormed.hostileTexts[$0 % WellFormed.hostileTexts.count] }
    try check(Histogram(values, format: format(&random)))
    try check(
      HorizontalBarChart(
        zip(names, few).map { .init($0, $1, error: $1 / 3) }, format: format(&random)))
    try check(
      WaterfallChart(
        from: "<a>", few.first ?? .nan, steps: zip(names, few).map { .init($0, $1) }, to: "b",
        format: format(&random)))
    for style in [BarChart.Style.bars, .dots] {
      try check(
        BarChart(
          groups: names,
          series: [
            .init("a", values: few, errors: few.reversed()), .init("<b>", values: few.reversed()),
          ], style: style, format: format(&random), references: [.init(.infinity, label: "r")]))
    }
    let wide = Array(nastyValues(&random).prefix(120))
    let colors: [HeatMap.Colors] = [
      .diverging(limit: nil), .diverging(limit: few.first), .sequential(low: nil, high: few.last),
    ]
    try check(
      HeatMap(
        rows: names, columns: wide.indices.map { "c\($0)" },
        values: few.map { row in wide.map { $0 * row } },
        colors: colors[Int(random.next() % 3)], format: format(&random)))
    let other = values.shuffled(using: &random)
    try check(
      ScatterChart(
        x: values, y: other,
        line: .init(intercept: few.first ?? 0, slope: few.last ?? .nan, label: "R² < 1"),
        xTitle: "<x>", yTitle: "y", xFormat: format(&random), yFormat: format(&random),
        clippedShare: few.first ?? 0))
    let edges = nastyTimes(40, &random)
    let states = CoverageStrip.State.allCases
    try check(
      CoverageStrip(rows: [
        .init("", spans: []),
        .init(
          "<c>",
          spans: zip(edges, edges.dropFirst()).enumerated().map {
            .init(from: $1.0, to: $1.1, states[$0 % 3])
          }, note: "&"),
      ]))
  }

  @Test("a million points become a small picture that keeps their extremes")
  func drawsMillions() throws {
    var random = SeededRandom(3)
    var values = (0..<1_000_000).map { _ in random.uniform() }
    values[123_457] = 7.25
    values[700_001] = -3.5
    let chart = LineChart(
      [.init("noise", at: .numbers(values.indices.map(Double.init)), values: values)],
      format: .fixed(2))
    #expect(chart.drawing(.wide).svg(title: "", summary: "", identifier: "f").utf8.count < 20_000)
    #expect(chart.summary.contains("lowest −3.50, highest 7.25"))
    let scatter = ScatterChart(x: values, y: values.reversed(), xTitle: "x", yTitle: "y")
    #expect(
      scatter.drawing(.wide).svg(title: "", summary: "", identifier: "f").utf8.count < 120_000)
    #expect(Histogram(values).counts.reduce(0, +) + Histogram(values).above <= 1_000_000)
  }
}
