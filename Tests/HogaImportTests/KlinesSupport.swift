import Foundation
import HogaCore
import HogaImport
import HogaLake
import HogaTestKit

/// Text of the archive's klines, made of chosen bars.
struct KlineText {
  static let header =
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    + "taker_buy_quote_volume,ignore\n"

  var date = CivilDate("2026-03-02")!
  var interval: Int64 = 60_000
  var isMicroseconds = false
  var hasHeader = true

  func row(_ index: Int, price: Double? = nil) -> String {
    let start = date.start.nanoseconds / 1_000_000 + Int64(index) * interval
    let unit: Int64 = isMicroseconds ? 1000 : 1
    let price = price ?? 100 + Double(index % 50) / 4
    return [
      "\(start * unit)", "\(price)", "\(price + 1.25)", "\(price - 0.5)", "\(price + 0.25)",
      "\(index % 9).50000000", "\((start + interval) * unit - 1)",
      "\(Double(index % 9) * 100 + 60)",
      "\(index % 7)", "0.25000000", "\(25).00000000", "0",
    ].joined(separator: ",") + "\n"
  }

  func rows(_ range: Range<Int>) -> String {
    (hasHeader ? Self.header : "") + range.map { row($0) }.joined()
  }
}

/// A zip archive whose members are stored as they are.
struct StoredZip {
  var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count: UInt16 = 0

  init(_ members: [(name: String, text: String)], isEncrypted: Bool = false) {
    for (name, text) in members { add(name, Array(text.utf8), isEncrypted) }
    let start = UInt32(bytes.count)
    bytes += directory
    bytes += [0x50, 0x4b, 5, 6, 0, 0, 0, 0]
    bytes += little(count) + little(count)
    bytes += little(UInt32(directory.count)) + little(start) + [0, 0]
  }

  private mutating func add(_ name: String, _ content: [UInt8], _ isEncrypted: Bool) {
    let offset = UInt32(bytes.count)
    // Version, flags, method, time, date.
    let head: [UInt8] = [20, 0, isEncrypted ? 1 : 0, 0, 0, 0, 0, 0, 0x21, 0x5c]
    let size = little(UInt32(content.count))
    let sums = little(Self.checksum(content)) + size + size + little(UInt16(name.utf8.count))
    bytes += [0x50, 0x4b, 3, 4] + head + sums + [0, 0] + name.utf8 + content
    directory += [0x50, 0x4b, 1, 2, 20, 0] + head + sums
    directory += Array(repeating: 0, count: 12) + little(offset) + name.utf8
    count += 1
  }

  private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<(Value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xffff_ffff
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = (sum >> 1) ^ (sum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return ~sum
  }
}

extension Lake {
  /// All rows of a table, day after day.
  func allRows(_ table: CandleTable, _ symbol: String? = nil, venue: String = "v") throws -> Frame {
    var all = Frame(schema: table.schema)
    for date in try candleDates(table, venue: venue) {
      if let rows = try candles(table, venue: venue, date: date, symbols: symbol.map { [$0] }) {
        all.append(rowsOf: rows)
      }
    }
    return all
  }

  /// The bytes of all its files.
  func bytes(_ folder: Scratch) -> [String: Data] {
    var files: [String: Data] = [:]
    for entry in FileManager.default.subpaths(atPath: root) ?? [] {
      var isFolder = ObjCBool(false)
      let path = "\(root)/\(entry)"
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
        files[entry] = FileManager.default.contents(atPath: path)
      }
    }
    return files
  }
}
