public import HogaCore

/// A streaming feature, or several that share their state: a value that is told what happens and
/// says, at each grid time, what its columns are then.
///
/// The same value runs over stored columns and on a live feed; it knows neither. To add a feature,
/// conform a struct in a file of your own and hand it to `FeaturePipeline` beside the standard
/// ones. Calls must take constant amortised time and bounded memory. What an operator may know at
/// a grid time is what it was told before: events that arrived at or before that time.
public protocol FeatureOperator: Sendable {
  /// The columns, in the order in which `sample` appends their values.
  var definitions: [FeatureDefinition] { get }

  /// Which calls the operator needs besides `sample`; fewer calls, faster pipeline.
  var events: FeatureEvents { get }

  /// The book changed: `context.previous` is the state before, `context.book` after.
  ///
  /// Called once per message of the feed, also where it left the first levels as they were.
  mutating func bookChanged(_ book: OrderBook, _ context: FeatureContext)

  /// A trade printed; `context.book` is the book that stood before it.
  mutating func traded(_ trade: ClassifiedTrade, _ context: FeatureContext)

  /// Appends one value per definition to the row of the grid time `context.step.time`.
  ///
  /// Called at every grid time from the first, in order. NaN stands for what is not known.
  ///
  /// - Throws: `DataError` where the data cannot be measured; the pipeline stops there.
  mutating func sample(_ context: FeatureContext, into row: inout OutputSpan<Double>)
    throws(DataError)
}

extension FeatureOperator {
  public mutating func bookChanged(_ book: OrderBook, _ context: FeatureContext) {}
  public mutating func traded(_ trade: ClassifiedTrade, _ context: FeatureContext) {}
}

/// The kinds of event that an operator wants to see one by one.
public struct FeatureEvents: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let book = FeatureEvents(rawValue: 1)
  public static let trades = FeatureEvents(rawValue: 2)
}

/// A trade with what the pipeline worked out about it.
public struct ClassifiedTrade: Sendable {
  public var trade: Trade
  /// +1 where the aggressor bought, −1 where it sold: from the feed, else by Lee and Ready (1991).
  public var sign: Int64
  /// Twice the mid that stood before the trade, in counts; `nil` where there was none.
  public var doubledMidBefore: Int64?
  /// Price times size, in counts of both.
  public var notional: Int128
}

/// What operators share: the book, the event being told, and the grid step so far.
public struct FeatureContext: Sendable {
  /// The event being told; at `sample`, the last one before the grid time.
  public internal(set) var moment = Moment(arrival: .min, time: Column.missing, sequence: 0)
  /// The state after the last book event.
  public internal(set) var book = BookTop()
  /// The state before the last book event.
  public internal(set) var previous = BookTop()
  /// `previous` can be compared with `book`: false at the first event, and at the first after a
  /// stale span, since a gap is never bridged.
  public internal(set) var hasPrevious = false
  /// What happened since the last grid time.
  public internal(set) var step = GridStep()
}

/// What happened from one grid time (exclusive) to the next (inclusive), in counts.
public struct GridStep: Sendable {
  /// The number of the row that ends the step, from 0; step 0 holds all events up to there.
  public internal(set) var index = 0
  /// The grid time that ends the step, in nanoseconds.
  public internal(set) var time: Int64 = 0
  public internal(set) var bookChanges: Int64 = 0
  public internal(set) var trades: Int64 = 0
  public internal(set) var volume: Int128 = 0
  /// Sizes times the aggressors' signs.
  public internal(set) var signedVolume: Int128 = 0
  /// Σ price · size.
  public internal(set) var notional: Int128 = 0
  /// The book was stale at some time in the step.
  public internal(set) var wasStale = false
  /// Twice the mid at the last grid time and at this one; `nil` without a two-sided book.
  public internal(set) var doubledMidBefore: Int64?
  public internal(set) var doubledMid: Int64?
  /// `ln(mid / mid before)`; NaN where one is unknown or not above zero.
  public internal(set) var logReturn = Double.nan
}
