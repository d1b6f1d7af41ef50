internal import Foundation

/// How a number is written: the same on every machine, whatever its locale.
///
/// Groups of three are set apart by commas, decimals by a point; the minus sign is the real one
/// (U+2212), as wide as a digit. Not-a-number is written `–`, since a table is full of absent values
/// and few readers know what NaN is.
public struct NumberFormat: Hashable, Sendable {
  public enum Notation: Hashable, Sendable {
    /// This many digits after the point.
    case fixed(Int)
    /// This many significant digits: `0.0412`, `1.30`, `1,235`.
    case significant(Int)
    /// This many significant digits and a prefix: `1.30M`, `412k`.
    case prefixed(Int)
  }

  public var notation: Notation
  /// What a value is multiplied by before it is written: 100 for percent.
  public var factor: Double
  /// Written after the number, or once in a table's header: `%`, `bps`, `USDT`.
  public var unit: String
  /// Whether numbers above zero carry a plus sign.
  public var isSigned: Bool

  public init(
    _ notation: Notation, unit: String = "", factor: Double = 1, isSigned: Bool = false
  ) {
    self.notation = notation
    self.unit = unit
    self.factor = factor
    self.isSigned = isSigned
  }

  public static let integer = NumberFormat(.fixed(0))
  public static func fixed(_ decimals: Int, unit: String = "") -> NumberFormat {
    NumberFormat(.fixed(decimals), unit: unit)
  }
  public static func significant(_ digits: Int, unit: String = "") -> NumberFormat {
    NumberFormat(.significant(digits), unit: unit)
  }
  public static func prefixed(_ digits: Int = 3, unit: String = "") -> NumberFormat {
    NumberFormat(.prefixed(digits), unit: unit)
  }
  /// A fraction of one, written in percent.
  public static func percent(_ decimals: Int = 1) -> NumberFormat {
    NumberFormat(.fixed(decimals), unit: "%", factor: 100)
  }
  /// A fraction of one, written in basis points.
  public static func basisPoints(_ decimals: Int = 2) -> NumberFormat {
    NumberFormat(.fixed(decimals), unit: "bps", factor: 10_000)
  }
  /// The same format with a plus sign on numbers above zero.
  public var signed: NumberFormat {
    var copy = self
    copy.isSigned = true
    return copy
  }

  /// The number with its unit: `12.5%`, `−0.31 bps`.
  public func text(_ value: Double) -> String {
    value.isNaN ? Self.absent : bare(value) + suffix
  }

  /// The number without its unit, for a column whose header states it.
  public func bare(_ value: Double) -> String {
    guard !value.isNaN else { return Self.absent }
    let scaled = value * factor
    guard scaled.isFinite else { return (scaled < 0 ? "−" : isSigned ? "+" : "") + "∞" }
    let digits: String
    switch notation {
    case .fixed(let decimals): digits = Self.fixed(abs(scaled), decimals)
    case .significant(let count): digits = Self.significant(abs(scaled), count)
    case .prefixed(let count): digits = Self.prefixed(abs(scaled), count)
    }
    // What rounds to zero has no sign: "−0.00" would claim a direction that is not shown.
    guard digits.contains(where: { "123456789".contains($0) }) else { return digits }
    return (scaled < 0 ? "−" : isSigned ? "+" : "") + digits
  }

  /// The factor, or one where it makes no sense on an axis: an axis must not turn around or vanish.
  package var axisFactor: Double { factor > 1e-100 && factor < 1e100 ? factor : 1 }

  package static let absent = "–"

  /// The unit with the space that belongs before it; `%` and `°` stand close.
  package var suffix: String {
    unit.isEmpty ? "" : unit == "%" || unit == "×" ? unit : "\u{202F}" + unit
  }

  package static func fixed(_ magnitude: Double, _ decimals: Int) -> String {
    let decimals = min(max(decimals, 0), 15)
    let scaled = (magnitude * power(decimals)).rounded()
    guard scaled < 9e15 else { return scientific(magnitude, 4) }
    let digits = String(Int64(scaled))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let whole = grouped(padded.dropLast(decimals))
    return decimals == 0 ? whole : whole + "." + padded.suffix(decimals)
  }

  private static func significant(_ magnitude: Double, _ count: Int) -> String {
    guard magnitude > 0 else { return "0" }
    let exponent = decimalExponent(magnitude, digits: count)
    guard exponent >= -6, exponent < 12 else { return scientific(magnitude, count) }
    return fixed(magnitude, max(0, max(count, 1) - 1 - exponent))
  }

  private static func prefixed(_ magnitude: Double, _ count: Int) -> String {
    guard magnitude > 0 else { return "0" }
    let exponent = decimalExponent(magnitude, digits: count)
    let group = Int((Double(exponent) / 3).rounded(.down))
    guard let prefix = prefix(group) else { return scientific(magnitude, count) }
    let scaled = group >= 0 ? magnitude / power(3 * group) : magnitude * power(-3 * group)
    return fixed(scaled, max(0, max(count, 1) - 1 - (exponent - 3 * group))) + prefix
  }

  /// The letter for a power of a thousand, or `nil` beyond nano and peta.
  package static func prefix(_ group: Int) -> String? {
    let letters = ["n", "µ", "m", "", "k", "M", "G", "T", "P"]
    return letters.indices.contains(group + 3) ? letters[group + 3] : nil
  }

  package static func scientific(_ magnitude: Double, _ count: Int) -> String {
    guard magnitude > 0 else { return "0" }
    let digits = min(max(count, 1), 15) - 1
    // Locale-free: `String(format:)` without a locale writes C's numbers.
    let parts = String(format: "%.\(digits)e", magnitude).split(separator: "e")
    let exponent = Int(parts[1]) ?? 0
    let superscripts = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    let raised = String(exponent).map { $0 == "-" ? "⁻" : superscripts[$0.wholeNumberValue ?? 0] }
    return parts[0] + "×10" + String(raised)
  }

  /// The exponent of the leading digit once `magnitude` is rounded to `digits` digits, so that
  /// 9.996 to three digits counts as 10.0.
  package static func decimalExponent(_ magnitude: Double, digits: Int) -> Int {
    let first = Int(log10(magnitude).rounded(.down))
    let step = pow(10, Double(first - max(digits, 1) + 1))
    guard step > 0, (magnitude / step).rounded() >= power(min(max(digits, 1), 15)) else {
      return first
    }
    return first + 1
  }

  private static func grouped(_ digits: Substring) -> String {
    var output = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { output += "," }
      output.append(digit)
    }
    return output
  }

  private static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }
}
