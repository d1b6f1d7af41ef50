internal import Foundation
public import HogaCore

/// Looks for what is wrong in a lake, in bounded memory.
///
/// Every partition is read row group by row group; books are rebuilt by the code that features and
/// simulators use. Whatever is found is counted, with the first row of each kind.
public struct LakeCheck: Sendable {
  /// Times without an event longer than this are counted as silences.
  public var silenceLimit: TimeSpan

  /// Bars that open after this are from the future.
  public var now: Timestamp

  public init(silenceLimit: TimeSpan = .seconds(60), now: Timestamp = .systemTime) {
    self.silenceLimit = silenceLimit
    self.now = now
  }

  /// Checks the partitions of a selection, and for a whole lake also the folders themselves.
  ///
  /// - Throws: `MissingInputError` where there is no lake or the selection is empty. What is wrong
  ///   with the data is not thrown, but found.
  public func run(
    _ lake: Lake, table: String? = nil, venue: String? = nil, symbol: String? = nil,
    dates: ClosedRange<CivilDate>? = nil, monitor: JobMonitor = JobMonitor()
  ) throws -> LakeCheckReport {
    let partitions = try lake.partitions(table: table, venue: venue, symbol: symbol, dates: dates)
    let isWhole = table == nil && venue == nil && symbol == nil && dates == nil
    var report = LakeCheckReport(tree: isWhole ? try TreeCheck(lake).findings : [], partitions: [])
    guard !partitions.isEmpty || !report.tree.isEmpty else {
      throw MissingInputError("\(lake.root): no partition is selected")
    }
    monitor.begin("checking the lake", total: Int64(partitions.count), unit: "partitions")
    // The book at the end of one day is that of the next day's beginning.
    var carried: (partition: Lake.Partition, book: OrderBook)?
    for partition in partitions {
      var book: OrderBook?
      if let carried, carried.partition.isDay(before: partition) { book = carried.book }
      let (entry, lastBook) = try check(partition, book: book, monitor: monitor)
      carried = lastBook.map { (partition, $0) }
      report.partitions.append(entry)
      try monitor.advance(by: 1)
    }
    return report
  }

  private func check(
    _ partition: Lake.Partition, book: OrderBook?, monitor: JobMonitor
  ) throws -> (PartitionCheckReport, OrderBook?) {
    var report = PartitionCheckReport(partition: partition)
    var tally = FindingTally()
    var lastBook: OrderBook?
    do {
      let file = try ParquetFile(partition.path)
      report.rows = file.rowCount
      if file.rowCount == 0 { tally.add(.empty) }
      if let table = MarketTable(rawValue: partition.table) {
        var check = MarketTableCheck(
          table, partition, file, silenceLimit: silenceLimit, book: book, tally: tally)
        defer {
          tally = check.tally
          check.statistics.copy(to: &report)
          lastBook = check.lastBook
        }
        try check.run(monitor)
      } else if let table = CandleTable(name: partition.table) {
        var check = CandleTableCheck(table, partition, file, now: now, tally: tally)
        defer {
          tally = check.tally
          report.first = check.first
          report.last = check.last
          report.symbols = check.symbols
        }
        try check.run(monitor)
      } else {
        // Of a foreign table only this is known: that it has to be readable.
        let next = file.chunks()
        while try next() != nil { try monitor.checkCancelled() }
      }
    } catch let error as DataError {
      let place = error.column.map { "column \($0): " } ?? ""
      tally.add(.unreadable, place + error.reason)
    } catch let error as MissingInputError {
      tally.add(.unreadable, error.description)
    }
    report.findings = tally.findings
    return (report, lastBook)
  }
}

extension Timestamp {
  /// What the machine's clock shows.
  public static var systemTime: Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

extension Lake.Partition {
  fileprivate func isDay(before other: Lake.Partition) -> Bool {
    table == other.table && venue == other.venue && symbol == other.symbol
      && date.adding(days: 1) == other.date
  }
}

/// What a check found in one partition.
public struct PartitionCheckReport: Sendable {
  public var partition: Lake.Partition
  public var rows = 0
  /// How many there are, in a table that holds all of a day.
  public var symbols: Int?
  /// Nanoseconds since 1970 UTC, by arrival.
  public var first: Int64?
  public var last: Int64?
  /// The longest time between two arrivals, in nanoseconds, and the row after it.
  public var longestSilence: Int64 = 0
  public var longestSilenceRow: Int?
  /// Messages while the book was stale or not yet known; their books were not judged.
  public var staleMessages = 0
  /// Nanoseconds during which the book was stale or not yet known.
  public var staleTime: Int64 = 0
  public var findings: [CheckFinding] = []

