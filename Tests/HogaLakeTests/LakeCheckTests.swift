import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Lake check")
struct LakeCheckTests {
  let folder: TemporaryFolder
  let lake: Lake

  init() throws {
    folder = try TemporaryFolder()
    lake = Lake(root: folder.path + "/lake")
  }

  @Test("finds nothing in clean data", arguments: UInt64(0)..<10)
  func clean(seed: UInt64) throws {
    let market = CleanMarket(seed: seed)
    try market.write(to: lake)
    let report = try LakeCheck().run(lake)
    #expect(report.partitions.count == 3)
    #expect(report.partitions.flatMap { $0.findings }.isEmpty, "\(report)")
    #expect(!report.hasErrors)
    let depth = try #require(report.partitions.first { $0.partition.table == "depth" })
    let arrivals = try market.depth.int64s("arrival")
    let silence = zip(arrivals.dropFirst(), arrivals).map { $0 - $1 }.max()
    #expect(depth.rows == market.depth.rowCount)
    #expect(depth.first == arrivals.first && depth.last == arrivals.last)
    #expect(depth.longestSilence == silence)
    #expect(depth.staleMessages == 0)
  }

  @Test("warns of a gap in the feed, and judges no book until the next snapshot")
  func gap() throws {
    var market = CleanMarket(seed: 1, messages: 100, gapAt: 50)
    // What looks crossed while stale is not counted.
    let stale = try #require(try market.depth.int64s("sequence").firstIndex(of: 52))
    market.depth.edit("price") { $0[stale] = 7_000_000 }
    try market.write(to: lake, [.depth])
    let report = try LakeCheck().run(lake)
    let entry = report.partitions[0]
    #expect(entry.findings.map(\.kind) == [.feedGap])
    #expect(entry.findings[0].count == 1)
    #expect(entry.staleMessages == 3)
    let arrivals = try market.depth.int64s("arrival")
    let sequences = try market.depth.int64s("sequence")
    let from = try #require(sequences.firstIndex(of: 51))
    let to = try #require(sequences.firstIndex(of: 54))
    #expect(entry.staleTime == arrivals[to] - arrivals[from])
    #expect(!report.hasErrors)
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    var table: MarketTable
    var kind: CheckFinding.Kind
    var row: Int
    var count = 1
    var detail: String?
    var silenceLimit = TimeSpan.seconds(60)
    var plant: @Sendable (inout Frame, Int) -> Void
    var testDescription: String { "\(kind) in \(table)" }
  }

