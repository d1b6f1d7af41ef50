/// A table for a terminal: one heading row, aligned columns, no colour.
public struct TextTable: Sendable {
  public enum Alignment: Sendable { case left, right }

  private let headings: [String]
  private let alignments: [Alignment]
  private var rows: [[String]?] = []

  public init(_ columns: [(heading: String, alignment: Alignment)]) {
    headings = columns.map(\.heading)
    alignments = columns.map(\.alignment)
  }

  /// - Precondition: as many cells as columns.
  public mutating func append(_ cells: [String]) {
    precondition(cells.count == headings.count, "\(cells.count) cells, \(headings.count) columns")
    rows.append(cells)
  }

  /// Draws a line between the rows before and after.
  public mutating func appendRule() { rows.append(nil) }

  public var text: String {
    let widths = headings.indices.map { column in
      (rows.compactMap { $0?[column] } + [headings[column]]).map(\.displayWidth).max() ?? 0
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - cells[column].displayWidth)
        return alignments[column] == .left ? cells[column] + space : space + cells[column]
      }
      var text = padded.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }
    return ([line(headings), rule] + rows.map { $0.map(line) ?? rule }).joined(separator: "\n")
  }
}

extension String {
  /// Columns of a terminal this text takes: Hangul and CJK take two.
  fileprivate var displayWidth: Int {
    unicodeScalars.reduce(0) { width, scalar in
      switch scalar.value {
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFF60:
        width + 2
      case 0x0300...0x036F, 0x200B...0x200F: width
      default: width + 1
      }
    }
  }
}
