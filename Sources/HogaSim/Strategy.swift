public import HogaCore

/// What a strategy is told, each at the local time at which it is known.
public enum StrategyEvent: Hashable, Sendable {
  /// The local book has two sides for the first time; trading may begin.
  case start
  /// A row of signals is computed; its values are in the desk's `signals`.
  case signal
  /// The local book changed; only with the subscription `.book`.
  case bookChanged
  /// A trade printed; only with the subscription `.trades`.
  case trade(Trade)
  /// Something happened to an own order; the desk's position and open orders are up to date.
  case order(OrderUpdate)
  /// A time that the strategy asked for has come.
  case timer
  /// Trading stopped, by the loss limit (all is being cancelled and flattened) or because the venue
  /// liquidated the account; nothing follows.
  case stopped
}

/// Which market events a strategy is called for; the desk's book is current either way.
public struct Subscription: OptionSet, Hashable, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let book = Subscription(rawValue: 1)
  public static let trades = Subscription(rawValue: 2)
}

/// A trading rule: a value that is told events and answers with orders on its desk.
///
/// It has no clock, file or socket of its own, so a backtest, paper trading and live trading run
/// the same value, and its test is a list of calls. All it may know is in the event and the desk.
public protocol Strategy: Sendable {
  var name: String { get }
  /// The columns of the signal table that it reads, in the order of the desk's `signals`.
  var signalColumns: [String] { get }
  var subscription: Subscription { get }

  mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk)
}

extension Strategy {
  public var signalColumns: [String] { [] }
  public var subscription: Subscription { [] }
}
