import Foundation
import HogaConfig
import HogaCore
import HogaImport
import HogaLake
import HogaTestKit
import Testing

@Suite("Damaged candles")
struct KlinesFuzzTests {
  /// Damages bytes as disks and networks do.
  private func damaged(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var bytes = bytes
    let words = ["99999999999999999999", "-", "nan", "1e400", "", "\"", ",,,", "\n", "9e18"]
    for _ in 0..<Int.random(in: 1...5, using: &random) {
      guard bytes.count > 8 else { break }
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + 9))
      case 2 where random.uniform() < 0.2: bytes.removeSubrange(place...)
      case 3:
        bytes.replaceSubrange(place..<place + 1, with: words.randomElement(using: &random)!.utf8)
      default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
      }
    }
    return bytes
  }

  /// Imports, and checks that what went in is sane and that nothing else is thrown than may be.
  private func tryImport(
    _ path: String, _ what: KlinesContent, _ policy: ErrorPolicy, _ folder: String
  ) throws -> Bool {
    let lake = Lake(root: folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      _ = try KlinesImporter(venue: "v", what: what, onError: policy, workers: 1)
        .run(files: [path], into: lake)
    } catch is DataError {
      #expect((try? lake.partitions())?.isEmpty ?? true)
      return false
    } catch is UsageError {
      return false
    }
    guard FileManager.default.fileExists(atPath: folder) else { return true }
    let findings = try LakeCheck(now: Timestamp(nanoseconds: Int64.max)).run(lake)
      .partitions.flatMap(\.findings)
    #expect(findings.filter { $0.severity == .error } == [])
    return true
  }

  @Test("text, zip and gzip that were damaged give clean tables or an error", arguments: 0..<4)
  func archive(part: Int) throws {
    let scratch = try Scratch()
    var random = SeededRandom(UInt64(100 + part))
    var text = KlineText()
    text.hasHeader = part % 2 == 0
    let plain = Array(text.rows(0..<60).utf8)
    let zip = StoredZip([("a.csv", text.rows(0..<60))]).bytes
    var imported = 0
    for round in 0..<150 {
      let isZip = round % 3 == 0
      let path = try scratch.file(
        "A-1m-2026-03-02.\(isZip ? "zip" : "csv")", damaged(isZip ? zip : plain, &random))
      let isFine = try tryImport(
        path, round % 5 == 0 ? .premium : .klines, round % 4 == 0 ? .stop : .skip,
        "\(scratch.folder)/lake")
      if isFine { imported += 1 }
    }
    #expect(imported > 20)
  }

  @Test("Feather that was damaged gives clean tables or an error", arguments: 0..<4)
  func feather(part: Int) throws {
    let scratch = try Scratch()
    var random = SeededRandom(UInt64(200 + part))
    let names = ["LZ4", "ZSTD", "UNCOMPRESSED", "UNCOMPRESSED"]
    let bytes = try fixtureBytes("klines/\(names[part])_USDT_USDT-1m-futures.feather")
    for _ in 0..<150 {
      var changed = bytes
      if random.uniform() < 0.2 {
        changed = Array(changed.prefix(Int.random(in: 6..<bytes.count, using: &random)))
      } else {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          // Half of them where the descriptions are.
          let range = random.uniform() < 0.5 ? bytes.count - 2500..<bytes.count : 8..<bytes.count
          changed[Int.random(in: range, using: &random)] ^= UInt8.random(
            in: 1...255, using: &random)
        }
      }
      let path = try scratch.file("A_USDT_USDT-1m-futures.feather", changed)
      _ = try tryImport(path, .klines, .skip, "\(scratch.folder)/lake")
    }
  }

  @Test("text of numbers is read as the nearest double, and nothing else is")
  func numbers() throws {
    let scratch = try Scratch()
    let lake = Lake(root: scratch.folder + "/lake")
    let mapping = try CSVMapping(
      ConfigNode.parse(
        """
        table: candles
        venue: v
        symbol: A
        interval: 1m
        file: {header: false}
        time: {column: 1, format: epoch_s}
        open: 2
        high: 2
        low: 2
        close: 2
        """, file: "mapping.yaml"))
    var random = SeededRandom(5)
    var texts = [
      "1", "0.1", "123456789.12345678", "9007199254740993", "18014398509481985.5", "1e-5", "2E+3",
      ".5", "7.", "0.30000000000000004", "00012.500", "100000000000000000000000", "4.35",
      "+3.25", "5e-324", "179769313486231570000",
    ]
    for _ in 0..<1300 {
      let decimals = Int.random(in: 0...12, using: &random)
      let whole = UInt64.random(
        in: 1...(1 << UInt64.random(in: 1...62, using: &random)), using: &random)
      let digits = String(whole)
      texts.append(
        decimals == 0 || digits.count <= decimals
          ? digits : "\(digits.dropLast(decimals)).\(digits.suffix(decimals))")
    }
    let rows = texts.enumerated().map { "\(1_772_409_600 + $0 * 60),\($1)\n" }.joined()
    _ = try CSVImporter(mapping: mapping).run(
      files: [scratch.file("a.csv", rows)], into: lake, monitor: JobMonitor())
    let read = try lake.allRows(.candles(.minute)).doubles("close")
    #expect(read == texts.map { Double($0.hasSuffix(".") ? "\($0)0" : $0)! })
    for text in ["0x10", "inf", "1e400", "1_000", "1 0", "--1", "1e", "1.2.3", "٣", "1,5", "∞"] {
      let path = try scratch.file("b.csv", "1772409600,\"\(text)\"\n")
      #expect(throws: DataError.self) {
        try CSVImporter(mapping: mapping, replace: true).run(
          files: [path], into: lake, monitor: JobMonitor())
      }
    }
  }
}
