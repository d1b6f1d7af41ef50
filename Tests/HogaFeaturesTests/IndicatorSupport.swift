import Foundation
import HogaCore
import HogaFeatures

/// The rows of one operator after another, live: one bar at a time.
func liveColumns(
  _ operators: [any BarOperator], _ bars: [Bar]
) throws -> [[Double]] {
  var pipeline = BarPipeline(operators)
  var columns = [[Double]](repeating: [], count: pipeline.definitions.count)
  for bar in bars {
    for (column, value) in try pipeline.update(bar).enumerated() { columns[column].append(value) }
  }
  return columns
}

/// The same from stored bars.
func batchColumns(_ operators: [any BarOperator], _ bars: [Bar], skip: Int = 0) -> [[Double]] {
  var columns: [[Double]] = []
  for one in operators { BarBatch.run(one, over: bars, skip: skip) { columns.append($1) } }
  return columns
}

/// A seeded random walk of minutes with all fields.
func randomBars(_ seed: UInt64, count: Int, scale: Double = 100) -> [Bar] {
  var random = SeededRandom(seed)
  var close = scale
  return (0..<count).map { index in
    let open = close * (1 + 0.0004 * (random.uniform() - 0.5))
    close = open * (1 + 0.004 * (random.uniform() - 0.5))
    let high = max(open, close) * (1 + 0.001 * random.uniform())
    let low = min(open, close) * (1 - 0.001 * random.uniform())
    let volume = (10 + 90 * random.uniform()) * (random.uniform() < 0.05 ? 0 : 1)
    let quote = volume * (high + low) / 2
    return Bar(
      openTime: Int64(index) * 60_000_000_000, open: open, high: high, low: low, close: close,
      volume: volume, quoteVolume: quote,
      count: volume > 0 ? Double(Int(1 + 40 * random.uniform())) : 0,
      takerQuoteVolume: quote * random.uniform())
  }
}

extension [Bar] {
  /// The bars of a fixture.
  init(fixture name: String) throws {
    let table = try Table(fixture: name)
    let columns = ["open", "high", "low", "close", "volume", "quote", "count", "taker"].map {
      table.doubles($0)
    }
    self = columns[0].indices.map { row in
      Bar(
        openTime: Int64(row) * 60_000_000_000, open: columns[0][row], high: columns[1][row],
        low: columns[2][row], close: columns[3][row], volume: columns[4][row],
        quoteVolume: columns[5][row], count: columns[6][row], takerQuoteVolume: columns[7][row])
    }
  }
}

func bits(_ columns: [[Double]]) -> [[UInt64]] { columns.map { $0.map(\.bitPattern) } }
