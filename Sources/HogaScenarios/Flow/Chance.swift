internal import HogaCore

/// One stream of chance, with the laws that markets need.
struct Chance: Sendable {
  private var random: NormalRandom

  /// - Parameter stream: tells the streams of one seed apart, so that what one of them draws leaves
  ///   the others as they are.
  init(seed: UInt64, stream: UInt64) {
    random = NormalRandom(Self.generator(seed: seed, stream: stream))
  }

  static func generator(seed: UInt64, stream: UInt64) -> SeededRandom {
    // Seeds of neighbouring streams are far apart, and `SeededRandom` mixes them once more.
    SeededRandom(seed ^ (stream &* 0xD1B5_4A32_D192_ED03))
  }

  mutating func uniform() -> Double { random.uniform() }

  /// An exponential variate with mean one.
  mutating func exponential() -> Double { -PortableMath.log(1 - random.uniform()) }

  /// A whole number in `0..<bound`.
  mutating func index(below bound: Int) -> Int {
    Int.random(in: 0..<bound, using: &random.uniforms)
  }

  /// A standard normal variate.
  mutating func normal() -> Double { random.normal() }
}
