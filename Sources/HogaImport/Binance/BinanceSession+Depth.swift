internal import HogaCore

extension BinanceSession {
  /// All prices are above zero and no size is below; sums stay far from overflow.
  private mutating func levelsAreSound() throws -> Bool {
    for list in unsafe [scanner.bids.pairs, scanner.asks.pairs] {
      for index in stride(from: 0, to: list.count, by: 2) {
        guard unsafe list[index] > 0 else {
          try reject("a price is not above zero", unsafe text(price: list[index]))
          return false
        }
        guard unsafe list[index + 1] >= 0 else {
          try reject("negative size", unsafe text(size: list[index + 1]))
          return false
        }
      }
    }
    return true
  }

  mutating func depth(_ arrival: Int64, _ time: Int64) throws -> Bool {
    if scanner.isPartialDepth { return try partialDepth(arrival, time) }
    guard depthSource != .partial else {
      counter.add("depth diffs beside partial depth, not used")
      return false
    }
    guard scanner.firstUpdate != Column.missing, scanner.lastUpdate != Column.missing,
      market == .spot || scanner.previousUpdate != Column.missing
    else {
      try reject("a depth message lacks \(market == .spot ? "U or u" : "U, u or pu")")
      return false
    }
    guard scanner.firstUpdate <= scanner.lastUpdate else {
      try reject("a depth message ends before it begins (u below U)")
      return false
    }
    guard try levelsAreSound() else { return false }
    depthMessages += 1
    depthSource = .diffs
    try prepare(arrival)
    let message = DepthSynchronizer.Message(
      first: scanner.firstUpdate, last: scanner.lastUpdate, previous: scanner.previousUpdate)
    let known = synchronizer.last
    switch synchronizer.receive(message) {
    case .drop:
      duplicateDepth += 1
    case .apply:
      try applyDiff(moment(arrival, time))
      remember(message, time)
    case .keep:
      waitingDiffs += 1
      remember(message, time)
      try settle(arrival, time)
      // Before the first snapshot the book is not known.
      if !sawDepth, !synchronizer.isSynchronized {
        try writer?.gap(after: Column.missing, at: moment(arrival, time))
      }
    case .gap:
      if let known {
        report.gaps += 1
        try writer?.gap(after: known, at: moment(arrival, time))
      } else {
        counter.add("interruptions of the depth feed while no book was known")
      }
      unusedDiffs += waitingDiffs
      waitingDiffs = 1
      history.removeAll()
      remember(message, time)
      // One message has one row of its line's number at most: the gap's, where there was a book.
      if known == nil { try settle(arrival, time) }
    }
    sawDepth = true
    return true
  }

  private mutating func remember(_ message: DepthSynchronizer.Message, _ time: Int64) {
    unsafe history.append(
      message, time: time, bids: scanner.bids.pairs, asks: scanner.asks.pairs)
  }

  private mutating func applyDiff(_ moment: Moment) throws {
    let count = (scanner.bids.pairs.count + scanner.asks.pairs.count) / 2
    guard count > 0, let writer else { return }
    var rows = BinanceWriter.Message(
      moment: moment, update: scanner.lastUpdate, kind: .update, rowsLeft: count)
    unsafe try apply(scanner.bids.pairs, .buy, &rows, writer)
    unsafe try apply(scanner.asks.pairs, .sell, &rows, writer)
  }

  private mutating func apply(
    _ pairs: UnsafeBufferPointer<Int64>, _ side: Side, _ rows: inout BinanceWriter.Message,
    _ writer: BinanceWriter
  ) throws {
    for index in stride(from: 0, to: pairs.count, by: 2) {
      let (price, size) = unsafe (pairs[index], pairs[index + 1])
      let total: Int64
      if side == .buy {
        bids.set(price: price, size: size)
        total = bids.totalLots
      } else {
        asks.set(price: price, size: size)
        total = asks.totalLots
      }
      guard total <= OrderBook.maximumTotal else {
        throw DataError("the sizes of a whole side do not fit 64 bits", file: file, row: Int(line))
      }
      try writer.depth(&rows, side: side, price: price, size: size)
    }
  }

  /// The running book, sorted.
  var book: OrderBook {
    var book = OrderBook()
    book.bids = bids.side(.buy)
    book.asks = asks.side(.sell)
    return book
  }

  /// Takes a waiting snapshot that the message just kept shows to be of the symbol.
  ///
  /// It is written with that message, not at its own arrival: until then nobody could know whose
  /// book it was.
  private mutating func settle(_ arrival: Int64, _ time: Int64) throws {
    // Held apart, since `take` changes `self`.
    let waiting = unproven
    unproven = []
    for snapshot in waiting {
      let answer = unsafe snapshot.bids.withUnsafeBufferPointer { bids in
        unsafe snapshot.asks.withUnsafeBufferPointer { asks in
          unsafe attribution(of: snapshot.update, bids, asks)
        }
      }
      switch answer {
      case .open where !synchronizer.isSynchronized: unproven.append(snapshot)
      case .ours where !synchronizer.isSynchronized:
        try unsafe snapshot.bids.withUnsafeBufferPointer { bids in
          try unsafe snapshot.asks.withUnsafeBufferPointer { asks in
            unsafe try take(snapshot: snapshot.update, bids, asks, arrival, time)
          }
        }
      default: foreignSnapshots += 1
      }
    }
  }

