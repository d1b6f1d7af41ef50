public import HogaCore

/// A market's events, decoded for matching: what backtests play.
///
/// Decoding a table costs more than playing it, so a tape in memory is decoded once and played by
/// as many strategies as one likes; a streamed one is decoded on the way, with two chunks of each
/// table in memory, and can be played once.
///
/// ```swift
/// let tape = try MarketTape(book: reader.bookSource()!, trades: reader.tradeSource()).loaded()
/// for size in [1, 2, 5] {
///   var strategy = Quotes(lots: size)
///   results.append(try backtest.run(&strategy, tape))
/// }
/// ```
public struct MarketTape {
  /// Says how far the rows' clocks disagree; complete once the tape was played or loaded.
  final class Reports {
    var book = RowClock().report
    var trades = RowClock().report
  }

  /// The market's phases by exchange time, ascending; empty where it always trades.
  let phases: [Phase]
  let reports = Reports()
  private let openBook: () throws -> SharedChunks<BookChunk>
  private let openTrades: () throws -> SharedChunks<TradeChunk>
  /// A change of phase, when it happened and when it was heard of.
  struct Phase: Sendable {
    var time: Int64
    var arrival: Int64
    var phase: MarketPhase
  }

  /// Whether single orders are known, and with them true queues.
  public let isOrderByOrder: Bool

  /// A market that is read while it is played, once.
  ///
  /// - Parameters:
  ///   - book: chunks of `depth`, `book`, `quotes` or `orders`, sorted by (arrival, sequence).
  ///   - trades: chunks of `trades`; without them nothing fills by prints.
  ///   - status: the table `status` as a whole; without it the market always trades.
  /// - Throws: `DataError` where the first chunk or the status makes no sense.
  public init(
    book: @escaping Replay.Source, trades: Replay.Source? = nil, status: Frame? = nil
  ) throws {
    // The first chunk says what kind of market it is.
    var firstFrame = try Self.nextFrame(book)
    isOrderByOrder = firstFrame?.contains("order_id") ?? false
    phases = try status.map { try Self.phases($0) } ?? []
    let reports = reports
    var decoder = BookDecoder()
    openBook = {
      SharedChunks {
        while true {
          let frame = try firstFrame ?? Self.nextFrame(book)
          firstFrame = nil
          guard let frame else {
            try decoder.finish()
            return nil
          }
          let chunk = try decoder.decode(frame)
          reports.book = decoder.report
          // A chunk may hold no more than a part of a message.
          if !chunk.messages.isEmpty { return chunk }
        }
      }
    }
    var clock = RowClock()
    openTrades = {
      SharedChunks {
        guard let frame = try trades.map({ try Self.nextFrame($0) }) ?? nil else { return nil }
        let chunk = try TradeChunk(frame, clock: &clock)
        reports.trades = clock.report
        return chunk
      }
    }
  }

  private init(_ tape: MarketTape) throws {
    phases = tape.phases
    isOrderByOrder = tape.isOrderByOrder
    func all<Chunk>(_ chunks: SharedChunks<Chunk>) throws -> [Chunk] {
      var list: [Chunk] = []
      while let chunk = try chunks.next(for: 0) {
        list.append(chunk)
        _ = try chunks.next(for: 1)
      }
      return list
    }
    let book = try all(tape.openBook())
    let trades = try all(tape.openTrades())
    reports.book = tape.reports.book
    reports.trades = tape.reports.trades
    func again<Chunk>(_ list: [Chunk]) -> SharedChunks<Chunk> {
      var index = 0
      return SharedChunks {
        guard index < list.count else { return nil }
        index += 1
        return list[index - 1]
      }
    }
    openBook = { again(book) }
    openTrades = { again(trades) }
  }

  /// The same market decoded as a whole and kept in memory: it can be played any number of times.
  ///
  /// - Throws: `DataError` for a row that cannot be played.
  public func loaded() throws -> MarketTape { try MarketTape(self) }

  func book() throws -> SharedChunks<BookChunk> { try openBook() }
  func trades() throws -> SharedChunks<TradeChunk> { try openTrades() }
  var clocks: ClockReport { reports.book + reports.trades }

  /// The next frame that has rows.
  private static func nextFrame(_ source: Replay.Source) throws -> Frame? {
    while let frame = try source() {
      if frame.rowCount > 0 { return frame }
    }
    return nil
  }

  private static func phases(_ frame: Frame) throws -> [Phase] {
    guard case .category(let texts) = try frame.column("status") else {
      throw DataError("is no text", column: "status")
    }
    var clock = RowClock()
    let stamps = try clock.stamp(frame)
    return try (0..<frame.rowCount).map { row in
      guard texts.codes[row] >= 0,
        let phase = MarketPhase(rawValue: texts.levels[Int(texts.codes[row])])
      else {
        throw DataError("neither halted, quoting nor trading", row: row + 1, column: "status")
      }
      return Phase(
        time: stamps.exchange[row], arrival: stamps.arrival[row], phase: phase)
    }
  }
}
