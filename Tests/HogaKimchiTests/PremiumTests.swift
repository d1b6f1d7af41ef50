import Foundation
import HogaCore
import HogaFeatures
import HogaKimchi
import Testing

@Suite("Kimchi premium")
struct PremiumTests {
  private static let limits = KimchiPremium.Limits(
    korean: .seconds(3600), foreign: .seconds(3600), fx: .seconds(60 * 3600))

  private static func fixture() throws -> (JSONValue, PremiumMarket, PremiumSeries) {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/premium.json")
    let json = try JSONReader.read(String(contentsOf: path, encoding: .utf8))
    func quotes(_ name: String) throws -> Quotes {
      let leg = try #require(json[name])
      var quotes = Quotes()
      let (opened, known) = (leg["opened"]!.integers, leg["known"]!.integers)
      let (open, close) = (leg["open"]!.numbers, leg["close"]!.numbers)
      for (row, volume) in leg["volume"]!.numbers.enumerated() {
        try quotes.append(
          opened: opened[row], known: known[row], open: open[row], close: close[row],
          volume: volume)
      }
      return quotes
    }
    let market = PremiumMarket(
      korean: try quotes("korean"), foreign: try quotes("foreign"), fx: try quotes("fx"))
    let time = json["time"]!.integers
    let grid = try PremiumGrid(
      from: Timestamp(nanoseconds: time[0]),
      to: Timestamp(nanoseconds: time[time.count - 1] + 1), every: .seconds(3600))
    return (json, market, PremiumSeries(market, grid: grid, limits: limits))
  }

