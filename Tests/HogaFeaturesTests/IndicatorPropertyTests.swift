import Foundation
import HogaCore
import HogaFeatures
import Testing

@Suite("Indicators as streams")
struct IndicatorPropertyTests {
  private static func all(_ bars: Int, _ seedings: [Seeding] = Seeding.allCases)
    -> [any BarOperator]
  {
    Indicators.operators(BarLength(bars), seedings: seedings)
  }

  @Test("stored bars and bars one at a time give the same bits", arguments: UInt64(1)...3)
  func batchIsLive(seed: UInt64) throws {
    var bars = randomBars(seed, count: 300)
    bars[120].close = .nan
    bars[200].volume = .nan
    bars[210].takerQuoteVolume = .nan
    for length in [1, 5, 16] {
      let operators = Self.all(length)
      #expect(bits(try liveColumns(operators, bars)) == bits(batchColumns(operators, bars)))
      let skipped = batchColumns(operators, bars, skip: 250).map { $0.map(\.bitPattern) }
      #expect(skipped == bits(batchColumns(operators, bars)).map { Array($0[250...]) })
    }
  }

  @Test("what comes later changes nothing", arguments: UInt64(4)...6)
  func noLookAhead(seed: UInt64) throws {
    let bars = randomBars(seed, count: 260)
    var random = SeededRandom(seed)
    let cut = Int.random(in: 60..<250, using: &random)
    let operators = Self.all(7)
    let whole = batchColumns(operators, bars)
    let deleted = batchColumns(operators, Array(bars[...cut]))
    var future = bars
    for (place, source) in zip(
      (cut + 1)..<bars.count, ((cut + 1)..<bars.count).shuffled(using: &random))
    {
      future[place] = bars[source]
      future[place].close = future[place].low
    }
    let changed = batchColumns(operators, future)
    #expect(bits(whole.map { Array($0[...cut]) }) == bits(deleted))
    #expect(bits(changed.map { Array($0[...cut]) }) == bits(deleted))
  }

  @Test("after a gap everything is as if it began there")
  func gapsBeginAnew() throws {
    var bars = randomBars(7, count: 240)
    let after = 101
    bars[after - 1].high = .nan
    let operators = Self.all(6)
    let pausing = batchColumns(operators, bars).map { Array($0[after...]) }
    let fresh = batchColumns(operators, Array(bars[after...]))
    for (index, definition) in operators.flatMap(\.definitions).enumerated() {
      // What rests on volume and trades alone does not miss a price.
      guard !["CountZ", "TradeSize", "CountSize"].contains(where: definition.name.hasSuffix) else {
        continue
      }
      #expect(bits([pausing[index]]) == bits([fresh[index]]), "\(definition.name)")
    }
  }

  @Test("a missing minute is a gap to the live pipeline, and time going back an error")
  func missingMinute() throws {
    let bars = randomBars(8, count: 80)
    let operators = Self.all(5)
    var pipeline = BarPipeline(operators)
    for bar in bars[..<40] { _ = try pipeline.update(bar) }
    var fresh = BarPipeline(operators)
    for bar in bars[41...] {
      let (one, other) = (try pipeline.update(bar), try fresh.update(bar))
      #expect(one.map(\.bitPattern) == other.map(\.bitPattern))
    }
    #expect(throws: DataError.self) { try pipeline.update(bars[3]) }
  }

  @Test("bars that cannot be are gaps, whatever is wrong with them")
  func oddBars() {
    let good = randomBars(9, count: 1)[0]
    #expect(good.has([.prices, .volume, .quoteVolume, .count, .takerQuoteVolume]))
    for change: (inout Bar) -> Void in [
      { $0.low = 0 }, { $0.low = -1 }, { $0.high = .infinity }, { $0.close = .nan },
      { $0.open = $0.high * 2 }, { $0.low = $0.close * 2 },
    ] {
      var bar = good
      change(&bar)
      #expect(!bar.has(.prices))
    }
    var bar = good
    bar.volume = -1
    #expect(bar.has(.prices) && !bar.has(.volume))
  }

  @Test("on constant prices and without volume, every column has a value")
  func constant() {
    let bars = (0..<200).map {
      Bar(
        openTime: Int64($0) * 60_000_000_000, open: 0.1, high: 0.1, low: 0.1, close: 0.1, volume: 0,
        quoteVolume: 0, count: 0, takerQuoteVolume: 0)
    }
    let operators = Self.all(5)
    for (definition, values) in zip(
      operators.flatMap(\.definitions), batchColumns(operators, bars))
    {
      #expect(values.last?.isFinite == true, "\(definition.name): \(values.last ?? .nan)")
      let isPlain = !["MassIndex", "HalfLife", "Choppiness", "VarRatio"].contains {
        definition.name.contains($0)
      }
      #expect(!isPlain || abs(values.last!) <= 100, "\(definition.name)")
    }
  }

