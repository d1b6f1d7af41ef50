import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Interrupted work leaves nothing half-written")
struct InterruptionTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let importing = [
    "import", "binance-raw", "long.txt", "--market", "usdm", "--symbol", "BTCUSDT", "--lake",
    "lake",
  ]

  /// A capture that takes a while, over midnight.
  private func writeLongCapture(rounds: Int) throws {
    let text = try CaptureText(Repository.capture("usdm.gz"))
    try text.repeated(rounds, every: 17).write(to: URL(fileURLWithPath: folder("long.txt")))
  }

  private var hasTemporaryFile: Bool {
    (FileManager.default.subpaths(atPath: folder("lake")) ?? []).contains { $0.hasSuffix(".tmp") }
  }

  @Test(
    "Ctrl-C during an import stops it with 130, and the lake is as before",
    arguments: [true, false])
  func interruptedImport(hasLake: Bool) throws {
    try writeLongCapture(rounds: 30)
    if hasLake {
      // Of another market, and of this one.
      try folder.hoga(
        "import", "binance-raw", Repository.capture("spot.gz"), "--market", "spot", "--symbol",
        "BTCUSDT", "--lake", "lake"
      ).expect(exitCode: 0)
      try FileManager.default.copyItem(atPath: folder("long.txt"), toPath: folder("whole.txt"))
      let lines = try CaptureText(Repository.capture("usdm.gz")).lines
      try folder.write(lines.joined(separator: "\n") + "\n", to: "long.txt")
      try CommandLineRun(Self.importing, in: folder.path).expect(exitCode: 0)
      try FileManager.default.removeItem(atPath: folder("long.txt"))
      try FileManager.default.moveItem(atPath: folder("whole.txt"), toPath: folder("long.txt"))
    }
    let before = folder.snapshot()
    let running = try RunningCommand(Self.importing, in: folder.path)
    #expect(running.freeze { hasTemporaryFile })
    running.send(SIGINT)
    running.send(SIGCONT)
    let run = try running.finish(timeLimit: 20)
    run.expectFailure(130, saying: "stopped")
    expectEqual(folder.snapshot(), before)
  }

  @Test(
    "Ctrl-C while features are computed stops with 130, and no table appears",
    arguments: [true, false])
  func interruptedFeatures(toFile: Bool) throws {
    try writeLongCapture(rounds: 30)
    try CommandLineRun(Self.importing, in: folder.path).expect(exitCode: 0)
    let before = folder.snapshot()
    let command = [
      "features", "--lake", "lake", "--venue", "binance-usdm", "--symbol", "BTCUSDT", "--from",
      "2024-08-08", "--to", "2024-08-09", "--every", "10ms", "--windows", "1s,10s,60s",
    ]
    let running = try RunningCommand(
      command + (toFile ? ["--out", "f.parquet"] : []), in: folder.path)
    // The work has begun once a partition is open.
    let began = running.freeze { running.holdsOpen("part-0.parquet") }
    #expect(began)
    running.send(SIGINT)
    running.send(SIGCONT)
    try running.finish(timeLimit: 20).expectFailure(130, saying: "stopped")
    expectEqual(folder.snapshot(), before)
  }

  @Test("kill -9 during an import leaves no partition, and the next import cleans up after it")
  func killedImport() throws {
    try writeLongCapture(rounds: 30)
    let running = try RunningCommand(Self.importing, in: folder.path)
    #expect(running.freeze { hasTemporaryFile })
    running.send(SIGKILL)
    let killed = try running.finish(timeLimit: 20)
    #expect(killed.exitCode == nil, "\(killed)")
    #expect(hasTemporaryFile)
    let lake = Lake(root: folder("lake"))
    #expect(try lake.partitions() == [])
    // What is there is hidden from those who read the folders as a data set.
    for file in folder.files("lake") {
      #expect(file.split(separator: "/").last?.hasPrefix(".") == true)
    }
    try folder.hoga(
      "features", "--lake", "lake", "--venue", "binance-usdm", "--symbol", "BTCUSDT", "--date",
      "2024-08-08", "--out", "f.parquet"
    ).expectFailure(66, saying: "BTCUSDT")

    try CommandLineRun(Self.importing, in: folder.path).expect(exitCode: 0)
    let partitions = try lake.partitions()
    #expect(partitions.map(\.table) == ["depth", "depth", "quotes", "quotes", "trades", "trades"])
    #expect(folder.files("lake").count == partitions.count)
    // And a quiet run writes the same.
    let after = folder.snapshot("lake")
    try FileManager.default.removeItem(atPath: folder("lake"))
    try CommandLineRun(Self.importing, in: folder.path).expect(exitCode: 0)
    expectEqual(folder.snapshot("lake"), after)
  }
}
