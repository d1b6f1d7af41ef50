internal import HogaCore

extension ByteCursor {
  /// A whole number with an optional minus, of at most 18 digits.
  mutating func signed() -> Int64? {
    let negative = byte == 0x2d
    if negative { step() }
    return unsigned().map { negative ? -$0 : $0 }
  }

  /// Seconds of a day with decimals, in nanoseconds.
  ///
  /// Some writers print a binary float in full: `43002.632812672004` has passed through one, whose
  /// neighbours lie 7·10⁻¹² away. Digits after the ninth decimal are therefore taken as such noise
  /// where they say less than 0.05 ns, and `isNoisy` is set; where they say more, it is `nil`.
  mutating func secondsInNanoseconds(isNoisy: inout Bool) -> Int64? {
    guard let seconds = unsigned(), seconds <= 1_000_000 else { return nil }
    var nanoseconds = seconds * 1_000_000_000
    guard byte == 0x2e else { return nanoseconds }
    step()
    var unit: Int64 = 100_000_000
    var count = 0
    var rest = 0  // the tenth to twelfth decimal
    while byte &- 0x30 <= 9 {
      let digit = Int64(byte &- 0x30)
      if count < 9 {
        nanoseconds += digit * unit
        unit /= 10
      } else if count < 12 {
        rest = rest * 10 + Int(digit)
      }
      step()
      count += 1
    }
    guard count > 0, count <= 17 else { return nil }
    for _ in min(max(count, 9), 12)..<12 { rest *= 10 }
    guard rest < 50 || rest > 950 else { return nil }
    if rest > 0 { isNoisy = true }
    return rest > 950 ? nanoseconds + 1 : nanoseconds
  }
}
