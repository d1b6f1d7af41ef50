internal import HogaCore

/// Checks the rows of one market table, chunk by chunk.
struct MarketTableCheck {
  let table: MarketTable
  let partition: Lake.Partition
  let file: ParquetFile
  let silenceLimit: TimeSpan
  var tally: FindingTally
  var statistics = Statistics()
  /// The book after the last row, for `depth`.
  var lastBook: OrderBook? { depth?.book }

  private var instrument: Instrument?
  private let carriedBook: OrderBook?
  private var depth: DepthCheck?
  private var trades: RecentIDs?
  private var orders = OrdersCheck()
  private var row = 0
  private var lastArrival: Int64?
  private var lastTime: Int64?
  private var lastSequence: Int64?

  struct Statistics {
    var first: Int64?
    var last: Int64?
    var longestSilence: Int64 = 0
    var longestSilenceRow: Int?
    var staleMessages = 0
    var staleTime: Int64 = 0

    func copy(to report: inout PartitionCheckReport) {
      report.first = first
      report.last = last
      report.longestSilence = longestSilence
      report.longestSilenceRow = longestSilenceRow
      report.staleMessages = staleMessages
      report.staleTime = staleTime
    }
  }

  init(
    _ table: MarketTable, _ partition: Lake.Partition, _ file: ParquetFile, silenceLimit: TimeSpan,
    book: OrderBook?, tally: FindingTally
  ) {
    self.table = table
    self.partition = partition
    self.file = file
    self.silenceLimit = silenceLimit
    self.tally = tally
    carriedBook = book
    if table == .trades { trades = RecentIDs() }
  }

  mutating func run(_ monitor: JobMonitor) throws {
    checkMetadata()
    guard checkSchema() else { return }
    if table == .depth { depth = DepthCheck(book: carriedBook, priceSeverity: priceSeverity) }
    let next = file.chunks()
    while let chunk = try next() {
      try monitor.checkCancelled()
      let arrivals = try chunk.int64s("arrival")
      try checkStamps(chunk, arrivals)
      switch table {
      case .trades: try checkTrades(chunk)
      case .orders:
        try checkOrders(chunk)
        try orders.check(chunk, firstRow: row, into: &tally)
      case .status: try checkNulls(chunk, ["status"])
      case .book, .quotes: try checkLevels(chunk)
      case .depth: try depth!.check(chunk, arrivals, firstRow: row, into: &tally)
      }
      row += chunk.rowCount
    }
    depth?.finish(rowCount: row, into: &tally)
    statistics.staleMessages = depth?.staleMessages ?? 0
    statistics.staleTime = depth?.staleTime ?? 0
  }

  // MARK: The file

  private mutating func checkMetadata() {
    let version = file.metadata[LakeMetadata.schema]
    if version != LakeMetadata.version {
      tally.add(
        .metadata, "\(LakeMetadata.schema) is \(version ?? "absent"), not \(LakeMetadata.version)")
    }
    if let name = file.metadata[LakeMetadata.table], name != partition.table {
      tally.add(.metadata, "was written as table \(name)")
    }
    do {
      let instrument = try LakeMetadata.instrument(of: file)
      self.instrument = instrument
      if instrument.venue != partition.venue || instrument.symbol != partition.symbol {
        tally.add(.metadata, "describes \(instrument.venue) \(instrument.symbol)")
      }
    } catch {
      tally.add(.metadata, (error as? DataError)?.reason ?? "\(error)")
    }
  }

  /// Returns whether the rows can be checked.
  private mutating func checkSchema() -> Bool {
    for column in file.unsupportedColumns {
      tally.add(.schemaMismatch, "column \(column.name) is \(column.type)")
    }
    guard file.unsupportedColumns.isEmpty else { return false }
    guard let instrument else { return hasColumns() }
    var levels = 0
    while file.contains("bid_price_\(levels + 1)") { levels += 1 }
    let expected = table.schema(
      priceDecimals: instrument.priceDecimals, sizeDecimals: instrument.sizeDecimals,
      levels: max(1, levels))
    guard Set(file.schema) != Set(expected) else { return true }
    let known = Dictionary(file.schema.map { ($0.name, $0.type) }, uniquingKeysWith: { a, _ in a })
    for field in expected where known[field.name] != field.type {
      let found = known[field.name].map { "\($0)" } ?? "absent"
      tally.add(.schemaMismatch, "column \(field.name) is \(found), not \(field.type)")
    }
    let names = Set(expected.map(\.name))
    for field in file.schema where !names.contains(field.name) {
      tally.add(.schemaMismatch, "column \(field.name) is not of the table")
    }
    return hasColumns()
  }

