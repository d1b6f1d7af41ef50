/// A part of a section.
///
/// Texts may hold `**bold**`, `` `code` `` and `[label](https://…)`; everything else in them is
/// shown as it is.
public enum ReportBlock: Sendable {
  case paragraph(String)
  case list([String])
  case keyFigures([KeyFigure])
  case table(ReportTable)
  case callout(Callout)
  case code(CodeBlock)
  case figure(Figure)
  /// Many small charts of one kind in a grid.
  case multiples(SmallMultiples)
  /// Blocks side by side where there is room, one below the other on a phone.
  case columns([ReportBlock])

  /// One number that matters, already written as text.
  public struct KeyFigure: Hashable, Sendable {
    public enum Tone: String, Hashable, Sendable { case neutral, good, bad }
    public var label: String
    public var value: String
    public var unit: String
    /// What it is compared with, or from how much it was computed.
    public var note: String
    public var tone: Tone

    public init(
      _ label: String, _ value: String, unit: String = "", note: String = "", tone: Tone = .neutral
    ) {
      self.label = label
      self.value = value
      self.unit = unit
      self.note = note
      self.tone = tone
    }
  }

  /// Something the reader must not miss: what the numbers do not show.
  public struct Callout: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable { case info, warning, problem }
    public var kind: Kind
    public var title: String
    public var text: String
    public init(_ kind: Kind, _ title: String, _ text: String = "") {
      self.kind = kind
      self.title = title
      self.text = text
    }
  }

  /// Text that keeps its lines: a configuration, a command's output.
  public struct CodeBlock: Hashable, Sendable {
    public var title: String
    public var text: String
    public var isOpen: Bool
    public init(_ title: String, _ text: String, isOpen: Bool = false) {
      self.title = title
      self.text = text
      self.isOpen = isOpen
    }
  }

  /// A chart with what it takes to read it.
  public struct Figure: Sendable {
    /// Best said as a finding: "Scores fall after the third fold".
    public var title: String
    /// What is drawn, in which unit.
    public var subtitle: String
    public var chart: any Chart
    /// Caveats and sources, below.
    public var caption: String
    public init(_ title: String, subtitle: String = "", chart: any Chart, caption: String = "") {
      self.title = title
      self.subtitle = subtitle
      self.chart = chart
      self.caption = caption
    }
  }

  public struct SmallMultiples: Sendable {
    public var title: String
    public var subtitle: String
    public var charts: [(name: String, chart: any Chart)]
    public var caption: String
    public init(
      _ title: String, subtitle: String = "", charts: [(name: String, chart: any Chart)],
      caption: String = ""
    ) {
      self.title = title
      self.subtitle = subtitle
      self.charts = charts
      self.caption = caption
    }
  }
}

/// Writes blocks as HTML, and counts figures to name their parts.
struct BlockWriter {
  private var figures = 0

