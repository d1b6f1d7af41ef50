import HogaCore
import HogaKimchi
import HogaLearn
import Testing

@Suite("Kimchi backtest")
struct BacktestTests {
  private static func costs(_ scale: Double = 1) throws -> KimchiCosts {
    try KimchiCosts(
      koreanFee: 5 * scale, foreignFee: 10 * scale, koreanHalfSpread: 3 * scale,
      foreignHalfSpread: 1 * scale, fxSpread: 20 * scale, transferFee: scale > 0 ? 5_000 : 0,
      transferLimit: 3_000_000, transferMinimum: 100_000, transferDelay: .seconds(7200))
  }

  private static func backtest(
    _ costs: KimchiCosts, size: Int64 = 10_000_000, each: Int64 = 25_000_000
  ) throws -> KimchiBacktest {
    try KimchiBacktest(
      costs: costs,
      inventory: KimchiInventory(
        koreanCash: each, koreanCoins: each, foreignCash: each, foreignCoins: each),
      tradeSize: size, patience: .seconds(4 * 3600))
  }

  private static func run(
    _ rule: KimchiRule, _ random: RandomMarket, _ backtest: KimchiBacktest
  ) throws -> KimchiResult {
    let series = try random.series()
    let features = try KimchiFeatures.frame(series, settings: RandomMarket.settings)
    return try backtest.run(
      rule, market: random.market, series: series, features: features, limits: .init())
  }

  @Test("conserves money and coins to the last unit over random markets", arguments: 0..<30)
  func conserves(seed: UInt64) throws {
    let market = try RandomMarket(seed: seed, hours: 400, holes: 0.05)
    let rule = KimchiRule(
      "random", .random(probability: 0.2, sells: 0.5, seed: seed), hold: .seconds(8 * 3600))
    let result = try Self.run(
      rule, market, Self.backtest(Self.costs(), size: 10_000_000 + Int64(seed) * 1_000_000))
    #expect(result.trips.count > 5)
    var sum = result.start
    for flow in result.flows {
      sum.won += flow.change.won
      sum.koreanCoins += flow.change.koreanCoins
      sum.tether += flow.change.tether
      sum.foreignCoins += flow.change.foreignCoins
      sum.wonOnWay += flow.change.wonOnWay
      sum.tetherOnWay += flow.change.tetherOnWay
      // Nothing is borrowed, and both legs trade the same coins.
      #expect(sum.won >= 0 && sum.koreanCoins >= 0 && sum.tether >= 0 && sum.foreignCoins >= 0)
      #expect(sum.wonOnWay >= 0 && sum.tetherOnWay >= 0)
      #expect(
        sum.koreanCoins + sum.foreignCoins == result.start.koreanCoins + result.start.foreignCoins)
      switch flow.reason {
      case .spread, .fee, .fxSpread, .transferFee:
        #expect(flow.change.won <= 0 && flow.change.tether <= 0 && flow.change.wonOnWay <= 0)
      case .arrival:
        #expect(flow.change.won == -flow.change.wonOnWay)
        #expect(flow.change.tether == -flow.change.tetherOnWay)
      case .trade, .transfer: break
      }
    }
    #expect(sum == result.end)
    if !result.isOpen { #expect(result.end.koreanCoins == result.start.koreanCoins) }
    // What the parts do not explain is what rounding took: two units a flow at most.
    let most = 2 * Double(result.flows.count)
    #expect(abs(result.rounding) <= most)
    #expect(result.rounding <= 1)
  }

  @Test("sends no more abroad on a day in Seoul than is allowed", arguments: 0..<8)
  func transferLimit(seed: UInt64) throws {
    let market = try RandomMarket(seed: seed, hours: 600)
    let rule = KimchiRule(
      "random", .random(probability: 0.3, sells: 0.7, seed: seed), hold: .seconds(20 * 3600))
    let result = try Self.run(rule, market, Self.backtest(Self.costs()))
    var perDay: [Int64: Int128] = [:]
    for flow in result.flows where [.transfer, .transferFee, .fxSpread].contains(flow.reason) {
      guard flow.change.won < 0 else { continue }
      perDay[(flow.time + 9 * hour) / (24 * hour), default: 0] -= flow.change.won
    }
    #expect(!perDay.isEmpty)
    let mostPerDay = try #require(perDay.values.max())
    #expect(mostPerDay <= 3_000_000)
    for flow in result.flows where flow.reason == .arrival {
      let sent = result.flows.contains {
        $0.reason == .transfer && flow.time == $0.time + 2 * hour
      }
      #expect(sent, "what arrives was sent two hours before")
    }
  }

