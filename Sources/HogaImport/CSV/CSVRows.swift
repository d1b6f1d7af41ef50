internal import HogaCore

/// The data rows of one text file: passes over what is no row, and finds the mapping's columns.
struct CSVRows: ~Copyable {
  /// Where the mapping's columns are, from zero.
  struct Columns {
    var venue: Int?
    var symbol: Int?
    var time: [Int] = []
    var arrival: [Int] = []
    var id: Int?
    var aggressor: Int?
    var openInterest: Int?
    /// Of a trade or of levels in columns: bids, then asks, best first.
    var prices: [Int] = []
    var sizes: [Int] = []
    /// Levels in cells of both: bids, then asks, best first.
    var levelCells: [Int] = []
    var priceFirst = false
    /// Of a bar, in the table's order; `nil` where the mapping has none.
    var candleValues: [Int?] = []
  }

  private let mapping: CSVMapping
  private let file: String
  private(set) var reader: LineReader
  private(set) var columns = Columns()
  /// Why the current row cannot be split, if so.
  private(set) var problem: (reason: String, found: String?)?
  private(set) var emptyLines = 0
  private var splitter: RowSplitter
  private var line = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// Cells of every row; known from the header or the first row.
  private var width: Int?

  init(_ mapping: CSVMapping, _ input: InputFile, _ reader: consuming LineReader) {
    self.mapping = mapping
    file = input.name
    self.reader = reader
    splitter = RowSplitter(mapping.delimiter)
  }

  /// The content of a cell of the current row.
  func cell(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    unsafe splitter.cell(index, of: line)
  }

  /// Whether no cell of the current row has content.
  var isEmptyRow: Bool {
    (0..<splitter.count).allSatisfy { unsafe splitter.cell($0, of: line).isEmpty }
  }

  func excerptOfRow() -> String { unsafe excerpt(line) }

  /// Steps to the next row; returns false at the end.
  ///
  /// - Throws: `DataError` where the header lacks a column of the mapping.
  mutating func next() throws -> Bool {
    while try reader.next() {
      unsafe line = reader.line
      if reader.lineNumber == 1, unsafe line.starts(with: [0xef, 0xbb, 0xbf]) {
        unsafe line = UnsafeBufferPointer(rebasing: line[3...])  // a byte order mark
      }
      if reader.lineNumber <= mapping.skippedLines { continue }
      if unsafe line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
        emptyLines += 1
        continue
      }
      if !mapping.comment.isEmpty, unsafe line.starts(with: mapping.comment) { continue }
      problem = nil
      if reader.ending == .tooLong {
        problem = ("line is longer than 16 MiB", nil)
        return true
      }
      do throws(RowSplitter.Failure) {
        try unsafe splitter.split(line)
      } catch {
        problem =
          error == .openQuote ? ("a quote is not closed", nil) : ("text after a closing quote", nil)
        return true
      }
      guard let width else {
        try begin()
        if mapping.hasHeader { continue }
        checkEnd()
        return true
      }
      if reader.ending == .endOfFile, !mapping.acceptsOpenLastLine {
        checkEnd()
      } else if splitter.count != width {
        problem = ("wrong number of columns", "\(splitter.count) instead of \(width)")
      }
      return true
    }
    return false
  }

  private mutating func checkEnd() {
    if reader.ending == .endOfFile, !mapping.acceptsOpenLastLine {
      problem = (
        "torn last line (no line end; 'last_line: complete' in the mapping accepts it)", nil
      )
    }
  }

  /// Learns from the header, or from the first row, where the columns are.
  private mutating func begin() throws {
    width = splitter.count
    var names: [String] = []
    if mapping.hasHeader {
      names = (0..<splitter.count).map { String(decoding: cell($0), as: UTF8.self) }
    }
    func place(_ reference: CSVMapping.Reference) throws -> Int {
      switch reference {
      case .number(let number):
        guard number <= splitter.count else {
          throw DataError(
            "there are \(splitter.count) columns", file: file, row: Int(reader.lineNumber),
            column: "\(number)")
        }
        return number - 1
      case .name(let name):
        guard mapping.hasHeader else {
          throw DataError(
            "a file without a header has numbered columns", file: mapping.file, column: name)
        }
        let places = names.indices.filter { names[$0] == name }
        guard let place = places.first, places.count == 1 else {
          throw DataError(
            places.isEmpty
              ? "no such column; there are \(names.prefix(20).joined(separator: ", "))"
              : "\(places.count) columns have this name", file: file,
            row: Int(reader.lineNumber), column: name)
        }
        return place
      }
    }
    var found = Columns()
    if case .column(let reference) = mapping.venue { found.venue = try place(reference) }
    if case .column(let reference) = mapping.symbol { found.symbol = try place(reference) }
    found.time = try mapping.time?.columns.map(place) ?? []
    found.arrival = try mapping.arrival?.columns.map(place) ?? []
    found.id = try mapping.id.map(place)
    found.aggressor = try mapping.aggressor.map { try place($0.column) }
    found.openInterest = try mapping.openInterest.map(place)
    found.prices = try mapping.price.map { [try place($0)] } ?? []
    found.sizes = try mapping.size.map { [try place($0)] } ?? []
    for source in [mapping.bids, mapping.asks] {
      switch source {
      case .columns(let levels):
        found.prices += try levels.map { try place($0.price) }
        found.sizes += try levels.map { try place($0.size) }
      case .cells(let cells, let priceFirst):
        found.levelCells += try cells.map(place)
        found.priceFirst = priceFirst
      case nil: break
      }
    }
    found.candleValues = try mapping.candles?.values.map { try $0.map(place) } ?? []
    columns = found
  }
}
