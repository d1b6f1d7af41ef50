internal import HogaCore
internal import HogaLake

/// Makes the file of one day: the rows of this import, and those of other symbols that are there.
struct CandleDay {
  struct Outcome: Sendable {
    /// Of this import, duplicates left out.
    var rows = 0
    var duplicates = 0
    var combined = 0
    var symbols = 0
    /// Symbols that were there and stay as they were.
    var keptSymbols = 0
    /// Symbols with another number of rows than a day without gaps has.
    var uneven: [(symbol: String, rows: Int)] = []
    var rejections: [ImportReport.Rejection] = []
    var partition = ""
  }

  let table: CandleTable
  let date: CivilDate
  let policy: ErrorPolicy
  let replace: Bool
  /// The inputs' names as errors give them, and as the footers keep them.
  let inputNames: [String]
  let sourceNames: [String]

  /// One symbol's rows in order of time.
  private struct Rows {
    var times: [Int64] = []
    var values: [[Double]]
    var sources: Set<String> = []

    mutating func append(_ cells: [Double], at time: Int64) {
      times.append(time)
      for column in values.indices { values[column].append(cells[column]) }
    }

    /// Takes in rows at other times, in order.
    mutating func join(_ other: Rows) {
      sources.formUnion(other.sources)
      guard !other.times.isEmpty else { return }
      let all = times + other.times
      let cells = zip(values, other.values).map { $0 + $1 }
      let order = all.indices.sorted { all[$0] < all[$1] }
      times = order.map { all[$0] }
      values = cells.map { column in order.map { column[$0] } }
    }

    /// Joins a rate and a mark price of one funding, which come in files of their own.
    ///
    /// Rates are stamped some milliseconds late, mark prices on the hour: the rate's stamp stays.
    mutating func combine(_ cells: [Double], at time: Int64) -> Bool {
      guard let last = times.last, time - last <= 1_000_000_000 else { return false }
      let end = times.count - 1
      // One has the rate, the other the mark price.
      guard values[0][end].isNaN != cells[0].isNaN, values[1][end].isNaN != cells[1].isNaN,
        values[0][end].isNaN != values[1][end].isNaN
      else { return false }
      if values[0][end].isNaN { times[end] = time }
      for column in 0..<2 where values[column][end].isNaN { values[column][end] = cells[column] }
      return true
    }
  }

  /// Merges the blocks of a day with the file that is there.
  ///
  /// - Parameter begin: begins the file, given the state of the one that was merged and the footer.
  /// - Returns: what was written, or `nil` where no row was left.
  func write(
    _ blocks: [CandleBlock], over path: String,
    begin: (FileState?, [String: String]) throws -> ParquetWriter
  ) throws -> Outcome {
    var outcome = Outcome()
    var log = RejectionLog(policy)
    var fresh: [(symbol: String, rows: Rows)] = []
    var start = 0
    while start < blocks.count {
      var end = start
      while end < blocks.count, blocks[end].symbol == blocks[start].symbol { end += 1 }
      let rows = try join(blocks[start..<end], &outcome, &log)
      if let expected = table.rowsPerDay, rows.times.count != expected {
        outcome.uneven.append((blocks[start].symbol, rows.times.count))
      }
      outcome.rows += rows.times.count
      fresh.append((blocks[start].symbol, rows))
      start = end
    }
    outcome.symbols = fresh.count
    outcome.rejections = log.rejections

    let state = FileState.ofFile(path)
    let there = try state.map { _ in try Existing(path, table) }
    let (frame, sources) = try merge(fresh, there, path, &outcome)
    let names: [String] = Set(sources.values.joined()).sorted()
    let writer = try begin(
      state,
      [
        LakeMetadata.sources: LakeMetadata.text(names),
        LakeMetadata.symbolSources: LakeMetadata.text(sources),
      ])
    try writer.append(frame)
    // The commit brings all days to the disk at once.
    try writer.finish(flushes: false)
    return outcome
  }

  // MARK: Rows of this import

