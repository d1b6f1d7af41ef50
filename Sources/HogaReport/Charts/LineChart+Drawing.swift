internal import HogaCore

extension LineChart {
  public func drawing(_ size: ChartSize) -> Drawing {
    var canvas = Canvas(size)
    let horizontal = horizontalAxis
    guard panels.contains(where: { $0.series.contains { !$0.values.isEmpty } }) else {
      canvas.emptyNote(top: 4, bottom: 124)
      return Drawing(canvas, height: 130)
    }
    let prepared = panels.map { PreparedPanel($0, of: self, horizontal, size) }

    let left =
      (prepared.flatMap { $0.axis.ticks.map { canvas.textWidth($0.label) } }.max() ?? 0) + 8
    let isLabelledAside = size == .wide && panels.contains { $0.series.count > 1 }
    let longest =
      isLabelledAside
      ? prepared.filter { $0.curves.count > 1 }.flatMap(\.curves).map { canvas.textWidth($0.name) }
      : []
    let right = longest.max().map { min($0, 190) + 14 } ?? (size == .small ? 6 : 14)
    let scale = Scale(horizontal.low, horizontal.high, from: left, to: size.width - right)

    let gap = size == .wide ? 24.0 : 18
    var top = 4.0
    for panel in prepared {
      let entries = panel.legend(includesSeries: size != .wide)
      if let title = panel.panel.title, size != .small {
        canvas.text(canvas.cut(title, to: size.width), 0, top + 12, "t h")
        top += 22
      }
      if size != .small { top += canvas.legend(entries, x: 0, y: top, width: size.width) }
      top += 6
      panel.draw(
        on: &canvas, scale: scale, top: top, bottom: top + panel.height,
        labelsCurves: isLabelledAside && panel.curves.count > 1)
      top += panel.height + gap
    }
    let bottom = top - gap
    let axisHeight = horizontal.draw(
      on: &canvas, scale: scale, top: 0, bottom: bottom, format: horizontalFormat,
      title: horizontalTitle)
    return Drawing(
      canvas, height: bottom + axisHeight + 4,
      attributes: readout(horizontal, scale, top: 10, bottom: bottom))
  }

  /// Tells the script how to turn drawing units back into what a reader wants to know.
  private func readout(
    _ axis: HorizontalAxis, _ scale: Scale, top: Double, bottom: Double
  ) -> String {
    let edges = [scale.from, scale.to, top, bottom].map { PathText.text(PathText.tenths($0) ?? 0) }
    let low: String
    let high: String
    if axis.isTime {
      // Milliseconds since 1970: what the script's dates are made of.
      low = "\(axis.origin / 1_000_000)"
      high = "\((axis.origin + Int64(axis.high)) / 1_000_000)"
    } else {
      low = "\(axis.low)"
      high = "\(axis.high)"
    }
    return " data-x=\"\(edges.joined(separator: " ")) \(low) \(high) \(axis.isTime ? "t" : "n")\""
  }
}

/// A panel with its curves thinned for one width.
private struct PreparedPanel {
  struct Curve {
    var name: String
    var style: String
    var series: LineChart.Series
    var runs: [[Point]]
  }

  let panel: LineChart.Panel
  let horizontal: HorizontalAxis
  let curves: [Curve]
  let axis: ValueAxis
  let height: Double

  init(
    _ panel: LineChart.Panel, of chart: LineChart, _ horizontal: HorizontalAxis, _ size: ChartSize
  ) {
    self.panel = panel
    let base = size == .wide ? 250.0 : size == .narrow ? 210 : 92
    let weight = panel.weight.isFinite ? max(0.2, min(5, panel.weight)) : 1
    let factor = max(0.3, min(4, chart.heightFactor))
    height = base * (chart.panels.count > 1 ? 0.8 : 1) * weight * factor
    self.horizontal = horizontal
    var low = Double.infinity
    var high = -Double.infinity
    func include(_ values: some Sequence<Double>) {
      for value in values where ValueAxis.isDrawable(value) {
        low = min(low, value)
        high = max(high, value)
      }
    }
    var curves: [Curve] = []
    var colored = 0
    for series in panel.series {
      include(series.values)
      if let band = series.band {
        include(band.low)
        include(band.high)
      }
      if series.style == .area { include([0]) }
      var points = zip(horizontal.positions(series.positions), series.values).map {
        Point($0, $1)
      }
      if !zip(points, points.dropFirst()).allSatisfy({ $0.x <= $1.x }) {
        // Where a position cannot be drawn the comparison fails too; such points are dropped later.
        points = points.filter { !$0.x.isNaN }.enumerated()
          .sorted { ($0.element.x, $0.offset) < ($1.element.x, $1.offset) }.map(\.element)
      }
      let color = series.color ?? ChartColor.series(colored)
      if series.color == nil { colored += 1 }
      let isDashed = series.isDashed || colored > 6
      curves.append(
        Curve(
          name: series.name, style: color.rawValue + (isDashed ? " d" : ""), series: series,
          runs: Downsampling.runs(points, columns: Int(size.width * 0.85))))
    }
    self.curves = curves
    for markers in panel.markers { include(markers.values) }
    for spans in panel.spans { include(spans.values) }
    include(panel.references.map(\.value))
    if panel.includesZero { include([0]) }
    axis = ValueAxis(
      from: low, to: high, format: panel.format, count: max(2, Int((height / 46).rounded())))
  }

