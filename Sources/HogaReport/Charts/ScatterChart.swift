/// One value against another, with a line through them if one was fitted.
///
/// Up to some hundred points are drawn as points, more as cells that darken with their number.
public struct ScatterChart: Chart {
  /// A line that was fitted elsewhere: `y = intercept + slope·x`.
  public struct Line: Hashable, Sendable {
    public var intercept: Double
    public var slope: Double
    /// Such as `R² = 0.62`.
    public var label: String
    public init(intercept: Double, slope: Double, label: String) {
      self.intercept = intercept
      self.slope = slope
      self.label = label
    }
  }

  public var x: [Double]
  public var y: [Double]
  public var line: Line?
  public var xTitle: String
  public var yTitle: String
  public var xFormat: NumberFormat
  public var yFormat: NumberFormat
  /// The share of points beyond either end of each axis that may be left out of the frame. They are
  /// counted and said. Zero shows all.
  public var clippedShare: Double

  /// - Precondition: there are as many `x` as `y`.
  public init(
    x: [Double], y: [Double], line: Line? = nil, xTitle: String, yTitle: String,
    xFormat: NumberFormat = .significant(3), yFormat: NumberFormat = .significant(3),
    clippedShare: Double = 0
  ) {
    precondition(x.count == y.count, "a scatter chart needs pairs: \(x.count) x, \(y.count) y")
    self.x = x
    self.y = y
    self.line = line
    self.xTitle = xTitle
    self.yTitle = yTitle
    self.xFormat = xFormat
    self.yFormat = yFormat
    self.clippedShare = clippedShare
  }

  private var points: [Point] {
    zip(x, y).filter { ValueAxis.isDrawable($0) && ValueAxis.isDrawable($1) }.map { Point($0, $1) }
  }

  public var summary: String {
    var text = "Scatter chart of \(points.count) points, \(xTitle) against \(yTitle)."
    if let line {
      text += " Fitted line: intercept \(yFormat.text(line.intercept)), slope"
      text += " \(NumberFormat.significant(4).text(line.slope)), \(line.label)."
    }
    return text
  }

  public func drawing(_ size: ChartSize) -> Drawing {
    var canvas = Canvas(size)
    let points = points
    guard !points.isEmpty else {
      canvas.emptyNote(top: 4, bottom: 124)
      return Drawing(canvas, height: 130)
    }
    let (xLow, xHigh) = range(points.map(\.x))
    let (yLow, yHigh) = range(points.map(\.y))
    let isWide = size == .wide
    let xAxis = ValueAxis(
      from: xLow, to: xHigh, format: xFormat, count: isWide ? 8 : size == .narrow ? 5 : 2)
    let yAxis = ValueAxis(
      from: yLow, to: yHigh, format: yFormat, count: isWide ? 6 : size == .narrow ? 5 : 3)
    let left = (yAxis.ticks.map { canvas.textWidth($0.label) }.max() ?? 0) + 10
    var top = 8.0
    if size != .small {
      canvas.text(canvas.cut("↑ " + yTitle, to: size.width), 0, top + 8, "t f")
      top += 22
    }
    let height = isWide ? 360.0 : size == .narrow ? 290 : 110
    let bottom = top + height
    let x = Scale(xAxis, from: left, to: size.width - 10)
    let y = Scale(yAxis, from: bottom, to: top)
    for tick in yAxis.ticks {
      canvas.line(left, y(tick.value), x.to, y(tick.value), tick.value == 0 ? "g z" : "g")
      canvas.text(tick.label, left - 8, y(tick.value) + 4, "t", anchor: .end)
    }
    for tick in xAxis.ticks {
      let position = x(tick.value)
      canvas.line(position, top, position, bottom, tick.value == 0 ? "g z" : "g")
      let half = canvas.textWidth(tick.label) / 2
      canvas.text(
        tick.label, min(position, size.width - half), bottom + 18, "t", anchor: .middle)
    }
    let inside = points.filter {
      $0.x >= xAxis.low && $0.x <= xAxis.high && $0.y >= yAxis.low && $0.y <= yAxis.high
    }
    if inside.count <= 600 {
      dots(inside, on: &canvas, x, y)
    } else {
      cells(inside, on: &canvas, x, y)
    }
    if let line { draw(line, on: &canvas, x, y, xAxis, yAxis) }
    var depth = 26.0
    if size != .small {
      canvas.text(
        canvas.cut(xTitle + " →", to: size.width - left), x.to, bottom + 35, "t f", anchor: .end)
      if inside.count < points.count {
        let outside = NumberFormat.integer.text(Double(points.count - inside.count))
        canvas.text("\(outside) points outside", left, bottom + 35, "t f")
      }
      depth = 42
    }
    return Drawing(canvas, height: bottom + depth)
  }

