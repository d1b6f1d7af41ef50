import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Partitions are whole")
struct AtomicityTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// The round of a partition, once every cell agrees on it.
  static func round(_ partition: Lake.Partition) throws -> Int64 {
    let file = try ParquetFile(partition.path)
    let producer = try #require(file.metadata[LakeMetadata.producer])
    let round = try #require(Int64(producer.dropFirst("round ".count)))
    #expect(try file.read() == Roles.frame(round: round))
    return round
  }

  @Test("when a writer is killed at any moment, and what it left is cleaned up by the next")
  func killed() throws {
    let lake = Lake(root: folder.path)
    var random = SeededRandom(3)
    var seen: Int64 = 0
    var leftovers = 0
    for _ in 0..<6 {
      let child = try ChildProcess(role: "rounds", folder: folder.path)
      // Some rounds on, then a little further, so that the kill meets any step of a round.
      let wanted = Int64.random(in: 2...6, using: &random)
      child.wait {
        guard let last = try? lake.partitions().last, let file = try? ParquetFile(last.path),
          let producer = file.metadata[LakeMetadata.producer]
        else { return false }
        // What stands there at first may be the parent's own, of the time before.
        let round = Int64(producer.dropFirst("round ".count)) ?? 0
        return round >= wanted && round != 1_000
      }
      usleep(UInt32.random(in: 0...5_000, using: &random))
      child.kill()
      #expect(child.process.terminationReason == .uncaughtSignal)

      let partitions = try lake.partitions()
      #expect(partitions.map(\.date) == Roles.days)
      let rounds = try partitions.map(Self.round)
      // Renamed in this order, so the first may be one round ahead, but never behind.
      #expect(rounds[0] == rounds[1] || rounds[0] == rounds[1] + 1)
      seen = max(seen, rounds[1])
      leftovers += folder.files().count { $0.hasSuffix(".tmp") }

      try Roles.write(lake, round: 1_000)
      #expect(folder.files().count == 2)
      #expect(try lake.partitions().map(Self.round) == [1_000, 1_000])
    }
    #expect(seen >= 2)
    // With six kills, at least one falls between creating and renaming.
    #expect(leftovers > 0)
  }

  /// Tries to replace partitions with ones that do not fit, and expects that nothing changes.
  static func expectFullDisk(_ lake: Lake, reason: String) throws {
    var random = SeededRandom(1)
    // Noise, since Zstandard would make anything else fit.
    let noise = Frame([
      ("round", .int64((0..<200_000).map { _ in Int64(random.next() >> 2) }))
    ])
    let transaction = lake.begin(producer: "round 2", sources: ["same"])
    #expect {
      for day in Roles.days {
        try transaction.append(noise, to: "rounds", venue: "test", symbol: "A", date: day)
      }
      try transaction.commit()
    } throws: { error in
      "\(error)".hasSuffix("date=2024-08-08/part-0.parquet: \(reason)") && error is ResourceError
    }
    transaction.abandon()
  }

  private func expectFirstRound(_ lake: Lake) throws {
    #expect(try lake.partitions().map(Self.round) == [1, 1])
    let files = (FileManager.default.subpaths(atPath: lake.root) ?? []).filter {
      $0.hasSuffix(".parquet") || $0.hasSuffix(".tmp")
    }
    #expect(files.count == 2)
  }

  @Test("when files may not grow any further")
  func sizeLimit() throws {
    let lake = Lake(root: folder.path)
    try Roles.write(lake, round: 1)
    let child = try ChildProcess(role: "full", folder: folder.path)
    child.process.waitUntilExit()
    #expect(child.process.terminationStatus == 0)
    #expect(folder.files().contains(".done"))
    try expectFirstRound(lake)
  }

  @Test("when the disk is full", .enabled(if: geteuid() == 0, "only root may mount a small disk"))
  func fullDisk() throws {
    guard let disk = try SmallDisk(at: folder("disk")) else { return }
    let lake = Lake(root: disk.path + "/lake")
    try Roles.write(lake, round: 1)
    try Self.expectFullDisk(lake, reason: "No space left on device")
    try expectFirstRound(lake)
    // And there is room again for what fits, once the kernel has counted what was freed.
    for attempt in 1...20 {
      do {
        try Roles.write(lake, round: 3)
        break
      } catch let error as ResourceError {
        guard attempt < 20 else { throw error }
        usleep(50_000)
      }
    }
    #expect(try lake.partitions().map(Self.round) == [3, 3])
  }

  @Test("when a transaction is dropped, and its folders go as well")
  func dropped() throws {
    let lake = Lake(root: folder.path + "/lake")
    do {
      let transaction = lake.begin(producer: "test", sources: [])
      try transaction.append(
        Roles.frame(round: 1), to: "rounds", venue: "test", symbol: nil, date: Roles.days[0])
      #expect(transaction.partitions.map(\.rows) == [Roles.rows])
      #expect(folder.files().count == 1)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