  /// Curves, where they are not labelled at their end, and markers.
  func legend(includesSeries: Bool) -> [LegendEntry] {
    var entries: [LegendEntry] = []
    if includesSeries, curves.count > 1 {
      entries += curves.map { LegendEntry($0.name, $0.style, .line) }
    }
    entries += panel.spans.map { LegendEntry($0.name, $0.color.rawValue, .line) }
    entries += panel.markers.map { markers in
      let mark: LegendEntry.Mark =
        switch markers.shape {
        case .up: .up
        case .down: .down
        case .dot: .dot
        }
      return LegendEntry(markers.name, markers.color.rawValue, mark)
    }
    return entries
  }

  func draw(
    on canvas: inout Canvas, scale x: Scale, top: Double, bottom: Double, labelsCurves: Bool
  ) {
    let y = Scale(axis, from: bottom, to: top)
    for tick in axis.ticks {
      let position = y(tick.value)
      canvas.line(x.from, position, x.to, position, tick.value == 0 ? "g z" : "g")
      canvas.text(tick.label, x.from - 8, position + 4, "t", anchor: .end)
    }
    for curve in curves {
      if let band = curve.series.band { draw(band, of: curve, on: &canvas, x, y) }
      if curve.series.style == .area { area(curve, on: &canvas, x, y) }
    }
    for curve in curves { line(curve, on: &canvas, x, y, top: top, bottom: bottom) }
    for spans in panel.spans { draw(spans, on: &canvas, x, y) }
    for reference in panel.references where ValueAxis.isDrawable(reference.value) {
      let position = y(reference.value)
      canvas.line(x.from, position, x.to, position, "r")
      canvas.text(
        canvas.cut(reference.label, to: x.to - x.from), x.to, position - 5, "t o", anchor: .end)
    }
    for markers in panel.markers { draw(markers, on: &canvas, x, y) }
    if labelsCurves { label(on: &canvas, x, y, top: top, bottom: bottom) }
  }

  private func line(
    _ curve: Curve, on canvas: inout Canvas, _ x: Scale, _ y: Scale, top: Double, bottom: Double
  ) {
    var path = PathText()
    for run in curve.runs {
      path.move(to: Point(x(run[0].x), y(run[0].y)))
      // A dot: without a length, round ends draw one.
      if run.count == 1 { path.line(to: Point(x(run[0].x), y(run[0].y))) }
      for (previous, point) in zip(run, run.dropFirst()) {
        if curve.series.style == .step {
          path.line(to: Point(x(point.x), y(previous.y)))
        }
        path.line(to: Point(x(point.x), y(point.y)))
      }
    }
    let ends = [bottom, top].map { PathText.text(PathText.tenths($0) ?? 0) }
    let factor = panel.format.axisFactor
    let display = Markup.escape("\(axis.low * factor) \(axis.high * factor)")
    let attributes =
      " data-n=\"\(Markup.escape(curve.name))\" data-u=\"\(Markup.escape(panel.format.suffix))\""
      + " data-y=\"\(ends[0]) \(ends[1]) \(display)\""
    let alone = curve.runs.filter { $0.count == 1 }.map { $0[0] }
    if alone.count < 40 {
      for point in alone { canvas.circle(x(point.x), y(point.y), 2.2, "dot \(curve.style)") }
    }
    // A noisy curve fills its columns; a thinner pen keeps its shape visible.
    let isDense = curve.runs.reduce(0) { $0 + $1.count } > Int(x.to - x.from)
    canvas.path(path, "l \(isDense ? "y " : "")\(curve.style)", attributes: attributes)
  }

