internal import Foundation
internal import HogaCore
internal import HogaCrossSection
internal import HogaLake

/// Computes one day of a `CrossSectionJob` and writes its files, unless they are there.
struct DayWriter {
  let job: CrossSectionJob
  let crossSection: CrossSection
  let folder: String
  let producer: String
  /// Threads within the day.
  let workers: Int

  private typealias Key = CrossSectionJob.Key

  func write(
    _ plan: CrossSectionDayPlan, _ monitor: JobMonitor
  ) throws -> CrossSectionSummary.Day {
    let digest = try digest(plan)
    if !job.force, let day = existing(plan, digest) { return day }
    try monitor.checkCancelled()
    let (panel, notes) = try job.panel(plan, lookBack: crossSection.lookBack)
    let missing = MinuteField.allCases.filter { panel.values($0) == nil }
    var day = CrossSectionSummary.Day(
      date: plan.date, symbols: panel.symbols.count, rows: panel.symbols.count * panel.dayRowCount,
      nullInputs: missing, notes: notes, isNew: true)
    if !missing.isEmpty {
      let null = crossSection.catalogue.names(without: Set(missing)).count
      day.notes.append(
        "\(missing.map(\.rawValue).joined(separator: ", ")) missing: \(null) columns are null")
    }
    try monitor.checkCancelled()
    let x = try crossSection.features(panel, workers: workers)
    let y = crossSection.labels(panel)
    let metadata = metadata(day, digest)
    let parts = CrossSectionJob.Part.allCases
    _ = try inParallel(count: parts.count, workers: workers) { index in
      try monitor.checkCancelled()
      let table =
        switch parts[index] {
        case .x: x
        case .y: y
        case .xy: CrossSection.joined(x, y)
        }
      try store(table, to: path(parts[index], plan.date), metadata)
    }
    return day
  }

  // MARK: - Files

  private func store(_ table: Frame, to path: String, _ metadata: [String: String]) throws {
    switch job.format {
    case .parquet: try TableFile.write(table, to: path, metadata: metadata)
    case .hdf5: try HDF5File.write(table, to: path, metadata: metadata)
    }
  }

  /// What a file says of itself; `nil` where it cannot be read.
  private func stored(_ path: String) -> (rows: Int, metadata: [String: String])? {
    switch job.format {
    case .parquet: (try? ParquetFile(path)).map { ($0.rowCount, $0.metadata) }
    // Read whole, which checks the file as well.
    case .hdf5: (try? HDF5File.read(path)).map { ($0.frame.rowCount, $0.metadata) }
    }
  }

  private func path(_ part: CrossSectionJob.Part, _ date: CivilDate) -> String {
    "\(folder)/\(part.rawValue)/\(date).\(job.format.fileExtension)"
  }

  private func metadata(_ day: CrossSectionSummary.Day, _ digest: String) -> [String: String] {
    func text(_ names: [String]) -> String {
      JSONValue.array(names.map { .string($0) }).text(indented: false)
    }
    return [
      LakeMetadata.schema: LakeMetadata.version, LakeMetadata.table: "cross_section",
      LakeMetadata.producer: producer, LakeMetadata.sources: text(["lake"]),
      Key.universe: job.members.rule,
      Key.windows: job.settings.windows.map(String.init).joined(separator: ","),
      Key.label: job.settings.label.rawValue,
      Key.settings: job.settings.json.text(indented: false),
      Key.nullInputs: text(day.nullInputs.map(\.rawValue)), Key.notes: text(day.notes),
      Key.digest: digest,
    ]
  }

  /// Of everything that the day's files are made from.
  private func digest(_ plan: CrossSectionDayPlan) throws -> String {
    var digest = FNV1a("\(HogaVersion.text) \(job.settings.json.text(indented: false))")
    func add(_ text: String) {
      for byte in text.utf8 { digest.add(byte: byte) }
      digest.add(byte: 0)
    }
    add(job.members.rule)
    for name in plan.members?.sorted() ?? ["*"] { add(name) }
    for partition in [plan.today, plan.before] {
      guard let partition else {
        digest.add(-1)
        continue
      }
      // The content, not the time it was written at: equal data make equal files.
      do {
        let bytes = try Data(
          contentsOf: URL(fileURLWithPath: partition.path), options: .mappedIfSafe)
        for byte in bytes { digest.add(byte: byte) }
      } catch {
        throw ResourceError("\(partition.path): \(error.localizedDescription)")
      }
    }
    return digest.text
  }

  /// What the day's files say of themselves, where all are there and made of the same things.
  private func existing(
    _ plan: CrossSectionDayPlan, _ digest: String
  ) -> CrossSectionSummary.Day? {
    var day: CrossSectionSummary.Day?
    for part in CrossSectionJob.Part.allCases {
      guard let file = stored(path(part, plan.date)), file.metadata[Key.digest] == digest,
        day?.rows ?? file.rows == file.rows
      else { return nil }
      day = CrossSectionSummary.Day(
        date: plan.date, symbols: file.rows / 1440, rows: file.rows,
        nullInputs: Self.names(file.metadata[Key.nullInputs]).compactMap(MinuteField.init),
        notes: Self.names(file.metadata[Key.notes]), isNew: false)
    }
    return day
  }

  /// A list that this job wrote.
  private static func names(_ text: String?) -> [String] {
    guard let text, case .array(let values)? = try? JSONReader.read(text) else { return [] }
    return values.compactMap { if case .string(let name) = $0 { name } else { nil } }
  }
}
