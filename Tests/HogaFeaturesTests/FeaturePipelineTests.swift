import HogaCore
import HogaFeatures
import Testing

@Suite("Feature pipeline")
struct FeaturePipelineTests {
  @Test(
    "live, event by event with a clock, writes the same bits as replay in any chunks",
    arguments: UInt64(0)..<6)
  func liveEqualsReplay(seed: UInt64) throws {
    let market = RandomMarket(seed: seed)
    let whole = try FeatureTable.make(
      book: source(market.depth), trades: source(market.trades),
      instrument: RandomMarket.instrument, settings: .short)
    #expect(whole.rowCount > 60)

    let chunked = try FeatureTable.make(
      book: source(market.depth, cutBy: SeededRandom(seed)),
      trades: source(market.trades, cutBy: SeededRandom(seed + 1)),
      instrument: RandomMarket.instrument, settings: .short)
    #expect(try chunked.bits(0..<chunked.rowCount) == whole.bits(0..<whole.rowCount))

    // Live: the clock ticks between events, rows are taken as they come.
    var random = SeededRandom(seed)
    var pipeline = try FeaturePipeline(
      instrument: RandomMarket.instrument, settings: .short)
    var live: Frame?
    var clock: Int64?
    for event in try market.events() {
      let arrival = event.moment.arrival
      if let last = clock, last < arrival, Bool.random(using: &random) {
        try pipeline.advance(
          to: Timestamp(nanoseconds: .random(in: last...arrival, using: &random)))
      }
      clock = arrival
      event.tell(&pipeline)
      if Int.random(in: 0..<50, using: &random) == 0 {
        let rows = try pipeline.take()
        if live == nil { live = rows } else { live!.append(rowsOf: rows) }
      }
    }
    try pipeline.finish()
    live!.append(rowsOf: try pipeline.take())
    #expect(try live!.bits(0..<live!.rowCount) == whole.bits(0..<whole.rowCount))
  }

  @Test("the same events give the same bits twice")
  func isDeterministic() throws {
    let events = try RandomMarket(seed: 77).events()
    let first = try rows(of: events)
    let second = try rows(of: events)
    #expect(try first.bits(0..<first.rowCount) == second.bits(0..<second.rowCount))
  }

  @Test("cutting off the future leaves earlier rows as they were", arguments: UInt64(0)..<8)
  func ignoresTruncation(seed: UInt64) throws {
    let events = try RandomMarket(seed: seed).events()
    let all = try rows(of: events)
    var random = SeededRandom(seed)
    for _ in 0..<5 {
      var cut = Int.random(in: events.count / 10..<events.count, using: &random)
      // Not inside one instant: a row may lie there.
      while events[cut].moment.arrival == events[cut - 1].moment.arrival { cut -= 1 }
      let early = try rows(of: events[..<cut])
      #expect(early.rowCount > 0)
      #expect(try early.bits(0..<early.rowCount) == all.bits(0..<early.rowCount))
    }
  }

  @Test("shuffling the future leaves earlier rows as they were", arguments: UInt64(0)..<8)
  func ignoresShuffledFuture(seed: UInt64) throws {
    let events = try RandomMarket(seed: seed).events()
    let all = try rows(of: events)
    let times = try all.int64s("time")
    var random = SeededRandom(seed)
    let row = Int.random(in: 20..<(all.rowCount - 5), using: &random)
    let known = events.prefix { $0.moment.arrival <= times[row] }
    // The same things happen later, at the same times, in another order.
    let future = events[known.count...]
    let shuffled = zip(future.shuffled(using: &random), future).map { event, place in
      switch event {
      case .book(let book, _): MarketEvent.book(book, place.moment)
      case .trade(var trade):
        {
          trade.moment = place.moment
          return MarketEvent.trade(trade)
        }()
      }
    }
    let other = try rows(of: known + shuffled)
    #expect(try other.bits(0..<(row + 1)) == all.bits(0..<(row + 1)))
    let last = all.rowCount - 1
    #expect(try other.bits(last..<(last + 1)) != all.bits(last..<(last + 1)))
  }

