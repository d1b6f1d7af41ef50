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
        "sharpe_se_normal": result.normalSharpeStandardError,
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

  @Test("take returns that differ by rounding alone as equal")
  func rounding() {
    // A tenth of a percent in every period, as far as doubles can.
    var equity = [100.0]
    for index in 0..<200 { equity.append(equity[index] * 1.001) }
    let result = Self.statistics(equity)
    #expect(result.sharpe == nil && result.skewness == nil && result.sharpeEstimate == nil)
    #expect(abs(result.meanReturn - 0.001) < 1e-15 && result.volatility < 1e-15)
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
}
