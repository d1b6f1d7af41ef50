internal import Foundation
internal import HogaCore

/// The first pass over a capture: which symbols it names, the least delay between the exchange's
/// time and the local one, and the decimals that the symbol's prices and sizes use.
struct BinanceProbe {
  /// Binance prints at most eight decimals.
  private static let printedDecimals = 8
  private static let sampledBytes: Int64 = 4 << 20
  /// With fewer prices than this, their common divisor says little about the tick.
  private static let leastPrices = 1000
  /// Names come from outside, so their number is bounded.
  private static let maximumSymbols = 1000

  private let symbolBytes: [UInt8]
  private let measuresUnits: Bool
  private let measuresClock: Bool

  /// Whether a message names the symbol.
  private(set) var namesSymbol = false
  /// In upper case, all that are named but the symbol.
  private(set) var otherSymbols = Set<String>()
  private var lastOther: [UInt8] = []

  /// Nanoseconds from the exchange's event time to arrival, the least of all; `nil` without any.
  /// Of messages of every symbol: one local clock stamped them all, and more of them come closer to
  /// its error.
  private(set) var leastLatency: Int64?
  private(set) var leastFile = ""
  private(set) var leastLine: Int64 = 0

  private var own = Units()
  /// Of messages that name no symbol, such as snapshots, each on its own.
  private var unnamed: [Units] = []

  init(symbol: String, measuresUnits: Bool, measuresClock: Bool) {
    symbolBytes = Array(symbol.utf8)
    self.measuresUnits = measuresUnits
    self.measuresClock = measuresClock
  }

  /// What prices and sizes have in common.
  private struct Units {
    var price: Int64 = 0
    var size: Int64 = 0
    var priceCount = 0
    /// Of all prices seen.
    var lowest = Int64.max
    var highest: Int64 = 0

    mutating func add(_ pairs: UnsafeBufferPointer<Int64>) {
      for index in stride(from: 0, to: pairs.count, by: 2) {
        unsafe add(price: pairs[index], size: pairs[index + 1])
      }
    }

    mutating func add(price: Int64, size: Int64) {
      if price > 0 {
        priceCount += 1
        lowest = min(lowest, price)
        highest = max(highest, price)
        if self.price == 0 || price % self.price != 0 {
          self.price = Self.divisor(price, self.price)
        }
      }
      if size > 0, self.size == 0 || size % self.size != 0 {
        self.size = Self.divisor(size, self.size)
      }
    }

    func joined(with other: Units) -> Units {
      Units(
        price: Self.divisor(price, other.price), size: Self.divisor(size, other.size),
        priceCount: priceCount + other.priceCount, lowest: min(lowest, other.lowest),
        highest: max(highest, other.highest))
    }

    /// Whether prices of both are of one magnitude.
    func meets(_ other: Units) -> Bool {
      lowest / 2 <= other.highest && other.lowest / 2 <= highest
    }

    /// The greatest common divisor (Euclid).
    private static func divisor(_ left: Int64, _ right: Int64) -> Int64 {
      var (left, right) = (left, right)
      while right != 0 { (left, right) = (right, left % right) }
      return left
    }
  }

  /// A snapshot that names nothing counts unless another symbol is there whose it may be by its
  /// prices: our messages may be few, and round where the snapshot is not.
  private var units: Units {
    unnamed.filter { otherSymbols.isEmpty || own.meets($0) }.reduce(own) { $0.joined(with: $1) }
  }

  /// The fewest decimals that write every price seen.
  var priceDecimals: Int { Self.decimals(units.price) }
  var sizeDecimals: Int { Self.decimals(units.size) }

  /// The common divisor of all prices seen, in counts of `10^-priceDecimals`.
  var tickIncrement: Int64 {
    guard units.priceCount >= Self.leastPrices else { return 1 }
    return max(1, units.price / Decimal.power(Self.printedDecimals - priceDecimals))
  }

  private static func decimals(_ unit: Int64) -> Int {
    guard unit > 0 else { return 0 }
    var decimals = printedDecimals
    var unit = unit
    while decimals > 0, unit % 10 == 0 {
      unit /= 10
      decimals -= 1
    }
    return decimals
  }

