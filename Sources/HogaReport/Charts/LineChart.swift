public import HogaCore

/// Curves over time or over a number, in one panel or in several that share the horizontal axis.
public struct LineChart: Chart {
  /// One curve. Not-a-number breaks it; so does infinity.
  public struct Series: Sendable {
    public enum Style: Hashable, Sendable {
      case line
      /// Constant until the next point: positions, states, equity between fills.
      case step
      /// Filled down or up to zero: drawdown.
      case area
    }

    public var name: String
    public var positions: Positions
    public var values: [Double]
    public var style: Style
    /// `nil` takes the next colour of the palette.
    public var color: ChartColor?
    public var isDashed: Bool
    /// The lower and upper edge of the uncertainty, one pair for each value.
    public var band: (low: [Double], high: [Double])?

    /// - Precondition: there are as many values, and edges if any, as positions.
    public init(
      _ name: String, at positions: Positions, values: [Double], style: Style = .line,
      color: ChartColor? = nil, isDashed: Bool = false, band: (low: [Double], high: [Double])? = nil
    ) {
      precondition(
        positions.count == values.count
          && (band.map { $0.low.count == values.count && $0.high.count == values.count } ?? true),
        "series \(name): \(positions.count) positions, \(values.count) values")
      self.name = name
      self.positions = positions
      self.values = values
      self.style = style
      self.color = color
      self.isDashed = isDashed
      self.band = band
    }

    public init(
      _ name: String, at times: [Timestamp], values: [Double], style: Style = .line,
      color: ChartColor? = nil
    ) {
      self.init(name, at: .times(times), values: values, style: style, color: color)
    }
  }

  /// A level worth a line of its own: a threshold, a limit.
  public struct Reference: Hashable, Sendable {
    public var value: Double
    public var label: String
    public init(_ value: Double, label: String) {
      self.value = value
      self.label = label
    }
  }

  /// Single events on a panel: fills, halts.
  public struct Markers: Sendable {
    public enum Shape: Hashable, Sendable { case up, down, dot }
    public var name: String
    public var shape: Shape
    public var color: ChartColor
    public var positions: Positions
    public var values: [Double]

    /// - Precondition: there are as many values as positions.
    public init(
      _ name: String, _ shape: Shape, color: ChartColor, at positions: Positions, values: [Double]
    ) {
      precondition(positions.count == values.count, "markers \(name): counts differ")
      self.name = name
      self.shape = shape
      self.color = color
      self.positions = positions
      self.values = values
    }
  }

  /// Levels that hold for a while each, and may overlap: resting orders, stops, regimes.
  public struct Spans: Sendable {
    public var name: String
    public var color: ChartColor
    public var starts: Positions
    public var ends: Positions
    public var values: [Double]

    /// - Precondition: there are as many values and ends as starts.
    public init(
      _ name: String, color: ChartColor, from starts: Positions, to ends: Positions,
      values: [Double]
    ) {
      precondition(
        starts.count == values.count && ends.count == values.count,
        "spans \(name): \(starts.count) starts, \(ends.count) ends, \(values.count) values")
      self.name = name
      self.color = color
      self.starts = starts
      self.ends = ends
      self.values = values
    }
  }

  public struct Panel: Sendable {
    /// Says what is drawn and in which unit, where a chart has several panels.
    public var title: String?
    public var series: [Series]
    public var format: NumberFormat
    /// The height relative to other panels.
    public var weight: Double
    public var includesZero: Bool
    public var references: [Reference]
    public var markers: [Markers]
    public var spans: [Spans]

    public init(
      title: String? = nil, series: [Series], format: NumberFormat = .significant(4),
      weight: Double = 1, includesZero: Bool = false, references: [Reference] = [],
      markers: [Markers] = [], spans: [Spans] = []
    ) {
      self.title = title
      self.series = series
      self.format = format
      self.weight = weight
      self.includesZero = includesZero
      self.references = references
      self.markers = markers
      self.spans = spans
    }
  }

  public var panels: [Panel]
  /// Names the horizontal axis; axes of time are named `UTC` without it.
  public var horizontalTitle: String?
  public var horizontalFormat: NumberFormat
  /// The height of all panels together relative to what the chart takes by itself.
  public var heightFactor: Double

  public init(
    panels: [Panel], horizontalTitle: String? = nil,
    horizontalFormat: NumberFormat = .significant(4),
    heightFactor: Double = 1
  ) {
    self.panels = panels
    self.horizontalTitle = horizontalTitle
    self.horizontalFormat = horizontalFormat
    self.heightFactor = heightFactor
  }

  /// A chart of one panel.
  public init(
    _ series: [Series], format: NumberFormat = .significant(4), includesZero: Bool = false,
    references: [Reference] = [], markers: [Markers] = [], horizontalTitle: String? = nil,
    horizontalFormat: NumberFormat = .significant(4)
  ) {
    self.init(
      panels: [
        Panel(
          series: series, format: format, includesZero: includesZero, references: references,
          markers: markers)
      ], horizontalTitle: horizontalTitle, horizontalFormat: horizontalFormat)
  }

  public var summary: String {
    var parts: [String] = []
    for panel in panels {
      for series in panel.series {
        let known = series.values.filter(ValueAxis.isDrawable)
        guard let first = known.first, let last = known.last, let low = known.min(),
          let high = known.max()
        else {
          parts.append("\(series.name): no values.")
          continue
        }
        let format = panel.format
        parts.append(
          "\(series.name): from \(format.text(first)) to \(format.text(last)), lowest"
            + " \(format.text(low)), highest \(format.text(high)).")
      }
      parts += panel.spans.map { "\($0.name): \($0.values.count) stretches." }
      parts += panel.markers.map { "\($0.name): \($0.values.count) marks." }
    }
    let axis = horizontalAxis
    return "Line chart over \(axis.description(horizontalFormat)). " + parts.joined(separator: " ")
  }

  package var horizontalAxis: HorizontalAxis {
    HorizontalAxis(
      panels.flatMap {
        $0.series.map(\.positions) + $0.markers.map(\.positions)
          + $0.spans.flatMap { [$0.starts, $0.ends] }
      })
  }
}
