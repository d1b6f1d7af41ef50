import Foundation
import HogaCore
import HogaTestKit
import Testing

/// The command line as a process of its own, run to its end.
///
/// Standard input is empty, and standard output and error are files, not terminals. The process
/// sees nothing of this one's environment but `PATH`.
struct CommandLineRun {
  let arguments: [String]
  /// The exit code, or `nil` where a signal ended the process.
  let exitCode: Int32?
  let output: String
  let errors: String
  let seconds: Double

  /// Runs `hoga` in a folder and waits for its end.
  ///
  /// - Parameters:
  ///   - timeLimit: in seconds; a process that takes longer is killed.
  init(
    _ arguments: [String], in folder: String, environment: [String: String] = [:],
    timeLimit: Double = 60
  ) throws {
    self = try RunningCommand(arguments, in: folder, environment: environment)
      .finish(timeLimit: timeLimit)
  }

  fileprivate init(
    arguments: [String], exitCode: Int32?, output: String, errors: String, seconds: Double
  ) {
    self.arguments = arguments
    self.exitCode = exitCode
    self.output = output
    self.errors = errors
    self.seconds = seconds
  }

  /// Expects an exit code, and shows everything the process said where it is another.
  @discardableResult
  func expect(
    exitCode expected: Int32, sourceLocation: SourceLocation = #_sourceLocation
  ) -> CommandLineRun {
    #expect(exitCode == expected, "\(self)", sourceLocation: sourceLocation)
    return self
  }

  /// Expects a failure with a message that holds all of the given words, on standard error alone.
  @discardableResult
  func expectFailure(
    _ expected: Int32, saying words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) -> CommandLineRun {
    expect(exitCode: expected, sourceLocation: sourceLocation)
    #expect(output.isEmpty, "\(self)", sourceLocation: sourceLocation)
    for word in words {
      #expect(errors.contains(word), "\(self)", sourceLocation: sourceLocation)
    }
    return self
  }

  /// Standard output as one JSON document, with nothing before or after it.
  func json(sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue {
    expect(exitCode: 0, sourceLocation: sourceLocation)
    do {
      return try JSONReader.read(output)
    } catch {
      Issue.record("\(error)\n\(self)", sourceLocation: sourceLocation)
      throw error
    }
  }
}

extension CommandLineRun: CustomStringConvertible {
  var description: String {
    func shown(_ text: String) -> String {
      text.count <= 4_000 ? text : "\(text.prefix(2_000))\n[…]\n\(text.suffix(2_000))"
    }
    let ending = exitCode.map { "exit code \($0)" } ?? "ended by a signal or the time limit"
    return """
      $ hoga \(arguments.joined(separator: " "))
      \(ending) after \(seconds) s
      --- standard output
      \(shown(output))
      --- standard error
      \(shown(errors))
      ---
      """
  }
}

/// The command line as a process under way, to be signalled.
final class RunningCommand {
  /// The program that was built with this test.
  static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "hoga")

  private let process = Process()
  private let ended = DispatchSemaphore(value: 0)
  private let scratch: TemporaryFolder
  private let began = ContinuousClock.now

  init(_ arguments: [String], in folder: String, environment: [String: String] = [:]) throws {
    scratch = try TemporaryFolder()
    process.executableURL = Self.program
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    var variables = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
    variables["TMPDIR"] = scratch.path
    process.environment = variables.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.newFile(scratch.path + "/output")
    process.standardError = try Self.newFile(scratch.path + "/errors")
    process.terminationHandler = { [ended] _ in ended.signal() }
    try process.run()
  }

  deinit { if process.isRunning { send(SIGKILL) } }

  private static func newFile(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: path))
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits until something has become true, and then stops the process in its tracks, so that what
  /// is true remains true. A later signal needs `SIGCONT` to be received.
  ///
  /// - Returns: whether it became true before the process ended.
  func freeze(when condition: () -> Bool) -> Bool {
    while process.isRunning {
      send(SIGSTOP)
      if condition() { return true }
      send(SIGCONT)
      usleep(1_000)
    }
    return false
  }

  /// Whether the process has a file of this name open.
  func holdsOpen(_ name: String) -> Bool {
    let folder = "/proc/\(process.processIdentifier)/fd"
    return (try? FileManager.default.contentsOfDirectory(atPath: folder))?.contains {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?
        .hasSuffix(name) ?? false
    } ?? false
  }

  func finish(timeLimit: Double = 60) throws -> CommandLineRun {
    let isLate = ended.wait(timeout: .now() + timeLimit) == .timedOut
    if isLate {
      send(SIGKILL)
      ended.wait()
    }
    let duration = began.duration(to: .now)
    func text(_ name: String) throws -> String {
      String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: scratch.path + name)), as: UTF8.self)
    }
    let isExit = process.terminationReason == .exit
    let run = CommandLineRun(
      arguments: process.arguments ?? [], exitCode: isExit ? process.terminationStatus : nil,
      output: try text("/output"), errors: try text("/errors"),
      seconds: Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
    if isLate { Issue.record("no end within \(timeLimit) s\n\(run)") }
    return run
  }
}
