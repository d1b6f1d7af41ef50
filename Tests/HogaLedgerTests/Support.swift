import Foundation
import HogaCore
import HogaLedger

/// Trials for tests.
enum Sample {
  static let day = CivilDate("2024-08-08")!

  static func data(
    _ symbol: String = "BTCUSDT", venue: String = "binance-usdm", table: String = "depth",
    from: CivilDate = day, days: Int = 1
  ) throws -> TrialData {
    try TrialData(
      venue: venue, symbol: symbol, table: table, dates: from...from.adding(days: days - 1))
  }

  static func trial(
    _ number: Int, on data: TrialData? = nil, sharpe: Double? = nil, returns: TrialReturns? = nil
  ) throws -> Trial {
    Trial(
      recorded: Timestamp(nanoseconds: Int64(number)), data: try data ?? Sample.data(),
      strategy: "fade-moves",
      configuration: ["number": .int(Int64(number)), "size": 0.01, "nested": ["b": 1, "a": [2]]],
      seed: .max, fingerprint: 0xF000_0000_0000_0000 + UInt64(number), returnCount: 86_400,
      period: .seconds(1), sharpe: sharpe ?? 0.001 * Double(number), skewness: -0.5, kurtosis: 8,
      netUnits: -170_141_183_460_469_231_731_687_303_715_884, producer: "hoga 0.0.0",
      returns: returns)
  }
}

/// This test program, run again as a process of its own that may be killed.
///
/// The child runs one of the `Roles`, chosen by the environment, and nothing else.
struct ChildProcess {
  static let roleVariable = "HOGA_LEDGER_TEST_ROLE"
  static let pathVariable = "HOGA_LEDGER_TEST_PATH"
  static let numberVariable = "HOGA_LEDGER_TEST_NUMBER"

  let process = Process()

  init(role: String, path: String, number: Int) throws {
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["--testing-library", "swift-testing", "--filter", "HogaLedgerTests.Roles"]
    var environment = ProcessInfo.processInfo.environment
    environment[Self.roleVariable] = role
    environment[Self.pathVariable] = path
    environment[Self.numberVariable] = "\(number)"
    process.environment = environment
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// - Returns: whether the child's expectations held.
  func finish() -> Bool {
    process.waitUntilExit()
    return process.terminationReason == .exit && process.terminationStatus == 0
  }

  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  static func variable(_ name: String) -> String {
    ProcessInfo.processInfo.environment[name] ?? ""
  }
  static var number: Int { Int(variable(numberVariable)) ?? 0 }
  static func runs(_ role: String) -> Bool { variable(roleVariable) == role }
}
