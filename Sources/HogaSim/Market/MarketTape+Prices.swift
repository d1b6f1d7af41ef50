public import HogaCore

extension MarketTape {
  /// The best prices of a book.
  public struct BestPrices: Hashable, Sendable {
    public var bid: Price
    public var ask: Price
  }

  /// The best prices by the exchange's clock at some times, all events of that instant included;
  /// `nil` where the book is stale, one-sided or crossed, or the recording has not begun or has ended.
  ///
  /// A tape that is read while it is played is used up by it.
  ///
  /// - Parameter times: nanoseconds since 1970 UTC, ascending.
  public func bestPrices(
    at times: [Int64], monitor: JobMonitor? = nil
  ) throws -> [BestPrices?] {
    var cursor = try MarketCursor(
      book: book(), trades: SharedChunks { nil }, clock: .exchange, feed: .recorded(), seed: 0)
    var book = LadderBook()
    var prices: [BestPrices?] = []
    prices.reserveCapacity(times.count)
    var messages: Int64 = 0
    var last = Int64.min
    for time in times {
      while cursor.nextTime <= time {
        last = cursor.nextTime
        try cursor.apply(to: &book)
        messages += 1
        if messages & 0xfff == 0 { try monitor?.advance(by: 0x1000) }
      }
      let isUsable =
        (cursor.nextTime != .max || time <= last) && !book.isStale && !book.bids.isEmpty
        && !book.asks.isEmpty
        && book.bids.bestTicks <= book.asks.bestTicks
      prices.append(
        isUsable
          ? BestPrices(
            bid: Price(ticks: book.bids.bestTicks), ask: Price(ticks: book.asks.bestTicks)) : nil)
    }
    return prices
  }
}
