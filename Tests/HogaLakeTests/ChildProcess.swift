import Foundation
import HogaCore
import HogaLake
import Testing

/// This test program, run again as a process of its own that may be killed or starved.
///
/// The child runs one of the `Roles` below, chosen by the environment, and nothing else.
struct ChildProcess {
  static let roleVariable = "HOGA_LAKE_TEST_ROLE"
  static let folderVariable = "HOGA_LAKE_TEST_FOLDER"
  static var folder: String { ProcessInfo.processInfo.environment[folderVariable] ?? "" }

  let process = Process()

  init(role: String, folder: String) throws {
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["--testing-library", "swift-testing", "--filter", "HogaLakeTests.Roles"]
    var environment = ProcessInfo.processInfo.environment
    environment[Self.roleVariable] = role
    environment[Self.folderVariable] = folder
    process.environment = environment
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// Waits until something is true of the child's work, or the child has ended.
  func wait(until condition: () -> Bool) {
    while !condition(), process.isRunning { usleep(2_000) }
  }

  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  static func runs(_ role: String) -> Bool {
    ProcessInfo.processInfo.environment[roleVariable] == role
  }
}

/// What children do. Each ends with success only where its expectations hold.
@Suite("Roles of child processes")
struct Roles {
  static let rows = 20_000
  static let days = ["2024-08-08", "2024-08-09"].map { CivilDate($0)! }

  /// A day whose every cell says in which round it was written.
  static func frame(round: Int64) -> Frame {
    Frame([("round", .int64((0..<rows).map { $0 % 2 == 0 ? round : -round }))])
  }

  static func write(_ lake: Lake, round: Int64) throws {
    let transaction = lake.begin(producer: "round \(round)", sources: ["same"])
    for day in days {
      try transaction.append(
        frame(round: round), to: "rounds", venue: "test", symbol: "A", date: day)
    }
    try transaction.commit()
  }

  @Test("writes the same partitions again and again", .enabled(if: ChildProcess.runs("rounds")))
  func rounds() throws {
    let lake = Lake(root: ChildProcess.folder)
    var round: Int64 = 1
    let parent = getppid()
    while getppid() == parent {
      try Self.write(lake, round: round)
      round += 1
    }
  }

  @Test("writes on a full disk", .enabled(if: ChildProcess.runs("full")))
  func full() throws {
    // A file that would grow beyond its limit fails as on a full disk, once the signal is ignored.
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: 64 << 10, rlim_max: 64 << 10)
    #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
    try AtomicityTests.expectFullDisk(
      Lake(root: ChildProcess.folder), reason: "File too large")
    try Data().write(to: URL(fileURLWithPath: ChildProcess.folder + "/.done"))
  }
}
