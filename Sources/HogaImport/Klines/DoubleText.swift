internal import Foundation
internal import HogaCore

/// Reads decimal text as the nearest double.
enum DoubleText {
  /// Powers of ten that a double holds exactly.
  private static let powers: [Double] = (0...22).map { pow(10, Double($0)) }

  /// - Parameters:
  ///   - text: a cell of a line of `LineReader`: some byte that is part of no number follows it.
  ///   - thousands: whether `1,203.93` is a number too.
  /// - Returns: `nil` where it is no finite number in plain or scientific notation.
  static func read(_ text: UnsafeBufferPointer<UInt8>, thousands: Bool = false) -> Double? {
    if thousands, unsafe text.contains(0x2c) { return unsafe readGrouped(text) }
    // Digits and scale each fit a double exactly, so one division rounds once and is the nearest
    // (W. D. Clinger, "How to Read Floating Point Numbers Accurately", 1990).
    var index = 0
    var negative = false
    if index < text.count, unsafe text[index] == 0x2d || text[index] == 0x2b {
      negative = unsafe text[index] == 0x2d
      index += 1
    }
    var mantissa: UInt64 = 0
    var digits = 0
    var decimals = 0
    var hasPoint = false
    while index < text.count {
      let byte = unsafe text[index]
      let digit = byte &- 0x30
      if digit <= 9 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        digits += 1
        if hasPoint { decimals += 1 }
      } else if byte == 0x2e, !hasPoint {
        hasPoint = true
      } else {
        break
      }
      index += 1
    }
    guard digits > 0 else { return nil }
    guard index == text.count, digits <= 18, mantissa <= 1 << 53 else {
      return unsafe readSlowly(text)
    }
    let value = Double(mantissa) / powers[decimals]
    return negative ? -value : value
  }

  /// Any number of digits and an exponent, by the C library.
  private static func readSlowly(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    guard text.count <= 400 else { return nil }
    let isNumber = unsafe text.allSatisfy {
      $0 &- 0x30 <= 9 || [0x2b, 0x2d, 0x2e, 0x45, 0x65].contains($0)
    }
    guard isNumber else { return nil }
    let value = unsafe Double(String(decoding: text, as: UTF8.self))
    guard let value, value.isFinite else { return nil }
    return value
  }

  /// `1,203.93`: groups of three, the first of one to three.
  private static func readGrouped(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    guard text.count <= 400 else { return nil }
    let whole = unsafe text.split(separator: 0x2e, maxSplits: 1, omittingEmptySubsequences: false)
    let groups = whole[0].split(separator: 0x2c, omittingEmptySubsequences: false)
    let sign = groups[0].first == 0x2d || groups[0].first == 0x2b ? 1 : 0
    guard (1...3).contains(groups[0].count - sign), groups.dropFirst().allSatisfy({ $0.count == 3 })
    else { return nil }
    var plain = groups.flatMap { $0 }
    guard plain.dropFirst(sign).allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
    if whole.count == 2 { plain += [0x2e] + whole[1] }
    return unsafe plain.withUnsafeBufferPointer { unsafe read($0) }
  }
}
