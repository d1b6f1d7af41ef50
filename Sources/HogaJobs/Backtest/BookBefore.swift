internal import HogaCore

/// The exchange's best levels right before a fill, with the order's place among them.
struct BookBefore {
  private struct Level {
    /// In the price's smallest steps, so that levels compare exactly.
    var count: Int64
    var price: String
    var size: String
    var isBid: Bool
  }

  private var levels: [Level] = []
  private let scale: Int

  /// - Returns: `nil` where the table has no such columns, or the book was empty.
  init?(_ fills: Frame, _ row: Int) {
    guard case .decimal(_, let scale)? = fills["bid_price_1"] else { return nil }
    self.scale = scale
    for side in ["bid", "ask"] {
      var depth = 1
      while case .decimal(let counts, _)? = fills["\(side)_price_\(depth)"] {
        if counts[row] != Column.missing {
          levels.append(
            Level(
              count: counts[row], price: Decimal.text(counts[row], decimals: scale),
              size: fills.text("\(side)_size_\(depth)", row) ?? "", isBid: side == "bid"))
        }
        depth += 1
      }
    }
    guard !levels.isEmpty else { return nil }
  }

  /// The levels from the highest price down, bids on the left, the order's price marked.
  func lines(own price: String, isBuy: Bool, isMaker: Bool) -> [String] {
    guard let own = try? Decimal.parse(price, decimals: scale) else { return [] }
    let mark = isMaker ? "◀ the order rested here" : "◀ taken here"
    var table = TextTable([("bids", .right), ("price", .right), ("asks", .right), ("", .left)])
    var rows = levels
    if !rows.contains(where: { $0.count == own }) {
      rows.append(Level(count: own, price: price, size: "", isBid: isBuy == isMaker))
    }
    // A locked book shows both sides at one price, asks above.
    for level in rows.sorted(by: { ($0.count, $1.isBid ? 1 : 0) > ($1.count, $0.isBid ? 1 : 0) }) {
      table.append([
        level.isBid ? level.size : "", level.price, level.isBid ? "" : level.size,
        level.count == own ? mark : "",
      ])
    }
    // So small a table needs no rule below its headings.
    var lines = table.text.split(separator: "\n").map(String.init)
    lines.remove(at: 1)
    return lines
  }
}
