import Foundation
import HogaCore
import HogaLake
import HogaSim

/// Quotes a tick inside the spread where there is room, and leans against what it holds.
struct Inside: Strategy {
  let name = "inside"

  mutating func receive(_ event: StrategyEvent, _ desk: inout TradingDesk) {
    guard event == .start || event == .timer else { return }
    desk.wake(at: desk.now + .milliseconds(250))
    desk.cancelAll()
    guard desk.isQuoted else { return }
    let (bid, ask) = (desk.book.bids.bestTicks, desk.book.asks.bestTicks)
    let room: Int64 = ask - bid > 2 ? 1 : 0
    let lean = desk.position / 2  // a tick for every two lots held
    if desk.position < 10 { desk.buy(1, .postOnly(Price(ticks: bid + room - max(0, lean)))) }
    if desk.position > -10 { desk.sell(1, .postOnly(Price(ticks: ask - room - min(0, lean)))) }
  }
}

guard let lake = CommandLine.arguments.dropFirst().first else {
  print("usage: example-strategy LAKE")
  exit(64)
}
let day = CivilDate("2024-08-08")!
let reader = try MarketReader(
  Lake(root: lake), venue: "binance-usdm", symbol: "BTCUSDT", dates: day...day)
let tape = try MarketTape(book: reader.bookSource()!, trades: reader.tradeSource()).loaded()
for queue in [QueueModel.riskAverse, .power(3), .log] {
  let settings = SimulationSettings(
    initialCapital: try Money(1000),
    fees: FeeSchedule(makerPartsPerMillion: 200, takerPartsPerMillion: 500),
    periodsPerYear: SimulationSettings.periodsPerYear(every: .seconds(1)),
    matching: MatchingRules(queue: queue))
  var strategy = Inside()
  let result = try Backtest(instrument: reader.instrument, settings: settings).run(&strategy, tape)
  print("\(queue): \(result.fillLog.count) fills, net \(result.net)")
}
