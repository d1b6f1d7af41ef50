public import HogaCore

/// The delays between the exchange, the strategy and back.
///
/// A connection keeps its order: no request or response overtakes an earlier one.
public struct Latency: Hashable, Sendable {
  /// From an event at the exchange until the strategy sees it.
  public var feed: LatencyModel
  /// From a decision to the exchange.
  public var entry: LatencyModel
  /// From the exchange back to the strategy: acknowledgements, fills.
  public var response: LatencyModel
  /// From when a signal's inputs are known until its value is computed.
  public var compute: TimeSpan

  public init(
    feed: LatencyModel = .recorded(), entry: LatencyModel = .constant(.milliseconds(10)),
    response: LatencyModel = .constant(.milliseconds(10)), compute: TimeSpan = .milliseconds(1)
  ) {
    self.feed = feed
    self.entry = entry
    self.response = response
    self.compute = compute
  }

  /// What the feed adds to the grid time of a signal. Its inputs had arrived by then as recorded, so a
  /// recorded feed adds its constant part; other feeds add all that they do to an event.
  ///
  /// - Throws: `UsageError` for a recorded feed that is scaled: nobody knows which inputs a signal of
  ///   other arrivals would have had.
  func signalFeed() throws(UsageError) -> LatencyModel {
    guard case .recorded(let scale, let plus) = feed else { return feed }
    guard scale == 1 else {
      throw UsageError(
        "signals cannot be played with a feed latency of \(scale) times the recorded one: they were "
          + "computed from the recorded arrivals")
    }
    return .constant(plus)
  }

  /// The feed as it was recorded, and nothing else.
  public static let none = Latency(
    entry: .constant(.zero), response: .constant(.zero), compute: .zero)
}
