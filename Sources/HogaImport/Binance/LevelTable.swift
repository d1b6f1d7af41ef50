package import HogaCore

/// The sizes shown at the prices of one side, in no order.
///
/// An import changes hundreds of levels for each time it looks at the whole book (at midnight, and
/// at a later snapshot), so it keeps a hash table and sorts when it is asked: a change costs a few
/// nanoseconds, against some forty in the sorted `BookSide`.
package struct LevelTable {
  /// Slots of price and size side by side; price 0, which no level has, marks a free one. Levels
  /// that were removed keep their slot with size 0 until the table is laid out anew.
  private var slots = [Int64](repeating: 0, count: 2 * 4096)
  private var mask = 4095
  private var usedSlots = 0
  /// The sum of all sizes.
  package private(set) var totalLots: Int64 = 0

  package init() {}

  package mutating func removeAll() {
    for index in slots.indices { slots[index] = 0 }
    usedSlots = 0
    totalLots = 0
  }

  /// Sets the size at a price; zero removes the level.
  ///
  /// - Precondition: the price is above zero; sizes and their sum are far from overflow.
  package mutating func set(price: Int64, size: Int64) {
    var index = Self.hash(price) & mask
    while slots[2 * index] != price {
      guard slots[2 * index] != 0 else {
        if size == 0 { return }
        slots[2 * index] = price
        slots[2 * index + 1] = size
        totalLots += size
        usedSlots += 1
        if 2 * usedSlots > mask { layOut() }
        return
      }
      index = (index + 1) & mask
    }
    totalLots += size - slots[2 * index + 1]
    slots[2 * index + 1] = size
  }

  private static func hash(_ price: Int64) -> Int {
    // Fibonacci hashing: neighbouring prices spread over the table (Knuth, TAOCP 3, 6.4).
    Int(truncatingIfNeeded: (UInt64(bitPattern: price) &* 0x9E37_79B9_7F4A_7C15) >> 32)
  }

  /// Drops removed levels, and doubles the table where a quarter of it is still in use.
  private mutating func layOut() {
    let levels = levels
    if 4 * levels.count > mask { mask = 2 * mask + 1 }
    slots = [Int64](repeating: 0, count: 2 * (mask + 1))
    usedSlots = 0
    totalLots = 0
    for level in levels { set(price: level.price, size: level.size) }
  }

  /// The levels there are, in no order that means anything.
  private var levels: [(price: Int64, size: Int64)] {
    stride(from: 0, to: slots.count, by: 2).compactMap { index in
      slots[index + 1] > 0 ? (slots[index], slots[index + 1]) : nil
    }
  }

  /// The same side, sorted.
  package func side(_ side: Side) -> BookSide {
    var sorted = BookSide(side)
    for level in levels.sorted(by: { side.sign * $0.price < side.sign * $1.price }) {
      _ = sorted.pushBetter(ticks: level.price, lots: level.size)
    }
    return sorted
  }
}
