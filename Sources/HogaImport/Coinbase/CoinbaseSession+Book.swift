internal import HogaCore

extension CoinbaseSession {
  // MARK: Sequence

  /// Takes a message in its place.
  mutating func handle(_ message: Message) throws {
    switch message.kind {
    case .received: received += 1
    case .open: opened += 1
    case .done: ended += 1
    case .match: matched += 1
    case .change: changed += 1
    }
    if let last = lastSequence {
      guard message.sequence > last else {
        duplicates += 1
        return
      }
      if message.sequence > last + 1 {
        missingMessages += message.sequence - last - 1
        runStart = message.sequence
        waiting.removeAll(keepingCapacity: true)
      }
    } else {
      runStart = message.sequence
    }
    lastSequence = message.sequence
    let moment = Moment(
      arrival: arrival(message.time), time: message.time, sequence: message.sequence)
    if !book.isStale, message.sequence > bookSequence + 1 { try loseBook(at: moment) }
    guard !book.isStale else {
      try wait(message, moment)
      return
    }
    guard message.sequence > bookSequence else {
      // The snapshot holds what it did to the book, but nobody has its trade yet.
      olderThanBook += 1
      if message.kind == .match { try trade(message, moment) }
      return
    }
    // These show the book before this message.
    if snapshotWaits { try writeSnapshot(moment.arrival) }
    try prepare(moment.arrival)
    bookSequence = message.sequence
    guard message.kind != .received else { return }
    do {
      try apply(message, moment)
    } catch let fault as OrderFault {
      try reject("\(fault.rawValue)", "\(message.kind) of order \(message.order.text)")
    }
  }

  /// Says that the book is stale from here on.
  private mutating func loseBook(at moment: Moment) throws {
    let isNewDate = !(writer?.contains(moment.arrival) ?? false)
    let wasWritten = !snapshotWaits
    if wasWritten {
      report.gaps += 1
      // A new date first gets the book as it was known at midnight.
      try prepare(moment.arrival)
    } else {
      // No row shows the snapshot yet, and none will.
      unusedSnapshots += 1
      snapshotWaits = false
    }
    book.isStale = true
    try prepare(moment.arrival)
    guard wasWritten || !isNewDate else { return }
    try writeGap(
      Moment(arrival: moment.arrival, time: Column.missing, sequence: bookSequence + 1))
  }

  /// Keeps a message for the snapshot to come.
  private mutating func wait(_ message: Message, _ moment: Moment) throws {
    withoutBook += 1
    guard message.kind != .received else { return }
    if message.kind == .match { try trade(message, moment) }
    if waiting.count == Self.maximumWaiting {
      waiting.removeAll(keepingCapacity: true)
      runStart = message.sequence
    }
    waiting.append(message)
  }

  // MARK: Messages

  /// Brings a message to the book and to its table.
  private mutating func apply(_ message: Message, _ moment: Moment) throws {
    guard let writer else { return }
    guard let event = try change(message) else { return }
    try writer.order(
      moment, event.kind, id: event.id, side: event.side, price: event.ticks, size: event.lots)
    if message.kind == .open { try writer.name(moment, event.id, message.order) }
    if message.kind == .match { try trade(message, moment) }
  }

  /// Brings a message to the book.
  ///
  /// - Returns: what it did, or `nil` where it does nothing to the book.
  /// - Throws: `OrderFault`; the book is then as it was.
  private mutating func change(_ message: Message) throws(OrderFault) -> OrderEvent? {
    let number = numbers.number(of: message.order)
    var event = OrderEvent(
      .add, id: number ?? 0, side: message.side, ticks: message.price, lots: message.size,
      sequence: message.sequence)
    switch message.kind {
    case .received: return nil
    case .open:
      guard number == nil else { throw .known }
      event.id = numbers.insert(message.order)
    case .match:
      guard number != nil else { throw .unknown }
      event.kind = .execute
      noteQueue(event)
    case .done:
      guard let number, let slot = book.slot(of: number) else {
        endsOutside += 1
        return nil
      }
      let order = book.order(at: slot)
      guard order.side == message.side else { throw .otherPrice }
      guard !message.isFilled, message.size == Column.missing || message.size == order.lots else {
        throw .otherSize
      }
      event.kind = .delete
      event.ticks = message.price == Column.missing ? order.ticks : message.price
      event.lots = order.lots
    case .change:
      guard let number, let slot = book.slot(of: number) else {
        changesOutside += 1
        return nil
      }
      let order = book.order(at: slot)
      if event.ticks == Column.missing { event.ticks = order.ticks }
      if event.lots == Column.missing { event.lots = order.lots }
      guard order.side == message.side else { throw .otherPrice }
      if event.ticks == order.ticks, event.lots > 0, event.lots < order.lots {
        event.kind = .reduce
        event.lots = order.lots - event.lots
      } else {
        event.kind = .change
      }
    }
    do {
      try book.apply(event)
    } catch {
      if event.kind == .add { numbers.remove(message.order) }
      throw error
    }
    if book.slot(of: event.id) == nil { numbers.remove(message.order) }
    return event
  }

  /// Counts executions that do not take the first order of the best queue.
  private mutating func noteQueue(_ event: OrderEvent) {
    guard let slot = book.slot(of: event.id), let side = event.side else { return }
    if book.front(side, at: event.ticks) != slot { behindFront += 1 }
    if book.bestTicks(side) != event.ticks { awayFromBest += 1 }
  }

