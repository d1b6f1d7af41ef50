internal import HogaCore
internal import HogaSim
internal import HogaStatistics

/// Judges backtests by their accounts and by how many were tried on the same data.
struct BacktestJudge {
  var seed: UInt64
  /// For each result how many were tried on its data; `nil` where nobody counted.
  var trials: [TrialSummary]?

  /// Draws of the bootstrap, all samples together: seconds of work.
  private static let bootstrapDraws = 100_000_000

  func judge(
    _ results: [BacktestResult], monitor: JobMonitor
  ) throws -> [PerformanceAnalysis] {
    try results.enumerated().map { index, result in
      let times = try result.equity.int64s("time")
      var settings = PerformanceAnalysis.Settings(
        periodsPerYear: result.settings.periodsPerYear,
        minimumSpanToAnnualise: result.settings.minimumSpanToAnnualise)
      settings.seed = seed
      let samples = min(1000, Self.bootstrapDraws / max(1, times.count))
      settings.bootstrapSamples = samples < 100 ? 0 : samples
      return try PerformanceAnalysis(
        times: times, equity: try result.equity.doubles("equity"), settings: settings,
        trials: trials?[index], monitor: monitor)
    }
  }
}
