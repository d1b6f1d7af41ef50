/// A table of values as colours: correlations, coverage by symbol and day, scores by horizon.
public struct HeatMap: Chart {
  public enum Colors: Hashable, Sendable {
    /// Two hues that meet at zero and are full at `±limit`, or at the largest value without one.
    case diverging(limit: Double?)
    /// One hue from `low` to `high`, or from the smallest to the largest value.
    case sequential(low: Double?, high: Double?)
  }

  public var rows: [String]
  public var columns: [String]
  /// By row; not-a-number is drawn as absent, in gray.
  public var values: [[Double]]
  public var colors: Colors
  public var format: NumberFormat

  /// - Precondition: one list of values for each row, one value for each column.
  public init(
    rows: [String], columns: [String], values: [[Double]], colors: Colors = .diverging(limit: nil),
    format: NumberFormat = .fixed(2)
  ) {
    precondition(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count },
      "a heat map of \(rows.count) rows and \(columns.count) columns needs as many values")
    self.rows = rows
    self.columns = columns
    self.values = values
    self.colors = colors
    self.format = format
  }

  public var summary: String {
    let known = values.joined().filter(ValueAxis.isDrawable)
    let size = "Heat map of \(rows.count) rows and \(columns.count) columns"
    guard let low = known.min(), let high = known.max() else { return size + ", without values." }
    let absent = rows.count * columns.count - known.count
    return size + ", values from \(format.text(low)) to \(format.text(high)), \(absent) absent."
  }

  /// The steps of colour on either side of zero; a sequential scale has one more than this many.
  private static let steps = 10

  private var range: (low: Double, high: Double) {
    let known = values.joined().filter(ValueAxis.isDrawable)
    let low: Double
    let high: Double
    switch colors {
    case .diverging(let limit):
      let reach = limit ?? max(abs(known.min() ?? 1), abs(known.max() ?? 1))
      (low, high) = (-reach, reach)
    case .sequential(let from, let to):
      (low, high) = (from ?? known.min() ?? 0, to ?? known.max() ?? 1)
    }
    return ValueAxis.isDrawable(low) && ValueAxis.isDrawable(high) && low < high
      ? (low, high)
      : (
        low: ValueAxis.isDrawable(low) ? low - 1 : 0, high: ValueAxis.isDrawable(low) ? low + 1 : 1
      )
  }

  private var isDiverging: Bool {
    if case .diverging = colors { true } else { false }
  }

  /// The style of a value's cell: `h0` to `h20` or `q0` to `q10`, and `hx` where it is absent.
  package func style(_ value: Double) -> String {
    let (low, high) = range
    return style(value, low, high)
  }

  private func style(_ value: Double, _ low: Double, _ high: Double) -> String {
    guard ValueAxis.isDrawable(value) else { return "hx" }
    let share = min(max((value - low) / (high - low), 0), 1)
    let count = isDiverging ? 2 * Self.steps : Self.steps
    return (isDiverging ? "h" : "q") + String(Int((share * Double(count)).rounded()))
  }

  public func drawing(_ size: ChartSize) -> Drawing {
    var canvas = Canvas(size)
    let labelLimit = size.width * (size == .wide ? 0.26 : 0.33)
    let left = min(rows.map { canvas.textWidth($0) }.max() ?? 0, labelLimit) + 8
    let count = Double(max(columns.count, 1))
    let cell = min((size.width - left) / count, size == .wide ? 56 : 44)
    let texts = values.map { $0.map { ValueAxis.isDrawable($0) ? format.bare($0) : "" } }
    let widestText = texts.joined().map { canvas.textWidth($0) }.max() ?? 0
    let showsText = widestText + 2 <= cell && rows.count <= 40
    let rowHeight =
      rows.count > 80 ? 6 : showsText ? max(min(cell, 26), 18) : min(max(cell, 14.5), 24)

    let widest = columns.map { canvas.textWidth($0) }.max() ?? 0
    let isLevel = widest <= cell - 4
    let depth = isLevel ? 16 : min(widest, 150) + 6
    let top = depth + 4
    let every = isLevel ? 1 : max(1, Int((13.5 / max(cell, 0.01)).rounded(.up)))
    for (index, name) in columns.enumerated() where index % every == 0 {
      let middle = left + cell * (Double(index) + 0.5)
      if isLevel {
        canvas.text(name, middle, top - 6, "t k", anchor: .middle)
      } else {
        canvas.text(canvas.cut(name, to: 150), middle + 4, top - 5, "t k", rotated: -90)
      }
    }
    let everyRow = max(1, Int((13 / rowHeight).rounded(.up)))
    for (index, name) in rows.enumerated() where index % everyRow == 0 {
      canvas.text(
        canvas.cut(name, to: left - 8), left - 8, top + rowHeight * (Double(index) + 0.5) + 4,
        "t k",
        anchor: .end)
    }
    cells(on: &canvas, left: left, top: top, width: cell, height: rowHeight)
    if showsText {
      let (low, high) = range
      for (row, line) in values.enumerated() {
        for (column, value) in line.enumerated() where ValueAxis.isDrawable(value) {
          canvas.text(
            texts[row][column], left + cell * (Double(column) + 0.5),
            top + rowHeight * (Double(row) + 0.5) + 4, "t x\(style(value, low, high))",
            anchor: .middle)
        }
      }
    }
    let bottom = top + rowHeight * Double(rows.count)
    let legendHeight = legend(on: &canvas, left: left, top: bottom + 12, width: cell * count)
    return Drawing(canvas, height: bottom + 12 + legendHeight)
  }

  /// Draws neighbours of one colour as one shape: a year of days for 500 symbols stays small.
  private func cells(
    on canvas: inout Canvas, left: Double, top: Double, width: Double, height: Double
  ) {
    let (low, high) = range
    let gap = width > 8 && height > 8 ? 1.0 : 0
    var paths: [String: PathText] = [:]
    for (row, line) in values.enumerated() {
      let y = top + height * Double(row)
      var column = 0
      while column < line.count {
        let style = style(line[column], low, high)
        var end = column + 1
        while gap == 0, end < line.count, self.style(line[end], low, high) == style { end += 1 }
        let (x1, x2) = (left + width * Double(column), left + width * Double(end) - gap)
        paths[style, default: PathText()].rectangle(x1, y, x2, y + height - gap)
        column = end
      }
    }
    for style in paths.keys.sorted() { canvas.path(paths[style], style) }
  }

  private func legend(on canvas: inout Canvas, left: Double, top: Double, width: Double) -> Double {
    let (low, high) = range
    let count = isDiverging ? 2 * Self.steps + 1 : Self.steps + 1
    let hasAbsent = values.joined().contains { !ValueAxis.isDrawable($0) }
    let length = min(max(width, 120), 220)
    let start = min(left, canvas.size.width - length)
    for index in 0..<count {
      let share = length / Double(count)
      canvas.rect(
        start + share * Double(index), top, share + 0.2, 8, "\(isDiverging ? "h" : "q")\(index)")
    }
    let labels: [(Double, TextAnchor)] =
      isDiverging ? [(low, .start), (0, .middle), (high, .end)] : [(low, .start), (high, .end)]
    for (value, anchor) in labels {
      let x = anchor == .start ? start : anchor == .end ? start + length : start + length / 2
      canvas.text(format.text(value), x, top + 22, "t", anchor: anchor)
    }
    if hasAbsent {
      let fits = start + length + 90 < canvas.size.width
      let x = fits ? start + length + 20 : start
      let y = fits ? top : top + 32
      canvas.rect(x, y, 8, 8, "hx")
      canvas.text("no value", x + 14, y + 8, "t f")
      if !fits { return 46 }
    }
    return 28
  }
}
