/// A window as blocks of 1, 2, 4, … rows, the longest and newest first.
///
/// Blocks of each length are computed once for all rows by doubling (a block of 8 is two of 4), and
/// every window is put together from at most one block of each length. So a window costs the
/// logarithm of its length in passes over the rows, each value is the sum of a fresh tree and never
/// a running sum that drifts, and it depends on the window's rows alone: where the table begins
/// makes no difference, to the last bit.
struct WindowPlan: Sendable {
  struct Block: Sendable {
    /// The block has `1 << exponent` rows.
    var exponent: Int
    /// Rows between the block's last and the window's last.
    var lag: Int
    var length: Int { 1 << exponent }
  }

  let length: Int
  let blocks: [Block]

  /// - Precondition: `length` is one or more.
  init(length: Int) {
    precondition(length > 0, "a window holds at least one row")
    self.length = length
    var blocks: [Block] = []
    var lag = 0
    for exponent in stride(from: Self.exponent(of: length), through: 0, by: -1)
    where length & (1 << exponent) != 0 {
      blocks.append(Block(exponent: exponent, lag: lag))
      lag += 1 << exponent
    }
    self.blocks = blocks
  }

  /// Of the longest block that fits into a window.
  static func exponent(of length: Int) -> Int { Int.bitWidth - 1 - length.leadingZeroBitCount }
}
