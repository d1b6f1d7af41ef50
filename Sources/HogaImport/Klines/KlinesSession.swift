internal import HogaCore
internal import HogaLake
internal import Synchronization

/// One run of a `KlinesImporter`.
struct KlinesSession {
  private let work: KlinesWork
  private var rows = 0
  private var counter = Counter()
  private var log: RejectionLog
  private var uneven: [String] = []
  private var unevenCount = 0
  var report = ImportReport()

  /// Notes name so many symbols with gaps, and count the others.
  private static let namedGaps = 10

  init(
    _ importer: KlinesImporter, _ table: CandleTable, _ inputs: [KlinesInput], _ lake: Lake,
    _ transaction: LakeTransaction
  ) {
    work = KlinesWork(
      importer: importer, table: table, inputs: inputs, lake: lake,
      transaction: TransactionBox(transaction),
      spool: CandleSpool(folder: lake.root, memoryLimit: importer.memoryLimit),
      rules: CandleRules(
        content: importer.content, interval: table.interval?.span.nanoseconds ?? 0,
        required: importer.mapping == nil ? importer.content.nonNullValues : 4))
    log = RejectionLog(importer.onError)
  }

  mutating func run(_ monitor: JobMonitor) throws {
    let (work, inputs, table) = (work, work.inputs, work.table)
    monitor.begin(
      "importing \(table.name)", total: inputs.reduce(0) { $0 + $1.diskBytes }, unit: "bytes")
    let batches = batches()
    for (index, batch) in batches.enumerated() {
      let outcomes = try inParallel(count: batch.count, workers: work.importer.workers) { place in
        try work.read(batch[place], monitor)
      }
      for outcome in outcomes { add(outcome) }
      // What comes later begins here at the earliest: a name's days, and one before them.
      let next = batches.dropFirst(index + 1).flatMap { $0 }
        .map { inputs[$0].facts.period?.lowerBound.daysSince1970 ?? Int.min + 1 }.min()
      try write(work.spool.days.filter { $0 < (next ?? Int.max) - 1 }, monitor)
    }
    finish()
  }

  /// Inputs by the month their names say; those whose names say none come first, all together.
  private func batches() -> [[Int]] {
    let inputs = work.inputs
    func month(_ index: Int) -> Int {
      guard let period = inputs[index].facts.period else { return Int.min }
      let (year, month, _) = period.lowerBound.components
      return year * 12 + month
    }
    return Dictionary(grouping: inputs.indices, by: month).sorted { $0.key < $1.key }
      .map { $0.value.sorted() }
  }

  private mutating func add(_ outcome: CandleIntake.Outcome) {
    report.lines += outcome.lines
    report.bytes += outcome.bytes
    log.add(outcome.rejections)
    counter.add("empty rows passed over", outcome.emptyRows)
    counter.add("symbols in files whose rows ran backward in time, sorted", outcome.descending)
  }

  // MARK: Writing

  private mutating func write(_ days: [Int], _ monitor: JobMonitor) throws {
    let work = work
    let outcomes = try inParallel(count: days.count, workers: work.importer.workers) { place in
      try monitor.checkCancelled()
      return try work.write(CivilDate(daysSince1970: days[place]))
    }
    for (day, outcome) in zip(days, outcomes) {
      log.add(outcome.rejections)
      report.partitions += 1
      rows += outcome.rows
      counter.add("rows dropped as duplicates", outcome.duplicates)
      counter.add("rows of rates and mark prices combined", outcome.combined)
      counter.add("days of a symbol", outcome.symbols)
      counter.add("days of other symbols kept", outcome.keptSymbols)
      unevenCount += outcome.uneven.count
      for (symbol, rows) in outcome.uneven where uneven.count < Self.namedGaps {
        uneven.append("\(symbol) on \(CivilDate(daysSince1970: day)): \(rows)")
      }
    }
  }
  private mutating func finish() {
    let (inputs, table) = (work.inputs, work.table)
    report.files = inputs.map(\.name)
    report.rows = rows > 0 ? [ImportReport.Count(name: table.name, count: rows)] : []
    report.rejections = log.rejections
    if let expected = table.rowsPerDay, unevenCount > 0 {
      counter.add("days of a symbol with another number of rows than \(expected)", unevenCount)
      report.notes += uneven.map { "rows of \($0)" }
      if unevenCount > uneven.count {
        report.notes.append("and \(unevenCount - uneven.count) more")
      }
    }
    report.counts = counter.counts.filter { $0.count > 0 }
  }
}

