import HogaBars
import HogaCore
import HogaSim
import Testing

@Suite("Accounts on bars")
struct AccountTests {
  private static func costs(_ seed: UInt64) throws -> BarCosts {
    let impacts: [BarCosts.Impact] = [
      .none, .linear(coefficient: 0.02), .squareRoot(coefficient: 0.7, window: 10),
    ]
    return try BarCosts(
      takerPartsPerMillion: [450, 0, -20][Int(seed % 3)],
      halfSpreadBasisPoints: [0, 0.7, 3][Int(seed / 3 % 3)], impact: impacts[Int(seed / 9 % 3)],
      maximumParticipation: seed % 2 == 0 ? nil : 0.2, liquidationPartsPerMillion: 1000)
  }

  private static func script(
    _ bars: RandomBars, seed: UInt64, every: Int, gross: Double
  ) -> Script {
    var random = SeededRandom(seed &+ 1000)
    var weights: [Int64: [Double]] = [:]
    for row in 0..<bars.rows {
      let close = start.nanoseconds + Int64(row + 1) * minute.nanoseconds
      guard close % (Int64(every) * minute.nanoseconds) == 0 else { continue }
      weights[close] = bars.market.instruments.map { _ in
        random.uniform() < 0.2 ? .nan : gross * (2 * random.uniform() - 1)
      }
    }
    return Script(weights: weights)
  }

  /// Cash and positions from the list of fills and the funding, booked with `Contract`'s money, and
  /// each bar's change of equity from prices: another way to the same figures.
  @Test(
    "change in each bar by what prices did, less fees and slippage, plus funding, to the unit",
    arguments: UInt64(0)..<36)
  func conserves(seed: UInt64) throws {
    let bars = try RandomBars(seed: seed, symbols: 3 + Int(seed % 3))
    let instruments = bars.market.instruments
    let every = 1 + Int(seed % 7)
    let settings = try settings(
      costs: Self.costs(seed), execution: BarSettings.Execution.allCases[Int(seed / 2 % 3)],
      delay: 1 + Int(seed % 2) * (every > 1 ? 1 : 0), patience: 1 + Int(seed % 3),
      rebalance: TimeSpan(nanoseconds: Int64(every) * minute.nanoseconds), maximumGross: 3,
      maximumWeight: 2, maintenance: 20_000)
    let result = try BarBacktest(settings).run(
      Self.script(bars, seed: seed, every: every, gross: 1.5), on: bars.market)
    let contracts = try instruments.map {
      try Contract(
        Instrument(
          venue: "test", symbol: $0.symbol, priceDecimals: $0.priceDecimals,
          sizeDecimals: $0.sizeDecimals))
    }
    func worth(_ symbol: Int, _ lots: Int64, _ ticks: Int64) throws -> Money {
      try contracts[symbol].value(lots: lots, halfTicks: 2 * ticks)
    }
    func ticks(_ price: Double, _ symbol: Int) -> Int64 {
      Int64((price * Double(Decimal.power(instruments[symbol].priceDecimals))).rounded())
    }
    var positions = instruments.map { _ in Int64(0) }
    var closes = instruments.map { _ in Int64(0) }
    var fills = result.fills[...]
    #expect(result.fillCount > 20)
    for row in 0..<bars.rows {
      let (before, after) = (result.samples[row], result.samples[row + 1])
      var price = Money.zero
      var (fees, slippage) = (Money.zero, Money.zero)
      for symbol in instruments.indices {
        guard let bar = bars.bar(row, symbol) else { continue }
        let close = ticks(bar.close, symbol)
        if closes[symbol] > 0 {
          price +=
            try worth(symbol, positions[symbol], close)
            - worth(symbol, positions[symbol], closes[symbol])
        }
        closes[symbol] = close
      }
      while let fill = fills.first,
        fill.time == start.nanoseconds + Int64(row) * minute.nanoseconds
      {
        fills = fills.dropFirst()
        let symbol = Int(fill.symbol)
        // Only bars that are there, at their prices.
        let bar = try #require(bars.bar(row, symbol))
        switch settings.execution {
        case .open: #expect(fill.ticks == ticks(bar.open, symbol))
        case .close: #expect(fill.ticks == ticks(bar.close, symbol))
        case .vwap: #expect(fill.ticks == ticks(bar.quote / bar.volume, symbol))
        }
        #expect(bar.volume > 0 && fill.lots != 0)
        #expect(fill.lots % instruments[symbol].lotStep == 0)
        let isForced = fill.isForced
        if let share = settings.costs.maximumParticipation, !isForced {
          let size =
            Double(fill.lots.magnitude)
            / Double(Decimal.power(instruments[symbol].sizeDecimals))
          #expect(size <= share * bar.volume * (1 + 1e-12))
        }
        let fee = try contracts[symbol].fee(
          lots: fill.lots, ticks: fill.ticks,
          partsPerMillion: settings.costs.takerPartsPerMillion + (isForced ? 1000 : 0))
        #expect(fill.fee == fee && fill.slippage >= .zero)
        price += try worth(symbol, fill.lots, closes[symbol]) - worth(symbol, fill.lots, fill.ticks)
        fees += fill.fee
        slippage += fill.slippage
        positions[symbol] += fill.lots
      }
      let funding = after.funding - before.funding
      #expect(after.fees - before.fees == fees && after.slippage - before.slippage == slippage)
      #expect(after.gross - before.gross == price)
      #expect(after.equity - before.equity == price - fees - slippage + funding)
      let place = (row + 1) * instruments.count
      #expect(Array(result.positions[place..<place + instruments.count]) == positions)
      var held = after.cash
      for symbol in instruments.indices where positions[symbol] != 0 {
        held += try worth(symbol, positions[symbol], closes[symbol])
      }
      #expect(held == after.equity)
    }
    #expect(fills.isEmpty)
    #expect(result.symbols.map(\.net).reduce(.zero, +) == result.net)
    let last = result.last
    #expect(result.net == last.gross - last.slippage - last.fees + last.funding)
  }

