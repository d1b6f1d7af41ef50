internal import Foundation
internal import HogaCore

/// The first pass over a capture: the least delay between the exchange's time and the local one,
/// and the decimals that prices and sizes use.
struct BinanceProbe {
  /// Binance prints at most eight decimals.
  private static let printedDecimals = 8
  private static let sampledBytes: Int64 = 4 << 20
  /// With fewer prices than this, their common divisor says little about the tick.
  private static let leastPrices = 1000

  let measuresUnits: Bool
  /// Nanoseconds from the exchange's event time to arrival, the least of all; `nil` without any.
  private(set) var leastLatency: Int64?
  private(set) var leastFile = ""
  private(set) var leastLine: Int64 = 0
  private var priceUnit: Int64 = 0
  private var sizeUnit: Int64 = 0
  private var priceCount = 0

  init(measuresUnits: Bool) { self.measuresUnits = measuresUnits }

  /// The fewest decimals that write every price seen.
  var priceDecimals: Int { Self.decimals(priceUnit) }
  var sizeDecimals: Int { Self.decimals(sizeUnit) }

  /// The common divisor of all prices seen, in counts of `10^-priceDecimals`.
  var tickIncrement: Int64 {
    guard priceCount >= Self.leastPrices else { return 1 }
    return max(1, priceUnit / Decimal.power(Self.printedDecimals - priceDecimals))
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

  mutating func read(
    _ input: InputFile, wholeFile: Bool, advance: @escaping (Int64) throws -> Void
  ) throws {
    var reader = LineReader(try input.open(), advance: advance)
    var scanner = BinanceScanner(
      priceDecimals: Self.printedDecimals, sizeDecimals: Self.printedDecimals)
    var lastArrival = Int64.min
    while try reader.next() {
      if measuresUnits, reader.bytesRead <= Self.sampledBytes {
        unsafe measure(reader.line, &scanner)
      } else if !wholeFile {
        return
      }
      guard wholeFile, let (arrival, sent) = unsafe Self.times(reader.line) else { continue }
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

  private mutating func measure(
    _ line: UnsafeBufferPointer<UInt8>, _ scanner: inout BinanceScanner
  ) {
    do { try unsafe scanner.read(line) } catch { return }
    switch scanner.event {
    case .depth, .snapshot:
      unsafe measure(scanner.bids.pairs)
      unsafe measure(scanner.asks.pairs)
    case .trade, .aggregateTrade:
      measure(price: scanner.price, size: scanner.size)
    case .bookTicker:
      measure(price: scanner.bidPrice, size: scanner.bidSize)
      measure(price: scanner.askPrice, size: scanner.askSize)
    case .control, .other: break
    }
  }

  private mutating func measure(_ pairs: UnsafeBufferPointer<Int64>) {
    for index in stride(from: 0, to: pairs.count, by: 2) {
      unsafe measure(price: pairs[index], size: pairs[index + 1])
    }
  }

  private mutating func measure(price: Int64, size: Int64) {
    if price > 0 {
      priceCount += 1
      if priceUnit == 0 || price % priceUnit != 0 { priceUnit = Self.divisor(price, priceUnit) }
    }
    if size > 0, sizeUnit == 0 || size % sizeUnit != 0 { sizeUnit = Self.divisor(size, sizeUnit) }
  }

  /// The greatest common divisor (Euclid).
  private static func divisor(_ left: Int64, _ right: Int64) -> Int64 {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
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
