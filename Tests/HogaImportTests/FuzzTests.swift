import Foundation
import HogaConfig
import HogaCore
import HogaImport
import HogaTestKit
import Testing

/// Damages bytes as storage, networks and hands do.
private func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
  var bytes = bytes
  let numbers = [
    "99999999999999999999", "-9223372036854775808", "1e308", "nan", "", "\"", "]}", "-",
  ]
  for _ in 0..<Int.random(in: 1...6, using: &random) {
    guard bytes.count > 4 else { break }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1:
      let length = min(Int.random(in: 1...40, using: &random), bytes.count - place)
      bytes.removeSubrange(place..<(place + length))
    case 2: if Int.random(in: 0..<4, using: &random) == 0 { bytes.removeSubrange(place...) }
    case 3:
      // Repeats a line.
      let start = bytes[..<place].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
      let end = bytes[place...].firstIndex(of: 0x0a) ?? bytes.count - 1
      bytes.insert(contentsOf: Array(bytes[start...end]), at: start)
    case 4:
      // Replaces a number.
      guard let from = bytes[place...].firstIndex(where: { $0 &- 0x30 <= 9 }) else { break }
      let to = bytes[from...].firstIndex { $0 &- 0x30 > 9 } ?? bytes.count
      bytes.replaceSubrange(from..<to, with: Array(numbers.randomElement(using: &random)!.utf8))
    default:
      bytes[place] = UInt8.random(in: 0...255, using: &random)
    }
  }
  return bytes
}

/// Runs an import that may fail in every way but by crashing.
private func survives(_ work: () throws -> ImportReport) throws -> Bool {
  do {
    let report = try work()
    #expect(report.rejections.allSatisfy { $0.count > 0 && !$0.examples.isEmpty })
    return true
  } catch is DataError {
    return false
  } catch is UsageError {
    return false
  } catch is MissingInputError {
    return false
  }
}

@Suite("Importers on damaged input")
struct FuzzTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test("Binance captures never crash the importer", arguments: UInt64(0)..<12)
  func binance(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let markets = BinanceRawImporter.Market.allCases
    let market = markets[Int(seed) % markets.count]
    let whole = try lines(of: fixture("\(market.rawValue).gz")).lines
    for round in 0..<20 {
      let from = Int.random(in: 0..<whole.count - 120, using: &random)
      let cut = whole[..<60] + whole[from..<(from + 60)]
      let text = Array((cut.joined(separator: "\n") + "\n").utf8)
      let path = try scratch.file("capture", mutated(text, &random))
      for policy in ErrorPolicy.allCases {
        let sink = MemorySink()
        let done = try survives {
          try BinanceRawImporter(
            market: market, symbol: market == .coinm ? "BTCUSD_PERP" : "BTCUSDT", onError: policy
          ).run(files: [path], into: sink, monitor: JobMonitor())
        }
        // Whatever was written can be replayed, and is in order.
        guard done, let depth = sink.rows(.depth) else { continue }
        let arrivals = try depth.int64s("arrival")
        #expect(zip(arrivals, arrivals.dropFirst()).allSatisfy { $0 <= $1 }, "round \(round)")
        _ = try replay([depth])
      }
    }
  }

  @Test("LOBSTER days never crash the importer", arguments: UInt64(0)..<4)
  func lobster(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let members = try InputFile.contents(of: fixture("lobster.zip"))
    var texts: [(String, [UInt8])] = []
    for member in members.prefix(2) {
      var text: [UInt8] = []
      var reader = LineReader(try member.open())
      while try reader.next() { text += unsafe Array(reader.line) + [0x0a] }
      texts.append((member.baseName, text))
    }
    for _ in 0..<60 {
      let paths = try texts.map { try scratch.file($0, mutated($1, &random)) }
      for policy in ErrorPolicy.allCases {
        _ = try survives {
          try LobsterImporter(onError: policy).run(
            files: paths, into: MemorySink(), monitor: JobMonitor())
        }
      }
    }
  }

  @Test("text files never crash the importer", arguments: ["kospi200-quotes", "es-trades"])
  func csv(name: String) throws {
    var random = SeededRandom(11)
    let map = try mapping(name)
    let file = name == "es-trades" ? "es.csv.gz" : "kospi200.txt.xz"
    let text = try lines(of: fixture(file)).lines.prefix(80).joined(separator: "\n") + "\n"
    for _ in 0..<150 {
      let path = try scratch.file("data", mutated(Array(text.utf8), &random))
      for policy in ErrorPolicy.allCases {
        _ = try survives {
          try CSVImporter(mapping: map, onError: policy).run(
            files: [path], into: MemorySink(), monitor: JobMonitor())
        }
      }
    }
  }

  @Test(
    "packed files never crash the readers",
    arguments: ["usdm.gz", "lobster.zip", "kospi200.txt.xz"])
  func packed(name: String) throws {
    var random = SeededRandom(5)
    let bytes = try fixtureBytes(name)
    for _ in 0..<40 {
      let path = try scratch.file("packed", mutated(bytes, &random))
      do {
        _ = try lines(of: path)
      } catch is DataError {
      } catch is ResourceError {
        // xz may ask for more memory than it is given.
      }
    }
  }

  @Test("mappings never crash the reader")
  func mappings() throws {
    var random = SeededRandom(3)
    for name in ["kospi200-quotes", "es-trades", "tardis-trades", "tardis-quotes"] {
      let path = Repository.file("Examples/mappings/\(name).yaml")
      let bytes = try Array(Data(contentsOf: URL(filePath: path)))
      for _ in 0..<50 {
        let text = String(decoding: mutated(bytes, &random), as: UTF8.self)
        do { _ = try CSVMapping(ConfigNode.parse(text, file: name)) } catch is DataError {}
      }
    }
  }
}
