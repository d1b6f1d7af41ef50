internal import Foundation
internal import HogaCore

/// Cuts a stream into lines without copying them.
///
/// Memory is one block, or the longest line if that is longer. A line ends with LF or CRLF.
///
/// The byte after the last byte of a line is always readable and below 0x20 (its line end, or one
/// that is put there), so a scanner that stops at any byte it did not ask for needs no bounds.
@safe package struct LineReader: ~Copyable {
  package enum Ending {
    case newline
    /// The file ends without a line end here: the line may be torn.
    case endOfFile
    /// Longer than the limit; only its front is shown.
    case tooLong
  }

  /// The current line, until the next call of `next`.
  package private(set) var line = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// Counted from one.
  package private(set) var lineNumber: Int64 = 0
  package private(set) var ending = Ending.newline
  /// Why the compressed data ended too early; set once `next` returned false.
  package private(set) var truncation: String?
  /// Decompressed bytes handed out so far, with line ends.
  package private(set) var bytesRead: Int64 = 0

  private let stream: any ByteStream
  private let maximumLine: Int
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var start = 0
  private var end = 0
  private var streamEnded = false
  /// Called with the bytes of the file read since the last call.
  private let advance: (Int64) throws -> Void
  private var reported: Int64 = 0

  package init(
    _ stream: any ByteStream, block: Int = 1 << 20, maximumLine: Int = 16 << 20,
    advance: @escaping (Int64) throws -> Void = { _ in }
  ) {
    self.stream = stream
    self.maximumLine = maximumLine
    self.advance = advance
    capacity = block
    unsafe buffer = .allocate(capacity: block + 1)
  }

  deinit { unsafe buffer.deallocate() }

  /// Steps to the next line; returns false at the end.
  package mutating func next() throws -> Bool {
    var searched = 0
    while true {
      let from = unsafe buffer + start + searched
      if let found = unsafe memchr(from, 0x0a, end - start - searched) {
        let newline =
          unsafe UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(buffer)
        show(upTo: newline, .newline)
        start = newline + 1
        return true
      }
      searched = end - start
      if searched > maximumLine {
        show(upTo: start + min(searched, 200), .tooLong)
        try skipRest()
        return true
      }
      guard try fill() else {
        guard end > start, truncation == nil else {
          if end > start { lineNumber += 1 }
          return false
        }
        unsafe buffer[end] = 0x0a  // in bounds: one byte more than `capacity` was allocated
        show(upTo: end, .endOfFile)
        start = end
        return true
      }
    }
  }

  private mutating func show(upTo stop: Int, _ ending: Ending) {
    var count = stop - start
    bytesRead += Int64(count + 1)
    if count > 0, unsafe buffer[stop - 1] == 0x0d { count -= 1 }
    unsafe line = UnsafeBufferPointer(start: buffer + start, count: count)
    self.ending = ending
    lineNumber += 1
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
      streamEnded = count == 0
    } catch let error as TruncatedStream {
      truncation = error.reason
      streamEnded = true
    }
    try advance(stream.position - reported)
    reported = stream.position
    return !streamEnded
  }

  /// Drops bytes up to the next line end. What is shown of the line is kept at the buffer's front.
  private mutating func skipRest() throws {
    let shown = line.count
    unsafe memmove(buffer, line.baseAddress!, shown)
    unsafe buffer[shown] = 0x0a
    unsafe line = UnsafeBufferPointer(start: buffer, count: shown)
    // The rest is read into the space behind it.
    while true {
      start = shown + 1
      end = start
      do {
        let space = unsafe UnsafeMutableRawBufferPointer(
          start: buffer + start, count: capacity - start)
        let count = try stream.read(into: space)
        end += count
        streamEnded = count == 0
      } catch let error as TruncatedStream {
        truncation = error.reason
        streamEnded = true
      }
      try advance(stream.position - reported)
      reported = stream.position
      if streamEnded { return }
      bytesRead += Int64(end - start)
      if let found = unsafe memchr(buffer + start, 0x0a, end - start) {
        start =
          unsafe UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(buffer)
          + 1
        bytesRead -= Int64(end - start)
        return
      }
    }
  }
}