  static let faults: [Fault] = [
    Fault(table: .trades, kind: .arrivalBackward, row: 40) { frame, row in
      frame.edit("arrival") { $0[row] = $0[row - 1] - 1 }
      frame.edit("time") { $0[row] = Column.missing }
    },
    Fault(table: .trades, kind: .sequenceBackward, row: 40) { frame, row in
      frame.edit("sequence") { $0[row] = $0[row - 1] - 1 }
    },
    Fault(table: .trades, kind: .duplicateSequence, row: 40) { frame, row in
      frame.edit("sequence") { $0[row] = $0[row - 1] }
    },
    Fault(table: .trades, kind: .duplicateTrade, row: 40, detail: "5020") { frame, row in
      frame.edit("id") { $0[row] = $0[10] }
    },
    Fault(table: .trades, kind: .timeBackward, row: 40, detail: "by 1 ns") { frame, row in
      frame.edit("time") { $0[row] = $0[row - 1] - 1 }
    },
    Fault(table: .trades, kind: .negativeLatency, row: 150, detail: "by 0.050 s") { frame, row in
      let arrival = try! frame.int64s("arrival")[row]
      frame.edit("time") { times in
        times[row] = arrival + 50_000_000
        for later in (row + 1)..<times.count { times[later] = Column.missing }
      }
    },
    Fault(table: .trades, kind: .price, row: 3, detail: "price 0") { frame, row in
      frame.edit("price") { $0[row] = 0 }
    },
    Fault(table: .trades, kind: .size, row: 3, detail: "-5") { frame, row in
      frame.edit("size") { $0[row] = -5 }
    },
    Fault(table: .trades, kind: .null, row: 3, detail: "price") { frame, row in
      frame.edit("price") { $0[row] = Column.missing }
    },
    Fault(table: .trades, kind: .null, row: 3, detail: "arrival") { frame, row in
      frame.edit("arrival") { $0[row] = Column.missing }
    },
    Fault(table: .trades, kind: .unknownValue, row: 3, detail: "aggressor 2") { frame, row in
      frame.edit("aggressor") { $0[row] = 2 }
    },
    Fault(
      table: .trades, kind: .otherDate, row: 0, detail: "2024-08-07T00:00:00Z",
      silenceLimit: .seconds(200_000)
    ) { frame, row in
      frame.edit("arrival") { $0[row] = CivilDate("2024-08-07")!.start.nanoseconds }
      frame.edit("time") { $0[row] = Column.missing }
    },
    Fault(table: .depth, kind: .crossed, row: 410) { frame, row in
      // A bid above the asks that goes away again with the next message.
      frame.insertMessage(at: row, price: 6_190_000, size: 7)
    },
    Fault(table: .depth, kind: .locked, row: 410, detail: "at 6180010 ticks") { frame, row in
      frame.insertMessage(at: row, price: 6_180_010, size: 7)
    },
    Fault(table: .depth, kind: .size, row: 20, detail: "-1") { frame, row in
      frame.edit("size") { $0[row] = -1 }
    },
    Fault(table: .depth, kind: .unknownValue, row: 20, detail: "side 0") { frame, row in
      frame.edit("side") { $0[row] = 0 }
    },
    Fault(table: .depth, kind: .null, row: 20, detail: "size") { frame, row in
      frame.edit("size") { $0[row] = Column.missing }
    },
    Fault(table: .depth, kind: .noSnapshot, row: 0, count: 10) { frame, _ in
      guard case .category(let kinds)? = frame["kind"] else { return }
      frame.append(
        "kind",
        .category(
          Categories((0..<frame.rowCount).map { $0 < 10 ? "update" : kinds[$0] })))
      frame = frame.rows(0..<10)
    },
    Fault(table: .depth, kind: .openMessage, row: 15) { frame, row in
      frame = frame.rows(0..<(row + 1))
    },
    Fault(table: .depth, kind: .duplicateSequence, row: 14) { frame, row in
      let repeated = try! frame.int64s("sequence")[row - 1]
      frame.edit("sequence") { for index in row..<(row + 4) { $0[index] = repeated } }
    },
    Fault(table: .depth, kind: .oneSided, row: 9, detail: "no ask") { frame, _ in
      frame.edit("size") { sizes in for row in 0..<10 where row % 2 == 1 { sizes[row] = 0 } }
      frame = frame.rows(0..<10)
    },
    Fault(table: .depth, kind: .emptyBook, row: 9) { frame, _ in
      frame.edit("size") { sizes in for row in 0..<10 { sizes[row] = 0 } }
      frame = frame.rows(0..<10)
    },
    Fault(table: .depth, kind: .silence, row: 18, detail: "600.0 s") { frame, row in
      let shift = 600_000_000_000 - (try! frame.int64s("arrival")).gap(before: row)
      frame.edit("arrival") { times in
        for later in row..<times.count { times[later] += shift }
      }
    },
    Fault(table: .book, kind: .crossed, row: 5, detail: "bid 61900.00, ask 61800.10") {
      frame, row in
      frame.edit("bid_price_1") { $0[row] = 6_190_000 }
    },
    Fault(table: .book, kind: .locked, row: 5, detail: "at 61800.10") { frame, row in
      frame.edit("bid_price_1") { $0[row] = 6_180_010 }
    },
    Fault(table: .book, kind: .levelOrder, row: 5, detail: "level 2 is not behind level 1") {
      frame, row in
      frame.edit("ask_price_2") { $0[row] = 6_180_010 }
    },
    Fault(table: .book, kind: .levelOrder, row: 5, detail: "level 3 after one that is empty") {
      frame, row in
      frame.edit("bid_price_2") { $0[row] = Column.missing }
      frame.edit("bid_size_2") { $0[row] = Column.missing }
    },
    Fault(table: .book, kind: .size, row: 5, detail: "0 at level 1") { frame, row in
      frame.edit("ask_size_1") { $0[row] = 0 }
    },
    Fault(table: .book, kind: .null, row: 5, detail: "size of level 1") { frame, row in
      frame.edit("ask_size_1") { $0[row] = Column.missing }
    },
    Fault(table: .book, kind: .oneSided, row: 5, detail: "no bid") { frame, row in
      for level in 1...3 {
        frame.edit("bid_price_\(level)") { $0[row] = Column.missing }
        frame.edit("bid_size_\(level)") { $0[row] = Column.missing }
      }
    },
  ]

