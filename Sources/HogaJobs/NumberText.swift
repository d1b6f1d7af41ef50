internal import Foundation

/// Numbers as people read them, the same on every machine.
public enum NumberText {
  /// A number with so many decimals; `–` where there is none.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    let text = String(format: "%.\(decimals)f", value)
    // A rounded-away number has no sign.
    return text.contains { ("1"..."9").contains($0) } || !text.hasPrefix("-")
      ? text : String(text.dropFirst())
  }

  /// A share as a percentage.
  public static func percent(_ value: Double, _ decimals: Int = 1) -> String {
    value.isFinite ? fixed(value * 100, decimals) + "%" : "–"
  }

  /// A count with commas: `1,234,567`.
  public static func count(_ value: some BinaryInteger) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }

  /// A number of bytes: `3.5 MB`.
  public static func bytes(_ value: some BinaryInteger) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var amount = Double(value)
    var unit = 0
    while amount >= 1000, unit < units.count - 1 {
      amount /= 1000
      unit += 1
    }
    return unit == 0 ? "\(value) B" : "\(fixed(amount, 1)) \(units[unit])"
  }

  /// A length of time: `850 ms`, `12.3 s`, `4 m 05 s`.
  public static func seconds(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    if value < 1 { return "\(fixed(value * 1000, 0)) ms" }
    if value < 60 { return "\(fixed(value, 1)) s" }
    let whole = Int(value.rounded())
    if whole < 3600 { return "\(whole / 60) m \(padded(whole % 60)) s" }
    return "\(whole / 3600) h \(padded(whole / 60 % 60)) m"
  }

  private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