  @Test("columns are null for exactly their declared look-back")
  func lookBackIsAsDeclared() throws {
    // A lively market without gaps, on one price level and another in turn, so that every
    // feature is known as soon as its window is complete.
    var random = SeededRandom(5)
    var book = OrderBook()
    var events: [MarketEvent] = []
    for depth in Int64(0)..<10 {
      book.set(.buy, ticks: 9_999 - depth, lots: 1000)
      book.set(.sell, ticks: 10_001 + depth, lots: 1000)
    }
    for index in Int64(0)..<4000 {
      let moment = Moment(
        arrival: 1_700_000_000_000_000_000 + index * 10_000_000, time: 0, sequence: index)
      if index % 3 == 0 {
        let side: Side = Bool.random(using: &random) ? .buy : .sell
        events.append(
          .trade(
            Trade(
              moment: moment, price: Price(ticks: 10_000 + side.sign),
              quantity: Quantity(lots: .random(in: 500...1500, using: &random)), aggressor: side)))
      } else {
        book.set(.buy, ticks: 9_999, lots: .random(in: 0...3, using: &random) * 500)
        events.append(.book(book, moment))
      }
    }
    var settings = FeatureSettings.short
    settings.vpinBucket = .base(20)
    let frame = try rows(of: events, settings: settings)
    #expect(frame.rowCount == 39)
    for feature in try FeatureCatalogue(settings: settings).definitions {
      let values = try frame.doubles(feature.name)
      let nulls = values.prefix { $0.isNaN }.count
      switch feature.lookBack {
      case .instant: #expect(nulls == 0, "\(feature.name)")
      case .window(let window):
        #expect(nulls == Int(window.seconds), "\(feature.name)")
        #expect(nulls == feature.lookBack.warmUpRows(every: settings.every))
      case .buckets, .history: #expect(nulls > 0 && nulls < 35, "\(feature.name): \(nulls)")
      }
      #expect(values.dropFirst(nulls).allSatisfy { !$0.isNaN }, "\(feature.name)")
    }
  }

  @Test("the grid starts at the first two-sided book and ends at the last event")
  func gridBounds() throws {
    func moment(_ milliseconds: Int64) -> Moment {
      Moment(arrival: milliseconds * 1_000_000, time: 0, sequence: milliseconds)
    }
    var book = OrderBook()
    book.set(.buy, ticks: 99, lots: 1)
    let oneSided = MarketEvent.book(book, moment(300))
    book.set(.sell, ticks: 101, lots: 1)
    let onGrid = [oneSided, .book(book, moment(2000)), .book(book, moment(5000))]
    #expect(try rows(of: onGrid).int64s("time") == [2, 3, 4, 5].map { $0 * 1_000_000_000 })
    let offGrid = [oneSided, .book(book, moment(2001)), .book(book, moment(4999))]
    #expect(try rows(of: offGrid).int64s("time") == [3, 4].map { $0 * 1_000_000_000 })
    #expect(try rows(of: [oneSided]).rowCount == 0)
    #expect(
      try rows(of: []).columnCount == 1 + FeatureCatalogue(settings: .short).definitions.count)
  }

  @Test("a step that does not divide the day is counted from the venue's midnight")
  func gridFromLocalMidnight() throws {
    var book = OrderBook()
    book.set(.buy, ticks: 99, lots: 1)
    book.set(.sell, ticks: 101, lots: 1)
    let day = TimeSpan.day.nanoseconds
    // 20 s after midnight in a zone nine hours ahead of UTC.
    let arrival = 19_000 * day - 9 * 3_600_000_000_000 + 20_000_000_000
    let moments = [0, 8].map {
      Moment(arrival: arrival + $0 * 1_000_000_000, time: 0, sequence: $0)
    }
    let settings = FeatureSettings(
      every: .seconds(7), windows: [.seconds(14)],
      gridOrigin: TimeSpan(nanoseconds: -9 * 3_600_000_000_000))
    let frame = try rows(of: moments.map { .book(book, $0) }, settings: settings)
    #expect(try frame.int64s("time") == [arrival + 1_000_000_000, arrival + 8_000_000_000])
  }

  @Test("the newest row can be read as it is written")
  func latestRow() throws {
    let events = try RandomMarket(seed: 3).events()
    let all = try rows(of: events)
    let spread = try all.doubles("spread")
    var pipeline = try FeaturePipeline(instrument: RandomMarket.instrument, settings: .short)
    let column = pipeline.definitions.firstIndex { $0.name == "spread" }!
    for event in events {
      let before = pipeline.rowCount
      event.tell(&pipeline)
      guard pipeline.rowCount > before else { continue }
      let latest = try #require(pipeline.latest)
      #expect(latest.values[column].bitPattern == spread[pipeline.rowCount - 1].bitPattern)
    }
    #expect(pipeline.rowCount > 60)
  }

  @Test("chunks of rows are those of the whole, in bounded pieces")
  func streamsChunks() throws {
    let market = RandomMarket(seed: 9)
    let whole = try FeatureTable.make(
      book: source(market.depth), trades: source(market.trades),
      instrument: RandomMarket.instrument, settings: .short)
    var pieces: [Frame] = []
    let monitor = JobMonitor()
    monitor.begin("features", unit: "rows")
    try FeatureTable.stream(
      book: source(market.depth), trades: source(market.trades),
      instrument: RandomMarket.instrument, settings: .short, chunkRows: 10, monitor: monitor
    ) { pieces.append($0) }
    #expect(pieces.count > 5)
    var joined = pieces[0]
    for piece in pieces.dropFirst() { joined.append(rowsOf: piece) }
    #expect(try joined.bits(0..<joined.rowCount) == whole.bits(0..<whole.rowCount))
    #expect(monitor.snapshot.done == Int64(market.depth.rowCount + market.trades.rowCount))
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) {
      try FeatureTable.make(
        book: source(market.depth), trades: nil, instrument: RandomMarket.instrument,
        monitor: monitor)
    }
  }
}

