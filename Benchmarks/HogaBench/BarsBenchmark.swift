import ArgumentParser
import Foundation
import HogaBars
import HogaCore
import HogaSim

struct BarsBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bars",
    abstract: "Measure the engine of bars: many symbols, a weight for each at each rebalancing.",
    discussion: """
      The bars are drawn from a seed. Opens, closes and weights are left in the folder as bars-*.f64
      (64-bit floats, bar by bar), where a peer finds them; bars.json says their shape.
      """)

  @Option(help: "Bars of each symbol; a year of minutes has 525,600.")
  var rows: Int = 525_600
  @Option(help: "Symbols.")
  var symbols: Int = 50
  @Flag(help: "Leave nothing for a peer.")
  var alone = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard rows > 1440, symbols > 1 else {
      throw ValidationError("--rows is above 1440 and --symbols above 1")
    }
  }

  func run() throws {
    let machine = Machine()
    try Scratch.with(common) { scratch in
      let market = try makeMarket()
      let weights = makeWeights()
      if !alone { try leave(market, weights, in: scratch.path) }
      func measure(
        _ name: String, every: TimeSpan, costs: BarCosts,
        _ strategy: @escaping () throws -> any BarStrategy
      ) throws -> Measurement {
        try Measurement(
          name, unit: "bars", counted: "bars in memory to an account with hourly samples",
          repeats: common.repeats
        ) {
          let settings = try BarSettings(
            initialCapital: Money(1_000_000), costs: costs, rebalance: every, fillLimit: 0)
          let result = try BarBacktest(settings).run(strategy(), on: market)
          return Measurement.Outcome(
            amount: Double(rows * symbols),
            digest: {
              var digest = FNV1a()
              digest.add(Int64(bitPattern: result.fingerprint))
              return digest
            },
            facts: {
              [("final_value", result.last.equity.value), ("fills", Double(result.fillCount))]
            })
        }
      }
      let fees = try BarCosts(takerPartsPerMillion: Self.fee)
      let minute = TimeSpan.seconds(60)
      let hour = TimeSpan.seconds(3600)
      let matrix = MatrixWeights(
        start: market.start, interval: minute, symbols: symbols, weights: weights)
      let portfolio = try ScorePortfolio(.quantile(0.2))
      let impact = try BarCosts(
        takerPartsPerMillion: Self.fee, halfSpreadBasisPoints: 1,
        impact: .squareRoot(coefficient: 1, window: 1440), maximumParticipation: 0.1)
      machine.report(
        "bars",
        [
          try measure("bars, given weights, every minute", every: minute, costs: fees) { matrix },
          try measure("bars, given weights, every hour", every: hour, costs: fees) { matrix },
          try measure("bars, momentum of a day, every hour", every: hour, costs: impact) {
            try CrossSectionalMomentum(window: 1440, portfolio: portfolio)
          },
          try measure("bars, momentum of an hour, every minute", every: minute, costs: impact) {
            try CrossSectionalMomentum(window: 60, portfolio: portfolio)
          },
        ])
    }
  }

  /// 0.02 %, in parts per million.
  private static let fee: Int64 = 200
  private static let start = Timestamp(nanoseconds: 1_704_067_200_000_000_000)  // 2024-01-01

  /// Random walks of four decimals, a day to a block.
  private func makeMarket() throws -> BarMarket {
    var random = SeededRandom(1)
    let instruments = try (0..<symbols).map {
      try BarInstrument(symbol: "S\($0)", priceDecimals: 4, sizeDecimals: 8)
    }
    var last = (0..<symbols).map { _ in (1_000_000 * (0.5 + random.uniform())).rounded() }
    let blocks = stride(from: 0, to: rows, by: 1440).map { first -> BarBlock in
      let count = min(1440, rows - first)
      var columns = [[Double]](repeating: [], count: 5)
      for column in columns.indices { columns[column].reserveCapacity(count * symbols) }
      for _ in 0..<count {
        for symbol in 0..<symbols {
          let open = last[symbol]
          let close = max((open * (1 + 0.002 * (random.uniform() - 0.5))).rounded(), 1)
          last[symbol] = close
          columns[0].append(open / 10_000)
          columns[1].append(max(open, close) / 10_000)
          columns[2].append(min(open, close) / 10_000)
          columns[3].append(close / 10_000)
          columns[4].append((1 + 10_000 * random.uniform()).rounded())
        }
      }
      return BarBlock(
        start: Timestamp(
          nanoseconds: Self.start.nanoseconds + Int64(first) * TimeSpan.seconds(60).nanoseconds),
        interval: .seconds(60), rowCount: count, symbolCount: symbols, open: columns[0],
        high: columns[1], low: columns[2], close: columns[3], volume: columns[4])
    }
    return try BarMarket(instruments: instruments, blocks: blocks)
  }

  /// Weights by row and symbol whose absolute values add up to 0.9, and that move slowly: all symbols
  /// trade at each decision, and a year of fees leaves something of the capital.
  private func makeWeights() -> [Double] {
    var random = SeededRandom(2)
    var weights: [Double] = []
    weights.reserveCapacity(rows * symbols)
    var draws = (0..<symbols).map { _ in 2 * random.uniform() - 1 }
    for _ in 0..<rows {
      for symbol in 0..<symbols {
        draws[symbol] = 0.9999 * draws[symbol] + 0.001 * (random.uniform() - 0.5)
      }
      let sum = draws.reduce(0) { $0 + abs($1) }
      for draw in draws { weights.append(0.9 * draw / sum) }
    }
    return weights
  }

  private func leave(_ market: BarMarket, _ weights: [Double], in folder: String) throws {
    func write(_ name: String, _ parts: [[Double]]) throws {
      let path = "\(folder)/bars-\(name).f64"
      try Data().write(to: URL(filePath: path))
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      for values in parts {
        try file.write(contentsOf: unsafe values.withUnsafeBytes { unsafe Data($0) })
      }
      try file.close()
    }
    try write("open", market.blocks.map(\.open))
    try write("close", market.blocks.map(\.close))
    try write("weights", [weights])
    let shape: JSONValue = [
      "rows": .int(Int64(rows)), "symbols": .int(Int64(symbols)),
      "fee": .double(Double(Self.fee) / 1e6), "capital": 1_000_000,
    ]
    try Data(shape.text().utf8).write(to: URL(filePath: "\(folder)/bars.json"))
  }
}

/// Takes each decision's weights from a matrix, as a peer's function does.
private struct MatrixWeights: BarStrategy {
  let name = "matrix"
  let lookback = 0
  let start: Timestamp
  let interval: TimeSpan
  let symbols: Int
  let weights: [Double]

  func decide(_ view: BarView, _ targets: inout BarTargets) {
    // The row that has just closed.
    let row = Int((view.time.nanoseconds - start.nanoseconds) / interval.nanoseconds) - 1
    for symbol in 0..<symbols { targets[symbol] = weights[row * symbols + symbol] }
  }
}
