internal import HogaCore

/// Finds the fields of a message or a snapshot in the bytes of a JSON object.
///
/// Fields are kept as they stand; which of them matter, and how they are counted, depends on the
/// message's type, which may come last.
@safe struct CoinbaseScanner {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  enum Failure: String {
    case notJSON = "not a JSON object"
    case entry = "an order of a snapshot is not [price, size, order id]"
  }

  /// One order of a snapshot.
  struct Entry {
    var side: Side
    /// Its place in the snapshot's list, from zero.
    var index: Int
    var price: Bytes
    var size: Bytes
    var order: Bytes
  }

  private(set) var type = unsafe Bytes(start: nil, count: 0)
  private(set) var product = unsafe Bytes(start: nil, count: 0)
  private(set) var sequence = unsafe Bytes(start: nil, count: 0)
  private(set) var time = unsafe Bytes(start: nil, count: 0)
  private(set) var side = unsafe Bytes(start: nil, count: 0)
  private(set) var price = unsafe Bytes(start: nil, count: 0)
  private(set) var newPrice = unsafe Bytes(start: nil, count: 0)
  private(set) var size = unsafe Bytes(start: nil, count: 0)
  private(set) var remainingSize = unsafe Bytes(start: nil, count: 0)
  private(set) var newSize = unsafe Bytes(start: nil, count: 0)
  private(set) var order = unsafe Bytes(start: nil, count: 0)
  private(set) var maker = unsafe Bytes(start: nil, count: 0)
  private(set) var trade = unsafe Bytes(start: nil, count: 0)
  private(set) var reason = unsafe Bytes(start: nil, count: 0)
  private(set) var hasBids = false
  private(set) var hasAsks = false

  /// A whole book: it has both sides and no type. (A depth channel's `snapshot` message has one.)
  var isSnapshot: Bool { hasBids && hasAsks && type.isEmpty }

  /// Reads an object.
  ///
  /// - Parameters:
  ///   - object: bytes with a zero behind them.
  ///   - entry: is called for each order of a snapshot; returns whether it can be used.
  /// - Returns: `nil` where it could be read.
  mutating func scan(_ object: Bytes, entry: (Entry) throws -> Bool) rethrows -> Failure? {
    self = CoinbaseScanner()
    var cursor = unsafe ByteCursor(object)
    guard cursor.takeJSON(0x7b) else { return .notJSON }
    if cursor.takeJSON(0x7d) { return nil }
    repeat {
      cursor.skipJSONSpace()
      guard let key = unsafe cursor.string(), cursor.takeJSON(0x3a) else { return .notJSON }
      cursor.skipJSONSpace()
      let (isBids, isAsks) = unsafe (key.equals("bids"), key.equals("asks"))
      if isBids || isAsks, cursor.byte == 0x5b {
        if isBids { hasBids = true } else { hasAsks = true }
        if let failure = try Self.entries(&cursor, isBids ? .buy : .sell, entry) { return failure }
      } else if cursor.byte == 0x5b || cursor.byte == 0x7b {
        guard cursor.skipJSONValue() else { return .notJSON }
      } else {
        guard let value = unsafe cursor.jsonScalar() else { return .notJSON }
        unsafe keep(key, value)
      }
    } while cursor.takeJSON(0x2c)
    guard cursor.takeJSON(0x7d) else { return .notJSON }
    return nil
  }

  private static func entries(
    _ cursor: inout ByteCursor, _ side: Side, _ entry: (Entry) throws -> Bool
  ) rethrows -> Failure? {
    cursor.step()
    if cursor.takeJSON(0x5d) { return nil }
    var index = 0
    repeat {
      guard cursor.takeJSON(0x5b), let price = unsafe cursor.jsonScalar(), cursor.takeJSON(0x2c),
        let size = unsafe cursor.jsonScalar(), cursor.takeJSON(0x2c),
        let order = unsafe cursor.jsonScalar()
      else { return .entry }
      // Later fields, such as a time, say nothing that is kept.
      while cursor.takeJSON(0x2c) {
        guard unsafe cursor.jsonScalar() != nil else { return .entry }
      }
      guard cursor.takeJSON(0x5d) else { return .entry }
      let found = unsafe Entry(side: side, index: index, price: price, size: size, order: order)
      guard try entry(found) else { return .entry }
      index += 1
    } while cursor.takeJSON(0x2c)
    return cursor.takeJSON(0x5d) ? nil : .entry
  }

  private mutating func keep(_ key: Bytes, _ value: Bytes) {
    switch key.count {
    case 4:
      if unsafe key.equals("type") {
        unsafe type = value
      } else if unsafe key.equals("time") {
        unsafe time = value
      } else if unsafe key.equals("side") {
        unsafe side = value
      } else if unsafe key.equals("size") {
        unsafe size = value
      }
    case 5: if unsafe key.equals("price") { unsafe price = value }
    case 6: if unsafe key.equals("reason") { unsafe reason = value }
    case 8:
      if unsafe key.equals("sequence") {
        unsafe sequence = value
      } else if unsafe key.equals("order_id") {
        unsafe order = value
      } else if unsafe key.equals("trade_id") {
        unsafe trade = value
      } else if unsafe key.equals("new_size") {
        unsafe newSize = value
      }
    case 9: if unsafe key.equals("new_price") { unsafe newPrice = value }
    case 10: if unsafe key.equals("product_id") { unsafe product = value }
    case 14:
      if unsafe key.equals("remaining_size") {
        unsafe remainingSize = value
      } else if unsafe key.equals("maker_order_id") {
        unsafe maker = value
      }
    default: break
    }
  }
}

/// The number that Coinbase gives an order, in two halves.
struct OrderUUID: Hashable {
  var high: UInt64
  var low: UInt64

  /// Reads `7b43fab4-5738-4745-953e-24bf1a9d8471`, or returns `nil`.
  init?(_ text: UnsafeBufferPointer<UInt8>) {
    guard text.count == 36 else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    for index in 0..<36 {
      let byte = unsafe text[index]
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard byte == 0x2d else { return nil }
        continue
      }
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x61...0x66: digit = byte - 0x61 + 10
      case 0x41...0x46: digit = byte - 0x41 + 10
      default: return nil
      }
      if index < 18 {
        halves.0 = halves.0 << 4 | UInt64(digit)
      } else {
        halves.1 = halves.1 << 4 | UInt64(digit)
      }
    }
    (high, low) = halves
  }

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  var text: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(36)
    for index in 0..<32 {
      if index == 8 || index == 12 || index == 16 || index == 20 { bytes.append(0x2d) }
      let half = index < 16 ? high : low
      let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index & 15))) & 15
      bytes.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
