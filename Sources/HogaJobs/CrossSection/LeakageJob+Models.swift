internal import HogaCore
internal import HogaCrossSection
internal import HogaLake
internal import HogaLearn

/// Looks at a saved model: what its scaler was measured on, and whether its training ends in time.
struct ModelAudit {
  let path: String
  let folder: AuditFolder

  /// Values of features that are held at once, for medians.
  private static let valueLimit = 30_000_000
  private static let featureLimit = 24
  private static let minute: Int64 = 60_000_000_000

  func run(monitor: JobMonitor, into report: inout LeakageReport) throws {
    let saved = try SavedModel(path: path)
    let testStart = Self.testStart(saved.configuration)
    checkPurging(saved, testStart, into: &report)
    guard let pipeline = saved.model as? FittedPipeline, let scaling = pipeline.scaling else {
      report.notes.append("\(path): has no scaler")
      return
    }
    let rows = try collect(saved, pipeline, scaling, testStart, monitor)
    guard rows.kinds.contains(.training) else {
      report.notes.append(
        "\(path): the folder has no rows of its training; its scaler is not checked")
      return
    }
    let audit = ScalerAudit(
      centers: rows.features.map { scaling.centers[$0] },
      scales: rows.features.map { scaling.scales[$0] }, candidates: rows.candidates)
    if let finding = audit.finding(path) {
      report.findings.append(finding)
    } else if let best = audit.best, best.distance > 0.05 {
      report.notes.append(
        "\(path): its scaler comes from none of the folder's rows (median distance "
          + "\(NumberText.fixed(best.distance, 3)) from \(best.name))")
    } else if let best = audit.best {
      report.checks.append(
        "\(path): scaler of \(rows.features.count) features against \(rows.kinds.count) rows; closest "
          + "to \(best.name)")
    }
  }

  // MARK: Purging

  private func checkPurging(
    _ saved: SavedModel, _ testStart: Timestamp?, into report: inout LeakageReport
  ) {
    guard let testStart else {
      report.notes.append("\(path): its configuration names no test range; purging is not checked")
      return
    }
    guard let horizon = Self.horizon(saved.target) else {
      report.notes.append("\(path): \(saved.target) is no label such as y_5m")
      return
    }
    // A row's label begins at its close, one minute after its time.
    let last = saved.trainingRange.upperBound.nanoseconds
    let (end, overflow) = last.addingReportingOverflow(Int64(horizon + 1) * Self.minute)
    if overflow || end > testStart.nanoseconds {
      report.findings.append(
        LeakageFinding(
          .purging, path,
          "the last training row is of \(saved.trainingRange.upperBound), its label \(saved.target) "
            + "ends \(horizon + 1) minutes later, and the test begins at \(testStart)"))
    } else {
      report.checks.append("\(path): training labels end before the test begins at \(testStart)")
    }
  }

  /// Minutes of `y_5m`; `nil` for other names.
  private static func horizon(_ label: String) -> Int? {
    guard label.hasPrefix("y_"), label.hasSuffix("m"),
      let minutes = Int(label.dropFirst(2).dropLast()),
      (1...1_000_000).contains(minutes)
    else { return nil }
    return minutes
  }

  /// The first date of a member `test` that holds a date, or a range such as
  /// `2025-06-10:2025-06-24`, wherever it stands.
  static func testStart(_ json: JSONValue) -> Timestamp? {
    switch json {
    case .object(let members):
      for member in members where member.key == "test" {
        if case .string(let text) = member.value,
          let date = CivilDate(text.prefix { $0 != ":" })
        {
          return date.start
        }
      }
      return members.lazy.compactMap { testStart($0.value) }.first
    case .array(let values): return values.lazy.compactMap { testStart($0) }.first
    default: return nil
    }
  }

  // MARK: The scaler

  private enum Kind: UInt8 { case training, between, test }

  /// Some features of the rows that a model of this kind learns from.
  private struct Rows {
    /// Places among the scaler's features.
    var features: [Int]
    var kinds: [Kind] = []
    var values: [[Double]]

    /// Both kinds of scaling over all kinds of rows.
    var candidates: [ScalerAudit.Measured] {
      let parts: [(name: String, looksAhead: Bool, kinds: Set<Kind>)] = [
        ("the training rows", false, [.training]),
        ("training and validation rows", false, [.training, .between]),
        ("all rows, the test's included", true, [.training, .between, .test]),
        ("training and test rows", true, [.training, .test]), ("the test rows", true, [.test]),
      ]
      return parts.flatMap { part in
        let rows = kinds.indices.filter { part.kinds.contains(kinds[$0]) }
        let x = Matrix(
          names: features.map { "\($0)" }, rowCount: rows.count,
          values: values.flatMap { column in rows.map { column[$0] } })
        guard !rows.isEmpty else { return [ScalerAudit.Measured]() }
        return [Scaling.standard, .robust].map { scaling in
          let fitted = scaling.fit(x)
          return ScalerAudit.Measured(
            part.name, looksAhead: part.looksAhead, centers: fitted.centers, scales: fitted.scales)
        }
      }
    }
  }

  private func collect(
    _ saved: SavedModel, _ pipeline: FittedPipeline, _ scaling: FittedScaling,
    _ testStart: Timestamp?, _ monitor: JobMonitor
  ) throws -> Rows {
    let names = scaling.featureNames
    let total = try folder.dates.reduce(0) { try $0 + ParquetFile(folder.path($1)).rowCount }
    let count = max(
      1, min(names.count, Self.featureLimit, Self.valueLimit / max(1, total)))
    let features = (0..<count).map { $0 * names.count / count }
    var rows = Rows(features: features, values: Array(repeating: [], count: count))
    monitor.begin("reading what the scaler saw", total: Int64(folder.dates.count), unit: "days")
    for date in folder.dates {
      let file = try ParquetFile(folder.path(date))
      let times = try file.read(columns: ["time"]).int64s("time")
      var isUsed = try isLabelled(saved.target, date, times.count)
      var kept: [[Double]] = []
      for (place, name) in names.enumerated() {
        let isKept = features.contains(place)
        guard isKept || pipeline.missing == .dropRows else { continue }
        var values = try file.read(columns: [name]).doubles(name)
        if pipeline.missing == .dropRows {
          for row in values.indices where values[row].isNaN { isUsed[row] = false }
        } else if let imputer = pipeline.imputer,
          let index = imputer.featureNames.firstIndex(of: name)
        {
          for row in values.indices where values[row].isNaN { values[row] = imputer.medians[index] }
        }
        if isKept { kept.append(values) }
        try monitor.checkCancelled()
      }
      let used = isUsed.indices.filter { isUsed[$0] }
      rows.kinds += used.map { kind(times[$0], saved.trainingRange, testStart) }
      for (column, values) in kept.enumerated() {
        rows.values[column] += used.map { values[$0] }
      }
      try monitor.advance(by: 1)
    }
    return rows
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

  private func kind(
    _ time: Int64, _ training: ClosedRange<Timestamp>, _ testStart: Timestamp?
  ) -> Kind {
    let time = Timestamp(nanoseconds: time)
    if training.contains(time) { return .training }
    if let testStart { return time < testStart ? .between : .test }
    return time > training.upperBound ? .test : .between
  }
}
