/// Seeded uniform and normal numbers, with equal bits on every machine.
package struct NormalRandom: Sendable {
  /// Where uniform numbers, and other laws, draw from.
  package var uniforms: SeededRandom
  private var spare: Double?

  package init(_ uniforms: SeededRandom) { self.uniforms = uniforms }

  /// A number in `0..<1`.
  package mutating func uniform() -> Double { uniforms.uniform() }

  /// A standard normal number, by the polar method, which needs no sine.
  ///
  /// Source: G. Marsaglia, T. A. Bray, "A convenient method for generating normal variables", SIAM
  /// Review 6(3), 1964.
  package mutating func normal() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    while true {
      let x = 2 * uniforms.uniform() - 1
      let y = 2 * uniforms.uniform() - 1
      let square = x * x + y * y
      guard square < 1, square > 0 else { continue }
      let factor = (-2 * PortableMath.log(square) / square).squareRoot()
      spare = y * factor
      return x * factor
    }
  }
}
