internal import HogaCore

/// The second pass over a Coinbase feed: messages in, rows out.
struct CoinbaseSession: ~Copyable {
  /// What a message of the full channel is.
  enum Kind { case received, open, done, match, change }

  /// A message with its fields read and counted.
  struct Message {
    var kind: Kind
    var sequence: Int64
    var time: Int64
    var order = OrderUUID(high: 0, low: 0)
    /// Of the resting order.
    var side = Side.buy
    /// `Column.missing` where there is none, as for market orders.
    var price = Column.missing
    var size = Column.missing
    var trade = Column.missing
    var isFilled = false
    var file: String
    var line: Int64
  }

  let instrument: Instrument
  let sink: any ImportSink
  let symbolBytes: [UInt8]
  var scanner = CoinbaseScanner()
  var clock = ISOTime()
  var log: RejectionLog
  var report = ImportReport()
  var counter = Counter()

  // Where we are.
  var file = ""
  var line: Int64 = 0
  var lastArrival = Int64.min
  var writer: CoinbaseWriter?

  // The book. Stale until the first snapshot.
  var book = OrderByOrderBook(orders: 1 << 16)
  var numbers = OrderNumbers()
  /// The last message that the book contains.
  var bookSequence: Int64 = 0
  /// A snapshot was taken over whose rows are not written yet, because nothing has said its time.
  var snapshotWaits = false
  var snapshotTime = Column.missing

  // The feed.
  var lastSequence: Int64?
  /// Since when no message is missing.
  var runStart: Int64 = 0
  /// Messages that came while the book was unknown, without a hole between them.
  var waiting: [Message] = []
  /// More than a snapshot takes to arrive; older ones are given up.
  static let maximumWaiting = 1 << 18

  // Counts kept as numbers, since a name would be looked up for every message.
  var received = 0
  var opened = 0
  var ended = 0
  var matched = 0
  var changed = 0
  var otherProduct = 0
  var duplicates = 0
  var olderThanBook = 0
  var withoutBook = 0
  var missingMessages: Int64 = 0
  var endsOutside = 0
  var changesOutside = 0
  var timesBackward = 0
  var behindFront = 0
  var awayFromBest = 0
  var snapshots = 0
  var agreeingSnapshots = 0
  var differingSnapshots = 0
  var unusedSnapshots = 0

  init(instrument: Instrument, policy: ErrorPolicy, sink: any ImportSink) {
    self.instrument = instrument
    self.sink = sink
    symbolBytes = Array(instrument.symbol.utf8)
    log = RejectionLog(policy)
    book.isStale = true
  }

  // MARK: Reading

  mutating func read(_ input: InputFile, advance: @escaping (Int64) throws -> Void) throws {
    file = input.name
    var reader = JSONObjectReader(try input.open(), advance: advance)
    while try reader.next() {
      line = reader.lineNumber
      switch reader.kind {
      case .object: try handle(reader.object)
      case .torn: try reject("an object is torn", unsafe excerpt(reader.object))
      case .tooLong: try reject("an object is longer than 256 MiB")
      case .foreign:
        try reject("neither an object nor a list of objects", unsafe excerpt(reader.object))
      }
    }
    report.bytes += reader.bytesRead
    report.lines += Int(reader.lineCount)
    if let reason = reader.truncation {
      line = reader.lineCount
      try reject("compressed data ends early", reason)
    }
  }

  mutating func reject(_ reason: String, _ found: String? = nil) throws {
    try log.reject(reason, found: found, file: file, line: line)
  }

  private mutating func handle(_ object: UnsafeBufferPointer<UInt8>) throws {
    var entries = SnapshotEntries()
    let (price, size) = (instrument.priceDecimals, instrument.sizeDecimals)
    let failure = unsafe scanner.scan(object) { entry in
      entries.append(entry, priceDecimals: price, sizeDecimals: size)
    }
    if let failure {
      let found = entries.failure.map { "\($0)" } ?? (unsafe excerpt(object))
      return try reject(failure.rawValue, found)
    }
    if scanner.isSnapshot {
      try snapshot(entries)
    } else if try isOurs(), let message = try message() {
      try handle(message)
    }
  }

  /// Whether it is a message of the full channel and of our product; counts what is not.
  private mutating func isOurs() throws -> Bool {
    guard unsafe !scanner.type.isEmpty else {
      try reject("neither a message nor a snapshot of all orders")
      return false
    }
    guard unsafe scanner.product.isEmpty || scanner.product.equalsIgnoringCase(symbolBytes) else {
      otherProduct += 1
      return false
    }
    return true
  }