  @Test("equals a slow pandas reading of real candles to 1e-9, nulls included")
  func equalsPandas() throws {
    let (json, _, series) = try Self.fixture()
    let settings = try KimchiSettings(
      every: .seconds(3600), changes: [1, 6, 24].map { .seconds($0 * 3600) },
      windows: [6, 24].map { .seconds($0 * 3600) })
    var frame = try KimchiFeatures.frame(series, settings: settings)
    for horizon: Int64 in [1, 6] {
      let labels = try PremiumLabels(
        frame, every: .seconds(3600), horizon: .seconds(horizon * 3600),
        threshold: .basisPoints(0))
      frame.append("change_ahead_\(horizon)h", .double(labels.changes))
    }
    #expect(try frame.int64s("time") == json["time"]!.integers)
    guard case .object(let expected)? = json["expected"] else {
      Issue.record("the fixture has no expectations")
      return
    }
    // Every feature has an expectation; the legs themselves are inputs.
    #expect(
      Set(expected.map(\.key)) == Set(frame.names).subtracting(["time", "korean", "foreign", "fx"]))
    for column in expected {
      let ours = try frame.doubles(column.key)
      for (row, theirs) in column.value.numbers.enumerated() {
        if theirs.isNaN || ours[row].isNaN {
          #expect(theirs.isNaN == ours[row].isNaN, "\(column.key), row \(row)")
        } else {
          let scale = max(1, abs(theirs))
          #expect(
            abs(ours[row] - theirs) <= 1e-9 * scale,
            "\(column.key), row \(row): \(ours[row]), pandas \(theirs)")
        }
      }
    }
  }

  @Test("knows nothing of the future: later quotes may vanish or change", arguments: 0..<12)
  func ignoresFuture(seed: UInt64) throws {
    let whole = try RandomMarket(seed: seed, hours: 200)
    var random = SeededRandom(seed + 1000)
    let cut = 60 + Int(random.next() % 120)
    let now = whole.start + Int64(cut) * hour
    let series = try whole.series()
    let before = try KimchiFeatures.frame(series, settings: RandomMarket.settings)

    // The later half of another market in place of its own.
    let other = try RandomMarket(seed: seed + 77, hours: 200)
    for replacement in [Quotes?.none, .some(Quotes())] {
      var changed = whole.market
      func with(_ path: WritableKeyPath<PremiumMarket, Quotes>) throws {
        var quotes = whole.market[keyPath: path].known(before: now + 1)
        if replacement == nil {
          let later = other.market[keyPath: path]
          for row in later.known.indices
          where later.known[row] > now && later.openTime[row] > quotes.openTime.last ?? .min {
            try quotes.append(
              opened: later.openTime[row], known: later.known[row], open: later.open[row],
              close: later.price[row], volume: later.volume[row])
          }
        }
        changed[keyPath: path] = quotes
      }
      try with(\.korean)
      try with(\.foreign)
      try with(\.fx)
      let after = try KimchiFeatures.frame(
        PremiumSeries(changed, grid: try whole.grid, limits: .init()),
        settings: RandomMarket.settings)
      #expect(try bits(before, rows: 0..<cut + 1) == bits(after, rows: 0..<cut + 1))
    }
  }

  @Test("gives the same bits row by row as over stored candles", arguments: 0..<6)
  func streamEqualsBatch(seed: UInt64) throws {
    let random = try RandomMarket(seed: seed, hours: 150)
    let grid = try random.grid
    let stored = try KimchiFeatures.frame(random.series(), settings: RandomMarket.settings)
    // A live feed: every quote of every leg by time, as it becomes known.
    var told: [(known: Int64, leg: KimchiPremium.Leg, row: Int)] = []
    for leg in KimchiPremium.Leg.allCases {
      told += random.market[leg].known.enumerated().map { ($0.element, leg, $0.offset) }
    }
    told.sort { ($0.known, $0.leg.rawValue) < ($1.known, $1.leg.rawValue) }
    var premium = KimchiPremium(limits: .init())
    var features = KimchiFeatures(RandomMarket.settings)
    var next = 0
    for row in 0..<grid.count {
      let time = grid.first + Int64(row) * hour
      while next < told.count, told[next].known <= time {
        let quotes = random.market[told[next].leg]
        premium.see(
          known: told[next].known, price: quotes.price[told[next].row],
          volume: quotes.volume[told[next].row], of: told[next].leg)
        next += 1
      }
      var quote = premium.row(at: time)
      if row == 0 { (quote.koreanVolume, quote.foreignVolume) = (.nan, .nan) }
      var values: [Double] = []
      features.push(quote, into: &values)
      let expected = try stored.names.dropFirst(4).map { try stored.doubles($0)[row] }
      #expect(
        values.map { $0.isNaN ? 0 : $0.bitPattern } == expected.map { $0.isNaN ? 0 : $0.bitPattern }
      )
    }
  }

  @Test("is null where a leg is too old, and says which")
  func staleLegs() throws {
    var market = PremiumMarket(korean: Quotes(), foreign: Quotes(), fx: Quotes())
    for index: Int64 in 0..<6 where index != 2 && index != 3 {
      try market.korean.append(
        opened: index * hour, known: (index + 1) * hour, open: 1100, close: 1100, volume: 1)
    }
    for index: Int64 in 0..<6 {
      try market.foreign.append(
        opened: index * hour, known: (index + 1) * hour, open: 1, close: 1, volume: .nan)
    }
    try market.fx.append(opened: 0, known: 2 * hour, open: 1000, close: 1000, volume: .nan)
    let grid = try PremiumGrid(
      from: Timestamp(nanoseconds: 0), to: Timestamp(nanoseconds: 7 * hour), every: .seconds(3600))
    let series = PremiumSeries(
      market, grid: grid,
      limits: .init(korean: .seconds(3600), foreign: .seconds(0), fx: .seconds(4 * 3600)))
    // Candles 2 and 3 are missing: the close of candle 1, known at 2 h, stands for 3 h and not 4 h.
    #expect(series.premium.map { $0.isNaN } == [true, true, false, false, true, false, false])
    #expect(abs(series.premium[2] - 0.1) < 1e-15)
    #expect(series.missing(.korean) == (absent: 1, stale: 1))
    #expect(series.missing(.foreign) == (absent: 1, stale: 0))
    #expect(series.missing(.fx) == (absent: 2, stale: 0))
    #expect(series.rows[3].age(of: .korean) == 3600)
  }

  @Test("takes no candle without trades for a quote")
  func emptyCandle() throws {
    var quotes = Quotes()
    try quotes.append(opened: 0, known: hour, open: 5, close: 5, volume: 2)
    try quotes.append(opened: hour, known: 2 * hour, open: 5, close: 5, volume: 0)
    #expect(quotes.count == 1 && quotes.withoutTrades == 1)
  }

  @Test(
    "refuses candles that go back in time, cost nothing or are known before they open",
    arguments: [
      (0, 10, 1, 1, 1), (20, 19, 1, 1, 1), (20, 30, 0, 1, 1), (20, 30, 1, .nan, 1),
      (20, 30, 1, .infinity, 1), (20, 30, 1, 1, -1), (20, 30, 1, 1, .infinity),
    ] as [(Int64, Int64, Double, Double, Double)])
  func badCandles(
    opened: Int64, known: Int64, open: Double, close: Double, volume: Double
  ) throws {
    var quotes = Quotes()
    try quotes.append(opened: 5, known: 15, open: 1, close: 1, volume: 1)
    #expect(throws: DataError.self) {
      try quotes.append(opened: opened, known: known, open: open, close: close, volume: volume)
    }
  }

  @Test("publishes the bank's rates at 16:00 in Frankfurt, in winter and summer time")
  func publication() throws {
    for (date, utc) in [
      ("2018-01-10", "T15:00:00Z"), ("2018-03-24", "T15:00:00Z"), ("2018-03-25", "T14:00:00Z"),
      ("2018-07-02", "T14:00:00Z"), ("2018-10-27", "T14:00:00Z"), ("2018-10-28", "T15:00:00Z"),
      ("2024-03-30", "T15:00:00Z"), ("2024-03-31", "T14:00:00Z"), ("2019-10-27", "T15:00:00Z"),
    ] {
      let day = try #require(CivilDate(date))
      let known = Publication.ecb.known(opened: day.start.nanoseconds, interval: .day)
      #expect("\(Timestamp(nanoseconds: known))" == date + utc)
    }
    #expect(Publication.close.known(opened: 7, interval: .seconds(60)) == 60_000_000_007)
  }

  @Test("passes a daily grid at its offset, also from a time between")
  func grid() throws {
    let day = try #require(CivilDate("2018-01-10")).start
    let grid = try PremiumGrid(
      from: day + .seconds(7200), to: day + .seconds(3 * 86_400), every: .day,
      offset: .seconds(3600))
    #expect("\(Timestamp(nanoseconds: grid.first))" == "2018-01-11T01:00:00Z")
    #expect(grid.count == 2)
    #expect(throws: UsageError.self) {
      try PremiumGrid(from: day, to: day, every: .day)
    }
  }

  @Test("describes each column once, and as many as there are values")
  func catalogue() throws {
    let definitions = KimchiCatalogue(settings: RandomMarket.settings).definitions
    #expect(Set(definitions.map(\.name)).count == definitions.count)
    let allAreTold = definitions.allSatisfy { !$0.formula.isEmpty && !$0.source.isEmpty }
    #expect(allAreTold)
    var values: [Double] = []
    var features = KimchiFeatures(RandomMarket.settings)
    features.push(PremiumRow(time: 0), into: &values)
    #expect(values.count == definitions.count)
    #expect(throws: UsageError.self) {
      try KimchiSettings(every: .seconds(3600), changes: [.seconds(60)], windows: [.day])
    }
  }

  @Test("classifies changes by a threshold, and by a volatility known at the time")
  func labels() throws {
    let frame = Frame([
      ("time", .timestamp((0..<6).map { Int64($0) * hour })),
      ("premium", .double([0, 0.01, 0.01, .nan, 0, 0.03])),
      ("vol", .double([100, 100, .nan, 1, 50, 1])),
    ])
    let fixed = try PremiumLabels(
      frame, every: .seconds(3600), horizon: .seconds(3600), threshold: .basisPoints(99))
    #expect(fixed.classes.map { $0.isNaN ? -1 : $0 } == [2, 1, -1, -1, 2, -1])
    #expect(fixed.end[0] == hour)
    let scaled = try PremiumLabels(
      frame, every: .seconds(3600), horizon: .seconds(4 * 3600),
      threshold: .volatility(multiple: 0.5, column: "vol"))
    // √4 · 0.5 · 100 bps = 100 bps: 0 at row 0, 200 bps at row 1.
    #expect(scaled.classes.map { $0.isNaN ? -1 : $0 } == [1, 2, -1, -1, -1, -1])
    #expect(throws: UsageError.self) {
      try PremiumLabels(
        frame, every: .seconds(3600), horizon: .seconds(60), threshold: .basisPoints(1))
    }
  }
}
