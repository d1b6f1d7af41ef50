import Foundation
import HogaCore
import HogaLake
import Testing

@Suite("CSV")
struct CSVTests {
  /// All rows with their lines, and the rejected lines.
  static func rows(
    _ text: String, _ format: CSVFormat, pieces: Int = .max
  ) throws -> (rows: [(line: Int, cells: [String])], rejected: [CSVBlock.Rejected], CSVTable) {
    var left = Array(text.utf8)[...]
    let table = try CSVTable(name: "test.csv", format: format) { buffer in
      let part = left.prefix(min(pieces, buffer.count))
      buffer.copyBytes(from: part)
      left = left.dropFirst(part.count)
      return part.count
    }
    var rows: [(line: Int, cells: [String])] = []
    var rejected: [CSVBlock.Rejected] = []
    while let block = try table.next() {
      for row in 0..<block.rowCount {
        rows.append(
          (
            block.line(ofRow: row),
            (0..<table.columnCount).map { block.text(row: row, column: $0) }
          ))
      }
      rejected += block.rejected
    }
    return (rows, rejected, table)
  }

  @Test("keeps lines and cells as they stand", arguments: [1, 3, 1000])
  func plain(pieces: Int) throws {
    let text =
      "\u{FEFF}time,price\r\n1,2.50\r\n\n\"a,\"\"b\",\r\n,\n3\n4,5,6\n\"x,7\n8,\"9\"0\n\"\",10"
    let (rows, rejected, table) = try Self.rows(text, CSVFormat(), pieces: pieces)
    #expect(table.header == ["time", "price"])
    #expect(rows.map(\.line) == [2, 4, 5, 10])
    #expect(rows.map(\.cells) == [["1", "2.50"], ["a,\"b", ""], ["", ""], ["", "10"]])
    #expect(
      rejected.map { "\($0.line) \($0.reason)" } == [
        "6 columns(expected: 2, found: 1)", "7 columns(expected: 2, found: 3)", "8 openQuote",
        "9 textAfterQuote",
      ])
    #expect(table.endsInsideLine)
  }

  @Test("divides by runs of spaces, and counts columns by the first row where there is no header")
  func spaces() throws {
    let format = CSVFormat(delimiter: .whitespace, hasHeader: false, skippedLines: 1)
    let (rows, rejected, table) = try Self.rows(
      "# made by\n\n  1 \t 2\r\n\t3 4  \n5\n\n6 \"7\"\n", format)
    #expect(table.columnCount == 2)
    #expect(rows.map(\.line) == [3, 4, 7])
    #expect(rows.map(\.cells) == [["1", "2"], ["3", "4"], ["6", "\"7\""]])
    #expect(rejected.map(\.line) == [5])
    #expect(!table.endsInsideLine)
  }

  @Test("refuses text that is no table")
  func refuses() throws {
    #expect(throws: DataError("has no header", file: "test.csv", row: 1)) {
      _ = try Self.rows("", CSVFormat())
    }
    #expect(throws: DataError("has no row", file: "test.csv")) {
      _ = try Self.rows("\n\n", CSVFormat(hasHeader: false))
    }
    #expect(
      throws: DataError("is named twice in the header", file: "test.csv", row: 1, column: "a")
    ) {
      _ = try Self.rows("a,b,a\n1,2,3\n", CSVFormat())
    }
    #expect(throws: DataError("is UTF-16; save it as UTF-8", file: "test.csv", row: 1)) {
      let table = try CSVTable(name: "test.csv", format: CSVFormat()) { buffer in
        buffer.copyBytes(from: [0xFF, 0xFE, 0x31, 0])
        return 4
      }
      _ = table
    }
    #expect(throws: MissingInputError.self) {
      _ = try CSVTable(path: "/nowhere/at/all.csv", format: CSVFormat())
    }
  }

  /// Splits one line as RFC 4180 says, a character at a time; `nil` where it is malformed.
  static func slowCells(_ line: String) -> [String]? {
    var cells: [String] = []
    var rest = Array(line)[...]
    while true {
      var cell = ""
      if rest.first == "\"" {
        rest.removeFirst()
        while true {
          guard let next = rest.popFirst() else { return nil }
          if next != "\"" {
            cell.append(next)
          } else if rest.first == "\"" {
            rest.removeFirst()
            cell.append("\"")
          } else {
            break
          }
        }
        guard rest.isEmpty || rest.first == "," else { return nil }
      } else {
        while let next = rest.first, next != "," {
          cell.append(next)
          rest.removeFirst()
        }
      }
      cells.append(cell)
      guard rest.popFirst() != nil else { return cells }
    }
  }

  @Test("divides random text as a slow reading does, however it arrives", arguments: UInt64(0)..<60)
  func random(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let alphabet = Array("ab1,,,\"\"\n\n. é")
    let text = String(
      (0..<Int.random(in: 0...4_000, using: &random)).map { _ in
        alphabet.randomElement(using: &random)!
      })
    let (rows, rejected, _) = try Self.rows(
      text, CSVFormat(hasHeader: false, columnCount: 3),
      pieces: Int.random(in: 1...5_000, using: &random))
    var expected: [String] = []
    var refused: [Int] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty {
      if let cells = Self.slowCells(String(line)), cells.count == 3 {
        expected.append("\(index + 1) \(cells)")
      } else {
        refused.append(index + 1)
      }
    }
    #expect(rows.map { "\($0.line) \($0.cells)" } == expected)
    #expect(rejected.map(\.line) == refused)
  }

  @Test("divides a file of many blocks without losing or repeating a line")
  func blocks() throws {
    let lines = 300_000
    let text = (1...lines).map { "\($0),\($0 * 7)\n" }.joined()
    let (rows, rejected, _) = try Self.rows(text, CSVFormat(hasHeader: false), pieces: 100_003)
    #expect(rejected.isEmpty)
    #expect(rows.count == lines)
    #expect(rows.allSatisfy { Int($0.cells[0]) == $0.line && Int($0.cells[1]) == $0.line * 7 })
  }

  @Test("guesses the types of a user's table")
  func typed() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/labels.csv"
    try """
    time,side,label,score,ok,nothing
    2024-08-08T23:54:15Z,buy,1,0.5,true,
    2024-08-08T23:54:16Z,,,-1e-3,false,
    2024-08-08T23:54:17Z,sell,3,,true,NA
    """.write(toFile: path, atomically: true, encoding: .utf8)
    let frame = try CSVTable.frame(path: path)
    #expect(
      frame.hasSameCells(
        as: Frame([
          (
            "time",
            .timestamp(
              (0..<3).map { 1_723_161_255_000_000_000 + Int64($0) * 1_000_000_000 })
          ),
          ("side", .category(Categories(["buy", nil, "sell"]))),
          ("label", .int64([1, Column.missing, 3])), ("score", .double([0.5, -1e-3, .nan])),
          ("ok", .bool([true, false, true])), ("nothing", .double([.nan, .nan, .nan])),
        ])))
    #expect(
      try CSVTable.frame(path: path, columnNames: ["a", "b", "c", "d", "e", "f"]).rowCount == 4)
    try "a,b\n1,2\n3\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect {
      _ = try CSVTable.frame(path: path)
    } throws: {
      "\($0)".contains("Expected 2 columns, got 1")
    }
  }
}
