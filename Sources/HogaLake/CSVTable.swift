internal import Foundation
internal import HogaCore

/// Reads the raw cells of a CSV file block by block, in memory that does not grow with the file.
///
/// ```swift
/// let table = try CSVTable(path: "trades.csv", format: CSVFormat())
/// while let block = try table.next() {
///   block.withCells { cells in … Decimal.parse(cells[row, column], decimals: 2) … }
///   for rejected in block.rejected { … }
/// }
/// ```
///
/// Cells stay bytes, so that decimals stay exact and whoever reads them can name the line of one
/// that is wrong. For a table whose types may be guessed there is `CSVTable.frame(path:)`.
public final class CSVTable {
  /// Fills a part of the buffer and returns how many bytes, 0 at the end.
  public typealias ByteSource = (UnsafeMutableRawBufferPointer) throws -> Int

  /// The file's name, for errors.
  public let name: String
  public let format: CSVFormat
  /// The header's cells, or `nil` where there is none.
  public let header: [String]?
  /// Cells of every row.
  public let columnCount: Int
  /// Whether the text ended inside a line. It was taken as a whole line; where a file may be torn,
  /// this is how to know.
  public private(set) var endsInsideLine = false

  private var source: ByteSource
  // Text that was read and not handed out: the beginning of a line whose end is to come.
  private var rest: [UInt8]
  private var nextLine: Int
  private var isAtEnd = false

  /// About how much text makes a block.
  private static let blockBytes = 1 << 20
  /// A longer line is not a line of a table.
  private static let longestLine = 16 << 20

  /// Opens a file of plain text.
  public convenience init(path: String, format: CSVFormat) throws {
    let file = try Descriptor(path)
    try self.init(name: path, format: format) { try unsafe file.read(into: $0) }
  }

  /// Begins to read text from a source, such as a decoder of compressed files.
  ///
  /// - Throws: `DataError` where the text is not ASCII or UTF-8, has no row, or a header with
  ///   repeated names.
  public init(name: String, format: CSVFormat, source: @escaping ByteSource) throws {
    self.name = name
    self.format = format
    var source = source
    var start = Start(name: name)
    try start.fill(&source)
    try start.dropByteOrderMark()
    for _ in 0..<format.skippedLines { _ = try start.takeLine(&source) }
    if format.hasHeader {
      let line = start.line + 1
      guard let text = try start.takeLine(&source), !text.isEmpty else {
        throw DataError("has no header", file: name, row: line)
      }
      let cells = try Self.cells(of: text, format, file: name, line: line)
      let repeated = Dictionary(grouping: cells, by: { $0 }).filter { $0.value.count > 1 }
      if let twice = repeated.keys.min() {
        throw DataError("is named twice in the header", file: name, row: line, column: twice)
      }
      header = cells
      columnCount = format.columnCount ?? cells.count
    } else {
      header = nil
      columnCount = try format.columnCount ?? start.columnsOfNextRow(&source, format)
    }
    rest = start.bytes
    nextLine = start.line + 1
    self.source = source
    isAtEnd = start.isAtEnd
  }

  /// The next rows, or `nil` at the end.
  public func next() throws -> CSVBlock? {
    guard !isAtEnd || !rest.isEmpty else { return nil }
    var bytes = rest
    rest = []
    var searched = 0
    while true {
      if !isAtEnd, bytes.count < Self.blockBytes || searched > 0 {
        isAtEnd = try Self.read(&source, &bytes, upTo: bytes.count + Self.blockBytes)
      }
      if isAtEnd {
        endsInsideLine = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
        guard !bytes.isEmpty else { return nil }
        break
      }
      if let end = bytes[searched...].lastIndex(of: UInt8(ascii: "\n")) {
        rest = Array(bytes[(end + 1)...])
        bytes.removeSubrange((end + 1)...)
        break
      }
      searched = bytes.count
      guard searched <= Self.longestLine else {
        throw DataError("is longer than \(Self.longestLine >> 20) MiB", file: name, row: nextLine)
      }
    }
    let block = CSVBlock(bytes, firstLine: nextLine, columnCount: columnCount, format: format)
    nextLine += block.lineCount
    return block
  }

