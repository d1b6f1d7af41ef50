import HogaCore
import HogaCrossSection
import HogaJobs
import HogaLake
import HogaLearn
import HogaTestKit
import Testing

@Suite("Leakage check of models")
struct LeakageModelTests {
  private static let features = ["x_1m_O2C", "x_5m_RVol", "x_5m_Premium_neut", "x_5m_AvgTrade"]

  /// Rows of some days in order of time, with the label `y_5m`.
  private func samples(
    _ scene: LeakageScene, _ dates: [CivilDate], _ features: [String] = Self.features
  ) throws -> Samples {
    var x: Frame?
    var labels: [Double] = []
    for date in dates {
      let day = try TableFile.read("\(scene.data)/x/\(date).parquet")
      labels += try TableFile.read("\(scene.data)/y/\(date).parquet").doubles("y_5m")
      let part = try day.selecting(["time"] + features)
      if x == nil { x = part } else { x!.append(rowsOf: part) }
    }
    let frame = x!
    let times = try frame.int64s("time")
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    return try Samples(
      x: Matrix(frame.gathered(order), columns: features), y: order.map { labels[$0] },
      time: order.map { times[$0] }, labelEnd: order.map { times[$0] + 6 * RandomVenue.minute })
  }

  /// The first two days, less the rows whose labels would end on the third; those are null anyway.
  private func training(
    _ scene: LeakageScene, _ features: [String] = Self.features
  ) throws -> Samples {
    let two = try samples(scene, Array(scene.dates.prefix(2)), features)
    let limit = scene.dates[2].start.nanoseconds - 6 * RandomVenue.minute
    return two.rows((0..<two.count).filter { two.time[$0] <= limit })
  }

  private func scene() throws -> LeakageScene {
    // Volatility that grows by the day, so that later rows show in a scale.
    var count = 0
    let venue = try RandomVenue(symbols: LeakageScene.symbols, days: 4) { _, draw in
      count += 1
      return draw * 0.001 * (1 + Double((count - 1) % (4 * 1440)) / 1440)
    }
    let scene = try LeakageScene(venue)
    try scene.write()
    return scene
  }

  private func save(
    _ scene: LeakageScene, scaling: Scaling, fitted: Samples, training: Samples, test: CivilDate,
    missing: MissingPolicy = .dropRows
  ) throws -> String {
    let pipeline = Pipeline(missing: missing, scaling: scaling, learner: Ridge(penalty: 1))
    let model = try pipeline.fit(fitted, validation: nil, monitor: nil)
    let saved = try SavedModel(
      model: model, target: "y_5m", training: training, seed: 1,
      configuration: ["ranges": ["train": "…", "test": .string("\(test):\(test)")]])
    let path = scene.venue.folder("model.json")
    try saved.save(to: path)
    return path
  }

  @Test(
    "a scaler fitted on the training passes; one that saw the test is found",
    arguments: [Scaling.standard, .robust], [MissingPolicy.dropRows, .imputeMedian])
  func scaler(scaling: Scaling, missing: MissingPolicy) throws {
    let scene = try scene()
    let training = try training(scene)
    let all = try samples(scene, scene.dates)
    let test = scene.dates[2]
    let honest = try save(
      scene, scaling: scaling, fitted: training, training: training, test: test, missing: missing)
    let report = try scene.check(models: [honest])
    #expect(report.findings.isEmpty, "\(report.text)")
    #expect(report.checks.contains { $0.contains("that of the training rows") })

    let leaky = try save(
      scene, scaling: scaling, fitted: all, training: training, test: test, missing: missing)
    let found = try scene.check(models: [leaky])
    #expect(found.findings.map(\.kind) == [.scaler], "\(found.text)")
    #expect(found.findings.first?.message.contains("all rows, the test's included") == true)
  }

  @Test("a scaler of sampled rows is still told apart")
  func sampled() throws {
    let scene = try scene()
    let training = try training(scene)
    let all = try samples(scene, scene.dates)
    func thinned(_ samples: Samples) -> Samples {
      samples.rows((0..<samples.count).filter { $0 / 6 % 3 == 0 })
    }
    let honest = try save(
      scene, scaling: .standard, fitted: thinned(training), training: training,
      test: scene.dates[2])
    #expect(try scene.check(models: [honest]).findings.isEmpty)
    let leaky = try save(
      scene, scaling: .standard, fitted: thinned(all), training: training, test: scene.dates[2])
    let found = try scene.check(models: [leaky])
    #expect(found.findings.map(\.kind) == [.scaler])
    #expect(found.findings.first?.message.contains("are closest to those of all rows") == true)
  }

