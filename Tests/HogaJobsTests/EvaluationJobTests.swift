import HogaCore
import HogaJobs
import HogaLearn
import Testing

@Suite("Evaluation job")
struct EvaluationJobTests {
  /// A feature that foretells the next step, one that does not, a copy, a constant and an empty one.
  private static func table(rows: Int = 600, seed: UInt64 = 5) -> Frame {
    var random = SeededRandom(seed)
    let signal = (0..<rows).map { _ in random.uniform() - 0.5 }
    let noise = (0..<rows).map { _ in random.uniform() - 0.5 }
    var mid = [100.0]
    for row in 1..<rows { mid.append(mid[row - 1] * (1 + 1e-4 * (signal[row - 1] + noise[row]))) }
    return Frame([
      ("time", .timestamp((0..<rows).map { Int64($0) * 1_000_000_000 })), ("mid", .double(mid)),
      ("signal", .double(signal)), ("other", .double(noise.reversed())),
      ("copy", .double(signal)), ("constant", .double(noise.map { _ in 1 })),
      ("empty", .double(noise.map { _ in .nan })),
    ])
  }

  private static func job(
    _ kinds: [Workflow.Model.Kind], target: Workflow.Target = .returns, inputs: [String] = [],
    threads: Int = 2
  ) throws -> EvaluationJob {
    EvaluationJob(
      horizons: [.seconds(1)], target: target,
      validation: .init(folds: 4, minimumTrain: 0.4, isRolling: false, embargo: .zero),
      models: try kinds.map { try Workflow.Model(kind: $0, settings: []) }, inputs: inputs, seed: 3,
      threads: threads)
  }

  @Test("finds a planted signal, and leaves out what cannot be learned from")
  func findsSignal() throws {
    let result = try Self.job([.lasso, .linear, .lightgbm]).run(
      Self.table(), monitor: JobMonitor())
    #expect(result.features == ["signal", "other"])
    #expect(result.notes.count == 3)
    for trial in result.trials {
      let ic = try #require(trial.evaluation.score("ic"))
      #expect(ic.value > 0.5, "\(trial.model): \(ic.value)")
      let best = trial.importance?.values.max { abs($0.value) < abs($1.value) }
      #expect(best?.name == "signal")
    }
    #expect(result.predictions.names.contains("lightgbm_ret_bps_1s"))
  }

  @Test("foretells classes, with a probability for each")
  func classes() throws {
    let result = try Self.job(
      [.logistic, .lightgbm], target: .classes(thresholdBasisPoints: 0.2)
    ).run(Self.table(), monitor: JobMonitor())
    let names = ["down", "flat", "up"].map { "logistic_class_1s_\($0)" }
    let columns = try names.map { try result.predictions.doubles($0) }
    for row in 0..<result.predictions.rowCount {
      #expect(abs(columns.reduce(0) { $0 + $1[row] } - 1) < 1e-9)
    }
    for trial in result.trials {
      let importance = try #require(trial.importance)
      #expect(importance.values.max { $0.value < $1.value }?.name == "signal")
      let loss = try #require(trial.evaluation.score("log_loss"))
      #expect(loss.value < loss.baselines[0].value)
    }
  }

  @Test("gives the same bits on one thread and on several")
  func threads() throws {
    let one = try Self.job([.lasso, .lightgbm], threads: 1).run(
      Self.table(), monitor: JobMonitor())
    let many = try Self.job([.lasso, .lightgbm], threads: 4).run(
      Self.table(), monitor: JobMonitor())
    for name in one.predictions.names {
      let (left, right) = (
        one.predictions[name]?.asDoubles, many.predictions[name]?.asDoubles
      )
      #expect(left?.map(\.bitPattern) == right?.map(\.bitPattern))
    }
  }

  @Test("refuses a table that knows the answer")
  func refusesLabels() throws {
    var table = Self.table()
    let labels = try Labels.forwardReturns(
      time: table.int64s("time"), mid: table.doubles("mid"), horizon: .seconds(1))
    table.append(labels.name, .double(labels.values))
    let error = #expect(throws: DataError.self) {
      try Self.job([.lasso]).run(table, monitor: JobMonitor())
    }
    #expect(error?.column == "ret_bps_1s")
    // Named inputs are fine, and a label is none of them.
    let result = try Self.job([.lasso], inputs: ["sig*", "other"]).run(
      table, monitor: JobMonitor())
    #expect(result.features == ["signal", "other"])
    #expect(throws: UsageError.self) {
      try Self.job([.lasso], inputs: ["ret_bps_1s"]).run(table, monitor: JobMonitor())
    }
  }

  @Test("refuses models of the other kind of target")
  func refusesKind() {
    #expect(throws: UsageError.self) {
      try Self.job([.lasso], target: .classes(thresholdBasisPoints: 1)).run(
        Self.table(), monitor: JobMonitor())
    }
    #expect(throws: UsageError.self) {
      try Self.job([.logistic]).run(Self.table(), monitor: JobMonitor())
    }
  }
}
