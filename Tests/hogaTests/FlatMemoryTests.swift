import Foundation
import Testing

@Suite("Memory")
struct FlatMemoryTests {
  @Test("of a backtest does not grow over a hundred million events")
  func flat() throws {
    let process = Process()
    process.executableURL = RunningCommand.program.deletingLastPathComponent()
      .appending(path: "hoga-bench")
    process.arguments = ["flat", "--events", "100000000"]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    // It compares its own resident memory early and late, and ends with an error where it grew.
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
  }
}