  mutating func snapshot(_ arrival: Int64, _ time: Int64) throws -> Bool {
    guard depthSource != .partial else {
      counter.add("snapshots beside partial depth, not used")
      return false
    }
    guard try levelsAreSound() else { return false }
    let (bids, asks) = unsafe (scanner.bids.pairs, scanner.asks.pairs)
    let update = scanner.lastUpdate
    if holdsOtherSymbols, unsafe scanner.symbolName == nil {
      switch unsafe attribution(of: update, bids, asks) {
      case .ours: break
      // A running book needs none that is newer than itself.
      case .open where !synchronizer.isSynchronized:
        unsafe unproven.append(
          UnprovenSnapshot(update: update, bids: Array(bids), asks: Array(asks)))
        if unproven.count > UnprovenSnapshot.maximumCount {
          unproven.removeFirst()
          foreignSnapshots += 1
        }
        return true
      case .open, .foreign:
        foreignSnapshots += 1
        return false
      }
    }
    unsafe try take(snapshot: update, bids, asks, arrival, time)
    return true
  }

  /// Begins a book with a snapshot of the symbol.
  private mutating func take(
    snapshot update: Int64, _ bids: UnsafeBufferPointer<Int64>,
    _ asks: UnsafeBufferPointer<Int64>, _ arrival: Int64, _ time: Int64
  ) throws {
    snapshotMessages += 1
    sawSnapshot = true
    try prepare(arrival)
    sawDepth = true
    let wasSynchronized = synchronizer.isSynchronized
    let kept = history.entries.map(\.message)
    switch synchronizer.receive(snapshot: update, kept: kept) {
    case .tooOld:
      counter.add(
        wasSynchronized
          ? "snapshots older than the running book, not used"
          : "snapshots too old to be brought up to date, not used")
    case .apply(let keptFrom):
      let before = wasSynchronized ? book : nil
      let used = kept.count - keptFrom
      unsafe try replaceBook(update, bids, asks, arrival, time, keptFrom: keptFrom)
      if let before { compare(before) }
      if !wasSynchronized {
        counter.add("depth diffs applied with a later snapshot", min(used, waitingDiffs))
        unusedDiffs += max(0, waitingDiffs - used)
        waitingDiffs = 0
      }
    }
  }

  /// Writes the snapshot and the kept diffs after it as one message: nobody may see the book of a
  /// moment that is past.
  private mutating func replaceBook(
    _ update: Int64, _ newBids: UnsafeBufferPointer<Int64>,
    _ newAsks: UnsafeBufferPointer<Int64>, _ arrival: Int64, _ time: Int64, keptFrom: Int
  ) throws {
    guard let writer else { return }
    let entries = history.entries[keptFrom...]
    let later = entries.reduce(0) { $0 + $1.levels.count / 2 }
    let count = (newBids.count + newAsks.count) / 2
    bids.removeAll()
    asks.removeAll()
    guard count > 0 else {
      // A snapshot without a level replaces nothing that a row could say.
      counter.add("snapshots without levels")
      return
    }
    var rows = BinanceWriter.Message(
      moment: moment(arrival, time), update: update, kind: .snapshot,
      rowsLeft: count + later)
    unsafe try apply(newBids, .buy, &rows, writer)
    unsafe try apply(newAsks, .sell, &rows, writer)
    let values = history.values  // held apart, since `apply` changes `self`
    for entry in entries {
      rows.update = entry.message.last
      rows.kind = .update
      rows.moment.time = entry.time
      try unsafe values.withUnsafeBufferPointer { buffer in
        let all = unsafe UnsafeBufferPointer(rebasing: buffer[entry.levels])
        let split = 2 * entry.bidCount
        unsafe try apply(UnsafeBufferPointer(rebasing: all[..<split]), .buy, &rows, writer)
        unsafe try apply(UnsafeBufferPointer(rebasing: all[split...]), .sell, &rows, writer)
      }
    }
  }

  /// How the running book differed from the one that a later snapshot gave, where both know it.
  private mutating func compare(_ before: OrderBook) {
    counter.add("snapshots checked against the running book")
    let differing = before.differences(from: book)
    if differing > 0 {
      counter.add("levels where the running book differed from a snapshot", differing)
    }
  }

  private mutating func partialDepth(_ arrival: Int64, _ time: Int64) throws -> Bool {
    guard depthSource != .diffs else {
      counter.add("partial depth beside diffs, not used")
      return false
    }
    guard try levelsAreSound() else { return false }
    depthMessages += 1
    depthSource = .partial
    sawDepth = true
    try prepare(arrival)
    unsafe try replaceBook(
      scanner.lastUpdate, scanner.bids.pairs, scanner.asks.pairs, arrival, time, keptFrom: 0)
    return true
  }
}

extension OrderBook {
  /// Half of what fits 64 bits, so that one more message cannot overflow a side's sum.
  static let maximumTotal = Int64.max / 2

  /// Prices at which the two books show other sizes, as far down as both reach.
  func differences(from other: OrderBook) -> Int {
    var count = 0
    for side in Side.allCases {
      let (mine, theirs) = (self[side], other[side])
      guard !mine.isEmpty, !theirs.isEmpty else { continue }
      let sign = side.sign
      let limit = max(
        sign * mine.ticks(at: mine.count - 1), sign * theirs.ticks(at: theirs.count - 1))
      var (left, right) = (0, 0)
      while true {
        let first = left < mine.count ? sign * mine.ticks(at: left) : Int64.min
        let second = right < theirs.count ? sign * theirs.ticks(at: right) : Int64.min
        let better = max(first, second)
        guard better >= limit else { break }
        if first == second {
          if mine.lots(at: left) != theirs.lots(at: right) { count += 1 }
          left += 1
          right += 1
        } else {
          count += 1
          if first > second { left += 1 } else { right += 1 }
        }
      }
    }
    return count
  }
}
