import Foundation
import HogaTestKit
import Testing

@Suite("A strategy of a user's own")
struct OwnStrategyTests {
  @Test("is shown in the guide as it is compiled, in a file of forty lines")
  func documented() throws {
    let code = try Repository.text("Examples/Strategy/main.swift")
    #expect(code.split(separator: "\n", omittingEmptySubsequences: false).count <= 41)
    #expect(try Repository.text("Docs/backtest.md").contains("```swift\n\(code)```"))
  }

  @Test("plays the bundled capture under three queue models")
  func runs() throws {
    let folder = try TemporaryFolder()
    let imported = try folder.hoga(
      "import", "binance-raw",
      Repository.file("Examples/data/binance-btc/usdm_btcusdt_20240808.gz"), "--market", "usdm",
      "--symbol", "BTCUSDT", "--lake", "lake")
    #expect(imported.exitCode == 0)
    let process = Process()
    process.executableURL = RunningCommand.program.deletingLastPathComponent()
      .appending(path: "example-strategy")
    process.arguments = [folder.path + "/lake"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let lines = text.split(separator: "\n")
    #expect(lines.map { $0.prefix { $0 != ":" } } == ["risk-averse", "power 3", "log"])
    // Makers' fees of 2 bps are far above what quoting so near to the mid can earn.
    #expect(lines.allSatisfy { $0.contains(" fills, net -") })
  }
}
