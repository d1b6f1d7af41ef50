internal import HogaCore

/// Which of the two clocks a cursor walks by.
enum MarketClock: Int {
  /// When things happened: orders match against this.
  case exchange = 0
  /// When they became known: the strategy sees this.
  case local = 1
}

/// A trade as matching needs it.
struct Print {
  var ticks: Int64
  var lots: Int64
  /// +1 when a buyer crossed the spread, −1 a seller, otherwise not known.
  var aggressor: Int32
  var sequence: Int64
}

/// Walks a market's book and trade tables together, on one clock.
///
/// Rows of one table keep their order; the two tables are merged by (time on this clock,
/// sequence), the trade first at a tie, so that it meets the book that stood before it.
struct MarketCursor {
  private var book: BookCursor
  private var trades: TradeCursor
  /// Time of the next event, `Int64.max` at the end.
  private(set) var nextTime = Int64.max
  private(set) var nextIsTrade = false

  init(
    book: SharedChunks<BookChunk>, trades: SharedChunks<TradeChunk>?, clock: MarketClock
  ) throws {
    self.book = try BookCursor(book, clock: clock)
    self.trades = try TradeCursor(trades, clock: clock)
    settle()
  }

  var print: Print { trades.current }
  var tradeMoment: (time: Int64, sequence: Int64) { (trades.time, trades.sequence) }
  var bookSequence: Int64 { book.sequence }

  mutating func skipTrade() throws {
    try trades.advance()
    settle()
  }

  /// Applies the next book message: one row of levels, or all depth rows to the one marked `last`.
  mutating func applyBook(to target: inout OrderBook) throws {
    try book.apply(to: &target)
    settle()
  }

  private mutating func settle() {
    nextIsTrade =
      trades.time < book.time || (trades.time == book.time && trades.sequence <= book.sequence)
    nextTime = nextIsTrade ? trades.time : book.time
  }
}

private struct TradeCursor {
  private let feed: SharedChunks<TradeChunk>?
  private let clock: MarketClock
  private var times: [Int64] = []
  private var sequences: [Int64] = []
  private var ticks: [Int64] = []
  private var lots: [Int64] = []
  private var aggressors: [Int32] = []
  private var row = 0
  private(set) var time = Int64.max
  private(set) var sequence = Int64.max

  init(_ feed: SharedChunks<TradeChunk>?, clock: MarketClock) throws {
    self.feed = feed
    self.clock = clock
    try load()
  }

  var current: Print {
    Print(ticks: ticks[row], lots: lots[row], aggressor: aggressors[row], sequence: sequences[row])
  }

  mutating func advance() throws {
    row += 1
    if row < times.count {
      time = times[row]
      sequence = sequences[row]
    } else {
      try load()
    }
  }

  private mutating func load() throws {
    row = 0
    guard let chunk = try feed?.next(for: clock.rawValue) else {
      time = .max
      sequence = .max
      return
    }
    times = clock == .exchange ? chunk.stamps.exchange : chunk.stamps.local
    sequences = chunk.stamps.sequence
    ticks = chunk.ticks
    lots = chunk.lots
    aggressors = chunk.aggressors
    time = times[0]
    sequence = sequences[0]
  }
}

private struct BookCursor {
  private let feed: SharedChunks<BookChunk>
  private let clock: MarketClock
  private var times: [Int64] = []
  private var sequences: [Int64] = []
  private var layout = BookChunk.Layout.levels(.init(cells: [], levelCount: 1))
  private var row = 0
  private var inSnapshot = false
  private(set) var time = Int64.max
  private(set) var sequence = Int64.max

  init(_ feed: SharedChunks<BookChunk>, clock: MarketClock) throws {
    self.feed = feed
    self.clock = clock
    try load()
  }

  mutating func apply(to book: inout OrderBook) throws {
    switch layout {
    case .levels(let levels):
      try replace(&book, with: levels)
      try advance()
    case .depth:
      try applyDepth(to: &book)
    }
  }