  private func kind() -> Kind? {
    let type = unsafe scanner.type
    switch type.count {
    case 4:
      if unsafe type.equals("open") { return .open }
      return unsafe type.equals("done") ? .done : nil
    case 5: return unsafe type.equals("match") ? .match : nil
    case 6: return unsafe type.equals("change") ? .change : nil
    case 8: return unsafe type.equals("received") ? .received : nil
    default: return nil
    }
  }

  /// The message that the scanner holds, or `nil` where it is of another channel or was rejected.
  private mutating func message() throws -> Message? {
    guard let kind = kind() else {
      let name = unsafe String(decoding: scanner.type.prefix(40), as: UTF8.self)
      counter.add("messages of type \(name)")
      return nil
    }
    func fault(_ reason: String, _ found: UnsafeBufferPointer<UInt8>) throws -> Message? {
      try log.reject(reason, found: unsafe excerpt(found), file: file, line: line)
      return nil
    }
    guard unsafe !scanner.product.isEmpty else {
      return try unsafe fault("the message names no product", scanner.type)
    }
    guard let sequence = unsafe whole(scanner.sequence) else {
      return try unsafe fault("sequence is no number above zero", scanner.sequence)
    }
    guard let time = unsafe clock.nanoseconds(scanner.time) else {
      return try unsafe fault("time is none such as 2018-07-13T20:47:11.025Z", scanner.time)
    }
    var message = Message(kind: kind, sequence: sequence, time: time, file: file, line: line)
    // What changes no book needs no more than its place.
    guard kind != .received else { return message }
    guard let side = unsafe side(scanner.side) else {
      return try unsafe fault("side is neither buy nor sell", scanner.side)
    }
    message.side = side
    let name = unsafe kind == .match ? scanner.maker : scanner.order
    guard let order = unsafe OrderUUID(name) else {
      return try unsafe fault("order id is no UUID", name)
    }
    message.order = order
    var price = unsafe scanner.price
    var size = unsafe scanner.size
    switch kind {
    case .open: unsafe size = scanner.remainingSize
    case .done:
      unsafe size = scanner.remainingSize
      message.isFilled = unsafe scanner.reason.equals("filled")
      guard unsafe message.isFilled || scanner.reason.equals("canceled") else {
        return try unsafe fault("reason is neither filled nor canceled", scanner.reason)
      }
    case .change:
      unsafe size = scanner.newSize
      if unsafe !scanner.newPrice.isEmpty { unsafe price = scanner.newPrice }
    case .match:
      guard let trade = unsafe whole(scanner.trade) else {
        return try unsafe fault("trade id is no number above zero", scanner.trade)
      }
      message.trade = trade
    case .received: break
    }
    let isNeeded = kind == .open || kind == .match
    if unsafe isNeeded || !(price.isEmpty || price.equals("null")) {
      guard let count = try unsafe count(price, instrument.priceDecimals, "price") else {
        return nil
      }
      message.price = count
    }
    if unsafe isNeeded || !(size.isEmpty || size.equals("null")) {
      guard let count = try unsafe count(size, instrument.sizeDecimals, "size", isNeeded) else {
        return nil
      }
      message.size = count
    }
    return message
  }

  private func whole(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard let value = unsafe try? Decimal.parse(text, decimals: 0), value > 0,
      value < Int64.max / 2
    else { return nil }
    return value
  }

  private func side(_ text: UnsafeBufferPointer<UInt8>) -> Side? {
    if unsafe text.equals("buy") { return .buy }
    return unsafe text.equals("sell") ? .sell : nil
  }

  /// A price or size, or `nil` where it was rejected.
  private mutating func count(
    _ text: UnsafeBufferPointer<UInt8>, _ decimals: Int, _ name: String,
    _ isAboveZero: Bool = true
  ) throws -> Int64? {
    switch unsafe CoinbaseCount.read(text, decimals) {
    case .success(let count) where count > 0 || !isAboveZero: return count
    case .success: try reject("\(name) is not above zero", unsafe excerpt(text))
    case .failure(.tooFine):
      try reject(
        "a \(name) has more than \(decimals) decimals; give --\(name)-decimals",
        unsafe excerpt(text))
    case .failure(.tooLarge): try reject("a \(name) is too large", unsafe excerpt(text))
    case .failure(.notANumber): try reject("a \(name) is not a number", unsafe excerpt(text))
    }
    return nil
  }

  // MARK: Time

