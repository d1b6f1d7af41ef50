import Foundation
import HogaCore
import HogaCrossSection
import HogaJobs
import HogaLake
import HogaLearn
import HogaTestKit
import Testing

@Suite("Cross-section study")
struct CrossSectionStudyTests {
  static func study(
    test: ClosedRange<Int> = 4...5, labels: [String] = ["y_1m"],
    models: [Workflow.Model.Kind] = [.ridge], settings: [String] = [], features: [String] = [],
    selection: FeatureSelection? = nil, search: CrossSectionStudy.Search? = nil,
    bans: GlobalBanDates = GlobalBanDates(), maximumRows: Int? = nil, embargo: TimeSpan = .zero,
    featureDays: CrossSectionStudy.FeatureDays = .none, threads: Int = 2,
    train: ClosedRange<Int> = 0...2, validation: ClosedRange<Int> = 3...3
  ) throws -> CrossSectionStudy {
    func dates(_ days: ClosedRange<Int>) -> ClosedRange<CivilDate> {
      SyntheticFolder.date(days.lowerBound)...SyntheticFolder.date(days.upperBound)
    }
    return CrossSectionStudy(
      ranges: try CrossSectionStudy.Ranges(
        train: dates(train), validation: dates(validation), test: dates(test)),
      labels: labels, models: try CrossSectionStudy.models(models, settings: settings),
      features: features, selection: selection, search: search,
      portfolio: try PortfolioRule(groups: QuantileGroups(count: 4)), decay: 2, embargo: embargo,
      bans: bans, maximumRows: maximumRows, featureDays: featureDays, threads: threads)
  }