  private mutating func trade(_ message: Message, _ moment: Moment) throws {
    try prepare(moment.arrival)
    try writer?.trade(
      moment, id: message.trade, price: message.price, size: message.size,
      aggressor: message.side.opposite)
  }

  // MARK: Snapshots

  /// Takes a whole book over where it is needed.
  mutating func snapshot(_ entries: SnapshotEntries) throws {
    guard let sequence = unsafe Self.sequence(scanner.sequence) else {
      return try reject(
        "a snapshot's sequence is no number above zero", unsafe excerpt(scanner.sequence))
    }
    var time = Column.missing
    if unsafe !scanner.time.isEmpty {
      guard let read = unsafe clock.nanoseconds(scanner.time) else {
        return try reject(
          "time is none such as 2018-07-13T20:47:11.025Z", unsafe excerpt(scanner.time))
      }
      time = read
    }
    var seen = OrderNumbers()
    for entry in entries.all {
      guard seen.number(of: entry.order) == nil else {
        return try reject("an order comes twice in a snapshot", entry.order.text)
      }
      _ = seen.insert(entry.order)
    }
    snapshots += 1
    if !book.isStale, sequence <= bookSequence {
      if sequence < bookSequence {
        unusedSnapshots += 1
      } else if agrees(entries) {
        agreeingSnapshots += 1
      } else {
        differingSnapshots += 1
      }
      return
    }
    // Between the snapshot and the messages that are kept, nothing may be missing.
    if book.isStale, let last = lastSequence, sequence < last, runStart > sequence + 1 {
      unusedSnapshots += 1
      return
    }
    load(entries)
    bookSequence = sequence
    snapshotWaits = true
    snapshotTime = time
    for message in waiting where message.sequence > sequence {
      do {
        _ = try change(message)
      } catch {
        try log.reject(
          error.rawValue, found: "\(message.kind) of order \(message.order.text)",
          file: message.file, line: message.line)
      }
    }
    waiting.removeAll(keepingCapacity: true)
    bookSequence = max(sequence, lastSequence ?? sequence)
  }

  private static func sequence(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard let value = unsafe try? Decimal.parse(text, decimals: 0), value > 0,
      value < Int64.max / 2
    else { return nil }
    return value
  }

  /// Lays the book anew. Orders that lived keep their numbers.
  private mutating func load(_ entries: SnapshotEntries) {
    let old = numbers
    numbers.removeAll()
    book.removeAll()
    book.isStale = false
    for entry in entries.all {
      let number = numbers.insert(entry.order, number: old.number(of: entry.order))
      book.add(number, entry.side, ticks: entry.price, lots: entry.size)
    }
  }

  /// Whether a snapshot is the book, order by order and in the order of each queue.
  private func agrees(_ entries: SnapshotEntries) -> Bool {
    var other = OrderByOrderBook()
    for entry in entries.all {
      guard let number = numbers.number(of: entry.order) else { return false }
      other.add(number, entry.side, ticks: entry.price, lots: entry.size)
    }
    for side in Side.allCases {
      var mine: [OrderByOrderBook.Order] = []
      var theirs: [OrderByOrderBook.Order] = []
      book.forEachOrder(side) { mine.append($0) }
      other.forEachOrder(side) { theirs.append($0) }
      guard mine == theirs else { return false }
    }
    return true
  }

  // MARK: Writing

  /// Makes the writer stand on the arrival's date; at a new date, hands the running book over.
  mutating func prepare(_ arrival: Int64) throws {
    if let writer, writer.contains(arrival) { return }
    let old = writer
    try old?.flush()
    let date = Timestamp(nanoseconds: arrival).date
    writer = CoinbaseWriter(instrument: instrument, date: date, sink: sink)
    if let old {
      report.add(old.buffers)
      addIDs(old)
    }
    guard !snapshotWaits else { return }
    if book.isStale {
      // Before this message: what it brings, nobody can use.
      try writeGap(
        Moment(arrival: arrival, time: Column.missing, sequence: max(0, (lastSequence ?? 1) - 1)))
    } else {
      try writeBook(
        Moment(arrival: date.start.nanoseconds, time: Column.missing, sequence: bookSequence))
    }
  }

  mutating func writeSnapshot(_ arrival: Int64) throws {
    try prepare(arrival)
    snapshotWaits = false
    try writeBook(Moment(arrival: arrival, time: snapshotTime, sequence: bookSequence))
  }

  private func writeGap(_ moment: Moment) throws {
    try writer?.order(
      moment, .gap, id: Column.missing, side: nil, price: Column.missing, size: Column.missing)
  }

  /// Writes every order, bids and then asks, best first, front to back; and the UUIDs of those that
  /// the date's table does not know.
  private func writeBook(_ moment: Moment) throws {
    guard let writer else { return }
    for side in Side.allCases {
      try book.forEachOrder(side) { order in
        try writer.order(
          moment, .snapshot, id: order.id, side: side, price: order.ticks, size: order.lots)
      }
    }
    for (number, uuid) in numbers.all where number > writer.lastNumbered {
      try writer.name(moment, number, uuid)
    }
  }

  mutating func addIDs(_ writer: CoinbaseWriter) {
    guard writer.numberedOrders > 0 else { return }
    report.partitions += 1
    let name = CoinbaseL3Importer.orderIDs
    if let index = report.rows.firstIndex(where: { $0.name == name }) {
      report.rows[index].count += writer.numberedOrders
    } else {
      report.rows.append(.init(name: name, count: writer.numberedOrders))
    }
  }
}
