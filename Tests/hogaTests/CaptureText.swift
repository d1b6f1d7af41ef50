import Foundation
import Testing

/// A raw Binance capture as lines, which can be repeated with later times and higher numbers.
struct CaptureText {
  let lines: [String]

  init(_ path: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The capture several times over, as if the market had gone on: each time, the local time and
  /// the exchange's go on by `seconds`, and update and trade ids by a million million.
  func repeated(_ count: Int, every seconds: UInt64) -> Data {
    let pieces = Self.pieces(lines)
    var text = Data()
    for round in 0..<UInt64(count) {
      for piece in pieces {
        switch piece {
        case .text(let bytes): text.append(contentsOf: bytes)
        case .nanoseconds(let value):
          text.append(contentsOf: "\(value + round * seconds * 1_000_000_000)".utf8)
        case .milliseconds(let value):
          text.append(contentsOf: "\(value + round * seconds * 1_000)".utf8)
        case .identifier(let value):
          text.append(contentsOf: "\(value + round * 1_000_000_000_000)".utf8)
        }
      }
    }
    return text
  }

  private enum Piece {
    case text(ArraySlice<UInt8>)
    case nanoseconds(UInt64)
    case milliseconds(UInt64)
    case identifier(UInt64)
  }

  private static let times: Set<String> = ["E", "T"]
  private static let identifiers: Set<String> = ["U", "u", "pu", "t", "lastUpdateId"]

  /// Cuts lines at their times and numbers: `123 {"E":456,"U":789,…` and so on.
  private static func pieces(_ lines: [String]) -> [Piece] {
    var pieces: [Piece] = []
    for line in lines {
      let bytes = Array((line + "\n").utf8)
      var begin = 0
      var place = 0
      func number() -> UInt64 {
        var value: UInt64 = 0
        while bytes[place] >= 0x30, bytes[place] <= 0x39 {
          value = value * 10 + UInt64(bytes[place] - 0x30)
          place += 1
        }
        return value
      }
      pieces.append(.nanoseconds(number()))
      begin = place
      while place < bytes.count {
        // A number's key ends with `":`, and the number follows at once.
        guard bytes[place] == UInt8(ascii: ":"), bytes[place + 1] >= 0x30, bytes[place + 1] <= 0x39,
          let open = bytes[..<(place - 1)].lastIndex(of: UInt8(ascii: "\""))
        else {
          place += 1
          continue
        }
        let key = String(decoding: bytes[(open + 1)..<(place - 1)], as: UTF8.self)
        place += 1
        guard times.contains(key) || identifiers.contains(key) else { continue }
        pieces.append(.text(bytes[begin..<place]))
        let value = number()
        pieces.append(times.contains(key) ? .milliseconds(value) : .identifier(value))
        begin = place
      }
      pieces.append(.text(bytes[begin...]))
    }
    return pieces
  }
}
