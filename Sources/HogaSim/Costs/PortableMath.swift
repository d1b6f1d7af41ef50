/// Elementary functions made of IEEE additions, multiplications and divisions only.
///
/// Impact, schedules and drawn latencies decide prices and times of fills. The C library's functions
/// may differ in the last bit from machine to machine, and a last bit can round to another tick, so
/// a run's fingerprint would depend on the machine. These give equal bits everywhere, within about
/// two units in the last place.
package enum PortableMath {
  // ln 2 in two parts, the first with trailing zeros so that its small multiples are exact.
  private static let ln2High = 0x1.62e42fefa38p-1
  private static let ln2Low = 0x1.ef35793c7673p-45

  /// `e^x`; infinity above 709.7, zero below −745.
  package static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.78 { return .infinity }
    if x < -745.13 { return 0 }
    let k = (x / 0x1.62e42fefa39efp-1).rounded()
    let r = (x - k * ln2High) - k * ln2Low
    // Taylor; |r| ≤ 0.347, so the first term left out is below 2⁻⁵⁶ of the sum.
    let value = 1 + series(r)
    // In two steps, since 2^k alone may not be a normal number.
    let half = Int((k / 2).rounded(.down))
    return value * power(half) * power(Int(k) - half)
  }

  /// `e^x − 1`, exact to its last places also near zero.
  package static func expm1(_ x: Double) -> Double { abs(x) < 0.347 ? series(x) : exp(x) - 1 }

  /// The natural logarithm; −∞ at zero, NaN below.
  package static func log(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
    guard x.isFinite else { return x }
    var exponent = Double(x.exponent)
    var fraction = x.significand
    if fraction > 0x1.6a09e667f3bcdp0 {
      fraction /= 2
      exponent += 1
    }
    // ln f = 2·artanh((f − 1)/(f + 1)), with an argument of 0.172 at most.
    let s = (fraction - 1) / (fraction + 1)
    return exponent * ln2High + ((exponent * ln2Low + artanhTail(s)) + 2 * s)
  }

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

  private static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}
