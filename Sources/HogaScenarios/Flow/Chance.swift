internal import HogaCore

/// One stream of chance, with the laws that markets need.
struct Chance: Sendable {
  private var random: SeededRandom
  private var spare: Double?

  /// - Parameter stream: tells the streams of one seed apart, so that what one of them draws leaves
  ///   the others as they are.
  init(seed: UInt64, stream: UInt64) {
    random = Self.generator(seed: seed, stream: stream)
  }

  static func generator(seed: UInt64, stream: UInt64) -> SeededRandom {
    // Seeds of neighbouring streams are far apart, and `SeededRandom` mixes them once more.
    SeededRandom(seed ^ (stream &* 0xD1B5_4A32_D192_ED03))
  }

  mutating func uniform() -> Double { random.uniform() }

  /// An exponential variate with mean one.
  mutating func exponential() -> Double { -PortableMath.log(1 - random.uniform()) }

  /// A whole number in `0..<bound`.
  mutating func index(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

  /// A standard normal variate.
  ///
  /// Source: G. Marsaglia, T. A. Bray, "A convenient method for generating normal variables", 1964.
  mutating func normal() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    while true {
      let u = 2 * random.uniform() - 1
      let v = 2 * random.uniform() - 1
      let s = u * u + v * v
      guard s > 0, s < 1 else { continue }
      let factor = (-2 * PortableMath.log(s) / s).squareRoot()
      spare = v * factor
      return u * factor
    }
  }
}
