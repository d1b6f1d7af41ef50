/// The widths a chart is drawn for.
///
/// A drawing that is only scaled has unreadable labels on a phone. So each chart is laid out anew
/// for every width it may be shown at, and the page's style shows the one that fits. Units are CSS
/// pixels at the usual size: `wide` fills a column of the page on a desktop or on paper, `narrow` a
/// phone or half a column, `small` a cell of small multiples.
public enum ChartSize: Hashable, Sendable, CaseIterable {
  case wide, narrow, small

  public var width: Double {
    switch self {
    case .wide: 860
    case .narrow: 400
    case .small: 200
    }
  }

  /// The size of labels. A phone of 375 px shows `narrow` at 0.85 and two `small` at 0.82, which
  /// leaves no label below 9 px.
  package var fontSize: Double { self == .wide ? 12.5 : 12 }
}

/// Where text stands relative to its point.
package enum TextAnchor: String, Sendable {
  case start = ""
  case middle = " m"
  case end = " e"
}

/// A drawing under construction: SVG elements whose numbers are always finite.
///
/// Elements with a coordinate that is not a number are left out, so whatever the data, no `nan` or
/// `inf` reaches an attribute.
package struct Canvas: Sendable {
  package let size: ChartSize
  package private(set) var body = ""

  package init(_ size: ChartSize) { self.size = size }

  package var fontSize: Double { size.fontSize }
  package func textWidth(_ text: String) -> Double { TextWidth.ems(text) * fontSize }
  package func cut(_ text: String, to width: Double) -> String {
    TextWidth.cut(text, to: width / fontSize)
  }

  package mutating func raw(_ markup: String) { body += markup }

  package mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String
  ) {
    guard let path = PathText([Point(x1, y1), Point(x2, y2)]) else { return }
    body += "<path class=\"\(style)\" d=\"\(path.text)\"/>"
  }

  package mutating func rect(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String,
    title: String? = nil, radius: Double = 0
  ) {
    guard let x = number(x), let y = number(y), let width = number(max(0, width)),
      let height = number(max(0, height))
    else { return }
    body += "<rect class=\"\(style)\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\""
    if radius > 0, let radius = number(radius) { body += " rx=\"\(radius)\"" }
    if let title {
      body += "><title>\(Markup.escape(title))</title></rect>"
    } else {
      body += "/>"
    }
  }

  package mutating func circle(
    _ x: Double, _ y: Double, _ radius: Double, _ style: String, title: String? = nil
  ) {
    guard let x = number(x), let y = number(y), let radius = number(radius) else { return }
    body += "<circle class=\"\(style)\" cx=\"\(x)\" cy=\"\(y)\" r=\"\(radius)\""
    body += title.map { "><title>\(Markup.escape($0))</title></circle>" } ?? "/>"
  }

  package mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ style: String, anchor: TextAnchor = .start,
    rotated angle: Double? = nil
  ) {
    guard !text.isEmpty, let x = number(x), let y = number(y) else { return }
    body += "<text class=\"\(style)\(anchor.rawValue)\" x=\"\(x)\" y=\"\(y)\""
    if let angle, let angle = number(angle) { body += " transform=\"rotate(\(angle) \(x) \(y))\"" }
    body += ">\(Markup.escape(text))</text>"
  }

  /// Says in the middle of an empty plot that there is nothing to draw.
  package mutating func emptyNote(top: Double, bottom: Double) {
    rect(0.5, top, size.width - 1, bottom - top, "track")
    text("no values", size.width / 2, (top + bottom) / 2 + 4, "t f", anchor: .middle)
  }

  /// Draws `path` with further attributes, which must be escaped already.
  package mutating func path(_ path: PathText?, _ style: String, attributes: String = "") {
    guard let path, !path.text.isEmpty else { return }
    body += "<path class=\"\(style)\"\(attributes) d=\"\(path.text)\"/>"
  }

  /// `value` with one decimal, or `nil` where it is not a number or far outside of any page.
  package func number(_ value: Double) -> String? {
    guard let tenths = PathText.tenths(value) else { return nil }
    return PathText.text(tenths)
  }
}

/// The `d` attribute of a path, in tenths of a unit and in relative steps: short, and free of the
/// rounding errors that relative steps usually add up.
package struct PathText: Sendable {
  package private(set) var text = ""
  private var x = 0
  private var y = 0
  private var command: Character = " "

  package init() {}

  /// A line through `points`, or `nil` where one of them cannot be drawn.
  package init?(_ points: [Point]) {
    for (index, point) in points.enumerated() {
      let isDrawn = index == 0 ? move(to: point) : line(to: point)
      guard isDrawn else { return nil }
    }
  }

  package static func tenths(_ value: Double) -> Int? {
    abs(value) < 1e6 ? Int((value * 10).rounded()) : nil
  }

  package static func text(_ tenths: Int) -> String {
    let (whole, part) = abs(tenths).quotientAndRemainder(dividingBy: 10)
    let sign = tenths < 0 ? "-" : ""
    return part == 0
      ? "\(sign)\(whole)" : whole == 0 ? "\(sign).\(part)" : "\(sign)\(whole).\(part)"
  }

  @discardableResult package mutating func move(to point: Point) -> Bool {
    guard let x = Self.tenths(point.x), let y = Self.tenths(point.y) else { return false }
    (self.x, self.y) = (x, y)
    append("M", x, y)
    return true
  }

  @discardableResult package mutating func line(to point: Point) -> Bool {
    guard let x = Self.tenths(point.x), let y = Self.tenths(point.y) else { return false }
    guard x != self.x || y != self.y || command == "M" else { return true }
    append("l", x - self.x, y - self.y)
    (self.x, self.y) = (x, y)
    return true
  }

  package mutating func close() {
    text += "z"
    command = "z"
  }

  /// A rectangle with these corners, in a third less text than four lines take.
  package mutating func rectangle(_ left: Double, _ top: Double, _ right: Double, _ bottom: Double)
  {
    guard let x1 = Self.tenths(left), let x2 = Self.tenths(right), let y1 = Self.tenths(top),
      let y2 = Self.tenths(bottom)
    else { return }
    (x, y) = (x1, y1)
    append("M", x1, y1)
    text += "h\(Self.text(x2 - x1))v\(Self.text(y2 - y1))h\(Self.text(x1 - x2))"
    close()
  }

  private mutating func append(_ letter: Character, _ x: Int, _ y: Int) {
    let first = Self.text(x)
    let second = Self.text(y)
    if letter != command {
      text.append(letter)
    } else if !first.hasPrefix("-") {
      text += " "
    }
    text += first
    if !second.hasPrefix("-") { text += " " }
    text += second
    command = letter
  }
}
