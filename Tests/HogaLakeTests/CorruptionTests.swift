import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Damaged Parquet files")
struct CorruptionTests {
  let folder: TemporaryFolder
  let bytes: [UInt8]
  let frame: Frame
  var path: String { folder.path + "/damaged.parquet" }

  init() throws {
    folder = try TemporaryFolder()
    var frames = RandomFrames(11)
    frame = frames.frame(rows: 600, nulls: 0.1)
    let good = folder.path + "/good.parquet"
    try ParquetWriter.write(frame, to: good, metadata: ["key": "value"], rowGroupRows: 250)
    bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: good)))
  }

  private func write(_ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// Reads everything there is; damage must show as an error of ours, never as a crash.
  private func read() throws -> Frame? {
    do {
      let file = try ParquetFile(path)
      for field in file.schema {
        _ = try file.rowGroups(where: field.name, overlaps: 0..<1)
        _ = try file.storedBytes(of: field.name)
      }
      return try file.read()
    } catch is DataError {
      return nil
    } catch is ResourceError {
      return nil  // asked for more memory than there is
    }
  }

  @Test("that were cut short anywhere are refused")
  func truncated() throws {
    for length in stride(from: 0, to: bytes.count, by: 97) {
      try write(Array(bytes[..<length]))
      #expect(throws: DataError.self) { _ = try ParquetFile(path) }
    }
    try write(Array(bytes.dropLast()))
    #expect(throws: DataError.self) { _ = try ParquetFile(path) }
  }

  @Test("with a changed byte in their pages are refused, thanks to the checksums")
  func checksums() throws {
    var random = SeededRandom(5)
    let footer = bytes.count - 8 - Int(bytes[bytes.count - 8]) - Int(bytes[bytes.count - 7]) << 8
    var accepted = 0
    for _ in 0..<300 {
      var damaged = bytes
      let place = Int.random(in: 4..<footer, using: &random)
      damaged[place] ^= UInt8.random(in: 1...255, using: &random)
      try write(damaged)
      guard let read = try read() else { continue }
      accepted += 1
      // A page's header is outside of its checksum; what it says twice may still be read right.
      #expect(read.hasSameCells(as: frame))
    }
    #expect(accepted < 30)
  }

  static let rounds =
    ProcessInfo.processInfo.environment["HOGA_FUZZ_ROUNDS"].flatMap { UInt64($0) } ?? 20

  @Test("with any damage are refused or read, and never crash", arguments: 0..<rounds)
  func mutated(seed: UInt64) throws {
    var random = SeededRandom(seed)
    for _ in 0..<50 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        // The footer is where damage does most, and nothing else guards it.
        let isFooter = random.uniform() < 0.6
        let start = isFooter ? max(0, damaged.count - 3_000) : 0
        guard start < damaged.count else { break }
        let place = Int.random(in: start..<damaged.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
        case 1: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: damaged[place] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random)!
        case 3:
          let end = min(damaged.count, place + Int.random(in: 1...40, using: &random))
          damaged.removeSubrange(place..<end)
        case 4:
          let end = min(damaged.count, place + Int.random(in: 1...40, using: &random))
          damaged.insert(contentsOf: damaged[place..<end], at: place)
        default:
          let from = Int.random(in: 0..<damaged.count, using: &random)
          damaged.swapAt(place, from)
        }
      }
      try write(damaged)
      _ = try read()
    }
  }
}
