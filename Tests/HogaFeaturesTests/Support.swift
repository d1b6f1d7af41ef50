import Foundation
import HogaCore
import HogaFeatures

/// A file of comma-separated numbers and words, by column.
struct Table {
  var columns: [String: [Substring]] = [:]
  var names: [String] = []

  init(fixture name: String, file: String = #filePath) throws {
    let url = URL(fileURLWithPath: file).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name).csv")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    names = lines[0].split(separator: ",").map(String.init)
    for name in names { columns[name] = [] }
    for line in lines.dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      for (name, cell) in zip(names, cells) { columns[name]!.append(cell) }
    }
  }

  func int64s(_ name: String) -> [Int64] {
    columns[name]!.map { $0.isEmpty ? Column.missing : Int64($0)! }
  }
  func doubles(_ name: String) -> [Double] {
    columns[name]!.map { $0.isEmpty ? .nan : Double($0)! }
  }

  /// As the market table `trades`.
  func trades(priceDecimals: Int, sizeDecimals: Int) -> Frame {
    var frame = stamps
    frame.append("price", .decimal(int64s("price"), scale: priceDecimals))
    frame.append("size", .decimal(int64s("size"), scale: sizeDecimals))
    frame.append("aggressor", .int32(columns["aggressor"]!.map { Int32($0) ?? .min }))
    return frame
  }

  /// As the market table `depth`.
  func depth(priceDecimals: Int, sizeDecimals: Int) -> Frame {
    var frame = stamps
    frame.append("kind", .category(Categories(columns["kind"]!.map { String($0) })))
    frame.append("side", .int32(int64s("side").map { Int32($0) }))
    frame.append("price", .decimal(int64s("price"), scale: priceDecimals))
    frame.append("size", .decimal(int64s("size"), scale: sizeDecimals))
    frame.append("last", .bool(int64s("last").map { $0 == 1 }))
    return frame
  }

  /// As the market table `book`.
  func book(priceDecimals: Int, sizeDecimals: Int) -> Frame {
    var frame = stamps
    for name in names where name.contains("_") {
      let scale = name.contains("price") ? priceDecimals : sizeDecimals
      frame.append(name, .decimal(int64s(name), scale: scale))
    }
    return frame
  }

  private var stamps: Frame {
    Frame([
      ("arrival", .timestamp(int64s("arrival"))), ("time", .timestamp(int64s("arrival"))),
      ("sequence", .int64(int64s("sequence"))),
    ])
  }
}

/// Hands out a frame in pieces: whole, or cut at random places.
func source(_ frame: Frame, cutBy random: SeededRandom? = nil) -> Replay.Source {
  var random = random
  var start = 0
  return {
    guard start < frame.rowCount else { return nil }
    var end = frame.rowCount
    if random != nil { end = min(end, start + Int.random(in: 1...200, using: &random!)) }
    defer { start = end }
    return frame.rows(start..<end)
  }
}

/// A seeded market of a few minutes, as tables: an irregular book with gaps, and trades.
struct RandomMarket {
  var depth: Frame
  var trades: Frame
  static let instrument = Instrument(
    venue: "test", symbol: "TEST", priceDecimals: 2, sizeDecimals: 3)

