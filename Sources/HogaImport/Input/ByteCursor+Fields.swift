internal import HogaCore

extension ByteCursor {
  /// A whole number with an optional minus, of at most 18 digits.
  mutating func signed() -> Int64? {
    let negative = byte == 0x2d
    if negative { step() }
    return unsigned().map { negative ? -$0 : $0 }
  }

  /// Seconds with up to nine decimals (more only if they are zero), exactly, in nanoseconds.
  mutating func secondsInNanoseconds() -> Int64? {
    var failure = DecimalFailure.none
    guard byte != 0x22, byte != 0x2d else { return nil }
    let nanoseconds = decimal(9, &failure)
    return failure == .none ? nanoseconds : nil
  }
}