  mutating func read(_ input: InputFile, advance: @escaping (Int64) throws -> Void) throws {
    var reader = LineReader(try input.open(), advance: advance)
    var scanner = BinanceScanner(
      priceDecimals: Self.printedDecimals, sizeDecimals: Self.printedDecimals)
    var lastArrival = Int64.min
    while try reader.next() {
      unsafe note(symbolOf: reader.line)
      if measuresUnits, reader.bytesRead <= Self.sampledBytes {
        unsafe measure(reader.line, &scanner)
      }
      guard measuresClock, let (arrival, sent) = unsafe Self.times(reader.line) else { continue }
      // The second pass rejects lines that these tests leave out here.
      guard arrival >= lastArrival, BinanceSession.isPlausible(arrival, sent) else { continue }
      lastArrival = arrival
      if leastLatency.map({ arrival - sent < $0 }) ?? true {
        leastLatency = arrival - sent
        leastFile = input.name
        leastLine = reader.lineNumber
      }
    }
  }

  private mutating func note(symbolOf line: UnsafeBufferPointer<UInt8>) {
    guard let name = unsafe Self.symbol(line) else { return }
    if unsafe name.equalsIgnoringCase(symbolBytes) {
      namesSymbol = true
      return
    }
    // Most messages are of the symbol of the one before.
    guard unsafe !name.equalsIgnoringCase(lastOther), otherSymbols.count < Self.maximumSymbols
    else { return }
    lastOther = unsafe Array(name)
    otherSymbols.insert(String(decoding: lastOther.prefix(40), as: UTF8.self).uppercased())
  }

  private mutating func measure(
    _ line: UnsafeBufferPointer<UInt8>, _ scanner: inout BinanceScanner
  ) {
    do { try unsafe scanner.read(line) } catch { return }
    var units = Units()
    let isNamed = unsafe scanner.symbolName != nil
    if let name = unsafe scanner.symbolName {
      guard unsafe name.equalsIgnoringCase(symbolBytes) else { return }
      units = own
    }
    switch scanner.event {
    case .depth, .snapshot:
      unsafe units.add(scanner.bids.pairs)
      unsafe units.add(scanner.asks.pairs)
    case .trade, .aggregateTrade:
      units.add(price: scanner.price, size: scanner.size)
    case .bookTicker:
      units.add(price: scanner.bidPrice, size: scanner.bidSize)
      units.add(price: scanner.askPrice, size: scanner.askSize)
    case .control, .other: break
    }
    if isNamed { own = units } else if units.priceCount > 0 { unnamed.append(units) }
  }

  /// The symbol that a message names, found without reading the rest: before the `@` of its stream,
  /// else the first `"s"` or `"symbol"`.
  static func symbol(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
    if let start = unsafe line.firstPlace(after: "\"stream\":\"", within: 64),
      let name = unsafe UnsafeBufferPointer(rebasing: line[start...]).symbolOfStream
    {
      return unsafe name
    }
    guard
      let start = unsafe line.firstPlace(after: "\"s\":\"")
        ?? line.firstPlace(after: "\"symbol\":\"")
    else { return nil }
    let rest = unsafe line[start...]
    guard let end = unsafe rest.firstIndex(of: 0x22), end > start else { return nil }
    return unsafe UnsafeBufferPointer(rebasing: line[start..<end])
  }

  /// The local time and the event time in nanoseconds, found without reading the rest.
  static func times(_ line: UnsafeBufferPointer<UInt8>) -> (arrival: Int64, sent: Int64)? {
    var arrival: Int64 = 0
    var index = 0
    while index < line.count, unsafe line[index] &- 0x30 <= 9 {
      arrival = arrival &* 10 &+ Int64(unsafe line[index] &- 0x30)
      index += 1
    }
    guard index == 19 else { return nil }
    // `E` is rare in these messages, so that hopping from one to the next is quick.
    while index < line.count,
      let found = unsafe memchr(line.baseAddress! + index, 0x45, line.count - index)
    {
      index =
        UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - line.baseAddress!
      guard index + 4 < line.count, line[index - 1] == 0x22, line[index + 1] == 0x22,
        unsafe line[index + 2] == 0x3a
      else {
        index += 1
        continue
      }
      index += 3
      var sent: Int64 = 0
      let start = index
      while index < line.count, index - start < 18, unsafe line[index] &- 0x30 <= 9 {
        sent = sent &* 10 &+ Int64(unsafe line[index] &- 0x30)
        index += 1
      }
      return BinanceSession.nanoseconds(sent).map { (arrival, $0) }
    }
    return nil
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The place after the first occurrence of some text.
  ///
  /// A plain search: streams are named at a line's start, and lines without one are rare.
  fileprivate func firstPlace(after text: StaticString, within limit: Int = .max) -> Int? {
    let length = text.utf8CodeUnitCount
    var start = 0
    while start + length <= Swift.min(count, limit) {
      if unsafe UnsafeBufferPointer(rebasing: self[start..<start + length]).equals(text) {
        return start + length
      }
      start += 1
    }
    return nil
  }
}
