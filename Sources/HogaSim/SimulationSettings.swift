public import HogaCore

/// The delays between the exchange, the strategy and back.
///
/// A connection keeps its order: no request or response overtakes an earlier one.
public struct Latency: Hashable, Sendable {
  /// Added to the recorded arrival before the strategy sees market data.
  public var feed: TimeSpan
  /// From a decision to the exchange.
  public var order: TimeSpan
  /// From the exchange back to the strategy: acknowledgements, fills.
  public var response: TimeSpan
  /// From a signal's grid time (plus `feed`) until its value is computed.
  public var compute: TimeSpan

  public init(
    feed: TimeSpan = .zero, order: TimeSpan = .milliseconds(10),
    response: TimeSpan = .milliseconds(10), compute: TimeSpan = .milliseconds(1)
  ) {
    self.feed = feed
    self.order = order
    self.response = response
    self.compute = compute
  }

  public static let none = Latency(feed: .zero, order: .zero, response: .zero, compute: .zero)
}

/// What the gateway refuses to send, whatever the strategy wants.
///
/// Limits are judged on what is known locally, at the worst: every open order is taken to fill.
public struct RiskLimits: Hashable, Sendable {
  /// The largest position, long or short, in lots.
  public var maximumPosition: Int64?
  /// The largest single order in lots.
  public var maximumOrder: Int64?
  /// The loss from the initial capital at which everything is cancelled, flattened and stopped.
  public var maximumLoss: Money?
  public var maximumOpenOrders: Int

  public init(
    maximumPosition: Int64? = nil, maximumOrder: Int64? = nil, maximumLoss: Money? = nil,
    maximumOpenOrders: Int = 1000
  ) {
    self.maximumPosition = maximumPosition
    self.maximumOrder = maximumOrder
    self.maximumLoss = maximumLoss
    self.maximumOpenOrders = maximumOpenOrders
  }
}

/// Everything about a backtest but the market, the strategy and its signals.
public struct SimulationSettings: Hashable, Sendable {
  /// In the settlement currency: quote when linear, base when inverse.
  public var initialCapital: Money
  public var fees: FeeSchedule
  public var latency: Latency
  public var limits: RiskLimits
  /// An order that meets a book whose last message is older than this is rejected.
  public var maximumQuoteAge: TimeSpan
  /// The grid on which equity is recorded and returns are taken.
  public var sampleInterval: TimeSpan
  /// Samples per year, stated and never inferred; see `periodsPerYear(every:days:hours:)`.
  public var periodsPerYear: Double
  /// Ratios of shorter runs are given per sample only.
  public var minimumSpanToAnnualise: TimeSpan
  /// Before this the book is followed but the strategy is not called. `nil`: from the first book.
  public var start: Timestamp?
  /// Nothing after this is played.
  public var end: Timestamp?

  public init(
    initialCapital: Money, fees: FeeSchedule, periodsPerYear: Double, latency: Latency = Latency(),
    limits: RiskLimits = RiskLimits(), maximumQuoteAge: TimeSpan = .seconds(10),
    sampleInterval: TimeSpan = .seconds(1),
    minimumSpanToAnnualise: TimeSpan = TimeSpan(nanoseconds: 30 * TimeSpan.day.nanoseconds),
    start: Timestamp? = nil, end: Timestamp? = nil
  ) {
    self.initialCapital = initialCapital
    self.fees = fees
    self.latency = latency
    self.limits = limits
    self.maximumQuoteAge = maximumQuoteAge
    self.sampleInterval = sampleInterval
    self.periodsPerYear = periodsPerYear
    self.minimumSpanToAnnualise = minimumSpanToAnnualise
    self.start = start
    self.end = end
  }

  /// How many samples a year has on a market open so many days a year and hours a day.
  public static func periodsPerYear(
    every interval: TimeSpan, days: Double = 365, hours: Double = 24
  ) -> Double {
    days * hours * 3600 / interval.seconds
  }

  func validate() throws(UsageError) {
    let delays = [
      ("feed", latency.feed), ("order", latency.order), ("response", latency.response),
      ("compute", latency.compute),
    ]
    for (name, delay) in delays where delay < .zero || delay > .day {
      throw UsageError("a \(name) latency of \(delay) is not between 0 and a day")
    }
    for (name, parts) in [
      ("maker", fees.makerPartsPerMillion), ("taker", fees.takerPartsPerMillion),
    ] where abs(parts) > 100_000 {
      throw UsageError("a \(name) fee of \(parts) parts per million is beyond 10 %")
    }
    guard initialCapital > .zero else { throw UsageError("the initial capital must be above zero") }
    guard sampleInterval > .zero else { throw UsageError("the sample interval must be above zero") }
    guard maximumQuoteAge > .zero else {
      throw UsageError("the maximum quote age must be above zero")
    }
    guard periodsPerYear > 0, periodsPerYear.isFinite else {
      throw UsageError("periods per year must be above zero")
    }
    guard limits.maximumPosition ?? 1 > 0, limits.maximumOrder ?? 1 > 0,
      limits.maximumLoss ?? Money(units: 1) > .zero, (1...9000).contains(limits.maximumOpenOrders)
    else {
      throw UsageError("risk limits must be above zero, and at most 9000 orders open")
    }
    if let start, let end, start >= end { throw UsageError("the start is not before the end") }
  }
}
