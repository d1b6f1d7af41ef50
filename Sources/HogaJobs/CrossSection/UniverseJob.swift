internal import Foundation
public import HogaCore
public import HogaCrossSection
public import HogaLake

/// Chooses each day's universe by quote volume, from the lake's table `minutes`.
public struct UniverseJob: Sendable {
  public var lake: Lake
  public var venue: String
  public var dates: ClosedRange<CivilDate>
  public var top: Int
  /// Whether the day's own volume decides, which looks ahead.
  public var sameDay: Bool
  public var workers: Int

  /// The lists, and what a reader of them should know.
  public struct Result: Sendable {
    public var universe: Universe
    public var file: String
    public var notes: [String]

    public var json: JSONValue {
      [
        "days": .int(Int64(universe.days.count)), "file": .string(file),
        "look_ahead": .bool(universe.isSameDay), "notes": .array(notes.map { .string($0) }),
        "top": .int(Int64(universe.top)),
      ]
    }
    public var text: String {
      (["\(universe.days.count) days of at most \(universe.top) symbols: \(file)"]
        + notes.map { "  \($0)" }).joined(separator: "\n")
    }
  }

  public init(
    lake: Lake, venue: String, dates: ClosedRange<CivilDate>, top: Int, sameDay: Bool = false,
    workers: Int = 1
  ) {
    self.lake = lake
    self.venue = venue
    self.dates = dates
    self.top = top
    self.sameDay = sameDay
    self.workers = workers
  }

  /// Writes `top{N}_universe.json` into a folder.
  ///
  /// - Throws: `MissingInputError` where the lake has no minutes of these days, `UsageError` for a
  ///   top below one, `DataError`, `ResourceError`, `Cancelled`.
  public func run(to folder: String, monitor: JobMonitor) throws -> Result {
    guard top > 0 else { throw UsageError("a universe of \(top) symbols is none") }
    let ranking = try Self.ranking(
      lake: lake, venue: venue, dates: dates.lowerBound.adding(days: -1)...dates.upperBound,
      workers: workers, monitor: monitor)
    let (universe, without) = try ranking.universe(dates, top: top, sameDay: sameDay)
    guard !universe.days.isEmpty else {
      throw MissingInputError(
        "\(lake.root): no day from \(dates.lowerBound) to \(dates.upperBound) has minutes of "
          + "\(venue)\(sameDay ? "" : " and a day before that has them"); run hoga clean first")
    }
    try StagedFolder.make(folder)
    let file = "\(folder)/\(Universe.fileName(top: top))"
    try universe.write(to: file)
    return Result(universe: universe, file: file, notes: notes(ranking, without))
  }

  private func notes(_ ranking: UniverseRanking, _ without: [CivilDate]) -> [String] {
    var notes: [String] = []
    if sameDay {
      notes.append("looks ahead: each list is made from the volume of its own day (--same-day)")
    }
    if !without.isEmpty {
      let shown = without.prefix(5).map { "\($0)" }.joined(separator: ", ")
      let more = without.count > 5 ? " and \(without.count - 5) more" : ""
      notes.append(
        "no list for \(shown)\(more): no minutes of \(sameDay ? "the day" : "the day or the day before")"
      )
    }
    let estimated = Set(ranking.days.values.flatMap(\.estimated)).sorted()
    if let first = estimated.first {
      let more = estimated.count > 1 ? " and \(estimated.count - 1) more symbols" : ""
      notes.append("\(first)\(more) have no quote volume: close · volume stands in its place")
    }
    return notes
  }

  /// What was traded on each day that has minutes.
  static func ranking(
    lake: Lake, venue: String, dates: ClosedRange<CivilDate>, workers: Int, monitor: JobMonitor
  ) throws -> UniverseRanking {
    let partitions = try lake.partitions(
      table: CandleTable.minutes.name, venue: venue, dates: dates)
    monitor.begin("summing volumes", total: Int64(partitions.count), unit: "days")
    let days = try inParallel(count: partitions.count, workers: workers) { index in
      let path = partitions[index].path
      do {
        let frame = try ParquetFile(path).read(columns: ["symbol", "quote", "close", "volume"])
        let day = try UniverseRanking.Day(minutes: frame)
        try monitor.advance(by: 1)
        return day
      } catch let error as DataError {
        throw error.located(file: path)
      }
    }
    return UniverseRanking(
      days: Dictionary(
        zip(partitions.map(\.date), days).filter { !$1.volumes.isEmpty },
        uniquingKeysWith: { first, _ in first }))
  }
}
