public import HogaCore

/// Where the points of a series lie along the horizontal axis.
public enum Positions: Sendable {
  case times([Timestamp])
  case numbers([Double])

  public var count: Int {
    switch self {
    case .times(let times): times.count
    case .numbers(let numbers): numbers.count
    }
  }
}

/// A horizontal axis of times or of numbers.
///
/// Times are counted from the first one: a `Double` holds nanoseconds since 1970 only to 256 ns.
package struct HorizontalAxis: Sendable {
  package let isTime: Bool
  package let origin: Int64
  package let low: Double
  package let high: Double

  /// Covers all of `positions`; the first decides whether the axis is one of time.
  package init(_ positions: [Positions]) {
    var earliest = Int64.max
    var latest = Int64.min
    var lowest = Double.infinity
    var highest = -Double.infinity
    for list in positions {
      switch list {
      case .times(let times):
        for time in times where Self.isDrawable(time) {
          earliest = min(earliest, time.nanoseconds)
          latest = max(latest, time.nanoseconds)
        }
      case .numbers(let numbers):
        for number in numbers where ValueAxis.isDrawable(number) {
          lowest = min(lowest, number)
          highest = max(highest, number)
        }
      }
    }
    if case .times? = positions.first { isTime = true } else { isTime = false }
    if isTime {
      origin = earliest <= latest ? earliest : 0
      low = 0
      high = earliest < latest ? Double(latest - earliest) : 1e9
    } else {
      origin = 0
      let isKnown = lowest <= highest
      let margin = isKnown && lowest == highest ? max(abs(lowest) * 0.05, 1) : 0
      low = isKnown ? lowest - margin : 0
      high = isKnown ? highest + margin : 1
    }
  }

  package static func isDrawable(_ time: Timestamp) -> Bool {
    time.nanoseconds > -TimeTicks.limit && time.nanoseconds < TimeTicks.limit
  }

  package func position(_ time: Timestamp) -> Double {
    Self.isDrawable(time) && isTime ? Double(time.nanoseconds - origin) : .nan
  }

  /// Positions in the axis' units; not-a-number where a time or number cannot be drawn.
  package func positions(_ positions: Positions) -> [Double] {
    switch positions {
    case .times(let times): times.map(position)
    case .numbers(let numbers): isTime ? numbers.map { _ in .nan } : numbers
    }
  }

  /// As many marks as have room for their labels on `width` of `canvas`.
  private func ticks(on canvas: Canvas, width: Double, format: NumberFormat) -> [Tick] {
    var count = max(2, Int(width / 46))
    while true {
      let ticks = ticks(count: count, format: format)
      let widest = ticks.map { canvas.textWidth($0.label) }.max() ?? 0
      let spacing =
        ticks.count > 1 ? (ticks[1].value - ticks[0].value) / (high - low) * width : width
      if widest + 22 <= spacing || count <= 1 || ticks.count <= 2 { return ticks }
      count -= 1
    }
  }

  package func ticks(count: Int, format: NumberFormat) -> [Tick] {
    guard isTime else {
      let axis = ValueAxis(from: low, to: high, format: format, count: count, extends: false)
      return axis.ticks.filter { $0.value >= low && $0.value <= high }
    }
    return TimeTicks.marks(from: origin, to: origin + Int64(high), count: count).map {
      Tick(value: Double($0.nanoseconds - origin), label: $0.label, context: $0.context)
    }
  }

  /// The start and end in words.
  package func description(_ format: NumberFormat) -> String {
    guard isTime else { return "\(format.text(low)) to \(format.text(high))" }
    let start = Timestamp(nanoseconds: origin)
    return "\(start) to \(start + TimeSpan(nanoseconds: Int64(high)))"
  }

  /// Draws marks, labels and, for times, the zone below a plot; returns the height that took.
  package func draw(
    on canvas: inout Canvas, scale: Scale, top: Double, bottom: Double, format: NumberFormat,
    title: String?
  ) -> Double {
    let width = scale.to - scale.from
    let ticks = ticks(on: canvas, width: width, format: format)
    let hasContext = ticks.contains { $0.context?.isEmpty == false }
    var lastContextEnd = -1.0
    for tick in ticks {
      let x = scale(tick.value)
      canvas.line(x, bottom, x, bottom + 4, "a")
      // A label at the edge is shifted inward instead of being cut by the frame.
      let half = canvas.textWidth(tick.label) / 2
      let shifted = min(max(x, half), canvas.size.width - half)
      canvas.text(tick.label, shifted, bottom + 18, "t", anchor: .middle)
      if let context = tick.context, !context.isEmpty {
        let half = canvas.textWidth(context) / 2
        let shifted = min(max(x, half), canvas.size.width - half)
        guard shifted - half > lastContextEnd else { continue }
        lastContextEnd = shifted + half + 6
        canvas.text(context, shifted, bottom + 33, "t f", anchor: .middle)
      }
    }
    var height = hasContext ? 38.0 : 24.0
    if let name = title {
      canvas.text(
        canvas.cut(name, to: canvas.size.width), scale.to, bottom + height + 9, "t f", anchor: .end)
      height += 14
    }
    return height
  }
}
