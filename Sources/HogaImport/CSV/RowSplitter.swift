internal import HogaCore

/// Cuts a line into cells, without copying them.
struct RowSplitter {
  enum Failure: Error { case openQuote, textAfterQuote }

  private let delimiter: CSVMapping.Delimiter
  /// Where each cell of the current line begins and ends.
  private var bounds: [(start: Int, end: Int)] = []

  init(_ delimiter: CSVMapping.Delimiter) { self.delimiter = delimiter }

  var count: Int { bounds.count }

  /// The content of a cell, without quotes and blanks around it.
  func cell(_ index: Int, of line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let (start, end) = bounds[index]
    return unsafe UnsafeBufferPointer(rebasing: line[start..<end])
  }

  mutating func split(_ line: UnsafeBufferPointer<UInt8>) throws(Failure) {
    bounds.removeAll(keepingCapacity: true)
    switch delimiter {
    case .blanks: unsafe splitAtBlanks(line)
    case .byte(let byte): try unsafe split(line, at: byte)
    }
  }

  private mutating func splitAtBlanks(_ line: UnsafeBufferPointer<UInt8>) {
    var index = 0
    while true {
      while index < line.count, unsafe line[index] == 0x20 || line[index] == 0x09 { index += 1 }
      guard index < line.count else { return }
      let start = index
      while index < line.count, unsafe line[index] != 0x20 && line[index] != 0x09 { index += 1 }
      bounds.append((start, index))
    }
  }

  private mutating func split(
    _ line: UnsafeBufferPointer<UInt8>, at delimiter: UInt8
  ) throws(Failure) {
    var index = 0
    while true {
      while index < line.count, unsafe line[index] == 0x20 { index += 1 }
      if index < line.count, unsafe line[index] == 0x22 {
        let start = index + 1
        index = start
        while index < line.count, unsafe line[index] != 0x22 { index += 1 }
        guard index < line.count else { throw .openQuote }
        bounds.append((start, index))
        index += 1
        while index < line.count, unsafe line[index] == 0x20 { index += 1 }
        guard unsafe index == line.count || line[index] == delimiter else { throw .textAfterQuote }
      } else {
        let start = index
        while index < line.count, unsafe line[index] != delimiter { index += 1 }
        var end = index
        while end > start, unsafe line[end - 1] == 0x20 { end -= 1 }
        bounds.append((start, end))
      }
      guard index < line.count else { return }
      index += 1
    }
  }
}
