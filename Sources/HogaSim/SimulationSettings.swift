public import HogaCore

/// Everything about a backtest but the market, the strategy and its signals.
public struct SimulationSettings: Hashable, Sendable {
  /// In the settlement currency: quote when linear, base when inverse.
  public var initialCapital: Money
  public var fees: FeeSchedule
  public var latency: Latency
  public var limits: RiskLimits
  public var matching: MatchingRules
  /// `nil`: any position may be held with any equity.
  public var margin: MarginRules?
  public var funding: FundingSchedule?
  public var impact: ImpactModel
  /// Of sampled latencies.
  public var seed: UInt64
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
    limits: RiskLimits = RiskLimits(), matching: MatchingRules = MatchingRules(),
    margin: MarginRules? = nil, funding: FundingSchedule? = nil, impact: ImpactModel = .none,
    seed: UInt64 = 1,
    sampleInterval: TimeSpan = .seconds(1),
    minimumSpanToAnnualise: TimeSpan = TimeSpan(nanoseconds: 30 * TimeSpan.day.nanoseconds),
    start: Timestamp? = nil, end: Timestamp? = nil
  ) {
    self.initialCapital = initialCapital
    self.fees = fees
    self.latency = latency
    self.limits = limits
    self.matching = matching
    self.margin = margin
    self.funding = funding
    self.impact = impact
    self.seed = seed
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
    for model in [latency.feed, latency.entry, latency.response] { try model.validate() }
    guard (TimeSpan.zero ... .day).contains(latency.compute) else {
      throw UsageError("a compute latency of \(latency.compute) is not between 0 and a day")
    }
    try fees.validate()
    try matching.order.validate()
    try impact.validate()
    guard initialCapital > .zero else { throw UsageError("the initial capital must be above zero") }
    guard sampleInterval > .zero else { throw UsageError("the sample interval must be above zero") }
    guard matching.maximumQuoteAge > .zero else {
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

extension SimulationSettings {
  /// What a result states of how it came about; the digest is of all settings.
  var json: JSONValue {
    [
      "latency": [
        "feed": .string("\(latency.feed)"), "entry": .string("\(latency.entry)"),
        "response": .string("\(latency.response)"), "compute": .string("\(latency.compute)"),
      ],
      "fees_ppm": [
        "maker": .int(fees.makerPartsPerMillion), "taker": .int(fees.takerPartsPerMillion),
        "tiers": .int(Int64(fees.tiers.count)),
      ],
      "queue": .string(matching.queue.map { "\($0)" } ?? "true where known, else risk-averse"),
      "fills": .string(matching.fillsWhole ? "whole" : "partial"),
      "self_trade": .string(matching.selfTrade.rawValue),
      "margin": .bool(margin != nil), "funding": .bool(funding != nil),
      "impact": .bool(impact != .none), "seed": .int(Int64(bitPattern: seed)),
      "digest": .string(FNV1a(String(describing: self)).text),
    ]
  }
}