  private mutating func applyDepth(to book: inout OrderBook) throws {
    inSnapshot = false
    // A message may go on in the next chunk.
    while case .depth(let depth) = layout, time != .max {
      while row < times.count {
        let endsMessage = depth.last[row]
        apply(depth, to: &book)
        row += 1
        if endsMessage {
          if row < times.count { settle() } else { try load() }
          return
        }
      }
      try load()
    }
    throw DataError("the table ends inside a depth message", column: "last")
  }

  private mutating func apply(_ depth: BookChunk.Depth, to book: inout OrderBook) {
    switch depth.kinds[row] {
    case .gap:
      book.isStale = true
      return
    case .snapshot where !inSnapshot:
      book.removeAll()
      book.isStale = false
      inSnapshot = true
    case .snapshot, .update:
      break
    }
    // Sides, prices and sizes were checked when the chunk was decoded.
    if depth.sides[row] > 0 {
      book.bids.set(ticks: depth.ticks[row], lots: depth.lots[row])
    } else {
      book.asks.set(ticks: depth.ticks[row], lots: depth.lots[row])
    }
  }

  private func replace(_ book: inout OrderBook, with levels: BookChunk.Levels) throws {
    book.isStale = false
    // Most rows change one size on one side, so first look for what differs from the row before.
    if !follow(&book.bids, levels, side: 0) {
      book.bids.removeAll()
      try load(&book.bids, levels, side: 0)
    }
    if !follow(&book.asks, levels, side: 2) {
      book.asks.removeAll()
      try load(&book.asks, levels, side: 2)
    }
  }

  /// Brings a side from the row before to this one by setting sizes, where prices are the same.
  ///
  /// - Returns: false, changing nothing, where the side has to be loaded.
  private func follow(
    _ side: inout BookSide, _ levels: BookChunk.Levels, side offset: Int
  ) -> Bool {
    guard row > 0 else { return false }
    let width = levels.levelCount * 4
    let now = row * width + offset
    let before = now - width
    var differences = 0
    for cell in stride(from: 0, to: width, by: 4) {
      if levels.cells[now + cell] != levels.cells[before + cell] { return false }
      if levels.cells[now + cell + 1] != levels.cells[before + cell + 1] {
        // Levels that come or go are loaded, so that their order is checked.
        guard levels.cells[now + cell] != Column.missing, levels.cells[now + cell + 1] > 0,
          levels.cells[before + cell + 1] > 0
        else { return false }
        differences += 1
      }
    }
    guard differences > 0 else { return true }
    for cell in stride(from: 0, to: width, by: 4)
    where levels.cells[now + cell + 1] != levels.cells[before + cell + 1] {
      side.set(ticks: levels.cells[now + cell], lots: levels.cells[now + cell + 1])
    }
    return true
  }

  private func load(
    _ side: inout BookSide, _ levels: BookChunk.Levels, side offset: Int
  ) throws {
    let start = row * levels.levelCount * 4 + offset
    for level in (0..<levels.levelCount).reversed() {
      let ticks = levels.cells[start + level * 4]
      let lots = levels.cells[start + level * 4 + 1]
      // A null price is no level; a size of zero shows nothing to trade.
      guard ticks != Column.missing, lots > 0 else { continue }
      guard side.pushBetter(ticks: ticks, lots: lots) else {
        throw DataError(
          "not better than the level below", row: row + 1,
          column: "\(offset == 0 ? "bid" : "ask")_price_\(level + 1)")
      }
    }
  }

  private mutating func advance() throws {
    row += 1
    if row < times.count { settle() } else { try load() }
  }

  private mutating func settle() {
    time = times[row]
    sequence = sequences[row]
  }

  private mutating func load() throws {
    row = 0
    guard let chunk = try feed.next(for: clock.rawValue) else {
      time = .max
      sequence = .max
      return
    }
    times = clock == .exchange ? chunk.stamps.exchange : chunk.stamps.local
    sequences = chunk.stamps.sequence
    layout = chunk.layout
    settle()
  }
}
