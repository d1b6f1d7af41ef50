import HogaCore
import HogaLearn
import Testing

@Suite("Pipelines and walk-forward")
struct EvaluationTests {
  @Test("a pipeline learns medians and scales from training rows alone")
  func fitScope() throws {
    let samples = try gridSamples(rows: 300, features: 3, horizon: 2, seed: 5)
    // Whatever stands in the test rows, what is learned is the same.
    var wild = samples.x.values
    for column in 0..<3 { for row in 200..<300 { wild[column * 300 + row] = 1e6 } }
    let spoiled = samples.with(x: Matrix(names: samples.x.names, rowCount: 300, values: wild))
    let evaluate = { (samples: Samples) in
      try WalkForward(
        learner: Pipeline(
          missing: .imputeMedian, scaling: .robust, learner: ElasticNetCV.lasso()),
        splitter: Holdout(train: 2.0 / 3)
      ).run(samples)
    }
    let clean = try #require(try evaluate(samples).folds[0].model as? FittedPipeline)
    let dirty = try #require(try evaluate(spoiled).folds[0].model as? FittedPipeline)
    #expect(clean.scaling == dirty.scaling)
    #expect(clean.imputer == dirty.imputer)
    #expect(clean.model.encoded() == dirty.model.encoded())
  }

  @Test("rows with missing features are dropped and counted, and get no forecast")
  func dropRows() throws {
    var samples = try gridSamples(rows: 50, features: 2, horizon: 0, seed: 6)
    var values = samples.x.values
    values[3] = .nan
    values[50 + 7] = .nan
    values[50 + 3] = .nan
    samples = samples.with(x: Matrix(names: samples.x.names, rowCount: 50, values: values))
    let fit = try Pipeline(scaling: .standard, learner: Ridge()).fit(samples)
    #expect(fit.counts.dropped == 2 && fit.counts.used == 48)
    #expect(fit.counts.missingValues == [1, 2])
    let forecast = try fit.predict(samples.x)
    #expect(forecast.indices.filter { forecast[$0].isNaN } == [3, 7])

    let imputed = try Pipeline(missing: .imputeMedian, scaling: .none, learner: Ridge()).fit(
      samples)
    #expect(imputed.counts.imputedValues == 3)
    #expect(try imputed.predict(samples.x).allSatisfy { $0.isFinite })
    let present = (0..<50).filter { $0 != 3 }.map { values[$0] }.sorted()
    #expect(imputed.imputer?.medians[0] == present[24])

    #expect(throws: UsageError.self) {
      try Pipeline(missing: .keep, scaling: .none, learner: Ridge()).fit(samples)
    }
    let trees = Pipeline(missing: .keep, scaling: .none, learner: LightGBM(rounds: 3, threads: 1))
    #expect(try trees.fit(samples).predict(samples.x).allSatisfy { $0.isFinite })
  }

  @Test("a forecast that knows beats the baselines; one that does not, does not")
  func beatsBaselines() throws {
    let run = { (signal: Double) in
      try WalkForward(
        learner: Pipeline(scaling: .standard, learner: ElasticNetCV.lasso()),
        splitter: WalkForwardSplit(folds: 4)
      ).run(gridSamples(rows: 1500, features: 6, horizon: 1, seed: 7, signal: signal))
    }
    let good = try run(0.5)
    let r2 = try #require(good.score("r2"))
    #expect(r2.value > 5 * r2.standardError)
    // 0.5² / (0.5² + 1) = 0.2 is the most there is to know.
    #expect(abs(r2.value - 0.2) < 4 * r2.standardError)
    #expect(good.comparisons.allSatisfy { $0.statistic > 3 })
    let bad = try #require(try run(0).score("r2"))
    #expect(bad.value < 3 * bad.standardError + 1e-9)
  }

  @Test("an evaluation's scores are those of its table of predictions")
  func predictionsTable() throws {
    let samples = try gridSamples(rows: 400, features: 3, horizon: 5, seed: 8)
    let evaluation = try WalkForward(
      learner: Ridge(penalty: 1), splitter: WalkForwardSplit(folds: 3)
    ).run(samples)
    let truth = try evaluation.predictions.doubles("truth")
    let forecast = try evaluation.predictions.doubles("prediction")
    #expect(evaluation.predictions.rowCount == 300)
    #expect(evaluation.score("rmse")?.value == Metrics.rmse(truth, forecast))
    #expect(evaluation.lags == 10)
    let means = try evaluation.predictions.doubles("mean")
    #expect(evaluation.score("r2")?.value == Metrics.rSquared(truth, forecast, reference: means))
    let baselines = try #require(evaluation.score("mae")?.baselines)
    #expect(baselines.map(\.name) == ["zero", "mean", "persistence"])
    #expect(baselines[0].value == Metrics.mae(truth, truth.map { _ in 0 }))
    let persistence = try evaluation.predictions.doubles("persistence")
    // Labels of 5 s on a grid of 1 s: the one decided now was made five rows ago.
    #expect(persistence[20] == samples.y[100 + 20 - 5])
    #expect(evaluation.folds.map(\.scores.count) == [7, 7, 7])
    #expect(try JSONReader.read(evaluation.json.text())["scores"] != nil)
  }

  @Test("classes are judged beside the majority and persistence")
  func classes() throws {
    let numbers = try gridSamples(rows: 900, features: 3, horizon: 1, seed: 9, signal: 1)
    let samples = try Samples(
      x: numbers.x, y: numbers.y.map { $0 > 0.5 ? 2 : $0 < -0.5 ? 0 : 1 }, time: numbers.time,
      labelEnd: numbers.labelEnd, classes: Labels.directions)
    for learner in [
      LogisticRegression(penalty: 1) as any Learner,
      LightGBM(rounds: 60, earlyStopping: 5, minimumRowsPerLeaf: 10, threads: 1),
    ] {
      let evaluation = try WalkForward(
        learner: learner, splitter: WalkForwardSplit(folds: 3, validationShare: 0.2)
      ).run(samples)
      #expect(
        evaluation.scores.map(\.name)
          == ["accuracy", "macro_f1", "weighted_f1", "log_loss", "auc"])
      for score in evaluation.scores {
        let majority = try #require(score.baselines.first { $0.name == "majority" }).value
        let margin = score.isHigherBetter ? score.value - majority : majority - score.value
        #expect(margin > 2 * score.standardError)
      }
      #expect(evaluation.score("log_loss")?.baselines[1].value.isNaN == true)
      #expect(evaluation.confusion?.total == evaluation.predictions.rowCount)
      let shares = try ["down", "flat", "up"].map { try evaluation.predictions.doubles($0) }
      #expect((0..<10).allSatisfy { abs(shares[0][$0] + shares[1][$0] + shares[2][$0] - 1) < 1e-9 })
    }
  }

  @Test("unlabelled and unpredicted rows are counted and not scored")
  func unscored() throws {
    let samples = try gridSamples(rows: 200, features: 2, horizon: 0, seed: 10)
    var y = samples.y
    var values = samples.x.values
    y[10] = .nan
    y[150] = .nan
    values[160] = .nan
    let holed = try Samples(
      x: Matrix(names: samples.x.names, rowCount: 200, values: values), y: y, time: samples.time,
      labelEnd: samples.labelEnd)
    let evaluation = try WalkForward(
      learner: Pipeline(scaling: .standard, learner: Ridge()), splitter: Holdout(train: 0.5)
    ).run(holed)
    #expect(evaluation.folds[0].withoutLabel == 1)
    #expect(evaluation.folds[0].withoutForecast == 1)
    #expect(evaluation.folds[0].trainingRows == 99)
    #expect(evaluation.scores[0].count == 98)
  }

  @Test("a run can be stopped, and counts its folds")
  func monitor() throws {
    let samples = try gridSamples(rows: 200, features: 2, horizon: 0, seed: 11)
    let forward = WalkForward(learner: Ridge(), splitter: WalkForwardSplit(folds: 4))
    let monitor = JobMonitor()
    _ = try forward.run(samples, monitor: monitor)
    #expect(monitor.snapshot.done == 4 && monitor.snapshot.total == 4)
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) { try forward.run(samples, monitor: monitor) }
  }

  @Test("folds fitted side by side give the bits of folds fitted in turn")
  func workers() throws {
    let samples = try gridSamples(rows: 600, features: 3, horizon: 2, seed: 12)
    let run = { (workers: Int) in
      try WalkForward(
        learner: LightGBM(rounds: 10, rowShare: 0.8), splitter: WalkForwardSplit(folds: 5),
        workers: workers
      ).run(samples)
    }
    let alone = try run(1)
    for workers in [2, 8] {
      let together = try run(workers)
      #expect(together.predictions == alone.predictions)
      #expect(together.json.text() == alone.json.text())
    }
    #expect(throws: DataError.self) {
      try WalkForward(
        learner: Ridge(), splitter: WalkForwardSplit(folds: 4), workers: 3
      ).run(samples.with(x: Matrix(columns: [("a", samples.y.map { _ in .nan })])))
    }
  }
}
