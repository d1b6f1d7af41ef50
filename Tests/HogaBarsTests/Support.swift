import Foundation
import HogaBars
import HogaCore
import HogaSim
import HogaTestKit

/// Plays weights that were written down before.
struct Script: BarStrategy {
  let name = "script"
  var lookback = 0
  /// By the close's time in nanoseconds.
  var weights: [Int64: [Double]]

  func decide(_ view: BarView, _ targets: inout BarTargets) {
    guard let wanted = weights[view.time.nanoseconds] else { return }
    for (symbol, weight) in wanted.enumerated() { targets[symbol] = weight }
  }
}

/// Calls a closure.
struct Asked: BarStrategy {
  let name = "asked"
  var lookback = 0
  let body: @Sendable (BarView, inout BarTargets) throws -> Void

  func decide(_ view: BarView, _ targets: inout BarTargets) throws { try body(view, &targets) }
}

let minute = TimeSpan.seconds(60)
let start = Timestamp(nanoseconds: 1_748_217_600_000_000_000)  // 2025-05-26

/// One symbol whose bars have the given opens and closes; `nil` is a missing bar.
func market(
  _ bars: [(open: Double, close: Double)?], volume: [Double] = [], funding: [BarFunding] = [],
  lotStep: Int64 = 1, minimumNotional: Money = .zero, blocks: Int = 1
) throws -> BarMarket {
  let instrument = try BarInstrument(
    symbol: "AAA", priceDecimals: 4, sizeDecimals: 4, lotStep: lotStep,
    minimumNotional: minimumNotional)
  let size = (bars.count + blocks - 1) / blocks
  return try BarMarket(
    instruments: [instrument],
    blocks: stride(from: 0, to: bars.count, by: size).map { first in
      let part = bars[first..<min(first + size, bars.count)]
      return BarBlock(
        start: Timestamp(nanoseconds: start.nanoseconds + Int64(first) * minute.nanoseconds),
        interval: minute, rowCount: part.count, symbolCount: 1, open: part.map { $0?.open ?? .nan },
        high: part.map { $0.map { max($0.open, $0.close) } ?? .nan },
        low: part.map { $0.map { min($0.open, $0.close) } ?? .nan },
        close: part.map { $0?.close ?? .nan },
        volume: volume.isEmpty ? [] : Array(volume[part.indices]))
    }, funding: funding)
}

func settings(
  _ capital: Double = 10_000, costs: BarCosts = .free, execution: BarSettings.Execution = .open,
  delay: Int = 1, patience: Int = 1, rebalance: TimeSpan = minute, maximumGross: Double = 1,
  maximumWeight: Double = 1, band: Double = 0, maintenance: Int64 = 0, fillLimit: Int = 1_000_000
) throws -> BarSettings {
  try BarSettings(
    initialCapital: Money(capital), costs: costs, execution: execution, delay: delay,
    patience: patience, rebalance: rebalance, sampling: minute, maximumGross: maximumGross,
    maximumWeight: maximumWeight, band: band, maintenancePartsPerMillion: maintenance,
    fillLimit: fillLimit)
}

/// A market drawn from a seed: several symbols, missing bars, bars without volume, funding.
struct RandomBars {
  let market: BarMarket
  let rows: Int

  /// - Parameter sharing: how many blocks the rows are cut into.
  init(
    seed: UInt64, symbols: Int = 4, rows: Int = 200, sharing: Int = 3, volatility: Double = 0.003,
    missing: Double = 0.05
  ) throws {
    var random = SeededRandom(seed)
    self.rows = rows
    let instruments = try (0..<symbols).map { symbol in
      let (price, size) = (
        Int.random(in: 0...6, using: &random), Int.random(in: 0...6, using: &random)
      )
      return try BarInstrument(
        symbol: "S\(symbol)", priceDecimals: max(price, 1), sizeDecimals: size,
        lotStep: [1, 5, 10][Int.random(in: 0..<3, using: &random)],
        minimumNotional: Money([0, 50][Int.random(in: 0..<2, using: &random)]))
    }
    var columns = [[Double]](repeating: [], count: 6)
    var prices = (0..<symbols).map { _ in 20 + 200 * random.uniform() }
    for _ in 0..<rows {
      for symbol in 0..<symbols {
        let scale = pow(10, Double(instruments[symbol].priceDecimals))
        func price(_ value: Double) -> Double { (value * scale).rounded() / scale }
        let open = price(prices[symbol] * (1 + volatility * (random.uniform() - 0.5)))
        let close = price(open * (1 + 2 * volatility * (random.uniform() - 0.5)))
        let (high, low) = (max(open, close), min(open, close))
        prices[symbol] = close
        let volume = random.uniform() < 0.05 ? 0 : 1 + Double(Int(1000 * random.uniform()))
        let isMissing = random.uniform() < missing
        let average = low + (high - low) * random.uniform()
        for (column, value) in [open, high, low, close, volume, volume * average].enumerated() {
          columns[column].append(isMissing ? .nan : value)
        }
      }
    }
    var blocks: [BarBlock] = []
    let size = (rows + sharing - 1) / sharing
    for first in stride(from: 0, to: rows, by: size) {
      let count = min(size, rows - first)
      let parts = columns.map { Array($0[first * symbols..<(first + count) * symbols]) }
      blocks.append(
        BarBlock(
          start: Timestamp(nanoseconds: start.nanoseconds + Int64(first) * minute.nanoseconds),
          interval: minute, rowCount: count, symbolCount: symbols, open: parts[0], high: parts[1],
          low: parts[2], close: parts[3], volume: parts[4], quoteVolume: parts[5]))
    }
    let funding = stride(from: 7, to: rows, by: 11).map { row in
      BarFunding(
        time: Timestamp(
          nanoseconds: start.nanoseconds + Int64(row) * minute.nanoseconds
            + [0, 20_000_000_000][row % 2]),
        symbol: row % symbols, rate: (random.uniform() - 0.5) / 1000,
        mark: row % 3 == 0 ? .nan : 100)
    }
    market = try BarMarket(instruments: instruments, blocks: blocks, funding: funding)
  }

  /// A bar's open, close, volume and quote volume; `nil` where it is missing.
  func bar(
    _ row: Int, _ symbol: Int
  ) -> (open: Double, close: Double, volume: Double, quote: Double)? {
    var first = 0
    for block in market.blocks {
      if row < first + block.rowCount {
        let place = (row - first) * block.symbolCount + symbol
        guard !block.close[place].isNaN else { return nil }
        return (
          block.open[place], block.close[place], block.volume[place], block.quoteVolume[place]
        )
      }
      first += block.rowCount
    }
    return nil
  }
}
