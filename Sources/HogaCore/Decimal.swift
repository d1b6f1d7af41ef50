/// Exact decimal numbers as integer counts of `10^-decimals`.
public enum Decimal {
  /// More decimals than 18 do not fit a signed 64-bit count.
  public static let maximumDecimals = 18

  /// `10^exponent`, exact.
  ///
  /// - Precondition: `exponent` is in `0...18`.
  public static func power(_ exponent: Int) -> Int64 {
    precondition((0...maximumDecimals).contains(exponent), "no power of ten 10^\(exponent)")
    return (0..<exponent).reduce(Int64(1)) { product, _ in product * 10 }
  }

  /// Returns `count · 10^-decimals` as the nearest `Double`.
  ///
  /// Equal to reading the decimal's text where `|count| < 2^53` and `decimals ≤ 22`, since both
  /// operands are then exact and a division rounds once.
  @inlinable
  public static func double(_ count: Int64, scale: Double) -> Double { Double(count) / scale }

  public enum ParseFailure: Error, Hashable, Sendable {
    case notANumber
    /// The text has more non-zero decimals than the count can hold.
    case tooFine
    case tooLarge
  }

  /// Reads plain decimal text such as `-61800.10` as a count of `10^-decimals`.
  ///
  /// Trailing zeros beyond `decimals` are allowed; other digits there are not, since rounding
  /// would change the number. No exponent, no thousands separator, no surrounding space.
  public static func parse(
    _ text: UnsafeBufferPointer<UInt8>, decimals: Int
  ) throws(ParseFailure) -> Int64 {
    var index = 0
    let end = text.count
    var negative = false
    if index < end, unsafe text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
      negative = unsafe text[index] == UInt8(ascii: "-")
      index += 1
    }
    var value: Int64 = 0
    var digits = 0
    while index < end {
      let digit = unsafe text[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      try append(digit, to: &value)
      digits += 1
      index += 1
    }
    var decimalsRead = 0
    if index < end, unsafe text[index] == UInt8(ascii: ".") {
      index += 1
      while index < end {
        let digit = unsafe text[index] &- UInt8(ascii: "0")
        guard digit <= 9 else { break }
        if decimalsRead < decimals {
          try append(digit, to: &value)
          decimalsRead += 1
        } else if digit != 0 {
          throw .tooFine
        }
        digits += 1
        index += 1
      }
    }
    guard index == end, digits > 0 else { throw .notANumber }
    while decimalsRead < decimals {
      try append(0, to: &value)
      decimalsRead += 1
    }
    return negative ? -value : value
  }

  public static func parse(_ text: String, decimals: Int) throws(ParseFailure) -> Int64 {
    let bytes = Array(text.utf8)
    return try unsafe bytes.withUnsafeBufferPointer { (buffer) throws(ParseFailure) -> Int64 in
      try unsafe parse(buffer, decimals: decimals)
    }
  }

  /// Writes `count · 10^-decimals` with exactly `decimals` digits after the point.
  public static func text(_ count: Int64, decimals: Int) -> String {
    let digits = String(count.magnitude)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = count < 0 ? "-" : ""
    guard decimals > 0 else { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  @inline(__always)
  private static func append(_ digit: UInt8, to value: inout Int64) throws(ParseFailure) {
    let (product, overflow) = value.multipliedReportingOverflow(by: 10)
    let (sum, carry) = product.addingReportingOverflow(Int64(digit))
    guard !overflow, !carry else { throw .tooLarge }
    value = sum
  }
}