  /// Whether the columns are there that the checks read, by type if not by decimals.
  private func hasColumns() -> Bool {
    let known = Dictionary(file.schema.map { ($0.name, $0.type) }, uniquingKeysWith: { a, _ in a })
    return table.schema(priceDecimals: 0, sizeDecimals: 0).allSatisfy { field in
      switch (known[field.name], field.type) {
      case (.decimal, .decimal): true
      case (let type, let expected): type == expected
      }
    }
  }

  // MARK: Stamps

  private mutating func checkStamps(_ chunk: Frame, _ arrivals: [Int64]) throws {
    let times = try chunk.int64s("time")
    let sequences = try chunk.int64s("sequence")
    var ends: [Bool]?
    if case .bool(let last)? = chunk["last"] { ends = last }
    if table == .orders { ends = OrdersCheck.kinds(chunk)?.map { $0 != .snapshot } }
    let day = partition.date.start.nanoseconds
    let nextDay = partition.date.adding(days: 1).start.nanoseconds
    var opensMessage = lastEndedMessage
    for index in arrivals.indices {
      let arrival = arrivals[index]
      let row = self.row + index
      if arrival == Column.missing {
        tally.add(.null, row: row, "arrival")
      } else {
        if let last = lastArrival { checkSilence(from: last, to: arrival, row) }
        if arrival < day || arrival >= nextDay {
          tally.add(.otherDate, row: row, Coverage.time(arrival))
        }
        statistics.first = min(statistics.first ?? arrival, arrival)
        statistics.last = max(statistics.last ?? arrival, arrival)
        lastArrival = arrival
      }
      let time = times[index]
      if time != Column.missing {
        if let last = lastTime, time < last {
          tally.add(.timeBackward, row: row, "by \(Self.span(from: time, to: last))")
        }
        if arrival != Column.missing, arrival < time {
          tally.add(.negativeLatency, row: row, "by \(Self.span(from: arrival, to: time))")
        }
        lastTime = time
      }
      let sequence = sequences[index]
      if sequence == Column.missing {
        tally.add(.null, row: row, "sequence")
      } else {
        if let last = lastSequence {
          if sequence < last {
            tally.add(.sequenceBackward, row: row, "\(sequence) after \(last)")
          } else if sequence == last, opensMessage {
            tally.add(.duplicateSequence, row: row, "\(sequence)")
          }
        }
        lastSequence = sequence
      }
      // The rows of one depth message or snapshot share their sequence; elsewhere a row is a message.
      opensMessage = ends?[index] ?? true
    }
    lastEndedMessage = opensMessage
  }

  private var lastEndedMessage = true

  private mutating func checkSilence(from last: Int64, to arrival: Int64, _ row: Int) {
    if arrival < last {
      tally.add(.arrivalBackward, row: row, "by \(Self.span(from: arrival, to: last))")
      return
    }
    let (silence, overflow) = arrival.subtractingReportingOverflow(last)
    let length = overflow ? Int64.max : silence
    if length > statistics.longestSilence {
      statistics.longestSilence = length
      statistics.longestSilenceRow = row + 1
    }
    if length > silenceLimit.nanoseconds {
      tally.add(.silence, row: row, Coverage.seconds(length))
    }
  }

  private static func span(from earlier: Int64, to later: Int64) -> String {
    let (length, overflow) = later.subtractingReportingOverflow(earlier)
    return overflow ? "more than 292 years" : Coverage.seconds(length)
  }

  // MARK: Cells

  private mutating func checkNulls(_ chunk: Frame, _ names: [String]) throws {
    for name in names {
      let column = try chunk.column(name)
      guard column.nullCount > 0 else { continue }
      for index in 0..<column.count where column.isNull(index) {
        tally.add(.null, row: row + index, name)
      }
    }
  }

  private mutating func checkTrades(_ chunk: Frame) throws {
    try checkNulls(chunk, ["price", "size"])
    let prices = try chunk.int64s("price")
    let sizes = try chunk.int64s("size")
    let ids = try chunk.int64s("id")
    guard case .int32(let aggressors) = try chunk.column("aggressor") else { return }
    for index in prices.indices {
      checkPrice(prices[index], row + index, "price")
      if sizes[index] <= 0, sizes[index] != Column.missing {
        tally.add(.size, row: row + index, "\(sizes[index])")
      }
      let aggressor = aggressors[index]
      if aggressor != 1, aggressor != -1, aggressor != Int32.min {
        tally.add(.unknownValue, row: row + index, "aggressor \(aggressor)")
      }
      if ids[index] != Column.missing, !trades!.insert(ids[index]) {
        tally.add(.duplicateTrade, row: row + index, "\(ids[index])")
      }
    }
  }

