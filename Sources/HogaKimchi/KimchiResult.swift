public import HogaCore

/// A position from entry to exit.
public struct KimchiTrip: Sendable, Hashable {
  public var side: KimchiSide
  /// Nanoseconds since 1970 UTC.
  public var entered: Int64
  public var left: Int64 = 0
  /// In coins.
  public var coins: Double
  public var entryPremium: Double
  public var exitPremium = Double.nan
  /// What the trip earned after fees and spreads, in won; transfers come on top.
  public var net = Double.nan
  var netBefore: Double

  init(side: KimchiSide, entered: Int64, coins: Double, entryPremium: Double, netBefore: Double) {
    self.side = side
    self.entered = entered
    self.coins = coins
    self.entryPremium = entryPremium
    self.netBefore = netBefore
  }

  public var held: TimeSpan { TimeSpan(nanoseconds: left - entered) }
}

/// What a rule earned from a premium, in won, and where it came from.
///
/// `convergence + fx − spread − fees − fxSpread − transferFees + rounding = net`, where rounding is
/// what was lost to whole units. What the inventory itself gained or lost is not earned by trading
/// and stands apart.
public struct KimchiResult: Sendable {
  public internal(set) var rule = ""
  /// What the inventory was worth at the start.
  public internal(set) var capital = 0.0
  public internal(set) var net = 0.0
  /// Coins abroad gained on coins in Korea, in won at each time's rate.
  public internal(set) var convergence = 0.0
  /// Gains of dollars against won on what was held abroad beyond the start.
  public internal(set) var fx = 0.0
  public internal(set) var spread = 0.0
  public internal(set) var koreanFees = 0.0
  public internal(set) var foreignFees = 0.0
  public internal(set) var fxSpread = 0.0
  public internal(set) var transferFees = 0.0
  /// Both legs of all trades.
  public internal(set) var turnover = 0.0
  /// What the inventory would have gained without any trade.
  public internal(set) var inventoryChange = 0.0

  public internal(set) var trips: [KimchiTrip] = []
  /// Entries for which too little lay on one side, and those that were made smaller.
  public internal(set) var blockedEntries = 0
  public internal(set) var smallerEntries = 0
  /// Attempts to leave that one side's stock could not pay for in whole.
  public internal(set) var blockedExits = 0
  /// Decisions after which no common candle came in time.
  public internal(set) var lapsed = 0
  public internal(set) var transfers = 0
  public internal(set) var transferred = 0.0
  /// Whether a position was still open when the data ended.
  public internal(set) var isOpen = false

  /// `net` at each row from the start, with the side that was held.
  public internal(set) var times: [Int64] = []
  public internal(set) var equity: [Double] = []
  public internal(set) var sides: [KimchiSide] = []

  public internal(set) var start = KimchiAccounts.Balances()
  public internal(set) var end = KimchiAccounts.Balances()
  public internal(set) var flows: [KimchiAccounts.Flow] = []

  public var rounding: Double {
    net
      - (convergence + fx - spread - koreanFees - foreignFees - fxSpread - transferFees)
  }

  /// The largest fall of `net` from its highest value so far.
  public var drawdown: Double {
    var (peak, worst) = (0.0, 0.0)
    for value in equity {
      peak = max(peak, value)
      worst = max(worst, peak - value)
    }
    return worst
  }

  /// The share of rows at which a position was held.
  public var exposure: Double {
    sides.isEmpty ? .nan : Double(sides.count { $0 != .flat }) / Double(sides.count)
  }

  public var winShare: Double {
    trips.isEmpty ? .nan : Double(trips.count { $0.net > 0 }) / Double(trips.count)
  }

  /// Mean net of a trip and its standard error, as of independent trips; NaN of fewer than two.
  public var perTrip: (mean: Double, error: Double) {
    let n = Double(trips.count)
    guard n > 1 else { return (trips.first?.net ?? .nan, .nan) }
    let mean = trips.reduce(0) { $0 + $1.net } / n
    let squares = trips.reduce(0) { $0 + ($1.net - mean) * ($1.net - mean) }
    return (mean, (squares / (n - 1) / n).squareRoot())
  }

  public var meanHold: TimeSpan {
    guard !trips.isEmpty else { return .zero }
    return TimeSpan(
      nanoseconds: trips.reduce(0) { $0 + $1.held.nanoseconds } / Int64(trips.count))
  }

  public var json: JSONValue {
    .object([
      ("rule", .string(rule)), ("capital", .double(capital)), ("net", .double(net)),
      ("convergence", .double(convergence)), ("fx", .double(fx)), ("spread", .double(spread)),
      ("korean_fees", .double(koreanFees)), ("foreign_fees", .double(foreignFees)),
      ("fx_spread", .double(fxSpread)), ("transfer_fees", .double(transferFees)),
      ("rounding", .double(rounding)), ("inventory_change", .double(inventoryChange)),
      ("turnover", .double(turnover)), ("drawdown", .double(drawdown)),
      ("exposure", .double(exposure)), ("round_trips", .int(Int64(trips.count))),
      ("win_share", .double(winShare)), ("net_per_trip", .double(perTrip.mean)),
      ("net_per_trip_se", .double(perTrip.error)),
      ("mean_hold_hours", .double(meanHold.seconds / 3600)),
      ("blocked_entries", .int(Int64(blockedEntries))),
      ("smaller_entries", .int(Int64(smallerEntries))),
      ("blocked_exits", .int(Int64(blockedExits))), ("lapsed", .int(Int64(lapsed))),
      ("transfers", .int(Int64(transfers))), ("transferred", .double(transferred)),
      ("open_at_end", .bool(isOpen)),
    ])
  }

  /// `time`, `net` in won and `side` (−1 sold Korea, 1 bought Korea).
  public var equityFrame: Frame {
    Frame([
      ("time", .timestamp(times)), ("net", .double(equity)),
      ("side", .int32(sides.map { Int32($0.rawValue) })),
    ])
  }

  /// `entered`, `left`, `side`, `coins`, `entry_premium`, `exit_premium`, `net`.
  public var tripFrame: Frame {
    Frame([
      ("entered", .timestamp(trips.map(\.entered))), ("left", .timestamp(trips.map(\.left))),
      ("side", .int32(trips.map { Int32($0.side.rawValue) })),
      ("coins", .double(trips.map(\.coins))),
      ("entry_premium", .double(trips.map(\.entryPremium))),
      ("exit_premium", .double(trips.map(\.exitPremium))), ("net", .double(trips.map(\.net))),
    ])
  }
}