  @Test("known values are finite on wild bars of any scale", arguments: [1e-9, 1, 1e9])
  func scales(scale: Double) {
    let bars = randomBars(10, count: 220, scale: scale)
    let reference = randomBars(10, count: 220, scale: 1)
    let operators = Self.all(8)
    let names = operators.flatMap(\.definitions)
    let (values, wanted) = (batchColumns(operators, bars), batchColumns(operators, reference))
    for (index, definition) in names.enumerated() {
      // Values per million of quote currency, and per unit of it, depend on what a unit is.
      if definition.unit.contains("quote") || definition.name.hasSuffix("TradeSize") { continue }
      let size = wanted[index].reduce(0) { $1.isNaN ? $0 : max($0, abs($1)) }
      for row in bars.indices where !wanted[index][row].isNaN {
        let difference = abs(values[index][row] - wanted[index][row])
        #expect(
          difference <= 1e-7 * size, "\(definition.name), bar \(row): \(values[index][row])")
      }
    }
  }

  @Test("a million bars leave nothing behind in a window")
  func noDrift() {
    // Wild prices first, then calm ones: what a sum keeps of the wild would show.
    let wild = randomBars(11, count: 20_000, scale: 1e7)
    let calm = randomBars(12, count: 150, scale: 0.01)
    let operators: [any BarOperator] = Indicators.operators(BarLength(15), seedings: [])
    for one in operators {
      let definitions = one.definitions
      var row = [Double](repeating: 0, count: definitions.count)
      var running = one
      var fresh = one
      func step(_ one: inout any BarOperator, _ bar: Bar) {
        row = [Double](capacity: definitions.count) { one.update(bar, into: &$0) }
      }
      for bar in wild { step(&running, bar) }
      for bar in calm { step(&running, bar) }
      let long = row
      for bar in calm { step(&fresh, bar) }
      for (index, definition) in definitions.enumerated() where definition.lookBack != .history {
        #expect(
          abs(long[index] - row[index]) <= 1e-11 * max(abs(row[index]), 1e-3),
          "\(definition.name): \(long[index]), afresh \(row[index])")
      }
    }
  }

  @Test("a mean, a line and an exponential average stay exact over a million bars")
  func longRun() {
    var line: any BarOperator = TrendLine(BarLength(60))
    var means: any BarOperator = PlainAverages(BarLength(60))
    var values: [Double] = []
    var random = SeededRandom(13)
    var row: [Double] = []
    var (ema, exact) = (0.0, 0.0)
    for index in 0..<1_000_000 {
      let price = 60_000 + 1000 * random.uniform()
      let bar = Bar(
        openTime: 0, open: price, high: price, low: price, close: price, volume: 1)
      if index >= 1_000_000 - 60 { values.append(price) }
      row = [Double](capacity: 11) {
        line.update(bar, into: &$0)
        means.update(bar, into: &$0)
      }
      ema = index == 0 ? price : ema + 2.0 / 61 * (price - ema)
      exact = index == 0 ? price : exact * (59.0 / 61) + price * (2.0 / 61)
    }
    let mean = values.reduce(0, +) / 60
    #expect(abs(row[5] - (values[59] / mean - 1)) < 1e-13)
    var (above, below) = (0.0, 0.0)
    for (index, value) in values.enumerated() {
      above += (Double(index) - 29.5) * (value - mean)
      below += (Double(index) - 29.5) * (Double(index) - 29.5)
    }
    #expect(abs(row[1] - above / below / values[59]) < 1e-13)
    #expect(abs(ema - exact) < 1e-9)
  }

  @Test("both seedings forget how they began")
  func seedingsMeet() {
    let bars = randomBars(14, count: 700)
    let first = Indicators.operators(BarLength(5), seedings: [.first])
    let talib = Indicators.operators(BarLength(5), seedings: [.talib])
    let (a, b) = (batchColumns(first, bars), batchColumns(talib, bars))
    var compared = 0
    for (index, definition) in first.flatMap(\.definitions).enumerated()
    where definition.name.hasSuffix("_first") && !definition.name.contains("ADOsc") {
      compared += 1
      let early = (20..<60).contains { abs(a[index][$0] - b[index][$0]) > 1e-9 }
      #expect(early, "\(definition.name)")
      #expect(abs(a[index][699] - b[index][699]) < 1e-9, "\(definition.name)")
    }
    #expect(compared == 30)
  }

  @Test("every column has a name of its own, a formula and a source")
  func definitions() {
    let all = [1, 5, 15, 30, 60].flatMap {
      Indicators.definitions(BarLength($0), seedings: Seeding.allCases)
    }
    #expect(Set(all.map(\.name)).count == all.count)
    #expect(all.allSatisfy { !$0.formula.isEmpty && !$0.source.isEmpty })
  }
}
