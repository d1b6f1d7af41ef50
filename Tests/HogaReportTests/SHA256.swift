import Foundation

/// SHA-256 (FIPS 180-4), for the one digest that a test compares. The constants are the fractional
/// parts of the roots of the first primes, computed in whole numbers.
enum SHA256 {
  static func digest(_ text: String) -> String {
    var message = Array(text.utf8)
    let bits = UInt64(message.count) * 8
    message.append(0x80)
    while message.count % 64 != 56 { message.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      message.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    let primes = Array((2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }.prefix(64))
    let constants = primes.map { UInt32(truncatingIfNeeded: root(UInt64($0), power: 3)) }
    var hash = primes.prefix(8).map { UInt32(truncatingIfNeeded: root(UInt64($0), power: 2)) }
    for block in stride(from: 0, to: message.count, by: 64) {
      var w = (0..<16).map { index in
        (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(message[block + index * 4 + $1]) }
      }
      for index in 16..<64 {
        let a = w[index - 15]
        let b = w[index - 2]
        w.append(
          w[index - 16] &+ (turn(a, 7) ^ turn(a, 18) ^ a >> 3) &+ w[index - 7]
            &+ (turn(b, 17) ^ turn(b, 19) ^ b >> 10))
      }
      var v = hash
      for index in 0..<64 {
        let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
        let first =
          v[7] &+ (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) &+ choice &+ constants[index]
          &+ w[index]
        let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
        let second = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) &+ majority
        v = [first &+ second, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
      }
      hash = zip(hash, v).map { $0 &+ $1 }
    }
    let bytes = hash.flatMap { word in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
    return Data(bytes).base64EncodedString()
  }

  private static func turn(_ value: UInt32, _ count: UInt32) -> UInt32 {
    value >> count | value << (32 - count)
  }

  /// The root of `number` times 2³², rounded down: the largest r with r^power ≤ number·2^(32·power).
  private static func root(_ number: UInt64, power: Int) -> UInt64 {
    var low: UInt64 = 0
    var high: UInt64 = 1 << 37
    while high - low > 1 {
      let middle = (low + high) / 2
      var product = wide([UInt32(truncatingIfNeeded: middle), UInt32(middle >> 32)])
      for _ in 1..<power { product = times(product, middle) }
      let limit = [UInt32](repeating: 0, count: power) + [UInt32(number)]
      if compare(product, wide(limit)) { low = middle } else { high = middle }
    }
    return low
  }

  private static func wide(_ digits: [UInt32]) -> [UInt32] {
    digits + [UInt32](repeating: 0, count: 8 - digits.count)
  }
  private static func times(_ digits: [UInt32], _ factor: UInt64) -> [UInt32] {
    var output = [UInt32](repeating: 0, count: 8)
    for (place, part) in [UInt64(UInt32(truncatingIfNeeded: factor)), factor >> 32].enumerated() {
      var carry: UInt64 = 0
      for index in 0..<(8 - place) {
        let sum = UInt64(digits[index]) * part + UInt64(output[index + place]) + carry
        output[index + place] = UInt32(truncatingIfNeeded: sum)
        carry = sum >> 32
      }
    }
    return output
  }
  private static func compare(_ left: [UInt32], _ right: [UInt32]) -> Bool {
    for (a, b) in zip(left.reversed(), right.reversed()) where a != b { return a < b }
    return true
  }
}
