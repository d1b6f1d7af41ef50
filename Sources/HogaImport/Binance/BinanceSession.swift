internal import HogaCore

/// The second pass over a capture: messages in, rows out.
struct BinanceSession: ~Copyable {
  let instrument: Instrument
  let market: BinanceRawImporter.Market
  /// Then a message that names no symbol may be of any of them.
  let holdsOtherSymbols: Bool
  let shift: Int64
  let sink: any ImportSink
  let symbolBytes: [UInt8]
  var scanner: BinanceScanner
  var log: RejectionLog
  var report = ImportReport()
  var counter = Counter()

  // Where we are.
  var file = ""
  var line: Int64 = 0
  /// The line's place over all files.
  var ordinal: Int64 = 0
  /// Unshifted.
  var lastArrival = Int64.min
  var writer: BinanceWriter?

  // The book.
  var synchronizer: DepthSynchronizer
  var history = DepthHistory()
  var bids = LevelTable()
  var asks = LevelTable()
  enum DepthSource { case diffs, partial }
  var depthSource: DepthSource?
  var sawDepth = false
  var sawSnapshot = false
  var waitingDiffs = 0
  /// Snapshots that no depth message has confirmed yet to be of the symbol.
  var unproven: [UnprovenSnapshot] = []

  // Other streams.
  var tradeEvent: BinanceScanner.Event?
  var lastTrade = Column.missing
  var lastQuote = Column.missing

  // Counts kept as numbers, since a name would be looked up for every message.
  var depthMessages = 0
  var tradeMessages = 0
  var quoteMessages = 0
  var snapshotMessages = 0
  var namedMessages = 0
  var otherSymbol = 0
  var foreignSnapshots = 0
  var duplicateDepth = 0
  var duplicateTrades = 0
  var duplicateQuotes = 0
  var missingTrades: Int64 = 0
  var unusedDiffs = 0

  init(
    instrument: Instrument, market: BinanceRawImporter.Market, holdsOtherSymbols: Bool,
    shift: Int64, policy: ErrorPolicy, sink: any ImportSink
  ) {
    self.instrument = instrument
    self.market = market
    self.holdsOtherSymbols = holdsOtherSymbols
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
  static let plausibleTimes: ClosedRange<Int64> =
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
        if error.isOfNumbers, isOfOtherSymbol {
          noteOther()  // its prices may be finer than ours
        } else if reader.ending == .endOfFile {
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

  mutating func reject(_ reason: String, _ found: String? = nil) throws {
    try log.reject(reason, found: found, file: file, line: line)
  }

  mutating func reject(
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

  /// Whether the message is of another symbol, or a message that names none where there are others:
  /// then only a snapshot can still be shown to be ours.
  private var isOfOtherSymbol: Bool {
    guard let name = unsafe scanner.symbolName else {
      return holdsOtherSymbols && scanner.event != .control && scanner.event != .other
    }
    return unsafe !name.equalsIgnoringCase(symbolBytes)
  }

  private mutating func noteOther() {
    if scanner.event == .snapshot { foreignSnapshots += 1 } else { otherSymbol += 1 }
  }

  mutating func handle() throws {
    let arrival = scanner.arrival
    guard Self.isPlausible(arrival) else {
      return try reject("local time is not in nanoseconds since 1970", "\(arrival)")
    }
    guard scanner.event != .control else { return counter.add("control messages") }
    let isUnproven = unsafe scanner.event == .snapshot && scanner.symbolName == nil
    guard isUnproven || !isOfOtherSymbol else { return noteOther() }
    guard scanner.event != .other else {
      let name = unsafe String(decoding: scanner.stream.prefix(80), as: UTF8.self)
      return counter.add("messages of stream \(name)")
    }
    if unsafe scanner.symbolName != nil { namedMessages += 1 }
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
  mutating func prepare(_ arrival: Int64) throws {
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

  func moment(_ arrival: Int64, _ time: Int64) -> Moment {
    Moment(arrival: arrival, time: time, sequence: ordinal)
  }

  func text(price: Int64) -> String {
    Decimal.text(price, decimals: instrument.priceDecimals)
  }
  func text(size: Int64) -> String {
    Decimal.text(size, decimals: instrument.sizeDecimals)
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
    guard messages > 0, namedMessages > 0 else {
      throw DataError(
        messages > 0
          ? "no message names \(instrument.symbol), so that nothing shows whose they are"
          : "no depth, trade or bookTicker message of \(instrument.symbol) in \(ordinal) lines",
        file: files.first)
    }
    var counts = Counter()
    counts.add("depth messages", depthMessages)
    counts.add("trade messages", tradeMessages)
    counts.add("best bid and ask messages", quoteMessages)
    counts.add("snapshots", snapshotMessages)
    counts.add("messages of other symbols, not used", otherSymbol)
    counts.add(
      "snapshots that nothing shows to be of \(instrument.symbol), not used",
      foreignSnapshots + unproven.count)
    counts.add("depth messages dropped as already known", duplicateDepth)
    counts.add("trades dropped as duplicates", duplicateTrades)
    counts.add("best bids and asks dropped as duplicates", duplicateQuotes)
    counts.add("trades missing between the ids that arrived", Int(missingTrades))
    counts.add("depth diffs that no snapshot covers, not used", unusedDiffs + waitingDiffs)
    for count in counter.counts { counts.add(count.name, count.count) }
    report.counts = counts.counts.filter { $0.count > 0 }
    if sawDepth, !sawSnapshot, depthSource == .diffs {
      report.notes.append(
        "there is no snapshot of \(instrument.symbol) in these files, so the depth table holds "
          + "no book at all")
    } else if sawDepth, depthSource == .diffs, !synchronizer.isSynchronized {
      report.notes.append("the book is stale at the end: no usable snapshot after the last gap")
    }
    return report
  }
}