  private func area(_ curve: Curve, on canvas: inout Canvas, _ x: Scale, _ y: Scale) {
    var path = PathText()
    let base = y.clamped(0)
    for run in curve.runs where run.count > 1 {
      path.move(to: Point(x(run[0].x), base))
      for point in run { path.line(to: Point(x(point.x), y(point.y))) }
      path.line(to: Point(x(run[run.count - 1].x), base))
      path.close()
    }
    canvas.path(path, "b \(curve.style)")
  }

  private func draw(
    _ band: (low: [Double], high: [Double]), of curve: Curve, on canvas: inout Canvas, _ x: Scale,
    _ y: Scale
  ) {
    var path = PathText()
    let positions = horizontal.positions(curve.series.positions)
    let columns = Int(canvas.size.width / 2)
    for run in Downsampling.band(positions, low: band.low, high: band.high, columns: columns)
    where run.count > 1 {
      path.move(to: Point(x(run[0].x), y(run[0].high)))
      for edge in run.dropFirst() { path.line(to: Point(x(edge.x), y(edge.high))) }
      for edge in run.reversed() { path.line(to: Point(x(edge.x), y(edge.low))) }
      path.close()
    }
    canvas.path(path, "b \(curve.style)")
  }

  private func draw(_ spans: LineChart.Spans, on canvas: inout Canvas, _ x: Scale, _ y: Scale) {
    // Stretches that cover the same pixels are drawn once.
    var taken: Set<[Int]> = []
    var path = PathText()
    let places = zip(horizontal.positions(spans.starts), horizontal.positions(spans.ends))
    for ((start, end), value) in zip(places, spans.values)
    where ValueAxis.isDrawable(start) && ValueAxis.isDrawable(end) && ValueAxis.isDrawable(value) {
      let (from, to, height) = (x(min(start, end)), x(max(start, end)), y(value))
      guard taken.insert([Int(from * 2), Int(to * 2), Int(height * 2)]).inserted else { continue }
      path.move(to: Point(from, height))
      path.line(to: Point(to, height))
    }
    canvas.path(path, "l \(spans.color.rawValue)")
  }

  private func draw(
    _ markers: LineChart.Markers, on canvas: inout Canvas, _ x: Scale, _ y: Scale
  ) {
    // One mark in each cell of 3 units: where hundreds of fills lie on one another, more ink says
    // nothing more.
    var taken: Set<[Int]> = []
    var path = PathText()
    for (position, value) in zip(horizontal.positions(markers.positions), markers.values)
    where ValueAxis.isDrawable(position) && ValueAxis.isDrawable(value) {
      let center = Point(x(position), y(value))
      guard taken.insert([Int(center.x / 3), Int(center.y / 3)]).inserted else { continue }
      let sign = markers.shape == .up ? 1.0 : markers.shape == .down ? -1.0 : 0
      if sign == 0 {
        path.move(to: Point(center.x - 2.5, center.y))
        path.line(to: Point(center.x, center.y - 2.5))
        path.line(to: Point(center.x + 2.5, center.y))
        path.line(to: Point(center.x, center.y + 2.5))
        path.close()
      } else {
        path.triangle(at: Point(center.x, center.y + sign * 2), sign, 1)
      }
    }
    canvas.path(path, "m \(markers.color.rawValue)")
  }

  /// Names curves at their right ends, moved apart where they would overlap.
  private func label(
    on canvas: inout Canvas, _ x: Scale, _ y: Scale, top: Double, bottom: Double
  ) {
    var labels: [(curve: Curve, y: Double)] = curves.compactMap { curve in
      curve.runs.last?.last.map { (curve, y($0.y)) }
    }
    labels.sort { $0.y < $1.y }
    let gap = 15.0
    for index in labels.indices.dropFirst() {
      labels[index].y = max(labels[index].y, labels[index - 1].y + gap)
    }
    var limit = bottom
    for index in labels.indices.reversed() {
      labels[index].y = min(labels[index].y, limit)
      limit = labels[index].y - gap
    }
    for (curve, position) in labels {
      let name = canvas.cut(curve.name, to: 186)
      canvas.text(name, x.to + 8, position + 4, "t n \(curve.style)")
    }
  }
}
