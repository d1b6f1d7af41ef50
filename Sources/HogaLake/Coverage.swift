internal import Foundation
public import HogaCore

/// What one partition holds.
public struct PartitionCoverage: Hashable, Sendable, Codable {
  public var table: String
  public var venue: String
  /// Absent where the table holds all symbols of a day.
  public var symbol: String?
  /// `yyyy-mm-dd`.
  public var date: String
  public var rows: Int
  /// How many symbols a table of all of them holds; absent for others.
  public var symbols: Int?
  /// Nanoseconds since 1970 UTC of the first and last event by arrival; absent without rows.
  public var first: Int64?
  public var last: Int64?
  /// The file's size.
  public var bytes: Int64
  /// The longest time between two rows (of one symbol) that follow each other, in nanoseconds, and
  /// its beginning.
  public var largestGap: Int64
  public var largestGapStart: Int64?
  /// The share of the seconds from first to last that have an event; for bars, of those that the
  /// symbols have of a whole day.
  public var secondsShare: Double
  /// How often the feed lost messages, for `depth` and `orders`. A partition that begins before its first
  /// snapshot has lost none by that.
  public var feedGaps: Int
  public var sources: [String]
  public var producer: String
  /// Nanoseconds since 1970 UTC: when the file was last changed, which with its size tells whether
  /// these figures are still its own.
  public var modified: Int64

  enum CodingKeys: String, CodingKey {
    case table, venue, symbol, date, rows, symbols, first, last, bytes
    case largestGap = "largest_gap_ns"
    case largestGapStart = "largest_gap_start"
    case secondsShare = "seconds_share"
    case feedGaps = "feed_gaps"
    case sources, producer, modified
  }

  public var json: JSONValue {
    .object([
      ("table", .string(table)), ("venue", .string(venue)),
      ("symbol", symbol.map { .string($0) } ?? .null), ("date", .string(date)),
      ("rows", .int(Int64(rows))), ("symbols", symbols.map { .int(Int64($0)) } ?? .null),
      ("first", first.map { .int($0) } ?? .null),
      ("last", last.map { .int($0) } ?? .null), ("bytes", .int(bytes)),
      ("largest_gap_ns", .int(largestGap)),
      ("largest_gap_start", largestGapStart.map { .int($0) } ?? .null),
      ("seconds_share", .double(secondsShare)), ("feed_gaps", .int(Int64(feedGaps))),
      ("sources", .array(sources.map { .string($0) })), ("producer", .string(producer)),
      ("modified", .int(modified)),
    ])
  }
}

/// What a lake holds, per partition.
public struct Coverage: Sendable {
  public var partitions: [PartitionCoverage]
  /// Files that could not be read, with the reason.
  public var unreadable: [(path: String, reason: String)]

  /// Of the figures' meaning: a manifest of another version is made anew.
  static let version = 3

  public var json: JSONValue {
    .object([
      ("version", .int(Int64(Self.version))), ("partitions", .array(partitions.map(\.json))),
      (
        "unreadable",
        .array(
          unreadable.map { .object([("path", .string($0.path)), ("reason", .string($0.reason))]) })
      ),
    ])
  }
}

extension Lake {
  /// The manifest that `coverage` keeps beside the tables.
  public var coveragePath: String { root + "/coverage.json" }