  @Test("a planted signal is found by every model, at both horizons, and told from the baselines")
  func signal() throws {
    let data = try SyntheticFolder(days: 6)
    let result = try Self.study(
      labels: [], models: [.ridge, .linear, .lightgbm], settings: ["lightgbm.rounds=60"],
      featureDays: .train
    ).run(data.path, monitor: JobMonitor())
    #expect(result.trials.count == 6 && result.baselines.count == 6)
    for trial in result.trials {
      let scores = trial.scores
      // A correlation of 0.5 / √1.25 with the next minute, that over √5 with the next five.
      let expected = trial.label == "y_1m" ? 0.42 : 0.19
      #expect(abs(scores.rankIC.mean - expected) < 0.09, "\(trial.label) \(trial.model)")
      // Five-minute labels share four minutes: there are a fifth as many, as it were, of a signal
      // less than half as strong.
      let isNext = trial.label == "y_1m"
      let least = isNext ? 8.0 : 2
      #expect(
        scores.rankIC.tStatistic > least && trial.verdict.beatsZero,
        "\(trial.label) \(trial.model): \(trial.verdict.text)")
      #expect(
        scores.portfolio.spread.tStatistic > least,
        "\(trial.label) \(trial.model): \(scores.portfolio.spread)")
      if isNext { #expect(trial.verdict.beatsBaseline && scores.portfolio.monotonicity > 0.5) }
      #expect(scores.rSquaredVersusZero > 0)
      #expect(scores.decay.count == 3 && abs(scores.decay[1].mean) < 0.12)
      #expect(scores.meanSymbols == 8 && trial.trainingRows == trial.saved.rowCount)
      #expect(trial.importance?.values.max { abs($0.value) < abs($1.value) }?.name == "x_1m_signal")
      #expect(trial.saved.model.featureNames == ["x_1m_signal", "x_1m_other", "x_5m_other_neut"])
    }
    let minutes = 2 * (90 - 1)
    #expect(result.trials[0].scores.rankIC.count == minutes)
    #expect(result.trials[0].scores.rankIC.nulls == 2)
    let signal = result.features.filter { $0.feature == "x_1m_signal" }
    #expect(signal.count == 2 && signal.allSatisfy { $0.rankIC.tStatistic > 5 })
    let copy = result.features.filter { $0.feature == "x_1m_copy" }
    #expect(zip(signal, copy).allSatisfy { $0.rankIC == $1.rankIC && $0.ic == $1.ic })
    let zero = try #require(result.baselines.first { $0.name == "zero" })
    #expect(zero.scores.rankIC.count == 0 && zero.scores.rSquaredVersusZero == 0)
    #expect(result.notes.contains { $0.contains("copies of another feature: x_1m_copy") })
    #expect(result.text.contains("beats"))
    _ = try JSONReader.read(result.json.text())
  }

  @Test("pure noise is not told from zero, and its t-statistics are as wide as they should be")
  func noise() throws {
    var statistics: [Double] = []
    for seed in UInt64(0)..<12 {
      let data = try SyntheticFolder(
        days: 6, minutes: 150, symbols: 6, signal: 0, seed: 100 + seed)
      let result = try Self.study(
        labels: ["y_5m"], models: [.ridge, .lightgbm], settings: ["lightgbm.rounds=20"]
      ).run(data.path, monitor: JobMonitor())
      for trial in result.trials where trial.scores.rankIC.count > 0 {
        let t = trial.scores.rankIC.tStatistic
        #expect(abs(t) < 3, "seed \(seed), \(trial.model)")
        statistics.append(t)
      }
    }
    let squares = statistics.reduce(0) { $0 + $1 * $1 } / Double(statistics.count)
    #expect((0.6...1.5).contains(squares.squareRoot()), "\(squares.squareRoot())")
  }

  @Test("nothing that is learned or chosen depends on the test days")
  func noLookAhead() throws {
    let study = try Self.study(
      models: [.ridge, .lightgbm], settings: ["lightgbm.rounds=15"],
      selection: FeatureSelection(count: 2),
      search: .init(method: .random, trials: 4, space: nil))
    let data = try SyntheticFolder(days: 6)
    let other = try SyntheticFolder(days: 6) { date, frame in
      guard date >= SyntheticFolder.date(4) else { return }
      // Shuffled labels, and features that say something else.
      for name in ["y_1m", "y_5m", "x_1m_signal"] {
        let values = frame[name]?.asDoubles ?? []
        frame.append(name, .double(Array(values.reversed())))
      }
    }
    let one = try study.run(data.path, monitor: JobMonitor())
    let two = try study.run(other.path, monitor: JobMonitor())
    for (left, right) in zip(one.trials, two.trials) {
      #expect(left.saved.text == right.saved.text)
      #expect(left.validation == right.validation)
      #expect(left.scores.rankIC != right.scores.rankIC)
    }
    #expect(one.selections.map(\.json) == two.selections.map(\.json))
    #expect(one.search.map(\.json) == two.search.map(\.json))
    #expect(one.search.count == 8 && one.search.count { $0.isChosen } == 2)
  }

  @Test("the chosen settings are the best on validation, and the number tried is told")
  func search() throws {
    let data = try SyntheticFolder(days: 6)
    let result = try Self.study(
      models: [.lightgbm], settings: ["rounds=10"],
      search: .init(method: .grid, space: SearchSpace(["leaves=2,4,8", "l2=0,100"]))
    ).run(data.path, monitor: JobMonitor())
    #expect(result.search.count == 6 && result.trials[0].searchTrials == 6)
    let best = result.search.map(\.rankIC.mean).max()
    #expect(result.search.first { $0.isChosen }?.rankIC.mean == best)
    #expect(result.trials[0].validation.mean == best)
    #expect(result.text.contains("best of 6 settings on validation"))
    #expect(throws: (any Error).self) {
      try Self.study(
        models: [.lightgbm], search: .init(method: .grid, space: SearchSpace(["leafs=2,4"]))
      ).run(data.path, monitor: JobMonitor())
    }
  }

  @Test("thinning keeps whole minutes, the same for a seed, on any number of threads")
  func thinning() throws {
    let data = try SyntheticFolder(days: 6)
    let study = try Self.study(
      models: [.ridge, .lightgbm], settings: ["lightgbm.rounds=5"], maximumRows: 300)
    let one = try study.run(data.path, monitor: JobMonitor())
    #expect(one.trials.allSatisfy { $0.trainingRows == 296 && $0.validationRows == 96 })
    #expect(one.notes.contains { $0.contains("on 296 rows in 37 minutes, drawn whole from 2,136") })
    var alone = study
    alone.threads = 1
    let two = try alone.run(data.path, monitor: JobMonitor())
    #expect(one.trials.map(\.saved.text) == two.trials.map(\.saved.text))
    #expect(one.json.text() == two.json.text())
    var reseeded = study
    reseeded.seed = 2
    #expect(
      try reseeded.run(data.path, monitor: JobMonitor()).trials[0].saved.text
        != one.trials[0].saved.text)
  }

  @Test("an embargo keeps labels away from the next range")
  func embargo() throws {
    let data = try SyntheticFolder(days: 6, minutes: 1440, symbols: 3)
    func rows(_ embargo: TimeSpan) throws -> Int {
      try Self.study(features: ["x_1m_signal"], embargo: embargo)
        .run(data.path, monitor: JobMonitor()).trials[0].trainingRows
    }
    #expect(try rows(.zero) == 3 * 3 * 1439)
    // The last label, of 23:58, ends as the day does: an hour's embargo takes those of 22:59 on.
    #expect(try rows(.seconds(3600)) == 3 * (3 * 1439 - 60))
  }

  @Test("banned dates are skipped and banned features null, as the file says")
  func bans() throws {
    let data = try SyntheticFolder(days: 6)
    let folder = try TemporaryFolder()
    let bans = try GlobalBanDates.read(
      folder.write(
        """
        {"missing_dates": ["2025-05-26"], "nan_dates": {"2025-05-27": ["signal", "copy"],
         "2025-05-29": ["signal", "copy"], "2025-05-30": ["signal", "copy"]}}
        """, to: "bans.json"))
    #expect(bans.drops("x_5m_signal_neut", on: SyntheticFolder.date(2)))
    #expect(!bans.drops("x_5m_signals", on: SyntheticFolder.date(2)))
    #expect(!bans.drops("x_5m_signal", on: SyntheticFolder.date(1)))
    let result = try Self.study(
      models: [.linear, .lightgbm], settings: ["lightgbm.rounds=30"], bans: bans
    ).run(data.path, monitor: JobMonitor())
    // One of three training days is left out whole.
    #expect(result.trials.allSatisfy { $0.trainingRows == 2 * 89 * 8 })
    // Without its feature in the test the signal cannot be seen.
    #expect(result.trials.allSatisfy { !($0.scores.rankIC.tStatistic > 4) })
    #expect(result.notes.contains { $0.contains("skipped as banned: 2025-05-26") })
    #expect(result.notes.contains { $0.contains("null on 2025-05-27") })
    for text in ["[]", #"{"x": []}"#, #"{"missing_dates": [1]}"#, #"{"nan_dates": {"x": ["a"]}}"#] {
      #expect(throws: DataError.self) {
        try GlobalBanDates.read(folder.write(text, to: "wrong.json"))
      }
    }
  }

  @Test("momentum is the past return, from its feature or from the label of one horizon before")
  func momentum() throws {
    // Returns that are the opposite of those before: reversal knows, momentum errs.
    func reversing(_ date: CivilDate, _ frame: inout Frame) {
      let rows = frame.rowCount
      let past = frame["x_1m_Close_Diff_Rate"]?.asDoubles ?? []
      frame.append("y_1m", .double((0..<rows).map { $0 % 90 == 89 ? .nan : -past[$0] }))
    }
    let data = try SyntheticFolder(days: 6, withMomentum: true, change: reversing)
    let withFeature = try Self.study().run(data.path, monitor: JobMonitor())
    let scores = withFeature.baselines.map { ($0.name, $0.scores.rankIC.mean) }
    #expect(scores.map(\.0) == ["zero", "momentum", "reversal"])
    #expect(abs(scores[1].1 + 1) < 1e-12 && abs(scores[2].1 - 1) < 1e-12)
    #expect(withFeature.trials[0].verdict.betterBaseline == "reversal")
    let plain = try SyntheticFolder(days: 6)
    let withoutFeature = try Self.study().run(plain.path, monitor: JobMonitor())
    #expect(withoutFeature.notes.contains { $0.contains("momentum is the label of one horizon") })
    #expect(abs(withoutFeature.baselines[1].scores.rankIC.mean) < 0.15)
  }

  @Test("one training day of a same-day universe marks all that was learned")
  func markedTraining() throws {
    let data = try SyntheticFolder(days: 6)
    let path = "\(data.path)/\(SyntheticFolder.date(1)).parquet"
    let marked =
      FileManager.default.fileExists(atPath: path)
      ? path : "\(data.path)/xy/\(SyntheticFolder.date(1)).parquet"
    try TableFile.write(
      TableFile.read(marked), to: marked, metadata: ["hoga.universe": "same-day"])
    let result = try Self.study(features: ["x_1m_signal"]).run(data.path, monitor: JobMonitor())
    #expect(result.looksAhead && result.notes.contains { $0.hasPrefix("LOOK-AHEAD") })
  }

  @Test("labels that are no returns pay no fees, and a same-day universe is called by its name")
  func footers() throws {
    let data = try SyntheticFolder(
      days: 6, metadata: ["hoga.universe": "same-day", "hoga.label": "difference"])
    let result = try Self.study().run(data.path, monitor: JobMonitor())
    #expect(result.looksAhead && result.notes[0].hasPrefix("LOOK-AHEAD"))
    #expect(result.trials[0].scores.portfolio.cost.isNaN)
  }

  @Test("ranges, labels and models that make no sense are refused before anything is read")
  func refuses() throws {
    let data = try SyntheticFolder(days: 6)
    #expect(throws: UsageError.self) { try Self.study(test: 3...5) }
    #expect(throws: UsageError.self) { try CrossSectionStudy.Ranges.parse("2025-05-25:2025-05-24") }
    #expect(throws: UsageError.self) { try CrossSectionStudy.Ranges.parse("a:b:c") }
    #expect(try CrossSectionStudy.Ranges.parse("2025-05-25").lowerBound == SyntheticFolder.first)
    func run(_ study: CrossSectionStudy) throws {
      _ = try study.run(data.path, monitor: JobMonitor())
    }
    #expect(throws: MissingInputError.self) { try run(Self.study(labels: ["y_7m"])) }
    #expect(throws: UsageError.self) { try run(Self.study(labels: ["r_1m"])) }
    #expect(throws: UsageError.self) { try run(Self.study(models: [.logistic])) }
    #expect(throws: UsageError.self) { try run(Self.study(features: ["x_9m_*"])) }
    #expect(throws: MissingInputError.self) { try run(Self.study(test: 9...9)) }
    #expect(throws: UsageError.self) { try Self.study(settings: ["lightgbm.rounds=5"]) }
  }
}