  /// Reads until `bytes` has `count` bytes.
  ///
  /// - Returns: whether the source has ended.
  fileprivate static func read(
    _ source: inout ByteSource, _ bytes: inout [UInt8], upTo count: Int
  ) throws -> Bool {
    var isAtEnd = false
    let kept = bytes
    bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = unsafe buffer.update(fromContentsOf: kept)
      while filled < count {
        let part = unsafe UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(rebasing: buffer[filled...]))
        let got = try unsafe source(part)
        precondition(got >= 0 && got <= part.count, "a source filled more than its buffer")
        filled += got
        if got == 0 {
          isAtEnd = true
          return
        }
      }
    }
    return isAtEnd
  }

  fileprivate static func cells(
    of line: [UInt8], _ format: CSVFormat, file: String, line number: Int
  ) throws -> [String] {
    // The count is not known: a first attempt tells it, by being refused.
    var count = 1
    var block = CSVBlock(line, firstLine: number, columnCount: count, format: format)
    if case .columns(_, let found) = block.rejected.first?.reason {
      count = found
      block = CSVBlock(line, firstLine: number, columnCount: count, format: format)
    }
    guard block.rowCount == 1 else {
      throw DataError("cannot be divided into cells", file: file, row: number)
    }
    return try (0..<count).map { column in
      let bytes = block.withCells { Array(unsafe $0[0, column]) }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw DataError("is not UTF-8", file: file, row: number)
      }
      return text
    }
  }

  /// The lines before the rows.
  private struct Start {
    let name: String
    var bytes: [UInt8] = []
    /// Lines taken.
    var line = 0
    var isAtEnd = false

    init(name: String) { self.name = name }

    mutating func fill(_ source: inout ByteSource) throws {
      if !isAtEnd {
        isAtEnd = try CSVTable.read(&source, &bytes, upTo: bytes.count + CSVTable.blockBytes)
      }
    }

    mutating func dropByteOrderMark() throws {
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
      if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
        throw DataError("is UTF-16; save it as UTF-8", file: name, row: 1)
      }
    }

    /// The next line without its end, or `nil` after the last.
    mutating func takeLine(_ source: inout ByteSource) throws -> [UInt8]? {
      while true {
        if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
          let line = Array(bytes[..<end])
          bytes.removeSubrange(...end)
          self.line += 1
          return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        }
        guard !isAtEnd else {
          defer { bytes = [] }
          line += bytes.isEmpty ? 0 : 1
          return bytes.isEmpty ? nil : bytes
        }
        guard bytes.count <= CSVTable.longestLine else {
          throw DataError(
            "is longer than \(CSVTable.longestLine >> 20) MiB", file: name, row: line + 1)
        }
        try fill(&source)
      }
    }

    /// The cells of the next line that is not empty, which stays where it is.
    mutating func columnsOfNextRow(_ source: inout ByteSource, _ format: CSVFormat) throws -> Int {
      while true {
        var number = line
        for text in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
          number += 1
          // The last piece may go on in what is not read yet.
          guard isAtEnd || text.endIndex < bytes.endIndex else { break }
          guard !text.isEmpty, !text.elementsEqual([UInt8(ascii: "\r")]) else { continue }
          return try CSVTable.cells(of: Array(text), format, file: name, line: number).count
        }
        guard !isAtEnd, bytes.count <= CSVTable.longestLine else {
          throw DataError("has no row", file: name)
        }
        try fill(&source)
      }
    }
  }

  /// A file that is read from its beginning.
  private final class Descriptor {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
      self.path = path
      descriptor = try openForReading(path)
    }

    deinit { close(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
      while true {
        let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if count >= 0 { return count }
        guard errno == EINTR else { throw ResourceError("\(path): \(systemMessage(errno))") }
      }
    }
  }
}