@Suite("Feature pipeline under bad input")
struct FeaturePipelineErrorTests {
  @Test(
    "settings that make no sense are refused",
    arguments: [
      FeatureSettings(every: .zero), FeatureSettings(windows: [.milliseconds(1500)]),
      FeatureSettings(windows: [.zero]), FeatureSettings(windows: [.seconds(5), .seconds(5)]),
      FeatureSettings(levels: [0]), FeatureSettings(levels: [11]), FeatureSettings(levels: [2, 2]),
      FeatureSettings(flowLevels: 11), FeatureSettings(vpinBucket: .base(0)),
      FeatureSettings(vpinBucket: .quote(.infinity)), FeatureSettings(vpinBuckets: 0),
      FeatureSettings(vpinBucket: .fraction(lots: 0, parts: 50)), FeatureSettings(vpinBar: .zero),
      FeatureSettings(gridOrigin: .seconds(90_000)),
      FeatureSettings(every: TimeSpan(nanoseconds: 1), windows: [.seconds(300)]),
    ])
  func refusesSettings(settings: FeatureSettings) {
    #expect(throws: UsageError.self) {
      try FeaturePipeline(instrument: RandomMarket.instrument, settings: settings)
    }
    #expect(throws: UsageError.self) { try FeatureCatalogue(settings: settings) }
  }

  @Test(
    "limits are told as what they are",
    arguments: [
      (
        FeatureSettings(vpinBuckets: 1_000_000_000),
        "vpin buckets: 1000000000 is more than 1000000"
      ), (FeatureSettings(vpinBuckets: -1), "vpin buckets: -1 is not above zero"),
      (
        FeatureSettings(vpinBucket: .fraction(lots: 1 << 40, parts: 1_000_001)),
        "vpin bucket parts: 1000001 is more than 1000000"
      ),
      (
        FeatureSettings(vpinBucket: .base(.infinity)), "vpin bucket: inf is not a finite number"
      ), (FeatureSettings(vpinBar: .milliseconds(0)), "vpin bar: 0s is not from 1ms to a day"),
      (
        FeatureSettings(vpinBar: TimeSpan(nanoseconds: 999_999)),
        "vpin bar: 999999ns is not from 1ms to a day"
      ),
    ])
  func limits(settings: FeatureSettings, message: String) {
    #expect(throws: UsageError(message)) { try settings.validate() }
  }

  @Test("a volume bucket below one lot, or beyond counting, is refused for the instrument")
  func buckets() throws {
    let linear = Instrument(venue: "t", symbol: "t", priceDecimals: 1, sizeDecimals: 3)
    var inverse = Instrument(venue: "t", symbol: "t", priceDecimals: 1, sizeDecimals: 0)
    inverse.settlement = .inverse
    inverse.multiplier = 100
    func make(_ bucket: FeatureSettings.VolumeBucket, _ instrument: Instrument) throws {
      _ = try FeaturePipeline(
        instrument: instrument, settings: FeatureSettings(vpinBucket: bucket))
    }
    for bucket: FeatureSettings.VolumeBucket in [
      .base(0.001), .base(1e15), .quote(0.0001), .quote(1e15), .fraction(lots: 50, parts: 50),
    ] { try make(bucket, linear) }
    try make(.quote(100), inverse)
    for (bucket, message): (FeatureSettings.VolumeBucket, String) in [
      (.base(0.0009), "vpin bucket: 0.0009 is less than a lot of 0.001"),
      (.base(1e17), "vpin bucket: 1e+17 is too large to be counted exactly"),
      (.quote(1e300), "vpin bucket: 1e+300 is too large to be counted exactly"),
      (
        .quote(0.00001),
        "vpin bucket: 1e-05 is less than the least value that a lot can have, 0.0001"
      ),
      (
        .fraction(lots: 49, parts: 50),
        "vpin bucket: 49 lots in 50 parts is less than a lot each"
      ),
    ] { #expect(throws: UsageError(message)) { try make(bucket, linear) } }
    #expect(throws: UsageError.self) { try make(.quote(99), inverse) }
  }

  private static func trade(
    _ seconds: Int64, price: Int64 = 100, size: Int64 = 1
  ) -> MarketEvent {
    .trade(
      Trade(
        moment: Moment(arrival: seconds * 1_000_000_000, time: 0, sequence: seconds),
        price: Price(ticks: price), quantity: Quantity(lots: size), aggressor: nil))
  }
  private static func quote(_ seconds: Int64, bid: Int64 = 99, lots: Int64 = 5) -> MarketEvent {
    var book = OrderBook()
    book.set(.buy, ticks: bid, lots: lots)
    book.set(.sell, ticks: 101, lots: lots)
    return .book(book, Moment(arrival: seconds * 1_000_000_000, time: 0, sequence: seconds))
  }

  @Test(
    "data that cannot be measured stops the pipeline with a reason, and rows before it stay",
    arguments: [
      (trade(8), "comes after"), (trade(30, size: -1), "below zero"),
      (trade(30, price: .max), "2^56"), (trade(30, price: .min), "2^56"),
      (trade(30, price: 1 << 55, size: .max), "2^100"), (quote(30, bid: -(1 << 60)), "2^56"),
      (quote(4_000_000_000), "grid steps"), (quote(-5_000_000_000), "not a time"),
    ])
  func stops(event: MarketEvent, reason: String) throws {
    var pipeline = try FeaturePipeline(instrument: RandomMarket.instrument)
    Self.quote(1).tell(&pipeline)
    Self.quote(20).tell(&pipeline)
    #expect(!pipeline.hasFailed)
    event.tell(&pipeline)
    #expect(pipeline.hasFailed)
    Self.quote(31).tell(&pipeline)
    let error = #expect(throws: DataError.self) { try pipeline.finish() }
    #expect(error?.reason.contains(reason) == true)
    #expect(throws: DataError.self) { try pipeline.take() }
    #expect(try pipeline.take().rowCount >= 19)
  }

  @Test("an event from before the clock is refused once its row is written, not slipped in")
  func refusesLateEvent() throws {
    var pipeline = try FeaturePipeline(instrument: RandomMarket.instrument)
    Self.quote(1).tell(&pipeline)
    try pipeline.advance(to: Timestamp(nanoseconds: 5_000_000_001))
    #expect(pipeline.rowCount == 5)
    Self.quote(5).tell(&pipeline)
    #expect(throws: DataError.self) { try pipeline.finish() }

    var prompt = try FeaturePipeline(instrument: RandomMarket.instrument)
    Self.quote(1).tell(&prompt)
    // Events may still come at the very time that the clock shows.
    try prompt.advance(to: Timestamp(nanoseconds: 5_000_000_000))
    #expect(prompt.rowCount == 4)
    Self.quote(5).tell(&prompt)
    try prompt.finish()
    #expect(try prompt.take().rowCount == 5)
  }

  @Test("extreme but countable prices and sizes neither trap nor write infinities")
  func survivesExtremes() throws {
    var random = SeededRandom(1)
    var events: [MarketEvent] = []
    let prices: [Int64] = [-(1 << 55), -1, 0, 1, 99, 1 << 40, (1 << 55)]
    let sizes: [Int64] = [0, 1, 1 << 20, 1 << 45, 1 << 62]
    for second in Int64(0)..<400 {
      var book = OrderBook()
      book.set(
        .buy, ticks: prices.randomElement(using: &random)!,
        lots: sizes.randomElement(using: &random)!)
      book.set(
        .sell, ticks: prices.randomElement(using: &random)!,
        lots: sizes.randomElement(using: &random)!)
      events.append(
        .book(book, Moment(arrival: second * 1_000_000_000, time: 0, sequence: second)))
      let price = prices.randomElement(using: &random)!
      let size = sizes.randomElement(using: &random)!
      // Only what a pipeline counts: |p·q| < 2¹⁰⁰.
      if abs(price) < 1 << 30 || size < 1 << 40 {
        events.append(Self.trade(second, price: price, size: size))
      }
    }
    var finished = 0
    for bucket: FeatureSettings.VolumeBucket? in [
      nil,
      .base(0.001), .base(9e14), .quote(1e-5), .fraction(lots: 1_000_001, parts: 1_000_000),
    ] {
      var settings = FeatureSettings.short
      settings.vpinBucket = bucket
      var pipeline = try FeaturePipeline(
        instrument: RandomMarket.instrument, settings: settings)
      for event in events { event.tell(&pipeline) }
      // A trade too large for its bucket's units is an error, not a crash.
      do { try pipeline.finish() } catch { continue }
      finished += 1
      let frame = try pipeline.take()
      for name in frame.names.dropFirst() {
        #expect(try frame.doubles(name).allSatisfy { !$0.isInfinite }, "\(name)")
      }
    }
    #expect(finished >= 2)
  }
}