  /// Says what the lake holds, and writes it to `coverage.json`.
  ///
  /// Files whose size and time of change are those of the manifest are not read again, so it stays
  /// cheap, and true when files are replaced. Where the lake may not be written, the manifest is
  /// left out.
  public func coverage(
    table: String? = nil, venue: String? = nil, symbol: String? = nil,
    dates: ClosedRange<CivilDate>? = nil, monitor: JobMonitor = JobMonitor()
  ) throws -> Coverage {
    let selected = try partitions(table: table, venue: venue, symbol: symbol, dates: dates)
    let old = try readManifest()
    var known: [String: PartitionCoverage] = [:]
    for entry in old {
      if let path = entry.path(in: self) { known[path] = entry }
    }
    var result = Coverage(partitions: [], unreadable: [])
    var fresh: [String: PartitionCoverage] = [:]
    monitor.begin("reading the lake", total: Int64(selected.count), unit: "partitions")
    for partition in selected {
      do {
        let state = try FileState(partition.path)
        let entry: PartitionCoverage
        if let cached = known[partition.path], state.matches(cached) {
          entry = cached
        } else {
          entry = try PartitionCoverage(of: partition, state: state, monitor: monitor)
        }
        fresh[partition.path] = entry
        result.partitions.append(entry)
      } catch let error as DataError {
        result.unreadable.append((partition.path, error.reason))
      } catch is MissingInputError {
        continue  // removed since it was listed
      }
      try monitor.advance(by: 1)
    }
    // Entries outside of the selection stay, as long as they are true.
    for (path, entry) in known
    where fresh[path] == nil && !selected.contains(where: { $0.path == path }) {
      if let state = try? FileState(path), state.matches(entry) { fresh[path] = entry }
    }
    let all = fresh.sorted { $0.key < $1.key }.map(\.value)
    if all != old { try writeManifest(all) }
    return result
  }

  private func writeManifest(_ entries: [PartitionCoverage]) throws {
    // A lake on a read-only disk, or of another user, can still be listed.
    guard access(root, W_OK) == 0 else { return }
    let file = try AtomicFile(path: coveragePath)
    defer { file.abandon() }
    try file.write(Coverage(partitions: entries, unreadable: []).json.text())
    try file.flush()
    try file.publish()
  }

  /// The manifest's entries; none where it is absent, or not one of ours: it is only a cache.
  private func readManifest() throws -> [PartitionCoverage] {
    struct Manifest: Decodable {
      var version: Int
      var partitions: [PartitionCoverage]
    }
    guard let data = FileManager.default.contents(atPath: coveragePath),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: data),
      manifest.version == Coverage.version
    else { return [] }
    return manifest.partitions
  }
}

extension PartitionCoverage {
  fileprivate func path(in lake: Lake) -> String? {
    CivilDate(date).flatMap {
      try? lake.partition(table: table, venue: venue, symbol: symbol, date: $0).path
    }
  }

  fileprivate init(
    of partition: Lake.Partition, state: FileState, monitor: JobMonitor
  ) throws {
    let file = try ParquetFile(partition.path)
    table = partition.table
    venue = partition.venue
    symbol = partition.symbol
    date = partition.date.description
    rows = file.rowCount
    bytes = state.size
    modified = state.modified
    sources = try LakeMetadata.sources(of: file)
    producer = file.metadata[LakeMetadata.producer] ?? ""
    largestGap = 0
    secondsShare = 0
    feedGaps = 0

    if let table = CandleTable(name: partition.table), partition.symbol == nil,
      file.contains("symbol"), file.contains("time")
    {
      try addBars(table, file, monitor)
      return
    }
    guard let timeColumn = file.timeColumn else { return }
    let isOrders = partition.table == MarketTable.orders.rawValue
    let countsGaps =
      (partition.table == MarketTable.depth.rawValue || isOrders) && file.contains("kind")
    let next = file.chunks(columns: [timeColumn] + (countsGaps ? ["kind"] : []))
    var losses = FeedLosses()
    var seconds = Set<Int64>()
    var previous: Int64?
    var lastSecond: Int64?
    while let chunk = try next() {
      try monitor.checkCancelled()
      for time in try chunk.int64s(timeColumn) where time != Column.missing {
        first = min(first ?? time, time)
        last = max(last ?? time, time)
        if let before = previous,
          case (let gap, let overflow) = time.subtractingReportingOverflow(before),
          !overflow, gap > largestGap
        {
          largestGap = gap
          largestGapStart = before
        }
        previous = time
        let second = time.floorDivided(by: 1_000_000_000)
        if second != lastSecond {
          seconds.insert(second)
          lastSecond = second
        }
      }
      if countsGaps, case .category(let kinds)? = chunk["kind"] {
        // Of orders, everything but a gap is an update.
        let kindOf = kinds.levels.map { DepthKind(rawValue: $0) ?? (isOrders ? .update : nil) }
        for code in kinds.codes where code >= 0 {
          if let kind = kindOf[Int(code)], losses.isLoss(kind) { feedGaps += 1 }
        }
      }
    }
    if let first, let last {
      let span = last.floorDivided(by: 1_000_000_000) - first.floorDivided(by: 1_000_000_000) + 1
      secondsShare = Double(seconds.count) / Double(span)
    }
  }
}