  @Test("finds a planted fault, where it is, and nothing else", arguments: faults)
  func planted(fault: Fault) throws {
    var market = CleanMarket(seed: 9)
    switch fault.table {
    case .depth: fault.plant(&market.depth, fault.row)
    case .trades: fault.plant(&market.trades, fault.row)
    default: fault.plant(&market.book, fault.row)
    }
    try market.write(to: lake, [fault.table])
    let report = try LakeCheck(silenceLimit: fault.silenceLimit).run(lake)
    let findings = report.partitions[0].findings
    #expect(findings.map(\.kind) == [fault.kind], "\(report)")
    let finding = try #require(findings.first)
    #expect(finding.firstRow == fault.row + 1)
    #expect(finding.count == fault.count)
    if let detail = fault.detail { #expect(finding.detail == detail) }
    #expect(finding.severity == fault.kind.severity)
    #expect(report.hasErrors == (fault.kind.severity == .error))
  }

  @Test("carries the book over midnight, and knows none after a missing day")
  func midnight() throws {
    let first = CleanMarket(seed: 2, messages: 50)
    try first.write(to: lake, [.depth])
    for offset in [1, 3] {
      var later = CleanMarket(seed: 3, date: first.date.adding(days: offset), messages: 50)
      // Without the snapshot that it begins with.
      later.depth = later.depth.rows(10..<later.depth.rowCount)
      try later.write(to: lake, [.depth])
    }
    let report = try LakeCheck().run(lake)
    #expect(report.partitions.map { $0.findings.map(\.kind) } == [[], [], [.noSnapshot]])
    #expect(report.partitions[2].staleMessages == 49)
  }

  @Test("finds files that are torn, foreign, misplaced or left behind")
  func files() throws {
    let market = CleanMarket(seed: 4, messages: 50)
    try market.write(to: lake)
    let manager = FileManager.default
    let paths = try lake.partitions().map(\.path)
    // A torn file, a file of another symbol, a table of other columns.
    let torn = try Data(contentsOf: URL(fileURLWithPath: paths[1]))
    try torn.prefix(torn.count / 2).write(to: URL(fileURLWithPath: paths[1]))
    let other = paths[2].replacingOccurrences(of: "BTCUSDT", with: "ETHUSDT")
    try manager.createDirectory(
      atPath: other.replacingOccurrences(of: "/part-0.parquet", with: ""),
      withIntermediateDirectories: true)
    try manager.copyItem(atPath: paths[2], toPath: other)
    try ParquetWriter.write(Frame([("arrival", .int64([1]))]), to: paths[0])
    // Strangers.
    for name in ["notes.txt", "trades/venue=test/.part-0.parquet.1-1.tmp", ".DS_Store"] {
      try Data().write(to: URL(fileURLWithPath: "\(lake.root)/\(name)"))
    }
    let writer = try ParquetWriter(path: paths[0], schema: [ColumnSchema("a", .bool)])

    let report = try LakeCheck().run(lake)
    writer.abandon()
    let found = Dictionary(
      uniqueKeysWithValues: report.partitions.map { ($0.partition.path, $0.findings) })
    #expect(found[paths[1]]?.map(\.kind) == [.unreadable])
    #expect(found[other]?.map(\.kind) == [.metadata])
    #expect(found[other]?[0].detail == "describes test BTCUSDT")
    #expect(found[paths[0]]?.map(\.kind) == [.metadata])
    #expect(found[paths[2]]?.isEmpty == true)
    #expect(
      report.tree.map { "\($0.path.dropFirst(lake.root.count + 1)) \($0.finding.kind)" } == [
        ".DS_Store foreignFile", "notes.txt foreignFile",
        "trades/venue=test/.part-0.parquet.1-1.tmp leftover",
      ])
    #expect(report.hasErrors)
    // A selection leaves the folders alone.
    #expect(try LakeCheck().run(lake, table: "trades").tree.isEmpty)
    #expect(throws: MissingInputError.self) { _ = try LakeCheck().run(lake, table: "quotes") }
  }

