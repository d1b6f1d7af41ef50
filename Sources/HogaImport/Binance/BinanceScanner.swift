internal import HogaCore

/// Reads one line of a raw capture: local nanoseconds, a space, and a JSON message.
///
/// One pass, any order of keys, no allocation. It looks for the fields of the message types that
/// Hoga knows and steps over all others, so new fields of the exchange do no harm.
@safe package struct BinanceScanner: ~Copyable {
  package enum Event: Sendable {
    /// A change of depth, or a partial book; `BinanceScanner.isPartialDepth` tells.
    case depth
    case trade, aggregateTrade, bookTicker
    /// The answer of the exchange's REST interface to a question for the book.
    case snapshot
    /// An answer to a subscription and the like: no `data`, no book.
    case control
    case other
  }

  package enum Failure: Error, Equatable {
    case localTime
    case json
    case price(ByteCursor.DecimalFailure)
    case size(ByteCursor.DecimalFailure)

    /// The message is one, but a number in it is none that fits.
    var isOfNumbers: Bool { self != .localTime && self != .json }
  }

  let priceDecimals: Int
  let sizeDecimals: Int

  package init(priceDecimals: Int, sizeDecimals: Int) {
    self.priceDecimals = priceDecimals
    self.sizeDecimals = sizeDecimals
  }

  /// The largest count taken for a price or size. Sums over thousands of levels fit 64 bits.
  static let maximumCount: Int64 = 1_000_000_000_000_000

  // What the line holds. Numbers are `Column.missing` where the field is absent.
  package private(set) var arrival: Int64 = 0
  package private(set) var event = Event.other
  package private(set) var isPartialDepth = false
  package private(set) var eventTime = Column.missing  // E
  package private(set) var transactionTime = Column.missing  // T
  package private(set) var firstUpdate = Column.missing  // U
  package private(set) var lastUpdate = Column.missing  // u, lastUpdateId
  package private(set) var previousUpdate = Column.missing  // pu
  package private(set) var tradeID = Column.missing  // t
  package private(set) var price = Column.missing  // p
  package private(set) var size = Column.missing  // q
  package private(set) var bidPrice = Column.missing  // b
  package private(set) var bidSize = Column.missing  // B
  package private(set) var askPrice = Column.missing  // a
  package private(set) var askSize = Column.missing  // A
  package private(set) var aggregateID = Column.missing  // a, as a number
  /// m: 1 true, 0 false.
  package private(set) var buyerIsMaker = Column.missing
  package private(set) var symbol = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  package private(set) var stream = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// X: what kind of order made the trade.
  package private(set) var orderType = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  package private(set) var bids = LevelList()
  package private(set) var asks = LevelList()
  private var eventName = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private var hasBids = false
  private var hasData = false
  private var priceFailure = ByteCursor.DecimalFailure.none
  private var sizeFailure = ByteCursor.DecimalFailure.none

  private mutating func clear() {
    isPartialDepth = false
    eventTime = Column.missing
    transactionTime = Column.missing
    firstUpdate = Column.missing
    lastUpdate = Column.missing
    previousUpdate = Column.missing
    tradeID = Column.missing
    price = Column.missing
    size = Column.missing
    bidPrice = Column.missing
    bidSize = Column.missing
    askPrice = Column.missing
    askSize = Column.missing
    aggregateID = Column.missing
    buyerIsMaker = Column.missing
    unsafe symbol = UnsafeBufferPointer(start: nil, count: 0)
    unsafe stream = UnsafeBufferPointer(start: nil, count: 0)
    unsafe orderType = UnsafeBufferPointer(start: nil, count: 0)
    unsafe eventName = UnsafeBufferPointer(start: nil, count: 0)
    bids.removeAll()
    asks.removeAll()
    hasBids = false
    hasData = false
    priceFailure = .none
    sizeFailure = .none
  }

  /// - Parameter line: as `LineReader` shows it; what is read stays valid as long as it does.
  package mutating func read(_ line: UnsafeBufferPointer<UInt8>) throws(Failure) {
    clear()
    guard line.count > 0 else { throw .localTime }
    var cursor = unsafe ByteCursor(line)
    let start = cursor
    arrival = cursor.wideUnsigned() ?? -1
    guard arrival >= 0, cursor.byte == 0x20 else { throw .localTime }
    guard object(&cursor) else { throw .json }
    cursor.skipSpace()
    guard cursor.distance(from: start) == line.count else { throw .json }
    classify()
    guard event != .other, event != .control else { return }
    if priceFailure != .none { throw .price(priceFailure) }
    if sizeFailure != .none { throw .size(sizeFailure) }
  }

  // MARK: Structure

  private mutating func object(_ cursor: inout ByteCursor) -> Bool {
    guard cursor.take(0x7b) else { return false }
    if cursor.take(0x7d) { return true }
    repeat {
      guard let key = unsafe cursor.string(), cursor.take(0x3a) else { return false }
      cursor.skipSpace()
      guard unsafe member(key, &cursor) else { return false }
    } while cursor.take(0x2c)
    return cursor.take(0x7d)
  }

  private mutating func member(
    _ key: UnsafeBufferPointer<UInt8>, _ cursor: inout ByteCursor
  ) -> Bool {
    if key.count == 1 { return shortMember(unsafe key[0], &cursor) }
    if unsafe key.equals("data") {
      // Only the outer object has one; a second level would be somebody else's.
      guard !hasData, cursor.byte == 0x7b else { return cursor.skipValue() }
      hasData = true
      return object(&cursor)
    }
    if unsafe key.equals("stream") { return unsafe cursor.text(into: &stream) }
    if unsafe key.equals("pu") { return cursor.whole(into: &previousUpdate) }
    if unsafe key.equals("lastUpdateId") { return cursor.whole(into: &lastUpdate) }
    if unsafe key.equals("bids") {
      hasBids = true
      return bidLevels(&cursor)
    }
    if unsafe key.equals("asks") { return askLevels(&cursor) }
    if unsafe key.equals("symbol") { return unsafe cursor.text(into: &symbol) }
    return cursor.skipValue()
  }

  private mutating func shortMember(_ key: UInt8, _ cursor: inout ByteCursor) -> Bool {
    switch key {
    case UInt8(ascii: "e"): return unsafe cursor.text(into: &eventName)
    case UInt8(ascii: "E"): return cursor.whole(into: &eventTime)
    case UInt8(ascii: "T"): return cursor.whole(into: &transactionTime)
    case UInt8(ascii: "s"): return unsafe cursor.text(into: &symbol)
    case UInt8(ascii: "U"): return cursor.whole(into: &firstUpdate)
    case UInt8(ascii: "u"): return cursor.whole(into: &lastUpdate)
    case UInt8(ascii: "t"): return cursor.whole(into: &tradeID)
    case UInt8(ascii: "X"): return unsafe cursor.text(into: &orderType)
    case UInt8(ascii: "p"): return cursor.count(priceDecimals, into: &price, &priceFailure)
    case UInt8(ascii: "q"): return cursor.count(sizeDecimals, into: &size, &sizeFailure)
    case UInt8(ascii: "B"): return cursor.count(sizeDecimals, into: &bidSize, &sizeFailure)
    case UInt8(ascii: "A"): return cursor.count(sizeDecimals, into: &askSize, &sizeFailure)
    case UInt8(ascii: "b"):
      switch cursor.byte {
      case 0x5b: return bidLevels(&cursor)
      case 0x22: return cursor.count(priceDecimals, into: &bidPrice, &priceFailure)
      default: return cursor.skipValue()  // a buyer's order id, in old captures
      }
    case UInt8(ascii: "a"):
      switch cursor.byte {
      case 0x5b: return askLevels(&cursor)
      case 0x22: return cursor.count(priceDecimals, into: &askPrice, &priceFailure)
      default: return cursor.whole(into: &aggregateID)
      }
    case UInt8(ascii: "m"):
      buyerIsMaker = cursor.byte == UInt8(ascii: "t") ? 1 : 0
      return cursor.byte == UInt8(ascii: "t") || cursor.byte == UInt8(ascii: "f")
        ? cursor.skipValue() : false
    default: return cursor.skipValue()
    }
  }

  // MARK: Levels

  private mutating func bidLevels(_ cursor: inout ByteCursor) -> Bool {
    Self.levels(
      &cursor, into: &bids, priceDecimals, sizeDecimals, &priceFailure, &sizeFailure)
  }

  private mutating func askLevels(_ cursor: inout ByteCursor) -> Bool {
    Self.levels(
      &cursor, into: &asks, priceDecimals, sizeDecimals, &priceFailure, &sizeFailure)
  }

  /// A list of `["price","size"]`.
  private static func levels(
    _ cursor: inout ByteCursor, into list: inout LevelList, _ priceDecimals: Int,
    _ sizeDecimals: Int, _ priceFailure: inout ByteCursor.DecimalFailure,
    _ sizeFailure: inout ByteCursor.DecimalFailure
  ) -> Bool {
    list.removeAll()
    guard cursor.take(0x5b) else { return cursor.skipValue() }
    if cursor.take(0x5d) { return true }
    var failure = ByteCursor.DecimalFailure.none
    repeat {
      guard cursor.take(0x5b) else { return false }
      cursor.skipSpace()
      var start = cursor
      let price = cursor.decimal(priceDecimals, &failure)
      if failure != .none || price > maximumCount {
        if priceFailure == .none { priceFailure = failure == .none ? .tooLarge : failure }
        failure = .none
        cursor = start
        guard cursor.skipValue() else { return false }
      }
      guard cursor.take(0x2c) else { return false }
      cursor.skipSpace()
      start = cursor
      let size = cursor.decimal(sizeDecimals, &failure)
      if failure != .none || size > maximumCount {
        if sizeFailure == .none { sizeFailure = failure == .none ? .tooLarge : failure }
        failure = .none
        cursor = start
        guard cursor.skipValue() else { return false }
      }
      list.append(price: price, size: size)
      // Old streams carry an empty third element.
      while cursor.take(0x2c) {
        guard cursor.skipValue() else { return false }
      }
      guard cursor.take(0x5d) else { return false }
    } while cursor.take(0x2c)
    return cursor.take(0x5d)
  }

  // MARK: Kind

  /// The symbol that the message names, or else its stream; snapshots of spot and USDⓈ-M have none.
  var symbolName: UnsafeBufferPointer<UInt8>? {
    unsafe symbol.isEmpty ? stream.symbolOfStream : symbol
  }

  private mutating func classify() {
    event = .other
    if eventName.count > 0 {
      if unsafe eventName.equals("depthUpdate") {
        event = .depth
        isPartialDepth = streamIsPartialDepth
      } else if unsafe eventName.equals("trade") {
        event = .trade
      } else if unsafe eventName.equals("aggTrade") {
        event = .aggregateTrade
      } else if unsafe eventName.equals("bookTicker") {
        event = .bookTicker
      }
      return
    }
    if hasBids, lastUpdate != Column.missing {
      // Spot sends partial books without a name.
      if hasData { isPartialDepth = true }
      event = hasData ? .depth : .snapshot
    } else if hasData, bidPrice != Column.missing, askPrice != Column.missing {
      event = .bookTicker
    } else if !hasData, stream.count == 0 {
      event = .control
    }
  }

  /// `…@depth5`, `@depth10`, `@depth20`, with a speed or without.
  private var streamIsPartialDepth: Bool {
    let name: StaticString = "@depth"
    var index = stream.count - 1
    while index >= 0, unsafe stream[index] != 0x40 { index -= 1 }
    // The last part may be the speed, as in `@depth5@100ms`.
    if index > 0, index + 1 < stream.count, unsafe stream[index + 1] &- 0x30 <= 9 {
      index -= 1
      while index >= 0, unsafe stream[index] != 0x40 { index -= 1 }
    }
    let digit = index + name.utf8CodeUnitCount
    guard index >= 0, digit < stream.count else { return false }
    let part = unsafe UnsafeBufferPointer(rebasing: stream[index..<digit])
    return unsafe part.equals(name) && stream[digit] &- 0x30 <= 9
  }
}

