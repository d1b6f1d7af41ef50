import ArgumentParser
import Foundation
import HogaCore
import HogaCrossSection
import HogaJobs
import HogaLake

struct CrossSectionBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cross-section",
    abstract: "Measure a day's cross-section: features, labels, both joined.",
    discussion: """
      The minutes are drawn from a seed and left in the folder as minutes.parquet, and what Hoga makes \
      of them as cross-section.parquet, where peers find both. With --days, a range of days is \
      computed from a lake to files besides, on one thread and on several.
      """)

  @Option(help: "Symbols of a day.")
  var symbols: Int = 50
  @Option(help: "Threads.")
  var workers: Int = 2
  @Option(help: "Days of the range that is computed through files; 0 leaves it out.")
  var days: Int = 0
  @Option(help: "The peer that the day is set beside, for the measurement's name.")
  var beside: String = "Polars"
  @OptionGroup var common: CommonOptions

  func run() throws {
    let machine = Machine()
    try Scratch.with(common) { scratch in
      var measurements = [try measureDay(scratch)]
      if days > 0 { measurements += try measureRange(scratch) }
      machine.report("cross-section", measurements)
    }
  }

  /// Features, labels and the join, in memory.
  private func measureDay(_ scratch: Scratch) throws -> Measurement {
    let crossSection = try CrossSection()
    let panel = makeMinutes(seed: 1, lead: crossSection.lookBack)
    try TableFile.write(
      panel.table(0..<panel.rowCount), to: scratch.path + "/minutes.parquet", metadata: [:])
    func compute() throws -> Frame {
      CrossSection.joined(
        try crossSection.features(panel, workers: workers), crossSection.labels(panel))
    }
    try TableFile.write(
      try compute(), to: scratch.path + "/cross-section.parquet", metadata: [:])
    return try Measurement(
      "cross-section of a day (\(beside))", unit: "rows",
      counted: "symbols · minutes, from arrays in memory to a table of features and labels",
      repeats: common.repeats
    ) {
      let table = try compute()
      return Measurement.Outcome(
        amount: Double(table.rowCount),
        digest: {
          var digest = FNV1a()
          digest.add(table)
          return digest
        },
        facts: {
          let sums = try Self.facts.map { name in
            (name, try table.doubles(name).reduce(0) { $1.isNaN ? $0 : $0 + abs($1) })
          }
          return [
            ("rows", Double(table.rowCount)), ("columns", Double(table.columnCount - 2)),
          ] + sums
        })
    }
  }

  /// Columns whose sums a peer must find as well.
  private static let facts = [
    "x_1m_O2C", "x_5m_RVol", "x_15m_OI_P_Corr", "x_30m_PctB_neut", "x_60m_C2VWAP_neut", "y_5m",
  ]

  /// A range of days from a lake to files, on one thread and on several.
  private func measureRange(_ scratch: Scratch) throws -> [Measurement] {
    let lake = try scratch.emptyLake("minutes-lake")
    let first = CivilDate(daysSince1970: 20_000)
    for day in 0..<days {
      let date = first.adding(days: day)
      let panel = makeMinutes(seed: UInt64(day + 1), lead: 0, start: date.start)
      var table = panel.table(0..<panel.rowCount)
      table.append("filled", .bool([Bool](repeating: false, count: table.rowCount)))
      let transaction = lake.begin(producer: "hoga-bench", sources: [])
      try transaction.append(table, to: .minutes, venue: "bench", date: date)
      try transaction.commit()
    }
    return try [1, workers].map { count in
      let job = CrossSectionJob(
        lake: lake, venue: "bench", dates: first...first.adding(days: days - 1), members: .all,
        workers: count, force: true)
      return try Measurement(
        "cross-sections of \(days) days, \(count) thread\(count == 1 ? "" : "s")", unit: "rows",
        counted: "symbols · minutes, from the lake's files to files of features and labels",
        repeats: 1
      ) {
        let summary = try job.run(
          to: scratch.path + "/cross-sections", producer: "hoga-bench", monitor: JobMonitor())
        return Measurement.Outcome(
          amount: Double(summary.days.reduce(0) { $0 + $1.rows }),
          digest: { FNV1a(summary.json.text()) })
      }
    }
  }

  /// Random walks with volumes. Readings differ from the ones before, so that no peer needs to look
  /// for windows that do not vary, and vary so much that peers' running sums lose no digit that is
  /// compared.
  private func makeMinutes(
    seed: UInt64, lead: Int, start: Timestamp = Timestamp(nanoseconds: 0)
  ) -> MinutePanel {
    var random = SeededRandom(seed)
    let rows = lead + 1440
    let count = symbols * rows
    var fields: [MinuteField: [Double]] = [:]
    for field in MinuteField.allCases { fields[field] = [Double](repeating: 0, count: count) }
    func set(_ field: MinuteField, _ index: Int, _ value: Double) { fields[field]![index] = value }
    for symbol in 0..<symbols {
      var close = exp(8 * random.uniform())
      for row in 0..<rows {
        let index = symbol * rows + row
        let open = close
        close *= 1 + 0.04 * (random.uniform() - 0.5)
        let interest = 1e6 * (1 + random.uniform())
        let volume = 1e4 * random.uniform() / close
        let price = (open + close) / 2
        set(.open, index, open)
        set(.close, index, close)
        set(.high, index, max(open, close) * (1 + 5e-4 * random.uniform()))
        set(.low, index, min(open, close) * (1 - 5e-4 * random.uniform()))
        set(.volume, index, volume)
        set(.quote, index, volume * price)
        set(.count, index, (1 + 99 * random.uniform()).rounded())
        set(.takerQuote, index, volume * price * random.uniform())
        set(.premium, index, 1e-4 * (random.uniform() - 0.5))
        set(.openInterest, index, interest)
        set(.topRatio, index, 1 + random.uniform())
        set(.globalRatio, index, 1 + random.uniform())
      }
    }
    return MinutePanel(
      symbols: (0..<symbols).map { "S\(1000 + $0)USDT" }, start: start - .seconds(60 * Int64(lead)),
      rowCount: rows, lead: lead, fields: fields)
  }
}

extension MinutePanel {
  /// Some rows of each symbol as the table `minutes` has them.
  fileprivate func table(_ rows: Range<Int>) -> Frame {
    var codes: [Int32] = []
    var times: [Int64] = []
    for symbol in symbols.indices {
      codes += repeatElement(Int32(symbol), count: rows.count)
      times += rows.map { time($0) }
    }
    var frame = Frame([
      ("symbol", .category(Categories(codes: codes, levels: symbols))),
      ("time", .timestamp(times)),
    ])
    for field in MinuteField.allCases {
      let column = symbols.indices.flatMap { symbol in
        let values = values(field, of: symbol)
        return values[values.startIndex + rows.lowerBound..<values.startIndex + rows.upperBound]
      }
      frame.append(field.rawValue, .double(column))
    }
    return frame
  }
}