/// What the tasks of a run do, each with one input or one day.
private struct KlinesWork: Sendable {
  let importer: KlinesImporter
  let table: CandleTable
  let inputs: [KlinesInput]
  let lake: Lake
  let transaction: TransactionBox
  let spool: CandleSpool
  let rules: CandleRules

  func read(_ index: Int, _ monitor: JobMonitor) throws -> CandleIntake.Outcome {
    let input = inputs[index]
    var intake = CandleIntake(
      rules, file: index, name: input.name, period: input.facts.period, policy: importer.onError,
      spool: spool)
    switch input.form {
    case .text(_, let open) where importer.mapping != nil:
      guard let mapping = importer.mapping, let candles = mapping.candles else {
        preconditionFailure("a mapping of candles")
      }
      var file = MappedCandleFile(mapping, candles, symbols: importer.symbols)
      let (lines, bytes) = try file.read(
        InputFile(
          name: input.name, baseName: input.name, diskBytes: input.diskBytes, open: open),
        into: &intake
      ) { try monitor.advance(by: $0) }
      return try intake.finish(lines: lines, bytes: bytes)
    case .feather:
      let file = KlinesFeatherFile(
        content: importer.content, symbol: importer.symbol ?? input.facts.symbol,
        isMarkPrice: input.facts.kind == .markPrice)
      let rows = try file.read(input.path, into: &intake, monitor)
      try monitor.advance(by: input.diskBytes)
      return try intake.finish(lines: rows, bytes: input.diskBytes)
    case .text(let isChecked, let open):
      var reader = LineReader(try open(), maximumLine: 1 << 20) { try monitor.advance(by: $0) }
      var file = KlinesTextFile(
        content: importer.content, interval: table.interval,
        symbol: importer.symbol ?? input.facts.symbol, name: input.name, isChecked: isChecked,
        delay: importer.delay(input.facts.period))
      try file.read(&reader, into: &intake)
      return try intake.finish(lines: reader.lineNumber, bytes: reader.bytesRead)
    }
  }

  func write(_ date: CivilDate) throws -> CandleDay.Outcome {
    let partition = try lake.partition(
      table: table.name, venue: importer.venue, symbol: nil, date: date)
    let day = CandleDay(
      table: table, date: date, policy: importer.onError, replace: importer.replace,
      inputNames: inputs.map(\.name),
      sourceNames: inputs.map { $0.path.split(separator: "/").last.map(String.init) ?? $0.path })
    return try day.write(spool.take(day: date.daysSince1970), over: partition.path) {
      try transaction.begin(table, importer.venue, date, existing: $0, metadata: $1)
    }
  }
}

/// Lets several tasks begin files of one transaction.
///
/// `@unchecked`: the transaction is touched under the lock alone while days are written; before and
/// after that only one task knows it.
private final class TransactionBox: @unchecked Sendable {
  private let lock = Mutex(())
  private let transaction: LakeTransaction

  init(_ transaction: LakeTransaction) { self.transaction = transaction }

  func begin(
    _ table: CandleTable, _ venue: String, _ date: CivilDate, existing: FileState?,
    metadata: [String: String]
  ) throws -> ParquetWriter {
    try lock.withLock { _ in
      try transaction.beginMerged(
        table, venue: venue, date: date, existing: existing, metadata: metadata)
    }
  }
}
