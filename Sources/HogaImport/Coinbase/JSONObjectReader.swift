internal import Foundation
internal import HogaCore

/// Cuts a stream into JSON objects without copying them: one on each line, or one after the other in
/// a list, on as many lines as the writer liked.
///
/// Memory is one block, or the longest object if that is longer. The byte after an object is
/// readable and zero while the object is shown, so a `ByteCursor` needs no bounds.
///
/// An object that is torn is shown as such, up to where that was noticed: a line end inside a text,
/// or, where objects begin at the start of a line, a line that begins another object. What follows is
/// read as if nothing had happened. An object that is never closed is shown as its first line, and
/// reading goes on with the next; not for ever, since each attempt reads to the end.
@safe struct JSONObjectReader: ~Copyable {
  enum Kind {
    case object
    /// What is shown is no whole object.
    case torn
    case tooLong
    /// Bytes between objects that are neither space, commas nor brackets.
    case foreign
  }

  private(set) var object = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private(set) var kind = Kind.object
  /// The line on which the object begins, counted from one.
  private(set) var lineNumber: Int64 = 1
  /// Lines seen so far.
  private(set) var lineCount: Int64 = 1
  /// Why the compressed data ended too early; set once `next` returned false.
  private(set) var truncation: String?
  /// Decompressed bytes read so far.
  private(set) var bytesRead: Int64 = 0

  private let stream: any ByteStream
  private let maximumObject: Int
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var start = 0
  private var end = 0
  private var streamEnded = false
  /// The byte that the zero after the object stands for.
  private var covered: (index: Int, byte: UInt8)?
  /// How often an object was given up after reading to the end.
  private var attempts = 0
  private static let maximumAttempts = 16
  /// Whether `start` is the first byte of a line.
  private var startsLine = true
  private let advance: (Int64) throws -> Void
  private var reported: Int64 = 0

  init(
    _ stream: any ByteStream, block: Int = 1 << 20, maximumObject: Int = 256 << 20,
    advance: @escaping (Int64) throws -> Void = { _ in }
  ) {
    self.stream = stream
    self.maximumObject = maximumObject
    self.advance = advance
    capacity = block
    unsafe buffer = .allocate(capacity: block + 1)
  }

  deinit { unsafe buffer.deallocate() }

  /// Steps to the next object; returns false at the end.
  mutating func next() throws -> Bool {
    if let covered {
      unsafe buffer[covered.index] = covered.byte
      self.covered = nil
    }
    guard try skipToObject() else { return false }
    if unsafe buffer[start] != UInt8(ascii: "{") {
      try showForeign()
      return true
    }
    return try showObject()
  }

  /// Steps over what stands between objects.
  private mutating func skipToObject() throws -> Bool {
    while true {
      while start < end {
        switch unsafe buffer[start] {
        case 0x0a:
          lineCount += 1
          startsLine = true
        // Space, commas and brackets, wherever they stand; and a mark of the byte order.
        case 0x20, 0x09, 0x0d, 0x2c, 0x5b, 0x5d, 0xef, 0xbb, 0xbf: startsLine = false
        default:
          lineNumber = lineCount
          return true
        }
        start += 1
      }
      guard try fill() else { return false }
    }
  }

  private mutating func showForeign() throws {
    var length = 1
    while true {
      while start + length < end {
        let byte = unsafe buffer[start + length]
        guard byte != 0x0a, byte != UInt8(ascii: "{"), length < 1 << 16 else {
          return show(length, .foreign)
        }
        length += 1
      }
      guard try fill() else { return show(length, .foreign) }
    }
  }

  private mutating func showObject() throws -> Bool {
    let beganLine = startsLine
    var length = 0
    var depth = 0
    var isInText = false
    var lines: Int64 = 0
    while true {
      // The bytes up to `end` that were not looked at yet.
      while start + length < end {
        let byte = unsafe buffer[start + length]
        length += 1
        if isInText {
          if byte == 0x22 {
            isInText = false
          } else if byte == 0x5c {
            // The byte after it is of the text, whatever it is; it may not be here yet.
            while start + length >= end {
              guard try fill() else { return showRest() }
            }
            if unsafe buffer[start + length] >= 0x20 { length += 1 }
          } else if byte < 0x20 {
            lineCount += lines
            show(length - 1, .torn)
            return true
          }
          continue
        }
        switch byte {
        case 0x22: isInText = true
        case 0x7b:
          if beganLine, depth > 0, unsafe buffer[start + length - 2] == 0x0a {
            lineCount += lines
            show(length - 1, .torn)
            startsLine = true
            return true
          }
          depth += 1
        case 0x7d:
          depth -= 1
          if depth == 0 {
            lineCount += lines
            show(length, .object)
            return true
          }
        case 0x0a: lines += 1
        default: break
        }
      }
      guard length <= maximumObject else {
        showFirstLine(length, .tooLong)
        return true
      }
      guard try fill() else { return showRest() }
    }
  }