  mutating func html(_ block: ReportBlock, isHalf: Bool = false) -> String {
    switch block {
    case .paragraph(let text): "<p>\(Markup.inline(text))</p>\n"
    case .list(let items):
      "<ul>" + items.map { "<li>\(Markup.inline($0))</li>" }.joined() + "</ul>\n"
    case .keyFigures(let figures): Self.html(figures)
    case .table(let table): html(table)
    case .callout(let callout): Self.html(callout)
    case .code(let code):
      "<details\(code.isOpen ? " open=\"\"" : "")><summary>\(Markup.inline(code.title))</summary>"
        + "<pre tabindex=\"0\"><code>\(Markup.escape(code.text))</code></pre></details>\n"
    case .figure(let figure): html(figure, isHalf: isHalf)
    case .multiples(let multiples): html(multiples)
    case .columns(let blocks): html(columns: blocks)
    }
  }

  private mutating func html(_ table: ReportTable) -> String {
    figures += 1
    return table.html("f\(figures)")
  }

  private mutating func html(columns blocks: [ReportBlock]) -> String {
    var output = "<div class=\"cols\">"
    for block in blocks { output += html(block, isHalf: blocks.count > 1) }
    return output + "</div>\n"
  }

  private static func html(_ figures: [ReportBlock.KeyFigure]) -> String {
    var output = "<dl class=\"cards\">"
    for figure in figures {
      output += figure.tone == .neutral ? "<div>" : "<div class=\"\(figure.tone.rawValue)\">"
      output +=
        "<dt>\(Markup.inline(figure.label))</dt><dd class=\"v\">\(Markup.escape(figure.value))"
      if !figure.unit.isEmpty {
        output += "<span class=\"u\"> \(Markup.escape(figure.unit))</span>"
      }
      if figure.tone != .neutral {
        output += "<span class=\"vh\"> (\(figure.tone.rawValue))</span>"
      }
      output += "</dd>"
      if !figure.note.isEmpty { output += "<dd class=\"o\">\(Markup.inline(figure.note))</dd>" }
      output += "</div>"
    }
    return output + "</dl>\n"
  }

  private static func html(_ callout: ReportBlock.Callout) -> String {
    let sign = callout.kind == .info ? "ⓘ" : callout.kind == .warning ? "▲" : "✕"
    let name = callout.kind == .info ? "Note" : callout.kind == .warning ? "Caution" : "Problem"
    return
      "<aside class=\"call \(callout.kind.rawValue)\"><b class=\"i\" aria-hidden=\"true\">\(sign)"
      + "</b><div><p class=\"ct\"><span class=\"vh\">\(name): </span>\(Markup.inline(callout.title))"
      + "</p>" + (callout.text.isEmpty ? "" : "<p>\(Markup.inline(callout.text))</p>")
      + "</div></aside>\n"
  }

  private mutating func html(_ figure: ReportBlock.Figure, isHalf: Bool) -> String {
    figures += 1
    let summary = figure.chart.summary
    let name = figure.title.isEmpty ? "Figure \(figures)" : figure.title
    func svg(_ size: ChartSize) -> String {
      figure.chart.drawing(size).svg(
        title: name, summary: summary, identifier: "f\(figures)\(size == .wide ? "w" : "n")")
    }
    // Half a column is never wide enough for the wide drawing, so it is left out.
    let pictures = isHalf ? svg(.narrow) : svg(.wide) + svg(.narrow)
    return "<figure>" + Self.heading(figure.title, figure.subtitle)
      + "<div class=\"chart\(isHalf ? " half" : "")\">\(pictures)</div>"
      + Self.caption(figure.caption) + "</figure>\n"
  }

  private mutating func html(_ multiples: ReportBlock.SmallMultiples) -> String {
    var output =
      "<div class=\"block\" role=\"group\" aria-label=\"\(Markup.escape(multiples.title))\">"
    output += Self.heading(multiples.title, multiples.subtitle) + "<div class=\"multi\">"
    for (name, chart) in multiples.charts {
      figures += 1
      output +=
        "<div><div class=\"mt\" title=\"\(Markup.escape(name))\">\(Markup.escape(name))</div>"
      output += chart.drawing(.small).svg(
        title: name, summary: chart.summary, identifier: "f\(figures)s")
      output += "</div>"
    }
    return output + "</div>" + Self.caption(multiples.caption, "p") + "</div>\n"
  }

  private static func heading(_ title: String, _ subtitle: String) -> String {
    (title.isEmpty ? "" : "<div class=\"ft\">\(Markup.inline(title))</div>")
      + (subtitle.isEmpty ? "" : "<div class=\"fs\">\(Markup.inline(subtitle))</div>")
  }

  private static func caption(_ text: String, _ element: String = "figcaption") -> String {
    text.isEmpty ? "" : "<\(element) class=\"fc\">\(Markup.inline(text))</\(element)>"
  }
}
