/// Values of several series side by side in groups, with their uncertainty: scores by fold and model.
///
/// Bars start at zero. Dots are the better choice where zero has no special meaning, or where values
/// are small beside their uncertainty.
public struct BarChart: Chart {
  public struct Series: Sendable {
    public var name: String
    /// One for each group; not-a-number where there is none.
    public var values: [Double]
    /// Half the height of the error bar, one for each group, or none.
    public var errors: [Double]
    public var color: ChartColor?

    public init(
      _ name: String, values: [Double], errors: [Double] = [], color: ChartColor? = nil
    ) {
      self.name = name
      self.values = values
      self.errors = errors
      self.color = color
    }
  }
  public enum Style: Hashable, Sendable { case bars, dots }

  public var groups: [String]
  public var series: [Series]
  public var style: Style
  public var format: NumberFormat
  public var references: [LineChart.Reference]
  /// What an error bar spans, such as `± one standard error`; said in the summary.
  public var errorMeaning: String

  /// - Precondition: each series has as many values as there are groups, and as many errors or none.
  public init(
    groups: [String], series: [Series], style: Style = .bars,
    format: NumberFormat = .significant(3), references: [LineChart.Reference] = [],
    errorMeaning: String = "± one standard error"
  ) {
    for entry in series {
      precondition(
        entry.values.count == groups.count
          && (entry.errors.isEmpty || entry.errors.count == groups.count),
        "series \(entry.name): \(entry.values.count) values for \(groups.count) groups")
    }
    self.groups = groups
    self.series = series
    self.style = style
    self.format = format
    self.references = references
    self.errorMeaning = errorMeaning
  }

  public var summary: String {
    let hasErrors = series.contains { !$0.errors.isEmpty }
    var text = style == .bars ? "Bar chart" : "Dot chart"
    text += " of \(groups.count) groups" + (hasErrors ? ", error bars \(errorMeaning)" : "") + "."
    for entry in series {
      let values = zip(groups, entry.values).prefix(24).map { "\($0) \(format.text($1))" }
      text += " \(entry.name): \(values.joined(separator: ", "))"
      text += groups.count > 24 ? ", and \(groups.count - 24) more." : "."
    }
    return text
  }

  public func drawing(_ size: ChartSize) -> Drawing {
    var canvas = Canvas(size)
    let colors = series.indices.map { index in
      series[index].color
        ?? .series(series[..<index].count { $0.color == nil })
    }
    guard series.contains(where: { $0.values.contains(where: ValueAxis.isDrawable) }) else {
      canvas.emptyNote(top: 4, bottom: 124)
      return Drawing(canvas, height: 130)
    }
    let axis = valueAxis(size)
    var top = 4.0
    if series.count > 1, size != .small {
      let mark: LegendEntry.Mark = style == .bars ? .box : .dot
      let entries = zip(series, colors).map { LegendEntry($0.name, $1.rawValue, mark) }
      top += canvas.legend(entries, x: 0, y: top, width: size.width)
    }
    top += 8
    let height = size == .wide ? 240.0 : size == .narrow ? 200 : 90
    let bottom = top + height
    let left = (axis.ticks.map { canvas.textWidth($0.label) }.max() ?? 0) + 10
    let right = size.width - 2
    let y = Scale(axis, from: bottom, to: top)
    for tick in axis.ticks {
      let position = y(tick.value)
      canvas.line(left, position, right, position, tick.value == 0 ? "g z" : "g")
      canvas.text(tick.label, left - 8, position + 4, "t", anchor: .end)
    }
    let band = (right - left) / Double(max(groups.count, 1))
    for group in groups.indices {
      draw(
        group, colors, on: &canvas, y, left: left + band * Double(group), width: band)
    }
    for reference in references where ValueAxis.isDrawable(reference.value) {
      let position = y(reference.value)
      canvas.line(left, position, right, position, "r")
      canvas.text(
        canvas.cut(reference.label, to: right - left), right, position - 5, "t o", anchor: .end)
    }
    let labels = label(on: &canvas, left: left, band: band, bottom: bottom)
    return Drawing(canvas, height: bottom + labels)
  }

  private func valueAxis(_ size: ChartSize) -> ValueAxis {
    var low = Double.infinity
    var high = -Double.infinity
    func include(_ value: Double) {
      guard ValueAxis.isDrawable(value) else { return }
      low = min(low, value)
      high = max(high, value)
    }
    for entry in series {
      for (index, value) in entry.values.enumerated() {
        include(value)
        let error = entry.errors.isEmpty ? 0 : entry.errors[index]
        include(value - error)
        include(value + error)
      }
    }
    for reference in references { include(reference.value) }
    if style == .bars { include(0) }
    return ValueAxis(from: low, to: high, format: format, count: size == .wide ? 5 : 4)
  }

  private func draw(
    _ group: Int, _ colors: [ChartColor], on canvas: inout Canvas, _ y: Scale, left: Double,
    width: Double
  ) {
    let gap = min(width * 0.3, 28)
    let slot = min((width - gap) / Double(max(series.count, 1)), 64)
    let start = left + (width - slot * Double(series.count)) / 2
    let base = y.clamped(0)
    for (index, entry) in series.enumerated() where ValueAxis.isDrawable(entry.values[group]) {
      let value = entry.values[group]
      let x = start + slot * (Double(index) + 0.5)
      let error = entry.errors.isEmpty ? .nan : abs(entry.errors[group])
      let isUncertain = ValueAxis.isDrawable(error)
      let title =
        "\(groups[group]), \(entry.name): \(format.text(value))"
        + (isUncertain ? " ± \(format.text(error))" : "")
      let inner = max(slot * 0.86, min(slot, 1))
      if style == .bars {
        canvas.rect(
          x - inner / 2, min(base, y(value)), inner, max(abs(y(value) - base), 0.5),
          "bar \(colors[index].rawValue)", title: title)
      }
      if isUncertain {
        let color = style == .dots ? " \(colors[index].rawValue)" : ""
        let cap = min(4, slot * 0.25)
        canvas.line(x, y(value - error), x, y(value + error), "w\(color)")
        for end in [value - error, value + error] where style == .bars {
          canvas.line(x - cap, y(end), x + cap, y(end), "w")
        }
      }
      if style == .dots {
        canvas.circle(
          x, y(value), min(4.5, slot * 0.4), "dot \(colors[index].rawValue)", title: title)
      }
    }
  }

  /// Names the groups: level where names fit, else aslant, else only some of them.
  private func label(
    on canvas: inout Canvas, left: Double, band: Double, bottom: Double
  ) -> Double {
    let widest = groups.map { canvas.textWidth($0) }.max() ?? 0
    if widest <= band - 4 || groups.count == 1 {
      for (index, name) in groups.enumerated() {
        canvas.text(
          canvas.cut(name, to: max(band, 40)), left + band * (Double(index) + 0.5), bottom + 18,
          "t", anchor: .middle)
      }
      return 26
    }
    let every = max(1, Int((15 / max(band, 0.1)).rounded(.up)))
    let limit = 110.0
    var deepest = 0.0
    for (index, name) in groups.enumerated() where index % every == 0 {
      let text = canvas.cut(name, to: min(limit, left + band * (Double(index) + 0.5) + 20))
      deepest = max(deepest, canvas.textWidth(text))
      canvas.text(
        text, left + band * (Double(index) + 0.5) + 4, bottom + 14, "t", anchor: .end, rotated: -40)
    }
    return 22 + deepest * 0.66
  }
}
