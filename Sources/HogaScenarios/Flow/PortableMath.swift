/// Exponential and logarithm from additions, multiplications and one division.
///
/// IEEE 754 fixes the bits of those operations on every machine, and leaves those of a system's
/// `exp` and `log` open: with these, equal seeds give equal markets everywhere. Both are within a
/// few units of the last place.
package enum PortableMath {
  // Natural logarithm of two in two parts, the first with zeros at its end, so that its multiples
  // are exact (W. J. Cody, W. Waite, "Software Manual for the Elementary Functions", 1980).
  private static let logTwoHigh = 0x1.62e42feep-1
  private static let logTwoLow = 0x1.a39ef35793c76p-33
  private static let inverseLogTwo = 0x1.71547652b82fep+0
  /// Added and taken away again, it rounds to a whole number.
  private static let rounding = 0x1.8p52

  /// `e^x`; zero below −708, where results would lose digits.
  package static func exp(_ x: Double) -> Double {
    guard x > -708 else { return x.isNaN ? .nan : 0 }
    guard x < 709 else { return .infinity }
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

  /// The natural logarithm of a number that is normal and above zero; −∞ at zero.
  package static func log(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
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
}
