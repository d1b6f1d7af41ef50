import ArgumentParser
import Foundation
import HogaCore
import HogaLake

struct LakeBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lake",
    abstract: "Measure writing and reading of each table of a lake.",
    discussion: "The largest partition of each table is read whole, written anew and read again.")

  @Argument(help: "The lake's folder.")
  var lake: String
  @OptionGroup var common: CommonOptions

  func run() throws {
    let machine = Machine()
    try Scratch.with(common) { scratch in
      let partitions = Dictionary(grouping: try Lake(root: lake).partitions()) {
        "\($0.venue) \($0.table)"
      }
      let measurements = try partitions.sorted { $0.key < $1.key }.flatMap { name, partitions in
        let files = try partitions.map { try ParquetFile($0.path) }
        return try measure(files.max { $0.rowCount < $1.rowCount }!, name, scratch)
      }
      machine.report("lake", measurements)
    }
  }

  private func measure(
    _ file: ParquetFile, _ name: String, _ scratch: Scratch
  ) throws -> [Measurement] {
    let frame = try file.read()
    let megabytes = Double(frame.memoryBytes) / 1e6
    let copy = scratch.path + "/lake-copy.parquet"
    func digest() throws -> FNV1a {
      var digest = FNV1a()
      digest.add(try ParquetFile(copy).read())
      return digest
    }
    let write = try Measurement(
      "write \(name)", unit: "MB", counted: "columns in memory to a file on the disk",
      repeats: common.repeats
    ) {
      let writer = try ParquetWriter(path: copy, schema: frame.schema, metadata: file.metadata)
      try writer.append(frame)
      try writer.commit()
      return Measurement.Outcome(
        amount: megabytes, digest: digest,
        facts: {
          let stored = try ParquetFile(copy)
          let bytes = try stored.schema.reduce(0) { $0 + (try stored.storedBytes(of: $1.name)) }
          return [
            ("rows", Double(frame.rowCount)), ("stored_mb", Double(bytes) / 1e6),
            ("memory_over_stored", megabytes * 1e6 / Double(bytes)),
          ]
        })
    }
    let read = try Measurement(
      "read \(name)", unit: "MB", counted: "a cached file to columns in memory",
      repeats: common.repeats
    ) {
      let columns = try ParquetFile(copy).read()
      return Measurement.Outcome(
        amount: megabytes,
        digest: {
          var digest = FNV1a()
          digest.add(columns)
          return digest
        })
    }
    return [write, read]
  }
}

extension Frame {
  /// What the values take in memory.
  fileprivate var memoryBytes: Int {
    columns.reduce(0) { bytes, column in
      switch column {
      case .double, .int64, .timestamp, .decimal: bytes + 8 * column.count
      case .int32, .category: bytes + 4 * column.count
      case .bool: bytes + column.count
      }
    }
  }
}