extension ByteCursor {
  /// An unsigned whole number of at most 19 digits that fits 64 signed bits.
  fileprivate mutating func wideUnsigned() -> Int64? {
    var value: UInt64 = 0
    let start = self
    while byte &- 0x30 <= 9 {
      value = value &* 10 &+ UInt64(byte &- 0x30)
      step()
    }
    let digits = distance(from: start)
    return digits > 0 && digits <= 19 ? Int64(exactly: value) : nil
  }

  fileprivate mutating func text(into field: inout UnsafeBufferPointer<UInt8>) -> Bool {
    guard byte == 0x22 else { return skipValue() }
    guard let text = unsafe string() else { return false }
    unsafe field = text
    return true
  }

  /// A whole number; anything else is stepped over and leaves the field absent.
  fileprivate mutating func whole(into field: inout Int64) -> Bool {
    let start = self
    if let value = unsigned(), !isInNumber {
      field = value
      return true
    }
    self = start
    return skipValue()
  }

  /// A price or size; the first failure is kept for whoever needs the field.
  fileprivate mutating func count(
    _ decimals: Int, into field: inout Int64, _ firstFailure: inout DecimalFailure
  ) -> Bool {
    let start = self
    var failure = DecimalFailure.none
    let value = decimal(decimals, &failure)
    field = value
    if abs(value) > BinanceScanner.maximumCount { failure = .tooLarge }
    guard failure != .none else { return true }
    if firstFailure == .none { firstFailure = failure }
    self = start
    return skipValue()
  }

