/// Forecasts that know nothing of the features: what a model has to beat.
public enum Baselines {
  /// By row, the label that was decided last at the row's time, in the row's group; NaN where none was.
  ///
  /// With a label of the next `h`, that is the return over the last `h` where the grid has no hole.
  public static func lastKnown(_ samples: Samples) -> [Double] {
    let known = samples.y.indices.filter { !samples.y[$0].isNaN }.sorted {
      (samples.labelEnd[$0], $0) < (samples.labelEnd[$1], $1)
    }
    var latest: [Int32: Double] = [:]
    var next = 0
    return samples.y.indices.map { row in
      while next < known.count, samples.labelEnd[known[next]] <= samples.time[row] {
        latest[samples.group?[known[next]] ?? 0] = samples.y[known[next]]
        next += 1
      }
      return latest[samples.group?[row] ?? 0] ?? .nan
    }
  }

  /// Baselines for numbers: `zero`, `mean` (of training), `persistence` (the last known label, zero
  /// before there is one).
  ///
  /// - Parameter lastKnown: The rows' values of `lastKnown`.
  public static func ofNumbers(trainingMean: Double, lastKnown: [Double]) -> [Forecast] {
    func forecast(_ name: String, _ values: [Double]) -> Forecast {
      Forecast(
        name: name,
        outputs: Matrix(names: ["prediction"], rowCount: values.count, values: values))
    }
    return [
      forecast("zero", lastKnown.map { _ in 0 }),
      forecast("mean", lastKnown.map { _ in trainingMean }),
      forecast("persistence", lastKnown.map { $0.isNaN ? 0 : $0 }),
    ]
  }

  /// Baselines for classes: `majority` (the classes' shares in training; the greatest is its choice)
  /// and `persistence` (the last known class; the majority before there is one).
  public static func ofClasses(
    training: [Int], lastKnown: [Double], classes: [String]
  ) -> [Forecast] {
    let shares = classes.indices.map { index in
      Double(training.count { $0 == index }) / Double(max(1, training.count))
    }
    let majority = shares.indices.reduce(0) { shares[$1] > shares[$0] ? $1 : $0 }
    let rows = lastKnown.count
    let choices = lastKnown.map { $0.isNaN ? majority : Int($0) }
    return [
      Forecast(
        name: "majority",
        outputs: Matrix(
          names: classes, rowCount: rows,
          values: shares.flatMap { [Double](repeating: $0, count: rows) })),
      Forecast(
        name: "persistence",
        outputs: Matrix(
          names: classes, rowCount: rows,
          values: classes.indices.flatMap { index in choices.map { $0 == index ? 1 : 0 } }),
        statesProbabilities: false),
    ]
  }
}
