import HogaCore
import HogaScenarios
import Testing

@Suite("Truth of a synthetic market")
struct TruthTests {
  /// Without warm-up the process begins with its mean excitation at the first row.
  private static func flow(
    _ mood: ScenarioMood, seed: UInt64, seconds: Double
  ) throws -> (settings: ScenarioSettings, market: ScenarioFrames, events: [HawkesEvent]) {
    var settings = mood.settings(crash: seconds / 2)
    settings.warmUp = 0
    let market = try SyntheticMarket(settings, seed: seed).frames(
      seconds: seconds, keepsEvents: true)
    let frame = try #require(market.events)
    let kinds = try frame.texts("kind")
    let events = try frame.int64s("time").enumerated().map { row, time in
      HawkesEvent(
        time: Double(time - settings.start) / 1e9,
        kind: try #require(FlowKind.allCases.first { $0.name == kinds[row] }).rawValue)
    }
    return (settings, market, events)
  }

  @Test(
    "the flow's residuals are exponential, and its counts those of theory",
    arguments: [ScenarioMood.normal, .highVolatility, .lowLiquidity])
  func flow(mood: ScenarioMood) throws {
    let seconds = mood == .lowLiquidity ? 6000.0 : 600
    let (settings, market, events) = try Self.flow(mood, seed: 21, seconds: seconds)
    let likelihood = try HawkesLikelihood(settings.flow, events: events, to: seconds)
    let (means, covariance) = (settings.flow.meanIntensities, settings.flow.countCovariance)
    for kind in FlowKind.allCases {
      let residuals = likelihood.residuals[kind.rawValue]
      #expect(residuals.count == market.truth.eventCounts[kind.rawValue])
      #expect(distanceFromExponential(residuals) < kolmogorovLimit)
      let error = (covariance[kind.rawValue][kind.rawValue] / seconds).squareRoot()
      let rate = Double(residuals.count) / seconds
      #expect(abs(rate - means[kind.rawValue]) < 4 * error)
    }
  }

  @Test("the intensities told with each event are those that follow from the events before it")
  func intensities() throws {
    let (settings, market, events) = try Self.flow(.normal, seed: 22, seconds: 100)
    let frame = try #require(market.events)
    let likelihood = try HawkesLikelihood(settings.flow, events: events, to: 100)
    let columns = try FlowKind.allCases.map { try frame.doubles("intensity_\($0.name)") }
    for (row, event) in events.enumerated() {
      // Times are told in whole nanoseconds.
      let known = likelihood.intensities[row]
      #expect(abs(columns[event.kind][row] - known) < 1e-6 * known)
    }
  }

  @Test("the reference moves by what is traded, and comes back")
  func impact() throws {
    let (settings, market, _) = try Self.flow(.normal, seed: 23, seconds: 200)
    let frame = try #require(market.events)
    let (fundamentals, references) = (
      try frame.doubles("fundamental"), try frame.doubles("reference")
    )
    let times = try frame.int64s("time")
    var traded: [Int64: Double] = [:]
    let kinds = try frame.texts("kind")
    let markets = Set(
      times.indices.filter { kinds[$0]?.hasPrefix("market") == true }.map { times[$0] })
    // Limit orders that take stale ones follow the price and do not move it.
    for trade in try market.tradeRows() where markets.contains(trade.moment.time) {
      traded[trade.moment.time, default: 0] += Double(trade.aggressor.sign * trade.lots)
    }
    var displacement = 0.0
    var last = settings.start
    for row in 0..<frame.rowCount {
      displacement *= PortableMath.exp(-settings.impact.decay * Double(times[row] - last) / 1e9)
      displacement += settings.impact.perLot * (traded.removeValue(forKey: times[row]) ?? 0)
      last = times[row]
      let told = PortableMath.log(references[row] / fundamentals[row])
      #expect(abs(told - displacement) < 1e-9)
    }
    #expect(traded.isEmpty)
  }

  @Test("the fundamental's returns have the volatility that was asked for")
  func volatility() throws {
    let (settings, market, _) = try Self.flow(.normal, seed: 24, seconds: 600)
    let frame = try #require(market.events)
    let (values, times) = (try frame.doubles("fundamental"), try frame.int64s("time"))
    var sum = 0.0
    for row in 1..<values.count {
      let move = PortableMath.log(values[row] / values[row - 1])
      let span = Double(times[row] - times[row - 1]) / 1e9
      // Two events within few nanoseconds: the time told is too coarse.
      guard span > 1e-4 else { continue }
      sum += move * move / span
    }
    let count = Double(zip(times, times.dropFirst()).count { $1 - $0 > 100_000 })
    let expected =
      settings.fundamental.volatilityPerMinute * settings.fundamental.volatilityPerMinute / 60
    #expect(abs(sum / count / expected - 1) < 4 * (2 / count).squareRoot())
  }

  @Test("distances of new orders follow the law", arguments: PlacementLaw.Shape.allCases)
  func placement(shape: PlacementLaw.Shape) throws {
    let law = PlacementLaw(shape: shape, scale: 5, exponent: 2.2, maximum: 60)
    #expect(abs((1...60).reduce(0) { $0 + law.probability(of: $1) } - 1) < 1e-12)
    #expect(law.probability(of: 0) == 0 && law.probability(of: 61) == 0)
    var settings = ScenarioMood.normal.settings()
    settings.placement = law
    // A reference that stands still.
    settings.fundamental.volatilityPerMinute = 0
    settings.impact.perLot = 0
    settings.startPrice = 10_000
    settings.warmUp = 0
    let market = try SyntheticMarket(settings, seed: 25).frames(events: 20_000)
    var counts = [Double](repeating: 0, count: 61)
    for row in try market.orderRows() where row.event.kind == .add {
      counts[Int(abs(row.event.ticks - settings.startPrice))] += 1
      #expect((row.event.ticks < settings.startPrice) == (row.event.side == .buy))
    }
    #expect(counts[0] == 0)
    let total = counts.reduce(0, +)
    let bins = (1...12).map { $0...$0 } + [13...60]
    let statistic = bins.reduce(0.0) { sum, bin in
      let expected = total * bin.reduce(0) { $0 + law.probability(of: Int64($1)) }
      let found = counts[bin].reduce(0, +)
      return sum + (found - expected) * (found - expected) / expected
    }
    // The chi-square law with 12 degrees of freedom leaves 0.1 % above 32.91.
    #expect(statistic < 32.91)
  }

  @Test("sizes follow their law", arguments: SizeLaw.Shape.allCases)
  func sizes(shape: SizeLaw.Shape) throws {
    var settings = ScenarioMood.normal.settings()
    // A reference that stands still: no order is executed in part before it rests.
    settings.fundamental.volatilityPerMinute = 0
    settings.impact.perLot = 0
    settings.limitSizes = SizeLaw(shape: shape, center: 40, deviation: 0.7, maximum: 5000)
    let market = try SyntheticMarket(settings, seed: 26).frames(events: 30_000)
    let sizes = try market.orderRows().filter { $0.event.kind == .add }.map {
      Double($0.event.lots)
    }
    let mean = sizes.reduce(0, +) / Double(sizes.count)
    let variance = sizes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sizes.count)
    let error = (variance / Double(sizes.count)).squareRoot()
    #expect(abs(mean - settings.limitSizes.mean) < 4 * error + 0.01)
    let below = Double(sizes.count { $0 <= 40 }) / Double(sizes.count)
    // Half below the median; and 1 − (1 − 1/40)⁴⁰ below the mean of the geometric law.
    let share =
      shape == .logNormal ? 0.5 : 1 - PortableMath.exp(40 * PortableMath.log(1 - 1.0 / 40))
    #expect(abs(below - share) < 0.02)
  }