  /// Puts a symbol's rows in order of time and settles what is there twice.
  private func join(
    _ blocks: ArraySlice<CandleBlock>, _ outcome: inout Outcome, _ log: inout RejectionLog
  ) throws -> Rows {
    let width = table.schema.count - 2
    let total = blocks.reduce(0) { $0 + $1.rowCount }
    var times: [Int64] = []
    var places: [(block: Int, row: Int)] = []
    times.reserveCapacity(total)
    places.reserveCapacity(total)
    for (index, block) in zip(blocks.indices, blocks) {
      times += block.cells[..<block.rowCount]
      for row in 0..<block.rowCount { places.append((index, row)) }
    }
    var order = Array(times.indices)
    if !zip(times, times.dropFirst()).allSatisfy(<) {
      order.sort { (times[$0], $0) < (times[$1], $1) }
    }
    var rows = Rows(values: Array(repeating: [], count: width))
    rows.times.reserveCapacity(total)
    for index in rows.values.indices { rows.values[index].reserveCapacity(total) }
    for next in order {
      let (blockIndex, row) = places[next]
      let block = blocks[blockIndex]
      func cell(_ column: Int) -> Double {
        Double(bitPattern: UInt64(bitPattern: block.cells[(column + 2) * block.rowCount + row]))
      }
      let cells = (0..<width).map(cell)
      if table == .funding, rows.combine(cells, at: times[next]) {
        outcome.combined += 1
      } else if rows.times.last != times[next] {
        rows.append(cells, at: times[next])
      } else if zip(rows.values, cells).allSatisfy({ isSame($0[rows.times.count - 1], $1) }) {
        outcome.duplicates += 1
      } else {
        try log.reject(
          "a row that contradicts another one of its symbol and time",
          found: "\(block.symbol) \(Timestamp(nanoseconds: times[next]))",
          file: inputNames[block.file], line: block.cells[block.rowCount + row])
        continue
      }
      rows.sources.insert(sourceNames[block.file])
    }
    return rows
  }

  private func isSame(_ left: Double, _ right: Double) -> Bool {
    left == right || (left.isNaN && right.isNaN)
  }

  // MARK: Rows that are there

  /// The file of the day as it is.
  private struct Existing {
    var frame: Frame
    var sources: [String: [String]]
    var ranges: [(symbol: String, rows: Range<Int>)] = []

    init(_ path: String, _ table: CandleTable) throws {
      let file = try ParquetFile(path)
      frame = try table.conforming(try file.read(columns: file.schema.map(\.name)))
      sources = try LakeMetadata.symbolSources(of: file)
      var start = 0
      for (symbol, count) in try file.symbolRuns() {
        ranges.append((symbol, start..<start + count))
        start += count
      }
      guard case .category(let texts) = try frame.column("symbol"),
        ranges.allSatisfy({ symbol, rows in rows.allSatisfy { texts[$0] == symbol } })
      else { throw DataError("is not sorted by symbol; remove it or write it anew", file: path) }
    }
  }