  @Test("a perfect forecast earns, and less by exactly what it pays", arguments: 0..<6)
  func perfectForecast(seed: UInt64) throws {
    let market = try RandomMarket(seed: seed, hours: 500, holes: 0)
    let series = try market.series()
    let premium = series.premium
    // Decided at t, done at the open of t + 1: the premium an hour later and six more.
    let sides = premium.indices.map { row -> KimchiSide in
      guard row + 7 < premium.count else { return .flat }
      let change = premium[row + 7] - premium[row + 1]
      return change > 0.006 ? .boughtKorea : change < -0.006 ? .soldKorea : .flat
    }
    let rule = KimchiRule("perfect", .scripted(sides))
    let free = try Self.run(rule, market, Self.backtest(Self.costs(0)))
    let paid = try Self.run(rule, market, Self.backtest(Self.costs()))
    #expect(free.net > 0)
    #expect(paid.net < free.net)
    #expect(free.spread + free.koreanFees + free.foreignFees + free.fxSpread == 0)
    #expect(paid.koreanFees > 0 && paid.foreignFees > 0 && paid.spread > 0)
    // 5 + 3 bps in Korea and 10 + 1 abroad, of half the turnover each.
    let rate = (paid.koreanFees + paid.foreignFees + paid.spread) / paid.turnover
    #expect(abs(rate - 9.5e-4) < 0.5e-4)
  }

  @Test("earns the fall of the premium between two candles, by hand")
  func byHand() throws {
    var market = PremiumMarket(korean: Quotes(), foreign: Quotes(), fx: Quotes())
    try market.fx.append(opened: 0, known: 0, open: 1000, close: 1000, volume: .nan)
    // Opens: premium 20 %, 20 %, 5 %, 5 %.
    let korean: [Double] = [12_000_000, 12_000_000, 10_500_000, 10_500_000, 10_500_000]
    for (index, open) in korean.enumerated() {
      let opened = Int64(index) * hour
      try market.korean.append(
        opened: opened, known: opened + hour, open: open, close: open, volume: 1)
      try market.foreign.append(
        opened: opened, known: opened + hour, open: 10_000, close: 10_000, volume: 1)
    }
    let grid = try PremiumGrid(
      from: Timestamp(nanoseconds: hour), to: Timestamp(nanoseconds: 4 * hour),
      every: .seconds(3600))
    let series = PremiumSeries(market, grid: grid, limits: .init())
    let backtest = try KimchiBacktest(
      costs: KimchiCosts(koreanFee: 10, foreignFee: 10),
      inventory: KimchiInventory(
        koreanCash: 24_000_000, koreanCoins: 24_000_000, foreignCash: 24_000_000, foreignCoins: 0),
      tradeSize: 10_500_000, patience: .seconds(3600))
    // Decided at 1 h, done at the open of 2 h at 5 %; decided at 2 h to leave, done at 3 h.
    let result = try backtest.run(
      KimchiRule("script", .scripted([.soldKorea, .flat, .flat])), market: market, series: series,
      features: series.frame, limits: .init())
    #expect(result.trips.count == 1)
    let trip = try #require(result.trips.first)
    #expect(trip.entered == 2 * hour && trip.left == 3 * hour)
    #expect(abs(trip.entryPremium - 0.05) < 1e-12)
    #expect(trip.coins == 1)
    // Twice 10 bps of 10.5 million won and of 10,000 tether: 21,000 + 20,000 won.
    #expect(abs(result.net + 41_000) < 1e-3)
    #expect(result.convergence == 0 && result.fx == 0)

    // No coins abroad: the other side cannot be taken at all.
    let other = try backtest.run(
      KimchiRule("script", .scripted([.boughtKorea, .flat, .flat])), market: market,
      series: series, features: series.frame, limits: .init())
    #expect(other.trips.isEmpty && other.blockedEntries == 1 && other.net == 0)
  }

