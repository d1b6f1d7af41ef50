/// What a book's two best prices say together, and whether the feed vouches for them.
///
/// Shared by the books by level and by order, so that whoever trades on either asks one question.
public enum BookState: String, Hashable, Sendable, CaseIterable {
  /// Neither side has a level.
  case empty
  /// Bids alone.
  case bidsOnly = "bids_only"
  /// Asks alone.
  case asksOnly = "asks_only"
  /// Best bid below best ask: the state in which continuous trading leaves a book.
  case normal
  /// Best bid equal to best ask.
  case locked
  /// Best bid above best ask: rightly so while orders are only collected (see `MarketPhase`), and
  /// otherwise a sign of half-applied or lost messages.
  case crossed
  /// Messages were lost, and no snapshot has come since: what the book shows may be wrong. Wins over
  /// all other states.
  case stale

  /// - Parameters:
  ///   - bid: the best bid in ticks, `nil` where there is none.
  ///   - ask: the best ask in ticks, `nil` where there is none.
  @inlinable
  public init(bid: Int64?, ask: Int64?, isStale: Bool) {
    guard !isStale else {
      self = .stale
      return
    }
    switch (bid, ask) {
    case (nil, nil): self = .empty
    case (_, nil): self = .bidsOnly
    case (nil, _): self = .asksOnly
    case (let bid?, let ask?): self = bid < ask ? .normal : bid == ask ? .locked : .crossed
    }
  }

  /// Both sides have a level, and the feed vouches for them.
  public var isTwoSided: Bool { self == .normal || self == .locked || self == .crossed }
}

/// What the exchange does with orders now. The raw values are those of the lake's table `status`.
public enum MarketPhase: String, Hashable, Sendable, CaseIterable {
  /// No order is taken.
  case halted
  /// Orders are collected for an auction and not matched: books may lock and cross.
  case quoting
  /// Orders are matched as they come.
  case trading
}
