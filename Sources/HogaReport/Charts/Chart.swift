/// A picture of values: drawn from its fields alone, so equal charts give equal bytes.
public protocol Chart: Sendable {
  /// What the picture shows, in words, for those who cannot see it.
  var summary: String { get }

  /// Draws the chart for one width.
  func drawing(_ size: ChartSize) -> Drawing
}

/// The colours of series, told apart by people with any kind of colour vision.
///
/// Each has a counterpart on a dark page; `PageStyle` holds both.
public enum ChartColor: String, Hashable, Sendable, CaseIterable {
  case blue = "c1"
  case orange = "c2"
  case plum = "c3"
  case teal = "c4"
  case maroon = "c5"
  case navy = "c6"
  /// For what others are compared with: baselines, benchmarks.
  case gray = "c0"
  case good = "cg"
  case bad = "cb"

  /// The colour of the series with this index; `nil` repeats the six from the start.
  package static func series(_ index: Int) -> ChartColor {
    [.blue, .orange, .plum, .teal, .maroon, .navy][index % 6]
  }
}

/// A finished drawing: an SVG picture without a name.
public struct Drawing: Sendable {
  public let size: ChartSize
  public let height: Double
  package let body: String
  /// What the page's script needs for its read-out, as attributes that are escaped already.
  package let attributes: String

  package init(_ canvas: Canvas, height: Double, attributes: String = "") {
    size = canvas.size
    self.height = height
    body = canvas.body
    self.attributes = attributes
  }

  /// The picture as an `<svg>` element.
  ///
  /// - Parameter identifier: unique on the page; names the elements that describe the picture.
  public func svg(title: String, summary: String, identifier: String) -> String {
    let height = PathText.text(PathText.tenths(height) ?? 0)
    let width = PathText.text(PathText.tenths(size.width) ?? 0)
    return "<svg class=\"\(size)\" viewBox=\"0 0 \(width) \(height)\" role=\"img\""
      + " aria-labelledby=\"\(identifier)t \(identifier)d\"\(attributes)>"
      + "<title id=\"\(identifier)t\">\(Markup.escape(title))</title>"
      + "<desc id=\"\(identifier)d\">\(Markup.escape(summary))</desc>\(body)</svg>"
  }
}

/// Maps data to drawing units.
package struct Scale: Sendable {
  package let low: Double
  package let high: Double
  package let from: Double
  package let to: Double

  package init(_ low: Double, _ high: Double, from: Double, to: Double) {
    self.low = low
    self.high = high
    self.from = from
    self.to = to
  }
  package init(_ axis: ValueAxis, from: Double, to: Double) {
    self.init(axis.low, axis.high, from: from, to: to)
  }

  package func callAsFunction(_ value: Double) -> Double {
    high > low ? from + (value - low) / (high - low) * (to - from) : (from + to) / 2
  }

  /// Like a call, but what lies outside is drawn at the edge.
  package func clamped(_ value: Double) -> Double {
    let position = self(value)
    return min(max(position, min(from, to)), max(from, to))
  }
}

/// A name beside a sample of what it names.
package struct LegendEntry: Sendable {
  package enum Mark: Sendable { case line, dashed, box, dot, up, down }
  package var name: String
  package var style: String
  package var mark: Mark
  package init(_ name: String, _ style: String, _ mark: Mark) {
    self.name = name
    self.style = style
    self.mark = mark
  }
}

extension Canvas {
  /// Draws names with their samples in rows from the left, and returns the height that took.
  package mutating func legend(
    _ entries: [LegendEntry], x: Double, y: Double, width: Double
  ) -> Double {
    guard !entries.isEmpty else { return 0 }
    var left = x
    var top = y
    for entry in entries {
      let room = entry.mark == .line || entry.mark == .dashed ? 22.0 : 17
      let label = cut(entry.name, to: width - room)
      let needed = textWidth(label) + room
      if left > x, left + needed > x + width {
        left = x
        top += 18
      }
      switch entry.mark {
      case .line: line(left, top + 7, left + 16, top + 7, "l \(entry.style)")
      case .dashed: line(left, top + 7, left + 16, top + 7, "l d \(entry.style)")
      case .box: rect(left, top + 2, 11, 10, "bar \(entry.style)")
      case .dot: circle(left + 5, top + 7, 4.5, "dot \(entry.style)")
      case .up, .down:
        let sign = entry.mark == .up ? 1.0 : -1.0
        path(
          PathText.triangle(at: Point(left + 5, top + 7 - sign * 4.5), sign, 1.15),
          "m \(entry.style)")
      }
      text(label, left + room, top + 11, "t k")
      left += needed + 16
    }
    return top - y + 24
  }
}

extension PathText {
  /// A triangle whose tip is at `point` and points up (`1`) or down (`-1`).
  package static func triangle(at point: Point, _ sign: Double, _ size: Double) -> PathText {
    var path = PathText()
    path.triangle(at: point, sign, size)
    return path
  }

  package mutating func triangle(at point: Point, _ sign: Double, _ size: Double) {
    move(to: point)
    line(to: Point(point.x - 4.5 * size, point.y + sign * 8 * size))
    line(to: Point(point.x + 4.5 * size, point.y + sign * 8 * size))
    close()
  }
}