  /// When a message counts as known: never before the one that came before it.
  mutating func arrival(_ time: Int64) -> Int64 {
    if time < lastArrival { timesBackward += 1 }
    lastArrival = max(lastArrival, time)
    return lastArrival
  }

  // MARK: End

  consuming func finish(files: [String]) throws -> ImportReport {
    guard received + opened + ended + matched + changed + snapshots > 0 else {
      throw DataError(
        "no full-channel message and no snapshot of \(instrument.symbol)"
          + (otherProduct > 0 ? "; \(otherProduct) messages of other products" : "")
          + (log.rejections.first.map { "; first rejected: \($0.examples[0])" } ?? ""),
        file: files.first)
    }
    if snapshotWaits {
      guard snapshotTime != Column.missing || lastArrival != Int64.min else {
        throw DataError(
          "the snapshot has no time, and no message says when it was", file: files.first)
      }
      let time = max(lastArrival, snapshotTime == Column.missing ? lastArrival : snapshotTime)
      try writeSnapshot(arrival(time))
    }
    if let writer {
      try writer.flush()
      report.add(writer.buffers)
      addIDs(writer)
    }
    report.files = files
    report.rejections = log.rejections
    var counts = Counter()
    counts.add("orders in the book at the end", book.isStale ? 0 : book.orderCount)
    counts.add("messages received", received)
    counts.add("messages open", opened)
    counts.add("messages done", ended)
    counts.add("messages match", matched)
    counts.add("messages change", changed)
    counts.add(
      "snapshots taken over", snapshots - unusedSnapshots - agreeingSnapshots - differingSnapshots)
    counts.add("snapshots that agree with the book order by order", agreeingSnapshots)
    counts.add("snapshots that differ from the book, which is kept", differingSnapshots)
    counts.add("snapshots too old for the messages, not used", unusedSnapshots)
    counts.add("messages of other products, not used", otherProduct)
    counts.add("messages dropped as already known", duplicates)
    counts.add("messages older than the snapshot, skipped", olderThanBook)
    counts.add("messages while the book was unknown", withoutBook)
    counts.add("messages missing between those that arrived", Int(clamping: missingMessages))
    counts.add("messages done of orders that never rested", endsOutside)
    counts.add("messages change of orders that do not rest", changesOutside)
    counts.add("times going backward", timesBackward)
    counts.add("executions behind the front of a queue", behindFront)
    counts.add("executions away from the best price", awayFromBest)
    for count in counter.counts { counts.add(count.name, count.count) }
    report.counts = counts.counts.filter { $0.count > 0 }
    if snapshots == 0 {
      report.notes.append("there is no snapshot in these files, so no book is known")
    } else if book.isStale {
      report.notes.append("the book is stale at the end: no usable snapshot after the last gap")
    }
    return report
  }
}

/// Prices and sizes as counts.
enum CoinbaseCount {
  static func read(
    _ text: UnsafeBufferPointer<UInt8>, _ decimals: Int
  ) -> Result<Int64, Decimal.ParseFailure> {
    do {
      let count = unsafe try Decimal.parse(text, decimals: decimals)
      return abs(count) > BinanceScanner.maximumCount ? .failure(.tooLarge) : .success(count)
    } catch {
      return .failure(error)
    }
  }
}

/// The orders of a snapshot as they are read.
struct SnapshotEntries {
  struct Entry {
    var side: Side
    var price: Int64
    var size: Int64
    var order: OrderUUID
  }
  private(set) var all: [Entry] = []
  /// What is wrong with the first order that cannot be used.
  private(set) var failure: String?

  /// Returns false where the order cannot be used.
  mutating func append(
    _ entry: CoinbaseScanner.Entry, priceDecimals: Int, sizeDecimals: Int
  ) -> Bool {
    let place = "\(entry.side == .buy ? "bids" : "asks")[\(entry.index)]"
    guard let order = unsafe OrderUUID(entry.order) else {
      failure = unsafe "\(place): order id is no UUID: \(excerpt(entry.order))"
      return false
    }
    guard case .success(let price) = unsafe CoinbaseCount.read(entry.price, priceDecimals),
      price > 0
    else {
      failure = unsafe "\(place): price \(excerpt(entry.price)) with \(priceDecimals) decimals"
      return false
    }
    guard case .success(let size) = unsafe CoinbaseCount.read(entry.size, sizeDecimals), size > 0
    else {
      failure = unsafe "\(place): size \(excerpt(entry.size)) with \(sizeDecimals) decimals"
      return false
    }
    all.append(Entry(side: entry.side, price: price, size: size, order: order))
    return true
  }
}
