internal import HogaCore

/// The rows of `orders`: single orders, from which the sizes of levels follow.
///
/// It keeps a book of its own, since a row says what becomes of an order and a message says what is
/// shown at a price from then on. The events themselves go along for the true queue.
struct OrderRows {
  private var book = OrderByOrderBook()
  /// A snapshot whose rows are still coming, perhaps in the next chunk.
  private var snapshot: BookMessage?
  private var snapshotEvents: [OrderEvent] = []

  mutating func decode(_ frame: Frame, _ stamps: RowStamps, into chunk: inout BookChunk) throws {
    guard case .category(let categories) = try frame.column("kind"),
      case .int32(let sides) = try frame.column("side")
    else { throw DataError("a table of orders has kind (text) and side (32-bit)") }
    let kinds = categories.levels.map { OrderEventKind(rawValue: $0) }
    let ids = try frame.int64s("order_id")
    let ticks = try frame.int64s("price")
    let lots = try frame.int64s("size")
    for row in 0..<frame.rowCount {
      guard categories.codes[row] >= 0, let kind = kinds[Int(categories.codes[row])] else {
        throw DataError("no kind of an order's event", row: row + 1, column: "kind")
      }
      let event = OrderEvent(
        kind, id: ids[row], side: Side(rawValue: sides[row]), ticks: ticks[row], lots: lots[row],
        sequence: stamps.sequence[row])
      var message = BookMessage(
        exchange: stamps.exchange[row], arrival: stamps.arrival[row],
        sequence: stamps.sequence[row], bidsEnd: 0, asksEnd: 0, eventsEnd: 0, kind: .update)
      guard kind == .snapshot else {
        endSnapshot(in: &chunk)
        if kind == .gap { message.kind = .gap }
        try play(event, message, row, into: &chunk)
        continue
      }
      let begins = snapshot?.sequence != event.sequence
      if begins {
        endSnapshot(in: &chunk)
        message.kind = .snapshot
        snapshot = message
      }
      try apply(event, beginsSnapshot: begins, row)
      snapshotEvents.append(event)
    }
  }

  private mutating func endSnapshot(in chunk: inout BookChunk) {
    guard let message = snapshot else { return }
    snapshot = nil
    chunk.events += snapshotEvents
    snapshotEvents.removeAll()
    chunk.changes += levels(.buy)
    let bidsEnd = Int32(chunk.changes.count)
    chunk.changes += levels(.sell)
    chunk.append(message, bidsEnd: bidsEnd)
  }

  private func levels(_ side: Side) -> [LevelChange] {
    book.levels(side).map { LevelChange(ticks: $0.ticks, lots: $0.lots) }
  }

  private mutating func play(
    _ event: OrderEvent, _ message: BookMessage, _ row: Int, into chunk: inout BookChunk
  ) throws(DataError) {
    guard !book.isStale || event.kind == .gap else { return }
    // Where an order stood before, which a change leaves.
    let old = event.kind == .change ? book.slot(of: event.id).map { book.order(at: $0) } : nil
    try apply(event, beginsSnapshot: false, row)
    chunk.events.append(event)
    var prices: [Int64] = []
    if let old, old.ticks != event.ticks { prices.append(old.ticks) }
    switch event.kind {
    case .add, .reduce, .delete, .execute, .change: prices.append(event.ticks)
    case .executeHidden, .cross, .halt, .snapshot, .gap: break
    }
    let side = event.side ?? .buy
    for price in prices {
      chunk.changes.append(
        LevelChange(ticks: price, lots: book.level(side, at: price)?.lots ?? 0))
    }
    let end = Int32(chunk.changes.count)
    chunk.append(message, bidsEnd: side == .buy ? end : end - Int32(prices.count))
  }

  private mutating func apply(
    _ event: OrderEvent, beginsSnapshot: Bool, _ row: Int
  ) throws(DataError) {
    // Levels are summed up: their sizes must fit what matching computes with.
    guard
      event.kind == .gap || MarketRange.lots.contains(event.lots) || event.lots == Column.missing
    else { throw DataError("out of range", row: row + 1, column: "size") }
    do {
      try book.apply(event, beginsSnapshot: beginsSnapshot)
    } catch {
      throw DataError(
        "\(error.rawValue): \(event.kind.rawValue) of order \(event.id). The true queue needs all "
          + "orders from a snapshot on; without one, play the market's book by level", row: row + 1)
    }
  }
}
