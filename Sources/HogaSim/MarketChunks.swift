internal import HogaCore

/// How far the two clocks of the data disagree; shown beside the result.
public struct ClockReport: Hashable, Sendable {
  public var rows: Int64 = 0
  /// Rows whose exchange time lies before that of an earlier row of the same table.
  public var exchangeTimeBackward: Int64 = 0
  /// The largest such step in nanoseconds.
  public var largestBackwardStep: Int64 = 0
  /// Rows that would be known here before the exchange stamped them.
  public var arrivalBeforeExchange: Int64 = 0

  static func + (left: ClockReport, right: ClockReport) -> ClockReport {
    var sum = left
    sum.rows += right.rows
    sum.exchangeTimeBackward += right.exchangeTimeBackward
    sum.largestBackwardStep = max(left.largestBackwardStep, right.largestBackwardStep)
    sum.arrivalBeforeExchange += right.arrivalBeforeExchange
    return sum
  }
}

/// Turns the stamps of a table's rows into the two monotone clocks that the engine runs on.
///
/// - Exchange clock: the running maximum of `time` (`arrival` where it is null), so rows keep the
///   order of the feed even where its exchange times step back a little.
/// - Local clock: `arrival` plus the feed latency, but never before the exchange clock of the same
///   row: nobody knows an event that has not happened. Both corrections are counted.
struct RowClock {
  /// Nanoseconds that leave room to add latencies: years 1716 to 2223.
  static let range: ClosedRange<Int64> = -8_000_000_000_000_000_000...8_000_000_000_000_000_000

  let feedLatency: Int64
  private(set) var report = ClockReport()
  private var exchange = Int64.min
  private var local = Int64.min
  private var arrival = Int64.min

  init(feedLatency: Int64) { self.feedLatency = feedLatency }

  mutating func stamp(_ frame: Frame) throws(DataError) -> RowStamps {
    let arrivals = try frame.int64s("arrival")
    var stamps = RowStamps(
      exchange: try frame.int64s("time"), local: arrivals, sequence: try frame.int64s("sequence"))
    for row in arrivals.indices {
      let arrived = arrivals[row]
      guard Self.range.contains(arrived) else {
        throw DataError("null or out of range", row: row + 1, column: "arrival")
      }
      guard arrived >= arrival else {
        throw DataError("goes backward", row: row + 1, column: "arrival")
      }
      arrival = arrived
      var time = stamps.exchange[row]
      if time == Column.missing { time = arrived }
      guard Self.range.contains(time) else {
        throw DataError("out of range", row: row + 1, column: "time")
      }
      if time < exchange {
        report.exchangeTimeBackward += 1
        report.largestBackwardStep = max(report.largestBackwardStep, exchange - time)
      } else {
        exchange = time
      }
      if arrived + feedLatency < time { report.arrivalBeforeExchange += 1 }
      local = max(local, arrived + feedLatency, exchange)
      stamps.exchange[row] = exchange
      stamps.local[row] = local
    }
    report.rows += Int64(arrivals.count)
    return stamps
  }
}

/// A chunk's rows on both clocks.
struct RowStamps {
  var exchange: [Int64]
  var local: [Int64]
  var sequence: [Int64]
}

/// The largest prices and sizes that matching can compute with.
enum MarketRange {
  static let ticks: ClosedRange<Int64> = -100_000_000_000_000_000...100_000_000_000_000_000
  static let lots: ClosedRange<Int64> = 0...10_000_000_000_000_000
  /// A thousandth of what fits, so that the lots of all open orders can be added up.
  static let maximumOrder: Int64 = 1_000_000_000_000_000

  static func check(ticks: [Int64], lots: [Int64], prefix: String = "") throws(DataError) {
    for row in ticks.indices {
      guard Self.ticks.contains(ticks[row]) else {
        throw DataError("null or out of range", row: row + 1, column: "\(prefix)price")
      }
      guard Self.lots.contains(lots[row]) else {
        throw DataError("null, negative or out of range", row: row + 1, column: "\(prefix)size")
      }
    }
  }
}

struct TradeChunk {
  let stamps: RowStamps
  let ticks: [Int64]
  let lots: [Int64]
  let aggressors: [Int32]

  init(_ frame: Frame, clock: inout RowClock) throws(DataError) {
    stamps = try clock.stamp(frame)
    ticks = try frame.int64s("price")
    lots = try frame.int64s("size")
    try MarketRange.check(ticks: ticks, lots: lots)
    guard case .int32(let signs) = try frame.column("aggressor") else {
      throw DataError("is of another type, 32-bit integers are needed", column: "aggressor")
    }
    aggressors = signs
  }
}

