internal import HogaCore
internal import HogaScenarios
internal import HogaSim

/// A synthetic market that is made while it is played, once.
///
/// A backtest reads the book and the trades at different times, so pieces of the stream wait for
/// whoever is behind. Both are merged by time, so that is a piece or two, however long the market is.
final class StressTape {
  private var stream: ScenarioStream
  private let bookTable: MarketTable
  private var books: [Frame] = []
  private var trades: [Frame] = []
  private var status: Frame?
  private var seconds: Int64 = 0
  private let monitor: JobMonitor

  /// Rows of `orders` in a piece: some seconds to minutes of the market, and a moment's work.
  private static let pieceRows = 1 << 12

  /// - Parameters:
  ///   - bookTable: `orders` for the true queue, `depth` for queues that are estimated.
  ///   - monitor: told the market's seconds.
  init(
    _ market: SyntheticMarket, seconds: Double, bookTable: MarketTable, monitor: JobMonitor
  ) throws {
    stream = try market.stream(until: .seconds(seconds))
    self.bookTable = bookTable
    self.monitor = monitor
    try pull()
  }

  func tape() throws -> MarketTape {
    try MarketTape(
      book: { try self.next(\.books) }, trades: { try self.next(\.trades) }, status: status)
  }

  /// What is known of the market, once it was played.
  var facts: ScenarioFacts { stream.truth.facts }

  private func next(_ list: ReferenceWritableKeyPath<StressTape, [Frame]>) throws -> Frame? {
    while self[keyPath: list].isEmpty {
      guard try pull() else { return nil }
    }
    return self[keyPath: list].removeFirst()
  }

  @discardableResult
  private func pull() throws -> Bool {
    guard let chunk = stream.next(rows: Self.pieceRows) else { return false }
    if chunk.status.rowCount > 0 { status = chunk.status }
    let book = bookTable == .orders ? chunk.orders : chunk.depth
    if book.rowCount > 0 { books.append(book) }
    if chunk.trades.rowCount > 0 { trades.append(chunk.trades) }
    let now = Int64(stream.truth.facts.duration)
    try monitor.advance(by: now - seconds)
    seconds = now
    return true
  }
}
