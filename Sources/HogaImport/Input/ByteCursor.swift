internal import HogaCore

/// A place in a line that `LineReader` shows.
///
/// The line is followed by a byte below 0x20. Every method stops at a byte it did not ask for, and
/// none asks for one below 0x20, so no step leads past that byte: this is why there are no bounds.
@safe package struct ByteCursor {
  private(set) var pointer: UnsafePointer<UInt8>

  package init(_ line: UnsafeBufferPointer<UInt8>) { unsafe pointer = line.baseAddress! }
  private init(_ pointer: UnsafePointer<UInt8>) { unsafe self.pointer = pointer }

  @inline(__always) var byte: UInt8 { unsafe pointer.pointee }

  /// - Precondition: the byte here is not below 0x20.
  @inline(__always) mutating func step() { unsafe pointer += 1 }

  @inline(__always) mutating func skipSpace() {
    while byte == 0x20 { step() }
  }

  /// Steps over `expected`, with space before it.
  @inline(__always) mutating func take(_ expected: UInt8) -> Bool {
    if byte != expected {
      skipSpace()
      guard byte == expected else { return false }
    }
    step()
    return true
  }

  @inline(__always) func distance(from start: ByteCursor) -> Int {
    unsafe pointer - start.pointer
  }

  /// The bytes from `start` up to here.
  func bytes(since start: ByteCursor) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: start.pointer, count: pointer - start.pointer)
  }

  // MARK: Numbers

  /// An unsigned whole number of at most 18 digits.
  @inline(__always) mutating func unsigned() -> Int64? {
    var value: Int64 = 0
    let start = self
    var digit = byte &- 0x30
    while digit <= 9 {
      value = value &* 10 &+ Int64(digit)
      step()
      digit = byte &- 0x30
    }
    let digits = distance(from: start)
    return digits > 0 && digits <= 18 ? value : nil
  }

  package enum DecimalFailure: UInt8, Sendable { case none, notANumber, tooFine, tooLarge }

  /// A decimal number in quotes or bare, as a count of `10^-decimals`.
  ///
  /// On failure, the cursor stands somewhere inside the value.
  @inline(__always)
  package mutating func decimal(_ decimals: Int, _ failure: inout DecimalFailure) -> Int64 {
    let quoted = byte == 0x22
    if quoted { step() }
    let negative = byte == 0x2d
    if negative { step() }
    var value: Int64 = 0
    let start = self
    var digit = byte &- 0x30
    while digit <= 9 {
      value = value &* 10 &+ Int64(digit)
      step()
      digit = byte &- 0x30
    }
    var digits = distance(from: start)
    guard digits > 0 else {
      failure = .notANumber
      return 0
    }
    var missing = decimals
    if byte == 0x2e {
      step()
      digit = byte &- 0x30
      while digit <= 9, missing > 0 {
        value = value &* 10 &+ Int64(digit)
        step()
        missing -= 1
        digit = byte &- 0x30
      }
      while byte == 0x30 { step() }
      if byte &- 0x30 <= 9 { failure = .tooFine }
      while byte &- 0x30 <= 9 { step() }
    }
    digits += decimals
    if digits > 18 {
      // The wrapped product is worthless; zeros in front are no reason to refuse a number.
      failure = .tooLarge
      return 0
    }
    while missing > 0 {
      value = value &* 10
      missing -= 1
    }
    if quoted {
      guard byte == 0x22 else {
        failure = .notANumber
        return 0
      }
      step()
    }
    return negative ? -value : value
  }

  // MARK: Structure

  /// The content of a string, without resolving escapes; `nil` where it does not end in the line.
  @inline(__always) mutating func string() -> UnsafeBufferPointer<UInt8>? {
    guard take(0x22) else { return nil }
    let start = self
    while true {
      switch byte {
      case 0x22:
        let content = unsafe bytes(since: start)
        step()
        return unsafe content
      case 0x5c:
        step()
        guard byte >= 0x20 else { return nil }
        step()
      case 0..<0x20: return nil
      default: step()
      }
    }
  }

  /// Steps over any value; returns false where it is not well formed enough to be stepped over.
  ///
  /// Counts brackets instead of recursing, so that hostile nesting cannot exhaust the stack.
  mutating func skipValue() -> Bool {
    var depth = 0
    repeat {
      skipSpace()
      switch byte {
      case 0x22: guard unsafe string() != nil else { return false }
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
      case 0..<0x20: return false
      default:
        // A number or a word.
        let start = self
        while (byte >= 0x2b && byte <= 0x39 && byte != 0x2c)
          || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a)
        {
          step()
        }
        guard distance(from: start) > 0 else { return false }
      }
    } while depth > 0
    return true
  }
}
