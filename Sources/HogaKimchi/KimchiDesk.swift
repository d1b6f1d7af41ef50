internal import HogaCore

/// Carries out decisions on the accounts, and knows what each change of their worth came from.
struct KimchiDesk {
  private let settings: KimchiBacktest
  private let capital: Double
  private var accounts: KimchiAccounts
  private var prices: Mark
  private let firstPrices: Mark
  private(set) var side = KimchiSide.flat
  /// When the position was entered.
  private(set) var since = Int64.min
  /// Coins of the position, in 10⁻⁸.
  private var position: Int128 = 0
  private var sentOn: (day: Int64, won: Int128) = (.min, 0)
  private var result = KimchiResult()
  private var openTrip: KimchiTrip?

  /// Buys the inventory at the first prices, free of costs: what it was bought for is no part of the
  /// result.
  init(_ settings: KimchiBacktest, at opening: Opening) throws {
    self.settings = settings
    let exact = try ExactMark(opening.mark)
    let inventory = settings.inventory
    var start = KimchiAccounts.Balances()
    start.won = Int128(inventory.koreanCash)
    start.koreanCoins = try exact.coins(won: Int128(inventory.koreanCoins))
    start.tether = try exact.tether(won: Int128(inventory.foreignCash))
    start.foreignCoins = try Exact.scaled(
      exact.tether(won: Int128(inventory.foreignCoins)), Exact.one, exact.foreign, up: false)
    accounts = KimchiAccounts(start: start)
    prices = opening.mark
    firstPrices = opening.mark
    capital = Double(inventory.total)
  }

  // MARK: Worth

  /// What was earned so far, in won at the prices of the last mark: everything that is held less
  /// what was held at the start.
  private var net: Double {
    let (now, start) = (accounts.now, accounts.start)
    return Double(now.won + now.wonOnWay - start.won) + tetherGained * prices.fx
      + coinsMoved * (prices.foreign * prices.fx - prices.korean)
  }

  private var tetherGained: Double {
    Double(accounts.now.tether + accounts.now.tetherOnWay - accounts.start.tether) / 1e8
  }

  /// Coins that lie abroad instead of in Korea: both legs always trade as many.
  private var coinsMoved: Double {
    Double(accounts.now.foreignCoins - accounts.start.foreignCoins) / 1e8
  }

  /// Values everything at new prices.
  mutating func mark(_ new: Mark) {
    let moved = coinsMoved
    result.convergence +=
      moved * (prices.fx * (new.foreign - prices.foreign) - (new.korean - prices.korean))
    result.fx += (moved * new.foreign + tetherGained) * (new.fx - prices.fx)
    prices = new
  }

  mutating func settle(until time: Int64) { accounts.settle(until: time) }

  mutating func record(_ time: Int64) {
    result.times.append(time)
    result.equity.append(net)
    result.sides.append(side)
  }

  // MARK: Acting

  mutating func act(_ wanted: KimchiSide, at opening: Opening) throws {
    accounts.settle(until: opening.time)
    mark(opening.mark)
    let exact = try ExactMark(opening.mark)
    if side != .flat, wanted != side {
      try leave(at: opening.time, exact)
      if side != .flat { result.blockedExits += 1 }
    }
    if side == .flat, wanted != .flat { try enter(wanted, at: opening.time, exact) }
    if side == .flat { try rebalance(at: opening.time, exact) }
  }

  private mutating func enter(
    _ wanted: KimchiSide, at time: Int64, _ exact: ExactMark
  ) throws {
    let asked = try exact.coins(won: Int128(settings.tradeSize))
    let amount = min(asked, try affordable(wanted, exact))
    // Less than a tenth of what was asked for is not worth the trouble.
    guard amount > 0, amount >= asked / 10 else {
      result.blockedEntries += 1
      return
    }
    if amount < asked { result.smallerEntries += 1 }
    let before = net
    try trade(wanted, amount, at: time, exact)
    side = wanted
    since = time
    position = amount
    openTrip = KimchiTrip(
      side: wanted, entered: time, coins: Double(amount) / 1e8,
      entryPremium: prices.premium, netBefore: before)
  }

