public import HogaCore
public import HogaLake

/// When a market's tables have events, for the report: stretches that are present, silent or stale.
public struct CoverageJob: Sendable {
  public var lake: Lake
  public var market: Workflow.Market
  /// A silence longer than this is a gap.
  public var silence: TimeSpan

  public init(lake: Lake, market: Workflow.Market, silence: TimeSpan = .seconds(10)) {
    self.lake = lake
    self.market = market
    self.silence = silence
  }

  /// A list of `table, rows, bytes, first, last, longest_silence_s, active_share, feed_gaps, spans`,
  /// each table's days joined.
  public func run(monitor: JobMonitor) throws -> JSONValue {
    let partitions = try lake.partitions(
      venue: market.venue, symbol: market.symbol, dates: market.dates)
    let tables = MarketTable.allCases.filter { table in
      partitions.contains { $0.table == table.rawValue }
    }
    monitor.begin("looking for gaps", total: Int64(tables.count), unit: "tables")
    return .array(
      try tables.map { table in
        var strip = Strip(silence: silence.nanoseconds)
        for partition in partitions where partition.table == table.rawValue {
          try strip.add(ParquetFile(partition.path), isDepth: table == .depth)
        }
        try monitor.advance(by: 1)
        return strip.json(table: table.rawValue)
      })
  }
}

/// One table's stretches, found by reading its arrivals.
private struct Strip {
  private enum State: String { case present, gap, stale }

  private let silence: Int64
  private var spans: [(from: Int64, to: Int64, state: State)] = []
  private var state = State.present
  private var first: Int64?
  private var last: Int64 = 0
  private var longestSilence: Int64 = 0
  private var rows = 0
  private var bytes: Int64 = 0
  private var feedGaps = 0
  private var activeSeconds = 0
  private var lastSecond = Int64.min

  init(silence: Int64) { self.silence = silence }

  mutating func add(_ file: ParquetFile, isDepth: Bool) throws {
    rows += file.rowCount
    let columns = isDepth ? ["arrival", "kind"] : ["arrival"]
    bytes += try file.schema.reduce(0) { $0 + (try file.storedBytes(of: $1.name)) }
    var losses = FeedLosses()
    let next = file.chunks(columns: columns)
    while let chunk = try next() {
      let arrivals = try chunk.int64s("arrival")
      var kinds: [DepthKind?] = []
      if isDepth, case .category(let texts) = try chunk.column("kind") {
        let known = texts.levels.map { DepthKind(rawValue: $0) }
        kinds = texts.codes.map { $0 < 0 ? nil : known[Int($0)] }
      }
      for (row, arrival) in arrivals.enumerated() {
        let kind = isDepth ? kinds[row] : nil
        if let kind, losses.isLoss(kind) { feedGaps += 1 }
        add(arrival, Self.state(kind))
      }
    }
  }

  /// A gap makes the book stale, a snapshot vouches for it again, an update changes neither.
  private static func state(_ kind: DepthKind?) -> State? {
    switch kind {
    case .gap: .stale
    case .snapshot: .present
    case .update, nil: nil
    }
  }

  private mutating func add(_ arrival: Int64, _ change: State?) {
    if first == nil {
      first = arrival
      spans = [(arrival, arrival, .present)]
    } else {
      longestSilence = max(longestSilence, arrival - last)
      if arrival - last > silence {
        spans.append((last, arrival, .gap))
        spans.append((arrival, arrival, state))
      } else {
        spans[spans.count - 1].to = arrival
      }
    }
    if let change, change != state {
      state = change
      spans.append((arrival, arrival, change))
    }
    let second = arrival.floorDivided(by: 1_000_000_000)
    if second != lastSecond {
      activeSeconds += 1
      lastSecond = second
    }
    last = arrival
  }

  func json(table: String) -> JSONValue {
    let start = first ?? 0
    let seconds = (last - start) / 1_000_000_000 + 1
    return [
      "table": .string(table), "rows": .int(Int64(rows)), "bytes": .int(bytes),
      "first": .string("\(Timestamp(nanoseconds: start))"),
      "last": .string("\(Timestamp(nanoseconds: last))"),
      "longest_silence_s": .double(Double(longestSilence) / 1e9),
      "active_share": .double(min(1, Double(activeSeconds) / Double(seconds))),
      "feed_gaps": .int(Int64(feedGaps)),
      "spans": .array(
        spans.filter { $0.to > $0.from }.map {
          ["from": .int($0.from), "to": .int($0.to), "state": .string($0.state.rawValue)]
        }),
    ]
  }
}
