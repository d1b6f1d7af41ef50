internal import HogaCore
internal import HogaCrossSection
internal import HogaLake
internal import HogaLearn

/// Reads the rows that a model's scaler may have been measured on.
struct ScalerRows {
  let folder: AuditFolder
  let saved: SavedModel
  let pipeline: FittedPipeline
  let scaling: FittedScaling
  let testStart: Timestamp?

  /// Values of features that are held at once, for medians.
  private static let valueLimit = 30_000_000
  private static let featureLimit = 24

  enum Kind: UInt8, CaseIterable { case training, between, test }

  /// Some features of the rows that a model of this kind learns from.
  struct Rows {
    /// Places among the scaler's features.
    var features: [Int]
    var kinds: [Kind] = []
    var values: [[Double]]
    /// Whether the model learned from fewer rows than the training has.
    var isDrawn = false
    /// By how much a mean over the minutes that the model saw varies, in deviations.
    var noise = 0.0

    /// Both kinds of scaling over all kinds of rows.
    var candidates: [ScalerAudit.Measured] {
      let parts: [(name: String, rows: ScalerAudit.Measured.Rows, kinds: Set<Kind>)] = [
        ("the training rows", .allowed, [.training]),
        ("training and validation rows", .allowed, [.training, .between]),
        ("all rows, the test's included", .withTest, [.training, .between, .test]),
        ("training and test rows", .withTest, [.training, .test]),
        ("the test rows", .onlyTest, [.test]),
      ]
      // Without rows of the test nothing looks ahead.
      return parts.filter { $0.rows == .allowed || kinds.contains(.test) }.flatMap { part in
        let rows = kinds.indices.filter { part.kinds.contains(kinds[$0]) }
        let x = Matrix(
          names: features.map { "\($0)" }, rowCount: rows.count,
          values: values.flatMap { column in rows.map { column[$0] } })
        return [Scaling.standard, .robust].map { scaling in
          let fitted = scaling.fit(x)
          return ScalerAudit.Measured(
            part.name, part.rows, method: scaling.rawValue, centers: fitted.centers,
            scales: fitted.scales)
        }
      }
    }
  }

  /// The rows of a day that are learned from.
  private struct Day {
    var date: CivilDate
    var used: [Int]
    var kinds: [Kind]
  }

  /// Mean and sum of squares, by kind of row.
  private struct Moments {
    var count = 0.0
    var mean = 0.0
    var squares = 0.0

    mutating func add(_ values: [Double]) {
      let count = Double(values.count)
      guard count > 0 else { return }
      let mean = values.reduce(0, +) / count
      add(
        Moments(
          count: count, mean: mean,
          squares: values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }))
    }

    /// T. Chan, G. Golub, R. LeVeque, *Updating formulae and a pairwise algorithm*, 1979.
    mutating func add(_ other: Moments) {
      let total = count + other.count
      guard total > 0 else { return }
      let step = other.mean - mean
      squares += other.squares + step * step * count * other.count / total
      mean += step * other.count / total
      count = total
    }

    var scale: Double { squares > 0 ? (squares / count).squareRoot() : 1 }

