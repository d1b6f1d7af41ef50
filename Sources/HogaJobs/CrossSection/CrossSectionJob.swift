internal import Foundation
public import HogaCore
public import HogaCrossSection
public import HogaLake

/// Computes cross-sections from the lake's table `minutes`: features, labels, and both joined, a file
/// for each day.
///
/// A day depends on its own minutes and those of the day before, so days are computed in any order
/// and on any number of threads, with the same bits. A run that was stopped is completed by running
/// it again: days whose files were made from the same data by the same settings are left as they are.
public struct CrossSectionJob: Sendable {
  /// Which symbols a day's cross-section has.
  public enum Members: Sendable {
    /// Those of a file, and its path.
    case listed(Universe, path: String)
    /// The most traded of the day before, among those that have minutes on the day.
    case top(Int)
    /// All that have minutes on the day.
    case all

    var areAll: Bool { if case .all = self { true } else { false } }

    /// As the footers' `hoga.universe` carries it.
    public var rule: String {
      switch self {
      case .listed(let universe, _): universe.rule
      case .top: "day-before"
      case .all: "all"
      }
    }
  }

  /// How tables are stored.
  public enum Format: String, CaseIterable, Sendable {
    case parquet
    /// See `HDF5File`: for other programs; Hoga's own commands read Parquet.
    case hdf5

    var fileExtension: String { self == .parquet ? "parquet" : "h5" }
  }

  public var lake: Lake
  public var venue: String
  public var dates: ClosedRange<CivilDate>
  public var members: Members
  public var settings: CrossSectionSettings
  public var format: Format
  /// How many threads.
  public var workers: Int
  /// Whether days are computed anew whose files are there.
  public var force: Bool

  public init(
    lake: Lake, venue: String, dates: ClosedRange<CivilDate>, members: Members,
    settings: CrossSectionSettings = CrossSectionSettings(), format: Format = .parquet,
    workers: Int = 1, force: Bool = false
  ) {
    self.lake = lake
    self.venue = venue
    self.dates = dates
    self.members = members
    self.settings = settings
    self.format = format
    self.workers = workers
    self.force = force
  }

  /// Keys of the footers, besides `LakeMetadata`'s.
  enum Key {
    /// `day-before`, `same-day`, `all`.
    static let universe = "hoga.universe"
    /// Minutes, separated by commas.
    static let windows = "hoga.windows"
    /// `return`, `difference`.
    static let label = "hoga.label"
    /// Fields that the day does not have, a JSON list.
    static let nullInputs = "hoga.null_inputs"
    /// All settings, JSON.
    static let settings = "hoga.cross_section"
    /// What a reader of the file should know, a JSON list.
    static let notes = "hoga.notes"
    /// Tells files of other data or settings apart.
    static let digest = "hoga.digest"
  }

  /// The folders of a day's three tables.
  enum Part: String, CaseIterable {
    case x, y, xy
  }

  /// What days under way may take together, so that the whole program stays below 2 GB.
  private static let memoryBudget = 1_400_000_000

  /// Writes `x/<date>`, `y/<date>` and `xy/<date>` for each day, and `cross-section.json`.
  ///
  /// - Throws: `MissingInputError` where no day can be computed, `UsageError`, `DataError` for
  ///   minutes that are none, `ResourceError`, `Cancelled`.
  public func run(
    to folder: String, producer: String, monitor: JobMonitor
  ) throws -> CrossSectionSummary {
    let crossSection = try CrossSection(settings: settings)
    guard workers > 0 else { throw UsageError("work needs at least one worker") }
    if case .top(let count) = members, count < 1 {
      throw UsageError("a universe of \(count) symbols is none")
    }
    let (days, skipped) = try plan(monitor)
    guard !days.isEmpty else {
      let reason = skipped.first.map { "; \($0.date): \($0.reason)" } ?? ""
      throw MissingInputError(
        "\(lake.root): no day from \(dates.lowerBound) to \(dates.upperBound) has a cross-section of "
          + "\(venue)\(reason)")
    }
    for part in Part.allCases { try StagedFolder.make("\(folder)/\(part.rawValue)") }

    let rows = days.map(\.memberCount).max() ?? 0
    let bytes = Self.bytes(symbols: rows, crossSection)
    let together = max(1, min(workers, min(days.count, Self.memoryBudget / max(bytes, 1))))
    monitor.begin("computing cross-sections", total: Int64(days.count), unit: "days")
    let written = try inParallel(count: days.count, workers: together) { index in
      let writer = DayWriter(
        job: self, crossSection: crossSection, folder: folder, producer: producer,
        workers: max(1, workers / together))
      let day = try writer.write(days[index], monitor)
      try monitor.advance(by: 1)
      return day
    }
    let summary = CrossSectionSummary(
      venue: venue, dates: dates, rule: members.rule, members: members.json, settings: settings,
      columns: crossSection.catalogue.entries.count,
      usableColumns: Self.usableColumns(crossSection, written), days: written, skipped: skipped,
      others: otherFiles(in: folder))
    try TextFile.write(summary.json.text(), to: "\(folder)/\(CrossSectionSummary.fileName)")
    return summary
  }

  private static func usableColumns(
    _ crossSection: CrossSection, _ days: [CrossSectionSummary.Day]
  ) -> Int {
    let absent = Set(
      MinuteField.allCases.filter { field in days.allSatisfy { $0.nullInputs.contains(field) } })
    let catalogue = crossSection.catalogue
    return catalogue.entries.count - catalogue.names(without: absent).count
  }

  /// About the memory that a day under way takes.
  static func bytes(symbols: Int, _ crossSection: CrossSection) -> Int {
    let entries = crossSection.catalogue.entries
    let columns = entries.count { $0.identicalTo == nil } + crossSection.settings.windows.count
    let inputs = MinuteField.allCases.count
    let minutes = 1440 + crossSection.lookBack
    // Columns; the minutes twice, as read and side by side; and what the writer holds back.
    return symbols * (1440 * 8 * columns + 2 * minutes * 8 * inputs) + 150_000_000
  }

  /// Days in the folder that this run did not ask for.
  private func otherFiles(in folder: String) -> [CivilDate] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/xy")) ?? []
    return names.compactMap { name in
      let suffix = ".\(format.fileExtension)"
      return name.hasSuffix(suffix) ? CivilDate(name.dropLast(suffix.count)) : nil
    }.filter { !dates.contains($0) }.sorted()
  }
}
