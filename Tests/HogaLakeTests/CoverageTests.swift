import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Coverage")
struct CoverageTests {
  let folder: TemporaryFolder
  let lake: Lake

  init() throws {
    folder = try TemporaryFolder()
    lake = Lake(root: folder.path + "/lake")
  }

  @Test("says what a slow look at the rows says", arguments: UInt64(0)..<8)
  func figures(seed: UInt64) throws {
    let market = CleanMarket(seed: seed, messages: 300, gapAt: seed % 2 == 0 ? 100 : nil)
    try market.write(to: lake)
    let coverage = try lake.coverage()
    #expect(coverage.partitions.map(\.table) == ["book", "depth", "trades"])
    for (entry, frame) in zip(coverage.partitions, [market.book, market.depth, market.trades]) {
      let times = try frame.int64s("arrival")
      #expect(entry.rows == frame.rowCount)
      #expect(entry.first == times.min() && entry.last == times.max())
      let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
      let largest = try #require(gaps.max())
      #expect(entry.largestGap == largest)
      #expect(entry.largestGapStart == gaps.firstIndex(of: largest).map { times[$0] })
      let seconds = times.map { $0 / 1_000_000_000 }
      let share = Double(Set(seconds).count) / Double(seconds.max()! - seconds.min()! + 1)
      #expect(entry.secondsShare == share)
      #expect(entry.feedGaps == (entry.table == "depth" && market.hasGap ? 1 : 0))
      #expect(entry.sources == ["a.gz"] && entry.producer == "test")
      let path = try lake.partition(
        table: entry.table, venue: "test", symbol: "BTCUSDT", date: market.date
      ).path
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64
      #expect(entry.bytes == size)
    }
  }

  @Test("is remembered, and stays true when partitions change or go")
  func manifest() throws {
    let first = CleanMarket(seed: 1, messages: 50)
    try first.write(to: lake)
    try CleanMarket(seed: 2, symbol: "ETHUSDT", messages: 50).write(to: lake, [.trades])
    let before = try lake.coverage()
    let text = try String(contentsOfFile: lake.coveragePath, encoding: .utf8)
    #expect(text == before.json.text())
    // What is unchanged is taken from the manifest: a false entry for a true file stays.
    let forged = text.replacingOccurrences(
      of: "\"producer\": \"test\"", with: "\"producer\": \"me\"")
    try forged.write(toFile: lake.coveragePath, atomically: true, encoding: .utf8)
    #expect(try lake.coverage(table: "book").partitions.map(\.producer) == ["me"])
    // A narrower listing keeps what is true of the rest.
    let kept = try String(contentsOfFile: lake.coveragePath, encoding: .utf8)
    #expect(kept.components(separatedBy: "\"producer\": \"me\"").count == 5)

    let longer = CleanMarket(seed: 1, messages: 90)
    try longer.write(to: lake, [.trades])
    try FileManager.default.removeItem(atPath: lake.partitions(table: "depth")[0].path)
    let after = try lake.coverage()
    #expect(after.partitions.map(\.table) == ["book", "trades", "trades"])
    #expect(after.partitions[1].rows == longer.trades.rowCount)
    #expect(after.partitions.map(\.producer) == ["me", "test", "me"])
    #expect(
      try String(contentsOfFile: lake.coveragePath, encoding: .utf8) == after.json.text())

    // A manifest that is none is made anew.
    try "{]".write(toFile: lake.coveragePath, atomically: true, encoding: .utf8)
    #expect(try lake.coverage().partitions.map(\.producer) == ["test", "test", "test"])
  }

  @Test("a beginning before the first snapshot is no loss, for the check too")
  func beginning() throws {
    var market = CleanMarket(seed: 4, messages: 90, gapAt: 30)
    let sequences = try market.depth.int64s("sequence")
    let gap = try #require(sequences.firstIndex(of: 31))
    let snapshot = try #require(sequences.firstIndex(of: 34))
    // As an importer writes it: the gap's row, then nothing until the snapshot.
    let rows = sequences.count
    market.depth = market.depth.gathered([gap] + Array(snapshot..<rows))
    try market.write(to: lake, [.depth])
    #expect(try lake.coverage().partitions.map(\.feedGaps) == [0])
    var report = try LakeCheck().run(lake).partitions[0]
    #expect(report.findings.isEmpty)
    #expect(report.staleMessages == 1)

    // A loss after the snapshot is one in both.
    market.depth = market.depth.gathered([0] + Array(1..<20) + [0] + Array(20..<30))
    market.depth.edit("arrival") { $0.sort() }
    market.depth.edit("time") { $0 = $0.map { _ in Column.missing } }
    market.depth.edit("sequence") { $0.sort() }
    try market.write(to: lake, [.depth], replace: true)
    #expect(try lake.coverage().partitions.map(\.feedGaps) == [1])
    report = try LakeCheck().run(lake).partitions[0]
    #expect(report.findings.first { $0.kind == .feedGap }?.count == 1)

    // Without any snapshot, the book is never known, and still nothing was lost.
    market.depth = market.depth.rows(0..<1)
    try market.write(to: lake, [.depth], replace: true)
    #expect(try lake.coverage().partitions.map(\.feedGaps) == [0])
    #expect(try LakeCheck().run(lake).partitions[0].findings.map(\.kind) == [.noSnapshot])
  }

  @Test("names files that cannot be read, and goes on")
  func unreadable() throws {
    try CleanMarket(seed: 1, messages: 50).write(to: lake)
    let path = try lake.partitions(table: "depth")[0].path
    try Data("PAR1 but no more PAR1".utf8).write(to: URL(fileURLWithPath: path))
    let coverage = try lake.coverage()
    #expect(coverage.partitions.map(\.table) == ["book", "trades"])
    #expect(coverage.unreadable.map(\.path) == [path])
    #expect("\(coverage)".contains(path))
  }

  @Test("is a table for people")
  func words() throws {
    let transaction = lake.begin(producer: "test", sources: [])
    let start = CivilDate("2024-08-08")!.start.nanoseconds
    let times = [0, 1_500_000_000, 12_000_000_000].map { start + $0 }
    try transaction.append(
      Frame([("time", .timestamp(times)), ("mid", .double([1, 2, .nan]))]), to: "features",
      venue: "binance-usdm", symbol: nil, date: CivilDate("2024-08-08")!)
    try transaction.append(
      Frame([("n", .int32([1]))]), to: "odd", venue: "x", symbol: "한글",
      date: CivilDate("2024-08-09")!)
    try transaction.commit()
    let lines = try lake.coverage().description.split(separator: "\n")
    #expect(
      lines[0]
        == "table     venue         symbol  date        rows  from      to        longest gap  filled    MB"
    )
    #expect(
      lines[1]
        == "features  binance-usdm  all     2024-08-08     3  00:00:00  00:00:12       10.5 s   23.1%  0.00"
    )
    #expect(
      lines[2]
        == "odd       x             한글      2024-08-09     1  –         –                0 ns    0.0%  0.00"
    )
  }
}
