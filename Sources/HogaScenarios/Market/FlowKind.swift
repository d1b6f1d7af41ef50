/// What an event of the order flow does: the kinds of the Hawkes process, in the order of its rows.
public enum FlowKind: Int, CaseIterable, Hashable, Sendable {
  /// Buys at the market: takes asks.
  case marketBuy
  /// Sells at the market: takes bids.
  case marketSell
  /// A new bid.
  case limitBid
  /// A new ask.
  case limitAsk
  /// Bids are cancelled.
  case cancelBid
  /// Asks are cancelled.
  case cancelAsk

  /// The name in tables and JSON.
  public var name: String {
    switch self {
    case .marketBuy: "market_buy"
    case .marketSell: "market_sell"
    case .limitBid: "limit_bid"
    case .limitAsk: "limit_ask"
    case .cancelBid: "cancel_bid"
    case .cancelAsk: "cancel_ask"
    }
  }
}
