import HogaCore
import HogaSim
import Testing

@Suite("Result of a backtest")
struct BacktestResultTests {
  @Test("periods per year follow the market's hours")
  func periods() {
    #expect(SimulationSettings.periodsPerYear(every: .seconds(1)) == 31_536_000)
    #expect(SimulationSettings.periodsPerYear(every: .seconds(60), days: 252, hours: 6.5) == 98_280)
  }

  @Test("count trades, turnover, exposure and profit factor from the fills")
  func trades() throws {
    var market = FillRuleTests.market()
    market.snapshot(2000, bids: [(10098, 50)], asks: [(10102, 50)])
    market.snapshot(4000, bids: [(9998, 50)], asks: [(10002, 50)])
    market.update(10_000, bids: [(9000, 1)])
    // Wins 0.96 on 10 lots in 2 s, loses 1.04 on 10 lots in 1 s.
    var script = Script([
      (1000, { $0.buy(10) }), (3000, { $0.sell(10) }), (3500, { $0.buy(10) }),
      (4500, { $0.sell(10) }),
    ])
    let result = try play(&script, on: market, .test(fees: .none))
    let trades = result.tradeStatistics
    #expect(trades.roundTripCount == 2 && trades.winCount == 1 && trades.openCount == 0)
    #expect(trades.winRate == 0.5)
    #expect(abs(trades.profitFactor! - 0.96 / 1.04) < 1e-12)
    #expect(trades.averageHolding == .milliseconds(1500))
    #expect(abs(trades.exposure - 0.3) < 1e-12)
    #expect(abs(trades.tradedValue - 0.01 * (100.02 + 100.98 + 101.02 + 99.98)) < 1e-12)
    #expect(abs(trades.turnover - trades.tradedValue / 100_000) < 1e-15)
    // The curve: one row a second from 0 to 10 s, flat at the end.
    #expect(result.equity.rowCount == 11)
    #expect(try result.equity.doubles("position")[2] == 0.01)
    let equity = try result.equity.doubles("equity")
    #expect(abs(equity[10] - (100_000 - 0.0008)) < 1e-9)
    // At 2 s the snapshot of 2 s has been played.
    #expect(abs(equity[2] - (100_000 + 0.01 * (101 - 100.02))) < 1e-9)
  }

  @Test("tables and JSON of a result hold what happened")
  func tables() throws {
    var market = FillRuleTests.market()
    market.update(1000, bids: [(9000, 1)])
    var script = Script([(100, { $0.buy(30) }), (200, { $0.buy(0) })])
    let result = try play(&script, on: market)
    let fills = try result.fills()
    #expect(fills.rowCount == 2)
    #expect(try fills.doubles("price") == [100.02, 100.03])
    #expect(try fills.doubles("size") == [0.02, 0.01])
    guard case .category(let reasons) = try fills.column("reason") else {
      Issue.record("no reasons")
      return
    }
    #expect(reasons[0] == "walked book level 1" && reasons[1] == "walked book level 2")
    let parts = try ["gross", "spread", "latency", "walk", "fee", "net"].map {
      try fills.doubles($0)
    }
    for row in 0..<2 {
      let net = parts[0][row] - parts[1][row] - parts[2][row] - parts[3][row] - parts[4][row]
      #expect(abs(net - parts[5][row]) < 1e-12)
    }
    #expect(result.orders.rowCount == 2)
    #expect(result.json["rejections"]?["size not above zero"] == 1)
    #expect(result.json["fingerprint"] != nil)
    // FNV-1a of these two fills as computed by hand in Python: the same on every machine.
    #expect(result.fingerprint == 2_875_113_396_246_581_421)
  }
}
