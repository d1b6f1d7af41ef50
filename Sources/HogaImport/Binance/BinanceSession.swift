internal import HogaCore

/// The second pass over a capture: messages in, rows out.
struct BinanceSession: ~Copyable {
  private let instrument: Instrument
  private let market: BinanceRawImporter.Market
  private let shift: Int64
  private let sink: any ImportSink
  private let symbolBytes: [UInt8]
  private var scanner: BinanceScanner
  private var log: RejectionLog
  private var report = ImportReport()
  private var counter = Counter()

  // Where we are.
  private var file = ""
  private var line: Int64 = 0
  /// The line's place over all files.
  private var ordinal: Int64 = 0
  /// Unshifted.
  private var lastArrival = Int64.min
  private var writer: BinanceWriter?

  // The book.
  private var synchronizer: DepthSynchronizer
  private var history = DepthHistory()
  private var book = OrderBook()
  private enum DepthSource { case diffs, partial }
  private var depthSource: DepthSource?
  private var sawDepth = false
  private var sawSnapshot = false
  private var waitingDiffs = 0

  // Other streams.
  private var tradeEvent: BinanceScanner.Event?
  private var lastTrade = Column.missing
  private var lastQuote = Column.missing

  // Counts kept as numbers, since a name would be looked up for every message.
  private var depthMessages = 0
  private var tradeMessages = 0
  private var quoteMessages = 0
  private var snapshotMessages = 0
  private var otherSymbol = 0
  private var duplicateDepth = 0
  private var duplicateTrades = 0
  private var duplicateQuotes = 0
  private var missingTrades: Int64 = 0
  private var unusedDiffs = 0

  init(
    instrument: Instrument, market: BinanceRawImporter.Market, shift: Int64, policy: ErrorPolicy,
    sink: any ImportSink
  ) {
    self.instrument = instrument
    self.market = market
    self.shift = shift
    self.sink = sink
    symbolBytes = Array(instrument.symbol.utf8)
    scanner = BinanceScanner(
      priceDecimals: instrument.priceDecimals, sizeDecimals: instrument.sizeDecimals)
    log = RejectionLog(policy)
    synchronizer = DepthSynchronizer(market == .spot ? .spot : .futures)
  }

  // MARK: Times

  /// 2009, before the first bitcoin, to 2100.
  private static let plausibleTimes: ClosedRange<Int64> =
    1_230_768_000_000_000_000...4_102_444_800_000_000_000

  /// Binance sends milliseconds, or microseconds where asked to.
  static func nanoseconds(_ value: Int64) -> Int64? {
    let scale: Int64 = value < 100_000_000_000_000 ? 1_000_000 : 1000
    let (product, overflow) = value.multipliedReportingOverflow(by: scale)
    return overflow || !plausibleTimes.contains(product) ? nil : product
  }

  static func isPlausible(_ arrival: Int64) -> Bool { plausibleTimes.contains(arrival) }

  /// Within a day of each other: further apart, one of them is no time of this message.
  static func isPlausible(_ arrival: Int64, _ sent: Int64) -> Bool {
    isPlausible(arrival) && isPlausible(sent)
      && abs(arrival - sent) <= TimeSpan.day.nanoseconds
  }

  // MARK: Lines

  mutating func read(
    _ input: InputFile, advance: @escaping (Int64) throws -> Void
  ) throws {
    file = input.name
    line = 0
    var reader = LineReader(try input.open(), advance: advance)
    while try reader.next() {
      line = reader.lineNumber
      ordinal += 1
      if reader.ending == .tooLong {
        try reject("line is longer than 16 MiB", unsafe excerpt(reader.line))
        continue
      }
      if reader.line.isEmpty {
        try reject("empty line")
        continue
      }
      do throws(BinanceScanner.Failure) {
        try unsafe scanner.read(reader.line)
      } catch {
        if reader.ending == .endOfFile {
          try reject("torn last line", unsafe excerpt(reader.line))
        } else {
          try reject(error, unsafe reader.line)
        }
        continue
      }
      try handle()
    }
    report.lines += Int(reader.lineNumber)
    report.bytes += reader.bytesRead
    if let truncation = reader.truncation {
      line = reader.lineNumber
      try reject("compressed data ends early", truncation)
    } else if reader.lineNumber == 0 {
      throw DataError("the file is empty", file: file)
    }
  }