  /// The byte here continues a number: a point, a sign, an exponent.
  fileprivate var isInNumber: Bool {
    byte == 0x2e || byte == 0x2b || byte == 0x2d || byte | 0x20 == 0x65
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// `btcusdt` of `btcusdt@depth…`; none of `!bookTicker` and of what has no `@`.
  var symbolOfStream: UnsafeBufferPointer<UInt8>? {
    guard let end = unsafe prefix(while: { $0 != 0x22 }).firstIndex(of: 0x40), end > 0,
      unsafe self[0] != 0x21
    else { return nil }
    return unsafe UnsafeBufferPointer(rebasing: self[..<end])
  }

  func equals(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for index in 0..<count where unsafe self[index] != text.utf8Start[index] { return false }
    return true
  }

  /// Equal when ASCII letters of either case are taken as one.
  func equalsIgnoringCase(_ text: [UInt8]) -> Bool {
    guard count == text.count else { return false }
    for index in 0..<count {
      let (mine, theirs) = (unsafe self[index], text[index])
      let lower = mine >= 0x41 && mine <= 0x5a ? mine | 0x20 : mine
      let other = theirs >= 0x41 && theirs <= 0x5a ? theirs | 0x20 : theirs
      if lower != other { return false }
    }
    return true
  }
}
