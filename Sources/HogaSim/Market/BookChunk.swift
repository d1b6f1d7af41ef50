internal import HogaCore

/// One message of a book's feed: what it changes lies in its chunk, bids first, then asks.
///
/// Rows of a message are applied together, so it is the message that has a time, and a run pays for
/// a clock, a merge and a look at own orders once per message and not once per row.
struct BookMessage: Sendable {
  enum Kind: Sendable {
    case update
    /// The book is emptied first, and no longer stale.
    case snapshot
    /// Messages are missing: the book is stale.
    case gap
  }

  var exchange: Int64
  var arrival: Int64
  var sequence: Int64
  /// Where its bids end in the chunk's changes, and its asks behind them.
  var bidsEnd: Int32
  var asksEnd: Int32
  /// Where its events end among the chunk's, for markets order by order.
  var eventsEnd: Int32
  var kind: Kind
  /// Whether prices at which a side shows nothing are known to be empty, however far away.
  var showsAllBids = true
  var showsAllAsks = true
}

/// Decoded messages of `depth`, `book`, `quotes` or `orders`, all in one form.
struct BookChunk: Sendable {
  var messages: [BookMessage] = []
  var changes: [LevelChange] = []
  var events: [OrderEvent] = []
}

/// Turns chunks of a book's table into messages; keeps what goes on from one chunk to the next.
struct BookDecoder {
  private var clock = RowClock()
  private var depth = DepthRows()
  private var levels = LevelRows()
  private var orders = OrderRows()

  var report: ClockReport { clock.report }

  /// - Throws: `DataError` with the row of the chunk that cannot be played.
  mutating func decode(_ frame: Frame) throws -> BookChunk {
    let stamps = try clock.stamp(frame)
    var chunk = BookChunk()
    if frame.contains("order_id") {
      try orders.decode(frame, stamps, into: &chunk)
    } else if frame.contains("kind") {
      try depth.decode(frame, stamps, into: &chunk)
    } else {
      try levels.decode(frame, stamps, into: &chunk)
    }
    return chunk
  }

  /// Nothing follows.
  func finish() throws(DataError) {
    guard depth.isComplete else {
      throw DataError("the table ends inside a depth message", column: "last")
    }
  }
}

/// The rows of `depth`: absolute sizes of single levels, the message's last row marked.
private struct DepthRows {
  private var message: BookMessage?
  private var bids: [LevelChange] = []
  private var asks: [LevelChange] = []

  var isComplete: Bool { message == nil }

  mutating func decode(
    _ frame: Frame, _ stamps: RowStamps, into chunk: inout BookChunk
  ) throws(DataError) {
    guard case .category(let categories) = try frame.column("kind"),
      case .int32(let sides) = try frame.column("side"),
      case .bool(let last) = try frame.column("last")
    else {
      throw DataError("a depth table has kind (text), side (32-bit) and last (true or false)")
    }
    let known = categories.levels.map { DepthKind(rawValue: $0) }
    let ticks = try frame.int64s("price")
    let lots = try frame.int64s("size")
    chunk.changes.reserveCapacity(frame.rowCount)
    for row in 0..<frame.rowCount {
      let code = categories.codes[row]
      guard code >= 0, let kind = known[Int(code)] else {
        throw DataError("neither snapshot, update nor gap", row: row + 1, column: "kind")
      }
      if message == nil {
        message = BookMessage(
          exchange: stamps.exchange[row], arrival: stamps.arrival[row],
          sequence: stamps.sequence[row], bidsEnd: 0, asksEnd: 0, eventsEnd: 0, kind: .update)
      }
      switch kind {
      case .gap: message!.kind = .gap
      case .snapshot: message!.kind = .snapshot
      case .update: break
      }
      // A gap has neither side, price nor size.
      if kind != .gap {
        guard MarketRange.ticks.contains(ticks[row]) else {
          throw DataError("null or out of range", row: row + 1, column: "price")
        }
        guard MarketRange.lots.contains(lots[row]) else {
          throw DataError("null, negative or out of range", row: row + 1, column: "size")
        }
        let change = LevelChange(ticks: ticks[row], lots: lots[row])
        switch sides[row] {
        case 1: bids.append(change)
        case -1: asks.append(change)
        default: throw DataError("neither 1 nor -1", row: row + 1, column: "side")
        }
      }
      if last[row] { chunk.append(message!, &bids, &asks, clearing: &message) }
    }
  }
}

/// The rows of `book` and `quotes`: the first levels after each event.
///
/// What differs from the row before becomes a message. A level that is pushed out of the view may
/// still stand, so it leaves as `outOfView`.
private struct LevelRows {
  private var levelCount = 0
  private var isFirst = true
  private var bids: [LevelChange] = []
  private var asks: [LevelChange] = []
  private var next: [LevelChange] = []

