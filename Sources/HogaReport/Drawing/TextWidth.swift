/// How much room text takes, near enough to lay out labels without a font at hand.
package enum TextWidth {
  /// The width of `text` in units of its font size, a little more than most sans-serif fonts need.
  package static func ems(_ text: some StringProtocol) -> Double {
    text.reduce(0) { $0 + ems($1) }
  }

  private static func ems(_ character: Character) -> Double {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar {
    case "0"..."9", "+", "−", "=", "<", ">": return 0.6
    case "i", "j", "l", "t", "f", "I", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "[", "]",
      "/", "-", "r", "\u{202F}":
      return 0.36
    case "m", "w", "M", "W", "%", "@": return 0.92
    case "A"..."Z": return 0.7
    case "a"..."z": return 0.57
    default: break
    }
    let value = scalar.value
    let isWide =
      (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value)
      || (0xAC00...0xD7A3).contains(value) || (0xF900...0xFAFF).contains(value)
      || (0xFE30...0xFE6F).contains(value) || (0xFF00...0xFF60).contains(value)
    return isWide ? 1.02 : value >= 0x1F000 ? 1.35 : 0.64
  }

  /// Returns `text`, cut with an ellipsis where it is wider than `limit` units of its font size.
  package static func cut(_ text: String, to limit: Double) -> String {
    guard ems(text) > limit + 0.01 else { return text }
    var width = 0.9  // the ellipsis
    var output = ""
    for character in text {
      width += ems(character)
      guard width <= limit else { break }
      output.append(character)
    }
    return output + "…"
  }
}