struct BookChunk {
  /// Absolute sizes of single levels.
  struct Depth {
    let kinds: [DepthKind]
    let sides: [Int32]
    let ticks: [Int64]
    let lots: [Int64]
    let last: [Bool]
  }
  /// Rows of `4 · levelCount` cells one after another: bid price and size, ask price and size,
  /// best first. Laid out by row, since a replay reads all cells of a row at once.
  struct Levels {
    let cells: [Int64]
    let levelCount: Int
  }
  enum Layout {
    case depth(Depth)
    case levels(Levels)
  }

  let stamps: RowStamps
  let layout: Layout

  init(_ frame: Frame, clock: inout RowClock) throws(DataError) {
    stamps = try clock.stamp(frame)
    layout =
      frame.contains("kind")
      ? .depth(try Self.depth(frame)) : .levels(try Self.levels(frame))
  }

  private static func depth(_ frame: Frame) throws(DataError) -> Depth {
    guard case .category(let categories) = try frame.column("kind"),
      case .int32(let sides) = try frame.column("side"),
      case .bool(let last) = try frame.column("last")
    else {
      throw DataError("a depth table has kind (text), side (32-bit) and last (true or false)")
    }
    let known = categories.levels.map { DepthKind(rawValue: $0) }
    let ticks = try frame.int64s("price")
    let lots = try frame.int64s("size")
    var kinds: [DepthKind] = []
    kinds.reserveCapacity(frame.rowCount)
    for row in 0..<frame.rowCount {
      let code = categories.codes[row]
      guard code >= 0, let kind = known[Int(code)] else {
        throw DataError("neither snapshot, update nor gap", row: row + 1, column: "kind")
      }
      kinds.append(kind)
      // A gap has neither side, price nor size.
      guard kind != .gap else { continue }
      guard sides[row] == 1 || sides[row] == -1 else {
        throw DataError("neither 1 nor -1", row: row + 1, column: "side")
      }
      guard MarketRange.ticks.contains(ticks[row]) else {
        throw DataError("null or out of range", row: row + 1, column: "price")
      }
      guard MarketRange.lots.contains(lots[row]) else {
        throw DataError("null, negative or out of range", row: row + 1, column: "size")
      }
    }
    return Depth(kinds: kinds, sides: sides, ticks: ticks, lots: lots, last: last)
  }

  private static func levels(_ frame: Frame) throws(DataError) -> Levels {
    var levelCount = 0
    while frame.contains("bid_price_\(levelCount + 1)") { levelCount += 1 }
    guard levelCount > 0 else { throw DataError("no such column", column: "bid_price_1") }
    var columns: [[Int64]] = []
    for level in 1...levelCount {
      for side in ["bid", "ask"] {
        let ticks = try frame.int64s("\(side)_price_\(level)")
        let lots = try frame.int64s("\(side)_size_\(level)")
        for row in ticks.indices where ticks[row] != Column.missing {
          guard MarketRange.ticks.contains(ticks[row]) else {
            throw DataError("out of range", row: row + 1, column: "\(side)_price_\(level)")
          }
          guard MarketRange.lots.contains(lots[row]) else {
            throw DataError(
              "null, negative or out of range", row: row + 1, column: "\(side)_size_\(level)")
          }
        }
        columns.append(ticks)
        columns.append(lots)
      }
    }
    let width = levelCount * 4
    var cells = [Int64](repeating: 0, count: frame.rowCount * width)
    // Some rows at a time, so that the block that is written stays in the cache.
    for first in stride(from: 0, to: frame.rowCount, by: 256) {
      let rows = first..<min(first + 256, frame.rowCount)
      for (offset, column) in columns.enumerated() {
        for row in rows { cells[row * width + offset] = column[row] }
      }
    }
    return Levels(cells: cells, levelCount: levelCount)
  }
}

/// A table's decoded chunks, read once and handed to two cursors that walk at different times.
///
/// A chunk is dropped as soon as both cursors have taken it, so memory is about two chunks.
final class SharedChunks<Chunk> {
  private let source: () throws -> Frame?
  private let decode: (Frame, inout RowClock) throws -> Chunk
  private(set) var clock: RowClock
  private var chunks: [Chunk] = []
  /// The number of `chunks[0]`, counted from the table's first.
  private var first = 0
  /// The number of the chunk that each cursor takes next.
  private var positions = [0, 0]

  init(
    _ source: @escaping () throws -> Frame?, feedLatency: Int64,
    decode: @escaping (Frame, inout RowClock) throws -> Chunk
  ) {
    self.source = source
    self.decode = decode
    clock = RowClock(feedLatency: feedLatency)
  }

  /// The next chunk for a cursor (0 or 1), or `nil` at the table's end.
  func next(for cursor: Int) throws -> Chunk? {
    while positions[cursor] - first == chunks.count {
      guard let frame = try source() else { return nil }
      if frame.rowCount > 0 { chunks.append(try decode(frame, &clock)) }
    }
    let chunk = chunks[positions[cursor] - first]
    positions[cursor] += 1
    let needed = min(positions[0], positions[1])
    if needed > first {
      chunks.removeFirst(needed - first)
      first = needed
    }
    return chunk
  }
}
