internal import HogaCore

/// Won and coins in Korea, tether and coins abroad, and money on its way: exact to the last unit.
///
/// Every change is booked as a `Flow`, so that balances are the start plus the flows, always.
public struct KimchiAccounts: Sendable {
  /// Amounts of everything that is held: won whole, the others in 10⁻⁸.
  public struct Balances: Sendable, Hashable {
    public var won: Int128 = 0
    public var koreanCoins: Int128 = 0
    public var tether: Int128 = 0
    public var foreignCoins: Int128 = 0
    /// Sent and not arrived.
    public var wonOnWay: Int128 = 0
    public var tetherOnWay: Int128 = 0

    public init() {}

    static func += (left: inout Balances, right: Balances) {
      left.won += right.won
      left.koreanCoins += right.koreanCoins
      left.tether += right.tether
      left.foreignCoins += right.foreignCoins
      left.wonOnWay += right.wonOnWay
      left.tetherOnWay += right.tetherOnWay
    }

    var isSolvent: Bool {
      won >= 0 && koreanCoins >= 0 && tether >= 0 && foreignCoins >= 0 && wonOnWay >= 0
        && tetherOnWay >= 0
    }
  }

  /// Why balances changed.
  public enum Reason: String, Sendable, CaseIterable {
    /// Coins against cash at the price in the middle.
    case trade
    case spread, fee
    /// Money that leaves one side for the other, at the known rate.
    case transfer
    case transferFee, fxSpread
    case arrival
  }

  public struct Flow: Sendable, Hashable {
    public var time: Int64
    public var reason: Reason
    public var change: Balances
  }

  public let start: Balances
  public private(set) var now: Balances
  public private(set) var flows: [Flow] = []
  private var onWay: [(arrives: Int64, won: Int128, tether: Int128)] = []

  init(start: Balances) {
    self.start = start
    now = start
  }

  /// - Throws: `DataError` where something would be paid that is not there: a fault of the caller.
  mutating func book(
    _ reason: Reason, at time: Int64, _ fill: (inout Balances) throws(DataError) -> Void
  ) throws(DataError) {
    var change = Balances()
    try fill(&change)
    now += change
    flows.append(Flow(time: time, reason: reason, change: change))
  }

  /// Takes in what has arrived by `time`.
  mutating func settle(until time: Int64) {
    for part in onWay where part.arrives <= time {
      var change = Balances()
      change.won = part.won
      change.wonOnWay = -part.won
      change.tether = part.tether
      change.tetherOnWay = -part.tether
      now += change
      flows.append(Flow(time: part.arrives, reason: .arrival, change: change))
    }
    onWay.removeAll { $0.arrives <= time }
  }

  mutating func send(won: Int128 = 0, tether: Int128 = 0, arrives: Int64) {
    onWay.append((arrives, won, tether))
  }
}