  private func range(_ values: [Double]) -> (low: Double, high: Double) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return (0, 1) }
    let share = min(max(clippedShare.isFinite ? clippedShare : 0, 0), 0.2)
    let skipped = Int(Double(sorted.count) * share)
    return skipped == 0 ? (first, last) : (sorted[skipped], sorted[sorted.count - 1 - skipped])
  }

  private func dots(_ points: [Point], on canvas: inout Canvas, _ x: Scale, _ y: Scale) {
    var path = PathText()
    for point in points {
      path.move(to: Point(x(point.x), y(point.y)))
      path.line(to: Point(x(point.x), y(point.y)))
    }
    canvas.path(path, "pt c1")
  }

  /// Counts points in square cells and draws five shades, each as one shape.
  private func cells(_ points: [Point], on canvas: inout Canvas, _ x: Scale, _ y: Scale) {
    let size = canvas.size == .wide ? 5.0 : 4
    let columns = Int(((x.to - x.from) / size).rounded(.up)) + 1
    let rows = Int((abs(y.to - y.from) / size).rounded(.up)) + 1
    var counts = [Int](repeating: 0, count: columns * rows)
    for point in points {
      let column = Int((x(point.x) - x.from) / size)
      let row = Int((y(point.y) - y.to) / size)
      counts[min(max(row, 0), rows - 1) * columns + min(max(column, 0), columns - 1)] += 1
    }
    // Shades follow the rank of a cell among the filled ones, so that a dense core does not wash
    // out the rest.
    let filled = counts.filter { $0 > 0 }.sorted()
    let limits = [0.3, 0.55, 0.75, 0.9].map { filled[Int(Double(filled.count - 1) * $0)] }
    var paths = [PathText](repeating: PathText(), count: 5)
    for row in 0..<rows {
      var column = 0
      while column < columns {
        let count = counts[row * columns + column]
        let start = column
        column += 1
        guard count > 0 else { continue }
        let shade = limits.count { count > $0 }
        while column < columns, counts[row * columns + column] > 0,
          limits.count(where: { counts[row * columns + column] > $0 }) == shade
        { column += 1 }
        let (x1, x2) = (x.from + size * Double(start), x.from + size * Double(column))
        let top = y.to + size * Double(row)
        paths[shade].rectangle(x1, top, x2, top + size)
      }
    }
    for (shade, path) in paths.enumerated() { canvas.path(path, "p\(shade)") }
  }

  /// Draws the line where it runs through the frame.
  private func draw(
    _ line: Line, on canvas: inout Canvas, _ x: Scale, _ y: Scale, _ xAxis: ValueAxis,
    _ yAxis: ValueAxis
  ) {
    guard ValueAxis.isDrawable(line.slope), ValueAxis.isDrawable(line.intercept) else { return }
    var from = xAxis.low
    var to = xAxis.high
    if line.slope != 0 {
      let first = (yAxis.low - line.intercept) / line.slope
      let second = (yAxis.high - line.intercept) / line.slope
      from = max(from, min(first, second))
      to = min(to, max(first, second))
    }
    guard from < to else { return }
    let (start, end) = (
      Point(x(from), y.clamped(line.intercept + line.slope * from)),
      Point(x(to), y.clamped(line.intercept + line.slope * to))
    )
    canvas.path(PathText([start, end]), "l c2")
    let isRising = end.y < start.y
    canvas.text(
      canvas.cut(line.label, to: x.to - x.from), x.to - 2,
      isRising ? max(end.y - 8, y.to + 12) : min(end.y + 18, y.from - 6), "t n c2", anchor: .end)
  }
}
