import Foundation
import HogaCore
import HogaTestKit
import Testing

/// The download itself is tested beside its module, against a server; here, what the command adds.
@Suite("hoga fetch")
struct FetchCommandTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// A port where nobody answers.
  private static let nowhere = "http://127.0.0.1:9"

  private func fetch(_ arguments: String...) throws -> CommandLineRun {
    try CommandLineRun(["fetch", "binance"] + arguments, in: folder.path)
  }

  @Test("arguments without sense are a matter of usage, and make no folder")
  func usage() throws {
    let days = ["--start", "2025-05-01", "--end", "2025-05-02"]
    for (arguments, word) in [
      (["--symbols", "BTCUSDT", "--start", "2025-05-02", "--end", "2025-05-01"], "after"),
      (["--symbols", "BTCUSDT", "--start", "May", "--end", "2025-05-01"], "May"),
      (["--symbols", "BTCUSDT", "--what", "trades"] + days, "trades"),
      (["--symbols", "BTCUSDT", "--market", "spot", "--what", "metrics"] + days, "metrics"),
      (["--symbols", "../etc"] + days, "../etc"),
      (["--symbols", ""] + days, "no symbols"),
      (["--symbols", "BTCUSDT", "--interval", "7m"] + days, "7m"),
      (["--symbols", "BTCUSDT", "--workers", "0"] + days, "workers"),
      (["--symbols", "BTCUSDT", "--archive-url", "file:///etc"] + days, "file:///etc"),
      (["--symbols", "BTCUSDT", "--start", "2999-01-01", "--end", "2999-01-02"], "not over"),
    ] {
      try CommandLineRun(["fetch", "binance"] + arguments, in: folder.path)
        .expectFailure(64, saying: word)
    }
    #expect(folder.files() == [])
  }

  @Test("a file of symbols may have comments, and has to be there and to name some")
  func symbolFile() throws {
    let days = ["--start", "2025-05-01", "--end", "2025-05-01"]
    try fetch("--symbols", "@none.txt", days[0], days[1], days[2], days[3])
      .expectFailure(66, saying: "none.txt")
    try folder.write("# nothing\n\n", to: "empty.txt")
    try fetch("--symbols", "@empty.txt", days[0], days[1], days[2], days[3])
      .expectFailure(65, saying: "empty.txt", "no symbols")
  }

  @Test("servers out of reach end with 74, one report, and an empty mirror")
  func outOfReach() throws {
    try folder.write("BTCUSDT, ETHUSDT # two\n", to: "symbols.txt")
    let run = try fetch(
      "--symbols", "@symbols.txt", "--start", "2025-05-01", "--end", "2025-05-20", "--workers",
      "8", "--archive-url", Self.nowhere, "--listing-url", "none", "--rest-url", "none", "--json"
    ).expect(exitCode: 74)
    let report = try JSONReader.read(run.output)
    #expect(report["fetched"]?.integer == 0)
    #expect(report["failures"]?.items?.count == 40)
    #expect(run.errors.isEmpty, "\(run)")
    #expect(folder.files("mirror") == [])
  }
}
