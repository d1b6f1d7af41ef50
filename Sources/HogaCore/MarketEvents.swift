/// When something happened, when it was known here, and its place among events known at once.
public struct Moment: Hashable, Comparable, Sendable {
  /// Local arrival, in nanoseconds since 1970 UTC. Decides what a feature or strategy may know.
  public var arrival: Int64
  /// The exchange's time in nanoseconds since 1970 UTC; `Column.missing` where the feed has none.
  public var time: Int64
  /// Breaks ties of arrival: the event's place in the feed, ascending.
  public var sequence: Int64

  public init(arrival: Int64, time: Int64, sequence: Int64) {
    self.arrival = arrival
    self.time = time
    self.sequence = sequence
  }

  public static func < (left: Moment, right: Moment) -> Bool {
    (left.arrival, left.sequence) < (right.arrival, right.sequence)
  }
}

/// A trade as the feed reports it.
public struct Trade: Hashable, Sendable {
  public var moment: Moment
  public var price: Price
  public var quantity: Quantity
  /// The side that crossed the spread, or `nil` where the feed does not say.
  public var aggressor: Side?

  public init(moment: Moment, price: Price, quantity: Quantity, aggressor: Side?) {
    self.moment = moment
    self.price = price
    self.quantity = quantity
    self.aggressor = aggressor
  }
}

/// What a candle says of one interval, in quote currency and units.
///
/// NaN stands for what the source does not have.
public struct Bar: Hashable, Sendable {
  /// The interval's start, in nanoseconds since 1970 UTC.
  public var openTime: Int64
  public var open: Double
  public var high: Double
  public var low: Double
  public var close: Double
  /// In base units or contracts.
  public var volume: Double
  /// In quote currency.
  public var quoteVolume: Double
  /// Number of trades.
  public var count: Double
  /// What aggressive buyers bought, in quote currency.
  public var takerQuoteVolume: Double

  public init(
    openTime: Int64, open: Double, high: Double, low: Double, close: Double, volume: Double,
    quoteVolume: Double = .nan, count: Double = .nan, takerQuoteVolume: Double = .nan
  ) {
    self.openTime = openTime
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
    self.quoteVolume = quoteVolume
    self.count = count
    self.takerQuoteVolume = takerQuoteVolume
  }
}

/// Whoever follows a market: feature pipelines, simulators, recorders.
///
/// A replay of stored columns and a live socket make the same calls in the same order, which is
/// what makes research and live agree.
public protocol MarketSink {
  /// The book changed, became stale after a gap, or was replaced by a snapshot.
  ///
  /// Called once per message of the feed, after all of its levels are applied.
  mutating func bookChanged(_ book: OrderBook, at moment: Moment)
  /// A trade printed. The book is still the one before it, unless the feed says otherwise.
  mutating func traded(_ trade: Trade)
}