  public var hasErrors: Bool { findings.contains { $0.severity == .error } }

  public var json: JSONValue {
    .object([
      ("table", .string(partition.table)), ("venue", .string(partition.venue)),
      ("symbol", partition.symbol.map { .string($0) } ?? .null),
      ("date", .string(partition.date.description)), ("path", .string(partition.path)),
      ("rows", .int(Int64(rows))), ("symbols", symbols.map { .int(Int64($0)) } ?? .null),
      ("first", first.map { .int($0) } ?? .null),
      ("last", last.map { .int($0) } ?? .null), ("longest_silence_ns", .int(longestSilence)),
      ("stale_messages", .int(Int64(staleMessages))), ("stale_ns", .int(staleTime)),
      ("findings", .array(findings.map(\.json))),
    ])
  }
}

/// What a check found in a lake.
public struct LakeCheckReport: Sendable {
  /// What does not belong into the folders.
  public var tree: [(path: String, finding: CheckFinding)]
  public var partitions: [PartitionCheckReport]

  /// Whether anything is wrong enough to exit with 65.
  public var hasErrors: Bool {
    partitions.contains(where: \.hasErrors) || tree.contains { $0.finding.severity == .error }
  }
  public var errorCount: Int { count(.error) }
  public var warningCount: Int { count(.warning) }

  private func count(_ severity: CheckFinding.Severity) -> Int {
    (partitions.flatMap(\.findings) + tree.map(\.finding)).count { $0.severity == severity }
  }

  public var json: JSONValue {
    .object([
      ("errors", .int(Int64(errorCount))), ("warnings", .int(Int64(warningCount))),
      ("partitions", .array(partitions.map(\.json))),
      (
        "tree",
        .array(
          tree.map { .object([("path", .string($0.path)), ("finding", $0.finding.json)]) })
      ),
    ])
  }
}

extension LakeCheckReport: CustomStringConvertible {
  /// One line per partition, and below it what was found.
  public var description: String {
    var lines: [String] = []
    for entry in partitions {
      var line = "\(entry.partition.name): \(entry.rows) rows"
      if let symbols = entry.symbols { line += " of \(symbols) symbols" }
      if let first = entry.first, let last = entry.last {
        line += ", \(Coverage.clock(first)) to \(Coverage.clock(last))"
        if entry.symbols == nil {
          line += ", longest silence \(Coverage.seconds(entry.longestSilence))"
        }
      }
      if entry.staleMessages > 0 {
        line += ", stale for \(Coverage.seconds(entry.staleTime))"
      }
      lines.append(entry.findings.isEmpty ? line + ", nothing found" : line)
      lines += entry.findings.map { "  \($0)" }
    }
    lines += tree.map { "\($0.path): \($0.finding)" }
    lines.append(
      "\(partitions.count) partitions, \(errorCount) kinds of errors, \(warningCount) of warnings")
    return lines.joined(separator: "\n")
  }
}

/// Looks for files that do not belong into a lake.
private struct TreeCheck {
  private(set) var findings: [(path: String, finding: CheckFinding)] = []

  init(_ lake: Lake) throws {
    // The ledger of trials lies beside the tables, with SQLite's journal while it is written.
    let ledger = lake.root + "/ledger.sqlite"
    let known = Set(
      try lake.partitions().map(\.path) + [lake.coveragePath, ledger, ledger + "-journal"])
    guard
      let walk = FileManager.default.enumerator(
        at: URL(fileURLWithPath: lake.root), includingPropertiesForKeys: [.isDirectoryKey])
    else { return }
    let base = URL(fileURLWithPath: lake.root).path
    var paths: [String] = []
    for case let url as URL in walk {
      let isFolder = (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory ?? false
      if !isFolder { paths.append(lake.root + url.path.dropFirst(base.count)) }
    }
    for path in paths.sorted() where !known.contains(path) {
      var tally = FindingTally()
      let name = AtomicFile.name(of: path)
      if name.hasPrefix("."), name.hasSuffix(".tmp") {
        // One that is being written is nobody's fault.
        guard !AtomicFile.isBeingWritten(path) else { continue }
        tally.add(.leftover)
      } else {
        tally.add(.foreignFile)
      }
      findings += tally.findings.map { (path, $0) }
    }
  }
}