extension PartitionCoverage {
  /// Of a table whose rows go by symbol, then time.
  private mutating func addBars(
    _ table: CandleTable, _ file: ParquetFile, _ monitor: JobMonitor
  ) throws {
    var previous: (symbol: String?, time: Int64)?
    var names = Set<String>()
    let next = file.chunks(columns: ["symbol", "time"])
    while let chunk = try next() {
      try monitor.checkCancelled()
      guard case .category(let texts) = try chunk.column("symbol") else { return }
      let times = try chunk.int64s("time")
      names.formUnion(texts.levels)
      var code: Int32 = -2
      for row in times.indices where times[row] != Column.missing {
        let time = times[row]
        first = min(first ?? time, time)
        last = max(last ?? time, time)
        let isSame = code == texts.codes[row] || previous?.symbol == texts[row]
        if let before = previous, isSame,
          case (let gap, let overflow) = time.subtractingReportingOverflow(before.time),
          !overflow, gap > largestGap
        {
          largestGap = gap
          largestGapStart = before.time
        }
        if code != texts.codes[row] || previous == nil { previous = (texts[row], time) }
        previous?.time = time
        code = texts.codes[row]
      }
    }
    symbols = names.count
    if let expected = table.rowsPerDay, !names.isEmpty {
      secondsShare = Double(rows) / Double(names.count * expected)
    }
  }
}

extension ParquetFile {
  /// The column by which a table is ordered: `arrival`, else `time`, else the first of its type.
  var timeColumn: String? {
    let times = schema.filter { $0.type == .timestamp }.map(\.name)
    return ["arrival", "time"].first(where: times.contains) ?? times.first
  }
}

extension Coverage: CustomStringConvertible {
  /// A table for people: one line per partition.
  public var description: String {
    var lines = [
      ["table", "venue", "symbol", "date", "rows", "from", "to", "longest gap", "filled", "MB"]
    ]
    for entry in partitions {
      lines.append([
        entry.table, entry.venue,
        entry.symbol ?? entry.symbols.map { "\($0) symbols" } ?? "all", entry.date,
        String(entry.rows),
        entry.first.map { Self.clock($0) } ?? "–", entry.last.map { Self.clock($0) } ?? "–",
        Self.seconds(entry.largestGap) + (entry.feedGaps > 0 ? ", \(entry.feedGaps) lost" : ""),
        String(format: "%.1f%%", entry.secondsShare * 100),
        String(format: "%.2f", Double(entry.bytes) / 1e6),
      ])
    }
    let isNumber = [false, false, false, false, true, false, false, true, true, true]
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    var text = lines.map { line in
      line.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - line[column].count)
        return isNumber[column] ? padding + line[column] : line[column] + padding
      }.joined(separator: "  ").trimmingTrailingSpaces
    }.joined(separator: "\n")
    for file in unreadable { text += "\n\(file.path): \(file.reason)" }
    return text
  }

  static func clock(_ nanoseconds: Int64) -> String {
    String(time(nanoseconds).dropFirst(11).prefix(8))
  }

  /// ISO 8601, or the number itself at the ends of its range, where dates cannot be reckoned.
  static func time(_ nanoseconds: Int64) -> String {
    nanoseconds.magnitude < 9_200_000_000_000_000_000
      ? Timestamp(nanoseconds: nanoseconds).description : "\(nanoseconds) ns since 1970 (UTC)"
  }

  static func seconds(_ nanoseconds: Int64) -> String {
    switch nanoseconds {
    case ..<1_000_000: "\(nanoseconds) ns"
    case ..<10_000_000_000: String(format: "%.3f s", Double(nanoseconds) / 1e9)
    default: String(format: "%.1f s", Double(nanoseconds) / 1e9)
    }
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
