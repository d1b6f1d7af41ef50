public import HogaCore

/// A table of texts and numbers that a reader can compare: one format in a column, units in its head.
public struct ReportTable: Sendable {
  /// Which value of a column is set off.
  public enum Best: Hashable, Sendable { case highest, lowest }

  public struct Column: Sendable {
    public var title: String
    /// Written in the head; the format's unit without it.
    public var unit: String?
    public var format: NumberFormat
    public var best: Best?
    /// Whether the column holds numbers, which stand to the right.
    public var isNumeric: Bool
    /// Refers to `footnotes`, counted from one.
    public var footnote: Int?

    /// A column of numbers.
    public init(
      _ title: String, _ format: NumberFormat, unit: String? = nil, best: Best? = nil,
      footnote: Int? = nil
    ) {
      self.title = title
      self.unit = unit
      self.format = format
      self.best = best
      self.footnote = footnote
      isNumeric = true
    }

    /// A column of texts.
    public init(_ title: String, footnote: Int? = nil) {
      self.title = title
      self.footnote = footnote
      format = .significant(4)
      isNumeric = false
    }
  }

  public enum Cell: Sendable {
    case text(String)
    case number(Double)
    /// A number and half the width of its uncertainty, both in the column's format.
    case estimate(Double, error: Double)
    case time(Timestamp)
    case empty
  }

  public struct Row: Sendable {
    public enum Role: String, Hashable, Sendable {
      case normal, baseline, total
      /// Only the first cell is shown, as a heading of the rows below.
      case group
    }
    public var cells: [Cell]
    public var role: Role
    public var footnote: Int?
    public init(_ cells: [Cell], role: Role = .normal, footnote: Int? = nil) {
      self.cells = cells
      self.role = role
      self.footnote = footnote
    }
  }

  public var title: String
  public var subtitle: String?
  public var columns: [Column]
  public var rows: [Row]
  public var footnotes: [String]
  /// Whether a click on a head sorts; tables with groups or totals never do.
  public var isSortable: Bool

  public init(
    _ title: String, subtitle: String? = nil, columns: [Column], rows: [Row],
    footnotes: [String] = [], isSortable: Bool = true
  ) {
    self.title = title
    self.subtitle = subtitle
    self.columns = columns
    self.rows = rows
    self.footnotes = footnotes
    self.isSortable = isSortable
  }

  /// - Parameter identifier: unique on the page.
  func html(_ identifier: String) -> String {
    let sorts =
      isSortable && rows.count > 2 && !rows.contains { $0.role == .group || $0.role == .total }
    // The name stands outside of what scrolls, so a caption element would not do.
    var output = "<div class=\"block\"><div class=\"ft\" id=\"\(identifier)\">"
    output += Markup.inline(title) + "</div>"
    if let subtitle { output += "<div class=\"fs\">\(Markup.inline(subtitle))</div>" }
    output +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"\(identifier)\">"
    output += "<table\(sorts ? " class=\"sort\"" : "") aria-labelledby=\"\(identifier)\">"
    output += "\n<thead><tr>"
    for column in columns {
      output += "<th scope=\"col\"\(column.isNumeric ? " class=\"n\"" : "")>"
      output += Markup.escape(column.title) + reference(column.footnote)
      let unit = column.unit ?? (column.isNumeric ? column.format.unit : "")
      if !unit.isEmpty { output += " <span class=\"u\">\(Markup.escape(unit))</span>" }
      output += "</th>"
    }
    output += "</tr></thead>\n<tbody>"
    let best = columns.indices.map(best)
    for row in rows { output += html(row, best: best) }
    if rows.isEmpty {
      output += "<tr><td colspan=\"\(max(columns.count, 1))\" class=\"pm\">no rows</td></tr>"
    }
    output += "</tbody></table></div>"
    if !footnotes.isEmpty {
      output += "<ul class=\"notes\">"
      for (index, note) in footnotes.enumerated() {
        output += "<li><sup>\(index + 1)</sup> \(Markup.inline(note))</li>"
      }
      output += "</ul>"
    }
    return output + "</div>\n"
  }

  private func html(_ row: Row, best: [Double?]) -> String {
    let style = row.role == .normal ? "" : " class=\"\(row.role.rawValue)\""
    if row.role == .group {
      let text: String = if case .text(let name)? = row.cells.first { name } else { "" }
      return "<tr\(style)><th scope=\"rowgroup\" colspan=\"\(max(columns.count, 1))\">"
        + "\(Markup.inline(text))\(reference(row.footnote))</th></tr>\n"
    }
    var output = "<tr\(style)>"
    for (index, column) in columns.enumerated() {
      let cell = index < row.cells.count ? row.cells[index] : .empty
      let isBest = best[index] != nil && Self.number(cell) == best[index] && row.role != .total
      var classes = column.isNumeric ? ["n"] : []
      if isBest { classes.append("best") }
      if case .time = cell { classes.append("when") }
      let attribute = classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
      var content = Self.html(cell, column.format)
      if index == 0 { content += reference(row.footnote) }
      output +=
        index == 0 && !column.isNumeric
        ? "<th scope=\"row\"\(attribute)>\(content)</th>"
        : "<td\(attribute)\(sortKey(cell, column))>\(content)</td>"
    }
    return output + "</tr>\n"
  }

  /// What the script sorts by, where the text does not say it.
  private func sortKey(_ cell: Cell, _ column: Column) -> String {
    guard case .prefixed = column.format.notation, let value = Self.number(cell), value.isFinite
    else { return "" }
    return " data-v=\"\(value)\""
  }

  private static func html(_ cell: Cell, _ format: NumberFormat) -> String {
    switch cell {
    case .text(let text): Markup.inline(text)
    case .number(let value): format.bare(value)
    case .estimate(let value, let error):
      if value.isNaN || error.isNaN {
        format.bare(value)
      } else {
        "\(format.bare(value)) <span class=\"pm\">± "
          + "\(unsigned(format).bare(abs(error)))</span>"
      }
    case .time(let time): Markup.escape(time.description)
    case .empty: ""
    }
  }

  private static func unsigned(_ format: NumberFormat) -> NumberFormat {
    var copy = format
    copy.isSigned = false
    return copy
  }

  private static func number(_ cell: Cell) -> Double? {
    switch cell {
    case .number(let value), .estimate(let value, _): value.isFinite ? value : nil
    case .text, .time, .empty: nil
    }
  }

  private func best(_ index: Int) -> Double? {
    guard let best = columns[index].best else { return nil }
    let values = rows.filter { $0.role != .total && $0.role != .group }
      .compactMap { index < $0.cells.count ? Self.number($0.cells[index]) : nil }
    guard values.count > 1 else { return nil }
    return best == .highest ? values.max() : values.min()
  }

  private func reference(_ footnote: Int?) -> String {
    guard let footnote else { return "" }
    return "<sup>\(footnote)</sup>"
  }
}
