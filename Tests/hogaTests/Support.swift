import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

extension TemporaryFolder {
  /// Runs `hoga` in this folder.
  func hoga(_ arguments: String..., timeLimit: Double = 60) throws -> CommandLineRun {
    try CommandLineRun(arguments, in: path, timeLimit: timeLimit)
  }
}

/// Expects equal files below two folders, and names those that differ.
///
/// But for the lake's ledger, which says when each trial was recorded.
func expectEqual(
  _ first: [String: Data?], _ second: [String: Data?],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let differing = Set(first.keys).union(second.keys).filter {
    !$0.contains("ledger.sqlite") && first[$0] != second[$0]
  }.sorted()
  #expect(differing == [], sourceLocation: sourceLocation)
}

extension Repository {
  /// The first 4,000 lines of a Binance capture: `usdm.gz`, `spot.gz` or `coinm.gz`.
  static func capture(_ name: String) -> String { file("Tests/HogaImportTests/Fixtures/\(name)") }
}

extension TemporaryFolder {
  /// Sixteen seconds of BTCUSDT futures in the lake `lake`.
  func importCapture() throws {
    try hoga(
      "import", "binance-raw", Repository.capture("usdm.gz"), "--market", "usdm", "--symbol",
      "BTCUSDT", "--lake", "lake"
    ).expect(exitCode: 0)
  }

  /// Selects the market that `importCapture` makes.
  static let market = [
    "--lake", "lake", "--venue", "binance-usdm", "--symbol", "BTCUSDT", "--date", "2024-08-08",
  ]

  /// Settings that leave something to learn in sixteen seconds.
  static let fineGrid = [
    "--every", "100ms", "--windows", "500ms,2s", "--vpin-bucket", "2", "--vpin-buckets", "5",
    "--vpin-bar", "1s",
  ]

  /// Imports the capture and writes `features.parquet`.
  func makeFeatures() throws {
    try importCapture()
    try CommandLineRun(
      ["features"] + Self.market + Self.fineGrid + ["--out", "features.parquet"], in: path
    ).expect(exitCode: 0)
  }
}

extension JSONValue {
  var string: String? { if case .string(let value) = self { value } else { nil } }
  var integer: Int64? { if case .int(let value) = self { value } else { nil } }
  var items: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
}

extension Frame {
  func int32s(_ name: String) throws -> [Int32] {
    guard case .int32(let values) = try column(name) else {
      throw DataError("holds no 32-bit numbers", column: name)
    }
    return values
  }
}
