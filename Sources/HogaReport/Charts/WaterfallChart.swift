/// How one total becomes another, step by step: from gross to net.
public struct WaterfallChart: Chart {
  public struct Step: Hashable, Sendable {
    public var name: String
    public var change: Double
    public init(_ name: String, _ change: Double) {
      self.name = name
      self.change = change
    }
  }

  public var startName: String
  public var start: Double
  public var steps: [Step]
  public var endName: String
  public var format: NumberFormat

  public init(
    from startName: String, _ start: Double, steps: [Step], to endName: String,
    format: NumberFormat = .significant(4)
  ) {
    self.startName = startName
    self.start = start
    self.steps = steps
    self.endName = endName
    self.format = format
  }

  /// The start plus all changes: what the last bar shows.
  public var end: Double { levels.last ?? start }

  /// The total before the first step and after each.
  package var levels: [Double] {
    steps.reduce(into: [start]) { $0.append($0[$0.count - 1] + $1.change) }
  }

  public var summary: String {
    let changes = steps.map { "\($0.name) \(format.signed.text($0.change))" }
    return "Waterfall from \(startName) \(format.text(start)) to \(endName) \(format.text(end)): "
      + changes.joined(separator: ", ") + "."
  }

  public func drawing(_ size: ChartSize) -> Drawing {
    var canvas = Canvas(size)
    let levels = levels
    let drawable = levels.filter(ValueAxis.isDrawable)
    let row = size == .small ? 18.0 : 28
    let names = [startName] + steps.map(\.name) + [endName]
    let texts =
      [format.text(start)] + steps.map { format.signed.text($0.change) } + [format.text(end)]
    let nameWidth =
      min(names.map { canvas.textWidth($0) }.max() ?? 0, size.width * 0.36) + 12
    let textWidth = (texts.map { canvas.textWidth($0) * 1.06 }.max() ?? 0) + 10
    let low = min(0, drawable.min() ?? 0)
    let high = max(0, drawable.max() ?? 0)
    let x = Scale(
      low, high > low ? high : 1, from: nameWidth + (low < 0 ? textWidth : 0),
      to: size.width - textWidth)
    var top = 2.0
    canvas.line(x(0), 2, x(0), 2 + row * Double(names.count), "a")
    for index in names.indices {
      let isTotal = index == 0 || index == names.count - 1
      let (from, to): (Double, Double) =
        isTotal
        ? (0, index == 0 ? levels[0] : levels[levels.count - 1])
        : (levels[index - 1], levels[index])
      let style = isTotal ? "t h" : "t k"
      let middle = top + row / 2
      canvas.text(
        canvas.cut(names[index], to: nameWidth - 10), nameWidth - 10, middle + 4, style,
        anchor: .end)
      if ValueAxis.isDrawable(from), ValueAxis.isDrawable(to) {
        let color: ChartColor = isTotal ? .blue : to < from ? .bad : .good
        canvas.rect(
          min(x(from), x(to)), top + 5, max(abs(x(to) - x(from)), 1), row - 10,
          "bar \(color.rawValue)", title: "\(names[index]): \(texts[index])")
        let isLeft = to < from && (isTotal || low < 0)
        let edge = isLeft ? min(x(from), x(to)) - 6 : max(x(from), x(to)) + 6
        canvas.text(
          texts[index], edge, middle + 4, isTotal ? "t h" : "t o", anchor: isLeft ? .end : .start)
        if index < names.count - 1 { canvas.line(x(to), top + 5, x(to), top + row + 5, "v") }
      } else {
        canvas.text(texts[index], x(0) + 6, middle + 4, "t f")
      }
      top += row
    }
    return Drawing(canvas, height: top + 4)
  }
}
