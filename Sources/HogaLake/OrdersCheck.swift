internal import HogaCore

/// Rebuilds a book of single orders from the rows of `orders`, from the first snapshot on, and counts
/// rows that do not fit it. Without a snapshot (as of LOBSTER) the first orders are unknown, and the
/// rows are judged one by one alone.
struct OrdersCheck {
  private var book = OrderByOrderBook()
  private var losses = FeedLosses()
  /// Of the snapshot whose rows are coming.
  private var snapshot: Int64?

  init() { book.isStale = true }

  /// The kinds of a chunk's rows.
  static func kinds(_ chunk: Frame) -> [OrderEventKind?]? {
    guard case .category(let categories)? = chunk["kind"] else { return nil }
    let known = categories.levels.map { OrderEventKind(rawValue: $0) }
    return categories.codes.map { $0 < 0 ? nil : known[Int($0)] }
  }

  mutating func check(_ chunk: Frame, firstRow: Int, into tally: inout FindingTally) throws {
    guard let kinds = Self.kinds(chunk), case .int32(let sides) = try chunk.column("side") else {
      return
    }
    let sequences = try chunk.int64s("sequence")
    let ids = try chunk.int64s("order_id")
    let prices = try chunk.int64s("price")
    let sizes = try chunk.int64s("size")
    for (index, kind) in kinds.enumerated() {
      let row = firstRow + index
      guard let kind else {
        tally.add(.unknownValue, row: row, "kind")
        continue
      }
      let loss: DepthKind = kind == .gap ? .gap : kind == .snapshot ? .snapshot : .update
      if losses.isLoss(loss) { tally.add(.feedGap, row: row) }
      let event = OrderEvent(
        kind, id: ids[index], side: Side(rawValue: sides[index]), ticks: prices[index],
        lots: sizes[index], sequence: sequences[index])
      let begins = kind == .snapshot && snapshot != event.sequence
      snapshot = kind == .snapshot ? event.sequence : nil
      do {
        try book.apply(event, beginsSnapshot: begins)
      } catch {
        tally.add(.orderFault, row: row, "\(error.rawValue): \(kind.rawValue) of \(event.id)")
      }
      guard kind != .snapshot, book.phase == .trading else { continue }
      switch book.state {
      case .crossed: tally.add(.crossed, row: row)
      case .locked: tally.add(.locked, row: row)
      default: break
      }
    }
  }
}
