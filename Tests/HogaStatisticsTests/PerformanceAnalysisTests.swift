import HogaCore
import HogaStatistics
import Testing

@Suite("Analysis of an equity curve")
struct PerformanceAnalysisTests {
  static func curve(_ count: Int, step: TimeSpan, seed: UInt64) -> ([Int64], [Double]) {
    var random = SeededRandom(seed)
    var equity = [10_000.0]
    for row in 0..<count { equity.append(equity[row] * (1.0005 + 0.005 * random.normal())) }
    return (equity.indices.map { Int64($0) * step.nanoseconds }, equity)
  }

  @Test("a Sharpe ratio comes with its error, its returns and its trials")
  func sharpe() throws {
    let (times, equity) = Self.curve(400, step: .day, seed: 1)
    var settings = PerformanceAnalysis.Settings(periodsPerYear: 365)
    settings.bootstrapSamples = 200
    let trials = TrialSummary(count: 40, sharpeVariance: 0.001)
    let result = try PerformanceAnalysis(
      times: times, equity: equity, settings: settings, trials: trials)
    let sharpe = try #require(result.sharpe)
    #expect(sharpe.estimate.ratio == result.statistics.sharpe)
    #expect(sharpe.deflated?.trialCount == 40 && sharpe.annualFactor == 365.0.squareRoot())
    #expect(sharpe.deflated!.probability < sharpe.probability!)
    let json = try #require(result.json["sharpe"])
    for key in ["per_period", "standard_error", "annual", "annual_standard_error"] {
      #expect(json.number(key).isFinite, "\(key)")
    }
    #expect(json["returns"] == 400 && json["trials"] == 40)
    #expect(json["deflated"]?["probability"] == .double(sharpe.deflated!.probability))
    // Intervals enclose what they belong to, and the error is near the formula's.
    let interval = try #require(result.intervals?.sharpe)
    #expect(interval.lower < sharpe.estimate.ratio && sharpe.estimate.ratio < interval.upper)
    #expect(agree(interval.standardError / sharpe.estimate.standardError!, 1, 0.3))
    #expect(result.rolling?.window == 40 && result.rollingAnnualFactor != nil)
    #expect(result.drawdowns.count == 10)
    #expect(result.drawdowns[0] == result.statistics.maximumDrawdown)
  }

  @Test("nothing of a short run is annual, and nobody's trials deflate nothing")
  func shortRun() throws {
    let (times, equity) = Self.curve(3000, step: .seconds(1), seed: 2)
    var settings = PerformanceAnalysis.Settings(periodsPerYear: 31_536_000)
    settings.bootstrapSamples = 50
    let result = try PerformanceAnalysis(times: times, equity: equity, settings: settings)
    #expect(result.sharpe?.annualFactor == nil && result.rollingAnnualFactor == nil)
    #expect(result.json["sharpe"]?["annual"] == .null)
    #expect(result.json["sharpe"]?["trials"] == .null && result.sharpe?.deflated == nil)
    #expect(result.monthly?.months.map(\.isPartial) == [true])
    #expect(result.rolling!.times.count <= 600)
  }

  @Test("a rolling window shorter than the span that annual figures need has none")
  func rollingWindow() throws {
    let (times, equity) = Self.curve(400, step: .day, seed: 3)
    var settings = PerformanceAnalysis.Settings(periodsPerYear: 365)
    settings.bootstrapSamples = 0
    settings.rollingWindow = 29
    let short = try PerformanceAnalysis(times: times, equity: equity, settings: settings)
    #expect(short.rollingAnnualFactor == nil && short.intervals == nil)
    settings.rollingWindow = 30
    let enough = try PerformanceAnalysis(times: times, equity: equity, settings: settings)
    #expect(enough.rollingAnnualFactor != nil)
  }

  @Test("ruined, flat, tiny and empty curves have what they bear and nothing else")
  func degenerate() throws {
    let settings = PerformanceAnalysis.Settings(periodsPerYear: 365)
    let day = TimeSpan.day.nanoseconds
    for equity in [[], [5], [5, 5], [5, 0, 3], [5, 4, -1, 2], [Double](repeating: 7, count: 90)] {
      let result = try PerformanceAnalysis(
        times: equity.indices.map { Int64($0) * day }, equity: equity, settings: settings)
      #expect(result.sharpe == nil)
      #expect((result.monthly == nil) == (equity.count < 2 || equity.contains { $0 <= 0 }))
      _ = result.json.text()
    }
  }

  @Test("refuses times that go back, equity that is no number, and senseless settings")
  func refusals() {
    var settings = PerformanceAnalysis.Settings(periodsPerYear: 365)
    #expect(throws: DataError("not after the time before it", row: 3, column: "time")) {
      try PerformanceAnalysis(times: [1, 2, 2], equity: [1, 1, 1], settings: settings)
    }
    #expect(throws: DataError("not a finite number", row: 2, column: "equity")) {
      try PerformanceAnalysis(times: [1, 2], equity: [1, .nan], settings: settings)
    }
    #expect(throws: DataError.self) {
      try PerformanceAnalysis(times: [1, 2], equity: [1], settings: settings)
    }
    settings.rollingWindow = 1
    #expect(throws: UsageError.self) {
      try PerformanceAnalysis(times: [], equity: [], settings: settings)
    }
  }
}