    func distance(to other: Moments) -> Double {
      guard count > 0, other.count > 0 else { return 0 }
      let ratio = other.scale / scale
      return abs(other.mean - mean) / scale + max(ratio, 1 / ratio) - 1
    }
  }

  /// Two passes: which features tell rows apart, then those features' values.
  func collect(_ monitor: JobMonitor) throws -> Rows {
    var rows = Rows(features: [], values: [])
    monitor.begin(
      "reading what the scaler saw", total: 2 * Int64(folder.dates.count), unit: "days")
    var moments = scaling.featureNames.map { _ in
      [Moments](repeating: Moments(), count: Kind.allCases.count)
    }
    var days: [Day] = []
    var offered = 0
    var minutes = 0
    for date in folder.dates {
      let file = try ParquetFile(folder.path(date))
      let (day, labelled, training) = try day(date, file, monitor)
      offered += labelled
      minutes += training
      try forEachColumn(file, scaling.featureNames, monitor) { place, values in
        for kind in Kind.allCases {
          let own = day.used.indices.compactMap { index -> Double? in
            let value = values[day.used[index]]
            return day.kinds[index] == kind && !value.isNaN ? value : nil
          }
          moments[place][Int(kind.rawValue)].add(own)
        }
      }
      rows.kinds += day.kinds
      days.append(day)
      try monitor.advance(by: 1)
    }
    rows.isDrawn = saved.rowCount < offered
    // Rows are drawn by whole minutes.
    let share = offered > 0 ? min(1, Double(saved.rowCount) / Double(offered)) : 1
    rows.noise = 1 / max(1, Double(minutes) * share).squareRoot()
    rows.features = telling(moments, among: rows.kinds.count)
    rows.values = Array(repeating: [], count: rows.features.count)
    let names = rows.features.map { scaling.featureNames[$0] }
    for day in days {
      try forEachColumn(ParquetFile(folder.path(day.date)), names, monitor) { place, values in
        rows.values[place] += day.used.map { values[$0] }
      }
      try monitor.advance(by: 1)
    }
    return rows
  }

  /// The features that differ most between the training and all rows, as many as may be held.
  private func telling(_ moments: [[Moments]], among rowCount: Int) -> [Int] {
    let limit = max(1, min(Self.featureLimit, Self.valueLimit / max(1, rowCount)))
    let distances = moments.map { kinds in
      var all = Moments()
      for part in kinds { all.add(part) }
      return kinds[Int(Kind.training.rawValue)].distance(to: all)
    }
    return moments.indices.sorted { (-distances[$0], $0) < (-distances[$1], $1) }
      .prefix(limit).sorted()
  }

  /// A day's rows that are learned from; how many of the training have a label, and its minutes.
  private func day(
    _ date: CivilDate, _ file: ParquetFile, _ monitor: JobMonitor
  ) throws -> (day: Day, labelled: Int, minutes: Int) {
    let times = try file.read(columns: ["time"]).int64s("time")
    let kinds = times.map(kind)
    var isUsed = try isLabelled(saved.target, date, times.count)
    let labelled = isUsed.indices.filter { isUsed[$0] && kinds[$0] == .training }
    if pipeline.missing == .dropRows {
      try forEachColumn(file, scaling.featureNames, monitor) { _, values in
        for row in values.indices where values[row].isNaN { isUsed[row] = false }
      }
    }
    let used = isUsed.indices.filter { isUsed[$0] }
    return (
      Day(date: date, used: used, kinds: used.map { kinds[$0] }), labelled.count,
      Set(labelled.map { times[$0] }).count
    )
  }

  /// Columns as the scaler saw them: with medians where the model fills them in.
  private func forEachColumn(
    _ file: ParquetFile, _ names: [String], _ monitor: JobMonitor,
    _ body: (Int, [Double]) throws -> Void
  ) throws {
    for start in stride(from: 0, to: names.count, by: 16) {
      let batch = Array(names[start..<min(start + 16, names.count)])
      let frame = try file.read(columns: batch)
      for (offset, name) in batch.enumerated() {
        var values = try frame.doubles(name)
        if let imputer = pipeline.imputer, let index = imputer.featureNames.firstIndex(of: name) {
          for row in values.indices where values[row].isNaN { values[row] = imputer.medians[index] }
        }
        try body(start + offset, values)
      }
      try monitor.checkCancelled()
    }
  }

  /// Rows whose label is known; all where the folder does not have the label.
  private func isLabelled(_ label: String, _ date: CivilDate, _ count: Int) throws -> [Bool] {
    guard let path = folder.labelsPath(date) else { return Array(repeating: true, count: count) }
    let file = try ParquetFile(path)
    guard file.contains(label), file.rowCount == count else {
      return Array(repeating: true, count: count)
    }
    return try file.read(columns: [label]).doubles(label).map { !$0.isNaN }
  }

  private func kind(_ time: Int64) -> Kind {
    let time = Timestamp(nanoseconds: time)
    if saved.trainingRange.contains(time) { return .training }
    if let testStart { return time < testStart ? .between : .test }
    return time > saved.trainingRange.upperBound ? .test : .between
  }
}
