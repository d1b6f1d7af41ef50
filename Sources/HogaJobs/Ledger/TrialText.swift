/// What a terminal says of the trials behind a run's best Sharpe ratio.
enum TrialText {
  /// - Parameters:
  ///   - count: the trials on the same data; `nil` where the ledger cannot be written.
  ///   - deflated: the deflated Sharpe ratio of the best; not finite where there is none.
  static func line(count: Int64?, best: String, deflated: Double) -> String {
    guard let count else { return "The ledger cannot be written: nobody counts the trials" }
    let tried = count == 1 ? "1 backtest was" : "\(NumberText.count(count)) backtests were"
    guard deflated.isFinite else { return "Ledger: \(tried) tried on this data" }
    return
      "Ledger: \(tried) tried on this data; the best Sharpe ratio of this run, \(best)'s, is above "
      + "what so many show without skill with \(NumberText.percent(deflated)) (deflated)"
  }
}
