/// Elementary functions made of IEEE additions, multiplications and divisions only.
///
/// The C library's functions may differ in the last bit from machine to machine, and a last bit can
/// round to another tick or nanosecond: a run's fingerprint, or a synthetic market, would depend on
/// the machine. These give equal bits everywhere, within about two units in the last place.
package enum PortableMath {
  // Natural logarithm of two in two parts, the first with zeros at its end, so that its multiples
  // are exact (W. J. Cody, W. Waite, "Software Manual for the Elementary Functions", 1980).
  private static let logTwoHigh = 0x1.62e42feep-1
  private static let logTwoLow = 0x1.a39ef35793c76p-33
  private static let inverseLogTwo = 0x1.71547652b82fep+0
  /// Added and taken away again, it rounds to a whole number.
  private static let rounding = 0x1.8p52

  /// `e^x`; infinity above 709.7, zero below −745.
  package static func exp(_ x: Double) -> Double {
    // Near the ends 2^k alone is no normal number: in two steps.
    guard x > -708, x < 709 else {
      if x.isNaN { return x }
      if x > 709.78 { return .infinity }
      if x < -745.13 { return 0 }
      let half = exp(x * 0.5)
      return half * half
    }
    let count = (x * inverseLogTwo + rounding) - rounding
    let r = (x - count * logTwoHigh) - count * logTwoLow
    // Taylor's series on |r| ≤ 0.347: the first term left out is below 10⁻¹⁷.
    var sum = 1.0 / 6_227_020_800
    sum = sum * r + 1.0 / 479_001_600
    sum = sum * r + 1.0 / 39_916_800
    sum = sum * r + 1.0 / 3_628_800
    sum = sum * r + 1.0 / 362_880
    sum = sum * r + 1.0 / 40_320
    sum = sum * r + 1.0 / 5_040
    sum = sum * r + 1.0 / 720
    sum = sum * r + 1.0 / 120
    sum = sum * r + 1.0 / 24
    sum = sum * r + 1.0 / 6
    sum = sum * r + 0.5
    let power = Double(bitPattern: UInt64(bitPattern: Int64(count) + 1023) << 52)
    return (1 + (r + r * r * sum)) * power
  }

  /// The natural logarithm; −∞ at zero, NaN below.
  package static func log(_ x: Double) -> Double {
    guard x >= .leastNormalMagnitude, x < .infinity else {
      if x > 0, x < 1 { return log(x * 0x1p54) - 54 * (logTwoHigh + logTwoLow) }
      return x == 0 ? -.infinity : x > 0 ? x : .nan
    }
    var exponent = Double(Int(x.bitPattern >> 52) - 1023)
    var m = Double(bitPattern: x.bitPattern & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
    if m > 0x1.6a09e667f3bcdp+0 {
      m *= 0.5
      exponent += 1
    }
    // log m = 2 artanh s with s = (m − 1) / (m + 1), |s| ≤ 0.172.
    let s = (m - 1) / (m + 1)
    let z = s * s
    var sum = 1.0 / 21
    sum = sum * z + 1.0 / 19
    sum = sum * z + 1.0 / 17
    sum = sum * z + 1.0 / 15
    sum = sum * z + 1.0 / 13
    sum = sum * z + 1.0 / 11
    sum = sum * z + 1.0 / 9
    sum = sum * z + 1.0 / 7
    sum = sum * z + 1.0 / 5
    sum = sum * z + 1.0 / 3
    return exponent * logTwoHigh + (2 * s + (2 * s * z * sum + exponent * logTwoLow))
  }

  /// `e^x − 1`, exact to its last places also near zero.
  package static func expm1(_ x: Double) -> Double { abs(x) < 0.347 ? series(x) : exp(x) - 1 }

  /// `x^y` for `x ≥ 0`; `0^y` is zero for `y > 0`.
  package static func power(_ x: Double, _ y: Double) -> Double {
    if y == 1 { return x }
    if y == 0 { return 1 }
    if y == 0.5 { return x.squareRoot() }
    return exp(y * log(x))
  }

  /// `arsinh x` for `x ≥ 0`, exact to its last places also near zero.
  package static func asinh(_ x: Double) -> Double {
    if x > 1e8 { return log(x) + 0x1.62e42fefa39efp-1 }
    let root = (x * x + 1).squareRoot()
    guard x < 0.3 else { return log(x + root) }
    // ln(1 + y) = 2·artanh(y/(2 + y))
    let y = x + x * x / (1 + root)
    let s = y / (2 + y)
    return artanhTail(s) + 2 * s
  }

  /// `2·artanh s − 2·s` for `|s| ≤ 0.172`: the leading term is left to be added last.
  private static func artanhTail(_ s: Double) -> Double {
    let square = s * s
    var sum = 0.0
    for odd in stride(from: 23.0, to: 1, by: -2) { sum = sum * square + 1 / odd }
    return 2 * s * (sum * square)
  }

  private static func series(_ r: Double) -> Double {
    var sum = 0.0
    for divisor in stride(from: 15.0, to: 1, by: -1) { sum = (sum + 1) * r / divisor }
    return (sum + 1) * r
  }
}