  private mutating func leave(at time: Int64, _ exact: ExactMark) throws {
    let opposite: KimchiSide = side == .soldKorea ? .boughtKorea : .soldKorea
    let amount = min(position, try affordable(opposite, exact))
    guard amount > 0 else { return }
    try trade(opposite, amount, at: time, exact)
    position -= amount
    guard position == 0, var trip = openTrip else { return }
    trip.left = time
    trip.exitPremium = prices.premium
    trip.net = net - trip.netBefore
    result.trips.append(trip)
    openTrip = nil
    side = .flat
  }

  /// How many coins both sides' stock can pay for, costs included.
  private func affordable(_ wanted: KimchiSide, _ exact: ExactMark) throws -> Int128 {
    let now = accounts.now
    let costs = settings.costs
    switch wanted {
    case .flat: return 0
    case .soldKorea:
      let parts =
        Exact.million + KimchiCosts.parts(costs.foreignFee)
        + KimchiCosts.parts(costs.foreignHalfSpread)
      let paid = try Exact.scaled(now.tether, Exact.million, parts, up: false)
      let bought = try Exact.scaled(paid, Exact.one, exact.foreign, up: false)
      return max(0, min(now.koreanCoins, bought - exact.margin(exact.foreign, Exact.one)))
    case .boughtKorea:
      let parts =
        Exact.million + KimchiCosts.parts(costs.koreanFee)
        + KimchiCosts.parts(costs.koreanHalfSpread)
      let paid = try Exact.scaled(now.won, Exact.million, parts, up: false)
      let bought = try exact.coins(won: paid)
      return max(
        0, min(now.foreignCoins, bought - exact.margin(exact.korean, Exact.one * Exact.one)))
    }
  }

  /// Trades so many coins in both legs, rounded against us to the last unit.
  private mutating func trade(
    _ wanted: KimchiSide, _ amount: Int128, at time: Int64, _ exact: ExactMark
  ) throws {
    let sells = wanted == .soldKorea
    let won = try exact.won(coins: amount, up: !sells)
    let tether = try exact.tether(coins: amount, up: sells)
    let costs = settings.costs
    try accounts.book(.trade, at: time) {
      $0.won = sells ? won : -won
      $0.koreanCoins = sells ? -amount : amount
      $0.tether = sells ? -tether : tether
      $0.foreignCoins = sells ? amount : -amount
    }
    func cost(_ korean: Double, _ foreign: Double) throws(DataError) -> (Int128, Int128) {
      (
        try Exact.scaled(won, KimchiCosts.parts(korean), Exact.million, up: true),
        try Exact.scaled(tether, KimchiCosts.parts(foreign), Exact.million, up: true)
      )
    }
    let spread = try cost(costs.koreanHalfSpread, costs.foreignHalfSpread)
    let fee = try cost(costs.koreanFee, costs.foreignFee)
    for (reason, paid) in [(KimchiAccounts.Reason.spread, spread), (.fee, fee)] {
      try accounts.book(reason, at: time) {
        $0.won = -paid.0
        $0.tether = -paid.1
      }
    }
    result.spread += Double(spread.0) + Double(spread.1) / 1e8 * prices.fx
    result.koreanFees += Double(fee.0)
    result.foreignFees += Double(fee.1) / 1e8 * prices.fx
    result.turnover += Double(won) + Double(tether) / 1e8 * prices.fx
    assert(accounts.now.isSolvent, "more was paid than there is")
  }

  // MARK: Transfers