  private func merge(
    _ fresh: [(symbol: String, rows: Rows)], _ there: Existing?, _ path: String,
    _ outcome: inout Outcome
  ) throws -> (Frame, [String: [String]]) {
    var fresh = fresh
    let freshPlace = Dictionary(uniqueKeysWithValues: fresh.enumerated().map { ($1.symbol, $0) })
    var sources: [String: [String]] = [:]
    var kept: [String: Range<Int>] = [:]
    for (symbol, range) in there?.ranges ?? [] {
      if let place = freshPlace[symbol] {
        if table.isReadings {
          try fresh[place].rows.join(
            readings(symbol, range, there!, besides: fresh[place].rows, path))
        } else {
          try checkReplaceable(symbol, range, there!, by: fresh[place].rows, path)
        }
      } else {
        kept[symbol] = range
        sources[symbol] = there!.sources[symbol]
      }
    }
    outcome.keptSymbols = kept.count
    for (symbol, rows) in fresh { sources[symbol] = rows.sources.sorted() }

    let symbols = (Array(kept.keys) + fresh.map(\.symbol)).sorted()
    var codes: [Int32] = []
    var times: [Int64] = []
    let fields = table.schema.dropFirst(2)
    var values: [[Double]] = Array(repeating: [], count: fields.count)
    let oldTimes = try there?.frame.int64s("time") ?? []
    let oldValues = try fields.map { try there?.frame.doubles($0.name) ?? [] }
    for (code, symbol) in symbols.enumerated() {
      if let range = kept[symbol] {
        codes += Array(repeating: Int32(code), count: range.count)
        times += oldTimes[range]
        for index in values.indices { values[index] += oldValues[index][range] }
      } else if let place = freshPlace[symbol] {
        let rows = fresh[place].rows
        codes += Array(repeating: Int32(code), count: rows.times.count)
        times += rows.times
        for index in values.indices { values[index] += rows.values[index] }
      }
    }
    var frame = Frame([
      ("symbol", .category(Categories(codes: codes, levels: symbols))), ("time", .timestamp(times)),
    ])
    for (field, column) in zip(fields, values) {
      if field.type == .int64 {
        // Counts were judged to be whole numbers up to 10¹⁵.
        frame.append(field.name, .int64(column.map { $0.isNaN ? Column.missing : Int64($0) }))
      } else {
        frame.append(field.name, .double(column))
      }
    }
    return (frame, sources)
  }

  /// Readings of a symbol's day that other files brought: a file's first or last reading falls on the
  /// neighbouring day, so that a day has several files, which may come one after the other.
  ///
  /// - Throws: `DataError` where two files contradict each other, unless the new one is to replace
  ///   what is there.
  private func readings(
    _ symbol: String, _ range: Range<Int>, _ there: Existing, besides rows: Rows, _ path: String
  ) throws -> Rows {
    var kept = Rows(values: Array(repeating: [], count: rows.values.count))
    let sources = there.sources[symbol] ?? []
    // What the same files brought before is written anew.
    if !sources.isEmpty, sources.allSatisfy(rows.sources.contains) { return kept }
    kept.sources = Set(sources)
    let times = try there.frame.int64s("time")
    let values = try table.schema.dropFirst(2).map { try there.frame.doubles($0.name) }
    var next = 0
    for row in range {
      while next < rows.times.count, rows.times[next] < times[row] { next += 1 }
      guard next < rows.times.count, rows.times[next] == times[row] else {
        kept.append(values.map { $0[row] }, at: times[row])
        continue
      }
      guard replace || values.indices.allSatisfy({ isSame(values[$0][row], rows.values[$0][next]) })
      else {
        throw DataError(
          "\(symbol) at \(Timestamp(nanoseconds: times[row])) is another reading than that of "
            + "\(rows.sources.sorted().first ?? "these files"); replace it (--replace) to take the "
            + "new one", file: path)
      }
    }
    return kept
  }

  /// Refuses to lose a symbol's rows: those that other files brought and these do not repeat.
  private func checkReplaceable(
    _ symbol: String, _ range: Range<Int>, _ there: Existing, by rows: Rows, _ path: String
  ) throws {
    guard !replace else { return }
    let sources = there.sources[symbol] ?? []
    let others = sources.filter { !rows.sources.contains($0) }
    if !sources.isEmpty, others.isEmpty { return }
    let oldTimes = try there.frame.int64s("time")
    let oldValues = try table.schema.dropFirst(2).map { try there.frame.doubles($0.name) }
    var next = 0
    for row in range {
      while next < rows.times.count, rows.times[next] < oldTimes[row] { next += 1 }
      guard next < rows.times.count, rows.times[next] == oldTimes[row],
        oldValues.indices.allSatisfy({ isSame(oldValues[$0][row], rows.values[$0][next]) })
      else {
        let source = others.first.map { "other files (\($0)\(others.count > 1 ? ", …" : ""))" }
        throw DataError(
          "\(symbol) was made from \(source ?? "unknown files"), whose rows would be lost; import "
            + "them together with these, or replace it (--replace)", file: path)
      }
    }
  }
}

extension CandleTable {
  /// Whether rows are readings at instants, not bars of a day's grid.
  fileprivate var isReadings: Bool { self == .metrics || self == .funding }
}