  mutating func decode(
    _ frame: Frame, _ stamps: RowStamps, into chunk: inout BookChunk
  ) throws(DataError) {
    levelCount = 0
    while frame.contains("bid_price_\(levelCount + 1)") { levelCount += 1 }
    guard levelCount > 0 else { throw DataError("no such column", column: "bid_price_1") }
    let (cells, width) = try Self.cells(frame, levelCount)
    for row in 0..<frame.rowCount {
      var message = BookMessage(
        exchange: stamps.exchange[row], arrival: stamps.arrival[row],
        sequence: stamps.sequence[row], bidsEnd: 0, asksEnd: 0, eventsEnd: 0,
        kind: isFirst ? .snapshot : .update)
      isFirst = false
      try read(cells, from: row * width, sign: 1, row: row)
      append(to: &chunk.changes, old: bids, sign: 1)
      swap(&bids, &next)
      message.showsAllBids = bids.count < levelCount
      let bidsEnd = Int32(chunk.changes.count)
      try read(cells, from: row * width + 2, sign: -1, row: row)
      append(to: &chunk.changes, old: asks, sign: -1)
      swap(&asks, &next)
      message.showsAllAsks = asks.count < levelCount
      chunk.append(message, bidsEnd: bidsEnd)
    }
  }

  /// Rows of `4 · levelCount` cells one after another: all cells of a row are read at once.
  private static func cells(
    _ frame: Frame, _ levelCount: Int
  ) throws(DataError) -> (cells: [Int64], width: Int) {
    var columns: [[Int64]] = []
    for level in 1...levelCount {
      for side in ["bid", "ask"] {
        let ticks = try frame.int64s("\(side)_price_\(level)")
        let lots = try frame.int64s("\(side)_size_\(level)")
        for row in ticks.indices where ticks[row] != Column.missing {
          guard MarketRange.ticks.contains(ticks[row]) else {
            throw DataError("out of range", row: row + 1, column: "\(side)_price_\(level)")
          }
          guard MarketRange.lots.contains(lots[row]) else {
            throw DataError(
              "null, negative or out of range", row: row + 1, column: "\(side)_size_\(level)")
          }
        }
        columns.append(ticks)
        columns.append(lots)
      }
    }
    let width = levelCount * 4
    var cells = [Int64](repeating: 0, count: frame.rowCount * width)
    // Some rows at a time, so that the block that is written stays in the cache.
    for first in stride(from: 0, to: frame.rowCount, by: 256) {
      let rows = first..<min(first + 256, frame.rowCount)
      for (offset, column) in columns.enumerated() {
        for row in rows { cells[row * width + offset] = column[row] }
      }
    }
    return (cells, width)
  }

  /// Reads a side of a row into `next`, best first.
  private mutating func read(
    _ cells: [Int64], from start: Int, sign: Int64, row: Int
  ) throws(DataError) {
    next.removeAll(keepingCapacity: true)
    for level in 0..<levelCount {
      let ticks = cells[start + level * 4]
      let lots = cells[start + level * 4 + 1]
      // A null price is no level; a size of zero shows nothing to trade.
      guard ticks != Column.missing, lots > 0 else { continue }
      if let better = next.last, (better.ticks - ticks) * sign <= 0 {
        throw DataError(
          "not \(sign > 0 ? "below the level above" : "above the level below")", row: row + 1,
          column: "\(sign > 0 ? "bid" : "ask")_price_\(level + 1)")
      }
      next.append(LevelChange(ticks: ticks, lots: lots))
    }
  }

  /// Writes what leads from `old` to `next`; both are sorted, best first.
  private func append(to changes: inout [LevelChange], old: [LevelChange], sign: Int64) {
    let isFull = next.count == levelCount
    var (from, to) = (0, 0)
    while from < old.count || to < next.count {
      // Above zero where the old level is the better one.
      let order =
        from == old.count
        ? -1 : to == next.count ? 1 : (old[from].ticks - next[to].ticks) * sign
      if order > 0 {
        let isBehind = isFull && to == next.count
        changes.append(
          LevelChange(ticks: old[from].ticks, lots: isBehind ? LevelChange.outOfView : 0))
        from += 1
      } else if order < 0 {
        changes.append(next[to])
        to += 1
      } else {
        if old[from].lots != next[to].lots { changes.append(next[to]) }
        from += 1
        to += 1
      }
    }
  }
}

extension BookChunk {
  /// Ends a message whose changes were gathered by side.
  mutating func append(
    _ message: BookMessage, _ bids: inout [LevelChange], _ asks: inout [LevelChange],
    clearing open: inout BookMessage?
  ) {
    changes.append(contentsOf: bids)
    let bidsEnd = Int32(changes.count)
    changes.append(contentsOf: asks)
    append(message, bidsEnd: bidsEnd)
    bids.removeAll(keepingCapacity: true)
    asks.removeAll(keepingCapacity: true)
    open = nil
  }

  /// Ends a message whose changes are the last ones of the chunk.
  mutating func append(_ message: BookMessage, bidsEnd: Int32) {
    var message = message
    message.bidsEnd = bidsEnd
    message.asksEnd = Int32(changes.count)
    message.eventsEnd = Int32(events.count)
    messages.append(message)
  }
}
