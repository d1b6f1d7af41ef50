internal import HogaCore

/// What own fills have taken from the shown book, so that no two of them take the same lots.
///
/// The replayed book does not know of our fills: what we took still stands there, until it is gone for
/// others too. A level that gets smaller loses what we took last; one that grows by new lots offers
/// these alone; one that empties is forgotten. That errs against us where others refilled what we took.
struct ConsumedLiquidity: Sendable {
  private struct Level {
    var ticks: Int64
    var lots: Int64
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

  mutating func consume(_ side: Side, ticks: Int64, lots: Int64) {
    if side == .buy {
      Self.consume(&bids, Level(ticks: ticks, lots: lots))
    } else {
      Self.consume(&asks, Level(ticks: ticks, lots: lots))
    }
  }

  /// The feed has changed the book: no level has lost more to us than it shows.
  mutating func bookChanged(_ book: LadderBook) {
    if !bids.isEmpty { Self.cut(&bids, to: book.bids) }
    if !asks.isEmpty { Self.cut(&asks, to: book.asks) }
  }

  private static func cut(_ levels: inout [Level], to side: LadderSide) {
    for index in levels.indices {
      levels[index].lots = min(levels[index].lots, side.lots(atTicks: levels[index].ticks))
    }
    levels.removeAll { $0.lots == 0 }
  }

  private static func consume(_ levels: inout [Level], _ taken: Level) {
    if let index = levels.firstIndex(where: { $0.ticks == taken.ticks }) {
      levels[index].lots += taken.lots
    } else {
      levels.append(taken)
    }
  }
}