  private mutating func checkOrders(_ chunk: Frame) throws {
    try checkNulls(chunk, ["kind"])
    let sizes = try chunk.int64s("size")
    guard case .int32(let sides) = try chunk.column("side") else { return }
    for index in sizes.indices {
      if sizes[index] < 0, sizes[index] != Column.missing {
        tally.add(.size, row: row + index, "\(sizes[index])")
      }
      if ![1, -1, 0, Int32.min].contains(sides[index]) {
        tally.add(.unknownValue, row: row + index, "side \(sides[index])")
      }
    }
  }

  private mutating func checkPrice(_ price: Int64, _ row: Int, _ name: String) {
    guard price <= 0, price != Column.missing else { return }
    tally.add(.price, row: row, severity: priceSeverity, "\(name) \(price)")
  }

  /// Spreads, options and some futures trade at or below zero; nothing else does.
  private var priceSeverity: CheckFinding.Severity {
    instrument?.expiry == nil ? .error : .warning
  }

  // MARK: Levels

  private mutating func checkLevels(_ chunk: Frame) throws {
    let decimals = instrument?.priceDecimals ?? 0
    func text(_ ticks: Int64) -> String { Decimal.text(ticks, decimals: decimals) }
    let levels = chunk.bookLevels
    let sides = try ["bid", "ask"].map { side in
      try (1...max(1, levels)).map { level in
        (
          try chunk.int64s("\(side)_price_\(level)"), try chunk.int64s("\(side)_size_\(level)")
        )
      }
    }
    for index in 0..<chunk.rowCount {
      let row = self.row + index
      for (side, columns) in sides.enumerated() {
        checkSide(columns, index, row, isBid: side == 0)
      }
      let bid = sides[0][0].0[index]
      let ask = sides[1][0].0[index]
      switch (bid != Column.missing, ask != Column.missing) {
      case (false, false): tally.add(.emptyBook, row: row)
      case (true, false): tally.add(.oneSided, row: row, "no ask")
      case (false, true): tally.add(.oneSided, row: row, "no bid")
      case (true, true):
        if bid > ask {
          tally.add(.crossed, row: row, "bid \(text(bid)), ask \(text(ask))")
        } else if bid == ask {
          tally.add(.locked, row: row, "at \(text(bid))")
        }
      }
    }
  }

  private mutating func checkSide(
    _ columns: [([Int64], [Int64])], _ index: Int, _ row: Int, isBid: Bool
  ) {
    var previous: Int64?
    var ended = false
    for (level, column) in columns.enumerated() {
      let price = column.0[index]
      let size = column.1[index]
      if price == Column.missing {
        if size != Column.missing, size != 0 {
          tally.add(.null, row: row, "price of level \(level + 1), which has a size")
        }
        ended = true
        continue
      }
      if ended { tally.add(.levelOrder, row: row, "level \(level + 1) after one that is empty") }
      if let previous, isBid ? price >= previous : price <= previous {
        tally.add(.levelOrder, row: row, "level \(level + 1) is not behind level \(level)")
      }
      checkPrice(price, row, isBid ? "bid" : "ask")
      if size == Column.missing {
        tally.add(.null, row: row, "size of level \(level + 1)")
      } else if size <= 0 {
        tally.add(.size, row: row, "\(size) at level \(level + 1)")
      }
      previous = price
    }
  }
}

extension Column {
  fileprivate func isNull(_ row: Int) -> Bool {
    switch self {
    case .double(let values): values[row].isNaN
    case .int64(let values), .timestamp(let values), .decimal(let values, _):
      values[row] == Column.missing
    case .int32(let values): values[row] == Int32.min
    case .bool: false
    case .category(let values): values.codes[row] < 0
    }
  }
}

/// Tells a repeated number among the last million.
///
/// Feeds repeat trades when they reconnect, so the second comes soon after the first.
struct RecentIDs {
  private var recent: [Int64] = []
  private var known = Set<Int64>()
  private var oldest = 0
  private let limit: Int

  init(limit: Int = 1 << 20) { self.limit = limit }

  /// Returns false where the number is known.
  mutating func insert(_ id: Int64) -> Bool {
    guard known.insert(id).inserted else { return false }
    if recent.count < limit {
      recent.append(id)
    } else {
      known.remove(recent[oldest])
      recent[oldest] = id
      oldest = (oldest + 1) % limit
    }
    return true
  }
}
