import Foundation
import HogaCore
import HogaStatistics
import Testing

@Suite("Performance statistics")
struct StatisticsTests {
  static let day = TimeSpan.day.nanoseconds

  static func statistics(
    _ equity: [Double], step: Int64 = day, periodsPerYear: Double = 252, days: Int64 = 30
  ) -> PerformanceStatistics {
    PerformanceStatistics(
      times: equity.indices.map { Int64($0) * step }, equity: equity,
      periodsPerYear: periodsPerYear,
      minimumSpanToAnnualise: TimeSpan(nanoseconds: days * day))
  }

  @Test("agree with pandas on seeded curves to 1e-9")
  func fixture() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/statistics.csv")
    var expected: [String: [String: Double]] = [:]
    var curves: [String: [Double]] = [:]
    let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
    for line in lines.dropFirst() {
      let cells = line.split(separator: ",").map(String.init)
      let value = try #require(Double(cells[2]))
      if cells[1] == "equity" {
        curves[cells[0], default: []].append(value)
      } else {
        expected[cells[0], default: [:]][cells[1]] = value
      }
    }
    #expect(curves.count == 4)
    for (name, equity) in curves {
      let figures = try #require(expected[name])
      let periods = try #require(figures["periods_per_year"])
      let result = Self.statistics(equity, periodsPerYear: periods)
      let drawdown = result.maximumDrawdown
      func index(_ time: Timestamp?) -> Double {
        time.map { Double($0.nanoseconds / Self.day) } ?? -1
      }
      let ours: [String: Double?] = [
        "periods_per_year": periods, "returns": Double(result.returnCount),
        "total_return": result.totalReturn, "annual_return": result.annualReturn,
        "mean_return": result.meanReturn, "volatility": result.volatility,
        "sharpe": result.sharpe, "sharpe_se": result.sharpeStandardError,
        "sharpe_annual": result.annualSharpe, "sortino": result.sortino,
        "sortino_annual": result.annualSortino, "calmar": result.calmar,
        "skewness": result.skewness, "kurtosis": result.kurtosis,
        "max_drawdown": drawdown.fraction, "max_drawdown_amount": drawdown.amount,
        "peak_index": index(drawdown.peakTime), "trough_index": index(drawdown.troughTime),
        "recovery_index": index(drawdown.recoveryTime),
      ]
      #expect(ours.count == figures.count)
      for (figure, value) in figures {
        let own = try #require(ours[figure] ?? nil, "\(name) \(figure)")
        #expect(abs(own - value) <= 1e-9 * max(1, abs(value)), "\(name) \(figure)")
      }
    }
  }

  @Test("follow closed forms on a curve of two alternating returns")
  func closedForm() throws {
    // +2 % and −1 % in turn: mean 0.5 %, population deviation 1.5 %, downside √(0.5 · 0.01²).
    var equity = [100.0]
    for index in 0..<100 { equity.append(equity[index] * (index % 2 == 0 ? 1.02 : 0.99)) }
    let result = Self.statistics(equity)
    let deviation = 0.015 * (100.0 / 99).squareRoot()
    #expect(abs(result.sharpe! - 0.005 / deviation) < 1e-12)
    #expect(abs(result.sortino! - 0.005 / (0.01 * 0.5.squareRoot())) < 1e-12)
    #expect(abs(result.maximumDrawdown.fraction - 0.01) < 1e-12)
    #expect(abs(result.skewness!) < 1e-10 && abs(result.kurtosis! - 1) < 1e-10)
    let growth = pow(1.02 * 0.99, 126.0) - 1
    #expect(abs(result.annualReturn! - growth) < 1e-9)
    #expect(abs(result.calmar! - growth / 0.01) < 1e-6)
    #expect(abs(result.annualSharpe! - result.sharpe! * 252.0.squareRoot()) < 1e-12)
    #expect(result.annualisationNote == nil)
  }

  @Test("refuse to annualise a short run, and say why")
  func shortRun() {
    let equity = (0..<600).map { 1000 + Double($0 % 7) }
    let result = Self.statistics(equity, step: 1_000_000_000, periodsPerYear: 31_536_000)
    #expect(result.sharpe != nil && result.sharpeStandardError != nil)
    #expect(result.annualSharpe == nil && result.annualReturn == nil && result.calmar == nil)
    #expect(result.annualisationNote?.contains("too short to annualise: 0.007 days") == true)
    #expect(result.json["sharpe_annual"] == .null)
  }

  @Test("have no ratio where nothing varies or there is nothing")
  func degenerate() {
    for equity in [[], [5], [5, 5, 5], [5, 0, 3], [0, 0]] as [[Double]] {
      let result = Self.statistics(equity, days: 0)
      #expect(result.totalReturn.isFinite && result.meanReturn.isFinite)
      if equity.count != 3 || equity[1] == 5 { #expect(result.sharpe == nil) }
    }
    #expect(Self.statistics([100, 90, 80, 120]).maximumDrawdown.amount == 20)
    #expect(
      Self.statistics([100, 90, 80, 120]).maximumDrawdown.recoveryTime?.nanoseconds
        == 3 * Self.day)
  }

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