  @Test("gives equal bits for equal inputs, and other fingerprints for other fills")
  func repeats() throws {
    let bars = try RandomBars(seed: 3)
    let settings = try settings(costs: Self.costs(10), maximumGross: 3, maximumWeight: 2)
    let script = Self.script(bars, seed: 3, every: 1, gross: 1)
    let first = try BarBacktest(settings).run(script, on: bars.market)
    let second = try BarBacktest(settings).run(script, on: bars.market)
    #expect(first.fills == second.fills && first.samples == second.samples)
    #expect(first.fingerprint == second.fingerprint)
    let other = try BarBacktest(settings).run(
      Self.script(bars, seed: 4, every: 1, gross: 1), on: bars.market)
    #expect(other.fingerprint != first.fingerprint)
    // Beside others and with fewer fills kept it is the same run.
    let few = try BarBacktest(
      settingsOf(settings, limit: 5)
    ).run([EqualWeight(), script], on: bars.market.source())[1]
    #expect(few.fingerprint == first.fingerprint && few.samples == first.samples)
    #expect(few.fills == Array(first.fills.prefix(5)) && few.fillCount == first.fillCount)
  }

  private func settingsOf(_ other: BarSettings, limit: Int) throws -> BarSettings {
    try settings(costs: other.costs, maximumGross: 3, maximumWeight: 2, fillLimit: limit)
  }

  @Test("pays funding on the position held when it falls due, and not on what is bought then")
  func funds() throws {
    let bars: [(Double, Double)?] = [(100, 100), (100, 100), (100, 100), (100, 110), (110, 110)]
    func time(_ row: Int64, plus: Int64 = 0) -> Timestamp {
      Timestamp(nanoseconds: start.nanoseconds + row * minute.nanoseconds + plus)
    }
    // Bought at the open of row 1: not charged at that moment, charged half a minute later.
    let market = try market(
      bars,
      funding: [
        BarFunding(time: time(1, plus: 3_000_000), symbol: 0, rate: 0.01),
        BarFunding(time: time(1, plus: 30_000_000_000), symbol: 0, rate: 0.001),
        BarFunding(time: time(3), symbol: 0, rate: -0.002, mark: 101),
        BarFunding(time: time(4), symbol: 0, rate: 0.003),
      ])
    let script = Script(weights: [time(1).nanoseconds: [0.5]])
    let result = try BarBacktest(settings()).run(script, on: market)
    #expect(result.symbols[0].position == 500_000)  // 50 at 100
    #expect(result.fundingPayments == 3)
    let expected: Double = -5 + 10.1 - 16.5  // 50 coins at 100, 101 and 110
    #expect(try result.last.funding == Money(expected))
    #expect(try result.net == Money(500 + expected))
  }

  @Test("costs by linear impact what the coefficient says")
  func linear() throws {
    let bars: [(Double, Double)?] = [(100, 100), (100, 100), (100, 100)]
    let costs = try BarCosts(
      takerPartsPerMillion: 0, halfSpreadBasisPoints: 2, impact: .linear(coefficient: 0.1))
    let result = try BarBacktest(settings(costs: costs, rebalance: .seconds(180))).run(
      Script(weights: [:]), on: market(bars, volume: [1000, 1000, 1000]))
    #expect(result.fillCount == 0)
    let close = start.nanoseconds + minute.nanoseconds
    let bought = try BarBacktest(settings(costs: costs)).run(
      Script(weights: [close: [1]]), on: market(bars, volume: [1000, 400, 1000]))
    // 100 coins of 400 in the bar: 0.1 · 0.25 of the price, and two basis points, of 10,000.
    #expect(try bought.last.slippage == Money(250 + 2))
    #expect(try bought.net == Money(-252))
  }

  @Test("costs by square-root impact what volatility and volume before the trade say")
  func squareRoot() throws {
    // Returns of one per cent up and down: σ is 0.01, the mean volume 400.
    let bars: [(Double, Double)?] = (0..<40).map { $0 % 2 == 0 ? (100, 100) : (101, 101) }
    let costs = try BarCosts(
      takerPartsPerMillion: 0, impact: .squareRoot(coefficient: 0.5, window: 5))
    let volumes = [Double](repeating: 400, count: 39) + [1_000_000]
    let close = start.nanoseconds + 39 * minute.nanoseconds
    let result = try BarBacktest(settings(costs: costs)).run(
      Script(weights: [close: [1]]), on: market(bars, volume: volumes))
    let paid = result.last.slippage.value / result.last.traded.value
    let expected = 0.5 * 0.00995 * (10_000.0 / 100 / 400).squareRoot()
    #expect(abs(paid - expected) < 0.02 * expected)
    // Too early, nothing is known.
    let early = try BarBacktest(settings(costs: costs)).run(
      Script(weights: [start.nanoseconds + 3 * minute.nanoseconds: [1]]),
      on: market(bars, volume: volumes))
    #expect(early.fillCount == 0)
    #expect(early.unfilled.first { $0.reason == .noVolatility }?.count == 1)
  }
}
