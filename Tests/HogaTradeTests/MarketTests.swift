import HogaCore
import HogaSim
import HogaTrade
import Testing

/// One hour of a wandering book, a row each 100 ms, as a table of quotes.
struct WanderingMarket {
  static let epoch: Int64 = 1_700_000_000_000_000_000
  var times: [Int64] = []
  /// Best bids in ticks; asks are two ticks above.
  var bids: [Int64] = []

  init(seed: UInt64, rows: Int = 36_000) {
    var random = SeededRandom(seed)
    var bid: Int64 = 1_000_000
    for row in 0..<rows {
      bid += Int64(random.next() % 41) - 20
      times.append(Self.epoch + Int64(row) * 100_000_000)
      bids.append(bid)
    }
  }

  var source: Replay.Source {
    let size = [Int64](repeating: 1000, count: times.count)
    var frame: Frame? = Frame([
      ("arrival", .timestamp(times)), ("time", .timestamp(times)),
      ("sequence", .int64(times.indices.map(Int64.init))),
      ("bid_price_1", .decimal(bids, scale: 2)), ("bid_size_1", .decimal(size, scale: 3)),
      ("ask_price_1", .decimal(bids.map { $0 + 2 }, scale: 2)),
      ("ask_size_1", .decimal(size, scale: 3)),
    ])
    return {
      defer { frame = nil }
      return frame
    }
  }

  /// The return of the mid over the next second in basis points, each second: perfect.
  var perfectForecast: Frame {
    let rows = stride(from: 0, to: times.count - 10, by: 10)
    return Frame([
      ("time", .timestamp(rows.map { times[$0] })),
      (
        "prediction",
        .double(
          rows.map { 10_000 * (Double(bids[$0 + 10] + 1) / Double(bids[$0] + 1) - 1) })
      ),
    ])
  }
}

@Suite("Strategies on a market")
struct MarketTests {
  static func settings(_ latency: Latency = Latency()) -> SimulationSettings {
    SimulationSettings(
      initialCapital: Money(units: 10_000 * 1_000_000_000_000_000_000),
      fees: FeeSchedule(makerPartsPerMillion: 0, takerPartsPerMillion: 10),
      periodsPerYear: SimulationSettings.periodsPerYear(every: .seconds(1)), latency: latency)
  }

  static func run(
    _ strategy: some Strategy, _ market: WanderingMarket, signals: Frame? = nil,
    latency: Latency = Latency()
  ) throws -> BacktestResult {
    var strategy = strategy
    return try Backtest(instrument: Hand.instrument, settings: settings(latency)).run(
      &strategy, MarketTape(book: market.source), signals: signals)
  }

  @Test("a perfect one-second forecast earns, and still pays spread, fees and latency in full")
  func perfectForecast() throws {
    let market = WanderingMarket(seed: 1)
    var settings = ModelSignalStrategy.Settings(lots: 10)
    settings.horizon = .seconds(1)
    let result = try Self.run(
      try ModelSignalStrategy(settings), market, signals: market.perfectForecast)
    let waterfall = result.waterfall
    #expect(result.tradeStatistics.roundTripCount > 500)
    #expect(waterfall.gross > .zero && waterfall.net > .zero)
    #expect(waterfall.net < waterfall.gross)
    // Every fill takes one tick from the mid, and 10 parts per million of its worth.
    let lots = result.fillLog.reduce(0) { $0 + $1.lots }
    #expect(waterfall.spread.units == Int128(lots) * 10_000_000_000_000)
    #expect(waterfall.walk == .zero)
    let fees = result.fillLog.reduce(Money.zero) { $0 + $1.fee }
    #expect(
      waterfall.fees == fees
        && abs(fees.value - result.tradeStatistics.tradedValue * 1e-5) < 1e-9)
    #expect(
      waterfall.gross - waterfall.spread - waterfall.latency - fees == waterfall.net)
    // Late orders find the market further on: the same forecast earns less of it.
    let late = Latency(
      feed: .recorded(scale: 1, plus: .zero), entry: .constant(.milliseconds(500)),
      response: .constant(.zero), compute: .zero)
    let slow = try Self.run(
      try ModelSignalStrategy(settings), market, signals: market.perfectForecast, latency: late)
    #expect(slow.waterfall.latency > waterfall.latency)
    #expect(slow.net < result.net)
  }

  @Test("random entries lose their costs on average, and equal seeds trade equally")
  func randomEntry() throws {
    var net = 0.0
    var costs = 0.0
    var squares = 0.0
    var trips = 0
    for seed in 0..<UInt64(8) {
      let market = WanderingMarket(seed: 100 + seed)
      let strategy = try RandomEntry(lots: 10, probability: 0.3, holding: .seconds(3), seed: seed)
      let result = try Self.run(strategy, market)
      #expect(result.fingerprint == (try Self.run(strategy, market)).fingerprint)
      for trip in result.roundTrips where trip.closeTime != nil {
        net += trip.net.value
        squares += trip.net.value * trip.net.value
        trips += 1
      }
      costs += (result.waterfall.spread + result.waterfall.fees).value
    }
    #expect(trips > 3000)
    // The mean gross, latency included, is zero within four standard errors.
    let gross = (net + costs) / Double(trips)
    let error = (squares / Double(trips) / Double(trips)).squareRoot()
    #expect(abs(gross) < 4 * error)
    #expect(net < 0)
  }

  @Test("buy and hold pays half a spread and a fee, and then is the market")
  func buyAndHold() throws {
    let market = WanderingMarket(seed: 3)
    let result = try Self.run(BuyAndHold(lots: 10), market, latency: .none)
    #expect(result.orderLog.count == 1 && result.account.position == 10)
    let move = Double(market.bids.last! - market.bids[0]) / 100 * 0.01
    let price = Double(market.bids[0] + 2) / 100
    #expect(abs(result.net.value - (move - 0.01 * 0.01 - price * 0.01 * 1e-5)) < 1e-9)
    #expect(result.tradeStatistics.openCount == 1 && result.tradeStatistics.winRate == nil)
    // Larger than what is shown: the rest is bought a second later, once the book shows it anew.
    let large = try Self.run(BuyAndHold(lots: 1500), market, latency: .none)
    #expect(large.account.position == 1500)
  }

  @Test("the OFI strategy trades by its columns through the whole chain")
  func ofi() throws {
    let market = WanderingMarket(seed: 4)
    var signals = try market.perfectForecast.selecting(["time"])
    let forecast = try market.perfectForecast.doubles("prediction")
    signals.append("ofi_norm_20s", .double(forecast))
    signals.append("vpin", .double(forecast.indices.map { $0 % 100 < 50 ? 0.3 : 0.9 }))
    var settings = OFIVPINStrategy.Settings(lots: 3)
    settings.threshold = 0.2
    settings.holding = .seconds(2)
    let result = try Self.run(try OFIVPINStrategy(settings), market, signals: signals)
    #expect(result.tradeStatistics.roundTripCount > 100)
    // Flat all through toxic stretches, but for the moment of leaving.
    let positions = try result.equity.doubles("position")
    for second in positions.indices where second % 100 > 51 { #expect(positions[second] == 0) }
  }
}
