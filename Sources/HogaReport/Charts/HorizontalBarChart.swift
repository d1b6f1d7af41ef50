/// One signed value for each of many names, longest first or as given: coefficients, importances.
public struct HorizontalBarChart: Chart {
  public struct Bar: Hashable, Sendable {
    public var name: String
    public var value: Double
    /// Half the width of the error bar; not-a-number for none.
    public var error: Double
    public var color: ChartColor?

    public init(_ name: String, _ value: Double, error: Double = .nan, color: ChartColor? = nil) {
      self.name = name
      self.value = value
      self.error = error
      self.color = color
    }
  }

  public var bars: [Bar]
  public var format: NumberFormat
  /// How many of the largest are drawn; the rest are counted below.
  public var limit: Int

  /// - Parameter sorts: whether bars are put in order of their size, names breaking ties.
  public init(
    _ bars: [Bar], format: NumberFormat = .significant(3), limit: Int = 30, sorts: Bool = true
  ) {
    self.bars =
      sorts
      ? bars.filter { !$0.value.isNaN }.sorted {
        (-abs($0.value), $0.name) < (-abs($1.value), $1.name)
      } + bars.filter { $0.value.isNaN } : bars
    self.format = format
    self.limit = limit
  }

  public var summary: String {
    let shown = bars.prefix(max(limit, 1)).map { "\($0.name) \(format.text($0.value))" }
    let rest = bars.count > shown.count ? ", and \(bars.count - shown.count) more" : ""
    return "Bars of \(bars.count) values. \(shown.joined(separator: ", "))\(rest)."
  }

  public func drawing(_ size: ChartSize) -> Drawing {
    var canvas = Canvas(size)
    let shown = bars.prefix(max(limit, 1))
    let row = size == .small ? 15.0 : 21
    let share = size == .wide ? 0.34 : 0.42
    let nameWidth =
      min(shown.map { canvas.textWidth($0.name) }.max() ?? 0, size.width * share) + 10
    let texts = shown.map { format.text($0.value) }
    let textWidth = (texts.map { canvas.textWidth($0) }.max() ?? 0) + 8
    let ends = shown.flatMap { bar -> [Double] in
      let error = bar.error.isNaN ? 0 : abs(bar.error)
      return [bar.value, bar.value - error, bar.value + error]
    }.filter(ValueAxis.isDrawable)
    let low = min(0, ends.min() ?? 0)
    let high = max(0, ends.max() ?? 0)
    let x = Scale(
      low, high > low ? high : 1, from: nameWidth + (low < 0 ? textWidth : 0),
      to: size.width - (high > 0 || low == 0 ? textWidth : 4))
    let zero = x(0)
    var top = 2.0
    for (bar, text) in zip(shown, texts) {
      let middle = top + row / 2
      canvas.text(
        canvas.cut(bar.name, to: nameWidth - 8), nameWidth - 8, middle + 4, "t k",
        anchor: .end)
      if ValueAxis.isDrawable(bar.value) {
        let color = bar.color ?? (bar.value < 0 ? .orange : .blue)
        let end = x(bar.value)
        canvas.rect(
          min(zero, end), top + 3, max(abs(end - zero), 0.5), row - 6, "bar \(color.rawValue)",
          title: "\(bar.name): \(text)")
        var edge = end
        if ValueAxis.isDrawable(bar.error) {
          let (from, to) = (x(bar.value - abs(bar.error)), x(bar.value + abs(bar.error)))
          canvas.line(from, middle, to, middle, "w")
          edge = bar.value < 0 ? min(from, zero) : max(to, zero)
        }
        canvas.text(
          text, edge + (bar.value < 0 ? -6 : 6), middle + 4, "t",
          anchor: bar.value < 0 ? .end : .start)
      } else {
        canvas.text(NumberFormat.absent, zero + 6, middle + 4, "t f")
      }
      top += row
    }
    canvas.line(zero, 2, zero, top, "a")
    if bars.count > shown.count {
      canvas.text("and \(bars.count - shown.count) smaller ones", nameWidth, top + 16, "t f")
      top += 22
    }
    return Drawing(canvas, height: top + 4)
  }
}