@Suite("Files of a cross-section study")
struct CrossSectionFileTests {
  @Test("a study's folder holds models, scores and forecasts that agree with each other")
  func files() throws {
    let data = try SyntheticFolder(days: 6, metadata: ["hoga.label": "return"])
    let out = data.folder("study")
    let study = try CrossSectionStudyTests.study(
      models: [.lightgbm], settings: ["rounds=20"],
      selection: FeatureSelection(method: .ic, count: 1),
      search: .init(method: .grid, space: SearchSpace(["leaves=4,8"])), featureDays: .train)
    let result = try study.run(
      data.path, to: out, savesPredictions: true, producer: "test", monitor: JobMonitor())
    let files = data.folder.files("study")
    #expect(
      files == [
        "curves.parquet", "daily.parquet", "feature_list/y_1m/all_example_features_1.json",
        "features.json", "features.parquet", "models/lightgbm_y_1m.json",
        "preds/2025-05-29.parquet", "preds/2025-05-30.parquet", "scores.json", "trials.json",
        "trials.parquet",
      ])
    #expect(
      try CrossSectionStudy.features(out + "/feature_list/y_1m/all_example_features_1.json")
        == result.selections[0].choice.names)
    #expect(try TableFile.read(out + "/trials.parquet") == result.searchTable)
    #expect(try TableFile.read(out + "/features.parquet").rowCount == 6)
    let preds = try ParquetFile(out + "/preds/2025-05-29.parquet")
    #expect(preds.schema.map(\.name) == ["symbol", "time", "prediction", "label"])

    // The saved model foretells the same, and the files score the same.
    let outcome = try CrossSectionPrediction(
      model: out + "/models/lightgbm_y_1m.json", data: data.path,
      dates: SyntheticFolder.date(4)...SyntheticFolder.date(5)
    ).run(to: data.folder("later"), producer: "test", monitor: JobMonitor())
    #expect(outcome.rows == 2 * 90 * 8 && outcome.nulls == 0 && outcome.notes.isEmpty)
    for date in ["2025-05-29", "2025-05-30"] {
      let again = try TableFile.read(data.folder("later/preds/\(date).parquet"))
      let first = try TableFile.read("\(out)/preds/\(date).parquet")
      for name in ["time", "prediction", "label"] {
        let (left, right) = (again[name]?.asDoubles, first[name]?.asDoubles)
        #expect(left != nil && left?.map(\.bitPattern) == right?.map(\.bitPattern))
      }
      #expect(again["symbol"] == first["symbol"])
    }
    let scoring = CrossSectionScoring(portfolio: study.portfolio, decay: 2, threads: 2)
    let scored = try scoring.score(predictions: data.folder("later"), monitor: JobMonitor())
    #expect(scored.label == "y_1m" && scored.scores.json == result.trials[0].scores.json)
    let overlapping = try CrossSectionPrediction(
      model: out + "/models/lightgbm_y_1m.json", data: data.path
    ).run(to: nil, producer: "test", monitor: JobMonitor())
    #expect(overlapping.notes.count == 1 && overlapping.days == 6)
    // Another study in the same folder leaves nothing of this one that it does not have itself.
    _ = try CrossSectionStudyTests.study().run(
      data.path, to: out, savesPredictions: false, producer: "test", monitor: JobMonitor())
    #expect(
      data.folder.files("study") == [
        "curves.parquet", "daily.parquet", "models/ridge_y_1m.json", "scores.json",
      ])
  }

  @Test("features are scored by pattern, the same on any number of threads")
  func features() throws {
    let data = try SyntheticFolder(days: 2)
    func score(_ threads: Int) throws -> CrossSectionScoring.FeatureOutcome {
      try CrossSectionScoring(
        portfolio: PortfolioRule(groups: QuantileGroups()), threads: threads
      ).score(features: ["x_1m_s*", "*other*"], data: data.path, monitor: JobMonitor())
    }
    let one = try score(1)
    #expect(one.scores.map(\.feature).count == 6)
    #expect(try score(5).json == one.json)
    #expect(one.text().contains("x_1m_signal"))
    try one.write(to: data.folder("scores"), producer: "test")
    #expect(data.folder.files("scores") == ["features.json", "features.parquet"])
    #expect(throws: UsageError.self) {
      try CrossSectionScoring(portfolio: PortfolioRule(groups: QuantileGroups()))
        .score(features: ["x_7m_*"], data: data.path, monitor: JobMonitor())
    }
  }

  @Test("a study that is stopped, or fails at its end, leaves everything as it was")
  func stopped() throws {
    let data = try SyntheticFolder(days: 6)
    let before = data.folder.snapshot()
    let monitor = JobMonitor()
    monitor.cancel()
    #expect(throws: JobMonitor.Cancelled.self) {
      try CrossSectionStudyTests.study().run(
        data.path, to: data.folder("study"), savesPredictions: true, producer: "test",
        monitor: monitor)
    }
    #expect(data.folder.snapshot() == before)
    try FileManager.default.createDirectory(
      atPath: data.folder("study"), withIntermediateDirectories: false)
    try data.folder.write("earlier", to: "study/scores.json")
    try Data("torn".utf8).write(
      to: URL(fileURLWithPath: data.path + "/xy/\(SyntheticFolder.date(5)).parquet"))
    #expect(throws: DataError.self) {
      try CrossSectionStudyTests.study().run(
        data.path, to: data.folder("study"), savesPredictions: true, producer: "test",
        monitor: JobMonitor())
    }
    #expect(data.folder.files("study") == ["scores.json"])
  }

  @Test("a model refuses days without its features")
  func missingFeature() throws {
    let data = try SyntheticFolder(days: 6)
    _ = try CrossSectionStudyTests.study().run(
      data.path, to: data.folder("study"), savesPredictions: false, producer: "test",
      monitor: JobMonitor())
    let poor = try SyntheticFolder(days: 1) { _, frame in
      frame = (try? frame.selecting(["symbol", "time", "x_1m_other", "y_1m"])) ?? frame
    }
    #expect(throws: DataError.self) {
      try CrossSectionPrediction(
        model: data.folder("study/models/ridge_y_1m.json"), data: poor.path
      ).run(to: nil, producer: "test", monitor: JobMonitor())
    }
  }
}
