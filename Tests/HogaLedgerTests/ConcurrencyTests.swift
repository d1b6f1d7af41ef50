import Foundation
import HogaCore
import HogaLedger
import HogaTestKit
import Synchronization
import Testing

/// What child processes do.
@Suite("Roles of child processes")
struct Roles {
  static let share = 25

  @Test("records its share of trials", .enabled(if: ChildProcess.runs("share")))
  func shares() throws {
    let ledger = try TrialLedger(ChildProcess.variable(ChildProcess.pathVariable), creating: true)
    for index in 0..<Self.share {
      try ledger.record(Sample.trial(ChildProcess.number * Self.share + index))
    }
  }

  @Test("records trials until it is killed", .enabled(if: ChildProcess.runs("endless")))
  func endless() throws {
    let path = ChildProcess.variable(ChildProcess.pathVariable)
    let ledger = try TrialLedger(path, creating: true)
    let parent = getppid()
    var index = 0
    while getppid() == parent {
      let number = ChildProcess.number + index
      let values = [Double](repeating: Double(number), count: 5000)
      try ledger.record(
        Sample.trial(
          number, returns: TrialReturns(start: 0, period: .seconds(1), values: values)))
      // Told only after it was recorded.
      try Data("\(index + 1)".utf8).write(
        to: URL(fileURLWithPath: "\(path).\(ChildProcess.number)"), options: .atomic)
      index += 1
    }
  }
}

@Suite("Ledger with many writers", .serialized)
struct ConcurrencyTests {
  let folder: TemporaryFolder
  let path: String
  init() throws {
    folder = try TemporaryFolder()
    path = TrialLedger.path(inLake: folder.path)
  }

  @Test("processes that make the ledger and write to it at once lose nothing")
  func processes() throws {
    let children = try (0..<4).map { try ChildProcess(role: "share", path: path, number: $0) }
    for child in children { #expect(child.finish()) }
    let trials = try TrialLedger(path, creating: false).trials().trials
    #expect(trials.count == 4 * Roles.share)
    let numbers = Set(trials.map { $0.recorded.nanoseconds })
    #expect(numbers == Set((0..<4 * Roles.share).map { Int64($0) }))
    #expect(folder.files() == [TrialLedger.fileName])
  }

  @Test("threads that share a ledger, or open it themselves, lose nothing and count equals once")
  func threads() throws {
    let shared = try TrialLedger(path, creating: true)
    let failures = Mutex(0)
    let path = path
    DispatchQueue.concurrentPerform(iterations: 6) { thread in
      do {
        let ledger = thread < 3 ? shared : try TrialLedger(path, creating: true)
        // Each trial is recorded by two threads.
        for index in 0..<20 { try ledger.record(Sample.trial(thread / 2 * 20 + index)) }
      } catch {
        failures.withLock { $0 += 1 }
      }
    }
    #expect(failures.withLock { $0 } == 0)
    #expect(try shared.trials().count == 60)
  }

  @Test("a process that is killed loses at most the trial it was recording", arguments: 0..<4)
  func killed(round: Int) throws {
    let children = try (0..<2).map {
      try ChildProcess(role: "endless", path: path, number: $0 * 1_000_000)
    }
    func told(_ child: Int) -> Int {
      let text = try? String(contentsOfFile: "\(path).\(child * 1_000_000)", encoding: .utf8)
      return text.flatMap { Int($0) } ?? 0
    }
    while told(0) < 3 + 4 * round || told(1) < 3, children.allSatisfy(\.process.isRunning) {
      usleep(500)
    }
    for child in children { child.kill() }
    let ledger = try TrialLedger(path, creating: false)
    let trials = try ledger.trials(withReturns: true).trials
    for child in 0..<2 {
      let own = trials.map { Int($0.recorded.nanoseconds) }
        .filter { $0 / 1_000_000 == child }.map { $0 % 1_000_000 }.sorted()
      #expect(own == Array(0..<own.count))
      let told = told(child)
      #expect(told >= 3 && (own.count == told || own.count == told + 1), "\(own.count) \(told)")
    }
    for trial in trials {
      #expect(trial.returns?.values.count == 5000)
      #expect(trial.returns?.values.allSatisfy { $0 == Double(trial.recorded.nanoseconds) } == true)
    }
    // The ledger goes on.
    #expect(try ledger.record(Sample.trial(5_000_000)) == .added)
  }
}
