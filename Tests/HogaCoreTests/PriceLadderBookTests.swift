import HogaCore
import Testing

@Suite("Price ladder")
struct PriceLadderBookTests {
  /// Walks a ladder from its best key.
  private func contents(_ ladder: PriceLadder) -> [(Int64, Int64)] {
    var all: [(Int64, Int64)] = []
    var key: Int64? = ladder.isEmpty ? nil : ladder.best
    while let here = key {
      all.append((here, ladder.value(at: here)))
      key = ladder.next(below: here)
    }
    return all
  }

  @Test(
    "equals a dictionary, wherever prices wander and jump", arguments: UInt64(0)..<24,
    [4096, 16_384])
  func equalsReference(seed: UInt64, window: Int) {
    var random = SeededRandom(seed)
    var ladder = PriceLadder(window: window)
    var slow: [Int64: Int64] = [:]
    var centre: Int64 = 0
    let wide = [Int64(3), 50, 3000, 100_000][Int(seed % 4)]
    for step in 0..<4000 {
      if Int.random(in: 0..<200, using: &random) == 0 {
        centre += Int64.random(in: -20_000...20_000, using: &random)
      }
      if step % 1777 == 1776 {
        ladder.removeAll()
        slow = [:]
      }
      var key = centre + Int64.random(in: -wide...wide, using: &random)
      if Int.random(in: 0..<100, using: &random) == 0 {
        key = Int64.random(in: -PriceLadder.largestKey...PriceLadder.largestKey, using: &random)
      }
      if let known = slow.keys.min(), Int.random(in: 0..<3, using: &random) == 0 { key = known }
      let value = max(0, Int64.random(in: -2...3, using: &random))
      let old = ladder.set(value, at: key)
      #expect(old == slow[key] ?? 0)
      slow[key] = value == 0 ? nil : value
      #expect(ladder.count == slow.count)
      if let best = slow.keys.max() { #expect(ladder.best == best) }
      #expect(ladder.value(at: key) == value)
      if step % 500 == 0 {
        let sorted = slow.sorted { $0.key > $1.key }
        let found = contents(ladder)
        #expect(found.map(\.0) == sorted.map(\.key))
        #expect(found.map(\.1) == sorted.map(\.value))
      }
    }
  }

  @Test(
    "sets many values at once as it sets them one by one", arguments: UInt64(0)..<24,
    [4096, 16_384])
  func appliesChanges(seed: UInt64, window: Int) {
    var random = SeededRandom(seed)
    var (fast, slow) = (PriceLadder(window: window), PriceLadder(window: window))
    let wide = [Int64(3), 50, 3000, 100_000][Int(seed % 4)]
    let sign: Int64 = seed % 3 == 0 ? -1 : 1
    var centre: Int64 = 0
    for _ in 0..<200 {
      if Int.random(in: 0..<20, using: &random) == 0 {
        centre += Int64.random(in: -20_000...20_000, using: &random)
      }
      let changes = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
        LevelChange(
          ticks: centre + Int64.random(in: -wide...wide, using: &random),
          lots: Int64.random(in: -2...2, using: &random))
      }
      fast.apply(changes.span, sign: sign)
      for change in changes { slow.set(max(0, change.lots), at: change.ticks * sign) }
      #expect(fast.count == slow.count && fast.isEmpty == slow.isEmpty)
      if !slow.isEmpty { #expect(fast.best == slow.best) }
    }
    let (left, right) = (contents(fast), contents(slow))
    #expect(left.map(\.0) == right.map(\.0) && left.map(\.1) == right.map(\.1))
  }

  @Test("finds the next key from any key, taken or not")
  func next() {
    var ladder = PriceLadder(window: 4096)
    let keys: [Int64] = [-1_000_000, -3, 0, 63, 64, 4000, 900_000]
    for key in keys { ladder.set(1, at: key) }
    for from in keys.flatMap({ [$0 - 1, $0, $0 + 1] }) {
      #expect(ladder.next(below: from) == keys.last { $0 < from })
    }
  }

  @Test("a book on ladders shows what the sorted book shows", arguments: UInt64(0)..<20)
  func ladderBook(seed: UInt64) {
    var random = SeededRandom(seed)
    var ladders = LadderBook(window: 4096)
    var sorted = OrderBook()
    for step in 0..<3000 {
      let side: Side = Bool.random(using: &random) ? .buy : .sell
      let ticks = 10_000 + Int64(step) - side.sign * Int64.random(in: -3...400, using: &random)
      let lots = max(0, Int64.random(in: -4...5, using: &random))
      #expect(ladders.set(side, ticks: ticks, lots: lots) == sorted[side].lots(atTicks: ticks))
      sorted.set(side, ticks: ticks, lots: lots)
      if step % 700 == 699 {
        ladders.isStale.toggle()
        sorted.isStale.toggle()
      }
      #expect(ladders.state == sorted.state)
      guard !sorted[side].isEmpty else { continue }
      #expect(ladders[side].bestTicks == sorted[side].bestTicks)
      #expect(ladders[side].bestLots == sorted[side].bestLots)
      if sorted[side].count > 1 {
        #expect(
          ladders[side].nextTicks(behind: sorted[side].bestTicks) == sorted[side].ticks(at: 1))
      }
    }
  }

  @Test("says in one word what state a book is in")
  func states() {
    var book = LadderBook(window: 4096)
    var states = [book.state]
    book.set(.buy, ticks: 100, lots: 1)
    states.append(book.state)
    for ticks in [Int64(102), 100, 99] {
      book.set(.sell, ticks: ticks, lots: 1)
      states.append(book.state)
    }
    book.set(.buy, ticks: 100, lots: 0)
    states.append(book.state)
    book.isStale = true
    states.append(book.state)
    #expect(states == [.empty, .bidsOnly, .normal, .locked, .crossed, .asksOnly, .stale])
    #expect(states.map(\.isTwoSided) == [false, false, true, true, true, false, false])
  }

  @Test("a null price of outside data does not stop the program")
  func nullPrice() {
    var book = OrderBook()
    book.set(.sell, ticks: .min, lots: 1)
    book.set(.buy, ticks: .min, lots: 1)
    #expect(book.asks.count == 1)
  }
}