  private mutating func reject(_ reason: String, _ found: String? = nil) throws {
    try log.reject(reason, found: found, file: file, line: line)
  }

  private mutating func reject(
    _ failure: BinanceScanner.Failure, _ bytes: UnsafeBufferPointer<UInt8>
  ) throws {
    switch failure {
    case .localTime:
      try reject(
        "no local time in nanoseconds and a space at the line's start",
        unsafe excerpt(bytes))
    case .json: try reject("not a JSON message", unsafe excerpt(bytes))
    case .price(.tooFine):
      try reject(
        "a price has more than \(instrument.priceDecimals) decimals; give --price-decimals")
    case .size(.tooFine):
      try reject("a size has more than \(instrument.sizeDecimals) decimals; give --size-decimals")
    case .price(.tooLarge): try reject("a price is too large", unsafe excerpt(bytes))
    case .size(.tooLarge): try reject("a size is too large", unsafe excerpt(bytes))
    case .price: try reject("a price is not a number", unsafe excerpt(bytes))
    case .size: try reject("a size is not a number", unsafe excerpt(bytes))
    }
  }

  private mutating func handle() throws {
    let arrival = scanner.arrival
    guard Self.isPlausible(arrival) else {
      return try reject("local time is not in nanoseconds since 1970", "\(arrival)")
    }
    guard scanner.event != .control else { return counter.add("control messages") }
    guard unsafe scanner.symbol.isEmpty || scanner.symbol.equalsIgnoringCase(symbolBytes) else {
      otherSymbol += 1
      return
    }
    guard scanner.event != .other else {
      let name = unsafe String(decoding: scanner.stream.prefix(80), as: UTF8.self)
      return counter.add("messages of stream \(name)")
    }
    guard arrival >= lastArrival else {
      return try reject(
        "arrives before the line above; are the files in order?",
        "\(Timestamp(nanoseconds: arrival)) after \(Timestamp(nanoseconds: lastArrival))")
    }
    var time = Column.missing
    if scanner.eventTime != Column.missing {
      guard let sent = Self.nanoseconds(scanner.eventTime) else {
        return try reject("event time E is no time", "\(scanner.eventTime)")
      }
      guard Self.isPlausible(arrival, sent) else {
        return try reject("local time is more than a day from the event time E")
      }
      time = sent
    }
    if scanner.transactionTime != Column.missing {
      guard let traded = Self.nanoseconds(scanner.transactionTime) else {
        return try reject("transaction time T is no time", "\(scanner.transactionTime)")
      }
      time = traded
    }
    let accepted: Bool
    switch scanner.event {
    case .depth: accepted = try depth(arrival + shift, time)
    case .snapshot: accepted = try snapshot(arrival + shift, time)
    case .trade, .aggregateTrade: accepted = try trade(arrival + shift, time)
    case .bookTicker: accepted = try quote(arrival + shift, time)
    case .control, .other: accepted = false
    }
    if accepted { lastArrival = arrival }
  }

  // MARK: Writing

  /// Makes the writer stand on the arrival's date; at a new date, hands the running book over.
  private mutating func prepare(_ arrival: Int64) throws {
    if let writer, writer.contains(arrival) { return }
    let old = writer
    try old?.flush()
    let date = Timestamp(nanoseconds: arrival).date
    let next = BinanceWriter(instrument: instrument, date: date, sink: sink)
    writer = next
    guard let old else { return }
    report.add(old.buffers)
    guard sawDepth else { return }
    let moment = Moment(
      arrival: date.start.nanoseconds, time: Column.missing, sequence: ordinal - 1)
    if synchronizer.isSynchronized || depthSource == .partial {
      try next.snapshot(of: book, update: synchronizer.last ?? Column.missing, at: moment)
    } else {
      try next.gap(after: Column.missing, at: moment)
    }
  }

