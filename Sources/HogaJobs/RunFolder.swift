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

  func create() throws {
    // An empty path would put everything below the file system's root.
    guard !root.isEmpty else { throw UsageError("the folder for results has no name") }
    for folder in [root, path("models"), path("backtests")] {
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw ResourceError("\(folder): cannot be made: \(error.localizedDescription)")
      }
    }
  }

  func write(_ text: String, to name: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)), options: .atomic)
    } catch {
      throw ResourceError("\(path(name)): cannot be written: \(error.localizedDescription)")
    }
  }

  func write(_ frame: Frame, to name: String, producer: String) throws {
    let writer = try ParquetWriter(
      path: path(name), schema: frame.schema,
      metadata: [
        LakeMetadata.schema: LakeMetadata.version, LakeMetadata.producer: producer,
      ])
    try writer.append(frame)
    try writer.commit()
  }

  func write(_ outcomes: [BacktestJob.Outcome], producer: String) throws {
    for outcome in outcomes {
      let folder = "backtests/\(outcome.name)"
      try FileManager.default.createDirectory(
        atPath: path(folder), withIntermediateDirectories: true)
      try write(outcome.result.equity, to: "\(folder)/equity.parquet", producer: producer)
      try write(outcome.result.fills(), to: "\(folder)/fills.parquet", producer: producer)
      try write(outcome.result.orders, to: "\(folder)/orders.parquet", producer: producer)
    }
  }

  func frame(_ name: String) throws -> Frame { try ParquetFile(path(name)).read() }

  func json(_ name: String) throws -> JSONValue {
    guard let data = FileManager.default.contents(atPath: path(name)) else {
      throw MissingInputError("\(path(name)): cannot be read; is \(root) the folder of a run?")
    }
    do {
      return try JSONReader.read(String(decoding: data, as: UTF8.self))
    } catch let error as DataError {
      throw error.located(file: path(name))
    }
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
