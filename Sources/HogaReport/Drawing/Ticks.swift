internal import Foundation

/// One mark of an axis.
package struct Tick: Hashable, Sendable {
  /// In the data's units.
  package var value: Double
  package var label: String
  /// A second line that is written where it changes: the date below the hours.
  package var context: String?
}

/// Round numbers that cover a range.
///
/// Steps are 1, 2 or 5 times a power of ten, and marks are whole multiples of the step, so a label
/// with that many decimals states its mark exactly.
package struct RoundNumbers: Hashable, Sendable {
  /// 1, 2 or 5.
  package let mantissa: Int
  package let exponent: Int
  /// The first and last mark as multiples of the step.
  package let multiples: ClosedRange<Int>

  /// Finds marks from `low` to `high`, about `count` of them and at most half as many again.
  ///
  /// With `covering`, the first mark lies at or below `low` and the last at or above `high`;
  /// otherwise all lie within. Ranges must be above zero and finite: see `ValueAxis`.
  package init(from low: Double, to high: Double, count: Int, covering: Bool) {
    let raw = (high / Double(max(count, 1))) - (low / Double(max(count, 1)))
    var exponent = Int(log10(raw).rounded(.down))
    var mantissa = 1
    for candidate in [1, 2, 5, 10] {
      mantissa = candidate
      if Self.step(candidate, exponent) >= raw * 0.7 { break }
    }
    if mantissa == 10 {
      mantissa = 1
      exponent += 1
    }
    let step = Self.step(mantissa, exponent)
    let tolerance = 1e-9
    let first =
      covering
      ? (low / step + tolerance).rounded(.down) : (low / step - tolerance).rounded(.up)
    let last =
      covering
      ? (high / step - tolerance).rounded(.up) : (high / step + tolerance).rounded(.down)
    self.mantissa = mantissa
    self.exponent = exponent
    let start = Int(max(-1e15, min(1e15, first)))
    multiples = start...max(start, Int(max(-1e15, min(1e15, last))))
  }

  private static func step(_ mantissa: Int, _ exponent: Int) -> Double {
    Self.scaled(mantissa, exponent)
  }

  /// `count · 10^exponent`, rounded once: a division by an exact power where the exponent is below
  /// zero, since 10⁻¹ itself is not a binary number.
  private static func scaled(_ count: Int, _ exponent: Int) -> Double {
    exponent >= 0
      ? Double(count) * pow(10, Double(exponent))
      : exponent >= -300
        ? Double(count) / pow(10, Double(-exponent))
        : Double(count) / 1e300 / pow(10, Double(-exponent - 300))
  }

  package var step: Double { Self.scaled(mantissa, exponent) }
  package var decimals: Int { max(0, -exponent) }
  package var values: [Double] {
    multiples.prefix(1000).map { Self.scaled($0 * mantissa, exponent) }
  }
}

/// A numeric axis: its range and its marks.
package struct ValueAxis: Sendable {
  package let low: Double
  package let high: Double
  package let ticks: [Tick]

  /// Values of this size or more are drawn nowhere: differences between two of them would overflow.
  package static func isDrawable(_ value: Double) -> Bool { abs(value) < 1e200 }

  /// Makes an axis for values from `low` to `high`, either of which may be senseless.
  ///
  /// A range without width is widened around its value. With `extends`, the axis ends on marks.
  package init(
    from low: Double, to high: Double, format: NumberFormat, count: Int, extends: Bool = true
  ) {
    let factor = format.axisFactor
    var low = low * factor
    var high = high * factor
    if !(Self.isDrawable(low) && Self.isDrawable(high)) || low > high { (low, high) = (0, 1) }
    // Below this width, marks would differ by less than the numbers can tell apart.
    let width = max(abs(low), abs(high)) * 1e-9
    if high - low <= max(width, 1e-290) {
      let margin = max(abs(low) * 0.05, low == 0 ? 1 : 1e-280)
      (low, high) = (low - margin, high + margin)
    }
    let round = RoundNumbers(from: low, to: high, count: count, covering: extends)
    let values = round.values
    if extends, let first = values.first, let last = values.last, first < last {
      (low, high) = (min(low, first), max(high, last))
    }
    self.low = low / factor
    self.high = high / factor
    let label = Self.labeller(low: low, high: high, round: round, format: format)
    ticks = values.map { Tick(value: $0 / factor, label: label($0), context: nil) }
  }

  /// Writes all marks of an axis alike: one count of decimals, one prefix.
  private static func labeller(
    low: Double, high: Double, round: RoundNumbers, format: NumberFormat
  ) -> (Double) -> String {
    let largest = max(abs(low), abs(high))
    let close = format.unit == "%" || format.unit == "×" ? format.unit : ""
    func signed(_ value: Double, _ digits: String) -> String {
      (value < 0 ? "−" : format.isSigned && value > 0 ? "+" : "") + digits
    }
    var group = 0
    if case .prefixed = format.notation {
      group = Int((log10(largest) / 3 + 1e-9).rounded(.down))
    } else if largest >= 1e6 {
      group = Int((log10(largest) / 3 + 1e-9).rounded(.down))
    }
    let decimals = max(0, -(round.exponent - 3 * group))
    // Marks that would need more decimals than a reader can take in are written with exponents.
    guard let prefix = NumberFormat.prefix(group), decimals <= 9 else {
      return { value in signed(value, NumberFormat.scientific(abs(value), 4)) + close }
    }
    return { value in
      let scaled = abs(value) * pow(10, Double(-3 * group))
      let text = NumberFormat.fixed(scaled, decimals)
      return signed(value, text) + (value == 0 ? "" : prefix) + close
    }
  }
}