  /// Neutralised features, of which every tenth has nulls: in some minutes, and more of them each day.
  ///
  /// Where no symbol is missing, a neutralised feature has mean zero and deviation one over any rows.
  private func neutralised(nulls: Bool) throws -> (LeakageScene, [String]) {
    let scene = try LeakageScene(RandomVenue(symbols: LeakageScene.symbols, days: 4))
    var names: [String] = []
    try scene.write { day in
      var random = SeededRandom(UInt64(bitPattern: Int64(day.date.daysSince1970)))
      let share = Double(day.date.daysSince1970 - scene.venue.first.daysSince1970)
      names = []
      for number in 0..<30 {
        let hasNulls = nulls && number % 10 == 0
        var values = [Double](repeating: .nan, count: day.symbols.count * LeakageScene.rows)
        for minute in 0..<LeakageScene.rows {
          let draws = day.symbols.map { _ in RandomVenue.normal(&random) }
          let mean = draws.reduce(0, +) / Double(draws.count)
          let squares = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
          let scale = (squares / Double(draws.count)).squareRoot()
          for symbol in day.symbols.indices {
            let isNull = hasNulls && symbol == 2 && random.uniform() < 0.02 * share
            values[symbol * LeakageScene.rows + minute] =
              isNull ? .nan : (draws[symbol] - mean) / scale
          }
        }
        let name = "x_1m_mine\(number)_neut"
        names.append(name)
        day.x.append(name, .double(values))
      }
    }
    return (scene, names)
  }

  @Test("a scaler that saw the test is found in neutralised features, by those that have nulls")
  func neutralisedWithNulls() throws {
    let (scene, names) = try neutralised(nulls: true)
    let training = try training(scene, names)
    let test = scene.dates[2]
    let honest = try save(
      scene, scaling: .standard, fitted: training, training: training, test: test,
      missing: .imputeMedian)
    let report = try scene.check(models: [honest])
    #expect(report.findings.isEmpty, "\(report.text)")
    #expect(
      report.checks.contains {
        $0.contains("on the 3 that tell rows apart it is that of the training rows")
      }, "\(report.text)")

    // The test's medians fill the gaps too, as in a pipeline that was fitted on everything.
    let leaky = try save(
      scene, scaling: .standard, fitted: samples(scene, scene.dates, names), training: training,
      test: test, missing: .imputeMedian)
    let found = try scene.check(models: [leaky])
    #expect(found.findings.map(\.kind) == [.scaler], "\(found.text)")
    #expect(found.findings.first?.message.contains("in 3 of 3 features") == true, "\(found.text)")
    #expect(!found.passes(strict: false))
  }

  @Test("where statistics are alike over any rows, it is said that nothing can be told")
  func neutralisedWithoutNulls() throws {
    let (scene, names) = try neutralised(nulls: false)
    let training = try training(scene, names)
    for fitted in [training, try samples(scene, scene.dates, names)] {
      let path = try save(
        scene, scaling: .standard, fitted: fitted, training: training, test: scene.dates[2])
      let report = try scene.check(models: [path])
      #expect(report.findings.isEmpty, "\(report.text)")
      #expect(
        report.notes.contains { $0.contains("cannot be told: the rows' statistics are alike") },
        "\(report.text)")
      #expect(!report.checks.contains { $0.contains("scaler") })
    }
  }

  @Test("training labels that end inside the test are found")
  func purging() throws {
    let scene = try scene()
    let test = scene.dates[2]
    // Rows up to the last minute: their labels would end six minutes later, in the test.
    let all = try samples(scene, Array(scene.dates.prefix(2)))
    let late = try save(scene, scaling: .standard, fitted: all, training: all, test: test)
    #expect(try scene.check(models: [late]).findings.map(\.kind) == [.purging])
    let purged = try training(scene)
    let path = try save(scene, scaling: .standard, fitted: purged, training: purged, test: test)
    let report = try scene.check(models: [path])
    #expect(report.findings.isEmpty, "\(report.text)")
    #expect(report.checks.contains { $0.contains("training labels end before the test begins") })
  }
}
