internal import HogaCore

/// What a terminal says of the trials behind a run's best Sharpe ratio.
enum TrialText {
  /// - Parameters:
  ///   - count: the trials on the same data; `nil` where the ledger cannot be written.
  ///   - best: the name of the run's best.
  ///   - deflated: its deflated Sharpe ratio; not finite where there is none.
  ///   - benchmark: the ratio that luck alone would show per second; not finite where it is not known.
  static func line(
    count: Int64?, best: String, deflated: Double, benchmark: Double = .nan
  ) -> String {
    guard let count else { return "The ledger cannot be written: nobody counts the trials" }
    let tried = count == 1 ? "1 backtest was" : "\(NumberText.count(count)) backtests were"
    guard deflated.isFinite else { return "Ledger: \(tried) tried on this data" }
    return "Ledger: \(tried) tried on this data. Deflated Sharpe ratio of the best, \(best): "
      + verdict(deflated, count: count, benchmark: benchmark, period: .seconds(1))
  }

  /// `0.0% likely to be skill (luck alone would show 0.153 per second)`.
  static func verdict(
    _ deflated: Double, count: some BinaryInteger, benchmark: Double, period: TimeSpan
  ) -> String {
    let luck =
      count > 1 && benchmark.isFinite
      ? " (luck alone would show \(NumberText.fixed(benchmark, 3)) \(self.per(period)))" : ""
    return "\(NumberText.percent(deflated)) likely to be skill\(luck)"
  }

  static func per(_ period: TimeSpan) -> String {
    period == .seconds(1) ? "per second" : "per \(period)"
  }
}