  private func moment(_ arrival: Int64, _ time: Int64) -> Moment {
    Moment(arrival: arrival, time: time, sequence: ordinal)
  }

  // MARK: Depth

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

  private func text(price: Int64) -> String {
    Decimal.text(price, decimals: instrument.priceDecimals)
  }
  private func text(size: Int64) -> String {
    Decimal.text(size, decimals: instrument.sizeDecimals)
  }

  private mutating func depth(_ arrival: Int64, _ time: Int64) throws -> Bool {
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
      if !sawDepth { try writer?.gap(after: Column.missing, at: moment(arrival, time)) }
      waitingDiffs += 1
      remember(message, time)
    case .gap:
      report.gaps += 1
      if let known { try writer?.gap(after: known, at: moment(arrival, time)) }
      unusedDiffs += waitingDiffs
      waitingDiffs = 1
      history.removeAll()
      remember(message, time)
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
      book.set(side, ticks: price, lots: size)
      try writer.depth(&rows, side: side, price: price, size: size)
    }
    guard book[side].totalLots <= OrderBook.maximumTotal else {
      throw DataError("the sizes of a whole side do not fit 64 bits", file: file, row: Int(line))
    }
  }

  private mutating func snapshot(_ arrival: Int64, _ time: Int64) throws -> Bool {
    guard depthSource != .partial else {
      counter.add("snapshots beside partial depth, not used")
      return false
    }
    guard try levelsAreSound() else { return false }
    snapshotMessages += 1
    sawSnapshot = true
    try prepare(arrival)
    sawDepth = true
    let wasSynchronized = synchronizer.isSynchronized
    let kept = history.entries.map(\.message)
    switch synchronizer.receive(snapshot: scanner.lastUpdate, kept: kept) {
    case .tooOld:
      counter.add(
        wasSynchronized
          ? "snapshots older than the running book, not used"
          : "snapshots too old to be brought up to date, not used")
    case .apply(let keptFrom):
      let before = wasSynchronized ? book : nil
      let used = kept.count - keptFrom
      try replaceBook(arrival, time, keptFrom: keptFrom)
      if let before { compare(before) }
      if !wasSynchronized {
        counter.add("depth diffs applied with a later snapshot", min(used, waitingDiffs))
        unusedDiffs += max(0, waitingDiffs - used)
        waitingDiffs = 0
      }
    }
    return true
  }

  /// Writes the snapshot and the kept diffs after it as one message: nobody may see the book of a
  /// moment that is past.
  private mutating func replaceBook(_ arrival: Int64, _ time: Int64, keptFrom: Int) throws {
    guard let writer else { return }
    let entries = history.entries[keptFrom...]
    let bids = unsafe scanner.bids.pairs
    let asks = unsafe scanner.asks.pairs
    let later = entries.reduce(0) { $0 + $1.levels.count / 2 }
    let count = (bids.count + asks.count) / 2
    book.removeAll()
    guard count > 0 else {
      // A snapshot without a level replaces nothing that a row could say.
      counter.add("snapshots without levels")
      return
    }
    var rows = BinanceWriter.Message(
      moment: moment(arrival, time), update: scanner.lastUpdate, kind: .snapshot,
      rowsLeft: count + later)
    unsafe try apply(bids, .buy, &rows, writer)
    unsafe try apply(asks, .sell, &rows, writer)
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
    try replaceBook(arrival, time, keptFrom: 0)
    return true
  }

  // MARK: Trades and quotes

  private mutating func trade(_ arrival: Int64, _ time: Int64) throws -> Bool {
    let isAggregate = scanner.event == .aggregateTrade
    let id = isAggregate ? scanner.aggregateID : scanner.tradeID
    guard id != Column.missing, scanner.price != Column.missing, scanner.size != Column.missing,
      scanner.buyerIsMaker != Column.missing
    else {
      try reject("a trade lacks its id, p, q or m")
      return false
    }
    if let tradeEvent, tradeEvent != scanner.event {
      counter.add(
        isAggregate
          ? "aggregate trades beside trades, not used" : "trades beside aggregates, not used")
      return false
    }
    tradeMessages += 1
    guard lastTrade == Column.missing || id > lastTrade else {
      duplicateTrades += 1
      return false
    }
    if scanner.orderType.count > 0, unsafe !scanner.orderType.equals("MARKET") {
      let kind = unsafe String(decoding: scanner.orderType.prefix(40), as: UTF8.self)
      counter.add("trades outside the book (\(kind)), not used")
      note(trade: id)
      return false
    }
    guard scanner.price > 0 else {
      try reject("a trade's price is not above zero", text(price: scanner.price))
      return false
    }
    guard scanner.size > 0 else {
      try reject("a trade's size is not above zero", text(size: scanner.size))
      return false
    }
    tradeEvent = scanner.event
    note(trade: id)
    try prepare(arrival)
    try writer?.trade(
      moment(arrival, time), id: id, price: scanner.price, size: scanner.size,
      aggressor: scanner.buyerIsMaker == 1 ? .sell : .buy)
    return true
  }

  private mutating func note(trade id: Int64) {
    if lastTrade != Column.missing { missingTrades += id - lastTrade - 1 }
    lastTrade = id
  }

  private mutating func quote(_ arrival: Int64, _ time: Int64) throws -> Bool {
    guard scanner.bidPrice != Column.missing, scanner.bidSize != Column.missing,
      scanner.askPrice != Column.missing, scanner.askSize != Column.missing
    else {
      try reject("a best bid and ask lacks b, B, a or A")
      return false
    }
    quoteMessages += 1
    if scanner.lastUpdate != Column.missing {
      guard lastQuote == Column.missing || scanner.lastUpdate > lastQuote else {
        duplicateQuotes += 1
        return false
      }
    }
    var cells = [
      scanner.bidPrice, scanner.bidSize, scanner.askPrice, scanner.askSize,
    ]
    for side in [0, 2] {
      let (price, size) = (cells[side], cells[side + 1])
      guard price >= 0, size >= 0, (price == 0) == (size == 0) else {
        try reject(
          "a best price or size is not above zero", "\(text(price: price)) × \(text(size: size))")
        return false
      }
      // Zeros say that the side is empty.
      if price == 0 {
        cells[side] = Column.missing
        cells[side + 1] = Column.missing
      }
    }
    if scanner.lastUpdate != Column.missing { lastQuote = scanner.lastUpdate }
    try prepare(arrival)
    try writer?.quote(moment(arrival, time), cells)
    return true
  }

  // MARK: End

  consuming func finish(files: [String]) throws -> ImportReport {
    if let writer {
      try writer.flush()
      report.add(writer.buffers)
    }
    report.files = files
    report.clockShift = TimeSpan(nanoseconds: shift)
    report.rejections = log.rejections
    let messages = depthMessages + tradeMessages + quoteMessages + snapshotMessages
    guard messages > 0 else {
      throw DataError(
        otherSymbol > 0
          ? "no message of \(instrument.symbol): all \(otherSymbol) are of other symbols"
          : "no depth, trade or bookTicker message in \(ordinal) lines",
        file: files.first)
    }
    var counts = Counter()
    counts.add("depth messages", depthMessages)
    counts.add("trade messages", tradeMessages)
    counts.add("best bid and ask messages", quoteMessages)
    counts.add("snapshots", snapshotMessages)
    counts.add("messages of other symbols, not used", otherSymbol)
    counts.add("depth messages dropped as already known", duplicateDepth)
    counts.add("trades dropped as duplicates", duplicateTrades)
    counts.add("best bids and asks dropped as duplicates", duplicateQuotes)
    counts.add("trades missing between the ids that arrived", Int(missingTrades))
    counts.add("depth diffs that no snapshot covers, not used", unusedDiffs + waitingDiffs)
    for count in counter.counts { counts.add(count.name, count.count) }
    report.counts = counts.counts.filter { $0.count > 0 }
    if sawDepth, !sawSnapshot, depthSource == .diffs {
      report.notes.append(
        "there is no snapshot in these files, so the depth table holds no book at all")
    } else if sawDepth, depthSource == .diffs, !synchronizer.isSynchronized {
      report.notes.append("the book is stale at the end: no usable snapshot after the last gap")
    }
    return report
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