  init(seed: UInt64, events: Int = 3000) {
    var random = SeededRandom(seed)
    var time: Int64 = 1_700_000_000_400_000_000
    var stamps: (depth: [Int64], trades: [Int64]) = ([], [])
    var sequences: (depth: [Int64], trades: [Int64]) = ([], [])
    var kinds: [String] = []
    var sides: [Int32] = []
    var prices: [Int64] = []
    var sizes: [Int64] = []
    var last: [Bool] = []
    var tradePrices: [Int64] = []
    var tradeSizes: [Int64] = []
    var aggressors: [Int32] = []
    var middle: Int64 = 10_000
    var isFresh = false

    func level(_ kind: String, _ side: Int32, _ price: Int64, _ size: Int64, _ isLast: Bool) {
      kinds.append(kind)
      sides.append(side)
      prices.append(price)
      sizes.append(size)
      last.append(isLast)
    }
    for event in 0..<events {
      switch Int.random(in: 0..<20, using: &random) {
      case 0...2: break
      case 3: time = (time / 1_000_000_000 + 1) * 1_000_000_000
      case 4 where Int.random(in: 0..<20, using: &random) == 0: time += 7_300_000_000
      default: time += Int64.random(in: 1...120_000_000, using: &random)
      }
      let sequence = Int64(event)
      let rows = kinds.count
      if !isFresh {
        for depth in Int64(0)..<12 {
          level("snapshot", 1, middle - 1 - depth, .random(in: 1...5000, using: &random), false)
          level(
            "snapshot", -1, middle + 1 + 2 * depth, .random(in: 1...5000, using: &random),
            depth == 11)
        }
        isFresh = true
      } else if Int.random(in: 0..<400, using: &random) == 0 {
        level("gap", 0, 0, 0, true)
        isFresh = Bool.random(using: &random)
      } else if Int.random(in: 0..<3, using: &random) == 0 {
        stamps.trades.append(time)
        sequences.trades.append(sequence)
        tradePrices.append(middle + .random(in: -3...3, using: &random))
        tradeSizes.append(.random(in: 1...4000, using: &random))
        aggressors.append([1, -1, Int32.min].randomElement(using: &random)!)
      } else {
        let count = Int.random(in: 1...4, using: &random)
        middle += .random(in: -1...1, using: &random)
        for index in 1...count {
          let side: Int32 = Bool.random(using: &random) ? 1 : -1
          let price = middle - Int64(side) * .random(in: 0...14, using: &random)
          let isGone = Int.random(in: 0..<3, using: &random) == 0
          level(
            "update", side, price, isGone ? 0 : .random(in: 1...5000, using: &random),
            index == count)
        }
      }
      for _ in rows..<kinds.count {
        stamps.depth.append(time)
        sequences.depth.append(sequence)
      }
    }
    depth = Frame([
      ("arrival", .timestamp(stamps.depth)), ("time", .timestamp(stamps.depth)),
      ("sequence", .int64(sequences.depth)), ("kind", .category(Categories(kinds))),
      ("side", .int32(sides)), ("price", .decimal(prices, scale: 2)),
      ("size", .decimal(sizes, scale: 3)), ("last", .bool(last)),
    ])
    trades = Frame([
      ("arrival", .timestamp(stamps.trades)), ("time", .timestamp(stamps.trades)),
      ("sequence", .int64(sequences.trades)), ("price", .decimal(tradePrices, scale: 2)),
      ("size", .decimal(tradeSizes, scale: 3)), ("aggressor", .int32(aggressors)),
    ])
  }

  /// The events as a sink is told them.
  func events() throws -> [MarketEvent] {
    var recorder = Recorder()
    var replay = try Replay(book: source(depth), trades: source(trades))
    try replay.run(into: &recorder)
    return recorder.events
  }
}

enum MarketEvent: Sendable {
  case book(OrderBook, Moment)
  case trade(Trade)

  var moment: Moment {
    switch self {
    case .book(_, let moment): moment
    case .trade(let trade): trade.moment
    }
  }

  func tell(_ sink: inout some MarketSink) {
    switch self {
    case .book(let book, let moment): sink.bookChanged(book, at: moment)
    case .trade(let trade): sink.traded(trade)
    }
  }
}

private struct Recorder: MarketSink {
  var events: [MarketEvent] = []
  mutating func bookChanged(_ book: OrderBook, at moment: Moment) {
    events.append(.book(book, moment))
  }
  mutating func traded(_ trade: Trade) { events.append(.trade(trade)) }
}

extension FeatureSettings {
  /// Short windows, so that a few minutes have many complete ones.
  static let short = FeatureSettings(
    windows: [.seconds(3), .seconds(12)], vpinBucket: .base(2.5), vpinBuckets: 7,
    vpinBar: .seconds(5))
}

extension Frame {
  /// The bits of all columns: unlike `==`, equal where both are NaN.
  func bits(_ rows: Range<Int>) throws -> [[UInt64]] {
    try names.map { try doubles($0)[rows].map(\.bitPattern) }
  }
}

/// All rows of a run of events.
func rows(
  of events: some Sequence<MarketEvent>, settings: FeatureSettings = .short,
  instrument: Instrument = RandomMarket.instrument, operators: [any FeatureOperator]? = nil
) throws -> Frame {
  var pipeline = try FeaturePipeline(
    instrument: instrument, settings: settings, operators: operators)
  for event in events { event.tell(&pipeline) }
  try pipeline.finish()
  return try pipeline.take()
}