  @Test("finds a table with other decimals than its instrument's")
  func schema() throws {
    let market = CleanMarket(seed: 5, messages: 20)
    try market.write(to: lake, [.trades])
    let path = try lake.partitions()[0].path
    let metadata = try ParquetFile(path).metadata
    var frame = market.trades
    frame.append("price", .decimal(try frame.int64s("price"), scale: 1))
    frame.append("extra", .bool([Bool](repeating: true, count: frame.rowCount)))
    try ParquetWriter.write(frame, to: path, metadata: metadata)
    let findings = try LakeCheck().run(lake).partitions[0].findings
    #expect(findings.map(\.kind) == [.schemaMismatch])
    #expect(findings[0].count == 2)
    #expect(findings[0].detail == "column price is decimal(scale: 1), not decimal(scale: 2)")
  }

  @Test("survives numbers at the ends of their range")
  func extremes() throws {
    var market = CleanMarket(seed: 6, messages: 60)
    for name in ["arrival", "time", "sequence", "price", "size"] {
      market.depth.edit(name) { values in
        for row in values.indices where row % 3 == 0 {
          values[row] = row % 2 == 0 ? Int64.max : Int64.min + 1
        }
      }
    }
    market.trades = Frame(
      zip(market.trades.names, market.trades.columns).map { name, column in
        guard let values = column.asInt64s else { return (name, column) }
        var frame = Frame([(name, column)])
        frame.edit(name) { $0 = values.indices.map { $0 % 2 == 0 ? Int64.max : Int64.min + 1 } }
        return (name, frame.columns[0])
      })
    // 18 digits are all that a decimal holds on disk, so those stay below.
    for name in ["price", "size"] {
      let limit = Int64(999_999_999_999_999_999)
      market.depth.edit(name) { $0 = $0.map { min(max($0, -limit), limit) } }
      market.trades.edit(name) { $0 = $0.map { min(max($0, -limit), limit) } }
    }
    try market.write(to: lake, [.depth, .trades])
    let report = try LakeCheck().run(lake)
    #expect(report.hasErrors)
    #expect(!report.description.isEmpty && !report.json.text().isEmpty)
    let coverage = try lake.coverage()
    #expect(!coverage.description.isEmpty)
  }

  @Test("tells people and programs the same")
  func words() throws {
    var market = CleanMarket(seed: 9, messages: 30)
    market.trades.edit("size") { $0[1] = 0 }
    try market.write(to: lake, [.trades])
    let report = try LakeCheck().run(lake)
    let text = "\(report)"
    #expect(
      text.hasPrefix("trades test BTCUSDT 2024-08-08: \(market.trades.rowCount) rows, 01:00:"))
    #expect(
      text.hasSuffix(
        """

          error: size below zero, or zero where something traded or is shown: 1, first in row 2 (0)
        1 partitions, 1 kinds of errors, 0 of warnings
        """))
    #expect(report.json["errors"] == 1)
    guard case .array(let parts)? = report.json["partitions"],
      case .array(let findings)? = parts[0]["findings"]
    else {
      Issue.record("no findings")
      return
    }
    #expect(findings[0]["kind"] == "size")
    #expect(findings[0]["first_row"] == 2)
  }
}

extension [Int64] {
  fileprivate func gap(before row: Int) -> Int64 { self[row] - self[row - 1] }
}

extension Frame {
  /// Puts a message before a row that sets one bid, and takes it away with the next message.
  fileprivate mutating func insertMessage(at row: Int, price: Int64, size: Int64) {
    let before = rows(0..<row)
    var added = rows((row - 1)..<row)
    added.edit("price") { $0[0] = price }
    added.edit("size") { $0[0] = size }
    added.edit("side") { $0[0] = 1 }
    added.edit("sequence") { $0[0] += 1 }
    var removed = added
    removed.edit("size") { $0[0] = 0 }
    removed.edit("sequence") { $0[0] += 1 }
    for name in ["kind"] {
      added.append(name, .category(Categories(["update"])))
      removed.append(name, .category(Categories(["update"])))
    }
    added.append("last", .bool([true]))
    removed.append("last", .bool([true]))
    var after = rows(row..<rowCount)
    after.edit("sequence") { $0 = $0.map { $0 + 2 } }
    self = before
    append(rowsOf: added)
    append(rowsOf: removed)
    append(rowsOf: after)
  }
}
