internal import HogaCore
internal import HogaScenarios

extension StressSettings {
  /// The stage of a workflow that stresses its backtest's strategies: writes its tables, and returns
  /// the part `stress` of the run's metrics.
  func run(
    _ backtest: Workflow.Backtest, seed: UInt64, files: RunFolder, producer: String,
    monitor: JobMonitor, say: (String) -> Void
  ) throws -> JSONValue {
    let result = try StressJob(options: backtest, settings: self, seed: seed).run(monitor: monitor)
    try StressJob.write(result, to: files, producer: producer)
    say(
      "stress: \(StressSummary.extent(result.json)), "
        + moods.map { StressSummary.name($0.rawValue) }.joined(separator: ", "))
    return result.json
  }
}
