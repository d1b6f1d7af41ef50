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
