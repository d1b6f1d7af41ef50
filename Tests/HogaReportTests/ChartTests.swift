import HogaCore
import HogaReport
import Testing

@Suite("Charts")
struct ChartTests {
  @Test("a waterfall ends at its start plus all changes", arguments: UInt64(0)..<30)
  func addsUp(seed: UInt64) {
    var random = SeededRandom(seed)
    let start = random.uniform() * 100
    let steps = (0..<6).map { WaterfallChart.Step("s\($0)", (random.uniform() - 0.6) * 50) }
    let chart = WaterfallChart(from: "gross", start, steps: steps, to: "net", format: .fixed(3))
    let expected = steps.reduce(start) { $0 + $1.change }
    #expect(chart.end == expected)
    #expect(chart.levels.count == 7)
    #expect(chart.summary.contains("net \(NumberFormat.fixed(3).text(expected))"))
    let svg = chart.drawing(.wide).svg(title: "", summary: "", identifier: "f")
    #expect(svg.ranges(of: "<rect").count == 8)
  }

  @Test("a histogram counts every value once")
  func countsAll() {
    var random = SeededRandom(5)
    var values = (0..<10_000).map { _ in random.uniform() + random.uniform() }
    values += [1e9, -1e9, .nan, .infinity]
    let histogram = Histogram(values)
    #expect(histogram.counts.reduce(0, +) + histogram.below + histogram.above == 10_002)
    #expect((histogram.below, histogram.above, histogram.absent) == (1, 1, 2))
    #expect((12...60).contains(histogram.counts.count))
    #expect(abs(histogram.quantiles[2] - 1) < 0.02)
    // Uniform quantiles by hand: 0, 1, …, 100 has its quartiles at 25, 50, 75.
    let ramp = Histogram((0...100).map(Double.init))
    #expect(ramp.quantiles == [5, 25, 50, 75, 95])
    #expect(abs(ramp.mean - 50) < 1e-9)
  }

  @Test("bars are put in order of size, and the rest is counted")
  func sortsBars() {
    let chart = HorizontalBarChart(
      [.init("b", -3), .init("a", 3), .init("c", 1), .init("d", .nan), .init("e", 0.5)], limit: 3)
    #expect(chart.bars.map(\.name) == ["a", "b", "c", "e", "d"])
    let svg = chart.drawing(.narrow).svg(title: "", summary: "", identifier: "f")
    #expect(svg.contains("and 2 smaller ones"))
  }

  @Test("a heat map tells zero, its ends and absence apart")
  func colorsCells() {
    let map = HeatMap(
      rows: ["a"], columns: ["x", "y", "z", "w"], values: [[-1, 0, 1, .nan]])
    #expect(map.style(-1) == "h0" && map.style(0) == "h10" && map.style(1) == "h20")
    #expect(map.style(.nan) == "hx" && map.style(5) == "h20")
    let shares = HeatMap(
      rows: ["a"], columns: ["x"], values: [[0.5]], colors: .sequential(low: 0, high: 1))
    #expect(shares.style(0) == "q0" && shares.style(0.5) == "q5" && shares.style(1) == "q10")
  }

  @Test("a line breaks at absent values and names its curves at their ends")
  func breaksLines() {
    let values = [1, 2, .nan, 4, 5]
    let at = Positions.numbers([0, 1, 2, 3, 4])
    let chart = LineChart([
      .init("first", at: at, values: values), .init("second", at: at, values: values.map { -$0 }),
    ])
    let svg = chart.drawing(.wide).svg(title: "t", summary: chart.summary, identifier: "f")
    let curve = svg.ranges(of: "data-n=\"first\"").first.map { svg[$0.upperBound...] } ?? ""
    let path = curve.ranges(of: " d=\"").first.map { curve[$0.upperBound...].prefix { $0 != "\"" } }
    #expect(path?.count { $0 == "M" } == 2)
    #expect(svg.contains(">first</text>") && svg.contains(">second</text>"))
    #expect(svg.contains("from 1 to 5, lowest 1") == false)  // four significant digits
    #expect(svg.contains("from 1.000 to 5.000"))
  }

  @Test("positions of a time axis are exact to the nanosecond")
  func keepsNanoseconds() {
    let start = Timestamp(nanoseconds: 1_690_848_000_000_000_001)
    let times = (0..<5).map { Timestamp(nanoseconds: start.nanoseconds + Int64($0)) }
    let axis = HorizontalAxis([.times(times)])
    #expect(axis.positions(.times(times)) == [0, 1, 2, 3, 4])
    #expect(axis.positions(.times([Timestamp(nanoseconds: .min)]))[0].isNaN)
  }

  @Test("a coverage strip shows a gap of one nanosecond")
  func showsShortGaps() {
    let day = Timestamp(nanoseconds: 0)
    let middle = day + .seconds(43_200)
    let strip = CoverageStrip(rows: [
      .init(
        "r",
        spans: [
          .init(from: day, to: day + .day, .present),
          .init(from: middle, to: middle + TimeSpan(nanoseconds: 1), .gap),
        ])
    ])
    let svg = strip.drawing(.wide).svg(title: "", summary: "", identifier: "f")
    #expect(svg.ranges(of: "bar k2").count == 2)  // in the legend and in the strip
  }

  @Test("a table marks the best of its models, and reads units from its formats")
  func marksBest() {
    let table = ReportTable(
      "Scores",
      columns: [
        .init("Model"), .init("R²", .percent(1), best: .highest),
        .init("RMSE", .basisPoints(2), best: .lowest),
      ],
      rows: [
        .init([.text("zero"), .number(0), .number(0.000_2)], role: .baseline),
        .init([.text("a"), .estimate(0.04, error: 0.01), .number(.nan)]),
        .init([.text("b"), .number(.nan), .number(0.000_1)]),
        .init([.text("sum"), .number(9), .number(-9)], role: .total),
      ])
    let html = ReportPage("t", sections: [.init("s", blocks: [.table(table)])]).html()
    #expect(html.ranges(of: "class=\"n best\"").count == 2)
    #expect(html.contains("<td class=\"n best\">4.0 <span class=\"pm\">± 1.0</span></td>"))
    #expect(html.contains("<td class=\"n best\">1.00</td>"))
    #expect(html.contains("RMSE <span class=\"u\">bps</span>"))
    #expect(html.contains("<th scope=\"row\">zero</th>"))
    #expect(!html.contains("<table class=\"sort\""))  // a total stays at the bottom
  }
}
