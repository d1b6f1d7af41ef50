internal import HogaCore

/// A snapshot that names no symbol, in a capture of several.
struct UnprovenSnapshot {
  /// Each symbol has one on its way when a capture begins.
  static let maximumCount = 64

  var update: Int64
  /// Prices and sizes in turn.
  var bids: [Int64]
  var asks: [Int64]
}

extension BinanceSession {
  enum Attribution {
    case ours, foreign
    /// No depth message has come that is later than it.
    case open
  }

  /// Whose a snapshot is that names no symbol, judged by the depth messages of ours.
  ///
  /// It is ours only where one of them continues it by its ids. On spot these number the changes of
  /// one symbol, so that says enough. Futures share ids between all symbols, and a busy symbol's
  /// messages cover nearly all of them; there the sizes in the last messages up to the snapshot must
  /// also stand in it.
  func attribution(
    of update: Int64, _ bids: UnsafeBufferPointer<Int64>, _ asks: UnsafeBufferPointer<Int64>
  ) -> Attribution {
    let entries = history.entries
    guard let next = entries.firstIndex(where: { $0.message.last > update }) else { return .open }
    guard synchronizer.continues(entries[next].message, after: update) else { return .foreign }
    guard market != .spot else { return .ours }
    // The message that goes beyond the snapshot is the only witness where there is none before it.
    let witnesses = next > 0 ? max(0, next - 64)..<next : next..<(next + 1)
    var known: [[Int64: Int64]] = [[:], [:]]
    for entry in entries[witnesses] {
      for (place, index) in stride(
        from: entry.levels.lowerBound, to: entry.levels.upperBound, by: 2
      )
      .enumerated() {
        known[place < entry.bidCount ? 0 : 1][history.values[index]] = history.values[index + 1]
      }
    }
    var compared = 0
    var agreeing = 0
    for (side, pairs) in unsafe [bids, asks].enumerated() {
      var shown: [Int64: Int64] = [:]
      for index in stride(from: 0, to: pairs.count, by: 2) {
        shown[unsafe pairs[index]] = unsafe pairs[index + 1]
      }
      guard let lowest = shown.keys.min(), let highest = shown.keys.max() else { continue }
      for (price, size) in known[side] where price >= lowest && price <= highest {
        let other = shown[price] ?? 0
        guard size > 0 || other > 0 else { continue }  // empty in both says little
        compared += 1
        if size == other { agreeing += 1 }
      }
    }
    return agreeing > 0 && 2 * agreeing >= compared ? .ours : .foreign
  }
}