  @Test(
    "decides by nothing that comes later: the same flows until the market is cut", arguments: 0..<8)
  func ignoresFuture(seed: UInt64) throws {
    let whole = try RandomMarket(seed: seed, hours: 300)
    let cut = try PremiumGrid(
      from: Timestamp(nanoseconds: whole.start),
      to: Timestamp(nanoseconds: whole.start + 200 * hour), every: .seconds(3600))
    let rule = KimchiRule(
      "reversion", .reversion(column: "premium_z_48h", enter: 1.2, exit: 0.2),
      hold: .seconds(24 * 3600))
    let backtest = try Self.backtest(Self.costs())
    let long = try Self.run(rule, whole, backtest)
    let series = PremiumSeries(whole.market, grid: cut, limits: .init())
    let short = try backtest.run(
      rule, market: whole.market, series: series,
      features: KimchiFeatures.frame(series, settings: RandomMarket.settings), limits: .init())
    #expect(!long.trips.isEmpty)
    // The shorter run closes at its end; before, nothing differs.
    let end = cut.end - 2 * hour
    #expect(long.flows.filter { $0.time < end } == short.flows.filter { $0.time < end })
  }

  @Test("never trades at the close that it decided by")
  func tradesLater() throws {
    let market = try RandomMarket(seed: 3, hours: 300)
    let rule = KimchiRule("random", .random(probability: 0.3, sells: 0.5, seed: 1), hold: .day)
    let result = try Self.run(rule, market, Self.backtest(Self.costs()))
    let opened = Set(market.market.korean.openTime).intersection(market.market.foreign.openTime)
    let trades = result.flows.filter { $0.reason == .trade }
    let areAllAtOpens = trades.allSatisfy { opened.contains($0.time) }
    #expect(areAllAtOpens)
    let first = try #require(trades.first)
    #expect(first.time > result.times[0])
  }

  @Test("refuses senseless costs, stocks and rules")
  func refuses() throws {
    #expect(throws: UsageError.self) { try KimchiCosts(koreanFee: -1, foreignFee: 0) }
    #expect(throws: UsageError.self) { try KimchiCosts(koreanFee: .nan, foreignFee: 0) }
    #expect(throws: UsageError.self) {
      try KimchiInventory(koreanCash: 0, koreanCoins: 0, foreignCash: 0, foreignCoins: 0)
    }
    let market = try RandomMarket(seed: 1, hours: 100)
    for kind in [
      KimchiRule.Kind.reversion(column: "premium_z_48h", enter: 1, exit: 2),
      .levels(column: "premium", low: 0.1, high: 0, exit: 0.05), .scripted([.flat]),
      .random(probability: 2, sells: 0, seed: 1),
    ] {
      #expect(throws: UsageError.self) {
        try Self.run(KimchiRule("bad", kind), market, Self.backtest(Self.costs()))
      }
    }
    #expect(throws: DataError.self) {
      try Self.run(
        KimchiRule("bad", .reversion(column: "nothing", enter: 1, exit: 0)), market,
        Self.backtest(Self.costs()))
    }
  }

  @Test("the mean-reversion baseline says the shares of each bucket, and can be saved")
  func meanReversion() throws {
    let z: [Double] = [-3, -3, 3, 3, 3, 0, .nan]
    let y: [Double] = [2, 2, 0, 0, 0, 1, 1]
    let time = (0..<7).map { Int64($0) }
    let samples = try Samples(
      x: Matrix(columns: [("premium_z_24h", z)]), y: y, time: time, labelEnd: time,
      classes: PremiumLabels.names)
    let fitted = try MeanReversion(column: "premium_z_24h").fit(samples)
    let outputs = try fitted.outputs(samples.x)
    // Seven rows and a flat prior of ten: (3 + 10/3)/17, (2 + 10/3)/17, (2 + 10/3)/17.
    let prior = [19.0 / 51, 16.0 / 51, 16.0 / 51]
    for column in 0..<3 {
      #expect(abs(outputs[6, column] - prior[column]) < 1e-12)
      #expect(abs(outputs[2, column] - (prior[column] * 10 + (column == 0 ? 3 : 0)) / 13) < 1e-12)
    }
    let again = try FittedMeanReversion(decoding: fitted.encoded(), kinds: .standard)
    #expect(try again.outputs(samples.x) == outputs)
    #expect(throws: DataError.self) {
      try FittedMeanReversion(decoding: ["column": "z"], kinds: .standard)
    }
  }
}
