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

extension Canvas {
  /// Draws names with colour swatches in rows from the left, and returns the height that took.
  package mutating func legend(
    _ entries: [(name: String, color: String, dash: String)], x: Double, y: Double, width: Double
  ) -> Double {
    guard !entries.isEmpty else { return 0 }
    var left = x
    var top = y
    for (name, color, dash) in entries {
      let label = cut(name, to: width - 30)
      let needed = textWidth(label) + 38
      if left > x, left + needed - 16 > x + width {
        left = x
        top += 18
      }
      line(left, top + 7, left + 16, top + 7, "l \(color)\(dash)")
      text(label, left + 22, top + 11, "t k")
      left += needed
    }
    return top - y + 26
  }
}
