import Foundation
import HogaBars
import HogaCore
import HogaSim
struct M: BarStrategy {
  let name = "matrix"; let lookback = 0; let start: Timestamp; let symbols: Int; let weights: [Double]
  func decide(_ view: BarView, _ targets: inout BarTargets) {
    let row = Int((view.time.nanoseconds - start.nanoseconds) / 60_000_000_000) - 1
    for s in 0..<symbols { targets[s] = weights[row * symbols + s] }
  }
}
let rows = 1440*60, symbols = 50
var random = SeededRandom(1)
let ins = try (0..<symbols).map { try BarInstrument(symbol: "S\($0)", priceDecimals: 4) }
var last = (0..<symbols).map { _ in (1_000_000 * (0.5 + random.uniform())).rounded() }
let st = Timestamp(nanoseconds: 1_704_067_200_000_000_000)
let blocks = stride(from: 0, to: rows, by: 1440).map { first -> BarBlock in
  var c = [[Double]](repeating: [], count: 5)
  for _ in 0..<1440 { for s in 0..<symbols {
    let o = last[s]; let cl = max((o * (1 + 0.002 * (random.uniform() - 0.5))).rounded(), 1); last[s] = cl
    c[0].append(o/10000); c[1].append(max(o,cl)/10000); c[2].append(min(o,cl)/10000); c[3].append(cl/10000); c[4].append((1 + 10_000 * random.uniform()).rounded())
  } }
  return BarBlock(start: Timestamp(nanoseconds: st.nanoseconds + Int64(first)*60_000_000_000), interval: .seconds(60), rowCount: 1440, symbolCount: symbols, open: c[0], high: c[1], low: c[2], close: c[3], volume: c[4])
}
let market = try BarMarket(instruments: ins, blocks: blocks)
var weights: [Double] = []
for _ in 0..<rows { let d = (0..<symbols).map { _ in 2*random.uniform()-1 }; let t = d.reduce(0) { $0+abs($1) }; for x in d { weights.append(0.9*x/t) } }
func go(_ name: String, _ every: TimeSpan, _ costs: BarCosts, _ s: any BarStrategy) throws {
  let t = ContinuousClock.now
  let r = try BarBacktest(BarSettings(initialCapital: Money(1_000_000), costs: costs, rebalance: every, fillLimit: 0)).run(s, on: market)
  let d = (ContinuousClock.now - t) / .seconds(1)
  print(name, d, "s", Double(rows*symbols)/d/1e6, "M bars/s", r.last.equity.value, r.fillCount, r.fingerprintText)
}
let fees = try BarCosts(takerPartsPerMillion: 200)
let imp = try BarCosts(takerPartsPerMillion: 200, halfSpreadBasisPoints: 1, impact: .squareRoot(coefficient: 1, window: 1440), maximumParticipation: 0.1)
let only = CommandLine.arguments.dropFirst().first
for _ in 0..<2 {
if only != "h" { try go("minute", .seconds(60), fees, M(start: st, symbols: symbols, weights: weights)) }
if only != "m" { try go("hour", .seconds(3600), fees, M(start: st, symbols: symbols, weights: weights)) }
if only == nil {
try go("mom day/hour", .seconds(3600), imp, CrossSectionalMomentum(window: 1440, portfolio: ScorePortfolio()))
try go("mom hour/min", .seconds(60), imp, CrossSectionalMomentum(window: 60, portfolio: ScorePortfolio()))
}
}
