import HogaCore
import HogaReport
import Testing

@Suite("Drawing")
struct DrawingTests {
  @Test("round numbers cover the range with steps of 1, 2 or 5", arguments: UInt64(0)..<200)
  func findsRoundNumbers(seed: UInt64) {
    var random = SeededRandom(seed)
    let scale = (0..<Int(random.next() % 12)).reduce(1e-6) { value, _ in value * 10 }
    let low = (random.uniform() - 0.5) * scale
    let high = low + (random.uniform() + 1e-3) * scale
    let count = Int(random.next() % 8) + 2
    let round = RoundNumbers(from: low, to: high, count: count, covering: true)
    #expect([1, 2, 5].contains(round.mantissa))
    let values = round.values
    #expect(values.first! <= low + round.step * 1e-6 && values.last! >= high - round.step * 1e-6)
    // Two more than needed at most: one beyond either end.
    #expect(values.count <= Int(Double(count) * 1.5) + 3)
    #expect(values[1] > low - round.step * 1e-6)
    for value in values {
      // A label with this many decimals reads back as the value itself.
      let text = NumberFormat.fixed(abs(value), round.decimals).filter { $0 != "," }
      #expect(Double(text) == abs(value))
    }
    let inside = RoundNumbers(from: low, to: high, count: count, covering: false)
    #expect(inside.values.allSatisfy { $0 >= low - inside.step * 1e-6 })
  }

  @Test("labels of an axis are all different and equally precise", arguments: UInt64(0)..<100)
  func labelsAxes(seed: UInt64) {
    var random = SeededRandom(seed)
    let scale = (0..<Int(random.next() % 26)).reduce(1e-12) { value, _ in value * 10 }
    let low = (random.uniform() - 0.5) * scale
    for format in [NumberFormat.fixed(2), .percent(), .prefixed(3), .basisPoints()] {
      let axis = ValueAxis(from: low, to: low + scale, format: format, count: 5)
      let labels = axis.ticks.map(\.label)
      #expect(Set(labels).count == labels.count, "\(labels)")
      #expect((3...10).contains(labels.count), "\(labels)")
      #expect(axis.low <= low && axis.high >= low + scale * 0.999)
    }
  }

  @Test(
    "times are marked on full hours, days, months",
    arguments: [
      (0, 86_400, 8, "00:00", "1 Jan 1970, UTC"), (30, 200, 8, "00:00:30", "1 Jan 1970, UTC"),
      (0, 86_400 * 10, 6, "1 Jan", "1970, UTC"), (0, 86_400 * 365, 6, "Jan", "1970"),
      (0, 86_400 * 3650, 6, "1970", ""), (3600, 7200, 4, "01:00", "1 Jan 1970, UTC"),
    ])
  func marksTimes(start: Int64, end: Int64, count: Int, label: String, context: String) {
    let second: Int64 = 1_000_000_000
    let marks = TimeTicks.marks(from: start * second, to: end * second, count: count)
    #expect(marks.first?.label == label)
    #expect(marks.first?.context == context)
    #expect((2...Int(Double(count) * 1.6) + 2).contains(marks.count))
    #expect(zip(marks, marks.dropFirst()).allSatisfy { $0.nanoseconds < $1.nanoseconds })
    #expect(marks.allSatisfy { (start * second...end * second).contains($0.nanoseconds) })
  }

