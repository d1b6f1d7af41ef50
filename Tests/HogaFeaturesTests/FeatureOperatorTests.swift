import HogaCore
import HogaFeatures
import Testing

/// An operator as a user would add it, in one place.
private struct LargestTrade: FeatureOperator {
  let definitions = [
    FeatureDefinition(
      name: "largest_trade", group: "Mine", formula: "max q in the step", unit: "size",
      lookBack: .instant, source: "this test")
  ]
  let events: FeatureEvents = .trades
  private var largest: Int64 = 0

  mutating func traded(_ trade: ClassifiedTrade, _ context: FeatureContext) {
    largest = max(largest, trade.trade.quantity.lots)
  }
  mutating func sample(
    _ context: FeatureContext, into row: inout OutputSpan<Double>
  ) throws(DataError) {
    row.append(Double(largest))
    largest = 0
  }
}

@Suite("Feature operators")
struct FeatureOperatorTests {
  @Test("a user's operator stands beside the standard ones")
  func userOperator() throws {
    let instrument = RandomMarket.instrument
    let events = try RandomMarket(seed: 11).events()
    let frame = try rows(
      of: events, operators: FeatureCatalogue.operators(.short, instrument) + [LargestTrade()])
    let times = try frame.int64s("time")
    let largest = try frame.doubles("largest_trade")
    for row in 1..<frame.rowCount {
      let sizes = events.compactMap { event in
        guard case .trade(let trade) = event, trade.moment.arrival > times[row - 1],
          trade.moment.arrival <= times[row]
        else { return Int64?.none }
        return trade.quantity.lots
      }
      #expect(largest[row] == Double(sizes.max() ?? 0))
    }
    #expect(throws: UsageError.self) {
      try FeaturePipeline(instrument: instrument, operators: [LargestTrade(), LargestTrade()])
    }
  }

  @Test("window sums equal sums over the events of the window", arguments: UInt64(20)..<26)
  func sums(seed: UInt64) throws {
    let events = try RandomMarket(seed: seed).events()
    let frame = try rows(of: events)
    let times = try frame.int64s("time")
    for window in [Int64(3), 12] {
      let volume = try frame.doubles("volume_\(window)s")
      let trades = try frame.doubles("trades_\(window)s")
      let flow = try frame.doubles("ofi_\(window)s")
      for row in Int(window)..<frame.rowCount {
        let start = times[row] - window * 1_000_000_000
        var lots: Int64 = 0
        var count = 0
        var expected: Int64? = 0
        var previous: OrderBook?
        for event in events {
          let arrival = event.moment.arrival
          if arrival > times[row] { break }
          switch event {
          case .trade(let trade):
            guard arrival > start else { continue }
            lots += trade.quantity.lots
            count += 1
          case .book(let book, _):
            if arrival > start {
              if book.isStale || previous?.isStale == true { expected = nil }
              if let previous, expected != nil {
                expected! += Self.flow(previous.bids, book.bids)
                expected! += Self.flow(previous.asks, book.asks) * -1
              }
            }
            previous = book
          }
        }
        if previous?.isStale == true { expected = nil }
        #expect(volume[row] == Double(lots) / 1000)
        #expect(trades[row] == Double(count))
        if let expected {
          #expect(flow[row] == Double(expected) / 1000)
        } else {
          #expect(flow[row].isNaN)
        }
      }
    }
  }

  private static func flow(_ before: BookSide, _ after: BookSide) -> Int64 {
    guard !before.isEmpty, !after.isEmpty else { return 0 }
    let move = (after.bestTicks - before.bestTicks) * after.side.sign
    return (move >= 0 ? after.bestLots : 0) - (move <= 0 ? before.bestLots : 0)
  }

  @Test("windows on a fine grid and a coarse one agree where their grid times meet")
  func gridsAgree() throws {
    let events = try RandomMarket(seed: 31).events()
    var fine = FeatureSettings.short
    fine.every = .milliseconds(250)
    let coarse = try rows(of: events)
    let dense = try rows(of: events, settings: fine)
    let times = try dense.int64s("time")
    let places = Dictionary(uniqueKeysWithValues: zip(times, times.indices))
    // Features whose definition does not name the grid's step.
    for name in [
      "mid", "imbalance_5", "ask_slope_10", "ofi_12s", "mlofi_7_3s", "ofi_norm_12s", "volume_12s",
      "trade_imbalance_3s", "vwap_dev_bps_12s", "roll_spread_12s", "effective_spread_bps_3s",
      "vpin", "vpin_bvc",
    ] {
      let wide = try coarse.doubles(name)
      let narrow = try dense.doubles(name)
      var compared = 0
      // Past the warm-up of both; their first rows differ.
      for (row, time) in try coarse.int64s("time").enumerated() where row > 12 {
        let other = narrow[places[time]!]
        #expect(areEqual(wide[row], other), "\(name), \(row)")
        compared += wide[row].isNaN ? 0 : 1
      }
      #expect(compared > 5, "\(name)")
    }
  }

  @Test("VPIN is the mean imbalance of equal buckets, however a trade overfills them")
  func vpinByHand() throws {
    var book = OrderBook()
    book.set(.buy, ticks: 99, lots: 1)
    book.set(.sell, ticks: 101, lots: 1)
    let second: Int64 = 1_000_000_000
    var events: [MarketEvent] = [.book(book, Moment(arrival: 0, time: 0, sequence: 0))]
    // V = 10: buckets +6−4 | +10 | +10 | +3−7 …
    for (index, lots) in [Int64(6), -4, 23, -7, 1].enumerated() {
      events.append(
        .trade(
          Trade(
            moment: Moment(arrival: Int64(index + 1) * second, time: 0, sequence: Int64(index)),
            price: Price(ticks: 100), quantity: Quantity(lots: abs(lots)),
            aggressor: lots > 0 ? .buy : .sell)))
    }
    let settings = FeatureSettings(
      windows: [], vpinBucket: .fraction(lots: 20, parts: 2), vpinBuckets: 3)
    let frame = try rows(of: events, settings: settings)
    let values = try frame.doubles("vpin")
    #expect(values.prefix(3).allSatisfy { $0.isNaN })
    let (third, fourth) = (2.2 / 3, 2.4 / 3)
    #expect(areEqual(values[3], third))
    #expect(areEqual(values[4], fourth))
    #expect(values[5] == values[4])
    #expect(try frame.doubles("vpin_bvc").allSatisfy { $0.isNaN })
  }

  @Test("inverse contracts and multipliers count in quote currency")
  func contracts() throws {
    let events = try RandomMarket(seed: 41).events()
    var settings = FeatureSettings.short
    settings.vpinBucket = .quote(250)
    let plain = try rows(of: events, settings: settings)
    var instrument = RandomMarket.instrument
    instrument.multiplier = 50
    settings.vpinBucket = .quote(250 * 50)
    let future = try rows(of: events, settings: settings, instrument: instrument)
    let toxicity = (try plain.doubles("vpin"), try future.doubles("vpin"))
    let illiquidity = (try plain.doubles("amihud_3s"), try future.doubles("amihud_3s"))
    for row in 0..<plain.rowCount {
      #expect(areEqual(toxicity.0[row], toxicity.1[row]))
      #expect(areEqual(illiquidity.0[row], 50 * illiquidity.1[row]))
    }
    // A contract of 100 quote units: quote volume is 100 per contract whatever the price.
    instrument.settlement = .inverse
    instrument.multiplier = 100
    settings.vpinBucket = .quote(250)
    let inverse = try rows(of: events, settings: settings, instrument: instrument)
    settings.vpinBucket = .base(2.5)
    let contracts = try rows(of: events, settings: settings, instrument: instrument)
    let all = 0..<inverse.rowCount
    let byValue = try inverse.selecting(["vpin"]).bits(all)
    let bySize = try contracts.selecting(["vpin"]).bits(all)
    #expect(byValue == bySize)
  }

  /// To 1e-12, or both unknown.
  private func areEqual(_ left: Double, _ right: Double) -> Bool {
    left.isNaN || right.isNaN
      ? left.isNaN && right.isNaN : abs(left - right) <= 1e-12 * abs(right)
  }
}

@Suite("Feature catalogue")
struct FeatureCatalogueTests {
  @Test("lists every column once, in the pipeline's order, with all that is known of it")
  func listsAll() throws {
    let catalogue = try FeatureCatalogue()
    let pipeline = try FeaturePipeline(instrument: RandomMarket.instrument)
    #expect(catalogue.definitions == pipeline.definitions)
    #expect(catalogue.definitions.count == 85)
    #expect(Set(catalogue.definitions.map(\.name)).count == 85)
    for feature in catalogue.definitions {
      for text in [feature.name, feature.group, feature.formula, feature.unit, feature.source] {
        #expect(!text.isEmpty)
      }
      #expect(catalogue.description.contains(feature.name))
    }
    guard case .array(let entries) = catalogue.json else {
      Issue.record("not a list")
      return
    }
    #expect(entries.count == 85)
    #expect(entries[0]["name"] == "mid")
    #expect(entries[17]["look_back"] == "20s")
  }
}
