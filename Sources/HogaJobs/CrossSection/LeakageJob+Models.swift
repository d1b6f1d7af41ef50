internal import HogaCore
internal import HogaCrossSection
internal import HogaLake
internal import HogaLearn

/// Looks at a saved model: what its scaler was measured on, and whether its training ends in time.
struct ModelAudit {
  let path: String
  let folder: AuditFolder

  private static let minute: Int64 = 60_000_000_000

  func run(monitor: JobMonitor, into report: inout LeakageReport) throws {
    let saved = try SavedModel(path: path)
    let testStart = Self.testStart(saved.configuration)
    checkPurging(saved, testStart, into: &report)
    guard let pipeline = saved.model as? FittedPipeline, let scaling = pipeline.scaling else {
      report.notes.append("\(path): has no scaler")
      return
    }
    let reader = ScalerRows(
      folder: folder, saved: saved, pipeline: pipeline, scaling: scaling, testStart: testStart)
    let rows = try reader.collect(monitor)
    guard rows.kinds.contains(.training) else {
      report.notes.append(
        "\(path): the folder has no rows of its training; its scaler is not checked")
      return
    }
    let audit = ScalerAudit(
      centers: rows.features.map { scaling.centers[$0] },
      scales: rows.features.map { scaling.scales[$0] }, candidates: rows.candidates,
      isDrawn: rows.isDrawn, noise: rows.noise)
    switch audit.verdict {
    case .leaked(let message):
      report.findings.append(LeakageFinding(.scaler, path, message))
    case .cleared(let name, let count, let isExact):
      report.checks.append(
        "\(path): scaler of \(rows.features.count) features against "
          + "\(NumberText.count(rows.kinds.count)) rows; on the \(count) that tell rows apart it is "
          + (isExact ? "that of \(name)" : "closest to that of \(name)"))
    case .unknown(let reason):
      report.notes.append("\(path): scaler: \(reason)")
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
}
