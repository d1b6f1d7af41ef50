/// The standard normal distribution.
public enum NormalDistribution {
  /// `1/√(2π)`.
  private static let densityAtZero = 0.398_942_280_401_432_7

  public static func density(_ z: Double) -> Double { densityAtZero * exponential(-z * z / 2) }

  /// The probability of a value below `z`, to about 10⁻¹⁵ of itself, also far out in the left tail.
  ///
  /// `Φ(z) = erfc(−z/√2)/2`. Rounding the argument alone would cost `z²` units in the last place, so
  /// what rounding took away is put back by the slope of erfc.
  public static func cumulative(_ z: Double) -> Double {
    guard abs(z) < 40 else { return z > 0 ? 1 : z < 0 ? 0 : .nan }
    // 1/√2 as the sum of two doubles.
    let high = 0x1.6a09e667f3bcdp-1
    let low = -0x1.bdd3413b26456p-55
    let argument = -z * high
    let lost = (-argument).addingProduct(-z, high) - z * low
    let slope = -1.128_379_167_095_512_6 * exponential(-argument * argument)  // −2/√π · e^(−x²)
    return 0.5 * (complementaryError(argument) + slope * lost)
  }

  /// The value below which lies probability `p`, to about 10⁻¹⁵ of itself; ∓∞ at 0 and 1, NaN outside.
  ///
  /// Source: M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution",
  /// Applied Statistics 37(3), 1988 (routine PPND16).
  public static func quantile(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
    let fromMiddle = p - 0.5
    if abs(fromMiddle) <= 0.425 {
      let r = 0.180625 - fromMiddle * fromMiddle
      return fromMiddle * polynomial(central.top, r) / polynomial(central.bottom, r)
    }
    let r = (-logarithm(fromMiddle < 0 ? p : 1 - p)).squareRoot()
    let (parts, place) = r <= 5 ? (near, r - 1.6) : (far, r - 5)
    let size = polynomial(parts.top, place) / polynomial(parts.bottom, place)
    return fromMiddle < 0 ? -size : size
  }

  /// Coefficients from the constant upward.
  private typealias Rational = (top: [Double], bottom: [Double])

  private static let central: Rational = (
    [
      3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
      45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
    ],
    [
      1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
      39307.89580009271061, 28729.085735721942674, 5226.495278852545925,
    ]
  )
  private static let near: Rational = (
    [
      1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
      1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833,
      7.7454501427834140764e-4,
    ],
    [
      1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455,
      0.14810397642748007459, 0.0151986665636164571966, 5.475938084995344946e-4,
      1.05075007164441684324e-9,
    ]
  )
  private static let far: Rational = (
    [
      6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
      0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5,
      2.01033439929228813265e-7,
    ],
    [
      1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525,
      7.868691311456132591e-4, 1.8463183175100546818e-5, 1.4215117583164458887e-7,
      2.04426310338993978564e-15,
    ]
  )

  private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
    coefficients.reversed().reduce(0) { $0 * x + $1 }
  }
}