  @Test("milliseconds are written out where marks need them")
  func marksMilliseconds() {
    let marks = TimeTicks.marks(from: 999_999_000_000, to: 1_000_000_500_000, count: 3)
    #expect(
      marks.map(\.label) == ["00:16:39.9990", "00:16:39.9995", "00:16:40.0000", "00:16:40.0005"])
  }

  @Test("thinning keeps ends, extremes and gaps", arguments: UInt64(0)..<40)
  func thins(seed: UInt64) {
    var random = SeededRandom(seed)
    let count = 20_000
    let gaps = Set((0..<Int(random.next() % 4)).map { _ in Int(random.next() % UInt64(count)) })
    let points = (0..<count).map {
      Point(Double($0), gaps.contains($0 / 50 * 50) ? .nan : random.uniform())
    }
    let known = points.filter { !$0.y.isNaN }
    let runs = Downsampling.runs(points, columns: 300)
    let kept = runs.joined()
    #expect(kept.count <= 4 * 310)
    #expect(kept.map(\.y).min() == known.map(\.y).min())
    #expect(kept.map(\.y).max() == known.map(\.y).max())
    #expect(kept.first == known.first && kept.last == known.last)
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.x <= $1.x })
    let all = Set(known)
    #expect(kept.allSatisfy { all.contains($0) })
    // The lowest and highest of every column survive: compare with a slow search.
    let width = known.last!.x - known.first!.x
    for column in [0, 17, 150, 299] {
      func inColumn(_ list: some Sequence<Point>) -> [Double] {
        list.filter { Int(($0.x - known[0].x) / width * 300) == column }.map(\.y)
      }
      #expect(inColumn(kept).max() == inColumn(known).max())
      #expect(inColumn(kept).min() == inColumn(known).min())
    }
  }

  @Test("a curve of nothing but gaps stays small")
  func thinsGaps() {
    let points = (0..<200_000).map { Point(Double($0), $0 % 3 == 0 ? .nan : Double($0 % 7)) }
    let kept = Downsampling.runs(points, columns: 300)
    #expect(kept.reduce(0) { $0 + $1.count } < 2000)
  }

  @Test("few points are left as they are")
  func keepsFew() {
    let points = [Point(0, 1), Point(1, .nan), Point(2, .infinity), Point(3, 2), Point(.nan, 5)]
    #expect(Downsampling.runs(points, columns: 100) == [[Point(0, 1)], [Point(3, 2)]])
  }

  @Test("paths round once, not with every step", arguments: UInt64(0)..<20)
  func writesPaths(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let points = (0..<500).map { _ in Point(random.uniform() * 800 - 100, random.uniform() * 300) }
    let text = try #require(PathText(points)).text
    var position = (x: 0.0, y: 0.0)
    var numbers: [Double] = []
    var current = ""
    for character in text.dropFirst() + " " {
      if character == "-" || character == " " || character == "l" {
        if let number = Double(current) { numbers.append(number) }
        current = character == "-" ? "-" : ""
      } else {
        current.append(character)
      }
    }
    #expect(numbers.count == 1000)
    for index in stride(from: 0, to: numbers.count, by: 2) {
      position = (position.x + numbers[index], position.y + numbers[index + 1])
    }
    let last = points[499]
    #expect(abs(position.x - last.x) <= 0.05 + 1e-9 && abs(position.y - last.y) <= 0.05 + 1e-9)
    #expect(PathText([Point(.nan, 1)]) == nil)
  }

  @Test("numbers read the same everywhere")
  func formatsNumbers() {
    #expect(NumberFormat.fixed(2).text(-1234.567) == "−1,234.57")
    #expect(NumberFormat.fixed(2).text(-0.001) == "0.00")
    #expect(NumberFormat.fixed(2).signed.text(0.126) == "+0.13")
    #expect(NumberFormat.integer.text(1_234_567) == "1,234,567")
    #expect(NumberFormat.percent(1).text(0.0412) == "4.1%")
    #expect(NumberFormat.basisPoints(1).text(0.000_31) == "3.1\u{202F}bps")
    #expect(NumberFormat.significant(3).text(0.041_26) == "0.0413")
    #expect(NumberFormat.significant(3).text(9.996) == "10.0")
    #expect(NumberFormat.significant(3).text(123_456) == "123,456")
    #expect(NumberFormat.significant(3).text(1.234e-9) == "1.23×10⁻⁹")
    #expect(NumberFormat.prefixed(3).text(148_220_114) == "148M")
    #expect(NumberFormat.prefixed(3).text(999_999) == "1.00M")
    #expect(NumberFormat.prefixed(2, unit: "s").text(0.000_35) == "350µ\u{202F}s")
    #expect(NumberFormat.fixed(2).text(.nan) == "–")
    #expect(NumberFormat.fixed(2).text(-.infinity) == "−∞")
    #expect(NumberFormat.fixed(2).text(1e300) == "1.000×10³⁰⁰")
  }

  @Test("text is cut to the room it has")
  func cutsText() {
    #expect(TextWidth.cut("short", to: 10) == "short")
    let cut = TextWidth.cut("a_very_long_feature_name_of_a_user", to: 10)
    #expect(cut.hasSuffix("…") && TextWidth.ems(cut.dropLast()) <= 9.1)
    #expect(TextWidth.ems("삼성") > TextWidth.ems("ab"))
  }

  @Test("marks and links in text are carried out, everything else is escaped")
  func writesInlineText() {
    #expect(Markup.inline("a **b < c** d") == "a <strong>b &lt; c</strong> d")
    #expect(Markup.inline("`x**y`") == "<code>x**y</code>")
    #expect(
      Markup.inline("[a&b](https://example.org/?x=1&y)")
        == "<a href=\"https://example.org/?x=1&amp;y\" rel=\"noopener noreferrer\">a&amp;b</a>")
    #expect(Markup.inline("[x](javascript:alert(1))") == "[x](javascript:alert(1))")
    #expect(Markup.inline("2 ** 3 [1] `") == "2 ** 3 [1] `")
    #expect(Markup.escape("\"'<>&\u{1}\u{202E}") == "&quot;&#39;&lt;&gt;&amp;\u{FFFD}\u{FFFD}")
  }

  @Test("colours stand out from the page, and text from its ground")
  func hasContrast() {
    for theme in [Palette.light, Palette.dark] {
      for color in theme.series + [theme.gray, theme.good, theme.bad, theme.axis] {
        #expect(Palette.contrast(color, theme.page) >= 3, "\(color) on \(theme.page)")
      }
      for text in [theme.text, theme.muted, theme.accent, theme.good, theme.bad] {
        #expect(Palette.contrast(text, theme.page) >= 4.5, "\(text) on \(theme.page)")
      }
      #expect(Palette.contrast(theme.muted, theme.panel) >= 4.5)
      #expect(Palette.contrast(theme.muted, theme.best) >= 4.5)
      #expect(Palette.contrast(theme.warning, theme.warningPanel) >= 4.5)
      #expect(Palette.contrast(theme.bad, theme.badPanel) >= 4.5)
      for cell in theme.diverging + theme.sequential {
        #expect(Palette.contrast(Palette.cellText(on: cell), cell) >= 4.5, "\(cell)")
      }
      #expect(theme.diverging.count == 21 && theme.sequential.count == 11)
    }
  }
}
