package import HogaCore

/// Tells which `gap` rows of one partition stand for messages that were lost.
///
/// One before any level is none of them: it says that the book is not known yet.
package struct FeedLosses {
  private var hasLevels = false

  package init() {}

  /// - Parameter kind: of the next row.
  package mutating func isLoss(_ kind: DepthKind) -> Bool {
    if kind != .gap { hasLevels = true }
    return kind == .gap && hasLevels
  }
}

/// Rebuilds a book from the rows of `depth`, and judges it after every message.
struct DepthCheck {
  private(set) var book: OrderBook
  private(set) var staleMessages = 0
  private(set) var staleTime: Int64 = 0

  // Until a snapshot, or a book of the day before, nobody knows what the levels were.
  private var isKnown: Bool
  private var inSnapshot = false
  private var isOpen = false
  private var staleSince: Int64?
  private var losses = FeedLosses()
  /// Of a gap before any level.
  private var unknownFrom: Int?
  private var hasSnapshot = false
  private var lastArrival: Int64 = Column.missing

  /// How bad a price at or below zero is for the instrument.
  private let priceSeverity: CheckFinding.Severity

  init(book: OrderBook?, priceSeverity: CheckFinding.Severity) {
    self.book = book ?? OrderBook()
    isKnown = book != nil
    self.priceSeverity = priceSeverity
  }

  mutating func check(
    _ chunk: Frame, _ arrivals: [Int64], firstRow: Int, into tally: inout FindingTally
  ) throws {
    guard case .category(let categories) = try chunk.column("kind"),
      case .int32(let sides) = try chunk.column("side"),
      case .bool(let last) = try chunk.column("last")
    else { return }
    let kindOf = categories.levels.map { DepthKind(rawValue: $0) }
    let prices = try chunk.int64s("price")
    let sizes = try chunk.int64s("size")
    for index in arrivals.indices {
      let row = firstRow + index
      let code = categories.codes[index]
      if let kind = code < 0 ? nil : kindOf[Int(code)] {
        if losses.isLoss(kind) {
          tally.add(.feedGap, row: row)
        } else if kind == .gap, unknownFrom == nil {
          unknownFrom = row
        }
        if kind == .gap {
          book.isStale = true
        } else {
          let level = Level(side: sides[index], price: prices[index], size: sizes[index])
          apply(level, kind, row, &tally)
        }
      } else if code < 0 {
        tally.add(.null, row: row, "kind")
      } else {
        tally.add(.unknownValue, row: row, "kind \(categories.levels[Int(code)])")
      }
      isOpen = !last[index]
      if last[index] {
        judge(arrivals[index], row, &tally)
        inSnapshot = false
      }
    }
  }

  mutating func finish(rowCount: Int, into tally: inout FindingTally) {
    if isOpen { tally.add(.openMessage, row: rowCount - 1) }
    if !hasSnapshot, let unknownFrom { tally.add(.noSnapshot, row: unknownFrom) }
    addStaleTime(until: lastArrival)
    staleSince = nil
  }

  private struct Level {
    var side: Int32
    var price: Int64
    var size: Int64
  }

  private mutating func apply(
    _ level: Level, _ kind: DepthKind, _ row: Int, _ tally: inout FindingTally
  ) {
    if kind == .snapshot, !inSnapshot {
      book.removeAll()
      book.isStale = false
      isKnown = true
      hasSnapshot = true
      inSnapshot = true
    }
    if kind == .update, !isKnown { tally.add(.noSnapshot, row: row) }
    guard level.price != Column.missing, level.size != Column.missing else {
      tally.add(.null, row: row, level.price == Column.missing ? "price" : "size")
      return
    }
    guard let side = Side(rawValue: level.side) else {
      tally.add(.unknownValue, row: row, "side \(level.side)")
      return
    }
    guard level.size >= 0 else {
      tally.add(.size, row: row, "\(level.size)")
      return
    }
    if level.price <= 0 {
      tally.add(.price, row: row, severity: priceSeverity, "\(level.price)")
    }
    guard !book[side].totalLots.addingReportingOverflow(level.size).overflow else {
      tally.add(.size, row: row, "\(level.size), beyond what a book can sum")
      return
    }
    book.set(side, ticks: level.price, lots: level.size)
  }

  private mutating func judge(_ arrival: Int64, _ row: Int, _ tally: inout FindingTally) {
    lastArrival = arrival
    guard isKnown, !book.isStale else {
      staleMessages += 1
      if staleSince == nil { staleSince = arrival }
      return
    }
    addStaleTime(until: arrival)
    staleSince = nil
    switch (book.bids.isEmpty, book.asks.isEmpty) {
    case (true, true): tally.add(.emptyBook, row: row)
    case (true, false): tally.add(.oneSided, row: row, "no bid")
    case (false, true): tally.add(.oneSided, row: row, "no ask")
    case (false, false):
      if book.isCrossed {
        tally.add(
          .crossed, row: row, "bid \(book.bids.bestTicks), ask \(book.asks.bestTicks) in ticks")
      } else if book.isLocked {
        tally.add(.locked, row: row, "at \(book.bids.bestTicks) ticks")
      }
    }
  }

  private mutating func addStaleTime(until arrival: Int64) {
    guard let since = staleSince, since != Column.missing, arrival != Column.missing else { return }
    let (length, overflow) = arrival.subtractingReportingOverflow(since)
    if !overflow, length > 0 { staleTime += length }
  }
}
