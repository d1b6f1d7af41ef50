public import HogaCore

/// Which stretches of time are covered by data, one row for each source.
public struct CoverageStrip: Chart {
  public enum State: String, Hashable, Sendable, CaseIterable {
    case present, stale, gap

    /// Where several states share one pixel, the worst is drawn.
    fileprivate var rank: Int { self == .gap ? 2 : self == .stale ? 1 : 0 }
  }

  public struct Span: Hashable, Sendable {
    public var start: Timestamp
    public var end: Timestamp
    public var state: State
    public init(from start: Timestamp, to end: Timestamp, _ state: State) {
      self.start = start
      self.end = end
      self.state = state
    }
  }

  public struct Row: Hashable, Sendable {
    public var name: String
    public var spans: [Span]
    /// Written at the end of the row: rows, share.
    public var note: String
    public init(_ name: String, spans: [Span], note: String = "") {
      self.name = name
      self.spans = spans
      self.note = note
    }
  }

  public var rows: [Row]
  public init(rows: [Row]) { self.rows = rows }

  public var summary: String {
    let parts = rows.map { row in
      let gaps = row.spans.count { $0.state == .gap }
      let stale = row.spans.count { $0.state == .stale }
      return "\(row.name): \(gaps) gaps, \(stale) stale stretches"
        + (row.note.isEmpty ? "" : ", \(row.note)")
    }
    return "Coverage over \(axis.description(.integer)). \(parts.joined(separator: "; "))."
  }

  private var axis: HorizontalAxis {
    HorizontalAxis([.times(rows.flatMap { $0.spans.flatMap { [$0.start, $0.end] } })])
  }

  public func drawing(_ size: ChartSize) -> Drawing {
    var canvas = Canvas(size)
    let isWide = size == .wide
    let axis = axis
    let nameWidth =
      isWide
      ? min(rows.map { canvas.textWidth($0.name) }.max() ?? 0, 220) + 12 : 0
    let noteWidth =
      isWide
      ? min(rows.map { canvas.textWidth($0.note) }.max() ?? 0, 180) + 14 : 8
    let x = Scale(axis.low, axis.high, from: nameWidth + 2, to: size.width - noteWidth)
    let used = State.allCases.filter { state in
      rows.contains { $0.spans.contains { $0.state == state } }
    }
    var top = 2.0
    if used.count > 1 {
      let entries = used.map { LegendEntry($0.rawValue, "k\($0.rank)", .box) }
      top += canvas.legend(entries, x: nameWidth, y: top, width: size.width - nameWidth)
    }
    for row in rows {
      // On a phone the name stands above its strip.
      if isWide {
        canvas.text(canvas.cut(row.name, to: 220), nameWidth - 8, top + 14, "t k", anchor: .end)
        canvas.text(canvas.cut(row.note, to: 180), size.width, top + 14, "t f", anchor: .end)
      } else {
        let note = canvas.cut(row.note, to: size.width * 0.45)
        let limit = size.width - canvas.textWidth(note) - 12
        canvas.text(canvas.cut(row.name, to: limit), 2, top + 11, "t k")
        canvas.text(note, x.to, top + 11, "t f", anchor: .end)
        top += 17
      }
      strip(row, on: &canvas, axis, x, top: top + 2)
      top += isWide ? 24 : 26
    }
    let depth = axis.draw(
      on: &canvas, scale: x, top: 0, bottom: top + 2, format: .integer, title: nil)
    return Drawing(canvas, height: top + depth + 4)
  }

  /// Merges spans by pixel, so that a million of them cost as much as a hundred.
  private func strip(
    _ row: Row, on canvas: inout Canvas, _ axis: HorizontalAxis, _ x: Scale, top: Double
  ) {
    let columns = max(1, Int(x.to - x.from))
    var states = [State?](repeating: nil, count: columns)
    for span in row.spans {
      let (start, end) = (axis.position(span.start), axis.position(span.end))
      guard !start.isNaN, !end.isNaN, start <= end else { continue }
      let first = min(max(Int(x(start) - x.from), 0), columns - 1)
      // An edge inside a pixel belongs to it, except that what ends exactly there does not.
      let last = min(max(Int((x(end) - x.from).rounded(.up)) - 1, first), columns - 1)
      for column in first...last where span.state.rank >= (states[column]?.rank ?? -1) {
        states[column] = span.state
      }
    }
    canvas.rect(x.from, top + 3, x.to - x.from, 10, "track")
    var column = 0
    while column < columns {
      let state = states[column]
      let start = column
      while column < columns, states[column] == state { column += 1 }
      guard let state else { continue }
      // A gap is also lower than what is present: its shape tells it apart, not only its colour.
      let inset = state == .present ? 0.0 : state == .stale ? 3 : 6
      canvas.rect(
        x.from + Double(start), top + inset, Double(column - start), 16 - 2 * inset,
        "bar k\(state.rank)")
    }
  }
}
