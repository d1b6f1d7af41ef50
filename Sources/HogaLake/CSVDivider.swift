/// Finds the cells of lines.
///
/// Written here rather than with Arrow's block parser because importers need what that one drops:
/// the line number of every row across empty and rejected lines, runs of spaces as a delimiter,
/// and quotes that cannot swallow the lines after a damaged one.
struct CSVDivider {
  /// Per cell of every row taken: where it begins, and where it ends.
  private(set) var bounds: [UInt32] = []
  /// Lines of the rows taken, counted from zero.
  private(set) var lines: [UInt32] = []
  private(set) var rejected: [(line: UInt32, reason: CSVBlock.Rejected.Reason)] = []
  private(set) var lineCount = 0
  private let format: CSVFormat
  private let columnCount: Int

  private enum Line {
    case cells(Int)
    case empty
    case rejected(CSVBlock.Rejected.Reason)
  }

  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let quote = UInt8(ascii: "\"")

  init(format: CSVFormat, columnCount: Int, byteCount: Int) {
    self.format = format
    self.columnCount = columnCount
    // A guess that most tables stay under, so that growing is rare.
    bounds.reserveCapacity(byteCount / 3)
    lines.reserveCapacity(byteCount / (4 * columnCount))
  }

  /// Divides all lines. Quoted cells are unescaped in place, which only makes them shorter.
  mutating func divide(_ bytes: UnsafeMutableBufferPointer<UInt8>) {
    var line: UInt32 = 0
    var start = 0
    while start < bytes.count {
      let kept = bounds.count
      let outcome: Line
      var position = start
      switch format.delimiter {
      case .character(let delimiter):
        unsafe outcome = divideLine(bytes, &position, delimiter)
      case .whitespace:
        unsafe outcome = divideSpacedLine(bytes, &position)
      }
      switch outcome {
      case .cells(columnCount): lines.append(line)
      case .cells(let found):
        bounds.removeLast(bounds.count - kept)
        rejected.append((line, .columns(expected: columnCount, found: found)))
      case .empty: bounds.removeLast(bounds.count - kept)
      case .rejected(let reason):
        bounds.removeLast(bounds.count - kept)
        rejected.append((line, reason))
        while position < bytes.count, unsafe bytes[position] != Self.newline { position += 1 }
        position += 1
      }
      start = position
      line += 1
    }
    lineCount = Int(line)
  }

  /// Divides the line at `position`, and moves behind its end.
  private mutating func divideLine(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, _ position: inout Int, _ delimiter: UInt8
  ) -> Line {
    let end = bytes.count
    var index = position
    var cells = 0
    var isQuoted = false
    while true {
      if format.quoting, index < end, unsafe bytes[index] == Self.quote {
        let cellStart = index + 1
        guard let cellEnd = unsafe unescape(bytes, &index) else {
          position = index
          return .rejected(.openQuote)
        }
        append(cellStart, cellEnd)
        if index < end, unsafe bytes[index] == Self.carriageReturn,
          unsafe index + 1 == end || bytes[index + 1] == Self.newline
        {
          index += 1
        }
        guard unsafe index == end || bytes[index] == delimiter || bytes[index] == Self.newline
        else {
          position = index
          return .rejected(.textAfterQuote)
        }
        isQuoted = true
      } else {
        let cellStart = index
        while index < end {
          let byte = unsafe bytes[index]
          if byte == delimiter || byte == Self.newline { break }
          index += 1
        }
        append(cellStart, index)
        isQuoted = false
      }
      cells += 1
      guard index < end, unsafe bytes[index] == delimiter else { break }
      index += 1
    }
    position = index + 1
    guard !isQuoted else { return .cells(cells) }
    // A carriage return at the line's end is no part of the last cell.
    let last = bounds.count - 1
    if bounds[last - 1] < bounds[last], unsafe bytes[index - 1] == Self.carriageReturn {
      bounds[last] -= 1
    }
    return cells == 1 && bounds[last - 1] == bounds[last] ? .empty : .cells(cells)
  }

  /// Reads the quoted cell whose opening quote is at `index`, and moves behind its closing quote.
  ///
  /// - Returns: where its text ends, or `nil` where the line ends first.
  private func unescape(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, _ index: inout Int
  ) -> Int? {
    index += 1
    var output = index
    while index < bytes.count, unsafe bytes[index] != Self.newline {
      if unsafe bytes[index] == Self.quote {
        guard index + 1 < bytes.count, unsafe bytes[index + 1] == Self.quote else {
          index += 1
          return output
        }
        index += 1
      }
      unsafe bytes[output] = unsafe bytes[index]
      output += 1
      index += 1
    }
    return nil
  }

  private mutating func divideSpacedLine(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, _ position: inout Int
  ) -> Line {
    func isSpace(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == Self.carriageReturn
    }
    let end = bytes.count
    var index = position
    var cells = 0
    while true {
      while index < end, unsafe isSpace(bytes[index]) { index += 1 }
      guard index < end, unsafe bytes[index] != Self.newline else { break }
      let cellStart = index
      while index < end, unsafe !isSpace(bytes[index]) && bytes[index] != Self.newline {
        index += 1
      }
      append(cellStart, index)
      cells += 1
    }
    position = index + 1
    return cells == 0 ? .empty : .cells(cells)
  }

  @inline(__always)
  private mutating func append(_ start: Int, _ end: Int) {
    bounds.append(UInt32(truncatingIfNeeded: start))
    bounds.append(UInt32(truncatingIfNeeded: end))
  }
}