  // MARK: Moods

  @Test("moods are what they are named")
  func moods() throws {
    func facts(_ mood: ScenarioMood) throws -> ScenarioFacts {
      var stream = try SyntheticMarket(mood: mood, seed: 7).stream(until: .seconds(1200))
      while stream.next() != nil {}
      return stream.truth.facts
    }
    let (normal, high) = (try facts(.normal), try facts(.highVolatility))
    let (crash, low) = (try facts(.flashCrash), try facts(.lowLiquidity))
    #expect(
      high.volatilityPerMinuteFromSeconds > 5 * normal.volatilityPerMinuteFromSeconds)
    #expect(high.tradesPerSecond > 2 * normal.tradesPerSecond)
    #expect(high.meanSpread > 2 * normal.meanSpread)
    #expect(low.meanSpread > 5 * normal.meanSpread)
    #expect(low.meanTouchLots < normal.meanTouchLots / 5)
    #expect(low.tradesPerSecond < normal.tradesPerSecond / 5)
    #expect(normal.maxDrawdown < 0.005)
    #expect(crash.maxDrawdown > 0.015)
    #expect(normal.kurtosis > 3 && crash.kurtosis > normal.kurtosis)
    for facts in [normal, high, crash, low] {
      #expect(facts.signAutocorrelation[0].value > 0.05, "orders are followed by their like")
    }
  }

  @Test(
    "a flash crash comes at its time, takes the bids away, and is over after minutes",
    arguments: [UInt64(1), 2, 3])
  func crash(seed: UInt64) throws {
    let market = try SyntheticMarket(ScenarioMood.flashCrash.settings(crash: 200), seed: seed)
      .frames(seconds: 700)
    let start = ScenarioSettings.standardStart
    var mids: [Double] = []
    var bids: [Int] = []
    var replay = try OrderByOrderReplay(market.source(of: .orders))
    for second in 1...699 {
      while let moment = replay.moment, moment.time < start + Int64(second) * 1_000_000_000 {
        _ = try replay.step()
      }
      let bid = try #require(replay.book.bestTicks(.buy))
      let ask = try #require(replay.book.bestTicks(.sell))
      mids.append(Double(bid + ask) / 2)
      var count = 0
      replay.book.forEachOrder(.buy) { _ in count += 1 }
      bids.append(count)
    }
    let before = mids[198]
    let lowest = try #require(mids.indices.min { mids[$0] < mids[$1] })
    #expect((200..<270).contains(lowest))
    #expect(mids[lowest] < 0.985 * before)
    #expect(mids[680] > before - 0.25 * (before - mids[lowest]), "most of it has come back")
    #expect(mids[..<199].allSatisfy { abs($0 / before - 1) < 0.006 }, "calm until then")
    let calm = bids[100..<199].reduce(0, +) / 99
    #expect(bids[210..<230].reduce(0, +) / 20 < calm * 3 / 4)
  }

  @Test("what is measured agrees with the tables")
  func facts() throws {
    let market = try SyntheticMarket(mood: .normal, seed: 30).frames(seconds: 300)
    let facts = market.truth.facts
    #expect(facts.trades == market.trades.rowCount)
    #expect(facts.aggressors == Set(try market.trades.int64s("time")).count)
    #expect(facts.tradedLots == (try market.trades.int64s("size").reduce(0, +)))
    let start = ScenarioSettings.standardStart
    var book = OrderBook()
    var (spread, touch) = (0.0, 0.0)
    var last = start
    var shown: (spread: Double, touch: Double)?
    for depth in try market.depthRows() {
      if let shown {
        let span = Double(depth.moment.time - last) / 1e9
        spread += shown.spread * span
        touch += shown.touch * span
        last = depth.moment.time
      }
      book.set(depth.side, ticks: depth.ticks, lots: depth.lots)
      guard depth.isLast else { continue }
      shown = (
        Double(book.asks.bestTicks - book.bids.bestTicks),
        Double(book.asks.bestLots + book.bids.bestLots) / 2
      )
    }
    if let shown {
      let span = 300 - Double(last - start) / 1e9
      spread += shown.spread * span
      touch += shown.touch * span
    }
    #expect(abs(facts.meanSpread - spread / 300) < 1e-6)
    #expect(abs(facts.meanTouchLots - touch / 300) < 1e-3)
  }
}
