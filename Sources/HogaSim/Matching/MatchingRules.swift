public import HogaCore

/// How the venue matches.
public struct MatchingRules: Hashable, Sendable {
  /// What an order does that would meet one of our own.
  public enum SelfTrade: String, Hashable, Sendable, CaseIterable {
    case cancelNewest = "cancel-newest"
    case cancelResting = "cancel-resting"
    case cancelBoth = "cancel-both"
  }

  /// `nil`: the true queue where single orders are known, and otherwise risk-averse.
  public var queue: QueueModel?
  /// A resting order fills whole as soon as it would fill at all: simple, and kinder than a venue.
  public var fillsWhole: Bool
  public var selfTrade: SelfTrade
  public var order: OrderRules
  /// An order that meets a book whose last message is older than this is rejected.
  public var maximumQuoteAge: TimeSpan

  public init(
    queue: QueueModel? = nil, fillsWhole: Bool = false, selfTrade: SelfTrade = .cancelNewest,
    order: OrderRules = OrderRules(), maximumQuoteAge: TimeSpan = .seconds(10)
  ) {
    self.queue = queue
    self.fillsWhole = fillsWhole
    self.selfTrade = selfTrade
    self.order = order
    self.maximumQuoteAge = maximumQuoteAge
  }
}