  /// What is left is no whole object. Data that was cut has its own report.
  private mutating func showRest() -> Bool {
    guard truncation == nil, end > start else {
      start = end
      return false
    }
    showFirstLine(end - start, .torn)
    return true
  }

  /// Gives up an object of which `length` bytes were seen.
  private mutating func showFirstLine(_ length: Int, _ kind: Kind) {
    attempts += 1
    var shown = length
    if attempts <= Self.maximumAttempts, let newline = unsafe memchr(buffer + start, 0x0a, length) {
      shown =
        unsafe UnsafePointer(newline.assumingMemoryBound(to: UInt8.self))
        - UnsafePointer(buffer + start)
    } else {
      for index in start..<(start + length) where unsafe buffer[index] == 0x0a { lineCount += 1 }
    }
    show(shown, kind)
  }

  private mutating func show(_ length: Int, _ kind: Kind) {
    let stop = start + length
    self.kind = kind
    startsLine = false
    // In bounds: one byte more than `capacity` was allocated.
    covered = unsafe (stop, stop < end ? buffer[stop] : 0)
    unsafe buffer[stop] = 0
    unsafe object = UnsafeBufferPointer(start: buffer + start, count: length)
    start = stop
  }

  /// Reads another block behind what is left of the last one; returns false at the stream's end.
  private mutating func fill() throws -> Bool {
    guard !streamEnded else { return false }
    let left = end - start
    if start > 0 {
      unsafe memmove(buffer, buffer + start, left)
      start = 0
      end = left
    }
    if end == capacity {
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2 + 1)
      unsafe memcpy(larger, buffer, end)
      unsafe buffer.deallocate()
      unsafe buffer = larger
      capacity *= 2
    }
    do {
      let space = unsafe UnsafeMutableRawBufferPointer(start: buffer + end, count: capacity - end)
      let count = try stream.read(into: space)
      end += count
      bytesRead += Int64(count)
      streamEnded = count == 0
    } catch let error as TruncatedStream {
      truncation = error.reason
      streamEnded = true
    }
    try advance(stream.position - reported)
    reported = stream.position
    return !streamEnded
  }
}

extension ByteCursor {
  /// Steps over space and line ends. The zero after an object stops it.
  @inline(__always) mutating func skipJSONSpace() {
    while byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { step() }
  }

  /// Steps over `expected`, with space and line ends before it.
  @inline(__always) mutating func takeJSON(_ expected: UInt8) -> Bool {
    skipJSONSpace()
    guard byte == expected else { return false }
    step()
    return true
  }

  /// The bytes of a text without its quotes, or of a number or word; `nil` for a list or an object,
  /// and for what is none of these.
  @inline(__always) mutating func jsonScalar() -> UnsafeBufferPointer<UInt8>? {
    skipJSONSpace()
    if byte == 0x22 { return unsafe string() }
    let start = self
    // Signs, points, digits and letters.
    while (byte >= 0x2b && byte <= 0x39 && byte != 0x2c && byte != 0x2f)
      || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a)
    {
      step()
    }
    guard distance(from: start) > 0 else { return nil }
    return unsafe bytes(since: start)
  }

  /// Steps over any value. Counts brackets instead of recursing.
  mutating func skipJSONValue() -> Bool {
    var depth = 0
    repeat {
      skipJSONSpace()
      switch byte {
      case 0x5b, 0x7b:
        depth += 1
        step()
      case 0x5d, 0x7d:
        guard depth > 0 else { return false }
        depth -= 1
        step()
      case 0x2c, 0x3a:
        guard depth > 0 else { return false }
        step()
      default: guard unsafe jsonScalar() != nil else { return false }
      }
    } while depth > 0
    return true
  }
}
