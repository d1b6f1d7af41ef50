internal import HogaCore

/// What own fills have taken from the shown book, so that no two of them take the same lots.
///
/// The replayed book does not know of our fills. A level's consumption stands until the feed shows
/// another size there, because from then on the feed's word is newer than ours.
struct ConsumedLiquidity: Sendable {
  private struct Level {
    var ticks: Int64
    var lots: Int64
    /// The size that the feed showed when we took from it.
    var shown: Int64
  }

  private var bids: [Level] = []
  private var asks: [Level] = []

  var isEmpty: Bool { bids.isEmpty && asks.isEmpty }

  /// Lots left at a level of one side that shows `shown`.
  func available(_ side: Side, ticks: Int64, shown: Int64) -> Int64 {
    let levels = side == .buy ? bids : asks
    guard let level = levels.first(where: { $0.ticks == ticks }) else { return shown }
    return max(0, shown - level.lots)
  }

  mutating func consume(_ side: Side, ticks: Int64, lots: Int64, shown: Int64) {
    if side == .buy {
      Self.consume(&bids, Level(ticks: ticks, lots: lots, shown: shown))
    } else {
      Self.consume(&asks, Level(ticks: ticks, lots: lots, shown: shown))
    }
  }

  /// Forgets the levels whose size the feed has changed.
  mutating func bookChanged(_ book: LadderBook) {
    if !bids.isEmpty { bids.removeAll { book.bids.lots(atTicks: $0.ticks) != $0.shown } }
    if !asks.isEmpty { asks.removeAll { book.asks.lots(atTicks: $0.ticks) != $0.shown } }
  }

  private static func consume(_ levels: inout [Level], _ taken: Level) {
    if let index = levels.firstIndex(where: { $0.ticks == taken.ticks }) {
      levels[index].lots += taken.lots
    } else {
      levels.append(taken)
    }
  }
}