  /// Sends cash from the side that has gained some to the side that lacks it, as far as is allowed.
  private mutating func rebalance(at time: Int64, _ exact: ExactMark) throws {
    let gained = accounts.now.tether + accounts.now.tetherOnWay - accounts.start.tether
    // Won on the way home would be missed here and sent back at once; wait for them.
    guard gained != 0, accounts.now.wonOnWay == 0 else { return }
    let costs = settings.costs
    let fee = Int128(costs.transferFee)
    let parts = KimchiCosts.parts(costs.fxSpread)
    let day = (time + 9 * 3_600_000_000_000).floorDivided(by: TimeSpan.day.nanoseconds)
    if sentOn.day != day { sentOn = (day, 0) }
    let allowed = Int128(costs.transferLimit) - sentOn.won
    let arrives = time + costs.transferDelay.nanoseconds
    if gained < 0 {
      let missing = try Exact.scaled(
        exact.won(tether: -gained, up: true), Exact.million + parts, Exact.million, up: true)
      let sent = min(missing + fee, allowed, accounts.now.won)
      guard sent >= Int128(costs.transferMinimum), sent > fee else { return }
      // Of what is left after the fee, the bank keeps its spread.
      let changed = try Exact.scaled(sent - fee, Exact.million, Exact.million + parts, up: false)
      let bought = try exact.tether(won: changed)
      try accounts.book(.transferFee, at: time) { $0.won = -fee }
      try accounts.book(.fxSpread, at: time) { $0.won = -(sent - fee - changed) }
      try accounts.book(.transfer, at: time) {
        $0.won = -changed
        $0.tetherOnWay = bought
      }
      accounts.send(tether: bought, arrives: arrives)
      finish(sent: sent, fee: fee, kept: sent - fee - changed)
    } else {
      let sent = min(try exact.won(tether: gained, up: false), allowed)
      let sold = min(gained, try exact.tether(won: sent), accounts.now.tether)
      let worth = try exact.won(tether: sold, up: false)
      let kept = try Exact.scaled(worth, parts, Exact.million, up: true)
      guard worth >= Int128(costs.transferMinimum), worth > fee + kept else { return }
      try accounts.book(.transfer, at: time) {
        $0.tether = -sold
        $0.wonOnWay = worth
      }
      try accounts.book(.fxSpread, at: time) { $0.wonOnWay = -kept }
      try accounts.book(.transferFee, at: time) { $0.wonOnWay = -fee }
      accounts.send(won: worth - kept - fee, arrives: arrives)
      finish(sent: worth, fee: fee, kept: kept)
    }
    accounts.settle(until: time)
  }

  private mutating func finish(sent: Int128, fee: Int128, kept: Int128) {
    sentOn.won += sent
    result.transfers += 1
    result.transferred += Double(sent)
    result.transferFees += Double(fee)
    result.fxSpread += Double(kept)
  }

  // MARK: Result

  func result(rule: String, lapsed: Int) -> KimchiResult {
    var result = result
    result.rule = rule
    result.capital = capital
    result.lapsed = lapsed
    result.net = net
    result.start = accounts.start
    result.end = accounts.now
    result.flows = accounts.flows
    result.isOpen = side != .flat
    let start = accounts.start
    func worth(_ mark: Mark) -> Double {
      Double(start.won) + Double(start.koreanCoins) / 1e8 * mark.korean
        + (Double(start.tether) + Double(start.foreignCoins) * mark.foreign) / 1e8 * mark.fx
    }
    result.inventoryChange = worth(prices) - worth(firstPrices)
    return result
  }
}

/// Prices as counts, and what amounts are worth at them.
private struct ExactMark {
  let korean: Int128
  let foreign: Int128
  let fx: Int128

  init(_ mark: Mark) throws(DataError) {
    korean = try Exact.count(mark.korean, "a Korean price")
    foreign = try Exact.count(mark.foreign, "a foreign price")
    fx = try Exact.count(mark.fx, "a rate")
    guard korean > 0, foreign > 0, fx > 0 else {
      throw DataError("a price is below 10⁻⁸ and cannot be counted")
    }
  }

  func won(coins: Int128, up: Bool) throws(DataError) -> Int128 {
    try Exact.scaled(coins, korean, Exact.one * Exact.one, up: up)
  }
  func won(tether: Int128, up: Bool) throws(DataError) -> Int128 {
    try Exact.scaled(tether, fx, Exact.one * Exact.one, up: up)
  }
  func tether(coins: Int128, up: Bool) throws(DataError) -> Int128 {
    try Exact.scaled(coins, foreign, Exact.one, up: up)
  }
  func tether(won: Int128) throws(DataError) -> Int128 {
    try Exact.scaled(won, Exact.one * Exact.one, fx, up: false)
  }
  func coins(won: Int128) throws(DataError) -> Int128 {
    try Exact.scaled(won, Exact.one * Exact.one, korean, up: false)
  }

  /// Coins whose price covers the three units that rounding up may add to a trade's cost.
  func margin(_ price: Int128, _ unit: Int128) -> Int128 { 3 * unit / price + 2 }
}
