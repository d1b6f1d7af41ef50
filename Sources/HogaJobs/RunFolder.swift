internal import Foundation
internal import HogaCore
internal import HogaLake
internal import HogaLearn
internal import HogaSim

/// The files of a run.
struct RunFolder: Sendable {
  let root: String

  init(_ root: String) { self.root = root }

  func path(_ name: String) -> String { root + "/" + name }

  /// A file's own name, without its folder.
  static func name(of path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

  /// Everything that a run on an order book may leave here, the report last: who sees it sees all.
  static let results = [
    "config.json", "features.parquet", "ofi.parquet", "predictions.parquet", "models", "backtests",
    "metrics.json", "report.html",
  ]

  /// Lets `body` write results out of sight, and moves them here together once it is done.
  ///
  /// A run that fails or is stopped leaves an earlier one as it was; a later one leaves nothing of
  /// models and strategies that it does not have.
  ///
  /// - Parameters:
  ///   - results: names that the body may write, in the order in which they appear here.
  ///   - replaced: names that are removed here even where the body wrote none.
  func staging<Value>(
    _ results: [String] = RunFolder.results, replacing replaced: [String],
    _ body: (RunFolder) throws -> Value
  ) throws -> Value {
    try StagedFolder(root).replacing(replaced, order: results) { try body(RunFolder($0)) }
  }

  /// Makes the folder, or one in it.
  func make(_ name: String = "") throws {
    let folder = name.isEmpty ? root : path(name)
    try StagedFolder.make(folder)
  }

  func write(_ text: String, to name: String) throws {
    try TextFile.write(text, to: path(name))
  }

  func write(_ frame: Frame, to name: String, producer: String) throws {
    try TableFile.write(
      frame, to: path(name),
      metadata: [LakeMetadata.schema: LakeMetadata.version, LakeMetadata.producer: producer])
  }

  func write(_ outcomes: [BacktestJob.Outcome], producer: String) throws {
    for outcome in outcomes {
      let folder = "backtests/\(outcome.name)"
      try make(folder)
      try write(outcome.result.equity, to: "\(folder)/equity.parquet", producer: producer)
      try write(outcome.fills(), to: "\(folder)/fills.parquet", producer: producer)
      try write(outcome.result.orders, to: "\(folder)/orders.parquet", producer: producer)
      if let closeUp = outcome.aftermath.closeUp {
        try write(closeUp, to: "\(folder)/close_up.parquet", producer: producer)
      }
    }
  }

  func frame(_ name: String) throws -> Frame { try ParquetFile(path(name)).read() }

  func json(_ name: String) throws -> JSONValue {
    guard exists(name) else {
      throw MissingInputError("\(path(name)): no such file; is \(root) the folder of a run?")
    }
    do {
      return try JSONReader.read(TextFile.read(path(name)))
    } catch let error as DataError {
      throw error.located(file: path(name))
    }
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
