internal import HogaCore

/// Which of the two clocks a cursor walks by.
enum MarketClock: Int {
  /// When things happened: orders match against this.
  case exchange = 0
  /// When they became known: the strategy sees this.
  case local = 1
}

/// Walks a market's book and trades together, on one clock.
///
/// Events of one table keep their order; the two tables are merged by (time on this clock,
/// sequence), the trade first at a tie, so that it meets the book that stood before it.
struct MarketCursor {
  private var book: BookCursor
  private var trades: TradeCursor
  /// Time of the next event, `Int64.max` at the end.
  private(set) var nextTime = Int64.max
  private(set) var nextIsTrade = false

  /// - Parameter feed: what the feed adds, on the local clock.
  init(
    book: SharedChunks<BookChunk>, trades: SharedChunks<TradeChunk>, clock: MarketClock,
    feed: LatencyModel, seed: UInt64
  ) throws {
    // The two tables come by connections of their own.
    self.book = try BookCursor(book, CursorClock(clock, feed, seed: seed))
    self.trades = try TradeCursor(trades, CursorClock(clock, feed, seed: ~seed))
    settle()
  }

  var print: Print { trades.current }
  var message: BookMessage { book.current }

  mutating func skipTrade() throws {
    try trades.advance()
    settle()
  }

  /// Plays the next message to a local book.
  mutating func apply(to target: inout LadderBook) throws {
    book.apply(to: &target)
    try book.advance()
    settle()
  }

  /// Plays the next message to the exchange; returns how many levels and orders it changed.
  mutating func apply(to exchange: inout Exchange, at time: Int64) throws -> Int {
    let rows = try book.apply(to: &exchange, at: time)
    try book.advance()
    settle()
    return rows
  }

  private mutating func settle() {
    nextIsTrade =
      trades.time < book.time || (trades.time == book.time && trades.sequence <= book.sequence)
    nextTime = nextIsTrade ? trades.time : book.time
  }
}

/// Gives an event its time on a cursor's clock: the exchange's as it is, the local one as it arrived
/// plus what the feed adds, never going backward and never before it happened.
private struct CursorClock {
  /// The cursor's number among those that share chunks.
  let cursorIndex: Int
  private let isLocal: Bool
  private var feed: LatencySource
  private var last = Int64.min

  init(_ clock: MarketClock, _ model: LatencyModel, seed: UInt64) throws(UsageError) {
    cursorIndex = clock.rawValue
    isLocal = clock == .local
    feed = try LatencySource(model, seed: seed, leg: .feed)
  }

  mutating func time(exchange: Int64, arrival: Int64) -> Int64 {
    guard isLocal else { return exchange }
    let latency = feed.next(at: exchange, recordedFeedLatency: arrival &- exchange)
    last = max(last, exchange &+ latency)
    return last
  }
}

private struct TradeCursor {
  private let feed: SharedChunks<TradeChunk>
  private var clock: CursorClock
  private var prints: [Print] = []
  private var row = 0
  private(set) var time = Int64.max
  private(set) var sequence = Int64.max

  init(_ feed: SharedChunks<TradeChunk>, _ clock: CursorClock) throws {
    self.feed = feed
    self.clock = clock
    try load()
  }

  var current: Print { prints[row] }

  mutating func advance() throws {
    row += 1
    if row < prints.count { settle() } else { try load() }
  }

  private mutating func settle() {
    time = clock.time(exchange: prints[row].exchange, arrival: prints[row].arrival)
    sequence = prints[row].sequence
  }

  private mutating func load() throws {
    row = 0
    guard let chunk = try feed.next(for: clock.cursorIndex) else {
      time = .max
      sequence = .max
      return
    }
    prints = chunk.prints
    settle()
  }
}

private struct BookCursor {
  private let feed: SharedChunks<BookChunk>
  private var clock: CursorClock
  private var chunk = BookChunk()
  private var row = 0
  /// Where the current message's changes and events begin.
  private var firstChange = 0
  private var firstEvent = 0
  private(set) var time = Int64.max
  private(set) var sequence = Int64.max

  init(_ feed: SharedChunks<BookChunk>, _ clock: CursorClock) throws {
    self.feed = feed
    self.clock = clock
    try load()
  }

  var current: BookMessage { chunk.messages[row] }

  func apply(to book: inout LadderBook) {
    let message = chunk.messages[row]
    switch message.kind {
    case .update: break
    case .snapshot:
      book.removeAll()
      book.isStale = false
    case .gap: book.isStale = true
    }
    let changes = chunk.changes.span
    let bidsEnd = Int(message.bidsEnd)
    book.bids.apply(changes.extracting(firstChange..<bidsEnd))
    book.asks.apply(changes.extracting(bidsEnd..<Int(message.asksEnd)))
  }

  func apply(to exchange: inout Exchange, at time: Int64) throws -> Int {
    let message = chunk.messages[row]
    let changes = chunk.changes.span
    let bidsEnd = Int(message.bidsEnd)
    let asksEnd = Int(message.asksEnd)
    let eventsEnd = Int(message.eventsEnd)
    try exchange.play(
      message, bids: changes.extracting(firstChange..<bidsEnd),
      asks: changes.extracting(bidsEnd..<asksEnd),
      events: chunk.events.span.extracting(firstEvent..<eventsEnd), at: time)
    return max(1, firstEvent == eventsEnd ? asksEnd - firstChange : eventsEnd - firstEvent)
  }

  mutating func advance() throws {
    firstChange = Int(chunk.messages[row].asksEnd)
    firstEvent = Int(chunk.messages[row].eventsEnd)
    row += 1
    if row < chunk.messages.count { settle() } else { try load() }
  }

  private mutating func settle() {
    let message = chunk.messages[row]
    time = clock.time(exchange: message.exchange, arrival: message.arrival)
    sequence = message.sequence
  }

  private mutating func load() throws {
    row = 0
    firstChange = 0
    firstEvent = 0
    guard let next = try feed.next(for: clock.cursorIndex) else {
      time = .max
      sequence = .max
      return
    }
    chunk = next
    settle()
  }
}
