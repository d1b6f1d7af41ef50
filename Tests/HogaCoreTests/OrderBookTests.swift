import HogaCore
import Testing

@Suite("Order book")
struct OrderBookTests {
  /// The obvious book: a dictionary per side, sorted when asked.
  private struct SlowSide {
    var sign: Int64
    var levels: [Int64: Int64] = [:]
    mutating func set(_ ticks: Int64, _ lots: Int64) { levels[ticks] = lots == 0 ? nil : lots }
    var sorted: [(ticks: Int64, lots: Int64)] {
      levels.map { ($0.key, $0.value) }.sorted { $0.0 * sign > $1.0 * sign }
    }
  }

  @Test("equals a dictionary after any updates", arguments: UInt64(0)..<40)
  func equalsReference(seed: UInt64) {
    var random = SeededRandom(seed)
    var book = OrderBook()
    var slow: [Side: SlowSide] = [.buy: SlowSide(sign: 1), .sell: SlowSide(sign: -1)]
    let width = Int64.random(in: 1...300, using: &random)
    for _ in 0..<2000 {
      let side: Side = Bool.random(using: &random) ? .buy : .sell
      let ticks = Int64.random(in: -width...width, using: &random)
      let lots = Int64.random(in: 0...3, using: &random)
      book.set(side, ticks: ticks, lots: lots)
      slow[side]!.set(ticks, lots)
      let sorted = slow[side]!.sorted
      #expect(book[side].lots(atTicks: ticks) == lots)
      #expect(book[side].count == sorted.count)
      if let best = sorted.first {
        #expect(book[side].bestTicks == best.ticks && book[side].bestLots == best.lots)
      }
    }
    for side in Side.allCases {
      let levels = (0..<book[side].count).map {
        (book[side].ticks(at: $0), book[side].lots(at: $0))
      }
      #expect(levels.map(\.0) == slow[side]!.sorted.map(\.ticks))
      #expect(levels.map(\.1) == slow[side]!.sorted.map(\.lots))
      #expect(book[side].totalLots == levels.reduce(0) { $0 + $1.1 })
    }
  }

  @Test("tells crossed, locked, empty and stale apart")
  func states() {
    var book = OrderBook()
    #expect(!book.isTwoSided && !book.isCrossed)
    book.set(.buy, ticks: 100, lots: 1)
    #expect(!book.isTwoSided)
    book.set(.sell, ticks: 101, lots: 1)
    #expect(book.isTwoSided && book.doubledMidTicks == 201)
    book.set(.sell, ticks: 100, lots: 2)
    #expect(book.isLocked && !book.isCrossed)
    book.set(.sell, ticks: 99, lots: 2)
    #expect(book.isCrossed)
    book.isStale = true
    #expect(!book.isTwoSided && !book.isCrossed)
  }

  @Test("refuses levels that do not get better")
  func ordersLevels() {
    var asks = BookSide(.sell)
    let taken = [103, 101, 101, 102].map { asks.pushBetter(ticks: $0, lots: 2) }
    #expect(taken == [true, true, false, false])
    #expect(asks.bestTicks == 101 && asks.count == 2)
  }
}
