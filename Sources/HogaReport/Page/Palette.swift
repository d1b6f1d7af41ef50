/// The page's colours, light and dark.
///
/// Series were chosen by search so that any two differ by about 10 or more in 100·ΔE of OKLab as seen with
/// normal vision and with protanopia, deuteranopia and tritanopia (simulated after G. Machado et al.,
/// IEEE TVCG 15(6), 2009), and stand out from the page by 3:1 (WCAG 2.1, 1.4.11); ramps are
/// interpolated in OKLab. Tests hold text to 4.5:1.
package enum Palette {
  package struct Theme: Sendable {
    package var page: String
    /// A little apart from the page: cards, code.
    package var panel: String
    package var text: String
    package var muted: String
    package var rule: String
    package var grid: String
    package var axis: String
    package var accent: String
    package var good: String
    package var bad: String
    package var warning: String
    package var warningPanel: String
    package var badPanel: String
    package var best: String
    package var gray: String
    package var absent: String
    package var series: [String]
    package var diverging: [String]
    package var sequential: [String]
    /// From light to dark ink on the page: cells of dense scatter charts.
    package var density: [String]
  }

  package static let cellText = (light: "#ffffff", dark: "#0b0d0f")

  package static let light = Theme(
    page: "#ffffff", panel: "#f6f7f8", text: "#171b1f", muted: "#5a636d", rule: "#dfe3e7",
    grid: "#e9ebee", axis: "#8a939c", accent: "#1a62a3", good: "#0b7a6b", bad: "#c2410c",
    warning: "#8a5200", warningPanel: "#fff7e6", badPanel: "#fdf1ea", best: "#e7f3f0",
    gray: "#79828b", absent: "#d3d8dd",
    series: ["#1f6fb5", "#d1560f", "#6b1e68", "#29a49a", "#8d250a", "#102ca1"],
    diverging: split(
      """
      0f4a86 1f5a95 2e6aa5 3d7ab5 4c8ac5 5b9bd5 7baddc 9abfe2 b8d1e7 d6e2ec f5f4f1 f5e0d3 f4ccb5
      f1b897 eea478 ea8f57 da7e49 cb6d3a b85a29 ac4b1b 9c3a06
      """),
    sequential: split(
      "eef4fa d8e7f5 c2daf0 accceb 95bfe6 7fb2e0 699cce 5387bc 3e73aa 285e98 0f4a86"),
    density: split("b9d3ec 86b2dd 4f8dc8 2a69a8 123f75"))

  package static let dark = Theme(
    page: "#14171a", panel: "#1c2024", text: "#e7eaed", muted: "#9aa4ae", rule: "#30363c",
    grid: "#262b30", axis: "#6d7781", accent: "#7cb9f2", good: "#3dc7b0", bad: "#ff8a5c",
    warning: "#eebb5a", warningPanel: "#2a2417", badPanel: "#2d1f18", best: "#16302c",
    gray: "#939ca5", absent: "#454c53",
    series: ["#64aef0", "#f58a4b", "#9a6fdc", "#7fead9", "#cb5277", "#f0e68c"],
    diverging: split(
      """
      8cc8ff 7ab7f2 67a7e4 5597d7 4287ca 2f77bd 2f669e 2d567f 2b4662 273646 22272c 3f322e 5c3d2f
      7a472d 995029 b9591f c76b36 d57c4a e38e5e f1a071 ffb284
      """),
    sequential: split(
      "20282f 253749 294664 2c5681 2e669e 2f77bd 498aca 619dd8 79b0e5 91c3f2 a9d6ff"),
    density: split("24425f 2f659a 4a8fd0 82bdf5 d2e9ff"))

  private static func split(_ text: String) -> [String] {
    text.split { $0 == " " || $0 == "\n" }.map { "#" + $0 }
  }

  /// The contrast of two colours `#rrggbb` after WCAG 2.1: from 1 to 21.
  package static func contrast(_ first: String, _ second: String) -> Double {
    let (a, b) = (luminance(first), luminance(second))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  private static func luminance(_ color: String) -> Double {
    let value = Int(color.dropFirst(), radix: 16) ?? 0
    let channels = [value >> 16, value >> 8 & 255, value & 255].map { channel -> Double in
      let share = Double(channel) / 255
      return share <= 0.04045 ? share / 12.92 : power((share + 0.055) / 1.055)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  /// `base^2.4` as `base² · base^0.4`, the latter by Newton's steps on r⁵ = base².
  private static func power(_ base: Double) -> Double {
    var root = 1.0
    for _ in 0..<60 { root = (4 * root + base * base / (root * root * root * root)) / 5 }
    return base * base * root
  }

  /// Which text is read on a cell: the one with more contrast.
  package static func cellText(on color: String) -> String {
    contrast(color, cellText.light) > contrast(color, cellText.dark)
      ? cellText.light : cellText.dark
  }

  /// A theme as declarations of CSS variables.
  package static func variables(_ theme: Theme) -> String {
    var output: [String] = [
      "bg:\(theme.page)", "panel:\(theme.panel)", "text:\(theme.text)", "muted:\(theme.muted)",
      "rule:\(theme.rule)", "grid:\(theme.grid)", "axis:\(theme.axis)", "accent:\(theme.accent)",
      "good:\(theme.good)", "bad:\(theme.bad)", "warn:\(theme.warning)",
      "warnbg:\(theme.warningPanel)", "badbg:\(theme.badPanel)", "best:\(theme.best)",
      "k0:\(theme.gray)", "hx:\(theme.absent)",
    ]
    output += theme.series.enumerated().map { "s\($0.offset + 1):\($0.element)" }
    output += theme.density.enumerated().map { "p\($0.offset):\($0.element)" }
    for (letter, ramp) in [("h", theme.diverging), ("q", theme.sequential)] {
      for (index, color) in ramp.enumerated() {
        output.append("\(letter)\(index):\(color)")
        output.append("x\(letter)\(index):\(cellText(on: color))")
      }
    }
    return output.map { "--\($0);" }.joined()
  }
}
